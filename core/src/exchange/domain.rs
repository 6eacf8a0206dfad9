//! Which insurance a visit is for.

use serde::{Deserialize, Serialize};

/// The insurance that a visit is for. 訪問看護 changes between the two from one day to the next (特別訪問看護指示); who was
/// confirmed for one is confirmed for the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InsuranceDomain {
    /// Care insurance (介護保険).
    #[default]
    Care,
    /// Medical insurance (医療保険): for 訪問看護 only.
    Medical,
}

impl InsuranceDomain {
    /// As it stands in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Care => "care",
            Self::Medical => "medical",
        }
    }
}
