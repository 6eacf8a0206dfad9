//! What evidence that answers a ticket is bound to, claim by claim, and to the second.

use jiff::SignedDuration;
use kaigotap_sandbox::STAFF_ID;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};

use crate::audit::database;
use crate::device::Device;
use crate::gates::{age, age_at, to_the_second};
use crate::offline::{
    CARD, PAPER, by_card, by_paper, claims, paper_claims, refused_for_good, send,
};
use crate::pki::leaf;
use crate::start::TemporaryFile;
use crate::support::{Answer, World, payload};
use crate::tap::{face, known};
use crate::tickets::{ask, given, request, ticket};

const HOUR: i64 = 60 * 60;

/// Every claim that is bound, with what it is not, and the name by which that is told.
fn wrong() -> Vec<(&'static str, Value)> {
    vec![
        ("aud", json!("https://elsewhere.example")),
        ("nonce", json!("AAAA")),
        ("fac", json!("1370000002")),
        ("pur", json!([])),
        ("pur", json!(["view", "view"])),
        ("pur", json!(["everything"])),
        ("act", json!("nurse-02")),
        ("act", json!("nobody")),
        ("vis", json!("visit")),
        ("vsl", json!({ "r": "match", "b": "memory" })),
        ("vsl", json!({ "r": "no_match", "b": "printed_photo" })),
        ("cnf", json!({ "jkt": "AAAA" })),
        ("iat", json!(1)),
        ("exp", json!(1)),
        ("off", json!({ "seq": 0, "checked_at": 1 })),
    ]
}

fn mismatched(answer: &Answer, field: &str) {
    refused_for_good(answer, "binding_mismatch");
    assert_eq!(answer.json["field"], field);
}

#[tokio::test]
async fn every_claim_of_a_card_is_bound() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    for (field, changed) in wrong() {
        let ticket = ticket(&world, &device, None).await;
        let mut claims = claims(&world, &device, &ticket).await;
        claims[field] = changed;
        mismatched(&send(&world, &device, CARD, &by_card(&claims)).await, field);
        // Whoever signs again for the same ticket is too late.
        claims["jti"] = crate::offline::new_id().into();
        send(&world, &device, CARD, &by_card(&claims)).await.refused(409, "ticket_used");
    }
}

#[tokio::test]
async fn every_claim_of_a_tap_is_bound() {
    let (world, device, subject) = known(&leaf()).await;
    for (field, changed) in wrong() {
        let ticket = ticket(&world, &device, Some(&subject)).await;
        let claims = claims(&world, &device, &ticket).await;
        let mut claims = face().tapped(claims, &ticket, &leaf());
        claims[field] = changed;
        let evidence = device.sign("kaigo-offline-tap+jwt", &claims);
        mismatched(&send(&world, &device, "offline-tap-evidence", &evidence).await, field);
    }
    // What the card signed is for this ticket and no other.
    let (one, other) = (
        ticket(&world, &device, Some(&subject)).await,
        ticket(&world, &device, Some(&subject)).await,
    );
    let claims = claims(&world, &device, &one).await;
    let claims = face().tapped(claims, &other, &leaf());
    let evidence = device.sign("kaigo-offline-tap+jwt", &claims);
    mismatched(&send(&world, &device, "offline-tap-evidence", &evidence).await, "dig");
}

#[tokio::test]
async fn every_claim_of_the_paper_certificate_is_bound() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    // Of these the statement has another form, which is told as such.
    let of_form = ["pur", "vis"];
    for (field, changed) in wrong().into_iter().filter(|(field, _)| !of_form.contains(field)) {
        let ticket = ticket(&world, &device, None).await;
        let mut claims = paper_claims(&world, &device, &ticket).await;
        claims[field] = changed;
        mismatched(&send(&world, &device, PAPER, &by_paper(&device, &claims)).await, field);
    }
    for (field, changed) in [
        ("num", "0001234568"),
        ("ins", "990011"),
        ("kana", "カイゴハナ"),
        ("dob", "1941-05-04"),
        ("sex", "male"),
    ] {
        let ticket = ticket(&world, &device, None).await;
        let mut claims = paper_claims(&world, &device, &ticket).await;
        claims[field] = changed.into();
        let answer = send(&world, &device, PAPER, &by_paper(&device, &claims)).await;
        refused_for_good(&answer, "person_not_found");
    }
    // By another key than the device's.
    let ticket = ticket(&world, &device, None).await;
    let claims = paper_claims(&world, &device, &ticket).await;
    let stranger = Device::new(&world).await;
    let header =
        json!({ "alg": "ES256", "typ": "kaigo-offline-four-attributes+jwt", "kid": device.jkt });
    let answer = send(&world, &device, PAPER, &stranger.sign_with(&header, &claims)).await;
    refused_for_good(&answer, "signature_invalid");
}

#[tokio::test]
async fn what_lacks_a_claim_or_has_one_more_is_no_evidence() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let ticket = ticket(&world, &device, None).await;
    let good = claims(&world, &device, &ticket).await;
    let of_paper = paper_claims(&world, &device, &ticket).await;
    for name in good.as_object().unwrap().keys() {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        let answer = send(&world, &device, CARD, &by_card(&claims)).await;
        answer.refused(400, "assertion_malformed");
    }
    for name in of_paper.as_object().unwrap().keys() {
        let mut claims = of_paper.clone();
        claims.as_object_mut().unwrap().remove(name);
        let answer = send(&world, &device, PAPER, &by_paper(&device, &claims)).await;
        answer.refused(400, "assertion_malformed");
    }
    for (member, value) in [
        ("more", json!(1)),
        ("jti", json!("x")),
        ("chl", json!("AAAA")),
        ("off", json!({ "seq": -1, "checked_at": 1 })),
        ("off", json!({ "seq": 10_000_000_000_000_000_i64, "checked_at": 1 })),
        ("off", json!({ "seq": 0, "checked_at": 1, "more": 1 })),
        ("off", json!(null)),
    ] {
        for paper in [false, true] {
            let mut claims = if paper { of_paper.clone() } else { good.clone() };
            claims[member] = value.clone();
            let (kind, evidence) =
                if paper { (PAPER, by_paper(&device, &claims)) } else { (CARD, by_card(&claims)) };
            send(&world, &device, kind, &evidence).await.refused(400, "assertion_malformed");
        }
    }
    assert_eq!(send(&world, &device, CARD, &by_card(&good)).await.json["result"], "confirmed");
}

/// What comes of evidence of a card that says of its times what this makes them, from when the ticket was given and now.
async fn with_times(
    world: &World,
    device: &Device,
    ticket: &str,
    times: impl FnOnce(i64, i64) -> (i64, i64),
) -> Answer {
    let given = payload(ticket)["iat"].as_i64().unwrap();
    let mut claims = claims(world, device, ticket).await;
    let (made, checked) = times(given, claims["iat"].as_i64().unwrap());
    claims["iat"] = made.into();
    claims["off"]["checked_at"] = checked.into();
    send(world, device, CARD, &by_card(&claims)).await
}

#[tokio::test]
async fn a_visit_was_made_with_its_ticket_and_after_the_face() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let fits = |answer: &Answer| assert_eq!(answer.json["result"], "confirmed", "{}", answer.json);
    let t = async || ticket(&world, &device, None).await;
    fits(&with_times(&world, &device, &t().await, |given, _| (given - 60, given - 60)).await);
    let early = with_times(&world, &device, &t().await, |given, _| (given - 61, given - 61)).await;
    mismatched(&early, "iat");
    fits(&with_times(&world, &device, &t().await, |_, now| (now + 55, now)).await);
    mismatched(&with_times(&world, &device, &t().await, |_, now| (now + 90, now)).await, "iat");
    fits(&with_times(&world, &device, &t().await, |given, now| (now, given - 900)).await);
    let stale = with_times(&world, &device, &t().await, |given, now| (now, given - 901)).await;
    mismatched(&stale, "off");
    fits(&with_times(&world, &device, &t().await, |_, now| (now, now + 60)).await);
    mismatched(&with_times(&world, &device, &t().await, |_, now| (now, now + 61)).await, "off");
    // Numbers beyond all times.
    for far in [i64::MIN, i64::MAX] {
        mismatched(&with_times(&world, &device, &t().await, |_, _| (far, 0)).await, "iat");
        mismatched(&with_times(&world, &device, &t().await, |_, now| (now, far)).await, "off");
    }
}

/// The server's clock alone decides: one that the device has set a day forward or back changes what it claims, and nothing
/// else.
#[tokio::test]
async fn a_ticket_ends_in_its_second() {
    let world = World::new().await;
    for (seconds, confirmed) in [(HOUR - 1, true), (HOUR, false)] {
        let answer = to_the_second(seconds, async |seconds| {
            let device = Device::new(&world).await;
            let mut wanted = request(1);
            wanted["hours"] = 1.into();
            let ticket = given(&ask(&world, &device, &wanted).await).remove(0);
            let evidence = by_card(&claims(&world, &device, &ticket).await);
            let given = payload(&ticket)["iat"].as_i64().unwrap();
            let device = device.later(&world).await;
            age(&world, given, seconds).await;
            let answer = send(&world, &device, CARD, &evidence).await;
            let age = age_at(&answer, given);
            (answer, age)
        })
        .await;
        if confirmed {
            assert_eq!(answer.json["result"], "confirmed", "{}", answer.json);
        } else {
            refused_for_good(&answer, "ticket_expired");
        }
    }
}

#[tokio::test]
async fn long_after_its_end_a_visit_is_still_told_why() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let ticket = ticket(&world, &device, None).await;
    let evidence = by_card(&claims(&world, &device, &ticket).await);
    world.sandbox.shift_clock(SignedDuration::from_hours(60 * 24));
    world.sandbox.sweep().await.unwrap();
    let device = device.handed_to(&world, STAFF_ID).await;
    let answer = send(&world, &device, CARD, &evidence).await;
    refused_for_good(&answer, "ticket_expired");
    assert_eq!(send(&world, &device, CARD, &evidence).await.json["again"], true);
}

#[tokio::test]
async fn who_works_elsewhere_by_now_has_made_no_visit_here() {
    let file = TemporaryFile::new("left");
    let (database, url) = database(&file).await;
    let world = World::with(|config| config.database = database).await;
    let device = Device::new(&world).await;
    let ticket = ticket(&world, &device, None).await;
    let evidence = by_card(&claims(&world, &device, &ticket).await);
    let device = device.handed_to(&world, "nurse-02").await;
    let mut roster = AnyConnection::connect(&url).await.unwrap();
    let moved = "UPDATE staff_member SET facility_id = '1370000002' WHERE id = 'nurse-01'";
    sqlx::raw_sql(moved).execute(&mut roster).await.unwrap();
    roster.close().await.unwrap();
    let answer = send(&world, &device, CARD, &evidence).await;
    refused_for_good(&answer, "facility_mismatch");
}

#[tokio::test]
async fn a_visit_that_comes_late_does_not_put_back_what_was_confirmed_since() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let ticket = ticket(&world, &device, None).await;
    let evidence = by_card(&claims(&world, &device, &ticket).await);
    world.sandbox.shift_clock(SignedDuration::from_hours(5));
    let device = device.handed_to(&world, STAFF_ID).await;
    let since = crate::other_evidence::with_card(&world, &device, "qualification:read").await;
    assert_eq!(since.status, 200, "{}", since.json);
    let listed = async || {
        let way = ("POST", "/v1/users/search");
        let content = ("application/json", json!({}).to_string());
        let answer = device.call(&world, way, Some(&device.staff), content).await;
        let user = answer.json["users"][0].clone();
        (user["verified_at"].clone(), user["valid_until"].clone())
    };
    let before = listed().await;
    assert_eq!(before.0, since.json["honnin"]["verified_at"]);
    let answer = send(&world, &device, CARD, &evidence).await;
    assert_eq!(answer.json["result"], "confirmed", "{}", answer.json);
    assert_eq!(listed().await, before);
    assert_eq!(answer.json["registered_until"], before.1);
}
