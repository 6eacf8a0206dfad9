//! What an entry says: a visit or a note that waits to be sent, or what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::exchange::InsuranceDomain;
use crate::platform::StaffId;
use crate::visit::counted::Since;

/// What is kept under a number.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It waits to be sent.
    Waiting(Waiting),
    /// Its sending is over, and its maker was not told yet.
    Ended(Ended),
}

impl Kept {
    /// Who made it: nobody else is shown what it says.
    pub(crate) fn made_by(&self) -> &StaffId {
        match self {
            Self::Waiting(waiting) => waiting.made_by(),
            Self::Ended(ended) => &ended.made_by,
        }
    }
}

/// What waits to be sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Waiting {
    /// A visit.
    Visit {
        /// The signed evidence (JWS).
        evidence: Zeroizing<String>,
        /// Its token type.
        kind: String,
        domain: InsuranceDomain,
        /// The evidence's `jti`.
        jti: String,
        #[serde(with = "staff")]
        made_by: StaffId,
        /// What its maker, and nobody else, is shown.
        label: Zeroizing<String>,
        /// When it was, as far as the device knows.
        claimed_at: Timestamp,
        /// Until when it may be sent.
        expires: Timestamp,
        /// The ticket that it answers: SHA-256 of it, base64url.
        ticket: String,
        /// From when the server's time is counted.
        since: Since,
    },
    /// A consent or a filing that belongs to a visit.
    Note {
        /// The signed note (JWS).
        note: Zeroizing<String>,
        /// `consent` or `notice`.
        kind: String,
        /// The note's `jti`.
        jti: String,
        /// The visit's `jti`.
        visit: String,
        #[serde(with = "staff")]
        made_by: StaffId,
        label: Zeroizing<String>,
        claimed_at: Timestamp,
    },
}

/// What came of it. The evidence is gone from here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ended {
    pub(crate) what: What,
    pub(crate) jti: String,
    pub(crate) result: Sent,
    #[serde(with = "staff")]
    pub(crate) made_by: StaffId,
    pub(crate) label: Zeroizing<String>,
    pub(crate) claimed_at: Timestamp,
    /// When it was over.
    pub(crate) at: Timestamp,
}

/// What an entry was of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    Visit,
    Note,
}

/// How its sending ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sent {
    /// The platform took it.
    Confirmed,
    /// The platform refused it for good, with this code.
    Refused(String),
    /// It was not sent in time.
    Expired,
}

impl Waiting {
    /// Who made it.
    pub(crate) fn made_by(&self) -> &StaffId {
        match self {
            Self::Visit { made_by, .. } | Self::Note { made_by, .. } => made_by,
        }
    }

    /// What is kept of it once its sending is over.
    pub(crate) fn ended(&self, result: Sent, at: Timestamp) -> Ended {
        let what = match self {
            Self::Visit { .. } => What::Visit,
            Self::Note { .. } => What::Note,
        };
        let (Self::Visit { jti, made_by, label, claimed_at, .. }
        | Self::Note { jti, made_by, label, claimed_at, .. }) = self;
        Ended {
            what,
            jti: jti.clone(),
            result,
            made_by: made_by.clone(),
            label: label.clone(),
            claimed_at: *claimed_at,
            at,
        }
    }
}

/// A staff member in JSON.
pub(crate) mod staff {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::platform::StaffId;

    pub(crate) fn serialize<S: Serializer>(staff: &StaffId, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(staff.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<StaffId, D::Error> {
        let staff = String::deserialize(from)?;
        StaffId::parse(staff).map_err(|_| D::Error::custom("no staff member"))
    }
}
