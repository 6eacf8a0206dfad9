//! What is kept, for how long, and how much of it.

use jiff::SignedDuration;
use kaigotap_sandbox::ChallengeState;

use crate::pki::leaf;
use crate::support::{World, assert_with};

#[tokio::test]
async fn open_challenges_have_a_cap_for_each_staff_member() {
    let mut world = World::new().await;
    world.sign_in("nurse-02").await;
    let colleagues = world.assertion().await;
    world.sign_in("nurse-01").await;
    let first = world.challenge().await;
    let mut last = String::new();
    for _ in 0..70 {
        last = world.challenge().await;
    }
    let open = world.sandbox.challenges().await.unwrap();
    assert!(open.iter().all(|challenge| challenge.state == ChallengeState::Open));
    let own = open.iter().filter(|challenge| challenge.staff_id == "nurse-01").count();
    assert_eq!((own, open.len()), (64, 65));
    // The oldest one gave way, the newest is as good as ever, and nobody else was touched.
    let with = |challenge: &str| assert_with(&leaf(), &world.claims(challenge));
    world.exchange(&with(&first)).await.refused(400, "challenge_unknown");
    assert_eq!(world.exchange(&with(&last)).await.status, 200);
    world.sign_in("nurse-02").await;
    assert_eq!(world.exchange(&colleagues).await.status, 200);
}

#[tokio::test]
async fn what_is_over_is_removed_in_time() {
    let world = World::new().await;
    let unused = world.challenge().await;
    assert_eq!(world.exchange(&world.assertion().await).await.status, 200);
    let kept = async || {
        world.sandbox.sweep().await.unwrap();
        let tokens = world.sandbox.tokens_issued().await.unwrap();
        (world.sandbox.challenges().await.unwrap().len(), tokens)
    };
    assert_eq!(kept().await, (2, 1));
    // A late one is still told that it is late.
    world.sandbox.shift_clock(SignedDuration::from_mins(10));
    assert_eq!(kept().await, (2, 1));
    let late = assert_with(&leaf(), &world.claims(&unused));
    world.exchange(&late).await.refused(400, "challenge_expired");

    let unused = world.challenge().await;
    world.sandbox.shift_clock(SignedDuration::from_hours(2));
    assert_eq!(kept().await, (2, 1));
    let late = assert_with(&leaf(), &world.claims(&unused));
    world.exchange(&late).await.refused(400, "challenge_unknown");
    world.sandbox.shift_clock(SignedDuration::from_hours(24));
    assert_eq!(kept().await, (2, 0));
    world.sandbox.shift_clock(SignedDuration::from_hours(89 * 24));
    assert_eq!(kept().await, (0, 0));
}
