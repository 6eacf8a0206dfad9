//! Help for the tests of what depends on the kind of a facility: somebody of its staff at a device, and an access token for
//! the example person.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::device::Device;
use crate::other_evidence::{EVERYTHING, statement};
use crate::pki::leaf;
use crate::support::{Answer, World, assert_with, payload};

pub(crate) const MANAGER: &str = "manager-21";
pub(crate) const INSURER: &str = "990010";
pub(crate) const NUMBER: &str = "0001234567";

/// Somebody of the staff at a device of their own, and the number of their facility.
pub(crate) struct At {
    pub(crate) device: Device,
    pub(crate) staff: &'static str,
    pub(crate) facility: &'static str,
}

pub(crate) async fn at(world: &World, staff: &'static str) -> At {
    let facility = match staff {
        "manager-21" => "1370000003",
        "nurse-31" => "1370000004",
        "helper-41" => "1370000005",
        "manager-51" => "1370000006",
        "nurse-11" => "1370000002",
        _ => "1370000001",
    };
    At { device: Device::of(world, staff).await, staff, facility }
}

/// A UUID of this number.
pub(crate) fn uuid(number: u32) -> String {
    format!("5f0c1d3e-0b6a-4c1e-9a54-{number:012}")
}

impl At {
    /// With card and PIN, for everything, with this scope.
    pub(crate) async fn with_card(&self, world: &World, scope: &str) -> Answer {
        let mut request = world.challenge_request_of("card_pin").await;
        request["purpose"] = json!(EVERYTHING);
        request["facility_id"] = self.facility.into();
        let given = self.device.ask_challenge(world, &request).await;
        assert_eq!(given.status, 201, "{}", given.json);
        let challenge = given.json["challenges"][0]["challenge"].as_str().unwrap();
        let assertion = assert_with(&leaf(), &self.device.claims(world, challenge));
        self.device.exchange(world, "card-assertion", &assertion, scope).await
    }

    /// An access token with this scope.
    pub(crate) async fn token(&self, world: &World, scope: &str) -> String {
        let answer = self.with_card(world, scope).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.access_token().to_owned()
    }

    /// The same by the paper certificate.
    pub(crate) async fn token_by_paper(&self, world: &World, scope: &str) -> String {
        let mut claims = statement(world, &self.device).await;
        (claims["fac"], claims["act"]) = (self.facility.into(), self.staff.into());
        let jws = self.device.sign("kaigo-four-attributes+jwt", &claims);
        let answer = self.device.exchange(world, "four-attributes", &jws, scope).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.access_token().to_owned()
    }

    /// The same, once more for an evidence token that was given before.
    pub(crate) async fn token_again(&self, world: &World, evidence: &str, scope: &str) -> Answer {
        self.device.exchange(world, "evidence", evidence, scope).await
    }

    pub(crate) async fn get(&self, world: &World, path: &str, token: &str) -> Answer {
        let nothing = ("text/plain", String::new());
        self.device.call(world, ("GET", path), Some(token), nothing).await
    }

    pub(crate) async fn post(
        &self,
        world: &World,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Answer {
        let content = ("application/json", body.to_string());
        self.device.call(world, ("POST", path), Some(token), content).await
    }
}

/// The second in which the person of a token was verified.
pub(crate) fn verified_at(token: &str) -> i64 {
    payload(token)["kaigo"]["verified_at"].as_i64().unwrap()
}

/// Moves the server's clock so that something of this second is so many seconds old, and stays it for most of a second.
pub(crate) async fn age(world: &World, second: i64, seconds: i64) {
    let into = Timestamp::now().subsec_nanosecond().unsigned_abs();
    tokio::time::sleep(Duration::from_nanos(1_001_000_000 - u64::from(into))).await;
    let now = world.server_time().await.as_second();
    world.sandbox.shift_clock(SignedDuration::from_secs(second + seconds - now));
}

/// How old something of this second was when this was answered.
pub(crate) fn age_at(answer: &Answer, second: i64) -> i64 {
    let at: Timestamp = answer.json["server_time"].as_str().unwrap().parse().unwrap();
    at.as_second() - second
}

/// What was answered when something was so many seconds old. On a machine that is very busy a second may pass meanwhile:
/// then once more.
pub(crate) async fn to_the_second(
    seconds: i64,
    answered: impl AsyncFn(i64) -> (Answer, i64),
) -> Answer {
    for _ in 0..10 {
        let (answer, age) = answered(seconds).await;
        if age == seconds {
            return answer;
        }
    }
    panic!("no answer within one second")
}
