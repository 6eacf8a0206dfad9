//! A call against servers of every kind, with a real key.

use std::collections::HashSet;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::*;
use crate::flow::tests::play;
use crate::flow::{
    DeviceTime, Flow, HttpError, HttpRequest, HttpResponse, Method, Reply, Request, SignError,
};
use crate::message::{Code, Failure};

const SERVER: &str = "https://127.0.0.1:8443/care";
const ISSUER: &str = "https://platform.example/care";
/// 2026-11-20T01:22:03Z.
const NOW: i64 = 1_795_137_723;

struct Key(EcdsaKeyPair);

impl Key {
    fn new() -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap())
    }

    fn device(&self) -> Device {
        let facility = FacilityNumber::parse("1370000001").unwrap();
        let key = DeviceKey::new("the key", self.0.public_key().as_ref());
        Device::new("the-device", key, facility).unwrap()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }
}

/// Two calls of one conversation: an exchange that may be repeated, and one that may not.
fn two_calls(device: Device) -> Flow<[Result<Vec<u8>, Failure>; 2]> {
    Flow::new(move |talk| async move {
        let server = ServerAddress::parse(SERVER).unwrap();
        let platform = Platform::new(&talk, &server, ISSUER, &device, Entropy::new(&[7; 32]));
        let exchange = Call {
            method: Method::Post,
            path: "/v1/token",
            content: Content::Form("a=b".to_owned().into()),
            credential: Credential::Client { audience: ISSUER },
            repeat: Repeat::Unanswered,
            success: 200,
        };
        let challenge = Call {
            method: Method::Post,
            path: "/v1/challenges",
            content: Content::Json(b"{}".to_vec().into()),
            credential: Credential::Dpop { token: Some("to.ke.n") },
            repeat: Repeat::Never,
            success: 201,
        };
        let read = |body: &[u8]| Ok(body.to_vec());
        [platform.call(&exchange, read).await, platform.call(&challenge, read).await]
    })
}

/// What came of both, and all that was sent.
fn played(
    key: &Key,
    mut answer: impl FnMut(usize, &HttpRequest) -> Result<HttpResponse, HttpError>,
) -> ([Option<Code>; 2], Vec<HttpRequest>) {
    let mut sent = Vec::new();
    let ended = play(two_calls(key.device()), |request| match request {
        Request::Clock => {
            let wall = Timestamp::from_second(NOW).unwrap();
            Reply::Clock(DeviceTime::new(wall, Duration::ZERO))
        }
        Request::Sign(to_sign) => {
            assert_eq!(to_sign.key, "the key");
            Reply::Sign(Ok(key.sign(&to_sign.payload)))
        }
        Request::Send(request) => {
            let answer = answer(sent.len(), &request);
            sent.push(request);
            Reply::Send(answer)
        }
        other => panic!("{other:?}"),
    });
    (ended.map(|result| result.err().map(|failure| failure.code())), sent)
}

fn good(request: &HttpRequest) -> HttpResponse {
    HttpResponse::new(if request.url.ends_with("/token") { 200 } else { 201 }, b"{}".to_vec())
}

fn wants_nonce(status: u16, nonce: &str) -> HttpResponse {
    let body = r#"{"error": "use_dpop_nonce", "kaigo_error": "dpop_nonce_required",
        "server_time": "2026-11-20T02:22:03Z"}"#;
    HttpResponse::new(status, body.as_bytes().to_vec())
        .with_headers([("DPoP-Nonce", nonce)])
        .unwrap()
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

/// A JWS by this key: its header and payload.
fn opened(key: &Key, jws: &str) -> (Value, Value) {
    let parts = jws::split(jws).unwrap();
    let public = key.device();
    assert!(public.signer().public.verifies(parts.signed, &parts.signature));
    let read = |json: &[u8]| serde_json::from_slice(json).unwrap();
    (read(&parts.header), read(&parts.payload))
}

fn proof(key: &Key, request: &HttpRequest) -> Value {
    let (header, payload) = opened(key, header(request, "dpop").unwrap());
    let point = key.0.public_key().as_ref();
    let part = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let jwk =
        json!({"kty": "EC", "crv": "P-256", "x": part(&point[1..33]), "y": part(&point[33..])});
    assert_eq!(header, json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}));
    payload
}

fn form(request: &HttpRequest) -> Vec<(String, String)> {
    form_urlencoded::parse(&request.body).into_owned().collect()
}

#[test]
fn every_request_is_bound_to_the_devices_key() {
    let key = Key::new();
    let (ended, sent) = played(&key, |_, request| Ok(good(request)));
    assert_eq!(ended, [None, None]);
    let [exchange, challenge] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(exchange.url, format!("{SERVER}/v1/token"));
    let said = proof(&key, exchange);
    assert_eq!(said["htu"], format!("{ISSUER}/v1/token"), "whatever address it is sent to");
    assert_eq!((&said["htm"], &said["iat"]), (&json!("POST"), &json!(NOW)));
    assert_eq!(said.as_object().unwrap().len(), 4, "{said}");
    assert_eq!(header(exchange, "authorization"), None);

    let said = proof(&key, challenge);
    // `printf to.ke.n | openssl dgst -sha256 -binary | basenc --base64url`
    assert_eq!(said["ath"], "AnBw-JpNtKEKLl3qHo1w_CyMkIIi996JDhOXUQAzcxQ");
    assert_eq!(header(challenge, "authorization"), Some("DPoP to.ke.n"));
}

#[test]
fn the_device_says_who_it_is_anew_for_each_sending() {
    let key = Key::new();
    let (ended, sent) = played(&key, |at, request| match at {
        0 | 1 => Err(HttpError::NoAnswer),
        _ => Ok(good(request)),
    });
    assert_eq!((ended, sent.len()), ([None, None], 4));
    let mut seen = HashSet::new();
    for request in &sent[..3] {
        let form = form(request);
        let [(a, b), id, kind, (name, assertion)] = &form[..] else { panic!("{form:?}") };
        assert_eq!((&**a, &**b, &**name), ("a", "b", "client_assertion"));
        assert_eq!(*id, ("client_id".to_owned(), "the-device".to_owned()));
        assert_eq!(kind.1, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        let (header, payload) = opened(&key, assertion);
        assert_eq!(header, json!({"typ": "client-authentication+jwt", "alg": "ES256"}));
        let jti = payload["jti"].as_str().unwrap();
        assert_eq!(
            payload,
            json!({"iss": "the-device", "sub": "the-device", "aud": ISSUER, "jti": jti,
                "iat": NOW, "exp": NOW + 120})
        );
        assert!(seen.insert(jti.to_owned()));
        assert!(seen.insert(proof(&key, request)["jti"].as_str().unwrap().to_owned()));
    }
}

#[test]
fn what_may_not_be_repeated_is_sent_once_and_the_rest_three_times() {
    let key = Key::new();
    let (ended, sent) = played(&key, |_, _| Err(HttpError::NoAnswer));
    assert_eq!(ended, [Some(Code::ServerNoAnswer); 2]);
    assert_eq!(sent.len(), 4);
}

#[test]
fn a_nonce_is_asked_for_beside_the_sendings_that_are_counted() {
    let key = Key::new();
    // The exchange: no answer, a nonce is wanted, no answer, an answer. The challenge, which is sent once: a newer nonce.
    let (ended, sent) = played(&key, |at, request| match at {
        0 | 2 => Err(HttpError::NoAnswer),
        1 => Ok(wants_nonce(400, "first")),
        4 => Ok(wants_nonce(401, "second")),
        _ => Ok(good(request)),
    });
    assert_eq!((ended, sent.len()), ([None, None], 6));
    let proofs: Vec<_> = sent.iter().map(|request| proof(&key, request)).collect();
    let nonces: Vec<_> = proofs.iter().map(|proof| proof["nonce"].as_str()).collect();
    assert_eq!(nonces, [None, None, Some("first"), Some("first"), Some("first"), Some("second")]);
    let ids: HashSet<_> = proofs.iter().map(|proof| proof["jti"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 6);
    // The clock of this device is an hour behind; what it says from then on is by the server's.
    assert_eq!((&proofs[1]["iat"], &proofs[2]["iat"]), (&json!(NOW), &json!(NOW + 3_600)));
}

#[test]
fn a_nonce_of_any_answer_is_the_next_proofs() {
    let key = Key::new();
    let (_, sent) = played(&key, |_, request| {
        Ok(good(request).with_headers([("dpop-nonce", "from a good one"), ("x", "y")]).unwrap())
    });
    assert!(proof(&key, &sent[1]).get("nonce").is_none(), "that is no nonce");
    let (_, sent) =
        played(&key, |_, request| Ok(good(request).with_headers([("dpop-nonce", "n")]).unwrap()));
    assert_eq!(proof(&key, &sent[1])["nonce"], "n");
}

#[test]
fn a_server_that_always_wants_another_nonce_is_a_refusal() {
    let key = Key::new();
    for without in [false, true] {
        let (ended, sent) = played(&key, |at, _| {
            Ok(if without {
                HttpResponse::new(400, br#"{"kaigo_error": "dpop_nonce_required"}"#.to_vec())
            } else {
                wants_nonce(400, &format!("n{at}"))
            })
        });
        assert_eq!(ended, [Some(Code::Refused); 2]);
        assert_eq!(sent.len(), if without { 2 } else { 4 });
    }
}

#[test]
fn a_proof_of_another_day_tells_of_the_devices_clock() {
    let key = Key::new();
    for (server_time, code) in [
        ("2026-11-21T01:22:03Z", Code::ClockOff),
        ("2026-11-20T01:27:04Z", Code::ClockOff),
        ("2026-11-20T01:27:03Z", Code::Refused),
    ] {
        let body = json!({"kaigo_error": "dpop_proof_invalid", "server_time": server_time});
        let (ended, _) =
            played(&key, |_, _| Ok(HttpResponse::new(400, body.to_string().into_bytes())));
        assert_eq!(ended[0], Some(code), "{server_time}");
    }
}

/// How a key store signs.
type Signs<'a> = &'a dyn Fn(&[u8]) -> Result<Vec<u8>, SignError>;

#[test]
fn a_key_store_that_is_broken_is_told_as_such_and_nothing_is_sent() {
    let (key, other) = (Key::new(), Key::new());
    let all: [(Signs<'_>, Code); 5] = [
        (&|message| Ok(other.sign(message)), Code::DeviceKeyFailed),
        (&|_| Ok(vec![1; 64]), Code::DeviceKeyFailed),
        (&|_| Ok(Vec::new()), Code::DeviceKeyFailed),
        (&|_| Err(SignError::Gone), Code::DeviceKeyGone),
        (&|_| Err(SignError::Locked), Code::DeviceKeyLocked),
    ];
    for (signs, code) in all {
        let ended = play(two_calls(key.device()), |request| match request {
            Request::Clock => Reply::Clock(DeviceTime::new(Timestamp::UNIX_EPOCH, Duration::ZERO)),
            Request::Sign(to_sign) => Reply::Sign(signs(&to_sign.payload)),
            other => panic!("{other:?}"),
        });
        assert_eq!(ended.map(|result| result.unwrap_err().code()), [code; 2]);
    }
}
