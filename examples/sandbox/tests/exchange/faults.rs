use std::time::{Duration, Instant};

use kaigotap_sandbox::{Broken, Call, ChallengeState, Fault};

use crate::pki::{leaf, now};
use crate::support::{World, assert_with, payload};

#[tokio::test]
async fn a_dropped_reply_is_given_again() {
    let world = World::new().await;
    let assertion = world.assertion().await;
    world.sandbox.misbehave(Fault::Reply(Call::Token, Broken::Dropped), 2);
    for _ in 0..2 {
        assert!(world.send_form(&world.form(&assertion)).await.is_none());
        assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 1);
    }
    let answer = world.exchange(&assertion).await;
    assert_eq!(world.entitlement(answer.access_token()).await.status, 200);
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 1);
}

#[tokio::test]
async fn replies_go_wrong_as_asked() {
    let world = World::new().await;
    let break_it = |broken| world.sandbox.misbehave(Fault::Reply(Call::Entitlement, broken), 1);
    break_it(Broken::Status500);
    break_it(Broken::Garbage);
    break_it(Broken::Oversized);
    break_it(Broken::Slow(Duration::from_millis(300)));
    assert_eq!(world.entitlement("x").await.status, 500);
    let garbage = world.entitlement("x").await;
    assert!(garbage.status == 200 && garbage.json.is_null());
    assert_eq!(world.entitlement("x").await.headers["content-length"], "16777216");
    let started = Instant::now();
    world.entitlement("x").await.refused(401, "token_invalid");
    assert!(started.elapsed() >= Duration::from_millis(300));

    world.sandbox.misbehave(Fault::ChallengeExpired, 1);
    world.sandbox.behave();
    assert!(payload(&world.challenge().await)["exp"].as_u64().unwrap() > now());
}

#[tokio::test]
async fn challenges_go_wrong_as_asked() {
    let world = World::new().await;
    let bad = async |fault| {
        world.sandbox.misbehave(fault, 1);
        let challenge = world.challenge().await;
        let answer = world.exchange(&assert_with(&leaf(), &world.claims(&challenge))).await;
        (payload(&challenge), answer)
    };
    let (said, answer) = bad(Fault::ChallengeExpired).await;
    assert!(said["exp"].as_u64().unwrap() < now() - 500);
    answer.refused(400, "challenge_expired");

    let (said, answer) = bad(Fault::ChallengeOtherFacility).await;
    assert_eq!(said["facility_id"], "1379999999");
    answer.refused(400, "binding_mismatch");

    let (said, answer) = bad(Fault::ChallengeOtherPurpose).await;
    assert_eq!(said["purpose"][0], "consent");
    answer.refused(400, "binding_mismatch");

    let (_, answer) = bad(Fault::ChallengeAlreadyUsed).await;
    answer.refused(400, "challenge_used");

    // A challenge by another key is for the phone to refuse: here it is one like any other.
    let (_, answer) = bad(Fault::ChallengeWrongKey).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert!(
        world.sandbox.challenges().await.unwrap().iter().all(|c| c.state == ChallengeState::Used)
    );
}
