//! What a server of one's own has to check before it trusts an access token of the platform (feature
//! `resource-server`): the token (RFC 9068), that its sender holds the key to which it is bound (RFC 9449), the client
//! certificate of the connection (RFC 8705), its scope, and how fresh the confirmation of the person is.
//!
//! It performs no I/O and keeps nothing that is not handed in: the caller fetches keys, keeps the memory of proofs and
//! tells the time. `docs/resource-server.md` is the whole of it on one page.

mod address;
mod keys;
mod nonce;
mod proof;
mod refused;
mod replay;
#[cfg(test)]
mod tests;
mod token;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use ring::digest;

pub use keys::{KeySet, Pace};
pub use refused::Refused;
pub use replay::{RecentProofs, ReplayCache, Seen};

use crate::message::Failure;
use crate::platform::{ServerAddress, jws};
use address::Address;
use nonce::Nonces;
use proof::Proof;
use refused::Why;
use token::Token;

/// How far the clock of a device may be off where the server's nonce shows that a proof is fresh.
const SKEW_WITH_NONCE: SignedDuration = SignedDuration::from_mins(5);
/// How far it may be off where only its own time does.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// How long a proof is remembered: longer than any can be good.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(15);

/// Judges requests that carry access tokens of one platform.
pub struct Verifier {
    issuer: String,
    audience: String,
    address: Address,
    keys: KeySet,
    nonces: Option<Nonces>,
}

impl Verifier {
    /// For tokens of this issuer and for this audience, at a server that its clients call by this address. It comes
    /// from configuration and never from a request: a proof for another server must not be good here.
    pub fn new(
        issuer: &ServerAddress,
        audience: impl Into<String>,
        address: &ServerAddress,
        keys: KeySet,
    ) -> Result<Self, Failure> {
        Ok(Self {
            issuer: issuer.as_str().to_owned(),
            audience: audience.into(),
            address: Address::of_server(address)?,
            keys,
            nonces: None,
        })
    }

    /// With nonces of this server's own (RFC 9449 §9), made with a secret that all its processes share. A proof is then
    /// as fresh as its nonce, and the clock of a device may be five minutes off instead of one.
    #[must_use]
    pub fn with_nonces(self, secret: &[u8; 32]) -> Self {
        Self { nonces: Some(Nonces::new(secret)), ..self }
    }

    /// Other keys from now on.
    pub fn renew(&mut self, keys: KeySet) {
        self.keys = keys;
    }

    /// What stands in the header `DPoP-Nonce` of every answer; `None` without nonces.
    pub fn nonce(&self, now: Timestamp) -> Option<String> {
        self.nonces.as_ref().map(|nonces| nonces.at(now))
    }

    /// Judges a request. What costs nothing comes first; a proof is remembered only when all else is well, so that nobody
    /// without a token can fill the memory.
    pub fn verify(
        &self,
        request: &Incoming<'_>,
        needed: &Needed<'_>,
        now: Timestamp,
        proofs: &mut impl ReplayCache,
    ) -> Result<Granted, Refused> {
        self.judge(request, needed, now, proofs).map_err(|why| Refused::new(why, needed))
    }

    fn judge(
        &self,
        request: &Incoming<'_>,
        needed: &Needed<'_>,
        now: Timestamp,
        proofs: &mut impl ReplayCache,
    ) -> Result<Granted, Why> {
        let shown = request.token()?;
        let token = Token::read(shown, &self.keys)?;
        token.holds(&self.issuer, &self.audience, now)?;

        let proof = one(&request.proofs).and_then(Proof::read).ok_or(Why::Proof)?;
        let address = self.address.with_path(request.path).ok_or(Why::Proof)?;
        let skew = if self.nonces.is_some() { SKEW_WITH_NONCE } else { SKEW };
        let holds = proof.is_for(request.method, &address)
            && proof.is_with(shown)
            && proof.is_of(now, skew);
        if !holds {
            return Err(Why::Proof);
        }
        // It is the token that is not good here: the proof may be good for another (RFC 9449 §7.1).
        if proof.key() != token.key() {
            return Err(Why::OtherKey);
        }
        if self.nonces.as_ref().is_some_and(|nonces| !nonces.is_good(proof.nonce(), now)) {
            return Err(Why::Nonce);
        }
        match (token.certificate(), request.certificate) {
            (None, _) => {}
            (Some(_), None) => return Err(Why::NoCertificate),
            (Some(bound), Some(der)) if bound == sha256(der) => {}
            (Some(_), Some(_)) => return Err(Why::OtherCertificate),
        }
        let granted = token.granted();
        if !granted.opens(needed.scope) {
            return Err(Why::Scope);
        }
        if needed.fresh && now >= granted.fresh_until {
            return Err(Why::NotFresh);
        }
        let until = now.saturating_add(REMEMBERED).unwrap_or(Timestamp::MAX);
        match proofs.see(proof.key(), proof.id(), now, until) {
            Seen::First => Ok(granted),
            Seen::Again => Err(Why::Replayed),
            Seen::NoRoom => Err(Why::NoRoom),
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({} ..)", self.issuer)
    }
}

/// What a request says of its sender. `Debug` shows method and path only.
pub struct Incoming<'a> {
    method: &'a str,
    path: &'a str,
    credentials: Vec<&'a [u8]>,
    proofs: Vec<&'a [u8]>,
    certificate: Option<&'a [u8]>,
}

impl<'a> Incoming<'a> {
    /// A request of this method for this path, as it stands in the request line; what follows a `?` is not looked at.
    pub fn new(method: &'a str, path: &'a str) -> Self {
        Self { method, path, credentials: Vec::new(), proofs: Vec::new(), certificate: None }
    }

    /// With one more header. All may be handed in, one by one as they came; which are needed is known here.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &'a [u8]) -> Self {
        if name.eq_ignore_ascii_case("authorization") {
            self.credentials.push(value);
        } else if name.eq_ignore_ascii_case("dpop") {
            self.proofs.push(value);
        }
        self
    }

    /// Over a connection whose client showed this certificate (DER) and proved to hold its key. It comes from the TLS
    /// connection itself, never from a header that a client could set.
    #[must_use]
    pub fn with_certificate(self, der: &'a [u8]) -> Self {
        Self { certificate: Some(der), ..self }
    }

    /// The token, of the one scheme for tokens that are bound to a key (RFC 9449 §7.1).
    fn token(&self) -> Result<&'a str, Why> {
        if self.credentials.is_empty() {
            return Err(Why::Nothing);
        }
        let credentials = one(&self.credentials).ok_or(Why::Token)?;
        let (scheme, token) = credentials.split_once(' ').ok_or(Why::Token)?;
        if scheme.eq_ignore_ascii_case("DPoP") { Ok(token) } else { Err(Why::Token) }
    }
}

impl fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Incoming({} {} ..)", self.method, self.path)
    }
}

/// What a request needs to be answered.
#[derive(Clone, Copy, Debug)]
pub struct Needed<'a> {
    scope: &'a str,
    fresh: bool,
}

impl<'a> Needed<'a> {
    /// A token that opens this scope.
    pub fn scope(scope: &'a str) -> Self {
        Self { scope, fresh: false }
    }

    /// And the person was confirmed within 24 hours.
    #[must_use]
    pub fn fresh(self) -> Self {
        Self { fresh: true, ..self }
    }
}

/// Who was confirmed, and for whom. `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Granted {
    /// The person, by a name that only this facility knows (pairwise).
    pub subject: String,
    /// The device that asks.
    pub client: String,
    /// The facility for which the person was confirmed, by its number.
    pub facility: String,
    /// The staff member who confirmed the person.
    pub staff: String,
    /// What the confirmation is worth (RFC 9068 §2.2.1).
    pub acr: String,
    /// How the person was confirmed (本人確認の方法).
    pub method: String,
    /// When.
    pub verified_at: Timestamp,
    /// Until when that counts as fresh.
    pub fresh_until: Timestamp,
    /// All that the token opens.
    pub scopes: Vec<String>,
}

impl Granted {
    /// Whether the token opens this, too.
    pub fn opens(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Granted(..)")
    }
}

/// The only one of these, if it is text.
fn one<'a>(values: &[&'a [u8]]) -> Option<&'a str> {
    match values {
        [value] => std::str::from_utf8(value).ok(),
        _ => None,
    }
}

/// A JSON object, and nothing that could be read as one.
fn object<T: serde::de::DeserializeOwned>(json: &[u8]) -> Option<T> {
    (json.first() == Some(&b'{')).then(|| jws::object(json))?
}

/// SHA-256, base64url.
fn sha256(bytes: &[u8]) -> String {
    jws::base64url(digest::digest(&digest::SHA256, bytes).as_ref())
}
