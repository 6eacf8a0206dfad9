//! Certificates, and the verdict over them.
//!
//! Real certificates of the card mark certificatePolicies as critical, list their revocations under directory names, and
//! come from authorities of several generations with one name; the common TLS libraries refuse or misjudge them. So the
//! rules of RFC 5280 are applied here, over a path that is given:
//!
//! - [`Certificate`] and [`TrustAnchors`]: what is judged, and by whose word;
//! - [`Demand`] and [`Evidence`]: for what, at which time, and what is known of revocations;
//! - [`verify`] on a device, where nothing is called valid, and [`decide`] on a server, which fails closed.
//!
//! Nothing here does any I/O, builds a path, or follows an address in a certificate.

mod algorithm;
mod anchors;
mod attributes;
pub mod card_certificate;
mod certificate;
mod coded;
mod der;
mod extension;
mod jpki_certificate;
mod name;
mod path;
mod policy;
mod reason;
mod report;
pub mod revocation;
mod rsa;
mod verdict;

pub use anchors::{Origin, TrustAnchors};
pub use attributes::{HolderAttributes, Substituted, Text};
pub use certificate::{Certificate, Fingerprint, Malformed, Purpose, Serial};
pub use jpki_certificate::Municipality;
pub use reason::Reason;
pub use revocation::Evidence;
pub use rsa::CardKey;
pub use verdict::{
    Check, Demand, Finding, LocalVerdict, Rejected, Report, Verdict, decide, verify,
};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof;
