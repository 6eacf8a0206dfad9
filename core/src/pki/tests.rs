//! Against files read from JPKI test cards; see tests/vectors/jpki-test-card/README.md.

use rstest::rstest;

use super::Purpose::{Authentication, Signature};
use super::*;

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/vectors/jpki-test-card/", $name)).as_slice()
    };
}

const AUTHENTICATION: &[u8] = vector!("jpki-auth-cert.der");
const SIGNATURE: &[u8] = vector!("jpki-sign-cert.der");
const AUTHENTICATION_CA: &[u8] = vector!("jpki-auth-ca-cert.der");
const AUTHENTICATION_CA_2019: &[u8] = vector!("jpki-auth-ca-cert-2019.der");
const SIGNATURE_CA: &[u8] = vector!("jpki-sign-ca-cert.der");
const SIGNATURE_CA_2019: &[u8] = vector!("jpki-sign-ca-cert-2019.der");
const NOW: &str = "2026-11-20T00:00:00Z";

fn judge(
    leaf: &[u8],
    anchor: &[u8],
    purpose: Purpose,
    at: &str,
) -> Result<LocalVerdict, Rejection> {
    let leaf = Certificate::parse(leaf).unwrap();
    // The same anchor for both purposes: what refuses a mismatch is the leaf.
    let anchors = TrustAnchors::test([anchor], [anchor]).unwrap();
    verify(&leaf, &anchors, purpose, at.parse().unwrap())
}

#[rstest]
#[case(AUTHENTICATION, AUTHENTICATION_CA, Authentication)]
#[case(SIGNATURE, SIGNATURE_CA, Signature)]
fn a_test_card_verifies_under_its_own_root(
    #[case] leaf: &[u8],
    #[case] root: &[u8],
    #[case] purpose: Purpose,
) {
    let verdict = judge(leaf, root, purpose, NOW).unwrap();
    assert_eq!((verdict.origin, verdict.revocation), (Origin::Test, Revocation::NotChecked));
    assert_eq!(verdict.not_after, "2030-02-17T14:59:59Z".parse().unwrap());
}

#[rstest]
#[case::other_generation_same_name(
    AUTHENTICATION,
    AUTHENTICATION_CA_2019,
    Authentication,
    NOW,
    Rejection::Untrusted
)]
#[case::other_generation_same_name(
    SIGNATURE,
    SIGNATURE_CA_2019,
    Signature,
    NOW,
    Rejection::Untrusted
)]
#[case::other_authority(AUTHENTICATION, SIGNATURE_CA, Authentication, NOW, Rejection::Untrusted)]
#[case::itself(AUTHENTICATION, AUTHENTICATION, Authentication, NOW, Rejection::Untrusted)]
#[case::other_purpose(AUTHENTICATION, AUTHENTICATION_CA, Signature, NOW, Rejection::Usage)]
#[case::other_purpose(SIGNATURE, SIGNATURE_CA, Authentication, NOW, Rejection::Policy)]
#[case::a_root_is_no_leaf(
    AUTHENTICATION_CA,
    AUTHENTICATION_CA,
    Authentication,
    NOW,
    Rejection::Usage
)]
#[case::last_second_is_over(
    AUTHENTICATION,
    AUTHENTICATION_CA,
    Authentication,
    "2030-02-17T15:00:00Z",
    Rejection::Expired
)]
#[case::not_begun(
    AUTHENTICATION,
    AUTHENTICATION_CA,
    Authentication,
    "2025-10-27T01:35:41Z",
    Rejection::NotYetValid
)]
#[case::root_over(
    AUTHENTICATION,
    AUTHENTICATION_CA,
    Authentication,
    "2040-01-01T00:00:00Z",
    Rejection::AnchorUnfit
)]
fn and_under_nothing_else(
    #[case] leaf: &[u8],
    #[case] root: &[u8],
    #[case] purpose: Purpose,
    #[case] at: &str,
    #[case] rejection: Rejection,
) {
    assert_eq!(judge(leaf, root, purpose, at), Err(rejection));
}

#[test]
fn the_last_second_counts() {
    assert!(
        judge(AUTHENTICATION, AUTHENTICATION_CA, Authentication, "2030-02-17T14:59:59Z").is_ok()
    );
}

#[test]
fn no_byte_of_a_leaf_can_change() {
    let anchors = TrustAnchors::test([AUTHENTICATION_CA], []).unwrap();
    for at in 0..AUTHENTICATION.len() {
        let mut changed = AUTHENTICATION.to_vec();
        changed[at] ^= 0x01;
        if let Ok(leaf) = Certificate::parse(&changed) {
            assert!(
                verify(&leaf, &anchors, Authentication, NOW.parse().unwrap()).is_err(),
                "byte {at}"
            );
        }
    }
    for end in 0..AUTHENTICATION.len() {
        assert!(Certificate::parse(&AUTHENTICATION[..end]).is_err());
    }
    assert!(Certificate::parse(&[AUTHENTICATION, &[0xFF]].concat()).is_err());
}

#[test]
fn nothing_of_a_certificate_is_shown() {
    let leaf = Certificate::parse(AUTHENTICATION).unwrap();
    assert_eq!(format!("{leaf:?}"), "Certificate(..)");
}

#[test]
fn the_certificate_for_signatures_names_its_holder() {
    let leaf = Certificate::parse(SIGNATURE).unwrap();
    let holder = leaf.holder_attributes().unwrap().unwrap();
    assert_eq!(holder.birth, "319800217");
    assert_eq!(holder.sex, "1");
    assert_eq!(holder.name.text.chars().count(), holder.name.substituted.len());
    assert!(
        holder.address.text.starts_with("東京都清瀬市")
            && !holder.address.substituted.contains(&true)
    );
    assert_eq!(format!("{holder:?} {:?}", holder.name), "HolderAttributes(..) Text(..)");
    let leaf = Certificate::parse(AUTHENTICATION).unwrap();
    assert!(leaf.holder_attributes().unwrap().is_none());
}
