//! Against files read from JPKI test cards; see tests/vectors/jpki-test-card/README.md.

use rstest::rstest;

use crate::pki::Purpose::{Authentication, Signature};
use crate::pki::revocation::{NotChecked, Revocation};
use crate::pki::*;

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/vectors/jpki-test-card/", $name)).as_slice()
    };
}

const AUTHENTICATION: &[u8] = vector!("jpki-auth-cert.der");
const SIGNATURE: &[u8] = vector!("jpki-sign-cert.der");
const AUTHENTICATION_CA: &[u8] = vector!("jpki-auth-ca-cert.der");
const AUTHENTICATION_CA_2019: &[u8] = vector!("jpki-auth-ca-cert-2019.der");
const SIGNATURE_CA: &[u8] = vector!("jpki-sign-ca-cert.der");
const SIGNATURE_CA_2019: &[u8] = vector!("jpki-sign-ca-cert-2019.der");
const NOW: &str = "2026-11-20T00:00:00Z";

fn judge(leaf: &[u8], anchor: &[u8], purpose: Purpose, at: &str) -> Result<LocalVerdict, Reason> {
    let leaf = Certificate::parse(leaf).unwrap();
    // The same anchor for both purposes: what refuses a mismatch is the leaf.
    let anchors = TrustAnchors::test([anchor], [anchor]).unwrap();
    let demand = Demand::new(purpose, at.parse().unwrap());
    verify(&leaf, &[], &anchors, &demand, &Evidence::none()).map_err(|no| no.reason())
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
    let report = verdict.report();
    let nothing = Revocation::NotChecked { why: NotChecked::NothingGiven };
    assert_eq!((report.origin(), report.revocation()), (Origin::Test, nothing));
    assert!(report.findings().all(|(_, finding)| finding == Finding::Passed));
}

#[rstest]
#[case::other_generation_same_name(
    AUTHENTICATION,
    AUTHENTICATION_CA_2019,
    Authentication,
    NOW,
    Reason::AnchorOfAnotherKey
)]
#[case::other_generation_same_name(
    SIGNATURE,
    SIGNATURE_CA_2019,
    Signature,
    NOW,
    Reason::AnchorOfAnotherKey
)]
#[case::other_authority(AUTHENTICATION, SIGNATURE_CA, Authentication, NOW, Reason::AnchorUnknown)]
#[case::itself(AUTHENTICATION, AUTHENTICATION, Authentication, NOW, Reason::AnchorUnknown)]
#[case::other_purpose(AUTHENTICATION, AUTHENTICATION_CA, Signature, NOW, Reason::WrongUsage)]
#[case::other_purpose(SIGNATURE, SIGNATURE_CA, Authentication, NOW, Reason::WrongUsage)]
#[case::a_root_is_no_leaf(
    AUTHENTICATION_CA,
    AUTHENTICATION_CA,
    Authentication,
    NOW,
    Reason::KeyIdMissing
)]
#[case::last_second_is_over(
    AUTHENTICATION,
    AUTHENTICATION_CA,
    Authentication,
    "2030-02-17T15:00:00Z",
    Reason::Expired
)]
#[case::not_begun(
    AUTHENTICATION,
    AUTHENTICATION_CA,
    Authentication,
    "2025-10-27T01:35:41Z",
    Reason::NotYetValid
)]
#[case::root_over(
    AUTHENTICATION,
    AUTHENTICATION_CA,
    Authentication,
    "2040-01-01T00:00:00Z",
    Reason::Expired
)]
fn and_under_nothing_else(
    #[case] leaf: &[u8],
    #[case] root: &[u8],
    #[case] purpose: Purpose,
    #[case] at: &str,
    #[case] reason: Reason,
) {
    assert_eq!(judge(leaf, root, purpose, at), Err(reason));
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
    let demand = Demand::new(Authentication, NOW.parse().unwrap());
    for at in 0..AUTHENTICATION.len() {
        let mut changed = AUTHENTICATION.to_vec();
        changed[at] ^= 0x01;
        if let Ok(leaf) = Certificate::parse(&changed) {
            assert!(verify(&leaf, &[], &anchors, &demand, &Evidence::none()).is_err(), "byte {at}");
        }
    }
    for end in 0..AUTHENTICATION.len() {
        assert!(Certificate::parse(&AUTHENTICATION[..end]).is_err());
    }
    assert!(Certificate::parse(&[AUTHENTICATION, &[0xFF]].concat()).is_err());
}

#[test]
fn published_roots_are_the_published_ones() {
    let anchors = TrustAnchors::production();
    let fingerprints: Vec<_> =
        anchors.certificates().map(|a| a.fingerprint().to_string()).collect();
    // https://www.jpki.go.jp/ca/index.html
    let published = [
        "4dcfc4ca0aaf9fb2a3081b3f0c991c320b3acc008667a341eeaec5af1d58ca7d",
        "0d98de47fc11b7f67126874b7028b6026a803d2638d6edfe53176953961fade6",
        "64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5",
        "19645405a1fe14377434bd55957628ac4038557c542403a2243f21c706fc9355",
        "79679c33e4cc9319440f1ad120a597ff1844e2ef217063adb176966fd5e6fbeb",
        "d227f6cde11d35c5252178f106f843d24651944975413b539fa2fb68dbfa365f",
    ];
    assert_eq!(fingerprints, published);
    for (purpose, roots) in [(Authentication, &published[..3]), (Signature, &published[3..])] {
        let of: Vec<_> = anchors.of(Some(purpose)).map(|a| a.fingerprint().to_string()).collect();
        assert_eq!(of, roots);
    }
    // Each signed itself, and nothing of it is refused where it vouches.
    assert!(anchors.certificates().all(|root| root.signed(root) && root.is_self_issued()));
    let wanted = anchors.of(Some(Signature)).nth(1).unwrap().fingerprint();
    assert_eq!(anchors.only(&[wanted]).certificates().count(), 1);
}

#[test]
fn a_policy_of_another_family_is_another_policy() {
    let leaf = Certificate::parse(AUTHENTICATION).unwrap();
    let anchors = TrustAnchors::test([AUTHENTICATION_CA], []).unwrap();
    let demand = Demand::new(Authentication, NOW.parse().unwrap());
    let judge = |demand: Demand| {
        verify(&leaf, &[], &anchors, &demand, &Evidence::none()).map_err(|no| no.reason()).err()
    };
    let (test, real) = ("1.2.392.200149.8.5.1.0.30", "1.2.392.200149.8.5.1.3.30");
    assert_eq!(judge(demand.clone().with_policies([test]).unwrap()), None);
    assert_eq!(judge(demand.clone().with_policies([real]).unwrap()), Some(Reason::WrongPolicy));
    assert_eq!(judge(demand.clone().with_policies([real, test]).unwrap()), None);
    assert!(demand.clone().with_policies([]).is_err() && demand.with_policies(["x"]).is_err());
    let dotted =
        |origin, purpose| crate::pki::anchors::dotted(crate::pki::anchors::policy(origin, purpose));
    assert_eq!(dotted(Origin::Test, Authentication), test);
    assert_eq!(dotted(Origin::Production, Authentication), real);
    assert_eq!(dotted(Origin::Test, Signature), "1.2.392.200149.8.5.1.0.20");
    assert_eq!(dotted(Origin::Production, Signature), "1.2.392.200149.8.5.1.1.20");
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
    assert!(holder.address.text.starts_with("東京都清瀬市"));
    for part in [&holder.name, &holder.address] {
        let none = vec![false; part.text.chars().count()];
        assert_eq!(part.substituted, Substituted::Told(none));
    }
    assert_eq!(format!("{holder:?} {:?}", holder.name), "HolderAttributes(..) Text(..)");
    let leaf = Certificate::parse(AUTHENTICATION).unwrap();
    assert!(leaf.holder_attributes().unwrap().is_none());
}

#[test]
fn what_a_certificate_of_a_card_tells() {
    for (der, purpose, generation) in
        [(AUTHENTICATION, Authentication, 2), (SIGNATURE, Signature, 2)]
    {
        let leaf = Certificate::parse(der).unwrap();
        assert_eq!(leaf.origin_and_purpose(), Some((Origin::Test, purpose)));
        // The holder of the test card was born on 1980-02-17.
        assert_eq!(leaf.ends_with().unwrap().to_string(), "2030-02-17");
        let municipality = leaf.municipality().unwrap();
        assert_eq!(
            (municipality.as_str(), format!("{municipality:?}").as_str()),
            ("13221", "Municipality(..)")
        );
        assert!(leaf.distribution_points().concat().contains("CRLDP"));
        assert_eq!(
            format!("{:?}{:?}", leaf.serial(), leaf.fingerprint()),
            "Serial(..)Fingerprint(..)"
        );
        let anchors = TrustAnchors::test(
            [AUTHENTICATION_CA_2019, AUTHENTICATION_CA],
            [SIGNATURE_CA_2019, SIGNATURE_CA],
        );
        assert_eq!(anchors.unwrap().generation_of(&leaf), Some(generation));
        assert_eq!(TrustAnchors::production().generation_of(&leaf), None);
        assert!(leaf.subject().contains("JP") && leaf.issuer().contains("JPKI-TEST"));
    }
    let leaf = Certificate::parse(AUTHENTICATION).unwrap();
    assert_eq!(leaf.responder().unwrap(), "http://test-ocspauthnorm.jpki.go.jp");
    assert_eq!(leaf.policies().collect::<Vec<_>>(), ["1.2.392.200149.8.5.1.0.30"]);
    let root = Certificate::parse(AUTHENTICATION_CA).unwrap();
    assert_eq!(
        (root.origin_and_purpose(), root.municipality(), root.responder()),
        (None, None, None)
    );
}
