use jiff::{SignedDuration, Timestamp};
use kaigotap_sandbox::{Application, CertificatePurpose, Failure, RevocationReason};

use crate::pki::{anchor, pkcs8, pki};
use crate::support::{House, application, holder, serial};

const PURPOSE: CertificatePurpose = CertificatePurpose::Authentication;

#[tokio::test(flavor = "multi_thread")]
async fn the_next_generation_has_the_same_name_and_its_own_lists() {
    let house = House::new().await;
    let (old, old_revoked) = (house.issue("Kakuu-shi").await, house.issue("Kakuu-shi").await);
    let next = house.sandbox.roll(PURPOSE, &pkcs8(&pki().other_ca)).unwrap();
    let (new, new_revoked) = (house.issue("Kakuu-shi").await, house.issue("Kakuu-shi").await);
    for revoked in [&old_revoked, &new_revoked] {
        house.revoke(revoked, RevocationReason::CessationOfOperation).await;
    }
    for (name, der) in [
        ("next.pem", &next),
        ("old.pem", &old),
        ("new.pem", &new),
        ("old-revoked.pem", &old_revoked),
        ("new-revoked.pem", &new_revoked),
    ] {
        house.certificate(name, der);
    }
    let subject = |file| house.openssl(&format!("x509 -in {file} -noout -subject -issuer")).1;
    assert_eq!(subject("root.pem"), subject("next.pem"));
    assert_eq!(house.sandbox.roots(PURPOSE), [anchor(), next]);

    house.fetch_list(0, "Kakuu-shi", "old-list");
    house.fetch_list(1, "Kakuu-shi", "new-list");
    let verify = "verify -x509_strict -policy_check -crl_check";
    for (generation, root, other) in [("old", "root", "next"), ("new", "next", "root")] {
        let by_own = format!("{verify} -CAfile {root}.pem -CRLfile {generation}-list.pem");
        house.says(&format!("{by_own} {generation}.pem"), &["OK"]);
        house.refuses(&format!("{by_own} {generation}-revoked.pem"), "certificate revoked");
        house.refuses(
            &format!("verify -CAfile {other}.pem {generation}.pem"),
            "unable to get local issuer",
        );
        let list = format!("crl -in {generation}-list.pem -noout -verify");
        house.says(&format!("{list} -CAfile {root}.pem"), &["verify OK"]);
        assert!(!house.openssl(&format!("{list} -CAfile {other}.pem")).1.contains("verify OK"));
        let ask = format!(
            "ocsp -issuer {root}.pem -CAfile {root}.pem -url {}/jlis/ocsp -cert {generation}.pem \
             -cert {generation}-revoked.pem",
            house.sandbox.url()
        );
        let (_, said) = house.openssl(&ask);
        assert!(
            said.contains("Response verify OK")
                && said.contains(&format!("{generation}.pem: good"))
                && said.contains(&format!("{generation}-revoked.pem: revoked")),
            "{said}"
        );
    }
    // With both lists and both roots at hand, each finds its own.
    house.file("roots.pem", &[house.read("root.pem"), house.read("next.pem")].concat());
    house.file("lists.pem", &[house.read("new-list.pem"), house.read("old-list.pem")].concat());
    let both = format!("{verify} -CAfile roots.pem -CRLfile lists.pem");
    house.says(&format!("{both} old.pem new.pem"), &["old.pem: OK", "new.pem: OK"]);
    let again = house.sandbox.roll(PURPOSE, &pkcs8(&pki().other_ca));
    assert!(matches!(again, Err(Failure::Application)));
    let unplayed = house.sandbox.roll(CertificatePurpose::Signature, &pkcs8(&pki().other_ca));
    assert!(matches!(unplayed, Err(Failure::NotPlayed)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_supersedes_the_one_before() {
    let house = House::new().await;
    let old = house.issue("Kakuu-shi").await;
    let wanted = Application::like(&old).unwrap();
    let new = house.sandbox.renew(&old, &wanted).await.unwrap();
    assert_ne!(serial(&old), serial(&new));
    house.certificate("old.pem", &old);
    house.certificate("new.pem", &new);
    let said = |file| house.openssl(&format!("x509 -in {file} -noout -subject -dates -pubkey")).1;
    assert_eq!(said("old.pem"), said("new.pem"));
    house.fetch_list(0, "Kakuu-shi", "list");
    house.says("crl -in list.pem -noout -text", &["Superseded"]);
    let verify = "verify -crl_check -CAfile root.pem -CRLfile list.pem";
    house.says(&format!("{verify} new.pem"), &["OK"]);
    house.refuses(&format!("{verify} old.pem"), "certificate revoked");

    let stranger = crate::pki::leaf_by(&pki().other_ca, |_| {});
    let renewed = house.sandbox.renew(&stranger, &wanted).await;
    assert!(matches!(renewed, Err(Failure::Application)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_ends_when_it_was_asked_to() {
    let house = House::new().await;
    let now = Timestamp::now();
    let (from, until) =
        (now - SignedDuration::from_hours(48), now - SignedDuration::from_hours(24));
    let expired = house.sandbox.issue(&application("Kakuu-shi").valid(from, until)).await.unwrap();
    house.certificate("expired.pem", &expired);
    house.refuses("verify -CAfile root.pem expired.pem", "certificate has expired");
    // OpenSSL counts the last second as over.
    let then = until.as_second();
    let last = format!("verify -CAfile root.pem -attime {} expired.pem", then - 1);
    house.says(&last, &["OK"]);
    house.refuses(&format!("verify -CAfile root.pem -attime {} expired.pem", then + 1), "expired");
    assert!(Application::authentication(b"no key", "Kakuu-to", "Kakuu-shi").is_err());
    assert!(Application::like(b"no certificate").is_err());
    assert!(application("Kakuu-shi").with_key(&holder()).is_ok());
    assert_eq!(format!("{:?}", application("Kakuu-shi")), "Application(Authentication, …)");
}
