use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use kaigotap_sandbox::{ChallengeRecord, ChallengeState, Database, STAFF_ID};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::pki::leaf;
use crate::support::{Answer, World, assert_with};

/// Sends all at once.
async fn together(world: &Arc<World>, assertions: Vec<String>) -> Vec<Answer> {
    let mut tasks = JoinSet::new();
    for assertion in assertions {
        let world = world.clone();
        tasks.spawn(async move { world.exchange(&assertion).await });
    }
    tasks.join_all().await
}

fn different(world: &World, challenge: &str, count: usize) -> Vec<String> {
    let mut claims = world.claims(challenge);
    (0..count)
        .map(|index| {
            claims["jti"] = format!("00000000-0000-4000-8000-{index:012}").into();
            assert_with(&leaf(), &claims)
        })
        .collect()
}

async fn of_64_assertions_one_gets_a_token(world: World) {
    let world = Arc::new(world);
    let challenge = world.challenge().await;
    let answers = together(&world, different(&world, &challenge, 64)).await;
    let (tokens, refusals): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 200);
    assert_eq!(tokens.len(), 1);
    for refusal in refusals {
        refusal.refused(400, "challenge_used");
    }
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 1);
}

async fn the_same_bytes_64_times_get_one_token(world: World) {
    let world = Arc::new(world);
    let assertion = world.assertion().await;
    let answers = together(&world, vec![assertion; 64]).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.json);
        assert_eq!(answer.access_token(), answers[0].access_token());
        assert_eq!(answer.json["honnin"], answers[0].json["honnin"]);
    }
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn races_in_memory() {
    of_64_assertions_one_gets_a_token(World::new().await).await;
    the_same_bytes_64_times_get_one_token(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn races_in_a_file() {
    let file = crate::start::TemporaryFile::new("races");
    let on_file = || {
        let database = Database::File(file.path().to_owned());
        World::with(|config| config.database = database)
    };
    of_64_assertions_one_gets_a_token(on_file().await).await;
    std::fs::remove_file(file.path()).unwrap();
    the_same_bytes_64_times_get_one_token(on_file().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_may_start_at_once_on_one_database() {
    for round in 0..4 {
        let file = crate::start::TemporaryFile::new(&format!("together-{round}"));
        let database = match crate::postgres::database().await {
            Database::Memory => Database::File(file.path().to_owned()),
            server => server,
        };
        let mut starting = JoinSet::new();
        for _ in 0..4 {
            let database = database.clone();
            starting.spawn(World::with(|config| config.database = database));
        }
        let worlds = starting.join_all().await;
        let keys = worlds[0].sandbox.challenge_keys();
        for world in worlds {
            assert_eq!(world.sandbox.challenge_keys(), keys);
            assert_eq!(world.exchange(&world.assertion().await).await.status, 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refusal_is_repeated_too() {
    let world = Arc::new(World::new().await);
    let challenge = world.challenge().await;
    let mut claims = world.claims(&challenge);
    claims["nonce"] = "x".into();
    let answers = together(&world, vec![assert_with(&leaf(), &claims); 8]).await;
    for answer in answers {
        answer.refused(400, "binding_mismatch");
    }
    let good = assert_with(&leaf(), &world.claims(&challenge));
    world.exchange(&good).await.refused(400, "challenge_used");
}

#[tokio::test]
async fn an_answer_is_kept_for_five_minutes_and_for_one_staff_member() {
    let mut world = World::new().await;
    let assertion = world.assertion().await;
    let first = world.exchange(&assertion).await;

    world.sandbox.shift_clock(SignedDuration::from_secs(290));
    let again = world.exchange(&assertion).await;
    assert_eq!(again.access_token(), first.access_token());
    let left = again.json["expires_in"].as_i64().unwrap();
    assert!((600..=610).contains(&left), "{left}");

    world.sign_in("nurse-02").await;
    world.exchange(&assertion).await.refused(400, "binding_mismatch");

    world.sign_in(STAFF_ID).await;
    world.sandbox.shift_clock(SignedDuration::from_secs(20));
    world.exchange(&assertion).await.refused(400, "challenge_used");
}

#[tokio::test]
async fn an_answer_that_is_given_again_lasts_no_longer_than_a_token() {
    let world = World::new().await;
    let assertion = world.assertion().await;
    world.exchange(&assertion).await;
    world.sandbox.shift_clock(SignedDuration::from_hours(-1));
    let again = world.exchange(&assertion).await;
    assert_eq!(again.json["expires_in"], 900, "{}", again.json);
}

#[tokio::test]
async fn callers_who_hang_up_find_the_answer_later() {
    let world = World::new().await;
    let host = world.sandbox.url().strip_prefix("http://").unwrap();
    let mut assertions = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..32 {
        assertions.push(world.assertion().await);
        streams.push(TcpStream::connect(host).await.unwrap());
    }
    for (assertion, stream) in assertions.iter().zip(&mut streams) {
        let now = crate::pki::now().try_into().unwrap();
        let body = world.device.body(&world, &world.form(assertion), now);
        let proof = world.device.proof(&world, ("POST", "/v1/token"), None, now);
        let request = format!(
            "POST /v1/token HTTP/1.1\r\nHost: {host}\r\nDPoP: {proof}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
    }
    // All have been received, and hardly one has been answered.
    let used = |challenges: Vec<ChallengeRecord>| {
        challenges.iter().all(|challenge| challenge.state == ChallengeState::Used)
    };
    while !used(world.sandbox.challenges().await.unwrap()) {}
    drop(streams);
    let started = Instant::now();
    while world.sandbox.tokens_issued().await.unwrap() < 32 {
        assert!(started.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for assertion in assertions {
        assert_eq!(world.exchange(&assertion).await.status, 200);
    }
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 32);
}
