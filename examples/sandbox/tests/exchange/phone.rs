//! A device: its key, and how it asks for what needs proof of that key.

use std::sync::Mutex;

use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use crate::pki::now;
use crate::support::{Answer, World, base64url, digest};

pub(crate) struct Phone {
    pub(crate) pkcs8: Vec<u8>,
    pair: EcdsaKeyPair,
    /// The last nonce that a server gave.
    nonce: Mutex<Option<String>>,
}

impl Phone {
    pub(crate) fn new() -> Self {
        let (scheme, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(scheme, &random).unwrap().as_ref().to_vec();
        let pair = EcdsaKeyPair::from_pkcs8(scheme, &pkcs8, &random).unwrap();
        Self { pkcs8, pair, nonce: Mutex::new(None) }
    }

    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
    }

    pub(crate) fn jkt(&self) -> String {
        let jwk = self.jwk();
        digest(&format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]))
    }

    pub(crate) fn sign(&self, header: &Value, payload: &Value) -> String {
        self.sign_text(&header.to_string(), &payload.to_string())
    }

    pub(crate) fn sign_text(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64url(signature.as_ref()))
    }

    /// What a proof says, with the last nonce and something that nobody said before.
    pub(crate) fn claims(&self, method: &str, url: &str, token: Option<&str>) -> Value {
        let mut claims = json!({ "jti": jti(), "htm": method, "htu": url, "iat": now() });
        if let Some(nonce) = &*self.nonce.lock().unwrap() {
            claims["nonce"] = nonce.as_str().into();
        }
        if let Some(token) = token {
            claims["ath"] = digest(token).into();
        }
        claims
    }

    pub(crate) fn proof(&self, claims: &Value) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() });
        self.sign(&header, claims)
    }

    pub(crate) fn heard(&self, answer: &Answer) {
        if let Some(nonce) = answer.headers.get("dpop-nonce") {
            *self.nonce.lock().unwrap() = Some(nonce.to_str().unwrap().to_owned());
        }
    }

    /// That it is itself: a client assertion for this issuer.
    pub(crate) fn client_assertion(&self, client_id: &str, issuer: &str) -> String {
        let header = json!({ "alg": "ES256", "typ": "client-authentication+jwt" });
        self.sign(&header, &statement(client_id, issuer))
    }
}

/// What a client assertion says.
pub(crate) fn statement(client_id: &str, issuer: &str) -> Value {
    json!({ "iss": client_id, "sub": client_id, "aud": issuer, "jti": jti(),
            "iat": now(), "exp": now() + 60 })
}

/// Something that nobody said before.
pub(crate) fn jti() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).unwrap();
    base64url(&bytes)
}

impl World {
    /// Asks with a proof of a phone's key; once more if the server wants a nonce of its own.
    pub(crate) async fn prove(
        &self,
        phone: &Phone,
        (method, path): (&str, &str),
        token: Option<&str>,
        body: (&str, &str),
    ) -> Answer {
        let mut answer = None;
        for _ in 0..2 {
            let url = format!("{}{path}", self.sandbox.issuer());
            let proof = phone.proof(&phone.claims(method, &url, token));
            let sent = self.send_proof((method, path), token, body, &proof).await;
            phone.heard(&sent);
            let again = sent.json["error"] == "use_dpop_nonce";
            answer = Some(sent);
            if !again {
                break;
            }
        }
        answer.unwrap()
    }

    pub(crate) async fn send_proof(
        &self,
        (method, path): (&str, &str),
        token: Option<&str>,
        (media_type, body): (&str, &str),
        proof: &str,
    ) -> Answer {
        let authorization = token.map(|token| format!("DPoP {token}"));
        let mut headers = vec![("dpop", proof)];
        if !media_type.is_empty() {
            headers.push(("content-type", media_type));
        }
        if let Some(authorization) = &authorization {
            headers.push(("authorization", authorization));
        }
        self.call(method, path, &headers, body.to_owned()).await.unwrap()
    }
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const NOTHING: (&str, &str) = ("", "");
