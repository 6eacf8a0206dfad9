//! The challenge against everything a rogue or broken server may send; the assertion against the JWS rules.

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use rstest::rstest;
use serde_json::{Value, json};

use super::challenge::verify_challenge;
use super::*;
use crate::flow::DeviceTime;
use crate::message::{Code, Failure};
use crate::platform::jws;

const NOW: i64 = 1_795_137_723; // 2026-11-20T01:02:03Z
const USES: &[Use] = &[Use::View, Use::Register];

struct Server {
    pair: EcdsaKeyPair,
    key: ChallengeKey,
}

impl Server {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
                .unwrap();
        let point = pair.public_key().as_ref();
        let key = ChallengeKey::p256(&jws::base64url(&point[1..33]), &jws::base64url(&point[33..]))
            .unwrap();
        Self { pair, key }
    }

    fn header(&self) -> Value {
        json!({"alg": "ES256", "typ": "kaigo-challenge+jwt", "kid": self.key.id()})
    }

    fn sign(&self, header: &Value, payload: &str) -> String {
        let input = format!(
            "{}.{}",
            jws::base64url(header.to_string().as_bytes()),
            jws::base64url(payload.as_bytes())
        );
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", jws::base64url(signature.as_ref()))
    }
}

fn payload() -> Value {
    json!({
        "iss": "https://sts.example", "aud": "urn:kaigo:card-assertion", "jti": "c1",
        "nonce": jws::base64url(&[7; 32]), "iat": NOW, "nbf": NOW, "exp": NOW + 120,
        "facility_id": "1370000001", "purpose": ["view", "register"], "method": "card_pin",
        "act_sub": "nurse-01", "visit_id": "v1", "cnf": {"jkt": device().thumbprint()}, "vsn": 2
    })
}

fn body(jws: &str, server_time: i64) -> Vec<u8> {
    json!({"challenges": [{"challenge": jws}], "server_time": at(server_time)}).to_string().into()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// The device of the examples of RFC 9449.
pub(crate) fn device() -> Device {
    let decode = |part| Base64UrlUnpadded::decode_vec(part).unwrap();
    let x = decode("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs");
    let y = decode("9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA");
    let key = DeviceKey::new("device", [&[0x04], x.as_slice(), y.as_slice()].concat());
    Device::new("S6BhdRkqt3aX0q7LcbnUVA", key, FacilityNumber::parse("1370000001").unwrap())
        .unwrap()
}

/// Another point than that device's: the key of RFC 7515 appendix A.3.
pub(crate) fn other_point() -> Vec<u8> {
    let decode = |part| Base64UrlUnpadded::decode_vec(part).unwrap();
    let x = decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    let y = decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    [&[0x04], x.as_slice(), y.as_slice()].concat()
}

/// A device whose date is this one; its other clock began when the date did.
fn clocks(seconds: i64) -> DeviceTime {
    DeviceTime::new(at(seconds), std::time::Duration::from_secs(seconds.try_into().unwrap()))
}

fn with_expected<T>(judge: impl FnOnce(&Expected<'_>) -> T) -> T {
    let device = device();
    let token = staff::unsigned("nurse-01", "1370000001", device.thumbprint());
    judge(&Expected {
        subject: None,
        issuer: "https://sts.example",
        device: &device,
        member: StaffToken::parse(token, &device).unwrap().member(),
        visit: "v1",
        uses: USES,
        way: Way::CardPin,
    })
}

fn check() -> VisualCheck {
    VisualCheck::matched(Basis::PrintedPhoto, at(NOW))
}

fn judge(server: &Server, body: &[u8], at: i64) -> Result<(Challenge, Clock), Code> {
    let keys = std::slice::from_ref(&server.key);
    with_expected(|expected| verify_challenge(body, keys, expected, clocks(at)))
        .map_err(|failure| failure.code())
}

#[test]
fn a_good_challenge_is_taken_and_the_servers_clock_with_it() {
    let server = Server::new();
    let jws = server.sign(&server.header(), &payload().to_string());
    let (challenge, clock) = judge(&server, &body(&jws, NOW + 1), NOW - 59).unwrap();
    assert_eq!(challenge.nonce, jws::base64url(&[7; 32]));
    assert_eq!(clock.server_time(clocks(NOW - 59)), at(NOW + 1));
    // Fresh until 15 seconds before its end, by the server's clock, which here is a minute ahead.
    assert!(challenge.is_fresh(clock.server_time(clocks(NOW + 44))));
    assert!(!challenge.is_fresh(clock.server_time(clocks(NOW + 45))));
}

#[test]
fn a_date_that_somebody_sets_changes_nothing_and_is_seen() {
    let server = Server::new();
    let jws = server.sign(&server.header(), &payload().to_string());
    let (_, clock) = judge(&server, &body(&jws, NOW), NOW).unwrap();
    let later = |wall: i64, passed: u64| {
        DeviceTime::new(at(wall), std::time::Duration::from_secs(NOW as u64 + passed))
    };
    assert!(!clock.came_apart(later(NOW + 60, 60)));
    for wall in [NOW - 180, NOW - 86_400, NOW + 3_600] {
        assert!(clock.came_apart(later(wall, 60)));
        assert_eq!(clock.server_time(later(wall, 60)), at(NOW + 60));
    }
    // Nor does a clock that ran backwards lead anywhere.
    assert_eq!(clock.server_time(DeviceTime::new(at(0), std::time::Duration::ZERO)), at(NOW));
}

#[test]
fn the_time_beside_a_challenge_is_the_one_in_it() {
    let server = Server::new();
    let mut older = payload();
    older["iat"] = json!(NOW - 90);
    let jws = server.sign(&server.header(), &older.to_string());
    assert_eq!(judge(&server, &body(&jws, NOW), NOW).err(), Some(Code::ChallengeInvalid));
}

#[rstest]
#[case("iss", json!("https://other.example"))]
#[case("aud", json!("urn:other"))]
#[case("facility_id", json!("1370000002"))]
#[case("act_sub", json!("nurse-02"))]
#[case("visit_id", json!("v2"))]
#[case("purpose", json!(["view"]))]
#[case("purpose", json!(["register", "view"]))]
#[case("purpose", json!(["view", "everything"]))]
#[case("method", json!("card_tap"))]
#[case("nonce", json!(jws::base64url(&[7; 31])))]
#[case("nonce", json!("!"))]
#[case("vsn", json!(1))]
#[case("vsn", json!(3))]
#[case("cnf", json!({"jkt": "another"}))]
#[case("cnf", json!({}))]
#[case("cnf", json!({"jkt": device().thumbprint(), "x5t#S256": "more"}))]
#[case("exp", json!(NOW))]
#[case("exp", json!(NOW + 601))]
#[case("exp", json!(i64::MAX))]
#[case("iat", json!(i64::MIN))]
#[case("iat", json!("now"))]
#[case("extra", json!(1))]
fn a_signed_challenge_for_something_else_is_refused(#[case] member: &str, #[case] value: Value) {
    let server = Server::new();
    let mut payload = payload();
    payload[member] = value;
    let jws = server.sign(&server.header(), &payload.to_string());
    assert_eq!(judge(&server, &body(&jws, NOW), NOW).err(), Some(Code::ChallengeInvalid));
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let server = Server::new();
    let twice = payload().to_string().replacen('{', r#"{"iss":"https://sts.example","#, 1);
    let jws = server.sign(&server.header(), &twice);
    assert_eq!(judge(&server, &body(&jws, NOW), NOW).err(), Some(Code::ChallengeInvalid));
}

#[rstest]
#[case("alg", json!("none"))]
#[case("alg", json!("HS256"))]
#[case("typ", json!("JWT"))]
#[case("kid", json!("another"))]
#[case("crit", json!(["exp"]))]
#[case("jwk", json!({}))]
fn a_header_of_another_form_is_refused(#[case] member: &str, #[case] value: Value) {
    let server = Server::new();
    let mut header = server.header();
    header[member] = value;
    let jws = server.sign(&header, &payload().to_string());
    assert_eq!(judge(&server, &body(&jws, NOW), NOW).err(), Some(Code::ChallengeUntrusted));
}

#[test]
fn another_key_a_changed_byte_or_another_form_is_refused() {
    let (server, rogue) = (Server::new(), Server::new());
    // The rogue names the pinned key and signs with its own.
    let forged = rogue.sign(&server.header(), &payload().to_string());
    assert_eq!(judge(&server, &body(&forged, NOW), NOW).err(), Some(Code::ChallengeUntrusted));

    let good = server.sign(&server.header(), &payload().to_string());
    for changed in [
        good.replacen('.', "..", 1),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}."),
        good.rsplit_once('.').unwrap().0.to_owned(),
        format!("{}.", good.rsplit_once('.').unwrap().0),
        String::new(),
        "a".repeat(20_000),
    ] {
        assert_eq!(judge(&server, &body(&changed, NOW), NOW).err(), Some(Code::ChallengeUntrusted));
    }
    let middle = good.len() / 2;
    let other = if good.as_bytes()[middle] == b'A' { "B" } else { "A" };
    let mut flipped = good.clone();
    flipped.replace_range(middle..=middle, other);
    assert_eq!(judge(&server, &body(&flipped, NOW), NOW).err(), Some(Code::ChallengeUntrusted));
}

#[rstest]
#[case::stale_by_the_servers_own_time(NOW + 120, NOW + 120, Code::ChallengeExpired)]
#[case::from_the_future(NOW - 1, NOW, Code::ChallengeExpired)]
#[case::device_a_day_ahead(NOW, NOW + 86_400, Code::ClockOff)]
#[case::device_a_day_behind(NOW, NOW - 86_400, Code::ClockOff)]
#[case::device_just_too_far(NOW, NOW + 301, Code::ClockOff)]
fn time(#[case] server_time: i64, #[case] device: i64, #[case] code: Code) {
    let server = Server::new();
    let jws = server.sign(&server.header(), &payload().to_string());
    assert_eq!(judge(&server, &body(&jws, server_time), device).err(), Some(code));
    assert!(judge(&server, &body(&jws, NOW), NOW + 300).is_ok());
}

#[test]
fn a_body_that_is_none_is_refused() {
    let server = Server::new();
    for body in ["", "[]", "{}", r#"{"challenges":[],"server_time":"2026-11-20T01:02:03Z"}"#] {
        assert_eq!(judge(&server, body.as_bytes(), NOW).err(), Some(Code::ServerAnswerInvalid));
    }
}

#[test]
fn a_pinned_key_is_known_by_its_thumbprint() {
    let key = ChallengeKey::p256(
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    );
    assert_eq!(key.unwrap().id(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    assert!(ChallengeKey::p256("AA", "AA").is_err());
    let zeros = jws::base64url(&[0; 32]);
    assert!(ChallengeKey::p256(&zeros, &zeros).is_err());
}

const TOKEN: &str = r#"{"access_token": "a.b.c", "token_type": "DPoP", "expires_in": 900,
 "evidence_token": "d.e.f", "registration": "handle",
 "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "scope": "qualification:read",
 "honnin": {"method": "card_pin", "verified_at": "2026-11-20T01:02:03Z", "fresh_until": "2026-11-21T01:02:03Z",
  "sub": "pairwise"}}"#;

fn read(body: &str) -> Result<Confirmation, Failure> {
    token::read_token(body.as_bytes(), Some(Way::CardPin), "qualification:read consent:write")
}

#[rstest]
#[case("900", "901", 900)] // a server's clock was set back between two answers
#[case("900", "4500", 900)]
#[case("900", "60", 60)]
#[case("2026-11-21T01:02:03Z", "2026-12-21T01:02:03Z", 900)]
#[case("qualification:read", "other qualification:read", 900)]
#[case("\"scope\": \"qualification:read\",", "", 900)]
fn a_token_is_believed_within_its_rules(#[case] from: &str, #[case] to: &str, #[case] life: i64) {
    let granted = read(&TOKEN.replace(from, to)).unwrap();
    assert_eq!(granted.token_lifetime.as_secs(), life);
    assert!(granted.fresh_until.duration_since(granted.verified_at).as_hours() <= 24);
}

/// What was not granted is not open, whatever was asked for; a server that says nothing grants what was asked for.
#[test]
fn what_a_token_opens_is_what_was_granted() {
    assert_eq!(read(TOKEN).unwrap().opens, [Use::View]);
    let more = TOKEN.replace("qualification:read", "consent:write qualification:read more");
    assert_eq!(read(&more).unwrap().opens, [Use::View, Use::Consent]);
    let silent = TOKEN.replace("\"scope\": \"qualification:read\",", "");
    assert_eq!(read(&silent).unwrap().opens, [Use::View, Use::Consent]);
}

#[test]
fn what_was_granted_is_bounded_and_not_shown() {
    let granted = read(TOKEN).unwrap();
    assert_eq!(granted.evidence.as_ref().unwrap().secret(), "d.e.f");
    assert_eq!(granted.registration.as_ref().unwrap().secret(), "handle");
    assert_eq!(granted.subject.as_str(), "pairwise");
    let shown = format!("{granted:?}");
    for hidden in ["a.b.c", "d.e.f", "handle", "pairwise"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(read(&TOKEN.replace("pairwise", &"p".repeat(256))).is_err());
    assert!(read(&TOKEN.replace("handle", &"h".repeat(9_000))).is_err());
    let without = TOKEN.replace(r#""evidence_token": "d.e.f", "registration": "handle","#, "");
    let granted = read(&without).unwrap();
    assert!(granted.evidence.is_none() && granted.registration.is_none());
}

#[rstest]
#[case("900", "0")]
#[case("900", "-1")]
#[case("DPoP", "MAC")]
#[case("DPoP", "Bearer")]
#[case("d.e.f", "d e f")]
#[case("handle", "")]
#[case("pairwise", "")]
#[case("pairwise", "pair\\u0000wise")]
#[case("a.b.c", "a b")]
#[case("a.b.c", "a\\r\\nx: y")]
#[case("qualification:read", "other")]
#[case("2026-11-21T01:02:03Z", "2026-11-19T01:02:03Z")]
#[case("card_pin", "card_tap")]
fn what_is_no_token_is_refused(#[case] from: &str, #[case] to: &str) {
    let changed = TOKEN.replace(from, to);
    assert_ne!(changed, TOKEN);
    let failure = read(&changed).unwrap_err();
    assert_eq!(failure.code(), Code::ServerAnswerInvalid);
}

#[test]
fn an_assertion_is_composed_to_the_letter() {
    let certificate = crate::pki::Certificate::parse(include_bytes!(
        "../../../tests/vectors/jpki-test-card/jpki-auth-cert.der"
    ))
    .unwrap();
    let server = Server::new();
    let jws = server.sign(&server.header(), &payload().to_string());
    let (challenge, _) = judge(&server, &body(&jws, NOW), NOW).unwrap();
    let compose = || {
        with_expected(|expected| {
            let (check, now) = (check(), at(NOW));
            assertion::Unsigned::compose(&challenge, expected, &certificate, check, "a1", now)
        })
        .unwrap()
    };
    assert!(compose().signed(&[0; 256], &certificate).is_err());

    let unsigned = compose();
    let (header, payload) = unsigned.text().split_once('.').unwrap();
    let decode = |part| -> Value {
        serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap()
    };
    let header = decode(header);
    assert_eq!(header.as_object().unwrap().keys().collect::<Vec<_>>(), ["alg", "typ", "x5c"]);
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("RS256"), &json!("kaigo-card-assertion+jwt"))
    );
    assert_eq!(header["x5c"].as_array().unwrap().len(), 1);
    assert_eq!(
        decode(payload),
        json!({
            "aud": "https://sts.example", "nonce": challenge.nonce, "jti": "a1", "iat": NOW, "exp": NOW + 120,
            "chl": jws::base64url(&sha256(jws.as_bytes())), "cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},
            "fac": "1370000001", "pur": ["view", "register"],
            "act": "nurse-01", "vsl": {"r": "match", "b": "printed_photo"}, "vis": "v1",
            "sdk": concat!(env!("CARGO_PKG_VERSION"), "/rust")
        })
    );
}
