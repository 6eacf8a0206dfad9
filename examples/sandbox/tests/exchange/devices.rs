//! Devices: from an activation code to a client with a key, and to its end.

use jiff::SignedDuration;
use kaigotap_sandbox::{Enrolment, FACILITY_ID, FacilityAuthority, STAFF_ID};
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::phone::{JSON, NOTHING, Phone, jti};
use crate::pki::now;
use crate::support::{Answer, World, base64url};

async fn enrol(world: &World, phone: &Phone, code: &str, more: Value) -> Answer {
    let mut request = json!({ "activation_code": code, "jwk": phone.jwk() });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let body = request.to_string();
    world.prove(phone, ("POST", "/v1/devices"), None, (JSON, &body)).await
}

async fn code(world: &World) -> String {
    world.sandbox.activate(FACILITY_ID, "訪問用 1").await.unwrap().code
}

fn csr(phone: &Phone) -> Value {
    let key = KeyPair::try_from(&phone.pkcs8[..]).unwrap();
    let params = CertificateParams::new(Vec::new()).unwrap();
    json!({ "csr": base64url(params.serialize_request(&key).unwrap().der()) })
}

async fn at(world: &World, staff: &str, phone: &Phone) -> Enrolment {
    world.sandbox.enrol(staff, &phone.jwk()).await.unwrap()
}

#[tokio::test]
async fn a_device_is_enrolled_with_a_code_and_its_key() {
    let world = World::new().await;
    let (phone, code) = (Phone::new(), code(&world).await);
    let answer = enrol(&world, &phone, &code, json!({})).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    let told = &answer.json;
    assert_eq!((&told["label"], &told["facility_id"]), (&json!("訪問用 1"), &json!(FACILITY_ID)));
    assert_eq!(told["issuer"], world.sandbox.issuer());
    assert_eq!(told["staff_issuer"], format!("{}/staff", world.sandbox.issuer()));
    assert_eq!(told["challenge_keys"], json!(world.sandbox.challenge_keys()));
    assert_eq!(told["policy"], json!({ "offline_tickets": 20, "mtls": "none" }));
    assert!(told.get("certificate_chain").is_none());
    assert_eq!(told["device_id"].as_str().unwrap().len(), 22);

    let devices = world.sandbox.devices().await.unwrap();
    // One is the world's own.
    assert_eq!(devices.len(), 2);
    assert_eq!(devices[1].device_id, told["device_id"]);
    // The device hears later what it heard then.
    let token = at(&world, STAFF_ID, &phone).await.staff_token;
    let later = world.prove(&phone, ("GET", "/v1/devices/self"), Some(&token), NOTHING).await;
    for name in ["device_id", "label", "facility_id", "challenge_keys", "policy"] {
        assert_eq!(later.json[name], told[name], "{name}");
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_for_15_minutes() {
    let world = World::new().await;
    let (first, second) = (Phone::new(), Phone::new());
    let once = code(&world).await;
    // As somebody types it.
    let typed = once.to_lowercase().replace('-', " ").replace('0', "o");
    assert_eq!(enrol(&world, &first, &typed, json!({})).await.status, 201);
    let invalid = "activation_code_invalid";
    enrol(&world, &second, &once, json!({})).await.refused(400, invalid);
    for wrong in ["", "x", "0000-0000-0000-0000-0000-0000-00", "'; DROP TABLE device_code; --"] {
        enrol(&world, &second, wrong, json!({})).await.refused(400, invalid);
    }
    let late = code(&world).await;
    world.sandbox.shift_clock(SignedDuration::from_mins(15));
    let late = {
        // The clock of the phone goes with it.
        let request = json!({ "activation_code": late, "jwk": second.jwk() }).to_string();
        let url = format!("{}/v1/devices", world.sandbox.issuer());
        let mut answer = None;
        for _ in 0..2 {
            let mut claims = second.claims("POST", &url, None);
            claims["iat"] = (now() + 900).into();
            let proof = second.proof(&claims);
            let sent =
                world.send_proof(("POST", "/v1/devices"), None, (JSON, &request), &proof).await;
            second.heard(&sent);
            answer = Some(sent);
        }
        answer.unwrap()
    };
    late.refused(400, invalid);
    assert_eq!(world.sandbox.devices().await.unwrap().len(), 2);
    // A code that was refused for another reason is still good.
    world.sandbox.shift_clock(SignedDuration::from_mins(-15));
    let good = code(&world).await;
    enrol(&world, &first, &good, json!({})).await.refused(409, "device_key_known");
    let other = json!({ "jwk": first.jwk() });
    enrol(&world, &second, &good, other).await.refused(400, "dpop_proof_invalid");
    enrol(&world, &second, &good, json!({ "more": 1 })).await.refused(400, "request_malformed");
    enrol(&world, &second, &good, csr(&first)).await.refused(400, "request_malformed");
    assert_eq!(enrol(&world, &second, &good, json!({})).await.status, 201);
}

#[tokio::test]
async fn of_many_devices_one_gets_the_code() {
    let world = World::new().await;
    let code = code(&world).await;
    let phones: Vec<Phone> = (0..8).map(|_| Phone::new()).collect();
    let mut enrolled = 0;
    for answer in futures(phones.iter().map(|phone| enrol(&world, phone, &code, json!({})))).await {
        enrolled += u32::from(answer.status == 201);
    }
    assert_eq!(enrolled, 1);
}

/// Waits for all of them at once.
async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in waiting.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_certificate_is_for_the_key_that_asked() {
    let authority = FacilityAuthority::generate(now().try_into().unwrap()).unwrap();
    let world = World::with(|config| config.facility_authority = Some(authority.clone())).await;
    let phone = Phone::new();
    let answer = enrol(&world, &phone, &code(&world).await, csr(&phone)).await;
    let chain = answer.json["certificate_chain"].as_array().unwrap();
    let decode = |der: &Value| {
        use base64ct::{Base64, Encoding};
        Base64::decode_vec(der.as_str().unwrap()).unwrap()
    };
    assert_eq!(chain.len(), 2);
    assert_eq!(decode(&chain[1]), authority.certificate);
    let leaf = Certificate::from_der(&decode(&chain[0])).unwrap().tbs_certificate;
    let subject = leaf.subject.to_string();
    assert!(subject.contains(answer.json["device_id"].as_str().unwrap()), "{subject}");
    assert!(subject.contains(FACILITY_ID), "{subject}");
    let key = leaf.subject_public_key_info.subject_public_key.as_bytes().unwrap().to_vec();
    assert_eq!(key, KeyPair::try_from(&phone.pkcs8[..]).unwrap().public_key_raw());
}

#[tokio::test]
async fn a_key_is_followed_by_another() {
    let world = World::new().await;
    let (old, new) = (Phone::new(), Phone::new());
    let enrolment = at(&world, STAFF_ID, &old).await;
    let (id, token) = (enrolment.device_id.unwrap(), enrolment.staff_token);
    let claims = json!({ "iss": id, "aud": world.sandbox.issuer(), "old": old.jkt(),
                         "iat": now(), "jti": jti() });
    let header = json!({ "alg": "ES256", "typ": "kaigo-key-rollover+jwt" });
    let roll = async |proof: String| {
        let body = json!({ "jwk": new.jwk(), "proof": proof }).to_string();
        world.prove(&old, ("POST", "/v1/devices/self/key"), Some(&token), (JSON, &body)).await
    };
    for (name, value) in [
        ("iss", json!("another")),
        ("aud", json!("https://elsewhere.example")),
        ("old", json!(new.jkt())),
        ("iat", json!(now() - 3600)),
        ("jti", json!("")),
        ("more", json!(1)),
    ] {
        let mut claims = claims.clone();
        claims[name] = value;
        roll(new.sign(&header, &claims)).await.refused(400, "request_malformed");
    }
    roll(old.sign(&header, &claims)).await.refused(400, "request_malformed");
    let untyped = json!({ "alg": "ES256", "typ": "JWT" });
    roll(new.sign(&untyped, &claims)).await.refused(400, "request_malformed");

    let answer = roll(new.sign(&header, &claims)).await;
    assert_eq!((answer.status, &answer.json["device_id"]), (201, &json!(id)), "{}", answer.json);
    // The old one is dead, and can never be enrolled again.
    roll(new.sign(&header, &claims)).await.refused(401, "device_revoked");
    let code = code(&world).await;
    enrol(&world, &old, &code, json!({})).await.refused(409, "device_key_known");
    // The new one is the same device.
    let enrolment = at(&world, STAFF_ID, &new).await;
    assert_eq!(enrolment.device_id.as_deref(), Some(&*id));
    let token = Some(&*enrolment.staff_token);
    let answer = world.prove(&new, ("GET", "/v1/devices/self"), token, NOTHING).await;
    assert_eq!(answer.json["device_id"], id);
}

#[tokio::test]
async fn an_administrator_lists_and_kills_devices_of_the_facility() {
    let world = World::new().await;
    let (desk, phone, elsewhere) = (Phone::new(), Phone::new(), Phone::new());
    let admin = at(&world, "admin-01", &desk).await;
    let nurse = at(&world, STAFF_ID, &phone).await;
    let other = at(&world, "nurse-11", &elsewhere).await;
    let (nurse_id, other_id) = (nurse.device_id.unwrap(), other.device_id.unwrap());
    let mine = ("GET", "/v1/devices/self");
    let of = |id: &str| format!("/v1/devices/{id}");

    let list = async |phone, token: &str| {
        world.prove(phone, ("GET", "/v1/devices"), Some(token), NOTHING).await
    };
    list(&phone, &nurse.staff_token).await.refused(403, "scope_missing");
    let listed = list(&desk, &admin.staff_token).await;
    let listed = listed.json["devices"].as_array().unwrap().clone();
    // One is the world's own.
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|device| device["killed_at"].is_null()));

    let kill = async |phone, token: &str, id: &str| {
        world.prove(phone, ("DELETE", &of(id)), Some(token), NOTHING).await
    };
    kill(&phone, &nurse.staff_token, &nurse_id).await.refused(403, "scope_missing");
    kill(&desk, &admin.staff_token, &other_id).await.refused(400, "request_malformed");
    kill(&desk, &admin.staff_token, "x").await.refused(400, "request_malformed");
    assert_eq!(world.prove(&phone, mine, Some(&nurse.staff_token), NOTHING).await.status, 200);
    assert_eq!(kill(&desk, &admin.staff_token, &nurse_id).await.status, 200);
    let dead = world.prove(&phone, mine, Some(&nurse.staff_token), NOTHING).await;
    dead.refused(401, "device_revoked");
    assert!(world.sandbox.enrol(STAFF_ID, &phone.jwk()).await.is_err());
    let alive = world.prove(&elsewhere, mine, Some(&other.staff_token), NOTHING).await;
    assert_eq!(alive.status, 200);
    let listed = list(&desk, &admin.staff_token).await;
    assert!(listed.json["devices"][2]["killed_at"].is_string(), "{}", listed.json);
}

#[tokio::test]
async fn a_token_opens_nothing_at_another_device() {
    let world = World::new().await;
    let (phone, thief, elsewhere) = (Phone::new(), Phone::new(), Phone::new());
    let token = at(&world, STAFF_ID, &phone).await.staff_token;
    at(&world, STAFF_ID, &thief).await;
    at(&world, "nurse-11", &elsewhere).await;
    let mine = ("GET", "/v1/devices/self");
    for other in [&thief, &elsewhere] {
        let answer = world.prove(other, mine, Some(&token), NOTHING).await;
        answer.refused(401, "staff_token_invalid");
    }
    // Without any proof, it is no token at all.
    let bearer = format!("Bearer {token}");
    let answer = world.call(mine.0, mine.1, &[("authorization", &bearer)], String::new()).await;
    answer.unwrap().refused(401, "staff_token_invalid");
}
