//! As much of the care platform as a visit needs to come to its end: it grants everything and checks nothing.

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use kaigotap::{
    exchange::{ChallengeKey, Device, DeviceKey, Entropy, FacilityNumber, StaffToken, Use},
    flow::HttpRequest,
    pki::TrustAnchors,
    platform::ServerAddress,
    visit::{Environment, Plan},
};
use kaigotap_virtual_card::{Authority, Purpose};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

const SERVER: &str = "http://127.0.0.1:1";
const FACILITY: &str = "1370000001";
const STAFF: &str = "nurse-01";

pub(crate) struct Platform {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    anchor: Vec<u8>,
}

impl Platform {
    pub(crate) fn new() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("randomness");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("a key");
        let anchor = Authority::test().root(Purpose::Authentication).to_vec();
        Self { pair, random, anchor }
    }

    pub(crate) fn plan() -> Plan {
        Plan::new([Use::View, Use::Register]).expect("a plan")
    }

    /// Always of the same randomness, so that a recorded visit can be played again.
    pub(crate) fn environment(&self) -> Environment {
        let server = ServerAddress::parse(SERVER).expect("an address");
        let device = self.device();
        let claims = json!({"sub": STAFF, "fac": FACILITY, "cnf": {"jkt": device.thumbprint()}});
        let token = format!("e30.{}.c2ln", base64url(claims.to_string().as_bytes()));
        let token = StaffToken::parse(token, &device).expect("a token");
        let anchors = TrustAnchors::test([self.anchor.as_slice()], []).expect("an anchor");
        let entropy = Entropy::new(&[7; 32]);
        Environment::new(server, SERVER, vec![self.key()], device, token, anchors, entropy)
            .expect("an environment")
    }

    /// One key does for platform and device.
    fn device(&self) -> Device {
        let key = DeviceKey::new("device", self.pair.public_key().as_ref());
        let facility = FacilityNumber::parse(FACILITY).expect("a number");
        Device::new("device", key, facility).expect("a device")
    }

    /// What the device signs.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(&self.random, message).expect("a signature").as_ref().to_vec()
    }

    /// The status and body that answer a request.
    pub(crate) fn answer(&self, request: &HttpRequest, now: Timestamp) -> (u16, Vec<u8>) {
        let path = request.url.strip_prefix(SERVER).unwrap_or_default();
        let (status, body) = match path {
            "/v1/challenges" => (201, self.challenge(&request.body, now)),
            "/v1/token" => (200, token(&request.body, now)),
            _ => (200, entitlement(now)),
        };
        (status, body.to_string().into_bytes())
    }

    fn challenge(&self, asked: &[u8], now: Timestamp) -> Value {
        let asked: Value = serde_json::from_slice(asked).unwrap_or_default();
        let seconds = now.as_second();
        let header = json!({"alg": "ES256", "typ": "kaigo-challenge+jwt", "kid": self.key().id()});
        let payload = json!({
            "iss": SERVER, "aud": "urn:kaigo:card-assertion", "jti": "1", "nonce": base64url(&[7; 32]),
            "iat": seconds, "nbf": seconds, "exp": seconds + 120, "facility_id": FACILITY,
            "purpose": asked["purpose"], "method": asked["method"], "act_sub": STAFF,
            "visit_id": asked["visit_id"], "cnf": {"jkt": self.device().thumbprint()}, "vsn": 2,
        });
        let [header, payload] =
            [header, payload].map(|part| base64url(part.to_string().as_bytes()));
        let signed = format!("{header}.{payload}");
        let signature = self.pair.sign(&self.random, signed.as_bytes()).expect("a signature");
        let jws = format!("{signed}.{}", base64url(signature.as_ref()));
        json!({"challenges": [{"challenge": jws}], "server_time": now})
    }

    fn key(&self) -> ChallengeKey {
        let point = self.pair.public_key().as_ref();
        ChallengeKey::p256(&base64url(&point[1..33]), &base64url(&point[33..])).expect("a point")
    }
}

fn token(asked: &[u8], now: Timestamp) -> Value {
    let tap = asked.windows(12).any(|part| part == b"tap-evidence");
    let method = if tap { "card_tap" } else { "card_pin" };
    // As long as a real one.
    let token = "x".repeat(900);
    json!({
        "access_token": token, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "DPoP", "expires_in": 900, "scope": "qualification:read",
        "honnin": {"method": method, "verified_at": now, "fresh_until": now, "sub": "x"},
        "server_time": now,
    })
}

fn entitlement(now: Timestamp) -> Value {
    json!({
        "person": {"name_kana": "カイゴ　ハナコ", "birth_date": "1941-05-03", "sex": "female"},
        "insurer": {"number": "990001", "name": "試験市"}, "insured_number": "0001234567",
        "periodic": {
            "as_of": now,
            "care_level": {"code": "care_3", "valid_from": "2026-04-01", "valid_until": "2027-03-31"},
            "burden_ratio": {"percent": 10, "valid_from": "2026-08-01", "valid_until": "2027-07-31"},
            "limit_certificate": null,
        },
        "server_time": now,
    })
}

fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
