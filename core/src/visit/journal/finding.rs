//! What is not as it was left.

use crate::message::{Code, Failure};

/// Something in the journal that is not as this device left it. The number is that of the entry, where it is about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Finding {
    /// An older copy was put back, of the whole journal or of a part of it.
    RolledBack,
    /// An entry that has to be there is not.
    Missing {
        /// Which.
        number: u64,
    },
    /// Something does not open: it was damaged, changed, or put under another name.
    Damaged {
        /// Which entry.
        number: Option<u64>,
    },
    /// Something was sealed by another device, for another facility or with another key.
    Foreign {
        /// Which entry.
        number: Option<u64>,
    },
}

impl Finding {
    /// How it is told.
    pub fn code(self) -> Code {
        match self {
            Self::RolledBack => Code::JournalRolledBack,
            Self::Missing { .. } => Code::JournalEntryMissing,
            Self::Damaged { .. } => Code::JournalDamaged,
            Self::Foreign { .. } => Code::JournalForeign,
        }
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        finding.code().into()
    }
}
