//! A sandbox, a device that signs staff in, and a browser of somebody's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Request, header};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use kaigotap_sandbox::{Config, STAFF_ID, Sandbox, sandbox_password};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;

pub(crate) const REDIRECT: &str = "http://127.0.0.1:49152/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        let json = self.json();
        assert_eq!(
            (self.status, json["kaigo_error"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
    }

    /// Parameters of the address that the browser is sent to.
    #[track_caller]
    pub(crate) fn sent_to(&self, redirect: &str) -> BTreeMap<String, String> {
        assert_eq!(self.status, 303, "{}", self.text);
        let target = self.header("location");
        let (address, query) = target.split_once('?').unwrap();
        assert_eq!(address, redirect);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// A page that sends nobody anywhere.
    #[track_caller]
    pub(crate) fn stays(&self, status: u16) {
        assert_eq!((self.status, self.header("location")), (status, ""), "{}", self.text);
        assert!(self.text.starts_with("<!DOCTYPE html>"), "{}", self.text);
    }
}

/// A sandbox and its clock, which tests move.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) ahead: Cell<i64>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let database = crate::postgres::database().await;
        let sandbox = Sandbox::start(Config { database, ..config }).await.unwrap();
        Self { sandbox, ahead: Cell::new(0) }
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.ahead.set(self.ahead.get() + seconds);
        self.sandbox.shift_clock(jiff::SignedDuration::from_secs(seconds));
    }

    pub(crate) fn now(&self) -> i64 {
        Timestamp::now().as_second() + self.ahead.get()
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/staff", self.sandbox.issuer())
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
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
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// A device of the facility that every sandbox has.
    pub(crate) async fn device(&self) -> Device<'_> {
        let key = Key::new();
        let enrolled = self.sandbox.enrol(STAFF_ID, &key.jwk()).await.unwrap();
        let id = enrolled.device_id.unwrap();
        Device { world: self, id, key, nonce: RefCell::default() }
    }
}

/// A P-256 key.
pub(crate) struct Key(EcdsaKeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap())
    }

    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
    }

    pub(crate) fn jkt(&self) -> String {
        let jwk = self.jwk();
        let (x, y) = (jwk["x"].as_str().unwrap(), jwk["y"].as_str().unwrap());
        digest(&format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#))
    }

    pub(crate) fn sign(&self, header: &Value, payload: &Value) -> String {
        self.sign_text(&header.to_string(), &payload.to_string())
    }

    pub(crate) fn sign_text(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64url(signature.as_ref()))
    }
}

/// A device that is enrolled.
pub(crate) struct Device<'a> {
    pub(crate) world: &'a World,
    pub(crate) id: String,
    pub(crate) key: Key,
    pub(crate) nonce: RefCell<String>,
}

pub(crate) type Form = BTreeMap<&'static str, String>;

impl Device<'_> {
    /// Everything that says who is asking.
    pub(crate) fn authenticated(&self, form: &mut Form) {
        let now = self.world.now();
        let claims = json!({ "iss": self.id, "sub": self.id, "aud": self.world.issuer(), "jti": random(),
                             "iat": now, "exp": now + 60 });
        form.insert("client_id", self.id.clone());
        form.insert(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
        );
        form.insert(
            "client_assertion",
            self.key.sign(&json!({ "alg": "ES256", "typ": "JWT" }), &claims),
        );
    }

    pub(crate) fn proof(&self, method: &str, path: &str, token: Option<&str>) -> String {
        let mut claims = json!({ "jti": random(), "htm": method, "iat": self.world.now(),
            "htu": format!("{}{path}", self.world.sandbox.issuer()) });
        if !self.nonce.borrow().is_empty() {
            claims["nonce"] = self.nonce.borrow().as_str().into();
        }
        if let Some(token) = token {
            claims["ath"] = digest(token).into();
        }
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": self.key.jwk() });
        self.key.sign(&header, &claims)
    }

    /// A form, as this device. A nonce that is asked for is given.
    pub(crate) async fn post(&self, path: &str, form: &Form) -> Answer {
        for _ in 0..2 {
            let mut form = form.clone();
            self.authenticated(&mut form);
            let proof = self.proof("POST", path, None);
            let body = encoded(&form);
            let answer = self.world.call("POST", path, &[FORM, ("dpop", &proof)], body).await;
            answer.header("dpop-nonce").clone_into(&mut self.nonce.borrow_mut());
            if answer.json()["error"] != "use_dpop_nonce" {
                return answer;
            }
        }
        panic!("asks for nonces without end")
    }

    /// Something that a token opens.
    pub(crate) async fn show(&self, method: &str, path: &str, token: &str) -> Answer {
        for _ in 0..2 {
            let proof = self.proof(method, path, Some(token));
            let shown = format!("DPoP {token}");
            let headers = [("authorization", &*shown), ("dpop", &*proof)];
            let answer = self.world.call(method, path, &headers, String::new()).await;
            answer.header("dpop-nonce").clone_into(&mut self.nonce.borrow_mut());
            if answer.json()["error"] != "use_dpop_nonce" {
                return answer;
            }
        }
        panic!("asks for nonces without end")
    }

    /// What is pushed, without who pushes it.
    pub(crate) fn wish() -> Form {
        [
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid kaigo"),
            ("state", "the state"),
            ("nonce", "the nonce"),
            ("code_challenge", &digest(VERIFIER)),
            ("code_challenge_method", "S256"),
        ]
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
    }

    /// Pushes, and gives the address to open.
    pub(crate) async fn push_with(&self, change: impl FnOnce(&mut Form)) -> String {
        let mut wish = Self::wish();
        change(&mut wish);
        let answer = self.post("/staff/par", &wish).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let request_uri = answer.json()["request_uri"].as_str().unwrap().to_owned();
        address(&self.id, &request_uri)
    }

    pub(crate) async fn push(&self) -> String {
        self.push_with(|_| {}).await
    }

    /// What is asked for a code.
    pub(crate) fn claim(code: &str) -> Form {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ]
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
    }

    pub(crate) async fn redeem(&self, code: &str) -> Answer {
        self.post("/staff/token", &Self::claim(code)).await
    }

    /// A code for a nurse who has signed in with a browser.
    pub(crate) async fn code(&self, browser: &Browser<'_>, staff_id: &str) -> String {
        let page = browser.open(&self.push().await).await;
        let sent = browser.sign_in(&page, staff_id, &sandbox_password(staff_id)).await;
        sent.sent_to(REDIRECT)["code"].clone()
    }

    /// A token for a nurse who has signed in with a new browser.
    pub(crate) async fn token(&self, staff_id: &str) -> Value {
        let code = self.code(&Browser::of(self.world), staff_id).await;
        let answer = self.redeem(&code).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

/// Somebody's browser. It keeps cookies and fills in forms.
pub(crate) struct Browser<'a> {
    pub(crate) world: &'a World,
    pub(crate) language: &'static str,
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    pub(crate) fn of(world: &'a World) -> Self {
        Self { world, language: "ja", cookies: RefCell::default() }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    pub(crate) async fn open(&self, address: &str) -> Answer {
        self.send("GET", address, &[], String::new()).await
    }

    /// Fills in the form of a page and sends it off.
    pub(crate) async fn sign_in(&self, page: &Answer, staff_id: &str, password: &str) -> Answer {
        let mut form = fields(page);
        form.insert("staff_id".to_owned(), staff_id.to_owned());
        form.insert("password".to_owned(), password.to_owned());
        self.submit(&form).await
    }

    pub(crate) async fn submit(&self, form: &BTreeMap<String, String>) -> Answer {
        let origin = self.world.sandbox.url().to_owned();
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.send("POST", "/staff/login", &[FORM, ("origin", &origin)], body).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut all = vec![("accept-language", self.language)];
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        all.extend(headers);
        let answer = self.world.call(method, path, &all, body).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            assert!(set.contains("; HttpOnly; SameSite=Lax"), "{set}");
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

/// What a page's form has in it.
#[track_caller]
pub(crate) fn fields(page: &Answer) -> BTreeMap<String, String> {
    assert!(page.text.contains("<form method=\"post\" action=\"/staff/login\">"), "{}", page.text);
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        let value = rest.split('"').next()?;
        Some(
            value
                .replace("&#39;", "'")
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&amp;", "&"),
        )
    };
    let inputs = page.text.split("<input").skip(1).filter_map(|tag| {
        let tag = tag.split('>').next()?;
        Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
    });
    inputs.collect()
}

pub(crate) fn address(client_id: &str, request_uri: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("client_id", client_id), ("request_uri", request_uri)])
        .finish();
    format!("/staff/authorize?{query}")
}

pub(crate) fn encoded(form: &Form) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
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

pub(crate) fn random() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).unwrap();
    base64url(&bytes)
}
