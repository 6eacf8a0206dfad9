//! Evidence without a card, or of an earlier one: what each kind opens, for whom, and for how long.

use jiff::{SignedDuration, Timestamp};
use kaigotap_sandbox::{Disaster, FACILITY_ID, STAFF_ID};
use serde_json::{Value, json};

use crate::device::Device;
use crate::pki::leaf;
use crate::support::{Answer, UUID, World, assert_with, payload};

const READ: &str = "qualification:read";
const SCOPES: [&str; 11] = [
    READ,
    "registration:write",
    "consent:write",
    "care_plan_notice:submit",
    "certification:read",
    "survey:read",
    "doctor_opinion:read",
    "housing:read",
    "care_plan:read",
    "life:read",
    "consent:read",
];
pub(crate) const EVERYTHING: [&str; 4] = ["view", "register", "consent", "care_plan_notice"];

/// What a staff member states of the example person, from the paper certificate.
pub(crate) async fn statement(world: &World, device: &Device) -> Value {
    let now = world.server_time().await.as_second();
    let mut id = UUID.to_owned();
    // Each counts once.
    let number = Timestamp::now().as_nanosecond() % 1_000_000_000_000;
    id.replace_range(24.., &format!("{number:012}"));
    json!({
        "aud": world.sandbox.issuer(), "jti": id, "iat": now, "exp": now + 120,
        "cnf": { "jkt": device.jkt }, "fac": FACILITY_ID, "pur": EVERYTHING, "act": STAFF_ID,
        "vis": UUID, "vsl": { "r": "match", "b": "certificate" },
        "ins": "990010", "num": "0001234567", "kana": "カイゴハナコ", "dob": "1941-05-03", "sex": "female",
    })
}

pub(crate) async fn state(world: &World, device: &Device, claims: &Value, scope: &str) -> Answer {
    let jws = device.sign("kaigo-four-attributes+jwt", claims);
    device.exchange(world, "four-attributes", &jws, scope).await
}

/// The pairwise name of the example person, by the paper certificate.
pub(crate) async fn stated(world: &World, device: &Device) -> String {
    let claims = statement(world, device).await;
    let answer = state(world, device, &claims, READ).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json["honnin"]["sub"].as_str().unwrap().to_owned()
}

/// With card and PIN, for everything.
pub(crate) async fn with_card(world: &World, device: &Device, scope: &str) -> Answer {
    let mut request = world.challenge_request_of("card_pin").await;
    request["purpose"] = json!(EVERYTHING);
    let given = device.ask_challenge(world, &request).await;
    let challenge = given.json["challenges"][0]["challenge"].as_str().unwrap();
    let assertion = assert_with(&leaf(), &device.claims(world, challenge));
    device.exchange(world, "card-assertion", &assertion, scope).await
}

pub(crate) fn text<'a>(answer: &'a Answer, member: &str) -> &'a str {
    answer.json[member].as_str().unwrap_or_else(|| panic!("{member}: {}", answer.json))
}

pub(crate) fn disaster(facility: &str, begins: Timestamp) -> Disaster {
    Disaster {
        facilities: vec![facility.to_owned()],
        from: begins,
        until: begins + SignedDuration::from_hours(48),
        declared_by: ["nurse-02", "admin-01"].map(str::to_owned),
    }
}

/// Less is known of somebody who had to flee.
pub(crate) async fn fled(world: &World, device: &Device, scope: &str) -> Answer {
    let mut claims = statement(world, device).await;
    claims.as_object_mut().unwrap().retain(|name, _| name != "ins" && name != "num");
    let jws = device.sign("kaigo-disaster+jwt", &claims);
    device.exchange(world, "disaster", &jws, scope).await
}

/// Every kind of evidence and every scope: what is granted, and what is refused as too weak.
#[tokio::test]
async fn each_kind_opens_what_the_table_says() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    world.sandbox.declare_disaster(&disaster(FACILITY_ID, Timestamp::now())).await.unwrap();
    let card = with_card(&world, &device, READ).await;
    let (evidence, handle) = (text(&card, "evidence_token"), text(&card, "registration"));
    for (kind, opens) in [
        ("card-assertion", [true, true, true, true, true]),
        ("evidence", [true, true, true, true, true]),
        ("four-attributes", [true, true, true, false, true]),
        ("registration", [true, false, false, false, true]),
        ("disaster", [true, false, false, false, false]),
    ] {
        // Every further thing that is to be seen is the same to it.
        let opens = opens.into_iter().chain(std::iter::repeat(opens[4]));
        for (scope, opens) in SCOPES.into_iter().zip(opens) {
            let answer = match kind {
                "card-assertion" => with_card(&world, &device, scope).await,
                "evidence" => device.exchange(&world, kind, evidence, scope).await,
                "registration" => device.exchange(&world, kind, handle, scope).await,
                "disaster" => fled(&world, &device, scope).await,
                _ => {
                    let claims = statement(&world, &device).await;
                    state(&world, &device, &claims, scope).await
                }
            };
            if opens {
                assert_eq!(answer.status, 200, "{kind} {scope}: {}", answer.json);
                assert_eq!(payload(answer.access_token())["scope"], scope);
            } else {
                answer.refused(403, "evidence_too_weak");
            }
        }
    }
    // What was not asked for with the face before one is not opened, either.
    let challenge = device.challenge(&world, "card_pin", None).await;
    let assertion = assert_with(&leaf(), &device.claims(&world, &challenge));
    let answer = device.exchange(&world, "card-assertion", &assertion, "consent:write").await;
    answer.refused(400, "binding_mismatch");
    assert_eq!(answer.json["field"], "scope");
}

#[tokio::test]
async fn a_card_in_a_phone_is_not_taken_yet() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let answer = device.exchange(&world, "mdoc", "AAAA", READ).await;
    answer.refused(400, "evidence_not_supported");
}

#[tokio::test]
async fn the_paper_certificate_counts_once_and_not_for_a_day() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let claims = statement(&world, &device).await;
    let jws = device.sign("kaigo-four-attributes+jwt", &claims);
    let first = device.exchange(&world, "four-attributes", &jws, READ).await;
    assert_eq!(first.status, 200, "{}", first.json);
    assert_eq!(first.json["honnin"]["method"], "four_attributes");
    let token = payload(first.access_token());
    assert_eq!(token["acr"], "urn:x-kaigo:acr:insurance-card");
    assert_eq!(token["amr"], json!(["kba", "x-document"]));
    assert_eq!(token["kaigo"]["fresh_until"], token["exp"]);
    assert!(first.json["evidence_token"].is_null() && first.json["registration"].is_string());
    // The same bytes, the same answer; the same name with other bytes, or from elsewhere, not.
    let again = device.exchange(&world, "four-attributes", &jws, READ).await;
    assert_eq!(again.access_token(), first.access_token());
    let other = device.sign("kaigo-four-attributes+jwt", &claims);
    assert_ne!(jws, other);
    device.exchange(&world, "four-attributes", &other, READ).await.refused(400, "replayed");
    let elsewhere = Device::new(&world).await;
    elsewhere.exchange(&world, "four-attributes", &jws, READ).await.refused(400, "replayed");
}

/// Beside the photo in a card's chip, the paper certificate opens what it opens, and the books say what was looked at.
#[tokio::test]
async fn the_photo_in_the_chip_goes_on_record() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let mut claims = statement(&world, &device).await;
    claims["vsl"]["b"] = "chip_photo".into();
    let answer = state(&world, &device, &claims, READ).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.json["honnin"]["method"], "four_attributes");
    let token = payload(answer.access_token());
    assert_eq!(token["acr"], "urn:x-kaigo:acr:insurance-card");
    assert!(answer.json["evidence_token"].is_null());
    let records = world.sandbox.audit().after(0).await.unwrap();
    assert!(records.iter().any(|record| record.note == "face match chip_photo"));

    // Where people had to flee there is no card.
    world.sandbox.declare_disaster(&disaster(FACILITY_ID, Timestamp::now())).await.unwrap();
    let mut claims = statement(&world, &device).await;
    claims["vsl"]["b"] = "chip_photo".into();
    let jws = device.sign("kaigo-disaster+jwt", &claims);
    let answer = device.exchange(&world, "disaster", &jws, READ).await;
    answer.refused(400, "binding_mismatch");
    assert_eq!(answer.json["field"], "vsl");
}

#[tokio::test]
async fn all_of_the_paper_certificate_has_to_be_right() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    for (field, wrong) in [
        ("ins", "990011"),
        ("num", "0001234568"),
        ("kana", "カイゴタロウ"),
        ("dob", "1941-05-04"),
        ("sex", "male"),
    ] {
        let mut claims = statement(&world, &device).await;
        claims[field] = wrong.into();
        state(&world, &device, &claims, READ).await.refused(404, "person_not_found");
    }
    for (field, wrong) in [
        ("aud", json!("https://elsewhere.example")),
        ("cnf", json!({ "jkt": "AAAA" })),
        ("fac", json!("1370000002")),
        ("act", json!("nurse-02")),
        ("vsl", json!({ "r": "match", "b": "printed_photo" })),
        ("iat", json!(1)),
        ("exp", json!(1)),
    ] {
        let mut claims = statement(&world, &device).await;
        claims[field] = wrong;
        let answer = state(&world, &device, &claims, READ).await;
        answer.refused(400, "binding_mismatch");
        assert_eq!(answer.json["field"], field);
    }
    let mut claims = statement(&world, &device).await;
    claims.as_object_mut().unwrap().remove("num");
    state(&world, &device, &claims, READ).await.refused(400, "assertion_malformed");
    let stranger = Device::new(&world).await;
    let header = json!({ "alg": "ES256", "typ": "kaigo-four-attributes+jwt", "kid": device.jkt });
    let forged = stranger.sign_with(&header, &statement(&world, &device).await);
    let answer = device.exchange(&world, "four-attributes", &forged, READ).await;
    answer.refused(400, "signature_invalid");
}

#[tokio::test]
async fn an_evidence_token_is_good_for_a_day_and_for_its_staff_member_at_its_device() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    let card = with_card(&world, &device, READ).await;
    let evidence = text(&card, "evidence_token").to_owned();
    let again = device.exchange(&world, "evidence", &evidence, READ).await;
    let (first, second) = (payload(card.access_token()), payload(again.access_token()));
    assert_ne!(first["jti"], second["jti"]);
    for member in ["sub", "acr", "auth_time"] {
        assert_eq!(first[member], second[member]);
    }
    assert_eq!(first["kaigo"], second["kaigo"]);
    let other = Device::new(&world).await;
    let answer = other.exchange(&world, "evidence", &evidence, READ).await;
    assert_eq!(answer.json["field"], "cnf", "{}", answer.json);
    let device = device.handed_to(&world, "nurse-02").await;
    let answer = device.exchange(&world, "evidence", &evidence, READ).await;
    assert_eq!(answer.json["field"], "act", "{}", answer.json);
    let answer = device.exchange(&world, "evidence", card.access_token(), READ).await;
    answer.refused(400, "assertion_malformed");

    world.sandbox.shift_clock(SignedDuration::from_hours(24) - SignedDuration::from_mins(1));
    let device = device.handed_to(&world, STAFF_ID).await;
    assert_eq!(device.exchange(&world, "evidence", &evidence, READ).await.status, 200);
    // A day to the second counts; the test may take some seconds itself.
    world.sandbox.shift_clock(SignedDuration::from_secs(61));
    world.sandbox.sweep().await.unwrap();
    let answer = device.exchange(&world, "evidence", &evidence, READ).await;
    answer.refused(403, "reverify_required");
}

#[tokio::test]
async fn a_registration_lasts_as_long_as_somebody_is_served() {
    let lifetime = SignedDuration::from_hours(30 * 24);
    let world = World::with(|config| {
        config.registration_lifetime = lifetime.unsigned_abs();
    })
    .await;
    let device = Device::new(&world).await;
    let card = with_card(&world, &device, READ).await;
    let handle = text(&card, "registration").to_owned();
    let subject = text_of(&card.json["honnin"]["sub"]);
    let visit =
        async |device: &Device| device.exchange(&world, "registration", &handle, READ).await;
    let answer = visit(&device).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let token = payload(answer.access_token());
    assert_eq!((&token["acr"], &token["amr"]), (&json!("urn:x-kaigo:acr:registered"), &json!([])));
    assert_eq!(token["sub"], subject);
    let ends = token["kaigo"]["reg_until"].as_i64().unwrap();
    assert_eq!(ends - lifetime.as_secs(), payload(card.access_token())["iat"].as_i64().unwrap());

    let other = Device::new(&world).await;
    assert_eq!(visit(&other).await.json["field"], "cnf");
    let unknown = device.exchange(&world, "registration", "AAAA", READ).await;
    unknown.refused(403, "registration_expired");

    // A claim is received on the last day; the day after, the person is still registered.
    let day = SignedDuration::from_hours(24);
    world.sandbox.shift_clock(lifetime - day);
    assert!(world.sandbox.extend_registration(FACILITY_ID, &subject).await.unwrap());
    assert!(!world.sandbox.extend_registration("1370000002", &subject).await.unwrap());
    world.sandbox.shift_clock(day + day);
    world.sandbox.sweep().await.unwrap();
    let device = device.handed_to(&world, STAFF_ID).await;
    assert_eq!(visit(&device).await.status, 200);
    world.sandbox.shift_clock(lifetime);
    let device = device.handed_to(&world, STAFF_ID).await;
    visit(&device).await.refused(403, "registration_expired");
    // A claim that comes too late revives nothing, whether it has been removed by then or not.
    assert!(!world.sandbox.extend_registration(FACILITY_ID, &subject).await.unwrap());
    visit(&device).await.refused(403, "registration_expired");
    world.sandbox.sweep().await.unwrap();
    visit(&device).await.refused(403, "registration_expired");
}

#[tokio::test]
async fn the_end_of_a_contract_ends_every_handle() {
    let world = World::new().await;
    let (one, two) = (Device::new(&world).await, Device::new(&world).await);
    let mut handles = Vec::new();
    for device in [&one, &two] {
        let card = with_card(&world, device, READ).await;
        handles.push((device, text(&card, "registration").to_owned(), card));
    }
    let subject = text_of(&handles[0].2.json["honnin"]["sub"]);
    assert!(world.sandbox.end_registration(FACILITY_ID, &subject).await.unwrap());
    assert!(!world.sandbox.end_registration(FACILITY_ID, &subject).await.unwrap());
    for (device, handle, _) in &handles {
        let answer = device.exchange(&world, "registration", handle, READ).await;
        answer.refused(403, "registration_expired");
    }
}

#[tokio::test]
async fn a_disaster_counts_where_and_while_two_people_say_so() {
    let world = World::new().await;
    let device = Device::new(&world).await;
    fled(&world, &device, READ).await.refused(403, "disaster_not_active");
    let now = Timestamp::now();
    let mut alone = disaster(FACILITY_ID, now);
    alone.declared_by = ["admin-01", "admin-01"].map(str::to_owned);
    assert!(world.sandbox.declare_disaster(&alone).await.is_err());
    let mut stranger = disaster(FACILITY_ID, now);
    stranger.declared_by[1] = "somebody".to_owned();
    assert!(world.sandbox.declare_disaster(&stranger).await.is_err());
    world.sandbox.declare_disaster(&disaster("1370000002", now)).await.unwrap();
    fled(&world, &device, READ).await.refused(403, "disaster_not_active");

    world.sandbox.declare_disaster(&disaster(FACILITY_ID, now)).await.unwrap();
    let answer = fled(&world, &device, READ).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let token = payload(answer.access_token());
    assert_eq!(token["acr"], "urn:x-kaigo:acr:disaster");
    assert_eq!(token["kaigo"]["disaster"], true);
    assert!(answer.json["evidence_token"].is_null());
    world.sandbox.shift_clock(SignedDuration::from_hours(48));
    let device = device.handed_to(&world, STAFF_ID).await;
    fled(&world, &device, READ).await.refused(403, "disaster_not_active");
}

/// Two people of one name, born on one day: nobody picks one of them.
#[tokio::test]
async fn of_two_who_may_be_meant_it_is_neither() {
    let world = World::with(|config| {
        let mut twin = config.people[0].clone();
        twin.insured_number = "0007654321".to_owned();
        twin.certificate_serials = vec![vec![0x77]];
        config.people.push(twin);
    })
    .await;
    let device = Device::new(&world).await;
    world.sandbox.declare_disaster(&disaster(FACILITY_ID, Timestamp::now())).await.unwrap();
    fled(&world, &device, READ).await.refused(404, "person_not_found");
    assert!(!stated(&world, &device).await.is_empty());
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
