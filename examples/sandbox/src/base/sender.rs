//! A request without its body: where it goes, and what its sender shows.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::Base;
use super::dpop::{Aim, Proven};
use super::once::Once;
use super::peer::PeerCertificate;
use super::refusal::Refusal;
use super::reply::{Shown, shown};

/// Who sends a request, as far as the request says it.
pub(crate) struct Sender {
    method: Method,
    path: String,
    pub(crate) headers: HeaderMap,
    /// The certificate of the connection.
    pub(crate) peer: Option<PeerCertificate>,
}

impl<S: Sync> FromRequestParts<S> for Sender {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            headers: parts.headers.clone(),
            peer: parts.extensions.get::<PeerCertificate>().cloned(),
        })
    }
}

impl Sender {
    /// The token that it shows.
    pub(crate) fn shown(&self) -> Option<Shown<'_>> {
        shown(&self.headers)
    }

    /// Which key it has proved to hold, together with this access token if there is one.
    pub(crate) async fn proven(&self, base: &Base, token: Option<&str>) -> Result<Proven, Refusal> {
        base.proven(&self.headers, self.aim(token)).await
    }

    /// The same, with the proof still to be noted.
    pub(crate) fn proof(
        &self,
        base: &Base,
        token: Option<&str>,
    ) -> Result<(Proven, Once), Refusal> {
        base.shown(&self.headers, self.aim(token))
    }

    fn aim<'a>(&'a self, token: Option<&'a str>) -> Aim<'a> {
        Aim { method: self.method.as_str(), path: &self.path, token }
    }
}
