//! An enrolled device and its nurse, as the platform sees them.

use std::net::SocketAddr;

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use crate::Result;
use crate::card::Card;
use crate::connection::{Answer, Connection, Trust};

/// A device's key.
pub(crate) struct Key {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Key {
    pub(crate) fn generate() -> Result<Self> {
        let (scheme, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(scheme, &random)?;
        Ok(Self { pair: EcdsaKeyPair::from_pkcs8(scheme, pkcs8.as_ref(), &random)?, random })
    }

    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
    }

    fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let text = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        sha256(text.as_bytes())
    }

    fn sign(&self, header: &Value, payload: &Value) -> Result<String> {
        let signed = unsigned(header, payload);
        let signature = self.pair.sign(&self.random, signed.as_bytes())?;
        Ok(format!("{signed}.{}", base64url(signature.as_ref())))
    }

    fn id(&self) -> Result<String> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        Ok(base64url(&bytes))
    }
}

/// A device with its nurse signed in, and a connection that stays open.
pub(crate) struct Device {
    key: Key,
    thumbprint: String,
    client: String,
    staff: String,
    staff_token: String,
    facility: String,
    issuer: String,
    nonce: Option<String>,
    connection: Connection,
    card: Card,
}

impl Device {
    /// With what the server said when it enrolled the key.
    pub(crate) async fn connect(
        key: Key,
        enrolment: &Value,
        address: SocketAddr,
        trust: Option<&Trust>,
        card: Card,
    ) -> Result<Self> {
        let text = |name: &str| {
            let value = enrolment[name].as_str().map(str::to_owned);
            value.ok_or_else(|| format!("the enrolment has no {name}"))
        };
        Ok(Self {
            thumbprint: key.thumbprint(),
            client: text("device_id")?,
            staff: text("staff_id")?,
            staff_token: text("staff_token")?,
            facility: text("facility_id")?,
            issuer: text("issuer")?,
            nonce: None,
            connection: Connection::open(address, trust).await?,
            key,
            card,
        })
    }

    /// One whole exchange: challenge, assertion, token.
    pub(crate) async fn exchange(&mut self) -> Result<()> {
        let assertion = match self.challenged().await? {
            Ok(assertion) => assertion,
            Err(answer) => return Err(refused("challenge", &answer).into()),
        };
        let answer = self.submit(&assertion).await?;
        match (answer.status, answer.json["access_token"].as_str()) {
            (200, Some(_)) => Ok(()),
            _ => Err(refused("token", &answer).into()),
        }
    }

    /// A card's assertion for a challenge; or what the server says instead of one.
    pub(crate) async fn challenged(&mut self) -> Result<std::result::Result<String, Answer>> {
        let visit = uuid(&self.key)?;
        let at = now();
        let ask = json!({
            "vsn": 2, "method": "card_pin", "purpose": ["view"], "facility_id": self.facility, "visit_id": visit,
            "visual_check": { "result": "match", "checked_at": rfc3339(at), "basis": "printed_photo" },
        });
        let staff = self.staff_token.clone();
        let answer =
            self.prove(("POST", "/v1/challenges"), Some(&staff), &|_| Ok(ask.to_string())).await?;
        match answer.json["challenges"][0]["challenge"].as_str() {
            Some(challenge) => Ok(Ok(self.assert(challenge, &visit)?)),
            None => Ok(Err(answer)),
        }
    }

    /// What the server says to an assertion, each time with proofs that are new.
    pub(crate) async fn submit(&mut self, assertion: &str) -> Result<Answer> {
        self.prove(("POST", "/v1/token"), None, &|device| device.form(assertion)).await
    }

    /// A part of the facility's list.
    pub(crate) async fn users(&mut self, search: &Value) -> Result<Answer> {
        let staff = self.staff_token.clone();
        let asked = ("POST", "/v1/users/search");
        self.prove(asked, Some(&staff), &|_| Ok(search.to_string())).await
    }

    /// What a token opens.
    pub(crate) async fn read(&mut self, path: &str, token: &str) -> Result<Answer> {
        self.prove(("GET", path), Some(token), &|_| Ok(String::new())).await
    }

    /// Whether the server still knows a token that it gave out.
    pub(crate) async fn is_known(&mut self, token: &str) -> Result<bool> {
        let answer =
            self.prove(("POST", "/v1/introspect"), None, &|device| device.ask_about(token)).await?;
        Ok(answer.json["active"] == true)
    }

    /// The same device over another connection.
    pub(crate) async fn reconnect(&mut self, address: SocketAddr, trust: &Trust) -> Result<()> {
        self.connection = Connection::open(address, Some(trust)).await?;
        Ok(())
    }

    fn assert(&self, challenge: &str, visit: &str) -> Result<String> {
        let payload = challenge.split('.').nth(1).ok_or("no JWS")?;
        let payload: Value = serde_json::from_slice(&Base64UrlUnpadded::decode_vec(payload)?)?;
        let header = json!({ "alg": "RS256", "typ": "kaigo-card-assertion+jwt", "x5c": [&*self.card.certificate] });
        let payload = json!({
            "aud": self.issuer, "nonce": payload["nonce"], "jti": uuid(&self.key)?, "iat": payload["iat"],
            "exp": payload["iat"].as_i64().unwrap_or_default() + 120, "chl": sha256(challenge.as_bytes()),
            "cnf": { "jkt": self.thumbprint }, "fac": self.facility, "pur": ["view"], "act": self.staff,
            "vsl": { "r": "match", "b": "printed_photo" }, "vis": visit, "sdk": "0.1.0/load",
        });
        let signed = unsigned(&header, &payload);
        Ok(format!("{signed}.{}", base64url(&self.card.sign(signed.as_bytes())?)))
    }

    /// What says which client it is, once.
    fn stated(&self) -> Result<form_urlencoded::Serializer<'static, String>> {
        const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let header = json!({ "alg": "ES256", "typ": "client-authentication+jwt" });
        let claims = json!({ "iss": self.client, "sub": self.client, "aud": self.issuer, "jti": self.key.id()?,
            "iat": now(), "exp": now() + 60 });
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("client_id", &self.client)
            .append_pair("client_assertion_type", JWT_BEARER)
            .append_pair("client_assertion", &self.key.sign(&header, &claims)?);
        Ok(form)
    }

    fn ask_about(&self, token: &str) -> Result<String> {
        Ok(self.stated()?.append_pair("token", token).finish())
    }

    fn form(&self, assertion: &str) -> Result<String> {
        const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
        Ok(self
            .stated()?
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
            .append_pair("subject_token", assertion)
            .append_pair("subject_token_type", "urn:x-kaigo:token-type:card-assertion")
            .append_pair("actor_token", &self.staff_token)
            .append_pair("actor_token_type", ACCESS_TOKEN)
            .append_pair("requested_token_type", ACCESS_TOKEN)
            .append_pair("resource", &format!("{}/", self.issuer))
            .append_pair("scope", "qualification:read care_plan:read")
            .finish())
    }

    /// Posts with a proof of the key; once more if the server wants a nonce of its own.
    async fn prove(
        &mut self,
        (method, path): (&str, &str),
        token: Option<&str>,
        body: &(dyn Fn(&Self) -> Result<String> + Sync),
    ) -> Result<Answer> {
        let mut again = true;
        loop {
            let mut claims = json!({ "jti": self.key.id()?, "htm": method,
                "htu": format!("{}{}", self.issuer, path.split('?').next().unwrap_or(path)), "iat": now() });
            if let Some(nonce) = &self.nonce {
                claims["nonce"] = nonce.as_str().into();
            }
            if let Some(token) = token {
                claims["ath"] = sha256(token.as_bytes()).into();
            }
            let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.jwk() });
            let proof = self.key.sign(&header, &claims)?;
            let authorization = token.map(|token| format!("DPoP {token}"));
            let kind = if matches!(path, "/v1/token" | "/v1/introspect") {
                "application/x-www-form-urlencoded"
            } else {
                "application/json"
            };
            let mut headers = vec![("dpop", proof.as_str()), ("content-type", kind)];
            if let Some(authorization) = &authorization {
                headers.push(("authorization", authorization));
            }
            let body = body(self)?;
            let answer = self.connection.send((method, path), &headers, body).await?;
            if let Some(nonce) = answer.headers.get("dpop-nonce") {
                self.nonce = Some(nonce.to_str()?.to_owned());
            }
            if answer.json["error"] != "use_dpop_nonce" || !again {
                return Ok(answer);
            }
            again = false;
        }
    }
}

fn refused(what: &str, answer: &Answer) -> String {
    format!("no {what}: {} {}", answer.status, answer.json["kaigo_error"])
}

fn unsigned(header: &Value, payload: &Value) -> String {
    let [header, payload] = [header, payload].map(|part| base64url(part.to_string().as_bytes()));
    format!("{header}.{payload}")
}

fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    base64url(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Seconds since the epoch.
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

fn rfc3339(at: u64) -> String {
    jiff::Timestamp::from_second(at.try_into().unwrap_or_default()).unwrap_or_default().to_string()
}

/// A random UUID (RFC 9562 version 4).
fn uuid(key: &Key) -> Result<String> {
    let mut bytes = [0_u8; 16];
    key.random.fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}
