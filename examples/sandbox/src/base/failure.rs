//! What the owner of a sandbox is told when it cannot start, or cannot do what was asked.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens there.
    #[error("{0} is in use by another program")]
    AddressInUse(SocketAddr),
    /// The address is none of this machine's, or not allowed.
    #[error("cannot listen on {address}: {source}")]
    AddressUnavailable {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Plain HTTP beyond this machine was not explicitly allowed.
    #[error("{0} can be reached by other machines, and the sandbox speaks plain HTTP")]
    NotLoopback(SocketAddr),
    /// The name given to it is none that a client could use: `https://` or `http://`, a host
    /// in small letters, perhaps a port, and nothing else.
    #[error("{0} cannot be the name of a platform")]
    Issuer(String),
    /// Certificates or key cannot be used.
    #[error("TLS cannot be served: {0}")]
    Tls(&'static str),
    /// The database cannot be opened, or is not one of this version of the sandbox.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] sqlx::Error),
    /// A file of the database that others can read, or a link in its place. It holds keys.
    #[error("{} can be read by others, or is a link: make it a file of your own (chmod 600)", .0.display())]
    Exposed(PathBuf),
    /// Not a CA certificate in DER with an RSA-2048 key.
    #[error("anchor {index} is not a root certificate this sandbox can use")]
    Anchor {
        /// Position in [`crate::Config::anchors`], from 0.
        index: usize,
    },
    /// A client whose key is none, or whose name is another's.
    #[error("client {index} has no key this sandbox can use, or the name of another")]
    Client {
        /// Position in [`crate::Config::clients`], from 0.
        index: usize,
    },
    /// A root or a key that cannot be used, or that do not belong together.
    #[error("authority {index}: {reason}")]
    Authority {
        /// Position in [`crate::Config::authorities`], from 0.
        index: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// Names a place that cannot be written.
    #[error("issued certificate {index}: its list cannot be named")]
    Issued {
        /// Position in [`crate::Config::issued`], from 0.
        index: usize,
    },
    /// Not a dotted OID.
    #[error("{0} is not an object identifier")]
    Policy(String),
    /// An entry that cannot be right.
    #[error("person {index}: {reason}")]
    Person {
        /// Position in [`crate::Config::people`], from 0.
        index: usize,
        /// What is wrong; names no personal data.
        reason: &'static str,
    },
    /// Its keys cannot be used, or would be fetched without protection.
    #[error("staff issuer {index}: {reason}")]
    StaffIssuer {
        /// Position in [`crate::Config::staff_issuers`], from 0.
        index: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The system gave no random bytes, or a key in the database is damaged, or sealed under another key file.
    #[error("no keys could be made or read")]
    Keys,
}

impl StartError {
    /// A stable code for messages and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AddressInUse(_) => "address_in_use",
            Self::AddressUnavailable { .. } => "address_unavailable",
            Self::NotLoopback(_) => "not_loopback",
            Self::Issuer(_) => "issuer_unusable",
            Self::Tls(_) => "tls_unusable",
            Self::Database(_) => "database_unavailable",
            Self::Exposed(_) => "database_exposed",
            Self::Anchor { .. } => "anchor_unusable",
            Self::Authority { .. } => "authority_unusable",
            Self::Client { .. } => "client_unusable",
            Self::Issued { .. } => "issued_unusable",
            Self::Policy(_) => "policy_malformed",
            Self::Person { .. } => "person_malformed",
            Self::StaffIssuer { .. } => "staff_issuer_unusable",
            Self::Keys => "keys_unavailable",
        }
    }
}

/// Why a running sandbox could not do what its owner asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// Nobody of this name is on the staff.
    #[error("no such staff member")]
    UnknownStaff,
    /// An account that is there already, is for no facility here, or has a name or password that cannot be.
    #[error(
        "an account that is there already, for no facility here, or with an impossible name or password"
    )]
    NewStaff,
    /// A disaster takes facilities, at most 31 days, and two different staff members.
    #[error("two staff members declare a disaster, for named facilities and at most 31 days")]
    Declaration,
    /// There is no such device, it has been killed, or its key or label cannot be used.
    #[error("no such device, or one whose key or label cannot be used")]
    Device,
    /// The sandbox has no key of that authority.
    #[error("the sandbox does not play that authority")]
    NotPlayed,
    /// A certificate, key or application that cannot be used.
    #[error("the authority cannot use this certificate, key or application")]
    Application,
    /// A meeting takes a day that is not over, reviewers with an address each, and files of 10 MiB at most with a name each.
    #[error(
        "a meeting takes a day that is not over, reviewers with an address each, and files of 10 MiB at most with a name each"
    )]
    Meeting,
    /// The system gave no random bytes to sign with.
    #[error("signing failed")]
    Signing,
}
