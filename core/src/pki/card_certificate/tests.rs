//! The figures, against the sums published beside them and against a JPKI test card.

use ring::digest;

use super::*;

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/vectors/jpki-test-card/", $name)).as_slice()
    };
}

#[test]
fn the_keys_are_those_of_the_sources() {
    let readme = include_str!("README.md");
    for (name, modulus) in [
        ("5000023", include_bytes!("5000023.modulus").as_slice()),
        ("5000033", include_bytes!("5000033.modulus")),
        ("6000023", include_bytes!("6000023.modulus")),
        ("6000033", include_bytes!("6000033.modulus")),
    ] {
        let sum: Vec<u8> = digest::digest(&digest::SHA256, modulus).as_ref().to_vec();
        let row =
            readme.lines().find(|line| line.starts_with(&format!("| `{name}.modulus`"))).unwrap();
        let published = row.split('`').nth(3).unwrap();
        let byte = |at: usize| u8::from_str_radix(&published[at..at + 2], 16).unwrap();
        assert_eq!(sum, (0..64).step_by(2).map(byte).collect::<Vec<_>>(), "{name}");
        assert!(CardKey::of_modulus(modulus).is_some());
    }
    assert_eq!(CardAuthorities::production().authorities.len(), 2);
    assert_eq!(CardAuthorities::jpki_test().authorities.len(), 2);
}

#[test]
fn a_test_cards_certificates_hold_under_their_own_authority_only() {
    let (text, face) = (vector!("text-0004.bin"), vector!("face-0004.bin"));
    let tests = CardAuthorities::jpki_test();
    assert!(tests.certify(Signer::InputSupport, text).is_ok());
    assert!(tests.certify(Signer::Face, face).is_ok());
    let refused = |authorities: &CardAuthorities, signer, certificate| {
        authorities.certify(signer, certificate).err()
    };
    // A certificate for one application does not count for the other, nor a test one in production.
    assert_eq!(refused(&tests, Signer::Face, text), Some(NotGenuine::AuthorityUnknown));
    assert_eq!(refused(&tests, Signer::InputSupport, face), Some(NotGenuine::AuthorityUnknown));
    let production = CardAuthorities::production();
    assert_eq!(refused(&production, Signer::Face, face), Some(NotGenuine::AuthorityUnknown));
}

#[test]
fn no_byte_of_a_certificate_can_change() {
    let tests = CardAuthorities::jpki_test();
    for (signer, certificate) in
        [(Signer::InputSupport, vector!("text-0004.bin")), (Signer::Face, vector!("face-0004.bin"))]
    {
        for at in 0..certificate.len() {
            let mut changed = certificate.to_vec();
            changed[at] ^= 0x01;
            assert!(tests.certify(signer, &changed).is_err(), "byte {at}");
        }
        for end in 0..certificate.len() {
            assert_eq!(
                tests.certify(signer, &certificate[..end]).err(),
                Some(NotGenuine::CertificateMalformed)
            );
        }
    }
}

#[test]
fn keys_that_are_none() {
    let good = include_bytes!("5000023.modulus").to_vec();
    assert!(CardKey::of_modulus(&good[1..]).is_none());
    let mut even = good.clone();
    even[255] &= 0xFE;
    assert!(CardKey::of_modulus(&even).is_none());
    let mut short = good;
    short[0] &= 0x7F;
    assert!(CardKey::of_modulus(&short).is_none());
}
