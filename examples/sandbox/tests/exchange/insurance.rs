//! Which insurance a visit is for: medical insurance for 訪問看護 only, and what a card has proved for either.

use jiff::SignedDuration;
use kaigotap_sandbox::{FacilityKind, STAFF_ID};
use serde_json::json;

use crate::gates::{At, MANAGER, at};
use crate::pki::leaf;
use crate::support::{Answer, World, assert_with, payload};

const SCOPE: &str = "qualification:read";

/// Exchanges something for a token of one insurance.
async fn exchanged(world: &World, at: &At, kind: &str, token: &str, domain: &str) -> Answer {
    let mut form = world.form(token);
    for (name, value) in &mut form {
        match *name {
            "subject_token_type" => *value = format!("urn:x-kaigo:token-type:{kind}"),
            "actor_token" => at.device.staff.clone_into(value),
            _ => {}
        }
    }
    form.push(("insurance_domain", domain.to_owned()));
    at.device.send_form(world, &form).await
}

/// What the card of the example person signs at a facility.
async fn assertion(world: &World, at: &At) -> String {
    let mut request = world.challenge_request_of("card_pin").await;
    request["facility_id"] = at.facility.into();
    let given = at.device.ask_challenge(world, &request).await;
    let challenge = given.json["challenges"][0]["challenge"].as_str().unwrap();
    assert_with(&leaf(), &at.device.claims(world, challenge))
}

async fn read(world: &World, at: &At, answer: &Answer) -> Answer {
    at.get(world, "/v1/qualification", answer.access_token()).await
}

#[tokio::test]
async fn home_nursing_that_switches_keeps_its_evidence_and_one_registration() {
    let world = World::new().await;
    let nurse = at(&world, STAFF_ID).await;
    let card = assertion(&world, &nurse).await;
    let medical = exchanged(&world, &nurse, "card-assertion", &card, "medical").await;
    assert_eq!(medical.status, 200, "{}", medical.json);
    assert_eq!(medical.json["honnin"]["insurance_domain"], "medical");
    assert_eq!(payload(medical.access_token())["kaigo"]["insurance_domain"], "medical");
    let told = read(&world, &nurse, &medical).await.json;
    assert_eq!(told["medical"]["insurer_number"], "39990010");
    assert_eq!(told["medical"]["burden_percent"], 10);
    assert!(told["medical"]["valid_until"].is_string() && told["periodic"].is_object());

    // To the other insurance and back, without the card, hours later.
    let evidence = medical.json["evidence_token"].as_str().unwrap();
    world.sandbox.shift_clock(SignedDuration::from_hours(7));
    for domain in ["care", "medical", "care"] {
        let again = exchanged(&world, &nurse, "evidence", evidence, domain).await;
        assert_eq!(again.status, 200, "{}", again.json);
        assert_eq!(again.json["honnin"]["insurance_domain"], domain);
        assert_eq!(again.json["honnin"]["verified_at"], medical.json["honnin"]["verified_at"]);
        assert!(again.json.get("registration").is_none());
        let told = read(&world, &nurse, &again).await.json;
        assert_eq!(told.get("medical").is_some(), domain == "medical");
    }
    let listed = nurse.post(&world, "/v1/users/search", &nurse.device.staff, &json!({})).await;
    assert_eq!(listed.json["users"].as_array().unwrap().len(), 1, "{}", listed.json);

    let records = world.sandbox.audit().after(0).await.unwrap();
    let medical = records.iter().filter(|record| record.note.ends_with("medical")).count();
    assert_eq!(medical, 2);
}

/// Another kind of facility is refused before anything is used up: for care insurance the same proof counts.
#[tokio::test]
async fn medical_insurance_is_for_home_nursing_only() {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    for kind in FacilityKind::ALL.into_iter().chain([FacilityKind::Other]) {
        assert!(world.sandbox.change_facility(manager.facility, kind).await.unwrap());
        let card = assertion(&world, &manager).await;
        let medical = exchanged(&world, &manager, "card-assertion", &card, "medical").await;
        if kind == FacilityKind::HomeNursing {
            assert_eq!(medical.status, 200, "{}", medical.json);
        } else {
            medical.refused(403, "facility_kind_not_allowed");
            let for_care = exchanged(&world, &manager, "card-assertion", &card, "care").await;
            assert_eq!(for_care.status, 200, "{kind:?} {}", for_care.json);
        }
    }
    let nurse = at(&world, STAFF_ID).await;
    let card = assertion(&world, &nurse).await;
    for unknown in ["dental", "", "Medical"] {
        let answer = exchanged(&world, &nurse, "card-assertion", &card, unknown).await;
        answer.refused(400, "request_malformed");
    }
}

/// Without a word it is care insurance, and of the other nothing is told; of whom nothing is known there, null is.
#[tokio::test]
async fn a_visit_is_for_care_insurance_unless_it_says_otherwise() {
    let world = World::with_person(|person| person.medical = None).await;
    let nurse = at(&world, STAFF_ID).await;
    let answer = nurse.with_card(&world, SCOPE).await;
    assert_eq!(answer.json["honnin"]["insurance_domain"], "care");
    let told = read(&world, &nurse, &answer).await.json;
    assert!(told.get("medical").is_none());
    assert_eq!(told["storage"], "none");
    let evidence = answer.json["evidence_token"].as_str().unwrap();
    let medical = exchanged(&world, &nurse, "evidence", evidence, "medical").await;
    assert_eq!(read(&world, &nurse, &medical).await.json["medical"], json!(null));
}
