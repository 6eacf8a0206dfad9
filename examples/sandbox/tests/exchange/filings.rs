//! Notices that a plan will be made (居宅サービス計画作成依頼届出): who files one, on which evidence, how it arrives, and that it
//! arrives once.

use kaigotap_sandbox::{FacilityKind, FilingStatus, STAFF_ID};
use serde_json::{Value, json};

use crate::gates::{At, INSURER, MANAGER, age, age_at, at, to_the_second, uuid, verified_at};
use crate::support::{Answer, World};

const FILINGS: &str = "/v1/filings";
const SUBMIT: &str = "care_plan_notice:submit";

fn notice(number: u32) -> Value {
    json!({ "id": uuid(number), "kind": "care_plan", "start_on": "2026-12-01", "assent": true, "replaces": null })
}

fn with(number: u32, member: &str, value: Value) -> Value {
    let mut notice = notice(number);
    notice[member] = value;
    notice
}

async fn file(world: &World, at: &At, notice: &Value) -> Answer {
    let token = at.token(world, SUBMIT).await;
    at.post(world, FILINGS, &token, notice).await
}

async fn list(world: &World, at: &At, search: &Value) -> Answer {
    at.post(world, "/v1/filings/search", &at.device.staff, search).await
}

#[tokio::test]
async fn a_notice_arrives_in_the_insurers_inbox_and_comes_back_judged() {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    let filed = file(&world, &manager, &notice(1)).await;
    assert_eq!((filed.status, &filed.json["status"]), (201, &json!("received")), "{}", filed.json);
    let inbox = world.sandbox.inbox(INSURER).await.unwrap();
    assert_eq!(
        (inbox.len(), &*inbox[0].id, &*inbox[0].insured_number),
        (1, &*uuid(1), "0001234567")
    );
    assert!(!format!("{inbox:?}").contains("0001234567"));
    assert!(world.sandbox.inbox("990011").await.unwrap().is_empty());

    let told = list(&world, &manager, &json!({})).await;
    assert_eq!((told.status, &told.json["next"]), (200, &Value::Null), "{}", told.json);
    let mut same = filed.json.clone();
    same.as_object_mut().unwrap().remove("server_time");
    assert_eq!(told.json["filings"], json!([same]));
    // Nobody else's.
    let other = at(&world, "manager-51").await;
    assert_eq!(list(&world, &other, &json!({})).await.json["filings"], json!([]));

    assert!(world.sandbox.judge_filing(&uuid(1), FilingStatus::InReview, None).await.unwrap());
    assert!(!world.sandbox.judge_filing(&uuid(2), FilingStatus::InReview, None).await.unwrap());
    let told = list(&world, &manager, &json!({ "limit": 1 })).await;
    assert_eq!(told.json["filings"][0]["status"], "in_review");
    assert!(world.sandbox.judge_filing(&uuid(1), FilingStatus::Accepted, None).await.unwrap());
    let token = manager.token(&world, "qualification:read").await;
    let person = manager.get(&world, "/v1/qualification", &token).await;
    let planner = &person.json["care_manager"];
    assert_eq!(planner["facility_id"], manager.facility, "{}", person.json);
    assert_eq!(
        (&planner["name"], &planner["since"]),
        (&json!("架空居宅介護支援事業所"), &json!("2026-12-01"))
    );
}

#[tokio::test]
async fn sent_again_it_is_the_same_and_with_other_content_it_is_refused() {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    let first = file(&world, &manager, &notice(1)).await;
    let again = file(&world, &manager, &notice(1)).await;
    assert_eq!((again.status, &again.json["received_at"]), (200, &first.json["received_at"]));
    // Not said is said to be none.
    let mut unsaid = notice(1);
    unsaid.as_object_mut().unwrap().remove("replaces");
    assert_eq!(file(&world, &manager, &unsaid).await.status, 200);
    for other in [
        with(1, "start_on", json!("2026-12-02")),
        with(1, "kind", json!("preventive_care_plan")),
        with(1, "replaces", json!(uuid(1))),
    ] {
        file(&world, &manager, &other).await.refused(409, "filing_conflict");
    }
    // Another of the same kind for the same day; on another day it is another.
    file(&world, &manager, &notice(2)).await.refused(409, "filing_conflict");
    assert_eq!(file(&world, &manager, &with(2, "start_on", json!("2027-01-01"))).await.status, 201);
    assert_eq!(world.sandbox.inbox(INSURER).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_correction_takes_the_place_of_what_it_corrects() {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    assert_eq!(file(&world, &manager, &notice(1)).await.status, 201);
    file(&world, &manager, &with(2, "replaces", json!(uuid(9))))
        .await
        .refused(409, "filing_conflict");
    let second = file(&world, &manager, &with(2, "replaces", json!(uuid(1)))).await;
    assert_eq!(
        (second.status, &second.json["replaces"]),
        (201, &json!(uuid(1))),
        "{}",
        second.json
    );
    let told = list(&world, &manager, &json!({})).await;
    let states: Vec<_> =
        told.json["filings"].as_array().unwrap().iter().map(|filing| &filing["status"]).collect();
    assert_eq!(states, ["received", "replaced"]);
    // What was replaced is neither judged nor replaced once more.
    assert!(!world.sandbox.judge_filing(&uuid(1), FilingStatus::Accepted, None).await.unwrap());
    file(&world, &manager, &with(3, "replaces", json!(uuid(1))))
        .await
        .refused(409, "filing_conflict");
    // What was returned makes room.
    let why = "開始日を確認してください";
    assert!(world.sandbox.judge_filing(&uuid(2), FilingStatus::Returned, Some(why)).await.unwrap());
    let told = list(&world, &manager, &json!({})).await;
    assert_eq!(told.json["filings"][0]["reason"], why);
    assert_eq!(file(&world, &manager, &notice(4)).await.status, 201);
    // Page by page.
    let mut seen = Vec::new();
    let mut search = json!({ "limit": 2 });
    loop {
        let page = list(&world, &manager, &search).await;
        let filings = page.json["filings"].as_array().unwrap();
        seen.extend(filings.iter().map(|filing| filing["id"].as_str().unwrap().to_owned()));
        if page.json["next"].is_null() {
            break;
        }
        search["after"] = page.json["next"].clone();
    }
    assert_eq!(seen, [uuid(4), uuid(2), uuid(1)]);
    list(&world, &manager, &json!({ "after": "AAAA" })).await.refused(400, "request_malformed");
    list(&world, &manager, &json!({ "limit": 0 })).await.refused(400, "request_malformed");
}

#[tokio::test]
async fn each_kind_of_facility_files_what_is_its_own() {
    let world = World::new().await;
    let nurse = at(&world, STAFF_ID).await;
    let mut number = 0;
    for kind in FacilityKind::ALL.into_iter().chain([FacilityKind::Other]) {
        assert!(world.sandbox.change_facility(nurse.facility, kind).await.unwrap());
        let manages = kind == FacilityKind::CareManagement;
        let prevents = manages || kind == FacilityKind::PreventiveSupport;
        for (filing, may) in [("care_plan", manages), ("preventive_care_plan", prevents)] {
            number += 1;
            let mut notice = with(number, "kind", json!(filing));
            notice["start_on"] = format!("2026-12-{number:02}").into();
            let answer = file(&world, &nurse, &notice).await;
            if may {
                assert_eq!(answer.status, 201, "{kind:?} {filing}: {}", answer.json);
            } else {
                answer.refused(403, "facility_kind_not_allowed");
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_filed_without_the_persons_assent_or_in_another_form() {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    let refused = async |notice: &Value| file(&world, &manager, notice).await;
    refused(&with(1, "assent", json!(false))).await.refused(400, "assent_missing");
    for (member, wrong) in [
        ("id", json!("1")),
        ("kind", json!("facility_plan")),
        ("start_on", json!("2026-13-01")),
        ("replaces", json!("1")),
        ("more", json!(1)),
    ] {
        refused(&with(1, member, wrong)).await.refused(400, "request_malformed");
    }
    assert!(world.sandbox.inbox(INSURER).await.unwrap().is_empty());
}

/// A confirmation for looking at information counts for the notice, up to and with the second in which it is a day old.
#[tokio::test]
async fn a_confirmation_of_the_last_day_is_enough_to_the_second() {
    for (seconds, counts) in [(86_399, true), (86_400, true), (86_401, false)] {
        let answer = to_the_second(seconds, filed_at).await;
        if counts {
            assert_eq!(answer.status, 201, "{seconds}: {}", answer.json);
        } else {
            answer.refused(403, "reverify_required");
        }
    }
}

/// Filed with a card of so many seconds ago, and of how many it was.
async fn filed_at(seconds: i64) -> (Answer, i64) {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    let card = manager.with_card(&world, "qualification:read").await;
    let verified = verified_at(card.access_token());
    let evidence = card.json["evidence_token"].as_str().unwrap();
    age(&world, verified, 86_000).await;
    let manager = At { device: manager.device.handed_to(&world, MANAGER).await, ..manager };
    let token = manager.token_again(&world, evidence, SUBMIT).await;
    assert_eq!(token.status, 200, "{}", token.json);
    age(&world, verified, seconds).await;
    let answer = manager.post(&world, FILINGS, token.access_token(), &notice(1)).await;
    let age = age_at(&answer, verified);
    (answer, age)
}

/// A token cannot be had any more for a card of more than a day ago.
#[tokio::test]
async fn an_evidence_token_ends_after_its_last_second() {
    for (seconds, counts) in [(86_400, true), (86_401, false)] {
        let answer = to_the_second(seconds, again_at).await;
        if counts {
            assert_eq!(answer.status, 200, "{}", answer.json);
        } else {
            answer.refused(403, "reverify_required");
        }
    }
}

/// Exchanged once more with a card of so many seconds ago, and of how many it was.
async fn again_at(seconds: i64) -> (Answer, i64) {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    let card = manager.with_card(&world, SUBMIT).await;
    let verified = verified_at(card.access_token());
    let evidence = card.json["evidence_token"].as_str().unwrap();
    age(&world, verified, 86_000).await;
    let manager = At { device: manager.device.handed_to(&world, MANAGER).await, ..manager };
    age(&world, verified, seconds).await;
    let answer = manager.token_again(&world, evidence, SUBMIT).await;
    let age = age_at(&answer, verified);
    (answer, age)
}

/// Typed attributes are too weak for a notice, whatever their age.
#[tokio::test]
async fn paper_is_not_enough_for_a_notice() {
    let world = World::new().await;
    let manager = at(&world, MANAGER).await;
    let mut claims = crate::other_evidence::statement(&world, &manager.device).await;
    (claims["fac"], claims["act"]) = (manager.facility.into(), MANAGER.into());
    let jws = manager.device.sign("kaigo-four-attributes+jwt", &claims);
    let answer = manager.device.exchange(&world, "four-attributes", &jws, SUBMIT).await;
    answer.refused(403, "evidence_too_weak");
}
