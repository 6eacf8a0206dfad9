//! Who is at the other end of a connection, as the connection itself says it: never a header.

use std::net::IpAddr;
use std::sync::Arc;

use super::jws::{base64url, sha256};

/// The certificate with which the other end has proved at the handshake that it holds the key; an extension of each of
/// its requests. It is of the facilities' authority and was valid then.
#[derive(Clone)]
pub(crate) struct PeerCertificate(Arc<[u8]>);

/// Where a connection comes from; an extension of each of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PeerAddress(pub(crate) IpAddr);

#[allow(dead_code, reason = "for rooms that bind to it")]
impl PeerCertificate {
    /// Of a certificate in DER that the handshake has verified.
    pub(crate) fn verified(der: &[u8]) -> Self {
        Self(der.into())
    }

    /// The certificate in DER.
    pub(crate) fn der(&self) -> &[u8] {
        &self.0
    }

    /// `x5t#S256` (RFC 8705 §3.1): SHA-256 of the certificate, in base64url.
    pub(crate) fn thumbprint(&self) -> String {
        base64url(&sha256(&self.0))
    }
}
