//! Who asks as a client (RFC 6749 §2): an enrolled device, or a server that was entered by configuration.

use serde::Deserialize;
use serde_json::Value;

use super::Devices;
use crate::base::form::Form;
use crate::base::jwk::PublicKey;
use crate::base::jws::{Compact, base64url, read_exactly, sha256};
use crate::base::once::Once;
use crate::base::peer::PeerCertificate;
use crate::base::refusal::Refusal;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long a client assertion may be good, in seconds.
const LONGEST_LIFETIME: i64 = 300;
/// How far a client's clock may be ahead, in seconds.
const SKEW: i64 = 60;
/// Lengths of a `jti`.
const JTI: std::ops::RangeInclusive<usize> = 8..=128;

/// A server of an ISV, entered by configuration: it asks for tokens of its own.
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    /// Its `client_id`.
    pub id: String,
    /// Its public key as a JWK (RFC 7517): P-256 for ES256, or RSA of 2048 to 4096 bits for PS256.
    pub jwk: Value,
    /// What it may ask for, such as `care:read`.
    pub scopes: Vec<String>,
    /// Its client certificate in DER, if it may show one instead of a statement signed with its key.
    pub certificate: Option<Vec<u8>>,
}

/// A client that is known and alive.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) key: PublicKey,
    /// The facility whose device it is; none for a server.
    pub(crate) facility_id: Option<String>,
    pub(crate) label: String,
    /// Its client certificate in DER.
    pub(crate) certificate: Option<Vec<u8>>,
    /// What a server may ask for.
    pub(crate) scopes: Vec<String>,
}

#[derive(serde::Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
}

/// Of RFC 7523 §3, as FAPI 2.0 wants them. Further ones are allowed; none of these twice.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    jti: String,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
}

impl Client {
    /// Whether this is its client certificate.
    fn shows(&self, peer: &PeerCertificate) -> bool {
        self.certificate.as_deref() == Some(peer.der())
    }

    /// Thumbprint of the certificate of a connection (`x5t#S256`), if it has one; it must be this client's.
    pub(crate) fn x5t(&self, peer: Option<&PeerCertificate>) -> Result<Option<String>, Refusal> {
        match peer {
            None => Ok(None),
            Some(peer) if self.shows(peer) => Ok(Some(peer.thumbprint())),
            Some(_) => Err(Refusal::BindingMismatch("certificate")),
        }
    }

    /// A statement of this client that it is itself, for this issuer and now; its `jti` and end.
    fn stated(&self, assertion: &str, issuer: &str, now: i64) -> Option<(String, i64)> {
        let compact = Compact::split(assertion)?;
        let header: Header = read_exactly(&compact.header)?;
        let typ = header.typ.as_deref().unwrap_or("JWT");
        let typ = typ.eq_ignore_ascii_case("JWT") || typ == "client-authentication+jwt";
        if !typ || header.alg != self.key.algorithm() || compact.payload.first() != Some(&b'{') {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&compact.payload).ok()?;
        let soon = now.saturating_add(SKEW);
        let holds = claims.iss == self.id
            && claims.sub == self.id
            && claims.aud == issuer
            && JTI.contains(&claims.jti.len())
            && claims.iat <= soon
            && claims.nbf.is_none_or(|nbf| nbf <= soon)
            && claims.exp > now
            && claims.exp <= claims.iat.saturating_add(LONGEST_LIFETIME)
            && self.key.signed(compact.signed.as_bytes(), &compact.signature);
        holds.then_some((claims.jti, claims.exp))
    }
}

impl Devices {
    /// The client that a form says it comes from, and that has proved it: by a statement it signed (`private_key_jwt`,
    /// RFC 7523 §2.2) for this issuer, shown once, or by the certificate of the connection (`tls_client_auth`,
    /// RFC 8705 §2.1). Where the connection has a certificate, it is this client's in either case.
    pub(crate) async fn authenticate(
        &self,
        peer: Option<&PeerCertificate>,
        form: &Form,
        issuer: &str,
    ) -> Result<Client, Refusal> {
        let (client, once) = self.shown(peer, form, issuer).await?;
        if let Some(once) = once {
            self.base.store.note(&[once]).await?;
        }
        Ok(client)
    }

    /// The same, with its statement still to be noted.
    pub(crate) async fn shown(
        &self,
        peer: Option<&PeerCertificate>,
        form: &Form,
        issuer: &str,
    ) -> Result<(Client, Option<Once>), Refusal> {
        let unknown = Refusal::ClientUnknown;
        let client = self.named(form.get("client_id").ok_or(unknown)?).await?;
        match (form.get("client_assertion_type"), form.get("client_assertion")) {
            (Some(JWT_BEARER), Some(assertion)) => {
                self.admits(peer)?;
                client.x5t(peer)?;
                let now = self.base.now();
                let (jti, until) = client.stated(assertion, issuer, now).ok_or(unknown)?;
                let owner = base64url(&sha256(format!("client {}", client.id).as_bytes()));
                Ok((client, Some(Once { owner, jti, until, again: unknown })))
            }
            (None, None) if peer.is_some_and(|peer| client.shows(peer)) => Ok((client, None)),
            _ => Err(unknown),
        }
    }
}
