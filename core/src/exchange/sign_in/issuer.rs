//! What an issuer says of itself, and its keys.

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::signature::{RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;

use super::not_offered;
use crate::flow::Talk;
use crate::message::{Code, Failure};
use crate::platform::{PublicKey, ServerAddress, jws, open};

/// Where an issuer says what it offers (OpenID Connect Discovery 1.0 §4).
const DISCOVERY: &str = "/.well-known/openid-configuration";
/// Most keys looked at.
const MOST_KEYS: usize = 32;

/// What is taken from there, and from nowhere else.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    pushed_authorization_request_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    #[serde(rename = "x-kaigo-sign-out-endpoint")]
    sign_out_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    dpop_signing_alg_values_supported: Vec<String>,
}

/// An issuer that offers what is needed.
pub(super) struct Issuer {
    pub(super) push: ServerAddress,
    pub(super) authorization: ServerAddress,
    pub(super) token: ServerAddress,
    pub(super) sign_out: Option<ServerAddress>,
    pub(super) revocation: Option<ServerAddress>,
    keys: ServerAddress,
}

impl Issuer {
    /// Asks an issuer what it offers. One that calls itself otherwise is another one.
    pub(super) async fn discover(talk: &Talk, issuer: &ServerAddress) -> Result<Self, Failure> {
        let body = open(talk, &[issuer.as_str(), DISCOVERY].concat()).await?;
        let said: Metadata =
            jws::object(&body).ok_or_else(|| Failure::new(Code::ServerAnswerInvalid))?;
        if said.issuer != issuer.as_str() {
            return Err(not_offered("another issuer"));
        }
        let has = |offered: &[String], what: &str| offered.iter().any(|one| one == what);
        for (offered, what) in [
            (said.authorization_response_iss_parameter_supported, "iss in responses"),
            (has(&said.code_challenge_methods_supported, "S256"), "PKCE"),
            (
                has(&said.token_endpoint_auth_methods_supported, "private_key_jwt"),
                "private_key_jwt",
            ),
            (has(&said.dpop_signing_alg_values_supported, "ES256"), "DPoP"),
        ] {
            if !offered {
                return Err(not_offered(what));
            }
        }
        let at =
            |address: String, what| ServerAddress::parse(address).map_err(|_| not_offered(what));
        let may =
            |address: Option<String>, what| address.map(|address| at(address, what)).transpose();
        let push = said.pushed_authorization_request_endpoint;
        Ok(Self {
            push: at(push.ok_or_else(|| not_offered("pushed requests"))?, "pushed requests")?,
            authorization: at(said.authorization_endpoint, "authorization endpoint")?,
            token: at(said.token_endpoint, "token endpoint")?,
            keys: at(said.jwks_uri, "keys")?,
            sign_out: may(said.sign_out_endpoint, "sign-out")?,
            revocation: may(said.revocation_endpoint, "revocation")?,
        })
    }

    /// The keys that it signs with, as they are now.
    pub(super) async fn keys(&self, talk: &Talk) -> Result<Vec<Key>, Failure> {
        let body = open(talk, self.keys.as_str()).await?;
        let said: Keys = jws::object(&body).ok_or(Code::ServerAnswerInvalid)?;
        Ok(said.keys.into_iter().take(MOST_KEYS).filter_map(Key::read).collect())
    }
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// A key of an issuer, for one algorithm.
pub(super) struct Key {
    pub(super) id: Option<String>,
    public: Public,
}

enum Public {
    Es256(PublicKey),
    Ps256 { n: Vec<u8>, e: Vec<u8> },
}

impl Key {
    /// A key that is for signatures, with ES256 or PS256. A set has others, too.
    fn read(jwk: Jwk) -> Option<Self> {
        let Jwk { kty, kid, usage, alg, crv, x, y, n, e } = jwk;
        let decode = |part: Option<String>| Base64UrlUnpadded::decode_vec(&part?).ok();
        let public = match (kty.as_str(), crv.as_deref()) {
            ("EC", Some("P-256")) => Public::Es256(PublicKey::of_coordinates(&x?, &y?)?),
            ("RSA", None) => Public::Ps256 { n: decode(n)?, e: decode(e)? },
            _ => return None,
        };
        let key = Self { id: kid, public };
        let fits = usage.is_none_or(|usage| usage == "sig")
            && alg.is_none_or(|alg| alg == key.algorithm());
        fits.then_some(key)
    }

    pub(super) fn algorithm(&self) -> &'static str {
        match self.public {
            Public::Es256(_) => "ES256",
            Public::Ps256 { .. } => "PS256",
        }
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.public {
            Public::Es256(key) => key.verifies(message, signature),
            Public::Ps256 { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PSS_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}
