//! What a sandbox is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::{CertificateAuthority, Issued, Person};

/// What a sandbox is started with. The default listens on a free loopback port, keeps everything in memory,
/// accepts the policy of J-LIS *test* cards, and knows no root and no person.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Serve plain HTTP to other machines. Tokens then travel readable: only for a network of one's own.
    pub allow_beyond_loopback: bool,
    /// Where records are kept.
    pub database: Database,
    /// Roots that issue authentication certificates (利用者証明用), each an X.509 certificate in DER.
    pub anchors: Vec<Vec<u8>>,
    /// Authorities for the sandbox to play. It trusts those for authentication, issues and revokes certificates in
    /// the name of each, and publishes lists and OCSP answers. Of a mere anchor it knows nothing of that kind.
    pub authorities: Vec<CertificateAuthority>,
    /// What those authorities have issued already. A serial number of a person counts as issued, too, but nobody
    /// knows which list it would be on.
    pub issued: Vec<Issued>,
    /// Certificate policies under which an authentication certificate is accepted, as dotted OIDs.
    pub policies: Vec<String>,
    /// Everybody the platform knows. In a database file they replace those of the last run.
    pub people: Vec<Person>,
    /// How long a challenge can be used; whole seconds.
    pub challenge_lifetime: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_beyond_loopback: false,
            database: Database::default(),
            anchors: Vec::new(),
            authorities: Vec::new(),
            issued: Vec::new(),
            policies: vec!["1.2.392.200149.8.5.1.0.30".to_owned()],
            people: Vec::new(),
            challenge_lifetime: Duration::from_mins(2),
        }
    }
}

/// Where the sandbox keeps its records and its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Database {
    /// Gone with the process, and so are the keys.
    #[default]
    Memory,
    /// An SQLite file, made if it is not there. Its keys stay, so an enrolment outlives a restart on the same
    /// address; several processes may share it.
    File(PathBuf),
}

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
    /// The database cannot be opened, or is not one of this version of the sandbox.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] sqlx::Error),
    /// Not a CA certificate in DER with an RSA-2048 key.
    #[error("anchor {index} is not a root certificate this sandbox can use")]
    Anchor {
        /// Position in [`Config::anchors`], from 0.
        index: usize,
    },
    /// A root or a key that cannot be used, or that do not belong together.
    #[error("authority {index}: {reason}")]
    Authority {
        /// Position in [`Config::authorities`], from 0.
        index: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// Names a place that cannot be written.
    #[error("issued certificate {index}: its list cannot be named")]
    Issued {
        /// Position in [`Config::issued`], from 0.
        index: usize,
    },
    /// Not a dotted OID.
    #[error("{0} is not an object identifier")]
    Policy(String),
    /// An entry that cannot be right.
    #[error("person {index}: {reason}")]
    Person {
        /// Position in [`Config::people`], from 0.
        index: usize,
        /// What is wrong; names no personal data.
        reason: &'static str,
    },
    /// The system gave no random bytes, or a key in the database is damaged.
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
            Self::Database(_) => "database_unavailable",
            Self::Anchor { .. } => "anchor_unusable",
            Self::Authority { .. } => "authority_unusable",
            Self::Issued { .. } => "issued_unusable",
            Self::Policy(_) => "policy_malformed",
            Self::Person { .. } => "person_malformed",
            Self::Keys => "keys_unavailable",
        }
    }
}
