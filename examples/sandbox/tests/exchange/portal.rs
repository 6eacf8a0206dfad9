//! A person's own view: what opens it and what does not, what it shows, and what a withdrawal does.

use base64ct::{Base64, Encoding};
use jiff::{SignedDuration, Timestamp};
use kaigotap_sandbox::{FACILITY_ID, STAFF_ID};
use serde_json::{Value, json};

use crate::device::Device;
use crate::gates::{INSURER, MANAGER, NUMBER, at};
use crate::other_evidence::{disaster, fled};
use crate::pki::{leaf, now, pki};
use crate::support::{Answer, UUID, World, assert_with, digest, jws, payload};
use crate::tap::{neighbour, of_other};

const CHALLENGE: &str = "/portal/challenge";
const SESSION: &str = "/portal/session";
const VIEWS: [&str; 3] = ["/portal/v1/entitlement", "/portal/v1/progress", "/portal/v1/consent"];
const ACCESSES: &str = "/portal/v1/accesses/search";
const WITHDRAW: &str = "/portal/v1/consent/withdraw";

/// Somebody's own phone. That it is enrolled here means nothing to the portal, which looks at its key only.
async fn phone(world: &World) -> Device {
    Device::new(world).await
}

async fn post(
    world: &World,
    phone: &Device,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> Answer {
    phone.call(world, ("POST", path), token, ("application/json", body.to_string())).await
}

async fn get(world: &World, phone: &Device, path: &str, token: &str) -> Answer {
    phone.call(world, ("GET", path), Some(token), ("text/plain", String::new())).await
}

async fn challenge(world: &World, phone: &Device) -> String {
    let answer = post(world, phone, CHALLENGE, None, &json!({ "vsn": 1 })).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    answer.json["challenges"][0]["challenge"].as_str().unwrap().to_owned()
}

fn claims(world: &World, phone: &Device, challenge: &str) -> Value {
    json!({
        "aud": world.sandbox.issuer(), "nonce": payload(challenge)["nonce"], "jti": UUID,
        "iat": now(), "exp": now() + 120, "chl": digest(challenge), "cnf": { "jkt": phone.jkt },
        "sdk": "0.1.0/test",
    })
}

fn header(leaf: &[u8]) -> Value {
    json!({ "alg": "RS256", "typ": "kaigo-portal-assertion+jwt", "x5c": [Base64::encode_string(leaf)] })
}

fn signed(leaf: &[u8], claims: &Value) -> Value {
    json!({ "assertion": jws(&header(leaf).to_string(), &claims.to_string(), &pki().holder) })
}

async fn come_in(world: &World, phone: &Device, leaf: &[u8]) -> Answer {
    let challenge = challenge(world, phone).await;
    let body = signed(leaf, &claims(world, phone, &challenge));
    post(world, phone, SESSION, None, &body).await
}

/// The token of the example person.
async fn inside(world: &World, phone: &Device) -> String {
    let answer = come_in(world, phone, &leaf()).await;
    assert_eq!((answer.status, &answer.json["token_type"]), (201, &json!("DPoP")));
    answer.access_token().to_owned()
}

async fn looked(world: &World, phone: &Device, token: &str, search: Value) -> Value {
    let answer = post(world, phone, ACCESSES, Some(token), &search).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

#[tokio::test]
async fn a_persons_own_card_shows_what_is_known_of_them() {
    let world = World::new().await;
    let phone = phone(&world).await;
    let token = inside(&world, &phone).await;
    let entitlement = get(&world, &phone, VIEWS[0], &token).await;
    assert_eq!(entitlement.status, 200, "{}", entitlement.json);
    assert_eq!(entitlement.json["insured_number"], NUMBER);
    assert!(entitlement.json["periodic"]["as_of"].is_string());
    let progress = get(&world, &phone, VIEWS[1], &token).await;
    assert!(progress.json["records"][0]["progress"].is_string(), "{}", progress.json);
    let consent = get(&world, &phone, VIEWS[2], &token).await;
    let state = (&consent.json["state"], &consent.json["taken_by"]);
    assert_eq!(state, (&json!("given"), &json!("municipality")));
    let seen = looked(&world, &phone, &token, json!({})).await;
    assert_eq!((&seen["accesses"], &seen["next"]), (&json!([]), &Value::Null));
}

/// What is one's own is seen without consent, too: it is others who need it.
#[tokio::test]
async fn consent_is_about_others_and_the_insurer_has_to_be_there() {
    let world = World::with_person(|person| person.consent = false).await;
    let phone = phone(&world).await;
    let token = inside(&world, &phone).await;
    for view in VIEWS {
        assert_eq!(get(&world, &phone, view, &token).await.status, 200, "{view}");
    }
    let world = World::with_person(|person| person.insurer_connected = false).await;
    let phone = crate::portal::phone(&world).await;
    let token = inside(&world, &phone).await;
    for view in VIEWS {
        get(&world, &phone, view, &token).await.refused(409, "insurer_not_connected");
    }
}

#[tokio::test]
async fn nobody_elses_card_and_no_token_of_a_facility_opens_it() {
    let world = World::with(|config| config.people.push(neighbour())).await;
    let nurse = at(&world, STAFF_ID).await;
    let facilitys = nurse.token(&world, "qualification:read").await;
    for token in [&facilitys, &nurse.device.staff] {
        for view in VIEWS {
            nurse.get(&world, view, token).await.refused(401, "token_invalid");
        }
        nurse.post(&world, ACCESSES, token, &json!({})).await.refused(401, "token_invalid");
        let withdraw = json!({ "withdraw": true });
        nurse.post(&world, WITHDRAW, token, &withdraw).await.refused(401, "token_invalid");
    }
    // Nor does the person's token open what is a facility's, or anything at another device.
    let phone = phone(&world).await;
    let token = inside(&world, &phone).await;
    get(&world, &phone, "/v1/qualification", &token).await.refused(401, "token_invalid");
    get(&world, &nurse.device, VIEWS[0], &token).await.refused(401, "token_invalid");

    // Another card opens what is its holder's.
    let other = Device::new(&world).await;
    let theirs = come_in(&world, &other, &of_other()).await;
    let seen = get(&world, &other, VIEWS[0], theirs.access_token()).await;
    assert_eq!(seen.status, 200, "{}", seen.json);
    assert_ne!(seen.json["insured_number"], NUMBER);
    let page = looked(&world, &other, theirs.access_token(), json!({})).await;
    assert_eq!(page["accesses"], json!([]));
}

#[tokio::test]
async fn what_a_card_signed_at_a_visit_is_not_taken_here_nor_the_other_way_round() {
    let world = World::new().await;
    let phone = phone(&world).await;
    let visit = world.challenge().await;
    let assertion = assert_with(&leaf(), &world.claims(&visit));
    let body = json!({ "assertion": assertion });
    post(&world, &phone, SESSION, None, &body).await.refused(400, "assertion_malformed");
    let challenge = challenge(&world, &phone).await;
    let own = signed(&leaf(), &claims(&world, &phone, &challenge));
    let own = own["assertion"].as_str().unwrap();
    world.exchange(own).await.refused(400, "assertion_malformed");
    // The challenge of a visit is none of the portal's.
    let mut said = claims(&world, &phone, &challenge);
    said["chl"] = digest(&visit).into();
    let answer = post(&world, &phone, SESSION, None, &signed(&leaf(), &said)).await;
    answer.refused(400, "challenge_unknown");
}

#[tokio::test]
async fn what_a_card_signed_counts_once_for_one_key_and_not_for_long() {
    let world = World::new().await;
    let phone = phone(&world).await;
    for (member, value) in [
        ("aud", json!("https://elsewhere.example")),
        ("nonce", json!("AAAA")),
        ("iat", json!(now() - 3600)),
        ("exp", json!(now() + 3600)),
        ("cnf", json!({ "jkt": world.device.jkt })),
    ] {
        let challenge = challenge(&world, &phone).await;
        let mut said = claims(&world, &phone, &challenge);
        said[member] = value;
        let answer = post(&world, &phone, SESSION, None, &signed(&leaf(), &said)).await;
        answer.refused(400, "binding_mismatch");
        assert_eq!(answer.json["field"], member);
    }
    let challenge = challenge(&world, &phone).await;
    let body = signed(&leaf(), &claims(&world, &phone, &challenge));
    // Somebody who has caught it holds another key, and has used it up for both.
    let other = Device::new(&world).await;
    post(&world, &other, SESSION, None, &body).await.refused(400, "binding_mismatch");
    post(&world, &phone, SESSION, None, &body).await.refused(400, "challenge_unknown");

    let challenge = crate::portal::challenge(&world, &phone).await;
    let forged = claims(&world, &phone, &challenge).to_string();
    let forged = jws(&header(&leaf()).to_string(), &forged, &pki().other_ca);
    let answer = post(&world, &phone, SESSION, None, &json!({ "assertion": forged })).await;
    answer.refused(400, "signature_invalid");

    let token = inside(&world, &phone).await;
    world.sandbox.shift_clock(SignedDuration::from_secs(570));
    assert_eq!(get(&world, &phone, VIEWS[0], &token).await.status, 200);
    world.sandbox.shift_clock(SignedDuration::from_secs(31));
    get(&world, &phone, VIEWS[0], &token).await.refused(401, "token_expired");
}

/// Who has looked, the last first: the facility by its name, what whoever looked is there and not who, what they saw and on
/// what evidence; and at a disaster, that it was one.
#[tokio::test]
async fn a_person_sees_who_has_looked() {
    let world = World::new().await;
    let nurse = at(&world, STAFF_ID).await;
    let token = nurse.token(&world, "qualification:read").await;
    assert_eq!(nurse.get(&world, "/v1/qualification", &token).await.status, 200);
    // What was refused was not seen.
    let survey = nurse.token(&world, "survey:read").await;
    nurse.get(&world, "/v1/information/survey", &survey).await.refused(403, "not_shared");
    let manager = at(&world, MANAGER).await;
    let survey = manager.token(&world, "survey:read").await;
    assert_eq!(manager.get(&world, "/v1/information/survey", &survey).await.status, 200);
    world.sandbox.declare_disaster(&disaster(FACILITY_ID, Timestamp::now())).await.unwrap();
    let helper = fled(&world, &nurse.device, "qualification:read").await;
    assert_eq!(nurse.get(&world, "/v1/qualification", helper.access_token()).await.status, 200);

    let phone = phone(&world).await;
    let token = inside(&world, &phone).await;
    let seen = looked(&world, &phone, &token, json!({})).await;
    let told = |access: &Value| {
        ["facility_id", "what", "method", "role", "disaster"].map(|name| access[name].clone())
    };
    let told: Vec<_> = seen["accesses"].as_array().unwrap().iter().map(told).collect();
    assert_eq!(
        told,
        [
            [
                json!(FACILITY_ID),
                json!("qualification"),
                json!("disaster"),
                json!("nurse"),
                json!(true)
            ],
            [json!("1370000003"), json!("survey"), json!("card_pin"), json!("nurse"), json!(false)],
            [
                json!(FACILITY_ID),
                json!("qualification"),
                json!("card_pin"),
                json!("nurse"),
                json!(false)
            ],
        ]
    );
    for access in seen["accesses"].as_array().unwrap() {
        assert!(access["at"].is_string() && !access["facility_name"].as_str().unwrap().is_empty());
    }
    let written = seen.to_string();
    for name in [STAFF_ID, MANAGER, "看護 葵"] {
        assert!(!written.contains(name), "{name}");
    }

    // Page by page, and nobody goes on with another's page.
    let first = looked(&world, &phone, &token, json!({ "limit": 2 })).await;
    let rest = looked(&world, &phone, &token, json!({ "limit": 2, "after": first["next"] })).await;
    let pages = [&first, &rest].map(|page| page["accesses"].as_array().unwrap().clone()).concat();
    assert_eq!((json!(pages), &rest["next"]), (seen["accesses"].clone(), &Value::Null));
    for bad in [json!({ "limit": 0 }), json!({ "limit": 501 }), json!({ "after": "AAAA" })] {
        let answer = post(&world, &phone, ACCESSES, Some(&token), &bad).await;
        answer.refused(400, "request_malformed");
    }
}

#[tokio::test]
async fn a_withdrawal_ends_at_once_what_tokens_open() {
    let world = World::new().await;
    let nurse = at(&world, STAFF_ID).await;
    let view = nurse.token(&world, "qualification:read").await;
    assert_eq!(nurse.get(&world, "/v1/qualification", &view).await.status, 200);
    let phone = phone(&world).await;
    let token = inside(&world, &phone).await;
    let not = json!({ "withdraw": false });
    post(&world, &phone, WITHDRAW, Some(&token), &not).await.refused(400, "request_malformed");
    let withdraw = json!({ "withdraw": true });
    let told = post(&world, &phone, WITHDRAW, Some(&token), &withdraw).await;
    assert_eq!((told.status, &told.json["state"]), (200, &json!("withdrawn")));
    nurse.get(&world, "/v1/qualification", &view).await.refused(403, "consent_required");
    // Once more, nothing changes; and there is nothing left for the municipality to withdraw.
    let again = post(&world, &phone, WITHDRAW, Some(&token), &withdraw).await;
    assert_eq!(again.json["withdrawn_at"], told.json["withdrawn_at"]);
    assert!(!world.sandbox.withdraw_consent(INSURER, NUMBER).await.unwrap());
    let records = world.sandbox.audit().after(0).await.unwrap();
    let noted = |what: &str| records.iter().filter(|record| record.what == what).count();
    assert_eq!((noted("own_view"), noted("withdrawal")), (1, 1));
}
