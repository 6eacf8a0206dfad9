use jiff::{SignedDuration, Timestamp};
use kaigotap_sandbox::{CertificatePurpose, Fault, Revocation, RevocationReason};

use crate::support::{House, serial};

const VERIFY: &str = "verify -x509_strict -policy_check -crl_check -CAfile root.pem";

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_the_authoritys_and_says_which_one_it_is() {
    let house = House::new().await;
    let leaf = house.issue("Kakuu-shi").await;
    house.fetch_list(0, "Kakuu-shi", "list");
    let verify = "crl -in list.pem -CAfile root.pem -verify -noout -text";
    house
        .says(verify, &["verify OK", "No Revoked Certificates", "X509v3 Authority Key Identifier"]);
    house.says(
        verify,
        &[
            "X509v3 Issuing Distribution Point: critical",
            "Only User Certificates",
            "OU = CRL Distribution Points, OU = Kakuu-to, CN = Kakuu-shi CRLDP",
        ],
    );

    let since: Timestamp = "2026-02-03T04:05:06Z".parse().unwrap();
    let revocation =
        Revocation { reason: RevocationReason::KeyCompromise, invalid_since: Some(since) };
    let purpose = CertificatePurpose::Authentication;
    house.sandbox.revoke_as(purpose, &serial(&leaf), revocation).await.unwrap();
    let plain = house.issue("Kakuu-shi").await;
    house.revoke(&plain, RevocationReason::Unspecified).await;
    house.fetch_list(0, "Kakuu-shi", "list");
    let (_, said) = house.openssl(verify);
    assert!(said.contains("verify OK"), "{said}");
    for certificate in [&leaf, &plain] {
        let number = serial(certificate).iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        assert!(said.contains(&format!("Serial Number: {number:08X}")), "{said}");
    }
    assert!(said.contains("Key Compromise") && said.contains("Feb  3 04:05:06 2026 GMT"), "{said}");
    assert_eq!(said.matches("Revocation Date").count(), 2);
    // No reason is better written than `unspecified`.
    assert!(!said.contains("Unspecified"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_is_judged_by_the_list_of_its_own_municipality() {
    let house = House::new().await;
    house.certificate("leaf.pem", &house.issue("Kakuu-shi").await);
    let revoked = house.issue("Kakuu-shi").await;
    house.certificate("revoked.pem", &revoked);
    house.issue("Betsu-shi").await;
    house.revoke(&revoked, RevocationReason::CessationOfOperation).await;
    house.fetch_list(0, "Kakuu-shi", "own");
    house.fetch_list(0, "Betsu-shi", "other");
    house.says(&format!("{VERIFY} -CRLfile own.pem leaf.pem"), &["leaf.pem: OK"]);
    house.refuses(&format!("{VERIFY} -CRLfile own.pem revoked.pem"), "certificate revoked");
    house.refuses(&format!("{VERIFY} -CRLfile other.pem leaf.pem"), "different CRL scope");
    let (_, said) = house.openssl("crl -in other.pem -noout -text");
    assert!(said.contains("No Revoked Certificates"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_stale_has_expired() {
    let house = House::new().await;
    house.certificate("leaf.pem", &house.issue("Kakuu-shi").await);
    house.sandbox.misbehave(Fault::ListStale, 1);
    house.fetch_list(0, "Kakuu-shi", "stale");
    house.refuses(&format!("{VERIFY} -CRLfile stale.pem leaf.pem"), "CRL has expired");
    house.fetch_list(0, "Kakuu-shi", "fresh");
    house.says(&format!("{VERIFY} -CRLfile fresh.pem leaf.pem"), &["OK"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_keeps_its_number_until_something_changes() {
    let house = House::new().await;
    let leaf = house.issue("Kakuu-shi").await;
    house.fetch_list(0, "Kakuu-shi", "first");
    house.fetch_list(0, "Kakuu-shi", "again");
    assert_eq!(house.read("first.der"), house.read("again.der"));
    house.revoke(&leaf, RevocationReason::Superseded).await;
    house.fetch_list(0, "Kakuu-shi", "second");
    assert!(house.number("second") > house.number("first"));
    house.sandbox.shift_clock(SignedDuration::from_mins(61));
    house.fetch_list(0, "Kakuu-shi", "third");
    assert!(house.number("third") > house.number("second"));
    // What was revoked first stays as it was.
    house.revoke(&leaf, RevocationReason::KeyCompromise).await;
    house.fetch_list(0, "Kakuu-shi", "fourth");
    house.says("crl -in fourth.pem -noout -text", &["Superseded"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revoked_and_nowhere_at_home_is_on_every_list() {
    let house = House::new().await;
    house.issue("Kakuu-shi").await;
    house.sandbox.revoke(&[0, 0x12, 0x34, 0x56]).await.unwrap();
    house.fetch_list(0, "Kakuu-shi", "list");
    house.says("crl -in list.pem -noout -text", &["Serial Number: 123456"]);
}
