//! Records of the card and the proof over them.

use super::flows;
use crate::card::record::{
    AgeRecord, ApplicationInformation, ApplicationKey, FaceRecord, HolderRecord, Integrity,
    RecordedDate,
};
use crate::pki::card_certificate::{CardAuthorities, Live, Signed, Signer, presence};
use crate::pki::{Origin, TrustAnchors};

macro_rules! test_card {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/vectors/jpki-test-card/", $name)).as_slice()
    };
}

/// The authorities of test cards and of virtual cards.
pub(super) fn anchors() -> TrustAnchors {
    let [authentication, signature] = flows::ANCHORS;
    TrustAnchors::test(
        [authentication, test_card!("jpki-auth-ca-cert.der")],
        [signature, test_card!("jpki-sign-ca-cert.der")],
    )
    .expect("certificates of authorities")
}

/// Every record of the card. Whatever is taken from one is no longer than it, and shows nothing of itself.
pub fn records(bytes: &[u8]) -> bool {
    let holder = HolderRecord::parse(bytes).is_ok_and(|holder| {
        assert_eq!(format!("{holder:?}"), "HolderRecord(..)");
        within(bytes, &[holder.name.as_bytes(), holder.address.as_bytes(), holder.signed()]);
        date(&holder.birth)
    });
    let integrity = Integrity::parse(bytes).is_ok_and(|integrity| {
        within(bytes, &[integrity.signed(), integrity.signature()]);
        // Two objects of a digest each, with their headers.
        integrity.signed().len() >= 2 * 35
            && integrity.signed().ends_with(integrity.attributes_digest())
    });
    let key = ApplicationKey::parse(bytes).is_ok_and(|own| {
        within(bytes, &[&own.signed, &own.signature]);
        own.signed.ends_with(&own.key)
    });
    let face = FaceRecord::parse(bytes).is_ok_and(|face| {
        assert_eq!(format!("{face:?}"), "FaceRecord(..)");
        let images =
            [&face.name_image, &face.address_image, &face.photo, &face.security_code_image];
        within(bytes, &images.map(|image| image.as_slice()));
        within(bytes, &[&face.groups().concat(), face.signature()]);
        date(&face.birth) && date(&face.expiry)
    });
    let age = AgeRecord::parse(bytes).is_ok_and(|age| {
        assert_eq!(format!("{age:?}"), "AgeRecord(..)");
        within(bytes, &[age.signed(), age.signature()]);
        age.signed().ends_with(age.key()) && date(&age.birth)
    });
    let information = ApplicationInformation::parse(bytes).is_ok_and(|read| {
        assert_eq!(format!("{read:?}"), "ApplicationInformation(..)");
        read.municipality.len() == 5
    });
    holder || integrity || key || face || age || information
}

/// The photo of a face record as pixels.
pub fn photo(bytes: &[u8]) -> bool {
    let object = |tag: u8, value: &[u8]| {
        let [.., high, low] = value.len().to_be_bytes();
        [&[0xDF, tag, 0x82, high, low], value].concat()
    };
    let most = usize::from(u16::MAX) - 100;
    let mut inside = object(0x27, &bytes[..bytes.len().min(most)]);
    for (tag, value) in [(0x22, &b"19410503"[..]), (0x23, b"2"), (0x29, b"20350503")] {
        inside.extend(object(tag, value));
    }
    for tag in [0x24, 0x25, 0x26, 0x28, 0x2A] {
        inside.extend(object(tag, &[]));
    }
    let [.., high, low] = inside.len().to_be_bytes();
    let record = [&[0xFF, 0x20, 0x82, high, low], inside.as_slice()].concat();
    let face = FaceRecord::parse(&record).expect("a face record");
    face.decode_photo().is_ok_and(|photo| {
        assert!(photo.width <= 2_048 && photo.height <= 2_048);
        assert_eq!(photo.grey.len() as u64, u64::from(photo.width) * u64::from(photo.height));
        true
    })
}

/// Parts that were cut from different places are together no longer than the whole.
fn within(whole: &[u8], parts: &[&[u8]]) {
    let sum: usize = parts.iter().map(|part| part.len()).sum();
    assert!(sum <= 2 * whole.len(), "more than there was");
    for part in parts {
        assert!(part.len() <= whole.len(), "a part longer than the whole");
    }
}

fn date(recorded: &RecordedDate) -> bool {
    assert_eq!(format!("{recorded:?}"), "RecordedDate(..)");
    if let Some(date) = recorded.date() {
        let (month, day) = (date.month().unwrap_or(0), date.day().unwrap_or(0));
        let digits = format!("{:04}{month:02}{day:02}", date.year());
        assert_eq!(digits, recorded.as_written());
    }
    true
}

/// The proof over records: three parts with two bytes of length each – a card-verifiable certificate, a key of the
/// application, what was asked – and a signature.
pub fn card_certificate(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut part = || {
        let length = rest
            .split_off(..2)
            .map_or(0, |length| usize::from(u16::from_be_bytes([length[0], length[1]])));
        rest.split_off(..length.min(rest.len())).unwrap_or_default()
    };
    let (certificate, own_key, asked) = (part(), part(), part());
    let signature = rest;

    let mut certified = 0;
    for authorities in
        [flows::authorities(), CardAuthorities::jpki_test(), CardAuthorities::production()]
    {
        for signer in [Signer::InputSupport, Signer::Face] {
            let Ok(key) = authorities.certify(signer, certificate) else { continue };
            certified += 1;
            let _ = key.signed(&Signed::Message(asked), signature);
            let _ = key.signed(&Signed::Digests([[7; 32]; 3]), signature);
            // Nobody here can sign for production.
            assert_eq!(key.origin(), Origin::Test);
        }
    }
    assert!(certified <= 1, "a certificate that counts twice");
    let live = Live { challenge: [7; 32], asked, signature };
    let present = presence(own_key, Some(live));
    if let Ok(key) = presence(own_key, None) {
        assert_eq!(key, crate::pki::card_certificate::Presence::NotChecked);
    } else {
        assert!(present.is_err(), "present without a key");
    }
    certified == 1 && present.is_ok()
}
