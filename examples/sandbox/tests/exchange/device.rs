//! A phone with a key of its own, which it shows to hold at each request (RFC 9449).

use std::sync::{Arc, Mutex};

use kaigotap_sandbox::{STAFF_ID, Sandbox};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use crate::support::{Answer, UUID, World, base64url, digest, payload};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) struct Device {
    pub(crate) pair: Arc<EcdsaKeyPair>,
    pub(crate) id: String,
    pub(crate) jkt: String,
    pub(crate) staff: String,
    pub(crate) nonce: Mutex<String>,
}

impl Device {
    /// Enrolled, with the seeded nurse signed in.
    pub(crate) async fn new(world: &World) -> Self {
        Self::of(world, STAFF_ID).await
    }

    pub(crate) async fn of(world: &World, staff: &str) -> Self {
        Self::at(&world.sandbox, staff).await
    }

    pub(crate) async fn at(sandbox: &Sandbox, staff: &str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        let pair = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            pkcs8.unwrap().as_ref(),
            &random,
        )
        .unwrap();
        let pair = Arc::new(pair);
        let jkt = digest(&jwk(&pair).to_string());
        let enrolled = sandbox.enrol(staff, &jwk(&pair)).await.unwrap();
        let id = enrolled.device_id.unwrap();
        Self { pair, id, jkt, staff: enrolled.staff_token, nonce: Mutex::default() }
    }

    /// As another of the staff who has signed in here.
    pub(crate) async fn handed_to(self, world: &World, staff: &str) -> Self {
        let enrolled = world.sandbox.enrol(staff, &jwk(&self.pair)).await.unwrap();
        Self { staff: enrolled.staff_token, ..self }
    }

    /// The same device, with a staff token that has just been given.
    pub(crate) async fn later(&self, world: &World) -> Self {
        let enrolled = world.sandbox.enrol(STAFF_ID, &self.jwk()).await.unwrap();
        let nonce = Mutex::new(self.nonce.lock().unwrap().clone());
        let (pair, id, jkt) = (self.pair.clone(), self.id.clone(), self.jkt.clone());
        Self { pair, id, jkt, staff: enrolled.staff_token, nonce }
    }

    /// A compact JWS by its key.
    pub(crate) fn sign(&self, typ: &str, payload: &Value) -> String {
        self.sign_with(&json!({ "alg": "ES256", "typ": typ, "kid": self.jkt }), payload)
    }

    pub(crate) fn sign_with(&self, header: &Value, payload: &Value) -> String {
        let part = |json: &Value| base64url(json.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64url(signature.as_ref()))
    }

    /// Sends a request with a proof; once more if the server gives a nonce and wants it.
    pub(crate) async fn call(
        &self,
        world: &World,
        (method, path): (&str, &str),
        token: Option<&str>,
        (kind, body): (&str, String),
    ) -> Answer {
        self.try_call(world, (method, path), token, (kind, body)).await.unwrap()
    }

    /// The same; `None` if the connection was closed before the reply was complete.
    pub(crate) async fn try_call(
        &self,
        world: &World,
        (method, path): (&str, &str),
        token: Option<&str>,
        (kind, body): (&str, String),
    ) -> Option<Answer> {
        let answer = self.call_once(world, (method, path), token, (kind, body.clone())).await?;
        if answer.json["error"] != "use_dpop_nonce" {
            return Some(answer);
        }
        self.call_once(world, (method, path), token, (kind, body)).await
    }

    /// Sends a request with a proof.
    async fn call_once(
        &self,
        world: &World,
        (method, path): (&str, &str),
        token: Option<&str>,
        (kind, body): (&str, String),
    ) -> Option<Answer> {
        let now = world.server_time().await.as_second();
        let proof = self.proof(world, (method, path), token, now);
        let authorization = token.map(|token| format!("DPoP {token}"));
        let mut headers = vec![("content-type", kind), ("dpop", &*proof)];
        headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
        let answer = world.call(method, path, &headers, body).await?;
        self.heard(&answer);
        Some(answer)
    }

    /// Takes the nonce that an answer gives.
    pub(crate) fn heard(&self, answer: &Answer) {
        if let Some(given) = answer.headers.get("dpop-nonce") {
            given.to_str().unwrap().clone_into(&mut self.nonce.lock().unwrap());
        }
    }

    pub(crate) fn proof(
        &self,
        world: &World,
        (method, path): (&str, &str),
        token: Option<&str>,
        now: i64,
    ) -> String {
        let mut claims = json!({
            "jti": jti(), "htm": method, "htu": format!("{}{}", world.sandbox.url(), path.split('?').next().unwrap_or(path)),
            "iat": now, "nonce": *self.nonce.lock().unwrap(),
        });
        if let Some(token) = token {
            claims["ath"] = digest(token).into();
        }
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk(&self.pair) });
        self.sign_with(&header, &claims)
    }

    /// Its public key.
    pub(crate) fn jwk(&self) -> Value {
        jwk(&self.pair)
    }

    pub(crate) async fn ask_challenge(&self, world: &World, request: &Value) -> Answer {
        let content = ("application/json", request.to_string());
        self.call(world, ("POST", "/v1/challenges"), Some(&self.staff), content).await
    }

    /// A challenge for this way and whom it is to be.
    pub(crate) async fn challenge(
        &self,
        world: &World,
        method: &str,
        whom: Option<&str>,
    ) -> String {
        let mut request = world.challenge_request_of(method).await;
        if let Some(whom) = whom {
            request["subject_hint"] = whom.into();
        }
        let answer = self.ask_challenge(world, &request).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.json["challenges"][0]["challenge"].as_str().unwrap().to_owned()
    }

    /// What evidence says that answers a challenge.
    pub(crate) fn claims(&self, world: &World, challenge: &str) -> Value {
        let mut claims = world.claims(challenge);
        claims["cnf"] = json!({ "jkt": self.jkt });
        claims["vis"] = UUID.into();
        let then = payload(challenge)["iat"].as_i64().unwrap();
        (claims["iat"], claims["exp"]) = (then.into(), (then + 120).into());
        claims
    }

    /// Exchanges something of this kind.
    pub(crate) async fn exchange(
        &self,
        world: &World,
        kind: &str,
        subject_token: &str,
        scope: &str,
    ) -> Answer {
        let mut form = world.form(subject_token);
        for (name, value) in &mut form {
            match *name {
                "subject_token_type" => *value = format!("urn:x-kaigo:token-type:{kind}"),
                "actor_token" => self.staff.clone_into(value),
                "scope" => scope.clone_into(value),
                _ => {}
            }
        }
        self.send_form(world, &form).await
    }

    /// Sends a form to the token endpoint; a statement that it is this client goes with it, anew each time.
    pub(crate) async fn send_form(&self, world: &World, form: &[(&str, String)]) -> Answer {
        self.try_send_form(world, form).await.unwrap()
    }

    /// The same; `None` if the connection was closed before the reply was complete.
    pub(crate) async fn try_send_form(
        &self,
        world: &World,
        form: &[(&str, String)],
    ) -> Option<Answer> {
        let mut answer = None;
        for _ in 0..2 {
            let now = world.server_time().await.as_second();
            let content = ("application/x-www-form-urlencoded", self.body(world, form, now));
            let sent = self.call_once(world, ("POST", "/v1/token"), None, content).await?;
            let again = sent.json["error"] == "use_dpop_nonce";
            answer = Some(sent);
            if !again {
                break;
            }
        }
        answer
    }

    /// A form with a statement that it is this client.
    pub(crate) fn body(&self, world: &World, form: &[(&str, String)], now: i64) -> String {
        let client = [
            ("client_id", self.id.clone()),
            ("client_assertion_type", JWT_BEARER.to_owned()),
            ("client_assertion", self.client_assertion(world.sandbox.issuer(), now)),
        ];
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .extend_pairs(client)
            .finish()
    }

    /// That it is itself, for this issuer.
    pub(crate) fn client_assertion(&self, issuer: &str, now: i64) -> String {
        let claims = json!({ "iss": self.id, "sub": self.id, "aud": issuer, "jti": jti(),
                             "iat": now, "exp": now + 60 });
        self.sign_with(&json!({ "alg": "ES256", "typ": "client-authentication+jwt" }), &claims)
    }
}

/// Something that nobody said before.
fn jti() -> String {
    let mut jti = [0; 16];
    SystemRandom::new().fill(&mut jti).unwrap();
    base64url(&jti)
}

fn jwk(pair: &EcdsaKeyPair) -> Value {
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    json!({ "crv": "P-256", "kty": "EC", "x": base64url(x), "y": base64url(y) })
}
