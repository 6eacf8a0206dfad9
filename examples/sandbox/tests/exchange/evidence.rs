//! What the verdict rests on: the responder's answer, or the list when it is put off, or nothing.

use jiff::SignedDuration;
use kaigotap_sandbox::{Application, Fault};
use rsa::traits::PublicKeyParts;
use x509_cert::der::{Decode, Encode};

use crate::pki::{anchor, key_info, leaf_with, pki};
use crate::support::World;

impl World {
    /// A certificate of the holder's key by the sandbox's own authority, whose list is known.
    async fn issued(&self) -> Vec<u8> {
        let key = pki().holder.to_public_key();
        let key = key_info(key.n(), key.e()).to_der().unwrap();
        let wanted = Application::authentication(&key, "Kakuu-to", "Kakuu-shi").unwrap();
        let now = jiff::Timestamp::now();
        let wanted = wanted
            .valid(now - SignedDuration::from_hours(24), now + SignedDuration::from_hours(24));
        self.sandbox.issue(&wanted).await.unwrap()
    }
}

/// The certificate was good, and nobody is known under it.
const GOOD: (u16, &str) = (404, "person_not_found");
const UNKNOWN: (u16, &str) = (503, "certificate_status_unknown");
const NOT_ISSUED: (u16, &str) = (400, "certificate_not_issued");
const REVOKED: (u16, &str) = (400, "certificate_revoked");

#[track_caller]
fn refused(answer: &crate::support::Answer, (status, code): (u16, &str)) {
    answer.refused(status, code);
}

#[tokio::test]
async fn a_list_stands_in_for_a_responder_that_puts_one_off() {
    let world = World::new().await;
    let leaf = world.issued().await;
    refused(&world.exchange_leaf(&leaf).await, GOOD);
    world.sandbox.misbehave(Fault::OcspTryLater, 1);
    refused(&world.exchange_leaf(&leaf).await, GOOD);
    let read = x509_cert::Certificate::from_der(&leaf).unwrap();
    world.sandbox.revoke(read.tbs_certificate.serial_number.as_bytes()).await.unwrap();
    refused(&world.exchange_leaf(&leaf).await, REVOKED);
    world.sandbox.misbehave(Fault::OcspTryLater, 1);
    refused(&world.exchange_leaf(&leaf).await, REVOKED);
}

#[tokio::test]
async fn a_renewal_is_told_by_either() {
    let mut world = World::new().await;
    let leaf = world.issued().await;
    let wanted = Application::like(&leaf).unwrap();
    let newer = world.sandbox.renew(&leaf, &wanted).await.unwrap();
    for _ in 0..2 {
        refused(&world.exchange_leaf(&leaf).await, (400, "certificate_renewed"));
        refused(&world.exchange_leaf(&newer).await, GOOD);
        world.sandbox.misbehave(Fault::OcspTryLater, 2);
    }
    world.sandbox.behave();
    // So it stays when the old one has expired meanwhile; the new one has then merely expired.
    world.sandbox.shift_clock(SignedDuration::from_hours(24 + 1));
    world.sign_in("nurse-01").await;
    let judged = async |leaf: &[u8]| {
        let challenge = world.challenge().await;
        let mut claims = world.claims(&challenge);
        let then = crate::support::payload(&challenge)["iat"].as_i64().unwrap();
        (claims["iat"], claims["exp"]) = (then.into(), (then + 120).into());
        world.exchange(&crate::support::assert_with(leaf, &claims)).await
    };
    refused(&judged(&leaf).await, (400, "certificate_renewed"));
    refused(&judged(&newer).await, (400, "certificate_expired"));
}

#[tokio::test]
async fn without_fresh_word_nobody_is_accepted() {
    let world = World::new().await;
    let leaf = world.issued().await;
    let holder = crate::pki::leaf();
    let with = |faults: &[Fault]| {
        world.sandbox.behave();
        for fault in faults {
            world.sandbox.misbehave(*fault, 1);
        }
    };
    with(&[Fault::OcspStale]);
    refused(&world.exchange_leaf(&leaf).await, UNKNOWN);
    with(&[Fault::OcspTryLater, Fault::ListStale]);
    refused(&world.exchange_leaf(&leaf).await, UNKNOWN);
    // Its certificate names no list.
    with(&[Fault::OcspTryLater]);
    refused(&world.exchange_leaf(&holder).await, UNKNOWN);
    with(&[]);
    assert_eq!(world.exchange_leaf(&holder).await.status, 200);

    // Never issued, whatever its signature says: the responder does not know it, and no list would.
    let forged = leaf_with(|tbs| {
        tbs.serial_number = x509_cert::serial_number::SerialNumber::new(&[9, 9, 9]).unwrap();
    });
    refused(&world.exchange_leaf(&forged).await, NOT_ISSUED);
    // A root whose authority nobody plays.
    let judging = World::with(|config| {
        config.authorities.clear();
        config.anchors = vec![anchor()];
    })
    .await;
    refused(&judging.exchange_leaf(&holder).await, UNKNOWN);
    assert_eq!(judging.sandbox.tokens_issued().await.unwrap(), 0);
}
