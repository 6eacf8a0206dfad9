//! What a proof must be, and what it may be: each row of what a conformance suite tries.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::SignedDuration;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::*;
use crate::base::database::{Database, MIGRATIONS, Store};
use crate::base::jws::{SigningKey, base64url, sha256};

const ISSUER: &str = "https://a.example";
const TOKEN: &str = "token";
const AIM: Aim<'static> = Aim { method: "POST", path: "/v1/token", token: None };
const OPENING: Aim<'static> = Aim { token: Some(TOKEN), ..AIM };

async fn base() -> Arc<Base> {
    let store = Store::open(&Database::Memory, &[MIGRATIONS]).await.unwrap();
    Arc::new(Base::open(ISSUER.to_owned(), store).await.unwrap())
}

struct Device(EcdsaKeyPair);

impl Device {
    fn new() -> Self {
        let pkcs8 = SigningKey::generate().unwrap();
        let random = SystemRandom::new();
        let scheme = &ECDSA_P256_SHA256_FIXED_SIGNING;
        Self(EcdsaKeyPair::from_pkcs8(scheme, &pkcs8, &random).unwrap())
    }

    fn header(&self) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) });
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk })
    }

    fn sign(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64url(signature.as_ref()))
    }

    fn proof(&self, claims: &Value) -> String {
        self.sign(&self.header().to_string(), &claims.to_string())
    }
}

fn claims(base: &Base) -> Value {
    let jti = base64url(&super::super::keys::random::<12>().unwrap());
    json!({ "jti": jti, "htm": "POST", "htu": format!("{ISSUER}/v1/token"), "iat": base.now(),
            "ath": base64url(&sha256(TOKEN.as_bytes())), "nonce": base.dpop.0.at(base.now()) })
}

async fn judged(base: &Base, proof: &str, aim: Aim<'_>) -> Result<Proven, Refusal> {
    let mut headers = HeaderMap::new();
    headers.insert(DPOP, HeaderValue::from_str(proof).unwrap());
    base.proven(&headers, aim).await
}

#[track_caller]
fn invalid(judged: Result<Proven, Refusal>, what: &str) {
    assert_eq!(judged.map(|_| ()).unwrap_err(), Refusal::DpopProofInvalid, "{what}");
}

#[tokio::test]
async fn a_right_proof_says_whose_key_sent_the_request() {
    let (base, device) = (base().await, Device::new());
    for aim in [AIM, OPENING] {
        let proven = judged(&base, &device.proof(&claims(&base)), aim).await.unwrap();
        assert_eq!(proven.jkt, proven.key.thumbprint());
        assert_eq!(proven.key.jwk(), device.header()["jwk"]);
    }
}

#[tokio::test]
async fn one_proof_is_wanted() {
    let (base, device) = (base().await, Device::new());
    let mut headers = HeaderMap::new();
    invalid(base.proven(&headers, AIM).await, "none");
    // Names of headers know no case.
    let name = HeaderName::from_bytes(b"DPOP").unwrap();
    let proof = || HeaderValue::from_str(&device.proof(&claims(&base))).unwrap();
    headers.append(name, proof());
    assert!(base.proven(&headers, AIM).await.is_ok());
    headers.insert(DPOP, proof());
    headers.append(DPOP, proof());
    invalid(base.proven(&headers, AIM).await, "two");
}

#[tokio::test]
async fn headers_have_one_form() {
    let (base, device) = (base().await, Device::new());
    let good = device.header();
    let set = |name: &str, value: Value| {
        let mut header = good.clone();
        header[name] = value;
        header.to_string()
    };
    let without = |name: &str| {
        let mut header = good.clone();
        header.as_object_mut().unwrap().remove(name);
        header.to_string()
    };
    let with = |member: &str| good.to_string().replacen('{', &format!("{{{member},"), 1);
    let private = |name: &str| {
        let mut jwk = good["jwk"].clone();
        jwk[name] = "AAAA".into();
        set("jwk", jwk)
    };
    for header in [
        without("typ"),
        without("alg"),
        without("jwk"),
        set("typ", json!("JWT")),
        set("typ", json!("DPoP+JWT")),
        set("alg", json!("none")),
        set("alg", json!("RS256")),
        set("alg", json!("HS256")),
        set("alg", json!("PS256")),
        set("alg", json!("es256")),
        set("jwk", json!({ "kty": "oct", "k": "AAAA" })),
        set("jwk", Device::new().header()["jwk"].clone()),
        private("d"),
        private("k"),
        with(r#""crit":["b64"]"#),
        with(r#""b64":false"#),
        with(r#""kid":"x""#),
        with(r#""jku":"https://evil.example""#),
        with(r#""alg":"none""#),
        with("\"\\u0061lg\":\"none\""),
        format!("{good}{{}}"),
        "[]".to_owned(),
    ] {
        let proof = device.sign(&header, &claims(&base).to_string());
        invalid(judged(&base, &proof, AIM).await, &header);
    }
}

#[tokio::test]
async fn claims_are_all_there_and_right() {
    let (base, device) = (base().await, Device::new());
    let good = claims(&base);
    let set = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims.to_string()
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims.to_string()
    };
    let now = base.now();
    for payload in [
        without("jti"),
        without("htm"),
        without("htu"),
        without("iat"),
        without("ath"),
        set("htm", json!("GET")),
        set("htm", json!("post")),
        set("htu", json!(format!("{ISSUER}/v1/challenges"))),
        set("htu", json!("https://b.example/v1/token")),
        set("htu", json!("http://a.example/v1/token")),
        set("iat", json!(now - 3600)),
        set("iat", json!(now + 3600)),
        set("iat", json!(now - SKEWED)),
        set("iat", json!(now + SKEWED)),
        set("iat", json!(1_700_000_000.5)),
        set("iat", json!(now.to_string())),
        set("iat", json!(u64::MAX)),
        set("ath", json!(base64url(&sha256(b"another")))),
        set("jti", json!("short")),
        set("jti", json!("x".repeat(129))),
        set("jti", json!(7)),
        good.to_string().replacen('{', r#"{"htm":"POST","#, 1),
        good.to_string() + "{}",
        "[]".to_owned(),
        json!([good["jti"], good["htm"], good["htu"], now, good["ath"], good["nonce"]]).to_string(),
    ] {
        let proof = device.sign(&device.header().to_string(), &payload);
        invalid(judged(&base, &proof, OPENING).await, &payload);
    }
    assert!(judged(&base, &device.proof(&good), OPENING).await.is_ok(), "straight after those");
}

/// A second more than a clock may be off.
const SKEWED: i64 = 301;

#[tokio::test]
async fn what_means_the_same_is_taken() {
    let (base, device) = (base().await, Device::new());
    for (name, value) in [
        ("htu", json!(format!("{ISSUER}/v1/token?a=b#c"))),
        ("htu", json!("HTTPS://A.Example/v1/token")),
        ("htu", json!("https://a.example:443/v1/token")),
        ("iat", json!(base.now() - 295)),
        ("iat", json!(base.now() + 295)),
        ("more", json!({ "a": [1] })),
        ("exp", json!(1)),
    ] {
        let mut claims = claims(&base);
        claims[name] = value;
        let proven = judged(&base, &device.proof(&claims), OPENING).await;
        assert!(proven.is_ok(), "{claims}");
    }
}

#[tokio::test]
async fn the_signature_is_over_these_bytes_by_this_key() {
    let (base, device) = (base().await, Device::new());
    let claims = claims(&base);
    let good = device.proof(&claims);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    invalid(judged(&base, &format!("{signed}."), AIM).await, "none");
    invalid(judged(&base, signed, AIM).await, "two parts");
    invalid(judged(&base, &format!("{good}.{signature}"), AIM).await, "four parts");
    invalid(judged(&base, "not a proof", AIM).await, "no JWS");
    let header = device.header().to_string();
    let other = Device::new().sign(&header, &claims.to_string());
    invalid(judged(&base, &other, AIM).await, "another key's");
    let mut later = claims.clone();
    later["iat"] = json!(base.now() + 1);
    let payload = base64url(later.to_string().as_bytes());
    let header = good.split_once('.').unwrap().0;
    invalid(judged(&base, &format!("{header}.{payload}.{signature}"), AIM).await, "other bytes");
    let json = json!({ "protected": header, "payload": payload, "signature": signature });
    invalid(judged(&base, &json.to_string(), AIM).await, "JSON serialisation");
    assert!(judged(&base, &good, AIM).await.is_ok());
}

#[tokio::test]
async fn a_proof_is_good_once() {
    let (base, device) = (base().await, Device::new());
    let one = claims(&base);
    let proof = device.proof(&one);
    assert!(judged(&base, &proof, AIM).await.is_ok());
    invalid(judged(&base, &proof, AIM).await, "the same bytes");
    // Signatures differ, and what they are over is the same.
    invalid(judged(&base, &device.proof(&one), AIM).await, "the same jti");
    assert!(judged(&base, &Device::new().proof(&one), AIM).await.is_ok(), "somebody else's");
    // A nonce lives on after a sweep, so the proof must be remembered.
    base.store.forget_shown(base.now() + 10 * 60).await.unwrap();
    invalid(judged(&base, &proof, AIM).await, "after a sweep");
    base.store.forget_shown(base.now() + REMEMBERED + 1).await.unwrap();
    assert!(judged(&base, &proof, AIM).await.is_ok(), "it is forgotten in the end");
}

#[tokio::test]
async fn a_nonce_of_the_server_is_asked_for_before_anything_is_noted() {
    let (base, device) = (base().await, Device::new());
    let required = |judged: Result<Proven, Refusal>| {
        assert_eq!(judged.map(|_| ()).unwrap_err(), Refusal::DpopNonceRequired);
    };
    let mut claims = claims(&base);
    let nonce = claims.as_object_mut().unwrap().remove("nonce").unwrap();
    required(judged(&base, &device.proof(&claims), AIM).await);
    claims["nonce"] = "AAAA".into();
    required(judged(&base, &device.proof(&claims), AIM).await);
    claims["nonce"] = nonce;
    assert!(judged(&base, &device.proof(&claims), AIM).await.is_ok(), "with the same jti");

    base.clock.shift(SignedDuration::from_mins(6));
    claims["jti"] = "another-one-of-them".into();
    claims["iat"] = base.now().into();
    required(judged(&base, &device.proof(&claims), AIM).await);
}
