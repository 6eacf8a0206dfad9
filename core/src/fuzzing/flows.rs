//! Every flow that there is, by number.

use super::platform;
use super::play::{World, play};
use crate::card::{Credential, PinKind};
use crate::message::Code;
use crate::pki::card_certificate::CardAuthorities;
use crate::pki::{CardKey, TrustAnchors};
use crate::reading::{self, HolderKey};
use crate::visit;

macro_rules! virtual_card {
    ($name:literal) => {
        include_bytes!(concat!("../../../examples/virtual-card/data/", $name))
    };
}

/// How many flows there are.
pub const FLOWS: u8 = 13;

/// What the flows ask cards to sign.
const CHALLENGE: reading::Challenge = [0x5A; 32];

/// The authorities of the virtual cards.
pub(super) fn authorities() -> CardAuthorities {
    let authority = |id: &[u8; 16], modulus: &[u8]| {
        (*id, CardKey::of_modulus(modulus).expect("a modulus of 2,048 bits"))
    };
    CardAuthorities::test(
        authority(b"9000033\x08\x05001\0\0\0\0", virtual_card!("authority-input-support.modulus")),
        authority(b"9000023\x08\x05001\0\0\0\0", virtual_card!("authority-face.modulus")),
    )
}

/// The authorities of their certificates, for authentication and for signatures.
pub(super) const ANCHORS: [&[u8]; 2] =
    [virtual_card!("authority-authentication.cer"), virtual_card!("authority-signature.cer")];

/// Plays one of the flows; says whether it came to a good end.
pub(super) fn run(which: u8, world: &mut dyn World) -> bool {
    let challenge = Some(CHALLENGE);
    match which % FLOWS {
        0 => play(reading::status(), world).is_ok_and(|status| {
            assert!(status.pins.len() <= 6 && status.tries_left(PinKind::Signature) <= 15);
            true
        }),
        1 => certificate(Credential::Authentication, world),
        2 => certificate(Credential::Signature, world),
        3 => holder(HolderKey::Pin, world),
        4 => holder(HolderKey::VerificationNumberB, world),
        5 => play(reading::face(authorities(), challenge), world).is_ok_and(|face| {
            assert!(face.record.photo.len() <= 30 * 1024);
            true
        }),
        6 => play(reading::age(authorities(), challenge), world).is_ok(),
        7 => play(reading::information(), world).is_ok_and(|read| {
            assert_eq!(read.municipality.len(), 5);
            true
        }),
        8 => play(reading::change_pin(PinKind::Authentication), world).is_ok(),
        9 => play(reading::change_pin(PinKind::Signature), world).is_ok(),
        10 => play(reading::change_pin(PinKind::InputSupport), world).is_ok(),
        11 => {
            let anchors = TrustAnchors::test([ANCHORS[0]], [ANCHORS[1]]).expect("certificates");
            let visit = visit::start(platform::plan(), platform::environment(anchors));
            play(visit, world).is_ok()
        }
        _ => {
            [PinKind::VerificationNumberB, PinKind::BirthDate].map(|printed| {
                let failure =
                    play(reading::change_pin(printed), world).expect_err("what is printed");
                failure.code() == Code::PinNotChanged
            }) == [true; 2]
        }
    }
}

fn certificate(which: Credential, world: &mut dyn World) -> bool {
    play(reading::certificate(which), world).is_ok_and(|der| {
        assert!(der.len() <= 8 * 1024, "a certificate longer than its cap");
        true
    })
}

fn holder(key: HolderKey, world: &mut dyn World) -> bool {
    play(reading::holder(key, authorities(), Some(CHALLENGE)), world).is_ok_and(|holder| {
        assert!(holder.record.name.len() + holder.record.address.len() <= 4 * 1024);
        true
    })
}
