//! Who has signed in.

use crate::hidden;

/// Who has signed in. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct SignedIn {
    /// What the platform knows them by: for visits on this device, and for nothing else.
    pub staff_token: String,
    /// Their id.
    pub staff_id: String,
    /// Number of the facility (事業所番号) for which they have signed in.
    pub facility: String,
    /// Their name, where the issuer gives it.
    pub name: Option<String>,
    /// How long the token is good, by this device's clock, in milliseconds since 1970.
    pub until_ms: u64,
}
hidden!(SignedIn);
