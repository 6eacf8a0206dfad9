//! Visits without coverage: what a ticket is good for, once, and what is refused of it for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::SignedDuration;
use kaigotap_sandbox::{
    Broken, Call, CertificatePurpose, Database, Fault, Revocation, RevocationReason, STAFF_ID,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::device::Device;
use crate::gates::uuid;
use crate::other_evidence::EVERYTHING;
use crate::pki::{SERIAL, leaf, pki};
use crate::support::{Answer, UUID, World, base64url, digest, header, jws, payload};
use crate::tap::{face, known};
use crate::tickets::{give_back, ticket};

pub(crate) const CARD: &str = "offline-card-assertion";
pub(crate) const PAPER: &str = "offline-four-attributes";
const TAP: &str = "offline-tap-evidence";

/// A name that nothing had before.
pub(crate) fn new_id() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    uuid(COUNT.fetch_add(1, Ordering::Relaxed))
}

/// What evidence says that answers a ticket: made now, as the first entry of a journal.
pub(crate) async fn claims(world: &World, device: &Device, ticket: &str) -> Value {
    let said = payload(ticket);
    let now = world.server_time().await.as_second();
    json!({
        "aud": world.sandbox.issuer(), "nonce": said["nonce"], "jti": new_id(), "iat": now,
        "exp": said["exp"], "chl": digest(ticket), "fac": said["facility_id"], "pur": EVERYTHING,
        "act": said["act_sub"], "vsl": { "r": "match", "b": "printed_photo" }, "sdk": "0.1.0/test",
        "cnf": { "jkt": device.jkt }, "vis": UUID, "off": { "seq": 0, "checked_at": now - 10 }
    })
}

/// Signed by a card.
pub(crate) fn by_card(claims: &Value) -> String {
    let mut header = header(&leaf());
    header["typ"] = "kaigo-offline-assertion+jwt".into();
    jws(&header.to_string(), &claims.to_string(), &pki().holder)
}

/// The same of the example person's paper certificate.
pub(crate) async fn paper_claims(world: &World, device: &Device, ticket: &str) -> Value {
    let mut claims = claims(world, device, ticket).await;
    claims.as_object_mut().unwrap().remove("sdk");
    claims["vsl"]["b"] = "certificate".into();
    for (name, value) in [
        ("ins", "990010"),
        ("num", "0001234567"),
        ("kana", "カイゴハナコ"),
        ("dob", "1941-05-03"),
        ("sex", "female"),
    ] {
        claims[name] = value.into();
    }
    claims
}

pub(crate) fn by_paper(device: &Device, claims: &Value) -> String {
    device.sign("kaigo-offline-four-attributes+jwt", claims)
}

/// Sends evidence, by whoever is signed in at the device.
pub(crate) async fn send(world: &World, device: &Device, kind: &str, evidence: &str) -> Answer {
    let body = json!({
        "vsn": 1, "evidence": evidence, "insurance_domain": "care",
        "evidence_type": format!("urn:x-kaigo:token-type:{kind}"),
    });
    let content = ("application/json", body.to_string());
    device.call(world, ("POST", "/v1/offline/visits"), Some(&device.staff), content).await
}

/// Refused for good, with the ticket used up.
#[track_caller]
pub(crate) fn refused_for_good(answer: &Answer, code: &str) {
    let said = (answer.status, &answer.json["result"], &answer.json["code"]);
    assert_eq!(said, (200, &json!("refused"), &json!(code)), "{}", answer.json);
    assert!(answer.json["honnin"].is_null() && answer.json["evidence_token"].is_null());
}

#[track_caller]
fn confirmed(answer: &Answer) {
    let said = (answer.status, &answer.json["result"]);
    assert_eq!(said, (200, &json!("confirmed")), "{}", answer.json);
}

/// An answer without what each sending has of its own.
fn kept(answer: &Answer) -> Value {
    let mut kept = answer.json.clone();
    for own in ["again", "server_time", "evidence_token", "journal"] {
        kept.as_object_mut().unwrap().remove(own);
    }
    kept
}

/// A world, a device, and what a card signed there for a ticket.
async fn made() -> (World, Device, String) {
    made_in(World::new().await).await
}

async fn made_in(world: World) -> (World, Device, String) {
    let device = Device::new(&world).await;
    let ticket = ticket(&world, &device, None).await;
    let evidence = by_card(&claims(&world, &device, &ticket).await);
    (world, device, evidence)
}

#[tokio::test]
async fn a_visit_counts_from_when_its_ticket_was_given() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let ticket = ticket(&world, &device, None).await;
    let given = payload(&ticket)["iat"].as_i64().unwrap();
    world.sandbox.shift_clock(SignedDuration::from_hours(3));
    let device = device.handed_to(&world, STAFF_ID).await;
    let mut claims = claims(&world, &device, &ticket).await;
    claims["off"]["seq"] = 7.into();
    world.sandbox.shift_clock(SignedDuration::from_hours(2));
    let device = device.handed_to(&world, STAFF_ID).await;
    let answer = send(&world, &device, CARD, &by_card(&claims)).await;
    confirmed(&answer);
    assert_eq!((&answer.json["again"], &answer.json["offline"]), (&json!(false), &json!(true)));
    assert_eq!(answer.json["id"], claims["jti"]);
    assert_eq!(answer.json["journal"]["next"], 8);
    let honnin = &answer.json["honnin"];
    let second = |name: &str| {
        let time: jiff::Timestamp = honnin[name].as_str().unwrap().parse().unwrap();
        time.as_second()
    };
    assert_eq!(
        (&honnin["method"], &honnin["insurance_domain"]),
        (&json!("card_pin"), &json!("care"))
    );
    assert_eq!(second("verified_at"), given);
    assert_eq!(second("fresh_until"), given + 86_400);
    assert_eq!(json!(second("claimed_at")), claims["iat"]);
    // Of the person nothing is told.
    assert_eq!(honnin.as_object().unwrap().len(), 5);
    // They are registered, from then on.
    let until: jiff::Timestamp = answer.json["registered_until"].as_str().unwrap().parse().unwrap();
    assert_eq!(until.as_second(), given + 180 * 86_400);
    // What the evidence token opens says so.
    let evidence = answer.json["evidence_token"].as_str().unwrap();
    let opened = device.exchange(&world, "evidence", evidence, "qualification:read").await;
    let token = opened.access_token();
    let said = &payload(token)["kaigo"];
    assert_eq!((&said["offline"], &said["verified_at"]), (&json!(true), &json!(given)));
    let (way, nothing) = (("GET", "/v1/qualification"), ("text/plain", String::new()));
    assert_eq!(device.call(&world, way, Some(token), nothing).await.status, 200);
    // The next tickets say how far the journal has come.
    let answer = crate::tickets::ask(&world, &device, &crate::tickets::request(1)).await;
    assert_eq!(answer.json["journal"]["next"], 8);
}

#[tokio::test]
async fn paper_and_tap_wait_in_the_same_way() {
    let (world, device, subject) = known(&leaf()).await;
    let for_nobody = ticket(&world, &device, None).await;
    let claims_of_paper = paper_claims(&world, &device, &for_nobody).await;
    let answer = send(&world, &device, PAPER, &by_paper(&device, &claims_of_paper)).await;
    confirmed(&answer);
    assert_eq!(answer.json["honnin"]["method"], "four_attributes");
    // It counts once, so nothing lasts.
    assert!(answer.json["evidence_token"].is_null());
    assert_eq!(answer.json["honnin"]["fresh_until"], answer.json["honnin"]["verified_at"]);

    let bound = ticket(&world, &device, Some(&subject)).await;
    let tapped = face().tapped(claims(&world, &device, &bound).await, &bound, &leaf());
    let answer = send(&world, &device, TAP, &device.sign("kaigo-offline-tap+jwt", &tapped)).await;
    confirmed(&answer);
    assert_eq!(answer.json["honnin"]["method"], "card_tap");
    assert!(answer.json["evidence_token"].is_string());

    // A tap has to be of somebody who is expected.
    let unbound = ticket(&world, &device, None).await;
    let tapped = face().tapped(claims(&world, &device, &unbound).await, &unbound, &leaf());
    let answer = send(&world, &device, TAP, &device.sign("kaigo-offline-tap+jwt", &tapped)).await;
    refused_for_good(&answer, "binding_mismatch");
    assert_eq!(answer.json["field"], "subject");
}

#[tokio::test]
async fn a_ticket_for_one_person_is_for_nobody_else() {
    let (world, device, _) = known(&leaf()).await;
    for paper in [false, true] {
        let of_other = ticket(&world, &device, Some("somebody-else")).await;
        let answer = if paper {
            let claims = paper_claims(&world, &device, &of_other).await;
            send(&world, &device, PAPER, &by_paper(&device, &claims)).await
        } else {
            let claims = claims(&world, &device, &of_other).await;
            send(&world, &device, CARD, &by_card(&claims)).await
        };
        refused_for_good(&answer, "binding_mismatch");
        assert_eq!(answer.json["field"], "subject");
    }
}

#[tokio::test]
async fn the_same_bytes_get_the_same_answer_for_ninety_days() {
    let (world, device, evidence) = made().await;
    let first = send(&world, &device, CARD, &evidence).await;
    confirmed(&first);
    for hours in [0, 11, 90 * 24 - 12] {
        world.sandbox.shift_clock(SignedDuration::from_hours(hours));
        world.sandbox.sweep().await.unwrap();
        let device = device.later(&world).await;
        let again = send(&world, &device, CARD, &evidence).await;
        assert_eq!(again.json["again"], true, "{}", again.json);
        assert_eq!(kept(&again), kept(&first));
        assert!(again.json["evidence_token"].is_null());
    }
    world.sandbox.shift_clock(SignedDuration::from_hours(24));
    world.sandbox.sweep().await.unwrap();
    let device = device.handed_to(&world, STAFF_ID).await;
    send(&world, &device, CARD, &evidence).await.refused(400, "ticket_unknown");
    assert_eq!(world.sandbox.tokens_issued().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_are_one_visit() {
    are_one_visit(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_are_one_visit_in_a_file() {
    let file = crate::start::TemporaryFile::new("offline");
    let database = Database::File(file.path().to_owned());
    are_one_visit(World::with(|config| config.database = database).await).await;
}

async fn are_one_visit(world: World) {
    let (world, device, evidence) = made_in(world).await;
    let (world, device) = (Arc::new(world), Arc::new(device));
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (world, device, evidence) = (world.clone(), device.clone(), evidence.clone());
        tasks.spawn(async move { send(&world, &device, CARD, &evidence).await });
    }
    let answers = tasks.join_all().await;
    for answer in &answers {
        confirmed(answer);
        assert_eq!(kept(answer), kept(&answers[0]));
    }
    assert_eq!(answers.iter().filter(|answer| answer.json["again"] == false).count(), 1);
    let records = world.sandbox.audit().after(0).await.unwrap();
    let made = |what: &str| records.iter().filter(|record| record.what == what).count();
    assert_eq!((made("exchange"), made("offline_sent")), (1, 1));

    // As many that answer one ticket: one of them counts.
    let ticket = ticket(&world, &device, None).await;
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let evidence = by_card(&claims(&world, &device, &ticket).await);
        let (world, device) = (world.clone(), device.clone());
        tasks.spawn(async move { send(&world, &device, CARD, &evidence).await });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.refused(409, "ticket_used");
    }
}

#[tokio::test]
async fn evidence_of_another_device_is_told_and_nothing_is_used_up() {
    let (world, device, evidence) = made().await;
    let other = Device::new(&world).await;
    send(&world, &other, CARD, &evidence).await.refused(400, "replayed");
    confirmed(&send(&world, &device, CARD, &evidence).await);
    send(&world, &other, CARD, &evidence).await.refused(400, "replayed");
    assert_eq!(send(&world, &device, CARD, &evidence).await.json["again"], true);
}

#[tokio::test]
async fn a_returned_ticket_is_unknown() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let ticket = ticket(&world, &device, None).await;
    let evidence = by_card(&claims(&world, &device, &ticket).await);
    assert_eq!(give_back(&world, &device, &[&ticket]).await.json["returned"], 1);
    send(&world, &device, CARD, &evidence).await.refused(400, "ticket_unknown");
}

#[tokio::test]
async fn a_used_ticket_is_not_given_back() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let ticket = ticket(&world, &device, None).await;
    let evidence = by_card(&claims(&world, &device, &ticket).await);
    confirmed(&send(&world, &device, CARD, &evidence).await);
    assert_eq!(give_back(&world, &device, &[&ticket]).await.json["returned"], 0);
}

#[tokio::test]
async fn a_card_revoked_since_is_refused_for_good() {
    let (world, device, evidence) = made().await;
    let lost = Revocation { reason: RevocationReason::KeyCompromise, invalid_since: None };
    world.sandbox.revoke_as(CertificatePurpose::Authentication, &SERIAL, lost).await.unwrap();
    let first = send(&world, &device, CARD, &evidence).await;
    refused_for_good(&first, "certificate_revoked");
    let again = send(&world, &device, CARD, &evidence).await;
    assert_eq!(again.json["again"], true);
    assert_eq!(kept(&again), kept(&first));
}

#[tokio::test]
async fn where_nobody_knows_of_a_revocation_nothing_is_used_up() {
    let (world, device, evidence) = made().await;
    world.sandbox.misbehave(Fault::OcspTryLater, 1);
    world.sandbox.misbehave(Fault::ListStale, 1);
    let answer = send(&world, &device, CARD, &evidence).await;
    answer.refused(503, "certificate_status_unknown");
    world.sandbox.behave();
    let answer = send(&world, &device, CARD, &evidence).await;
    confirmed(&answer);
    assert_eq!(answer.json["again"], false);
}

#[tokio::test]
async fn a_visit_whose_answer_was_lost_is_sent_again() {
    let (world, device, evidence) = made().await;
    world.sandbox.misbehave(Fault::Reply(Call::OfflineVisit, Broken::Status500), 2);
    for _ in 0..2 {
        assert_eq!(send(&world, &device, CARD, &evidence).await.status, 500);
    }
    let answer = send(&world, &device, CARD, &evidence).await;
    confirmed(&answer);
    assert_eq!(answer.json["again"], true);
    let records = world.sandbox.audit().after(0).await.unwrap();
    assert_eq!(records.iter().filter(|record| record.what == "offline_sent").count(), 1);
}

#[tokio::test]
async fn another_of_the_staff_sends_what_one_made() {
    let (world, device, evidence) = made().await;
    let device = device.handed_to(&world, "nurse-02").await;
    let answer = send(&world, &device, CARD, &evidence).await;
    confirmed(&answer);
    // What it opens is for who made it.
    assert!(answer.json["evidence_token"].is_null(), "{}", answer.json);
    let records = world.sandbox.audit().after(0).await.unwrap();
    let of = |what: &str| records.iter().find(|record| record.what == what).unwrap();
    let (made, sent) = (of("exchange"), of("offline_sent"));
    assert_eq!((&*made.note, &*sent.note), ("face match printed_photo offline", "visit"));
    assert!(made.staff != sent.staff && made.person == sent.person && made.device == sent.device);
    let first = records.iter().find(|record| record.what == "ticket").unwrap();
    assert_eq!(first.staff, made.staff);
}

#[tokio::test]
async fn a_number_that_comes_again_with_something_else_is_noted() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let mut notes = Vec::new();
    for seq in [3, 3, 2] {
        let ticket = ticket(&world, &device, None).await;
        let mut claims = claims(&world, &device, &ticket).await;
        claims["off"]["seq"] = seq.into();
        let answer = send(&world, &device, CARD, &by_card(&claims)).await;
        confirmed(&answer);
        assert_eq!(answer.json["journal"]["next"], 4);
        let records = world.sandbox.audit().after(0).await.unwrap();
        let exchange = records.into_iter().rfind(|record| record.what == "exchange").unwrap();
        notes.push(exchange.note.ends_with(" journal_again"));
    }
    assert_eq!(notes, [false, true, false]);
}

#[tokio::test]
async fn a_name_is_good_for_one_visit_of_a_device() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let first = ticket(&world, &device, None).await;
    let first = claims(&world, &device, &first).await;
    confirmed(&send(&world, &device, CARD, &by_card(&first)).await);
    let ticket = ticket(&world, &device, None).await;
    let mut second = claims(&world, &device, &ticket).await;
    second["jti"] = first["jti"].clone();
    send(&world, &device, CARD, &by_card(&second)).await.refused(400, "replayed");
    // With a name of its own the ticket is still good.
    second["jti"] = new_id().into();
    confirmed(&send(&world, &device, CARD, &by_card(&second)).await);
}

#[tokio::test]
async fn a_killed_device_sends_nothing() {
    let (world, device, evidence) = made().await;
    world.sandbox.kill_device(&device.id).await.unwrap();
    send(&world, &device, CARD, &evidence).await.refused(401, "device_revoked");
    // Nor does another for it.
    let other = Device::new(&world).await;
    send(&world, &other, CARD, &evidence).await.refused(400, "replayed");
}

#[tokio::test]
async fn of_a_body_of_another_form_nothing_is_used_up() {
    let (world, device, evidence) = made().await;
    let good = json!({
        "vsn": 1, "evidence": evidence, "insurance_domain": "care",
        "evidence_type": "urn:x-kaigo:token-type:offline-card-assertion",
    });
    for (member, value, code) in [
        ("vsn", json!(2), "request_malformed"),
        ("insurance_domain", json!("dental"), "request_malformed"),
        ("evidence_type", json!("urn:x-kaigo:token-type:card-assertion"), "request_malformed"),
        ("evidence_type", json!("urn:x-kaigo:token-type:disaster"), "request_malformed"),
        (
            "evidence_type",
            json!("urn:x-kaigo:token-type:offline-tap-evidence"),
            "assertion_malformed",
        ),
        ("evidence", json!("x"), "assertion_malformed"),
        ("more", json!(1), "request_malformed"),
    ] {
        let mut body = good.clone();
        body[member] = value;
        let content = ("application/json", body.to_string());
        let way = ("POST", "/v1/offline/visits");
        let answer = device.call(&world, way, Some(&device.staff), content).await;
        answer.refused(400, code);
    }
    // What answers a challenge is none that answers a ticket, and the other way round.
    let answer = device.exchange(&world, "card-assertion", &evidence, "qualification:read").await;
    answer.refused(400, "assertion_malformed");
    confirmed(&send(&world, &device, CARD, &evidence).await);
}

#[tokio::test]
async fn the_cards_signature_counts() {
    let (world, device, evidence) = made().await;
    let (signed, _) = evidence.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", base64url(&[1; 256]));
    refused_for_good(&send(&world, &device, CARD, &forged).await, "signature_invalid");
}
