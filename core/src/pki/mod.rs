//! Certificates, and the verdict over them.
//!
//! First form: a leaf directly under a given anchor. Real certificates of the card mark certificatePolicies as critical,
//! which the common TLS libraries refuse; so the rules of RFC 5280 are applied here.
//!
//! A phone cannot ask whether a certificate was revoked, so what comes out is a [`LocalVerdict`], in which nothing is
//! called valid. The server decides.

mod anchors;
mod attributes;
pub mod card_certificate;
mod certificate;
mod rsa;
mod verdict;

pub use anchors::{Origin, TrustAnchors};
pub use attributes::{HolderAttributes, Text};
pub use certificate::{Certificate, Malformed, Purpose};
pub use rsa::CardKey;
pub use verdict::{LocalVerdict, Rejection, Revocation, verify};

#[cfg(test)]
mod tests;
