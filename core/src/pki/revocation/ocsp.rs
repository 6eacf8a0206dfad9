//! Answers on one certificate (OCSP, RFC 6960).

use super::{NotChecked, Revocation, When};
use crate::pki::{Certificate, Malformed};

/// A question.
#[derive(Clone, Debug)]
pub struct Request;

/// An answer.
#[derive(Clone, Debug)]
pub struct Response;

impl Response {
    /// Reads an answer.
    pub fn parse(_der: &[u8]) -> Result<Self, Malformed> {
        Err(Malformed("not yet"))
    }

    /// What it says of a certificate.
    pub(super) fn on(
        &self,
        _certificate: &Certificate,
        _issuer: &Certificate,
        _asked: Option<&Request>,
        _when: When,
    ) -> Revocation {
        Revocation::NotChecked { why: NotChecked::AnswerMissing }
    }
}
