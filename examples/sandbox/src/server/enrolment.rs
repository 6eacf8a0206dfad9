//! What a device learns when it is enrolled.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Everything a device needs to know to work with this sandbox. `Debug` hides the token.
#[derive(Clone, Serialize, Deserialize)]
pub struct Enrolment {
    /// Base URL, without a slash at the end.
    pub server: String,
    /// Issuer (`iss`) of challenges and tokens.
    pub issuer: String,
    /// Keys that may sign challenges (RFC 7517), to be pinned.
    pub challenge_keys: Vec<serde_json::Value>,
    /// Issuer (`iss`) of staff members' tokens.
    pub staff_issuer: String,
    /// The device's name as a client, if it is enrolled: everything is bound to its key then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// The facility.
    pub facility_id: String,
    /// The staff member.
    pub staff_id: String,
    /// The staff member's token, good for eight hours. A secret.
    pub staff_token: String,
    /// Always true: this is not the national service.
    pub sandbox: bool,
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment")
            .field("server", &self.server)
            .field("sandbox", &self.sandbox)
            .finish_non_exhaustive()
    }
}
