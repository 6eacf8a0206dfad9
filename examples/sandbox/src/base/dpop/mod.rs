//! DPoP (RFC 9449): who sends a request holds the key it names. Every check of §4.3, with the server's own nonces, and
//! every proof once.

mod nonce;
mod proof;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use ring::hmac;

use nonce::Nonces;
pub(crate) use proof::Aim;
use proof::Proof;

use super::Base;
use super::jwk::PublicKey;
use super::once::Once;
use super::refusal::Refusal;

/// The header that carries a proof.
const DPOP: &str = "dpop";
/// The header that carries the nonce for the next proof.
const NONCE: &str = "dpop-nonce";
/// How long a proof is remembered, in seconds: longer than any can be good.
const REMEMBERED: i64 = 15 * 60;

/// Judges proofs.
pub(crate) struct Dpop(Nonces);

/// Whose request it is: the holder of this key sent it, just now.
pub(crate) struct Proven {
    pub(crate) key: PublicKey,
    /// The key's thumbprint (RFC 7638).
    pub(crate) jkt: String,
}

impl Dpop {
    pub(crate) fn new(key: hmac::Key) -> Self {
        Self(Nonces::new(key))
    }
}

impl Base {
    /// The holder of which key sent a request with these headers, for the first time. [`Refusal::DpopNonceRequired`] if
    /// all is well but the nonce; then nothing has been noted.
    pub(crate) async fn proven(
        &self,
        headers: &HeaderMap,
        aim: Aim<'_>,
    ) -> Result<Proven, Refusal> {
        let (proven, once) = self.shown(headers, aim)?;
        self.store.note(&[once]).await?;
        Ok(proven)
    }

    /// The same, with what is still to be noted.
    pub(super) fn shown(
        &self,
        headers: &HeaderMap,
        aim: Aim<'_>,
    ) -> Result<(Proven, Once), Refusal> {
        let mut shown = headers.get_all(DPOP).iter();
        let proof = match (shown.next(), shown.next()) {
            (Some(proof), None) => proof.to_str().ok().and_then(Proof::read),
            _ => None,
        };
        let now = self.now();
        let again = Refusal::DpopProofInvalid;
        let proof = proof.filter(|proof| proof.fits(&self.issuer, aim, now)).ok_or(again)?;
        if !proof.nonce().is_some_and(|nonce| self.dpop.0.is_good(nonce, now)) {
            return Err(Refusal::DpopNonceRequired);
        }
        let jkt = proof.key.thumbprint();
        self.asks(&jkt)?;
        let (owner, jti) = (jkt.clone(), proof.jti().to_owned());
        let once = Once { owner, jti, until: now + REMEMBERED, again };
        Ok((Proven { jkt, key: proof.key }, once))
    }
}

/// Around handlers that want proofs: every answer carries the nonce for the next.
pub(crate) async fn offer_nonce(
    State(base): State<Arc<Base>>,
    request: Request,
    next: Next,
) -> Response {
    let mut answer = next.run(request).await;
    if let Ok(nonce) = HeaderValue::try_from(base.dpop.0.at(base.now())) {
        answer.headers_mut().insert(NONCE, nonce);
    }
    answer
}
