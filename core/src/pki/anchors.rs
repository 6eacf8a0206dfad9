//! Whom to trust.

use std::str::FromStr;

use x509_parser::der_parser::oid;

use super::extension::Oid;
use super::{Certificate, Fingerprint, Malformed, Purpose};

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

/// The roots of J-LIS, every generation; see `roots/README.md` for where they come from.
const AUTHENTICATION: [&[u8]; 3] = [
    include_bytes!("roots/authca01.cer"),
    include_bytes!("roots/authca02.cer"),
    include_bytes!("roots/authca03.cer"),
];
const SIGNATURE: [&[u8]; 3] = [
    include_bytes!("roots/signca01.cer"),
    include_bytes!("roots/signca02.cer"),
    include_bytes!("roots/signca03.cer"),
];

impl TrustAnchors {
    /// The roots under which real cards are issued, those of J-LIS, of every generation. One that has expired vouches
    /// only where a time is asked for at which it had not.
    pub fn production() -> Self {
        // That all of them are read, a test says.
        let read = |roots: [&[u8]; 3]| {
            roots.into_iter().filter_map(|der| Certificate::parse(der).ok()).collect()
        };
        Self {
            origin: Origin::Production,
            authentication: read(AUTHENTICATION),
            signature: read(SIGNATURE),
        }
    }

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

    /// Of these anchors only those with the given fingerprints.
    #[must_use]
    pub fn only(mut self, fingerprints: &[Fingerprint]) -> Self {
        for anchors in [&mut self.authentication, &mut self.signature] {
            anchors.retain(|anchor| fingerprints.contains(&anchor.fingerprint()));
        }
        self
    }

    /// Where these anchors come from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The anchors' own certificates.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.of(None)
    }

    pub(super) fn of(&self, purpose: Option<Purpose>) -> impl Iterator<Item = &Certificate> {
        let (authentication, signature): (&[_], &[_]) = match purpose {
            Some(Purpose::Authentication) => (&self.authentication, &[]),
            Some(Purpose::Signature) => (&[], &self.signature),
            None => (&self.authentication, &self.signature),
        };
        authentication.iter().chain(signature)
    }
}

/// The policy a leaf has to assert (certificatePolicies, RFC 5280 §4.2.1.4). Those of test cards were read from test
/// cards; those of real cards are in the certification practice statements of J-LIS.
pub(super) fn policy(origin: Origin, purpose: Purpose) -> &'static [u8] {
    // 1.2.392.200149.8.5.1: 3.30 and 1.20 are real, 0.30 and 0.20 are test.
    match (origin, purpose) {
        (Origin::Production, Purpose::Authentication) => {
            b"\x2A\x83\x08\x8C\x9B\x55\x08\x05\x01\x03\x1E"
        }
        (Origin::Production, Purpose::Signature) => b"\x2A\x83\x08\x8C\x9B\x55\x08\x05\x01\x01\x14",
        (Origin::Test, Purpose::Authentication) => b"\x2A\x83\x08\x8C\x9B\x55\x08\x05\x01\x00\x1E",
        (Origin::Test, Purpose::Signature) => b"\x2A\x83\x08\x8C\x9B\x55\x08\x05\x01\x00\x14",
    }
}

/// `1.2.392` as DER.
pub(super) fn oid_from_dotted(dotted: &str) -> Result<Oid, Malformed> {
    let oid = oid::Oid::from_str(dotted).map_err(|_| Malformed("an object identifier"))?;
    Ok(oid.as_bytes().into())
}

/// As `1.2.392`.
pub(super) fn dotted(oid: &[u8]) -> String {
    oid::Oid::new(oid.into()).to_id_string()
}

impl std::fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrustAnchors").field("origin", &self.origin).finish_non_exhaustive()
    }
}
