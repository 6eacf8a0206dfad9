//! Tokens of other issuers, by configuration: a facility's own identity provider.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::token::{TYP, unverified};
use crate::base::failure::StartError;
use crate::base::jwk::PublicKey;
use crate::base::jws::Compact;

/// Keys are fetched again no sooner, in seconds, whatever a token says of its key.
const REFRESH: i64 = 60;
/// How long keys are used without being fetched again, in seconds.
const KEPT: i64 = 60 * 60;
/// How long an issuer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// No set of keys has as many bytes, or as many keys.
const LONGEST: usize = 64 * 1024;
const MOST: usize = 32;
/// How long a token of another may be good, in seconds, and how far its issuer's clock may be off.
const LONGEST_LIFE: i64 = 24 * 60 * 60;
const SKEW: i64 = 60;

/// Another issuer of staff tokens: JWTs of the one form (RFC 9068), signed with ES256 or PS256 and bound to the device's
/// key (RFC 9449). Who works where is still a matter of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffIssuer {
    /// `iss`, exactly.
    pub issuer: String,
    /// What its tokens are for: `aud`, or one of them.
    pub audience: String,
    /// The claim with the name of the staff member on the roster: `sub`, mostly.
    pub member_claim: String,
    /// Its keys.
    pub keys: StaffIssuerKeys,
}

/// Where the keys of an issuer are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffIssuerKeys {
    /// These (RFC 7517), each with its `kid`.
    Fixed(Vec<Value>),
    /// At this address (`jwks_uri`): HTTPS, or HTTP on this machine.
    At(String),
}

/// The issuers of a sandbox.
#[derive(Default)]
pub(crate) struct Issuers(Vec<Issuer>);

struct Issuer {
    about: StaffIssuer,
    client: Option<reqwest::Client>,
    fetched: Mutex<Fetched>,
}

#[derive(Default)]
struct Fetched {
    keys: HashMap<String, PublicKey>,
    /// When it was last tried, and when it last succeeded.
    tried_at: Option<i64>,
    got_at: Option<i64>,
}

/// Whom a token names that holds.
pub(crate) struct Foreign {
    pub(crate) member_id: String,
    pub(crate) jkt: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    iat: i64,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(rename = "client_id")]
    _client_id: String,
    cnf: Confirmation,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Confirmation {
    jkt: String,
}

impl Issuers {
    pub(crate) fn new(about: &[StaffIssuer], own: &str) -> Result<Self, StartError> {
        let issuer = |(index, about): (usize, &StaffIssuer)| {
            let wrong = |reason| StartError::StaffIssuer { index, reason };
            if about.issuer == own {
                return Err(wrong("it is this sandbox itself"));
            }
            let mut fetched = Fetched::default();
            let client = match &about.keys {
                StaffIssuerKeys::Fixed(keys) => {
                    fetched.keys = read(keys);
                    if fetched.keys.len() != keys.len() || keys.is_empty() {
                        return Err(wrong("its keys are no ES256 or PS256 keys with a kid each"));
                    }
                    None
                }
                StaffIssuerKeys::At(address) => {
                    if !is_safe(address) {
                        return Err(wrong("its keys would be fetched without protection"));
                    }
                    Some(client().ok_or_else(|| wrong("nothing can be fetched"))?)
                }
            };
            Ok(Issuer { about: about.clone(), client, fetched: Mutex::new(fetched) })
        };
        about.iter().enumerate().map(issuer).collect::<Result<_, _>>().map(Self)
    }
}

/// Whom a token of one of those issuers names, if it holds now. Where its keys are is said by the configuration, never by
/// the token.
pub(crate) async fn verify(issuers: &Issuers, token: &str, now: i64) -> Option<Foreign> {
    let (header, payload) = unverified(token)?;
    let said = payload.get("iss")?.as_str()?;
    let issuer = issuers.0.iter().find(|issuer| issuer.about.issuer == said)?;
    let (algorithm, kid) = read_header(&header)?;
    let key = issuer.key(kid, now).await?;
    let compact = Compact::split(token)?;
    let holds =
        key.algorithm() == algorithm && key.signed(compact.signed.as_bytes(), &compact.signature);
    if !holds {
        return None;
    }
    // A struct refuses what it reads twice; the claim with the name is read from a value, which would not.
    let claims: Claims = serde_json::from_slice(&compact.payload).ok()?;
    let name = once(&compact.payload, &issuer.about.member_claim)?;
    let audience = match &claims.aud {
        Audience::One(one) => *one == issuer.about.audience,
        Audience::Several(several) => several.contains(&issuer.about.audience),
    };
    let in_time = claims.iat <= now + SKEW
        && claims.nbf.is_none_or(|nbf| nbf <= now + SKEW)
        && now < claims.exp
        && claims.exp - claims.iat <= LONGEST_LIFE;
    (claims.iss == issuer.about.issuer && audience && in_time)
        .then_some(Foreign { member_id: name, jkt: claims.cnf.jkt })
}

/// Algorithm and key of a header that says nothing else which would have to be understood (RFC 7515 §4.1.11).
fn read_header(header: &Value) -> Option<(&str, &str)> {
    let header = header.as_object()?;
    let text = |name| header.get(name).and_then(Value::as_str);
    let typ = text("typ")?.to_ascii_lowercase();
    let is_token = typ == TYP || typ == "application/at+jwt";
    let plain = header.keys().all(|name| matches!(name.as_str(), "alg" | "typ" | "kid"));
    (is_token && plain).then_some((text("alg")?, text("kid")?))
}

/// A text that an object says once.
fn once(json: &[u8], name: &str) -> Option<String> {
    struct Members<'a>(&'a str);
    impl<'de> serde::de::Visitor<'de> for Members<'_> {
        type Value = Option<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some((name, value)) = map.next_entry::<String, Value>()? {
                if name == self.0 && found.replace(value).is_some() {
                    return Ok(None);
                }
            }
            Ok(found.and_then(|value| value.as_str().map(str::to_owned)))
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    serde::Deserializer::deserialize_map(&mut reader, Members(name)).ok()?
}

impl Issuer {
    /// The key of this name. One that is not known is looked for, but not more often than now and then.
    async fn key(&self, kid: &str, now: i64) -> Option<PublicKey> {
        let (known, look) = {
            let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
            let old = fetched.got_at.is_none_or(|at| now - at > KEPT || at > now);
            let known = fetched.keys.get(kid).cloned();
            let pause = fetched.tried_at.is_some_and(|at| now - at < REFRESH && at <= now);
            let look = self.client.is_some() && (known.is_none() || old) && !pause;
            if look {
                fetched.tried_at = Some(now);
            }
            (known, look)
        };
        if !look {
            return known;
        }
        let Some(keys) = self.fetch().await else { return known };
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        fetched.keys = keys;
        fetched.got_at = Some(now);
        fetched.keys.get(kid).cloned()
    }

    async fn fetch(&self) -> Option<HashMap<String, PublicKey>> {
        let (client, StaffIssuerKeys::At(address)) = (self.client.as_ref()?, &self.about.keys)
        else {
            return None;
        };
        let mut answer = client.get(address).send().await.ok()?;
        if answer.status() != reqwest::StatusCode::OK {
            return None;
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.ok()? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST {
                return None;
            }
        }
        let set: Value = serde_json::from_slice(&body).ok()?;
        Some(read(set.get("keys")?.as_array()?))
    }
}

/// Those keys that can verify, by their names. A set may have others, too (RFC 7517 §5).
fn read(keys: &[Value]) -> HashMap<String, PublicKey> {
    let named = keys.iter().take(MOST).filter_map(|key| {
        let kid = key.get("kid")?.as_str()?.to_owned();
        Some((kid, PublicKey::read(key)?))
    });
    named.collect()
}

/// Whether what comes from an address comes from there.
fn is_safe(address: &str) -> bool {
    let Ok(address) = reqwest::Url::parse(address) else { return false };
    let local = matches!(address.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    address.scheme() == "https" || (address.scheme() == "http" && local)
}

fn client() -> Option<reqwest::Client> {
    // Kept if another part of the program has chosen a provider before.
    let _ =
        rustls::crypto::CryptoProvider::install_default(rustls::crypto::ring::default_provider());
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    client.build().ok()
}
