//! The portal's challenge against what a rogue or broken server may send, and what is read of its answers.

use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::challenge::verify;
use super::view::read_accesses;
use super::{StaffRole, Viewed};
use crate::exchange::ChallengeKey;
use crate::flow::DeviceTime;
use crate::message::{Code, Failure};
use crate::platform::jws::base64url;

const NOW: i64 = 1_795_137_723; // 2026-11-20T01:02:03Z
const ISSUER: &str = "https://sts.example";
const KEY: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

struct Server {
    pair: EcdsaKeyPair,
    key: ChallengeKey,
}

impl Server {
    fn new() -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        let point = pair.public_key().as_ref();
        let key = ChallengeKey::p256(&base64url(&point[1..33]), &base64url(&point[33..])).unwrap();
        Self { pair, key }
    }

    fn says(&self, typ: &str, payload: &Value) -> Vec<u8> {
        let header = json!({ "alg": "ES256", "typ": typ, "kid": self.key.id() }).to_string();
        let part = |text: &str| base64url(text.as_bytes());
        let input = format!("{}.{}", part(&header), part(&payload.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        let challenge = format!("{input}.{}", base64url(signature.as_ref()));
        let at = Timestamp::from_second(NOW).unwrap();
        json!({ "challenges": [{ "challenge": challenge }], "server_time": at }).to_string().into()
    }
}

fn payload() -> Value {
    json!({
        "iss": ISSUER, "aud": "urn:kaigo:portal-assertion", "jti": "c1", "nonce": base64url(&[7; 32]),
        "iat": NOW, "nbf": NOW, "exp": NOW + 120, "cnf": { "jkt": KEY }, "vsn": 1
    })
}

fn judged(body: &[u8], key: &ChallengeKey) -> Result<(), Failure> {
    let device = DeviceTime::new(Timestamp::from_second(NOW).unwrap(), std::time::Duration::ZERO);
    verify(body, std::slice::from_ref(key), (ISSUER, KEY), device).map(|_| ())
}

const TYP: &str = "kaigo-portal-challenge+jwt";

#[test]
fn a_challenge_is_this_platforms_for_this_key_and_for_coming_in() {
    let server = Server::new();
    judged(&server.says(TYP, &payload()), &server.key).unwrap();
    for (member, value) in [
        ("iss", json!("https://elsewhere.example")),
        ("aud", json!("urn:kaigo:card-assertion")),
        ("cnf", json!({ "jkt": "another" })),
        ("nonce", json!(base64url(&[7; 31]))),
        ("exp", json!(NOW + 601)),
        ("vsn", json!(2)),
        ("purpose", json!(["view"])),
    ] {
        let mut changed = payload();
        changed[member] = value;
        let failure = judged(&server.says(TYP, &changed), &server.key).unwrap_err();
        assert_eq!(failure.code(), Code::ChallengeInvalid, "{member}");
    }
}

#[test]
fn nothing_is_signed_for_another_server_or_for_what_a_visit_is_asked() {
    let (server, other) = (Server::new(), Server::new());
    for (body, key) in [
        (server.says(TYP, &payload()), &other.key),
        (server.says("kaigo-challenge+jwt", &payload()), &server.key),
        (server.says("at+jwt", &payload()), &server.key),
    ] {
        assert_eq!(judged(&body, key).unwrap_err().code(), Code::ChallengeUntrusted);
    }
}

#[test]
fn what_was_looked_at_in_a_way_unknown_here_is_told_as_it_is() {
    let access = json!({
        "at": "2026-11-20T01:02:03Z", "facility_id": "1370000001", "facility_name": "架空",
        "role": "physician", "what": "dental", "method": "face_check", "disaster": false, "new": 1,
    });
    let page = json!({ "accesses": [access], "next": null, "as_of": "2026-11-20T01:02:03Z" });
    let page = read_accesses(page.to_string().as_bytes()).unwrap();
    let access = &page.accesses[0];
    assert_eq!(access.role, StaffRole::Other("physician".to_owned()));
    assert_eq!(
        (&access.what, access.what.japanese()),
        (&Viewed::Other("dental".to_owned()), "dental")
    );
    assert_eq!(format!("{access:?}"), "Access(..)");
    let many = vec![json!({}); 501];
    let body = json!({ "accesses": many }).to_string();
    assert_eq!(read_accesses(body.as_bytes()).err().unwrap().code(), Code::ServerAnswerInvalid);
}
