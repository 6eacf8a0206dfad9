//! Certificate revocation lists (RFC 5280 §5).

use super::{NotChecked, Revocation, When};
use crate::pki::{Certificate, Malformed};

/// A certificate revocation list.
#[derive(Clone, Debug)]
pub struct Crl;

impl Crl {
    /// Reads a list.
    pub fn parse(_der: Vec<u8>) -> Result<Self, Malformed> {
        Err(Malformed("not yet"))
    }

    /// What it says of a certificate.
    pub(super) fn on(
        &self,
        _certificate: &Certificate,
        _issuer: &Certificate,
        _when: When,
    ) -> Revocation {
        Revocation::NotChecked { why: NotChecked::ListFromAnother }
    }
}
