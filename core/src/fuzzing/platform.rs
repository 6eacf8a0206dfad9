//! The care platform of the flows that are played here, and what a device under it was enrolled with.

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

use crate::exchange::ticket::Ticket;
use crate::exchange::{
    self, ChallengeKey, Clock, Device, DeviceKey, Entropy, Expected, FacilityNumber, StaffToken,
    Use, Way, unsigned,
};
use crate::flow::{DeviceTime, HttpRequest, HttpResponse};
use crate::message::Failure;
use crate::pki::TrustAnchors;
use crate::platform::ServerAddress;
use crate::visit::{Environment, Plan};

/// The time on every device here: 2026-11-20T01:02:03Z.
pub(super) const NOW: i64 = 1_795_137_723;

const SERVER: &str = "https://platform.example";
const ISSUER: &str = "https://sts.example";
const FACILITY: &str = "1370000001";
const STAFF: &str = "nurse-01";
const USES: &[Use] = &[Use::View, Use::Register];
const SEED: [u8; 32] = [0x5A; 32];

/// The key pair of RFC 7515 appendix A.3: everybody knows it.
const PRIVATE: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

pub(super) fn now() -> Timestamp {
    at(NOW)
}

/// The same, of both clocks.
pub(super) fn device_time() -> DeviceTime {
    DeviceTime::new(now(), Duration::ZERO)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).expect("a time")
}

pub(super) fn challenge_key() -> ChallengeKey {
    ChallengeKey::p256(X, Y).expect("the key of the RFC")
}

/// A device with the same key.
fn device() -> Device {
    let facility = FacilityNumber::parse(FACILITY).expect("a number");
    Device::new("device", DeviceKey::new("key", point()), facility).expect("a device")
}

fn staff(device: &Device) -> StaffToken {
    let token = unsigned(STAFF, FACILITY, device.thumbprint());
    StaffToken::parse(token, device).expect("a token")
}

pub(super) fn plan() -> Plan {
    Plan::new(USES).expect("a plan")
}

pub(super) fn environment(anchors: TrustAnchors) -> Environment {
    let server = ServerAddress::parse(SERVER).expect("an address");
    let (device, keys) = (device(), vec![challenge_key()]);
    let (token, entropy) = (staff(&device), Entropy::new(&SEED));
    Environment::new(server, ISSUER, keys, device, token, anchors, entropy).expect("an environment")
}

/// The visit that [`environment`]'s randomness begins.
fn visit_id() -> String {
    Entropy::new(&SEED).uuid()
}

/// Has a challenge judged as the visit would.
pub(super) fn with_expected<T>(judge: impl FnOnce(&Expected<'_>) -> T) -> T {
    let device = device();
    judge(&Expected {
        subject: None,
        issuer: ISSUER,
        device: &device,
        member: staff(&device).member(),
        visit: &visit_id(),
        uses: USES,
        way: Way::CardPin,
    })
}

/// The contents of a challenge to which nothing is to be said.
pub(super) fn good_payload() -> Value {
    json!({
        "iss": ISSUER, "aud": "urn:kaigo:card-assertion", "jti": "c1",
        "nonce": Base64UrlUnpadded::encode_string(&[7; 32]),
        "iat": NOW, "nbf": NOW, "exp": NOW + 120, "facility_id": FACILITY,
        "purpose": USES, "method": Way::CardPin, "act_sub": STAFF, "visit_id": visit_id(),
        "cnf": {"jkt": device().thumbprint()}, "vsn": 2
    })
}

/// The contents of a ticket to which nothing is to be said.
fn good_ticket() -> Value {
    json!({
        "iss": ISSUER, "aud": "urn:kaigo:ticket", "jti": "t1",
        "nonce": Base64UrlUnpadded::encode_string(&[7; 32]),
        "iat": NOW, "nbf": NOW, "exp": NOW + 12 * 60 * 60, "facility_id": FACILITY,
        "act_sub": STAFF, "cnf": {"jkt": device().thumbprint()}, "vsn": 1
    })
}

/// Has an answer with a ticket judged as the device would.
pub(super) fn read_ticket(body: &[u8]) -> Result<(Ticket, Clock), Failure> {
    let device = device();
    let member = staff(&device).member().clone();
    exchange::read_ticket(body, &[challenge_key()], ISSUER, &device, &member, device_time())
}

/// The server's answer with a challenge of these contents, signed.
pub(super) fn challenge(payload: &[u8]) -> Vec<u8> {
    let jws = signed("kaigo-challenge+jwt", payload);
    json!({"challenges": [{"challenge": jws}], "server_time": now()}).to_string().into_bytes()
}

/// The server's answer with a ticket of these contents, signed.
pub(super) fn ticket(payload: &[u8]) -> Vec<u8> {
    let tickets = [json!({"ticket": signed("kaigo-ticket+jwt", payload)})];
    let answer = json!({"tickets": tickets, "server_time": now(), "journal": {"next": 3}});
    answer.to_string().into_bytes()
}

fn signed(typ: &str, payload: &[u8]) -> String {
    let header = json!({"alg": "ES256", "typ": typ, "kid": challenge_key().id()});
    let encode = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let input = format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload));
    format!("{input}.{}", encode(&signature(input.as_bytes())))
}

/// A signature of the one key that there is here.
pub(super) fn signature(message: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let (private, public) = (decode(PRIVATE), point());
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, &public, &random);
    let signature = pair.expect("the key of the RFC").sign(&random, message);
    signature.expect("a signature").as_ref().to_vec()
}

fn point() -> Vec<u8> {
    [&[0x04], decode(X).as_slice(), decode(Y).as_slice()].concat()
}

fn decode(part: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(part).expect("base64url")
}

/// The bodies of [`good_answer`], and the contents of its challenge.
pub(super) fn good_bodies() -> [Vec<u8>; 4] {
    let payload = good_payload().to_string().into_bytes();
    [challenge(&payload), TOKEN.into(), ENTITLEMENT.into(), payload]
}

/// Those of what is done without coverage.
pub(super) fn good_bodies_without_coverage() -> [Vec<u8>; 3] {
    let payload = good_ticket().to_string().into_bytes();
    [ticket(&payload), payload, SENT.into()]
}

/// What a platform answers to which nothing is to be said.
pub(super) fn good_answer(request: &HttpRequest) -> HttpResponse {
    let (status, body) = match request.url.strip_prefix(SERVER) {
        Some("/v1/challenges") => (201, challenge(good_payload().to_string().as_bytes())),
        Some("/v1/token") => (200, TOKEN.as_bytes().to_vec()),
        Some("/v1/qualification") => (200, ENTITLEMENT.as_bytes().to_vec()),
        _ => panic!("{request:?} goes to nobody"),
    };
    HttpResponse::new(status, body)
}

const TOKEN: &str = r#"{"access_token": "token", "token_type": "DPoP", "expires_in": 900,
 "evidence_token": "evidence", "registration": "registration",
 "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
 "honnin": {"method": "card_pin", "verified_at": "2026-11-20T01:02:03Z", "fresh_until": "2026-11-21T01:02:03Z",
  "sub": "subject"}}"#;

const SENT: &str = r#"{"result": "confirmed", "again": false, "offline": true, "id": "a", "evidence_token": "evidence",
 "server_time": "2026-11-20T01:02:03Z", "journal": {"next": 3}}"#;

const ENTITLEMENT: &str = r#"{"person": {"name_kana": "K", "birth_date": "1941-05-03", "sex": "female"},
 "insurer": {"number": "990001", "name": "I"}, "insured_number": "0001234567",
 "periodic": {"as_of": "2026-11-20T01:02:05Z",
  "care_level": {"code": "care_3", "valid_from": "2026-04-01", "valid_until": "2027-03-31"},
  "burden_ratio": {"percent": 10, "valid_from": "2026-08-01", "valid_until": "2027-07-31"},
  "limit_certificate": {"stage": "3-1", "valid_from": "2026-08-01", "valid_until": "2027-07-31"}}}"#;
