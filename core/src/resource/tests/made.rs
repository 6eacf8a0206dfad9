//! A platform and a device, with keys made for one test.

use std::cell::RefCell;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::super::*;

pub(super) const ISSUER: &str = "https://platform.example";
pub(super) const AUDIENCE: &str = "https://platform.example/";
pub(super) const ADDRESS: &str = "https://care.example/api";
pub(super) const SCOPE: &str = "qualification:read";

/// A key that signs.
pub(super) struct Signer(EcdsaKeyPair);

impl Signer {
    pub(super) fn new() -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap())
    }

    pub(super) fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let part = jws::base64url;
        json!({ "kty": "EC", "crv": "P-256", "x": part(&point[1..33]), "y": part(&point[33..]) })
    }

    pub(super) fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let part = |name: &str| jwk[name].as_str().unwrap().to_owned();
        sha256(
            format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, part("x"), part("y"))
                .as_bytes(),
        )
    }

    pub(super) fn sign(&self, header: &str, payload: &str) -> String {
        let part = |text: &str| jws::base64url(text.as_bytes());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", jws::base64url(signature.as_ref()))
    }
}

/// A request as it comes from a connection.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) certificate: Option<Vec<u8>>,
}

impl Request {
    pub(super) fn incoming(&self) -> Incoming<'_> {
        let mut incoming = Incoming::new(self.method, self.path);
        for (name, value) in &self.headers {
            incoming = incoming.with_header(name, value.as_bytes());
        }
        match &self.certificate {
            Some(der) => incoming.with_certificate(der),
            None => incoming,
        }
    }
}

/// A platform, a device that has a token of it, and a server that judges.
pub(super) struct World {
    pub(super) platform: Signer,
    pub(super) device: Signer,
    pub(super) now: Timestamp,
    pub(super) verifier: Verifier,
    pub(super) proofs: RefCell<RecentProofs>,
}

impl World {
    pub(super) fn new() -> Self {
        let platform = Signer::new();
        let issuer = ServerAddress::parse(ISSUER).unwrap();
        let address = ServerAddress::parse(ADDRESS).unwrap();
        let verifier = Verifier::new(&issuer, AUDIENCE, &address, keys(&platform)).unwrap();
        Self {
            platform,
            device: Signer::new(),
            now: Timestamp::from_second(1_795_000_000).unwrap(),
            verifier,
            proofs: RefCell::new(RecentProofs::with_room_for(1000)),
        }
    }

    pub(super) fn keys(&self) -> KeySet {
        keys(&self.platform)
    }

    pub(super) fn ask(&self, request: &Request) -> Result<Granted, Refused> {
        self.ask_for(request, &Needed::scope(SCOPE))
    }

    pub(super) fn ask_for(
        &self,
        request: &Request,
        needed: &Needed<'_>,
    ) -> Result<Granted, Refused> {
        self.verifier.verify(&request.incoming(), needed, self.now, &mut *self.proofs.borrow_mut())
    }

    /// What a good token says.
    pub(super) fn claims(&self) -> Value {
        let now = self.now.as_second();
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "pairwise", "client_id": "device",
            "jti": "token-1", "iat": now, "exp": now + 900, "auth_time": now,
            "acr": "urn:x-kaigo:acr:card-pin", "amr": ["sc", "pin"],
            "act": { "sub": "staff", "fac": "1370000001", "role": "nurse" },
            "cnf": { "jkt": self.device.thumbprint() },
            "scope": "qualification:read consent:write",
            "kaigo": { "fac": "1370000001", "fac_kind": "visiting_nurse", "method": "card_pin",
                "evidence_id": "e", "verified_at": now, "fresh_until": now + 86400,
                "offline": false, "disaster": false },
        })
    }

    pub(super) fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": "ES256", "kid": self.platform.thumbprint() })
    }

    pub(super) fn token(&self, claims: &Value) -> String {
        self.platform.sign(&self.header().to_string(), &claims.to_string())
    }

    /// What a good proof says.
    pub(super) fn proof(&self, token: &str) -> Value {
        let id = SystemRandom::new();
        let mut jti = [0; 16];
        ring::rand::SecureRandom::fill(&id, &mut jti).unwrap();
        json!({
            "jti": jws::base64url(&jti), "htm": "GET", "htu": "https://care.example/api/v1/plans",
            "iat": self.now.as_second(), "ath": sha256(token.as_bytes()),
        })
    }

    pub(super) fn proof_header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.device.jwk() })
    }

    pub(super) fn request(&self) -> Request {
        self.request_with(&self.token(&self.claims()))
    }

    /// With this token, and a good proof for it.
    pub(super) fn request_with(&self, token: &str) -> Request {
        self.request_of(token, &self.proof(token))
    }

    /// With this token and a proof that says this.
    pub(super) fn request_of(&self, token: &str, proof: &Value) -> Request {
        let proof = self.device.sign(&self.proof_header().to_string(), &proof.to_string());
        request(token, &proof)
    }
}

/// With this token and this proof.
pub(super) fn request(token: &str, proof: &str) -> Request {
    Request {
        method: "GET",
        path: "/v1/plans",
        headers: vec![("Authorization", format!("DPoP {token}")), ("DPoP", proof.to_owned())],
        certificate: None,
    }
}

fn keys(platform: &Signer) -> KeySet {
    let mut jwk = platform.jwk();
    jwk["kid"] = platform.thumbprint().into();
    KeySet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
}
