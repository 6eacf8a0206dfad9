//! Certificates of a real J-LIS test card. Nobody here can say whether they are revoked, so the best that can come of
//! them is `certificate_status_unknown`: everything else holds, and they are not accepted.

use jiff::{SignedDuration, Timestamp};

use crate::support::World;

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/vectors/jpki-test-card/", $name))
    };
}

const LEAF: &[u8] = vector!("jpki-auth-cert.der");
const SIGNATURE_LEAF: &[u8] = vector!("jpki-sign-cert.der");

async fn judged(anchor: &[u8], leaf: &[u8], date: &str) -> (u16, String) {
    let mut world = World::with(|config| {
        config.authorities.clear();
        config.anchors = vec![anchor.to_vec()];
    })
    .await;
    let then: Timestamp = date.parse().unwrap();
    let shift = SignedDuration::from_secs(then.as_second() - Timestamp::now().as_second());
    world.sandbox.shift_clock(shift);
    world.sign_in("nurse-01").await;
    let challenge = world.challenge().await;
    let mut claims = world.claims(&challenge);
    claims["iat"] = then.as_second().into();
    claims["exp"] = (then.as_second() + 120).into();
    let answer = world.exchange(&crate::support::assert_with(leaf, &claims)).await;
    (answer.status, answer.json["kaigo_error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_test_card_is_accepted_under_its_own_root_only() {
    let own = vector!("jpki-auth-ca-cert.der");
    let other = vector!("jpki-auth-ca-cert-2019.der");
    let signing = vector!("jpki-sign-ca-cert.der");
    let date = "2026-01-15T00:00:00Z";
    assert_eq!(judged(own, LEAF, date).await.1, "certificate_status_unknown");
    assert_eq!(judged(other, LEAF, date).await.1, "certificate_untrusted");
    assert_eq!(judged(signing, LEAF, date).await.1, "certificate_untrusted");
    assert_eq!(judged(own, LEAF, "2030-02-17T15:00:00Z").await.1, "certificate_expired");
    // 署名用: another purpose, even under its own root.
    assert_eq!(judged(signing, SIGNATURE_LEAF, date).await.1, "certificate_untrusted");
}
