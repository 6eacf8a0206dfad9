//! The comprehensive consent (包括同意): who takes it, on which evidence, and what its withdrawal does.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::SignedDuration;
use kaigotap_sandbox::{Database, FacilityKind, STAFF_ID};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::gates::{
    At, INSURER, MANAGER, NUMBER, age, age_at, at, to_the_second, uuid, verified_at,
};
use crate::start::TemporaryFile;
use crate::support::{Answer, World};

const CONSENT: &str = "/v1/consent";
const WRITE: &str = "consent:write";

async fn nobody_agreed() -> World {
    World::with_person(|person| person.consent = false).await
}

fn agreed(number: u32) -> Value {
    json!({ "id": uuid(number), "explained": true, "agreed": true })
}

async fn take(world: &World, at: &At, number: u32) -> Answer {
    let token = at.token(world, WRITE).await;
    at.post(world, CONSENT, &token, &agreed(number)).await
}

async fn state(world: &World, at: &At) -> Value {
    let token = at.token(world, "consent:read").await;
    let answer = at.get(world, CONSENT, &token).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

#[tokio::test]
async fn a_care_manager_takes_it_once_for_every_facility() {
    let world = nobody_agreed().await;
    let manager = at(&world, MANAGER).await;
    let before = state(&world, &manager).await;
    assert_eq!((&before["state"], &before["given_at"]), (&json!("none"), &Value::Null));
    assert_eq!(
        (&before["may_take"]["allowed"], &before["may_take"]["why"]),
        (&json!(true), &Value::Null)
    );
    assert!(before["may_take"]["until"].is_string(), "{before}");

    let nurse = at(&world, STAFF_ID).await;
    let view = nurse.token(&world, "qualification:read").await;
    nurse.get(&world, "/v1/qualification", &view).await.refused(403, "consent_required");

    let answer = take(&world, &manager, 1).await;
    assert_eq!((answer.status, &answer.json["state"]), (201, &json!("given")), "{}", answer.json);
    assert_eq!(answer.json["taken_by"], "facility");
    // Not for one facility: a token that was given before opens now, elsewhere.
    assert_eq!(nurse.get(&world, "/v1/qualification", &view).await.status, 200);

    // Sent again, and taken again: nothing changes.
    let again = take(&world, &manager, 1).await;
    assert_eq!((again.status, &again.json["given_at"]), (200, &answer.json["given_at"]));
    world.sandbox.shift_clock(SignedDuration::from_secs(100));
    let other = take(&world, &manager, 2).await;
    assert_eq!((other.status, &other.json["given_at"]), (200, &answer.json["given_at"]));
}

#[tokio::test]
async fn a_facility_of_another_kind_takes_none_and_is_told_why() {
    for kind in FacilityKind::ALL.into_iter().chain([FacilityKind::Other]) {
        let world = nobody_agreed().await;
        let at = at(&world, STAFF_ID).await;
        assert!(world.sandbox.change_facility(at.facility, kind).await.unwrap());
        let may = matches!(
            kind,
            FacilityKind::CareManagement
                | FacilityKind::Facility
                | FacilityKind::HealthFacility
                | FacilityKind::MedicalFacility
                | FacilityKind::Residential
        );
        let told = state(&world, &at).await;
        assert_eq!(told["may_take"]["allowed"], may, "{kind:?}");
        let answer = take(&world, &at, 1).await;
        if may {
            assert_eq!(answer.status, 201, "{kind:?} {}", answer.json);
        } else {
            answer.refused(403, "facility_kind_not_allowed");
            assert_eq!(told["may_take"]["why"], "facility_kind_not_allowed");
            assert_eq!(state(&world, &at).await["state"], "none");
        }
    }
    let world = nobody_agreed().await;
    assert!(!world.sandbox.change_facility("1", FacilityKind::Medical).await.unwrap());
}

#[tokio::test]
async fn after_the_next_application_the_municipality_takes_it() {
    let world = nobody_agreed().await;
    let manager = at(&world, MANAGER).await;
    assert!(world.sandbox.apply(INSURER, NUMBER).await.unwrap());
    assert!(!world.sandbox.apply(INSURER, "0000000009").await.unwrap());
    take(&world, &manager, 1).await.refused(403, "consent_by_municipality");
    let told = state(&world, &manager).await;
    assert_eq!(told["may_take"]["why"], "consent_by_municipality");
    assert_eq!(told["may_take"]["until"], Value::Null);
    assert!(world.sandbox.take_consent(INSURER, NUMBER).await.unwrap());
    let told = state(&world, &manager).await;
    assert_eq!((&told["state"], &told["taken_by"]), (&json!("given"), &json!("municipality")));
}

#[tokio::test]
async fn nothing_is_taken_that_was_not_said() {
    let world = nobody_agreed().await;
    let manager = at(&world, MANAGER).await;
    let token = manager.token(&world, WRITE).await;
    for (member, wrong) in [("explained", json!(false)), ("agreed", json!(false))] {
        let mut body = agreed(1);
        body[member] = wrong;
        manager.post(&world, CONSENT, &token, &body).await.refused(400, "assent_missing");
    }
    for (member, wrong) in [
        ("id", json!("1")),
        ("explained", json!("yes")),
        ("agreed", Value::Null),
        ("more", json!(true)),
    ] {
        let mut body = agreed(1);
        body[member] = wrong;
        manager.post(&world, CONSENT, &token, &body).await.refused(400, "request_malformed");
    }
    let view = manager.token(&world, "consent:read").await;
    manager.post(&world, CONSENT, &view, &agreed(1)).await.refused(403, "scope_missing");
    assert_eq!(state(&world, &manager).await["state"], "none");
}

/// A card counts up to and with the second in which it is 24 hours old.
#[tokio::test]
async fn a_card_of_the_last_day_is_enough_to_the_second() {
    for (seconds, counts) in [(86_399, true), (86_400, true), (86_401, false)] {
        let answer = to_the_second(seconds, taken_at).await;
        if counts {
            assert_eq!(answer.status, 201, "{seconds}: {}", answer.json);
        } else {
            answer.refused(403, "reverify_required");
        }
    }
}

/// Taken with a card of so many seconds ago, and of how many it was.
async fn taken_at(seconds: i64) -> (Answer, i64) {
    let world = nobody_agreed().await;
    let manager = at(&world, MANAGER).await;
    let card = manager.with_card(&world, WRITE).await;
    let verified = verified_at(card.access_token());
    let evidence = card.json["evidence_token"].as_str().unwrap();
    // The token is had in time; it is its use that counts.
    age(&world, verified, 86_000).await;
    let manager = At { device: manager.device.handed_to(&world, MANAGER).await, ..manager };
    let token = manager.token_again(&world, evidence, WRITE).await;
    assert_eq!(token.status, 200, "{}", token.json);
    age(&world, verified, seconds).await;
    let answer = manager.post(&world, CONSENT, token.access_token(), &agreed(1)).await;
    let age = age_at(&answer, verified);
    (answer, age)
}

/// Typed attributes count at the moment of their use, and open no day.
#[tokio::test]
async fn the_paper_certificate_counts_at_once_only() {
    let world = nobody_agreed().await;
    let manager = at(&world, MANAGER).await;
    let token = manager.token_by_paper(&world, WRITE).await;
    let answer = manager.post(&world, CONSENT, &token, &agreed(1)).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    world.sandbox.shift_clock(SignedDuration::from_mins(16));
    let late = manager.post(&world, CONSENT, &token, &agreed(1)).await;
    late.refused(401, "token_expired");
}

#[tokio::test]
async fn a_withdrawal_ends_at_once_what_tokens_open() {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    let nurse = at(&world, STAFF_ID).await;
    let (one, two) = (
        manager.token(&world, "qualification:read").await,
        nurse.token(&world, "qualification:read").await,
    );
    assert_eq!(nurse.get(&world, "/v1/qualification", &two).await.status, 200);
    let list = async || {
        let listed = nurse.post(&world, "/v1/users/search", &nurse.device.staff, &json!({})).await;
        (listed.json["users"].as_array().unwrap().len(), listed.json["hidden"].clone())
    };
    assert_eq!(list().await, (1, json!(0)));
    assert!(world.sandbox.withdraw_consent(INSURER, NUMBER).await.unwrap());
    assert!(!world.sandbox.withdraw_consent(INSURER, NUMBER).await.unwrap());
    assert_eq!(list().await, (0, json!(1)));
    for (at, token) in [(&manager, &one), (&nurse, &two)] {
        at.get(&world, "/v1/qualification", token).await.refused(403, "consent_required");
    }
    let told = state(&world, &manager).await;
    assert_eq!(told["state"], "withdrawn");
    assert!(told["withdrawn_at"].is_string() && told["given_at"].is_string(), "{told}");

    // What was sent before the withdrawal does not undo it; what is said after it does.
    let answer = take(&world, &manager, 1).await;
    assert_eq!((answer.status, &answer.json["state"]), (201, &json!("given")));
    assert!(world.sandbox.withdraw_consent(INSURER, NUMBER).await.unwrap());
    let again = take(&world, &manager, 1).await;
    assert_eq!((again.status, &again.json["state"]), (200, &json!("withdrawn")));
}

#[tokio::test]
async fn where_the_insurer_has_not_begun_there_is_nothing_to_take() {
    let world = World::with_person(|person| {
        person.consent = false;
        person.insurer_connected = false;
    })
    .await;
    let manager = at(&world, MANAGER).await;
    take(&world, &manager, 1).await.refused(409, "insurer_not_connected");
}

/// Who said what when survives a restart, and another start does not give what was withdrawn.
#[tokio::test]
async fn a_withdrawal_outlives_a_restart() {
    let file = TemporaryFile::new("consent");
    let database = Database::File(file.path().to_owned());
    for withdrawn in [false, true] {
        let world = World::with(|config| config.database = database.clone()).await;
        let manager = at(&world, MANAGER).await;
        let told = state(&world, &manager).await;
        assert_eq!(told["state"], if withdrawn { "withdrawn" } else { "given" });
        world.sandbox.withdraw_consent(INSURER, NUMBER).await.unwrap();
        world.sandbox.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_takes_it() {
    let world = Arc::new(nobody_agreed().await);
    let manager = Arc::new(at(&world, MANAGER).await);
    let token = manager.token(&world, WRITE).await;
    let mut sent = JoinSet::new();
    for number in 1..=8 {
        let (world, manager, token) = (world.clone(), manager.clone(), token.clone());
        sent.spawn(async move { manager.post(&world, CONSENT, &token, &agreed(number)).await });
    }
    let answers = sent.join_all().await;
    let given = answers.iter().filter(|answer| answer.status == 201).count();
    let times: HashSet<_> =
        answers.iter().map(|answer| answer.json["given_at"].to_string()).collect();
    assert_eq!((given, times.len()), (1, 1));
}
