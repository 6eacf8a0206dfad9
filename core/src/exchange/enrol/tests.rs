//! Enrolments against a platform that does as it should, and against everything that it, or somebody between, may do.

use std::collections::BTreeMap;
use std::time::Duration;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData, SignatureAlgorithm,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::exchange::staff::unsigned;
use crate::flow::tests::play;
use crate::flow::{DeviceTime, HttpError, HttpRequest, HttpResponse, Reply, Request, SignError};
use crate::platform::PublicKey;

const NOW: &str = "2026-11-20T01:02:03Z";
const SERVER: &str = "https://platform.example";
const CODE: &str = "7ZZZ-0123-4567-89AB-CDEF-GHJK-MN";

/// A P-256 key.
struct Pair(EcdsaKeyPair);

impl Pair {
    fn new() -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap())
    }

    fn point(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn jwk(&self) -> Value {
        let key = PublicKey::of_point(self.point()).unwrap();
        serde_json::to_value(key.jwk()).unwrap()
    }

    fn thumbprint(&self) -> String {
        PublicKey::of_point(self.point()).unwrap().thumbprint()
    }
}

struct Point<'a>(&'a [u8]);

impl PublicKeyData for Point<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

/// A facility's authority.
struct Authority {
    certificate: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key).unwrap().der().to_vec();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    fn issue(&self, point: &[u8], until: i32) -> String {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "device");
        params.use_authority_key_identifier_extension = true;
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let certificate = params.signed_by(&Point(point), &self.issuer).unwrap();
        Base64::encode_string(certificate.der())
    }

    fn itself(&self) -> String {
        Base64::encode_string(&self.certificate)
    }
}

/// What a test changes on its way.
type Change = Box<dyn Fn(&mut Value)>;

/// A device, and a platform.
struct World {
    keys: BTreeMap<&'static str, Pair>,
    authority: Authority,
    challenge: [Pair; 2],
    /// Changes the answer.
    change: Change,
    refuses: Option<&'static str>,
    wall: Timestamp,
    asked: Vec<String>,
    /// What was asked for last.
    body: Value,
}

impl World {
    fn new() -> Self {
        Self {
            keys: BTreeMap::from([("device", Pair::new()), ("device-2", Pair::new())]),
            authority: Authority::new("facilities"),
            challenge: [Pair::new(), Pair::new()],
            change: Box::new(|_| {}),
            refuses: None,
            wall: NOW.parse().unwrap(),
            asked: Vec::new(),
            body: Value::Null,
        }
    }

    fn key(&self, name: &'static str) -> DeviceKey {
        DeviceKey::new(name, self.keys[name].point())
    }

    fn plan(&self) -> Enrol {
        let server = ServerAddress::parse(SERVER).unwrap();
        let code = ActivationCode::parse(CODE).unwrap();
        Enrol::new(server, code, self.key("device"), Entropy::new(&[7; 32])).unwrap()
    }

    fn enrol(&mut self) -> Result<Enrolment, Failure> {
        let plan = self.plan();
        play(enrol(plan), |request| self.answer(request))
    }

    fn refresh(&mut self, before: &Enrolment) -> Result<Enrolment, Failure> {
        let flow = refresh_device(before.clone(), staff(before), Entropy::new(&[8; 32]));
        play(flow, |request| self.answer(request))
    }

    fn roll(&mut self, before: &Enrolment) -> Result<Enrolment, Failure> {
        let (staff, key) = (staff(before), self.key("device-2"));
        let flow = roll_over_key(before.clone(), staff, key, Entropy::new(&[9; 32])).unwrap();
        play(flow, |request| self.answer(request))
    }

    fn answer(&mut self, request: Request) -> Reply {
        match request {
            Request::Clock => Reply::Clock(DeviceTime::new(self.wall, Duration::from_secs(7))),
            Request::Sign(to_sign) => {
                let key = &self.keys[&*to_sign.key].0;
                let signature = key.sign(&SystemRandom::new(), &to_sign.payload).unwrap();
                Reply::Sign(Ok(signature.as_ref().to_vec()))
            }
            Request::Send(request) => Reply::Send(Ok(self.send(&request))),
            other => panic!("an enrolment needs no {other:?}"),
        }
    }

    fn send(&mut self, request: &HttpRequest) -> HttpResponse {
        let path = request.url.strip_prefix(SERVER).expect("the platform").to_owned();
        self.asked.push(path.clone());
        if path == METADATA {
            let mut said = json!({ "issuer": SERVER, "token_endpoint": "x" });
            (self.change)(&mut said);
            return HttpResponse::new(200, said.to_string().into_bytes());
        }
        if !request.body.is_empty() {
            self.body = serde_json::from_slice(&request.body).unwrap();
        }
        if let Some(name) = self.refuses {
            let said = json!({ "error": "x", "kaigo_error": name, "server_time": NOW });
            return HttpResponse::new(400, said.to_string().into_bytes());
        }
        let (status, holder) = match path.as_str() {
            "/v1/devices" => (201, "device"),
            "/v1/devices/self" => (200, "device"),
            "/v1/devices/self/key" => (201, "device-2"),
            other => panic!("nothing at {other}"),
        };
        let point = self.keys[holder].point();
        let [now, next] = &self.challenge;
        let mut said = json!({
            "device_id": "S6BhdRkqt3aX0q7LcbnUVA", "label": "ward 3", "facility_id": "1370000001",
            "issuer": SERVER, "staff_issuer": format!("{SERVER}/staff"),
            "challenge_keys": [now.jwk(), next.jwk()],
            "certificate_chain": [self.authority.issue(point, 2030), self.authority.itself()],
            "policy": { "offline_tickets": 20, "mtls": "required" }, "server_time": NOW,
            "something": "new",
        });
        (self.change)(&mut said);
        HttpResponse::new(status, said.to_string().into_bytes())
    }
}

/// What a nurse who signs in on this device is known by.
fn staff(enrolment: &Enrolment) -> StaffToken {
    let jkt = enrolment.device().thumbprint();
    StaffToken::parse(unsigned("nurse-01", "1370000001", jkt), enrolment.device()).unwrap()
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> (Code, String) {
    let failure = outcome.unwrap_err();
    (failure.code(), failure.detail().to_string())
}

#[test]
fn a_device_is_enrolled() {
    let mut world = World::new();
    let enrolment = world.enrol().unwrap();
    assert_eq!(world.asked, [METADATA, "/v1/devices"]);
    assert_eq!(world.body["activation_code"], CODE);
    assert_eq!(world.body["jwk"], world.keys["device"].jwk());
    let csr = Base64UrlUnpadded::decode_vec(world.body["csr"].as_str().unwrap()).unwrap();
    assert!(csr.windows(65).any(|window| window == world.keys["device"].point()));
    let device = enrolment.device();
    assert_eq!(device.client_id(), "S6BhdRkqt3aX0q7LcbnUVA");
    assert_eq!(device.thumbprint(), world.keys["device"].thumbprint());
    assert_eq!((device.facility().as_str(), enrolment.label()), ("1370000001", "ward 3"));
    assert_eq!((enrolment.server().as_str(), enrolment.issuer()), (SERVER, SERVER));
    assert_eq!(enrolment.staff_issuer().as_str(), format!("{SERVER}/staff"));
    let ids: Vec<_> =
        enrolment.challenge_keys().iter().map(super::super::ChallengeKey::id).collect();
    assert_eq!(ids, [world.challenge[0].thumbprint(), world.challenge[1].thumbprint()]);
    assert_eq!(enrolment.certificate_chain().len(), 2);
    assert_eq!(enrolment.policy(), Policy::new(20, MutualTls::Required));
    assert_eq!(enrolment.as_of(), Some(NOW.parse().unwrap()));
    assert_eq!(format!("{enrolment:?} {:?}", world.plan()), "Enrolment(..) Enrol(..)");
}

#[test]
fn an_enrolment_is_kept_as_it_was() {
    let enrolment = World::new().enrol().unwrap();
    let json = enrolment.to_json();
    let again = Enrolment::from_json(json.as_bytes()).unwrap();
    assert_eq!(again.to_json(), json);
    assert_eq!(again.device().key(), enrolment.device().key());
    assert!(!json.contains(CODE) && !json.contains("\"d\""), "{json}");
    let mut said: Value = serde_json::from_str(&json).unwrap();
    for member in
        ["staff_issuer", "device_key_name", "label", "certificate_chain", "policy", "as_of"]
    {
        said.as_object_mut().unwrap().remove(member).unwrap();
    }
    let least = Enrolment::from_json(said.to_string().as_bytes()).unwrap();
    assert_eq!(least.staff_issuer().as_str(), format!("{SERVER}/staff"));
    assert_eq!((least.device().key().name.as_str(), least.policy()), ("device", Policy::default()));
}

#[rstest]
#[case("server", json!("http://platform.example"), "server address")]
#[case("issuer", json!("me"), "issuer")]
#[case("staff_issuer", json!("javascript:1"), "staff issuer")]
#[case("challenge_keys", json!([]), "no challenge key")]
#[case("challenge_keys", json!([{ "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA" }]), "challenge key")]
#[case("device_key", json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }), "device key")]
#[case("device_id", json!("a b"), "device id")]
#[case("facility_id", json!("137"), "facility number")]
#[case("certificate_chain", json!(["!"]), "certificate")]
#[case("label", json!(7), "enrolment")]
fn an_enrolment_that_was_spoilt_is_none(
    #[case] member: &str,
    #[case] value: Value,
    #[case] why: &str,
) {
    let json = World::new().enrol().unwrap().to_json();
    let mut said: Value = serde_json::from_str(&json).unwrap();
    said[member] = value;
    let spoilt = Enrolment::from_json(said.to_string().as_bytes());
    assert_eq!(code(spoilt), (Code::SetupInvalid, why.to_owned()));
}

#[test]
fn a_code_is_shown_to_the_expected_platform_only() {
    let mut world = World::new();
    world.change = Box::new(|said| said["issuer"] = "https://other.example".into());
    assert_eq!(code(world.enrol()), (Code::EnrolmentUntrusted, "another platform".to_owned()));
    assert_eq!(world.asked, [METADATA]);
    // Unless it is expected.
    let plan = world.plan().of_issuer("https://other.example").unwrap();
    let outcome = play(enrol(plan), |request| world.answer(request));
    assert_eq!(outcome.unwrap().issuer(), "https://other.example");
    let plan = world.plan().of_issuer("other");
    assert_eq!(code(plan), (Code::SetupInvalid, "issuer".to_owned()));
}

#[test]
fn a_code_is_shown_once_whatever_becomes_of_it() {
    for (error, expected) in [
        (HttpError::NoAnswer, Code::ServerNoAnswer),
        (HttpError::TooLong, Code::ServerAnswerInvalid),
        (HttpError::Tls, Code::ServerNotTrusted),
    ] {
        let mut world = World::new();
        let plan = world.plan();
        let mut shown = 0;
        let outcome = play(enrol(plan), |request| match request {
            Request::Send(request) if request.url.ends_with("/v1/devices") => {
                shown += 1;
                Reply::Send(Err(error))
            }
            request => world.answer(request),
        });
        assert_eq!((code(outcome).0, shown), (expected, 1));
    }
}

#[test]
fn a_nonce_is_asked_for_once_more_and_no_oftener() {
    let mut world = World::new();
    let plan = world.plan();
    let mut proofs = Vec::new();
    let wants = |request: &HttpRequest| {
        let (_, proof) = request.headers.iter().find(|(name, _)| name == "dpop").unwrap();
        let payload = jws::split(proof).unwrap().payload;
        proofs.push(serde_json::from_slice::<Value>(&payload).unwrap());
        let said = json!({ "error": "use_dpop_nonce", "kaigo_error": "dpop_nonce_required" });
        let answer = HttpResponse::new(400, said.to_string().into_bytes());
        Reply::Send(Ok(answer.with_headers([("DPoP-Nonce", "fresh")]).unwrap()))
    };
    let mut wants = wants;
    let outcome = play(enrol(plan), |request| match request {
        Request::Send(request) if request.url.ends_with("/v1/devices") => wants(&request),
        request => world.answer(request),
    });
    assert_eq!(code(outcome), (Code::Refused, "dpop_nonce_required".to_owned()));
    assert_eq!(
        (proofs.len(), &proofs[0]["nonce"], &proofs[1]["nonce"]),
        (2, &Value::Null, &"fresh".into())
    );
    assert!(proofs[0]["jti"] != proofs[1]["jti"] && proofs[0].get("ath").is_none());
    assert_eq!(proofs[1]["htu"], format!("{SERVER}/v1/devices"));
}

#[rstest]
#[case("activation_code_invalid", Code::ActivationCodeInvalid)]
#[case("device_key_known", Code::DeviceKeyKnown)]
#[case("too_many_requests", Code::ServerBusy)]
#[case("client_certificate_required", Code::ClientCertificateRequired)]
fn a_refusal_has_its_code_and_the_next_action(#[case] name: &'static str, #[case] expected: Code) {
    let mut world = World::new();
    world.refuses = Some(name);
    assert_eq!(code(world.enrol()).0, expected);
}

#[rstest]
#[case(SignError::Gone, Code::DeviceKeyGone)]
#[case(SignError::Locked, Code::DeviceKeyLocked)]
#[case(SignError::Refused, Code::DeviceKeyRefused)]
#[case(SignError::Failed, Code::DeviceKeyFailed)]
fn a_key_that_does_not_sign_costs_no_code(#[case] error: SignError, #[case] expected: Code) {
    let mut world = World::new();
    let plan = world.plan();
    let outcome = play(enrol(plan), |request| match request {
        Request::Sign(_) => Reply::Sign(Err(error)),
        request => world.answer(request),
    });
    assert_eq!(code(outcome).0, expected);
    assert_eq!(world.asked, [METADATA]);
}

#[test]
fn another_key_that_signs_is_noticed() {
    let mut world = World::new();
    let plan = world.plan();
    let other = Pair::new();
    let outcome = play(enrol(plan), |request| match request {
        Request::Sign(to_sign) => {
            let signature = other.0.sign(&SystemRandom::new(), &to_sign.payload).unwrap();
            Reply::Sign(Ok(signature.as_ref().to_vec()))
        }
        request => world.answer(request),
    });
    assert_eq!(code(outcome), (Code::DeviceKeyFailed, "another key has signed".to_owned()));
}

#[rstest]
#[case("issuer", json!("https://other.example"), "another platform")]
#[case("staff_issuer", json!("http://other.example"), "staff issuer")]
#[case("challenge_keys", json!([]), "challenge keys")]
#[case("challenge_keys", json!([{ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }]), "challenge key")]
#[case("challenge_keys", json!([{ "kty": "RSA", "crv": "P-256", "x": "AA", "y": "AA" }]), "challenge key")]
#[case("certificate_chain", json!(["AA"]), "certificate")]
#[case("certificate_chain", json!(["!", "!"]), "certificate")]
#[case("certificate_chain", json!(["", "", "", "", ""]), "too many certificates")]
fn an_answer_that_does_not_fit_is_not_believed(
    #[case] member: &'static str,
    #[case] value: Value,
    #[case] why: &str,
) {
    let mut world = World::new();
    world.change = Box::new(move |said| said[member] = value.clone());
    assert_eq!(code(world.enrol()), (Code::EnrolmentUntrusted, why.to_owned()));
}

#[test]
fn another_issuer_in_the_answer_is_not_believed() {
    let mut world = World::new();
    world.change = Box::new(|said| {
        if said.get("device_id").is_some() {
            said["issuer"] = "https://other.example".into();
        }
    });
    assert_eq!(code(world.enrol()), (Code::EnrolmentUntrusted, "issuer".to_owned()));
}

#[test]
fn a_certificate_is_of_this_key_and_of_one_authority_and_of_today() {
    let (other, authority) = (Pair::new(), Authority::new("facilities"));
    let mut world = World::new();
    let ours = world.keys["device"].point().to_vec();
    let itself = world.authority.itself();
    for (chain, why) in [
        (
            vec![world.authority.issue(other.point(), 2030), itself.clone()],
            "certificate of another key",
        ),
        (vec![itself.clone(), world.authority.issue(&ours, 2030)], "certificate of another key"),
        // Of the same name.
        (
            vec![world.authority.issue(&ours, 2030), authority.itself()],
            "certificates that do not belong together",
        ),
        (vec![world.authority.issue(&ours, 2026), itself.clone()], "certificate out of its time"),
    ] {
        world.change = Box::new(move |said| said["certificate_chain"] = json!(chain));
        assert_eq!(code(world.enrol()), (Code::EnrolmentUntrusted, why.to_owned()));
    }
    // A platform without certificates has none.
    world.change = Box::new(|said| drop(said.as_object_mut().unwrap().remove("certificate_chain")));
    assert!(world.enrol().unwrap().certificate_chain().is_empty());
}

#[rstest]
#[case("device_id", json!("a b"))]
#[case("facility_id", json!("137"))]
#[case("server_time", json!("yesterday"))]
#[case("policy", json!({ "mtls": "sometimes" }))]
fn an_answer_that_cannot_be_read_is_none(#[case] member: &'static str, #[case] value: Value) {
    let mut world = World::new();
    world.change = Box::new(move |said| said[member] = value.clone());
    assert_eq!(code(world.enrol()).0, Code::ServerAnswerInvalid);
}

#[test]
fn names_that_would_move_a_cursor_are_left_out() {
    let mut world = World::new();
    world.change = Box::new(|said| {
        said["label"] = "\u{1b}[2Jward".into();
        said["facility_name"] = "訪問看護ステーション".into();
    });
    let enrolment = world.enrol().unwrap();
    assert_eq!((enrolment.label(), enrolment.facility_name()), ("", Some("訪問看護ステーション")));
}

#[test]
fn pinned_keys_follow_one_by_one() {
    let mut world = World::new();
    let first = world.enrol().unwrap();
    // The key that was told beforehand is in use now.
    world.challenge.swap(0, 1);
    world.challenge[1] = Pair::new();
    let second = world.refresh(&first).unwrap();
    assert_eq!(world.asked.last().unwrap(), "/v1/devices/self");
    assert_eq!(second.challenge_keys()[0], first.challenge_keys()[1]);
    // All of them at once is another platform.
    world.challenge = [Pair::new(), Pair::new()];
    assert_eq!(code(world.refresh(&second)).0, Code::ChallengeKeysReplaced);
}

#[rstest]
#[case("device_id", json!("another"), "another device")]
#[case("facility_id", json!("1370000002"), "another device")]
#[case("issuer", json!("https://other.example"), "issuer")]
fn what_is_refreshed_is_this_enrolment(
    #[case] member: &'static str,
    #[case] value: Value,
    #[case] why: &str,
) {
    let mut world = World::new();
    let before = world.enrol().unwrap();
    world.change = Box::new(move |said| said[member] = value.clone());
    assert_eq!(code(world.refresh(&before)), (Code::EnrolmentUntrusted, why.to_owned()));
    assert_eq!(code(world.roll(&before)), (Code::EnrolmentUntrusted, why.to_owned()));
}

#[test]
fn a_key_takes_over_from_another() {
    let mut world = World::new();
    let before = world.enrol().unwrap();
    let after = world.roll(&before).unwrap();
    assert_eq!(after.device().key(), world.key("device-2"));
    assert_eq!(after.device().client_id(), before.device().client_id());
    assert_eq!(world.body["jwk"], world.keys["device-2"].jwk());
    let proof = world.body["proof"].as_str().unwrap();
    let parts = jws::split(proof).unwrap();
    let new = PublicKey::of_point(world.keys["device-2"].point()).unwrap();
    assert!(new.verifies(parts.signed, &parts.signature));
    let claims: Value = serde_json::from_slice(&parts.payload).unwrap();
    assert_eq!(claims["iss"], before.device().client_id());
    assert_eq!(
        (&claims["aud"], &claims["old"]),
        (&SERVER.into(), &before.device().thumbprint().into())
    );
    assert!(world.body["csr"].is_string());
    // Another key's certificate is none of ours, be it the old one's.
    let old = world.authority.issue(world.keys["device"].point(), 2030);
    world.change = Box::new(move |said| said["certificate_chain"] = json!([old]));
    assert_eq!(code(world.roll(&before)).1, "certificate of another key");
}

#[test]
fn a_key_does_not_take_over_from_itself_and_a_wrong_clock_is_told() {
    let mut world = World::new();
    let before = world.enrol().unwrap();
    for key in [world.key("device"), DeviceKey::new("device", world.keys["device-2"].point())] {
        let flow = roll_over_key(before.clone(), staff(&before), key, Entropy::new(&[9; 32]));
        assert_eq!(code(flow), (Code::SetupInvalid, "the same key".to_owned()));
    }
    world.refuses = Some("request_malformed");
    assert_eq!(code(world.roll(&before)), (Code::Refused, "request_malformed".to_owned()));
    world.wall = "2026-11-20T02:02:03Z".parse().unwrap();
    assert_eq!(code(world.roll(&before)).0, Code::ClockOff);
}
