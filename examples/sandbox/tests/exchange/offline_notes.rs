//! What was noted with a visit without coverage: it is carried out once, after the visit, as who made it, by the rules of the
//! hour.

use std::sync::Arc;

use kaigotap_sandbox::STAFF_ID;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::device::Device;
use crate::gates::{INSURER, MANAGER, NUMBER, age, age_at, at, to_the_second, uuid};
use crate::offline::{
    CARD, PAPER, by_card, by_paper, claims, new_id, paper_claims, refused_for_good, send,
};
use crate::support::{Answer, World, payload};
use crate::tickets::{ask, given, request};

const DAY: i64 = 24 * 60 * 60;
const FACILITY: &str = "1370000003";

/// A visit of the care manager's that was made and not sent.
struct Visit {
    device: Device,
    given: i64,
    claimed_at: i64,
    id: String,
    kind: &'static str,
    evidence: String,
}

impl Visit {
    /// With a card, or by the paper certificate, for these purposes.
    async fn made(world: &World, kind: &'static str, purposes: Value) -> Self {
        let device = Device::of(world, MANAGER).await;
        Self::made_at(world, device, kind, purposes).await
    }

    async fn made_at(world: &World, device: Device, kind: &'static str, purposes: Value) -> Self {
        let mut wanted = request(1);
        wanted["facility_id"] = FACILITY.into();
        let ticket = given(&ask(world, &device, &wanted).await).remove(0);
        let mut claims = match kind {
            PAPER => paper_claims(world, &device, &ticket).await,
            _ => claims(world, &device, &ticket).await,
        };
        claims["pur"] = purposes;
        let evidence = match kind {
            PAPER => by_paper(&device, &claims),
            _ => by_card(&claims),
        };
        Self {
            given: payload(&ticket)["iat"].as_i64().unwrap(),
            claimed_at: claims["iat"].as_i64().unwrap(),
            id: claims["jti"].as_str().unwrap().to_owned(),
            device,
            kind,
            evidence,
        }
    }

    async fn with_card(world: &World) -> Self {
        Self::made(world, CARD, json!(["view", "consent", "care_plan_notice"])).await
    }

    async fn sent(self, world: &World) -> Self {
        let answer = send(world, &self.device, self.kind, &self.evidence).await;
        assert_eq!(answer.json["result"], "confirmed", "{}", answer.json);
        self
    }

    /// What a note says, of something that was noted a minute after the visit.
    fn note(&self, world: &World, kind: &str, body: &Value) -> Value {
        json!({
            "aud": world.sandbox.issuer(), "jti": new_id(), "iat": self.claimed_at,
            "cnf": { "jkt": self.device.jkt }, "fac": FACILITY, "act": MANAGER, "visit": self.id,
            "seq": 1, "kind": kind, "body": body,
        })
    }

    fn signed(&self, note: &Value) -> String {
        self.device.sign("kaigo-offline-note+jwt", note)
    }

    async fn noted(&self, world: &World, note: &Value) -> Answer {
        send_note(world, &self.device, &self.signed(note)).await
    }
}

async fn send_note(world: &World, device: &Device, note: &str) -> Answer {
    let content = ("application/json", json!({ "vsn": 1, "note": note }).to_string());
    device.call(world, ("POST", "/v1/offline/notes"), Some(&device.staff), content).await
}

fn consent(number: u32) -> Value {
    json!({ "id": uuid(number), "explained": true, "agreed": true })
}

fn notice(number: u32) -> Value {
    json!({ "id": uuid(number), "kind": "care_plan", "start_on": "2026-12-01", "assent": true })
}

#[track_caller]
fn done(answer: &Answer) {
    let said = (answer.status, &answer.json["result"]);
    assert_eq!(said, (200, &json!("done")), "{}", answer.json);
}

async fn nobody_agreed() -> World {
    World::with_person(|person| person.consent = false).await
}

/// Where the consent stands, as the platform tells a facility with coverage.
async fn state(world: &World) -> Value {
    let manager = at(world, MANAGER).await;
    let token = manager.token(world, "consent:read").await;
    manager.get(world, "/v1/consent", &token).await.json["state"].clone()
}

#[tokio::test]
async fn a_consent_and_a_notice_follow_their_visit() {
    let world = nobody_agreed().await;
    let visit = Visit::with_card(&world).await.sent(&world).await;
    let note = visit.note(&world, "consent", &consent(801));
    let first = visit.signed(&note);
    let answer = send_note(&world, &visit.device, &first).await;
    done(&answer);
    assert_eq!((&answer.json["again"], &answer.json["id"]), (&json!(false), &note["jti"]));
    assert_eq!(answer.json["journal"]["next"], 2);
    assert_eq!(state(&world).await, "given");
    let mut second = visit.note(&world, "notice", &notice(802));
    second["seq"] = 2.into();
    let second = visit.signed(&second);
    let answer = send_note(&world, &visit.device, &second).await;
    done(&answer);
    assert_eq!(answer.json["journal"]["next"], 3);
    let inbox = world.sandbox.inbox(INSURER).await.unwrap();
    assert_eq!((inbox.len(), &*inbox[0].id, &*inbox[0].insured_number), (1, &*uuid(802), NUMBER));

    // The same bytes get the same answer, and nothing more comes of them.
    for note in [&first, &second] {
        let again = send_note(&world, &visit.device, note).await;
        done(&again);
        assert_eq!(again.json["again"], true);
    }
    assert_eq!(world.sandbox.inbox(INSURER).await.unwrap().len(), 1);

    let records = world.sandbox.audit().after(0).await.unwrap();
    let of = |what: &str, note: &str| {
        records.iter().filter(|record| record.what == what && record.note == note).count()
    };
    assert_eq!((of("consent", "offline"), of("filing", "offline")), (1, 1));
    assert_eq!((of("offline_sent", "consent"), of("offline_sent", "notice")), (1, 1));
}

#[tokio::test]
async fn another_sends_it_and_who_made_it_has_done_it() {
    let world = nobody_agreed().await;
    let colleague = kaigotap_sandbox::NewStaff {
        id: "manager-22".to_owned(),
        facility_id: FACILITY.to_owned(),
        name: "支援 楢".to_owned(),
        keeps_devices: false,
        password: "sandbox-manager-22".to_owned(),
    };
    world.sandbox.hire(colleague).await.unwrap();
    let visit = Visit::with_card(&world).await;
    let note = visit.signed(&visit.note(&world, "consent", &consent(803)));
    let Visit { device, evidence, .. } = visit;
    let device = device.handed_to(&world, "manager-22").await;
    let answer = send(&world, &device, CARD, &evidence).await;
    assert_eq!(answer.json["result"], "confirmed", "{}", answer.json);
    done(&send_note(&world, &device, &note).await);
    let records = world.sandbox.audit().after(0).await.unwrap();
    let staff = |what: &str| &records.iter().find(|record| record.what == what).unwrap().staff;
    assert_eq!(staff("consent"), staff("ticket"));
    assert_ne!(staff("consent"), staff("offline_sent"));
}

#[tokio::test]
async fn before_its_visit_a_note_waits() {
    let world = nobody_agreed().await;
    let visit = Visit::with_card(&world).await;
    let note = visit.note(&world, "consent", &consent(804));
    visit.noted(&world, &note).await.refused(409, "offline_visit_missing");
    let visit = visit.sent(&world).await;
    let answer = visit.noted(&world, &note).await;
    done(&answer);
    assert_eq!(answer.json["again"], false);
}

#[tokio::test]
async fn a_note_of_a_visit_that_was_refused_is_refused_with_it() {
    let world = nobody_agreed().await;
    let visit = Visit::with_card(&world).await;
    let mut other = payload(&visit.evidence);
    other["nonce"] = "AAAA".into();
    let answer = send(&world, &visit.device, CARD, &by_card(&other)).await;
    refused_for_good(&answer, "binding_mismatch");
    let note = visit.signed(&visit.note(&world, "consent", &consent(805)));
    let first = send_note(&world, &visit.device, &note).await;
    refused_for_good(&first, "offline_visit_missing");
    let again = send_note(&world, &visit.device, &note).await;
    refused_for_good(&again, "offline_visit_missing");
    assert_eq!(again.json["again"], true);
    assert_eq!(state(&world).await, "none");
}

#[tokio::test]
async fn every_claim_of_a_note_is_bound() {
    let world = nobody_agreed().await;
    let visit = Visit::with_card(&world).await.sent(&world).await;
    let good = visit.note(&world, "consent", &consent(806));
    let changed = |name: &str, value: Value| {
        let mut note = good.clone();
        note["jti"] = new_id().into();
        note[name] = value;
        note
    };
    for (field, value) in [
        ("aud", json!("https://elsewhere.example")),
        ("fac", json!("1370000001")),
        ("act", json!(STAFF_ID)),
        ("iat", json!(visit.claimed_at - 61)),
        ("iat", json!(i64::MAX)),
    ] {
        let answer = visit.noted(&world, &changed(field, value)).await;
        refused_for_good(&answer, "binding_mismatch");
        assert_eq!(answer.json["field"], field);
    }
    for (name, value) in [
        ("jti", json!("x")),
        ("visit", json!("x")),
        ("seq", json!(-1)),
        ("kind", json!("opinion")),
        ("more", json!(1)),
    ] {
        let mut note = good.clone();
        note[name] = value;
        visit.noted(&world, &note).await.refused(400, "assertion_malformed");
    }
    let elsewhere = changed("cnf", json!({ "jkt": "AAAA" }));
    visit.noted(&world, &elsewhere).await.refused(400, "replayed");
    // By another key, or naming one.
    let stranger = Device::of(&world, MANAGER).await;
    for (signer, kid, code) in [
        (&stranger, &visit.device.jkt, "signature_invalid"),
        (&visit.device, &stranger.jkt, "binding_mismatch"),
    ] {
        let header = json!({ "alg": "ES256", "typ": "kaigo-offline-note+jwt", "kid": kid });
        let note = signer.sign_with(&header, &changed("seq", json!(9)));
        refused_for_good(&send_note(&world, &visit.device, &note).await, code);
    }
    // What another device noted, it sends.
    let own = visit.signed(&good);
    send_note(&world, &stranger, &own).await.refused(400, "replayed");
    assert_eq!(state(&world).await, "none");
    done(&send_note(&world, &visit.device, &own).await);
    send_note(&world, &stranger, &own).await.refused(400, "replayed");
}

#[tokio::test]
async fn under_a_name_that_was_used_nothing_else_is_done() {
    let world = World::new().await;
    let visit = Visit::with_card(&world).await.sent(&world).await;
    let mut note = visit.note(&world, "notice", &notice(818));
    done(&visit.noted(&world, &note).await);
    note["body"] = notice(819);
    note["body"]["start_on"] = "2027-01-01".into();
    visit.noted(&world, &note).await.refused(400, "replayed");
    // Nor under that of the visit.
    note["jti"] = visit.id.clone().into();
    visit.noted(&world, &note).await.refused(400, "replayed");
    assert_eq!(world.sandbox.inbox(INSURER).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_it_holds_is_judged_as_with_coverage() {
    let world = nobody_agreed().await;
    let visit = Visit::with_card(&world).await.sent(&world).await;
    for (kind, body, code) in [
        ("consent", json!({ "id": uuid(1) }), "request_malformed"),
        ("consent", notice(807), "request_malformed"),
        (
            "consent",
            json!({ "id": uuid(808), "explained": true, "agreed": false }),
            "assent_missing",
        ),
        (
            "notice",
            json!({ "id": uuid(809), "kind": "preventive_care_plan", "start_on": "2026-12-01", "assent": false }),
            "assent_missing",
        ),
        ("notice", json!("x"), "request_malformed"),
    ] {
        let note = visit.note(&world, kind, &body);
        refused_for_good(&visit.noted(&world, &note).await, code);
    }
    // For what nobody asked before the card: the visit does not open it.
    let visit = Visit::made(&world, CARD, json!(["view"])).await.sent(&world).await;
    for (kind, body) in [("consent", consent(810)), ("notice", notice(811))] {
        let answer = visit.noted(&world, &visit.note(&world, kind, &body)).await;
        refused_for_good(&answer, "binding_mismatch");
        assert_eq!(answer.json["field"], "scope");
    }
    assert_eq!(state(&world).await, "none");
    assert!(world.sandbox.inbox(INSURER).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_day_is_counted_from_the_ticket_to_the_second() {
    for (kind, seconds, taken) in [
        ("consent", DAY, true),
        ("consent", DAY + 1, false),
        ("notice", DAY, true),
        ("notice", DAY + 1, false),
    ] {
        let answer = to_the_second(seconds, async |seconds| {
            let world = nobody_agreed().await;
            let visit = Visit::with_card(&world).await.sent(&world).await;
            let body = if kind == "consent" { consent(812) } else { notice(813) };
            let note = visit.signed(&visit.note(&world, kind, &body));
            age(&world, visit.given, seconds - 2).await;
            let device = visit.device.handed_to(&world, MANAGER).await;
            age(&world, visit.given, seconds).await;
            let answer = send_note(&world, &device, &note).await;
            let age = age_at(&answer, visit.given);
            (answer, age)
        })
        .await;
        if taken {
            done(&answer);
        } else {
            refused_for_good(&answer, "reverify_required");
        }
    }
}

#[tokio::test]
async fn paper_counts_for_a_consent_of_that_moment_and_for_no_notice() {
    let purposes = json!(["view", "consent", "care_plan_notice"]);
    for (after, taken) in [(0, true), (900, true), (901, false)] {
        let world = nobody_agreed().await;
        let mut visit = Visit::made(&world, PAPER, purposes.clone()).await.sent(&world).await;
        visit.device = visit.device.handed_to(&world, MANAGER).await;
        world.sandbox.shift_clock(jiff::SignedDuration::from_mins(20));
        let mut note = visit.note(&world, "consent", &consent(814));
        note["iat"] = (visit.claimed_at + after).into();
        let answer = visit.noted(&world, &note).await;
        if taken {
            done(&answer);
        } else {
            refused_for_good(&answer, "reverify_required");
        }
        let answer = visit.noted(&world, &visit.note(&world, "notice", &notice(815))).await;
        refused_for_good(&answer, "evidence_too_weak");
    }
}

#[tokio::test]
async fn after_the_end_of_the_contract_nothing_is_taken() {
    let world = World::new().await;
    let purposes = json!(["view", "register", "care_plan_notice"]);
    let visit = Visit::made(&world, CARD, purposes).await.sent(&world).await;
    let content = ("application/json", "{}".to_owned());
    let way = ("POST", "/v1/users/search");
    let list = visit.device.call(&world, way, Some(&visit.device.staff), content).await;
    let subject = list.json["users"][0]["subject"].as_str().unwrap();
    assert!(world.sandbox.end_registration(FACILITY, subject).await.unwrap());
    let answer = visit.noted(&world, &visit.note(&world, "notice", &notice(816))).await;
    refused_for_good(&answer, "reverify_required");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_are_one_notice() {
    let world = Arc::new(World::new().await);
    let visit = Visit::with_card(&world).await.sent(&world).await;
    let note = visit.signed(&visit.note(&world, "notice", &notice(817)));
    let device = Arc::new(visit.device);
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (world, device, note) = (world.clone(), device.clone(), note.clone());
        tasks.spawn(async move { send_note(&world, &device, &note).await });
    }
    let answers = tasks.join_all().await;
    answers.iter().for_each(done);
    assert_eq!(answers.iter().filter(|answer| answer.json["again"] == false).count(), 1);
    assert_eq!(world.sandbox.inbox(INSURER).await.unwrap().len(), 1);
    let records = world.sandbox.audit().after(0).await.unwrap();
    let filed = records.iter().filter(|record| record.what == "filing");
    assert_eq!(filed.filter(|record| record.outcome == "ok").count(), 1);
}
