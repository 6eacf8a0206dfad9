//! A sandbox, and a phone that talks to it over real HTTP.

use std::io::Write;
use std::sync::{Mutex, OnceLock, PoisonError};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Request, header};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use kaigotap_sandbox::{
    CertificatePurpose, Config, FACILITY_ID, Issued, Person, STAFF_ID, Sandbox,
};
use rsa::RsaPrivateKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;

use crate::device::Device;
use crate::pki::{SERIAL, authority, leaf, now, pki, sign};

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    /// Where the staff member is signed in.
    pub(crate) device: Device,
    pub(crate) staff: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Answer {
    /// The refusal's status and code; a refusal must say nothing else.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.json["kaigo_error"].as_str()),
            (status, Some(code)),
            "{}",
            self.json
        );
        assert!(self.json["error"].is_string() && self.json["server_time"].is_string());
        let members = self.json.as_object().unwrap().len();
        assert_eq!(members, if code == "binding_mismatch" { 4 } else { 3 });
        assert_eq!(self.headers[header::CACHE_CONTROL], "no-store");
        let challenged = self.headers.contains_key(header::WWW_AUTHENTICATE);
        assert_eq!(challenged, status == 401 || status == 403);
    }

    pub(crate) fn access_token(&self) -> &str {
        self.json["access_token"].as_str().unwrap_or_else(|| panic!("{}", self.json))
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with_person(change: impl FnOnce(&mut Person)) -> Self {
        Self::with(|config| change(&mut config.people[0])).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        keep_the_log();
        let mut config = Config {
            authorities: vec![authority()],
            issued: vec![Issued {
                purpose: CertificatePurpose::Authentication,
                serial: SERIAL.to_vec(),
                prefecture: "Kakuu-to".to_owned(),
                municipality: "Kakuu-shi".to_owned(),
            }],
            people: vec![Person::example(vec![SERIAL.to_vec()])],
            database: crate::postgres::database().await,
            ..Config::default()
        };
        change(&mut config);
        let sandbox = Sandbox::start(config).await.unwrap();
        Self::of(sandbox).await
    }

    /// With a device where the seeded nurse is signed in.
    pub(crate) async fn of(sandbox: Sandbox) -> Self {
        let device = Device::at(&sandbox, STAFF_ID).await;
        let staff = device.staff.clone();
        let world = Self { sandbox, device, staff };
        // Any answer has a nonce.
        let answer = world.call("GET", "/v1/client", &[], String::new()).await.unwrap();
        world.device.heard(&answer);
        world
    }

    /// Has another of the staff sign in, at a device of their own facility.
    pub(crate) async fn sign_in(&mut self, staff: &str) {
        if let Ok(enrolled) = self.sandbox.enrol(staff, &self.device.jwk()).await {
            self.staff = enrolled.staff_token;
        } else {
            self.device = Device::at(&self.sandbox, staff).await;
            self.staff.clone_from(&self.device.staff);
        }
    }

    pub(crate) async fn ask_challenge(&self, body: &Value) -> Answer {
        let content = ("application/json", body.to_string());
        self.device.call(self, ("POST", "/v1/challenges"), Some(&self.staff), content).await
    }

    /// The server's clock, which may have been moved.
    pub(crate) async fn server_time(&self) -> Timestamp {
        let answer = self.call("GET", "/.well-known/jwks.json", &[], String::new()).await.unwrap();
        answer.json["server_time"].as_str().unwrap().parse().unwrap()
    }

    /// What a device with a key asks for, for this way.
    pub(crate) async fn challenge_request_of(&self, method: &str) -> Value {
        let mut request = challenge_request();
        request["method"] = method.into();
        request["visual_check"]["checked_at"] = self.server_time().await.to_string().into();
        request
    }

    pub(crate) async fn challenge(&self) -> String {
        let mut request = challenge_request();
        request["visual_check"]["checked_at"] = self.server_time().await.to_string().into();
        let answer = self.ask_challenge(&request).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.json["challenges"][0]["challenge"].as_str().unwrap().to_owned()
    }

    pub(crate) fn claims(&self, challenge: &str) -> Value {
        let said = payload(challenge);
        json!({
            "aud": self.sandbox.issuer(), "nonce": said["nonce"], "jti": UUID,
            "iat": now(), "exp": now() + 120, "chl": digest(challenge), "fac": said["facility_id"],
            "pur": said["purpose"], "act": said["act_sub"],
            "vsl": { "r": "match", "b": "printed_photo" }, "sdk": "0.1.0/test",
            "cnf": { "jkt": self.device.jkt }, "vis": UUID
        })
    }

    pub(crate) async fn assertion(&self) -> String {
        let challenge = self.challenge().await;
        assert_with(&leaf(), &self.claims(&challenge))
    }

    /// The form of a token request.
    pub(crate) fn form(&self, assertion: &str) -> Vec<(&'static str, String)> {
        let access_token = "urn:ietf:params:oauth:token-type:access_token";
        vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange".into()),
            ("subject_token", assertion.into()),
            ("subject_token_type", "urn:x-kaigo:token-type:card-assertion".into()),
            ("actor_token", self.staff.clone()),
            ("actor_token_type", access_token.into()),
            ("requested_token_type", access_token.into()),
            ("resource", format!("{}/", self.sandbox.url())),
            ("scope", "qualification:read".into()),
        ]
    }

    pub(crate) async fn send_form(&self, form: &[(&'static str, String)]) -> Option<Answer> {
        self.device.try_send_form(self, form).await
    }

    pub(crate) async fn exchange(&self, assertion: &str) -> Answer {
        self.send_form(&self.form(assertion)).await.unwrap()
    }

    /// Exchanges an assertion with a leaf in place of the holder's.
    pub(crate) async fn exchange_leaf(&self, leaf: &[u8]) -> Answer {
        let challenge = self.challenge().await;
        self.exchange(&assert_with(leaf, &self.claims(&challenge))).await
    }

    pub(crate) async fn entitlement(&self, token: &str) -> Answer {
        self.try_entitlement(token).await.unwrap()
    }

    /// The same; `None` if the connection was closed before the reply was complete.
    pub(crate) async fn try_entitlement(&self, token: &str) -> Option<Answer> {
        let nothing = ("text/plain", String::new());
        self.device.try_call(self, ("GET", "/v1/qualification"), Some(token), nothing).await
    }

    /// `None` if the connection was closed before the reply was complete.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Option<Answer> {
        let host = self.sandbox.url().strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(host).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = sender.send_request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }
}

pub(crate) const UUID: &str = "5f0c1d3e-0b6a-4c1e-9a54-1f2e3d4c5b6a";

pub(crate) fn challenge_request() -> Value {
    json!({
        "vsn": 2, "method": "card_pin", "purpose": ["view", "register"], "facility_id": FACILITY_ID, "visit_id": UUID,
        "visual_check": { "result": "match", "checked_at": Timestamp::now(), "basis": "printed_photo" }
    })
}

pub(crate) fn header(leaf: &[u8]) -> Value {
    json!({ "alg": "RS256", "typ": "kaigo-card-assertion+jwt", "x5c": [Base64::encode_string(leaf)] })
}

/// Signed by the holder's card.
pub(crate) fn assert_with(leaf: &[u8], claims: &Value) -> String {
    jws(&header(leaf).to_string(), &claims.to_string(), &pki().holder)
}

pub(crate) fn jws(header: &str, payload: &str, key: &RsaPrivateKey) -> String {
    let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
    let signature = sign(key, signed.as_bytes());
    format!("{signed}.{}", base64url(&signature))
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

pub(crate) fn digest(text: &str) -> String {
    base64url(&Sha256::digest(text))
}

/// One part of a JWS, as JSON.
pub(crate) fn part(jws: &str, index: usize) -> Value {
    let part = jws.split('.').nth(index).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap()
}

pub(crate) fn payload(jws: &str) -> Value {
    part(jws, 1)
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Everything that was logged so far, by all tests, at the finest level.
pub(crate) fn log() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

fn keep_the_log() {
    struct Log;
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(|| Log)
            .with_ansi(false)
            .init();
    });
}
