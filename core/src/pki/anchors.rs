//! Whom to trust.

use super::{Certificate, Malformed, Purpose};

/// Where a set of anchors comes from. It is part of every verdict, so that a test verdict cannot pass for a real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The hierarchy of real cards.
    Production,
    /// A test hierarchy: nothing under it says anything about a real person.
    Test,
}

/// The authorities whose certificates are accepted. Chosen by key and signature, never by name: all generations of an
/// authority share one name.
pub struct TrustAnchors {
    origin: Origin,
    authentication: Vec<Certificate>,
    signature: Vec<Certificate>,
}

impl TrustAnchors {
    /// Anchors of a test hierarchy, DER, by purpose.
    pub fn test<'a>(
        authentication: impl IntoIterator<Item = &'a [u8]>,
        signature: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, Malformed> {
        let parse = |der: &[u8]| Certificate::parse(der);
        Ok(Self {
            origin: Origin::Test,
            authentication: authentication.into_iter().map(parse).collect::<Result<_, _>>()?,
            signature: signature.into_iter().map(parse).collect::<Result<_, _>>()?,
        })
    }

    /// Where these anchors come from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    pub(super) fn of(&self, purpose: Purpose) -> &[Certificate] {
        match purpose {
            Purpose::Authentication => &self.authentication,
            Purpose::Signature => &self.signature,
        }
    }

    /// The policy a leaf has to assert (certificatePolicies, RFC 5280 §4.2.1.4). Test cards and real cards differ.
    pub(super) fn policy(&self, purpose: Purpose) -> &'static str {
        match (self.origin, purpose) {
            (Origin::Production, Purpose::Authentication) => "1.2.392.200149.8.5.1.3.30",
            (Origin::Production, Purpose::Signature) => "1.2.392.200149.8.5.1.1.20",
            (Origin::Test, Purpose::Authentication) => "1.2.392.200149.8.5.1.0.30",
            (Origin::Test, Purpose::Signature) => "1.2.392.200149.8.5.1.0.20",
        }
    }
}

impl std::fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrustAnchors").field("origin", &self.origin).finish_non_exhaustive()
    }
}
