//! A captured exchange, sent again from elsewhere: refused, with what gives it away. Nothing is spent by it.

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::SignedDuration;
use kaigotap_sandbox::{ChallengeRecord, ChallengeState, STAFF_ID};
use serde_json::json;
use tokio::task::JoinSet;

use crate::device::Device;
use crate::pki::leaf;
use crate::support::{Answer, World, assert_with, payload};

const KIND: &str = "card-assertion";
const SCOPE: &str = "qualification:read";

/// What somebody captured who saw everything that a device sent.
struct Captured {
    world: World,
    device: Device,
    assertion: String,
}

impl Captured {
    async fn new() -> Self {
        let world = World::new().await;
        let device = Device::new(&world).await;
        let challenge = device.challenge(&world, "card_pin", None).await;
        let assertion = assert_with(&leaf(), &device.claims(&world, &challenge));
        Self { world, device, assertion }
    }

    async fn sent_by(&self, device: &Device) -> Answer {
        device.exchange(&self.world, KIND, &self.assertion, SCOPE).await
    }

    /// That it is still good in the hands of who made it.
    async fn is_unspent(&self) {
        let answer = self.sent_by(&self.device).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        assert_eq!(self.world.sandbox.tokens_issued().await.unwrap(), 1);
    }
}

#[track_caller]
fn given_away_by(answer: &Answer, field: &str) {
    answer.refused(400, "binding_mismatch");
    assert_eq!(answer.json["field"], field);
}

#[tokio::test]
async fn from_another_device() {
    let captured = Captured::new().await;
    let thief = Device::new(&captured.world).await;
    given_away_by(&captured.sent_by(&thief).await, "cnf");
    captured.is_unspent().await;
    // Once it has been used, it is a replay.
    captured.sent_by(&thief).await.refused(400, "replayed");
    assert_eq!(captured.world.sandbox.tokens_issued().await.unwrap(), 1);
}

#[tokio::test]
async fn from_another_device_with_the_staff_members_token() {
    let captured = Captured::new().await;
    let thief = Device::new(&captured.world).await;
    let staff = captured.device.staff.clone();
    let thief = Device { staff, ..thief };
    given_away_by(&captured.sent_by(&thief).await, "cnf");
    captured.is_unspent().await;
}

#[tokio::test]
async fn by_another_client_with_the_devices_key() {
    let captured = Captured::new().await;
    let other = Device::new(&captured.world).await;
    let (id, other_id) = (captured.device.id.clone(), other.id.clone());
    // The key does not say the name of another, nor a name another's key.
    let borrowed = Device { id: other_id, ..captured.device };
    let captured = Captured { device: borrowed, ..captured };
    captured.sent_by(&captured.device).await.refused(401, "client_unknown");
    let captured = Captured { device: Device { id, ..captured.device }, ..captured };
    captured.is_unspent().await;
}

#[tokio::test]
async fn at_another_facility() {
    let captured = Captured::new().await;
    let elsewhere = Device::of(&captured.world, "nurse-11").await;
    given_away_by(&captured.sent_by(&elsewhere).await, "fac");
    captured.is_unspent().await;
}

#[tokio::test]
async fn by_another_staff_member() {
    let captured = Captured::new().await;
    let device = captured.device.handed_to(&captured.world, "nurse-02").await;
    let captured = Captured { device, ..captured };
    given_away_by(&captured.sent_by(&captured.device).await, "act");
    let device = captured.device.handed_to(&captured.world, STAFF_ID).await;
    Captured { device, ..captured }.is_unspent().await;
}

#[tokio::test]
async fn for_another_purpose() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let mut request = world.challenge_request_of("card_pin").await;
    request["purpose"] = json!(["register"]);
    let answer = device.ask_challenge(&world, &request).await;
    let challenge = answer.json["challenges"][0]["challenge"].as_str().unwrap();
    let mut claims = device.claims(&world, challenge);
    let assertion = assert_with(&leaf(), &claims);
    given_away_by(&device.exchange(&world, KIND, &assertion, SCOPE).await, "scope");
    // Nor with the purpose that it would take.
    let answer = device.ask_challenge(&world, &request).await;
    let challenge = answer.json["challenges"][0]["challenge"].as_str().unwrap();
    claims = device.claims(&world, challenge);
    claims["pur"] = json!(["register", "view"]);
    let assertion = assert_with(&leaf(), &claims);
    given_away_by(&device.exchange(&world, KIND, &assertion, SCOPE).await, "pur");
}

#[tokio::test]
async fn for_another_visit() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    for vis in [json!("00000000-0000-4000-8000-000000000000"), json!("")] {
        let challenge = device.challenge(&world, "card_pin", None).await;
        let mut claims = device.claims(&world, &challenge);
        claims["vis"] = vis;
        let assertion = assert_with(&leaf(), &claims);
        given_away_by(&device.exchange(&world, KIND, &assertion, SCOPE).await, "vis");
    }
}

#[tokio::test]
async fn with_the_key_of_nobody_or_of_another_in_the_signed_bytes() {
    let world = World::new().await;
    let (device, other) = (Device::new(&world).await, Device::new(&world).await);
    for jkt in [&*other.jkt, ""] {
        let challenge = device.challenge(&world, "card_pin", None).await;
        assert_eq!(payload(&challenge)["cnf"], json!({ "jkt": device.jkt }));
        let mut claims = device.claims(&world, &challenge);
        claims["cnf"]["jkt"] = jkt.into();
        let assertion = assert_with(&leaf(), &claims);
        given_away_by(&device.exchange(&world, KIND, &assertion, SCOPE).await, "cnf");
    }
}

#[tokio::test]
async fn later() {
    let captured = Captured::new().await;
    captured.world.sandbox.shift_clock(SignedDuration::from_secs(121));
    captured.sent_by(&captured.device).await.refused(400, "challenge_expired");

    let captured = Captured::new().await;
    captured.is_unspent().await;
    captured.world.sandbox.shift_clock(SignedDuration::from_secs(301));
    captured.sent_by(&captured.device).await.refused(400, "challenge_used");
    assert_eq!(captured.world.sandbox.tokens_issued().await.unwrap(), 1);
}

#[tokio::test]
async fn with_any_signed_byte_changed() {
    let Captured { world, device, assertion } = Captured::new().await;
    let mut good = assertion;
    let mut index = 0;
    loop {
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let (header, said) = signed.split_once('.').unwrap();
        let mut said = Base64UrlUnpadded::decode_vec(said).unwrap();
        if index == said.len() {
            break;
        }
        said[index] ^= 1;
        let said = Base64UrlUnpadded::encode_string(&said);
        let changed = format!("{header}.{said}.{signature}");
        let answer = device.exchange(&world, KIND, &changed, SCOPE).await;
        assert_ne!(answer.status, 200, "byte {index}");
        index += 1;
        let open = |challenge: &ChallengeRecord| challenge.state == ChallengeState::Open;
        if !world.sandbox.challenges().await.unwrap().iter().any(open) {
            // That one could be read, and was refused for what it says, or for the signature.
            let challenge = device.challenge(&world, "card_pin", None).await;
            good = assert_with(&leaf(), &device.claims(&world, &challenge));
        }
    }
    assert!(index > 400, "{index}");
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 0);
    assert_eq!(device.exchange(&world, KIND, &good, SCOPE).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_times_at_once() {
    let Captured { world, device, assertion } = Captured::new().await;
    let (world, device) = (Arc::new(world), Arc::new(device));
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (world, device, assertion) = (world.clone(), device.clone(), assertion.clone());
        tasks.spawn(async move { device.exchange(&world, KIND, &assertion, SCOPE).await });
    }
    let answers = tasks.join_all().await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.json);
        assert_eq!(answer.access_token(), answers[0].access_token());
    }
    // As many assertions of one challenge: one token.
    let challenge = device.challenge(&world, "card_pin", None).await;
    let mut tasks = JoinSet::new();
    for index in 0..64 {
        let (world, device) = (world.clone(), device.clone());
        let mut claims = device.claims(&world, &challenge);
        claims["jti"] = format!("00000000-0000-4000-8000-{index:012}").into();
        let assertion = assert_with(&leaf(), &claims);
        tasks.spawn(async move { device.exchange(&world, KIND, &assertion, SCOPE).await });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.refused(400, "challenge_used");
    }
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 2);
}
