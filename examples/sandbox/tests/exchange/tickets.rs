//! Tickets for visits without coverage: who gets how many, what each says, and how they come back.

use std::sync::Arc;

use jiff::SignedDuration;
use kaigotap_sandbox::{Broken, Call, FACILITY_ID, Fault};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::device::Device;
use crate::support::{Answer, World, digest, part, payload};

const HOUR: i64 = 60 * 60;

/// Asks for tickets as this request says.
pub(crate) async fn ask(world: &World, device: &Device, request: &Value) -> Answer {
    let content = ("application/json", request.to_string());
    device.call(world, ("POST", "/v1/tickets"), Some(&device.staff), content).await
}

/// A request for so many that are for nobody.
pub(crate) fn request(count: usize) -> Value {
    json!({ "vsn": 1, "facility_id": FACILITY_ID, "tickets": vec![json!({}); count] })
}

/// The tickets of an answer.
pub(crate) fn given(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 201, "{}", answer.json);
    let tickets = answer.json["tickets"].as_array().unwrap();
    tickets.iter().map(|given| given["ticket"].as_str().unwrap().to_owned()).collect()
}

/// A ticket for nobody, or for one person.
pub(crate) async fn ticket(world: &World, device: &Device, subject: Option<&str>) -> String {
    let mut request = request(1);
    if let Some(subject) = subject {
        request["tickets"][0]["subject"] = subject.into();
    }
    given(&ask(world, device, &request).await).remove(0)
}

/// Gives tickets back.
pub(crate) async fn give_back(world: &World, device: &Device, tickets: &[&str]) -> Answer {
    let digests: Vec<_> = tickets.iter().map(|ticket| digest(ticket)).collect();
    let content = ("application/json", json!({ "vsn": 1, "tickets": digests }).to_string());
    device.call(world, ("POST", "/v1/tickets/return"), Some(&device.staff), content).await
}

#[tokio::test]
async fn a_ticket_says_for_whom_and_until_when_it_is_good() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let mut wanted = request(2);
    wanted["tickets"][1]["subject"] = "AbC-_0123456789abcdefg".into();
    let answer = ask(&world, &device, &wanted).await;
    assert_eq!(answer.json["journal"], json!({ "next": 0 }));
    let tickets = given(&answer);
    let header = part(&tickets[0], 0);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("kaigo-ticket+jwt")));
    assert_eq!(header["kid"], world.sandbox.challenge_keys()[0]["kid"]);
    let said = payload(&tickets[0]);
    let mut members: Vec<_> = said.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    let all = ["act_sub", "aud", "cnf", "exp", "facility_id", "iat", "iss", "jti", "nbf", "nonce"];
    assert_eq!(members, [&all[..], &["vsn"]].concat());
    assert_eq!(said["iss"], world.sandbox.issuer());
    assert_eq!(said["aud"], "urn:kaigo:ticket");
    assert_eq!(said["facility_id"], FACILITY_ID);
    assert_eq!(said["act_sub"], "nurse-01");
    assert_eq!(said["cnf"], json!({ "jkt": device.jkt }));
    assert_eq!((&said["vsn"], &said["nbf"]), (&json!(1), &said["iat"]));
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 12 * HOUR);
    assert_eq!(said["nonce"].as_str().unwrap().len(), 43);
    let bound = payload(&tickets[1]);
    assert_eq!(bound["sub"], "AbC-_0123456789abcdefg");
    assert!(bound["jti"] != said["jti"] && bound["nonce"] != said["nonce"]);
    // For a shorter while, if that is wanted.
    wanted["hours"] = 1.into();
    let said = payload(&given(&ask(&world, &device, &wanted).await)[0]);
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), HOUR);
}

#[tokio::test]
async fn a_request_of_another_form_or_for_another_facility_gets_none() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    for (member, value) in [
        ("vsn", json!(2)),
        ("hours", json!(0)),
        ("hours", json!(13)),
        ("hours", json!("12")),
        ("tickets", json!([])),
        ("tickets", json!(vec![json!({}); 21])),
        ("tickets", json!([{ "subject": "" }])),
        ("tickets", json!([{ "subject": "\u{0}" }])),
        ("tickets", json!([{ "subject": "a".repeat(65) }])),
        ("tickets", json!([{ "name": "x" }])),
        ("more", json!(1)),
    ] {
        let mut changed = request(1);
        changed[member] = value;
        ask(&world, &device, &changed).await.refused(400, "request_malformed");
    }
    let mut elsewhere = request(1);
    elsewhere["facility_id"] = "1370000002".into();
    ask(&world, &device, &elsewhere).await.refused(403, "facility_mismatch");
    // None of these has taken a place of the twenty.
    assert_eq!(given(&ask(&world, &device, &request(20)).await).len(), 20);
}

#[tokio::test]
async fn a_device_has_twenty_unused_ones_and_not_one_more() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let mut tickets = given(&ask(&world, &device, &request(19)).await);
    ask(&world, &device, &request(2)).await.refused(409, "ticket_limit");
    tickets.push(ticket(&world, &device, None).await);
    ask(&world, &device, &request(1)).await.refused(409, "ticket_limit");
    // It is the device's number, whoever is signed in there, and no other device's.
    let other = Device::new(&world).await;
    assert_eq!(given(&ask(&world, &other, &request(20)).await).len(), 20);
    let device = device.handed_to(&world, "nurse-02").await;
    ask(&world, &device, &request(1)).await.refused(409, "ticket_limit");
    // Whoever is there gives back what is the device's; what is unknown or another's is passed over.
    let back = [&*tickets[0], &tickets[0], &tickets[1], "nothing"];
    let answer = give_back(&world, &device, &back).await;
    assert_eq!((answer.status, &answer.json["returned"]), (200, &json!(2)), "{}", answer.json);
    let answer = give_back(&world, &other, &[&tickets[2]]).await;
    assert_eq!(answer.json["returned"], 0);
    assert_eq!(given(&ask(&world, &device, &request(2)).await).len(), 2);
    ask(&world, &device, &request(1)).await.refused(409, "ticket_limit");
    // To the second: in the last one they count, in the next they have ended.
    let began = payload(&tickets[2])["iat"].as_i64().unwrap();
    let past = world.server_time().await.as_second() - began;
    world.sandbox.shift_clock(SignedDuration::from_secs(12 * HOUR - past - 30));
    let device = device.handed_to(&world, "nurse-02").await;
    ask(&world, &device, &request(1)).await.refused(409, "ticket_limit");
    world.sandbox.shift_clock(SignedDuration::from_secs(31));
    assert_eq!(given(&ask(&world, &device, &request(1)).await).len(), 1);
}

#[tokio::test]
async fn what_is_no_digest_is_not_given_back() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let too_many = vec![digest("x"); 65];
    let mut bodies = vec![
        json!({ "vsn": 1 }),
        json!({ "vsn": 1, "tickets": [] }),
        json!({ "vsn": 1, "tickets": [digest("x")], "all_but": [] }),
    ];
    for wrong in [json!(["x"]), json!([digest("x"), ""]), json!(too_many)] {
        bodies.push(json!({ "vsn": 1, "tickets": wrong }));
        bodies.push(json!({ "vsn": 1, "all_but": wrong }));
    }
    for body in bodies {
        let body = body.to_string();
        let way = ("POST", "/v1/tickets/return");
        let answer = device.call(&world, way, Some(&device.staff), ("application/json", body));
        answer.await.refused(400, "request_malformed");
    }
}

/// Nobody knows them, so nobody can name them; and they are all that the device may have.
#[tokio::test]
async fn tickets_whose_answer_was_lost_are_given_back_by_naming_the_others() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let had = [ticket(&world, &device, None).await, ticket(&world, &device, None).await];
    let other = Device::new(&world).await;
    let of_other = ticket(&world, &other, None).await;
    world.sandbox.misbehave(Fault::Reply(Call::Tickets, Broken::Dropped), 1);
    let (way, body) = (("POST", "/v1/tickets"), request(18).to_string());
    let lost = device.try_call(&world, way, Some(&device.staff), ("application/json", body)).await;
    assert!(lost.is_none_or(|answer| answer.json.is_null()));
    ask(&world, &device, &request(1)).await.refused(409, "ticket_limit");
    let all_but: Vec<_> = had.iter().map(|ticket| digest(ticket)).collect();
    let content = ("application/json", json!({ "vsn": 1, "all_but": all_but }).to_string());
    let way = ("POST", "/v1/tickets/return");
    let answer = device.call(&world, way, Some(&device.staff), content).await;
    assert_eq!((answer.status, &answer.json["returned"]), (200, &json!(18)), "{}", answer.json);
    assert_eq!(given(&ask(&world, &device, &request(18)).await).len(), 18);
    // Those that were named are still there, and nobody else's have gone.
    assert_eq!(give_back(&world, &device, &[&had[0], &had[1]]).await.json["returned"], 2);
    assert_eq!(give_back(&world, &other, &[&of_other]).await.json["returned"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_requests_at_once_twenty_tickets_come() {
    let world = Arc::new(World::new().await);
    let device = Arc::new(Device::new(&world).await);
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (world, device) = (world.clone(), device.clone());
        tasks.spawn(async move { ask(&world, &device, &request(3)).await });
    }
    let answers = tasks.join_all().await;
    let got = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(got, 6);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.refused(409, "ticket_limit");
    }
}

#[tokio::test]
async fn where_none_are_allowed_none_are_given_and_the_device_is_told_so() {
    let world = World::with(|config| config.offline_tickets = 0).await;
    let device = Device::new(&world).await;
    ask(&world, &device, &request(1)).await.refused(403, "offline_not_allowed");
    let way = ("GET", "/v1/devices/self");
    let nothing = ("text/plain", String::new());
    let answer = device.call(&world, way, Some(&device.staff), nothing).await;
    assert_eq!(answer.json["policy"]["offline_tickets"], 0);
    let world = World::with(|config| config.offline_tickets = 3).await;
    let device = Device::new(&world).await;
    ask(&world, &device, &request(4)).await.refused(409, "ticket_limit");
    assert_eq!(given(&ask(&world, &device, &request(3)).await).len(), 3);
}

#[tokio::test]
async fn a_killed_device_gets_none_and_gives_none_back() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let ticket = ticket(&world, &device, None).await;
    world.sandbox.kill_device(&device.id).await.unwrap();
    ask(&world, &device, &request(1)).await.refused(401, "device_revoked");
    give_back(&world, &device, &[&ticket]).await.refused(401, "device_revoked");
}
