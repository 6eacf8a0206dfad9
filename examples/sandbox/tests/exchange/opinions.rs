//! Physicians' opinions (主治医意見書): asked for by an insurer, written at a facility, and read by whoever may.

use kaigotap_sandbox::{Database, FacilityKind, PhysicianConsent};
use serde_json::{Value, json};

use crate::gates::{At, INSURER, MANAGER, NUMBER, at, uuid};
use crate::support::{Answer, World};

const OPINIONS: &str = "/v1/opinions";
/// 架空介護老人保健施設
const WRITES: &str = "1370000004";
const READS: &str = "certification:read doctor_opinion:read";

fn written(id: &str) -> Value {
    json!({ "id": id, "written_on": "2026-04-02", "text": "心身の状態は安定。", "physician_consent": "yes" })
}

fn with(id: &str, member: &str, value: Value) -> Value {
    let mut written = written(id);
    written[member] = value;
    written
}

/// A platform on which nothing is known of the person beside the entitlement.
async fn unwritten(database: Database) -> World {
    let change = |config: &mut kaigotap_sandbox::Config| {
        config.people[0].information.clear();
        if database != Database::Memory {
            config.database = database;
        }
    };
    World::with(change).await
}

async fn asked(world: &World) -> String {
    world.sandbox.request_opinion(INSURER, NUMBER, WRITES).await.unwrap().unwrap()
}

async fn submit(world: &World, at: &At, written: &Value) -> Answer {
    at.post(world, OPINIONS, &at.device.staff, written).await
}

async fn list(world: &World, at: &At, search: &Value) -> Answer {
    at.post(world, "/v1/opinions/search", &at.device.staff, search).await
}

/// The latest certification, and the opinions, as a care manager sees them.
async fn seen(world: &World) -> (Value, Answer) {
    let manager = at(world, MANAGER).await;
    let token = manager.token(world, READS).await;
    let told = manager.get(world, "/v1/information/certification", &token).await;
    let opinion = manager.get(world, "/v1/information/doctor-opinion", &token).await;
    (told.json["records"][0].clone(), opinion)
}

#[tokio::test]
async fn an_opinion_is_asked_for_written_and_read() {
    let world = unwritten(Database::Memory).await;
    let nurse = at(&world, "nurse-31").await;
    assert_eq!(list(&world, &nurse, &json!({})).await.json["opinions"], json!([]));
    let id = asked(&world).await;
    let told = list(&world, &nurse, &json!({})).await;
    let request = &told.json["opinions"][0];
    assert_eq!(
        (&request["id"], &request["insured_number"], &request["status"]),
        (&json!(id), &json!(NUMBER), &json!("requested")),
        "{}",
        told.json
    );
    assert!(request["name_kana"].is_string() && request["birth_date"].is_string(), "{request}");
    let (certification, opinion) = seen(&world).await;
    assert_eq!(certification["progress"], "applied", "{certification}");
    assert_eq!((opinion.status, &opinion.json["records"]), (200, &json!([])));

    let sent = submit(&world, &nurse, &written(&id)).await;
    assert_eq!((sent.status, &sent.json["status"]), (201, &json!("received")), "{}", sent.json);
    let inbox = world.sandbox.opinions(INSURER).await.unwrap();
    let arrived = inbox[0].written.as_ref().unwrap();
    assert_eq!((inbox.len(), &*arrived.text), (1, "心身の状態は安定。"));
    assert_eq!(arrived.physician, PhysicianConsent::Yes);
    assert!(!format!("{inbox:?}").contains("安定") && !format!("{inbox:?}").contains(NUMBER));
    assert!(world.sandbox.opinions("990011").await.unwrap().is_empty());

    let (certification, opinion) = seen(&world).await;
    assert_eq!(certification["progress"], "opinion_received");
    let record = &opinion.json["records"][0];
    assert_eq!(record["text"], "心身の状態は安定。", "{}", opinion.json);
    assert_eq!(record["physician_facility"], WRITES);
    // Whoever wrote it sees it, and those who only give care do not.
    let token = nurse.token(&world, READS).await;
    let own = nurse.get(&world, "/v1/information/doctor-opinion", &token).await;
    assert_eq!(own.status, 200, "{}", own.json);
    let helper = at(&world, "helper-41").await;
    let token = helper.token(&world, READS).await;
    let other = helper.get(&world, "/v1/information/doctor-opinion", &token).await;
    other.refused(403, "not_shared");
    assert!(!crate::support::log().contains("心身の状態は安定。"));
}

#[tokio::test]
async fn without_the_physicians_word_an_opinion_reaches_the_insurer_only() {
    for said in ["no", "unknown"] {
        let world = unwritten(Database::Memory).await;
        let nurse = at(&world, "nurse-31").await;
        let id = asked(&world).await;
        let sent = submit(&world, &nurse, &with(&id, "physician_consent", json!(said))).await;
        assert_eq!(sent.status, 201, "{}", sent.json);
        let inbox = world.sandbox.opinions(INSURER).await.unwrap();
        assert_eq!(inbox[0].written.as_ref().unwrap().physician.code(), said);
        let (certification, opinion) = seen(&world).await;
        assert_eq!(certification["progress"], "opinion_received");
        opinion.refused(403, "physician_consent_required");
    }
}

#[tokio::test]
async fn an_opinion_that_is_sent_again_is_the_same_and_another_is_refused() {
    let world = unwritten(Database::Memory).await;
    let nurse = at(&world, "nurse-31").await;
    let id = asked(&world).await;
    let first = submit(&world, &nurse, &written(&id)).await;
    let again = submit(&world, &nurse, &written(&id)).await;
    assert_eq!((again.status, &again.json["received_at"]), (200, &first.json["received_at"]));
    for other in [
        with(&id, "text", json!("別の意見")),
        with(&id, "written_on", json!("2026-04-03")),
        with(&id, "physician_consent", json!("no")),
        written(&uuid(9)),
    ] {
        submit(&world, &nurse, &other).await.refused(409, "filing_conflict");
    }
    let (_, opinion) = seen(&world).await;
    assert_eq!(opinion.json["records"].as_array().unwrap().len(), 1);
    for (member, wrong) in [
        ("id", json!("1")),
        ("text", json!("　")),
        ("text", json!("あ".repeat(6_000))),
        ("written_on", json!("2999-01-01")),
        ("physician_consent", json!("perhaps")),
        ("more", json!(1)),
    ] {
        submit(&world, &nurse, &with(&id, member, wrong)).await.refused(400, "request_malformed");
    }
}

#[tokio::test]
async fn a_facility_without_a_physician_is_asked_for_none_and_sends_none() {
    let world = unwritten(Database::Memory).await;
    let nurse = at(&world, "nurse-31").await;
    let id = asked(&world).await;
    for kind in FacilityKind::ALL.into_iter().chain([FacilityKind::Other]) {
        assert!(world.sandbox.change_facility(WRITES, kind).await.unwrap());
        let writes = matches!(kind, FacilityKind::HealthFacility | FacilityKind::MedicalFacility);
        let asked = world.sandbox.request_opinion(INSURER, NUMBER, WRITES).await.unwrap();
        assert_eq!(asked.is_some(), writes, "{kind:?}");
        let (listed, sent) =
            (list(&world, &nurse, &json!({})).await, submit(&world, &nurse, &written(&id)).await);
        if writes {
            assert_eq!((listed.status, sent.status / 100), (200, 2), "{kind:?} {}", sent.json);
        } else {
            listed.refused(403, "facility_kind_not_allowed");
            sent.refused(403, "facility_kind_not_allowed");
        }
    }
    for (insurer, number, facility) in
        [("990011", NUMBER, WRITES), (INSURER, "9999999999", WRITES), (INSURER, NUMBER, "1")]
    {
        assert!(
            world.sandbox.request_opinion(insurer, number, facility).await.unwrap().is_none(),
            "{insurer} {number} {facility}"
        );
    }
}

#[tokio::test]
async fn what_was_asked_of_one_facility_is_nothing_of_anothers() {
    let world = unwritten(Database::Memory).await;
    let id = asked(&world).await;
    let nurse = at(&world, "nurse-11").await;
    assert!(
        world.sandbox.change_facility("1370000002", FacilityKind::MedicalFacility).await.unwrap()
    );
    assert_eq!(list(&world, &nurse, &json!({})).await.json["opinions"], json!([]));
    submit(&world, &nurse, &written(&id)).await.refused(409, "filing_conflict");
    // Page by page, with a cursor of one's own.
    let own = at(&world, "nurse-31").await;
    let second = asked(&world).await;
    let page = list(&world, &own, &json!({ "limit": 1 })).await;
    assert_eq!(page.json["opinions"][0]["id"], second);
    let next = json!({ "limit": 1, "after": page.json["next"] });
    let last = list(&world, &own, &next).await;
    assert_eq!((&last.json["opinions"][0]["id"], &last.json["next"]), (&json!(id), &Value::Null));
    list(&world, &nurse, &next).await.refused(400, "request_malformed");
}

#[tokio::test]
async fn an_opinion_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let database = match crate::postgres::database().await {
        Database::Memory => Database::File(folder.path().join("platform")),
        server => server,
    };
    let world = unwritten(database.clone()).await;
    let nurse = at(&world, "nurse-31").await;
    let id = asked(&world).await;
    assert_eq!(submit(&world, &nurse, &written(&id)).await.status, 201);
    world.sandbox.stop().await;
    let world = unwritten(database).await;
    let (certification, opinion) = seen(&world).await;
    assert_eq!(certification["progress"], "opinion_received");
    assert_eq!(opinion.json["records"].as_array().unwrap().len(), 1);
}
