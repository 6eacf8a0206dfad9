//! The books, as the owner of a sandbox sees them.

use jiff::Timestamp;

/// A challenge as the books show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeRecord {
    /// Its `jti`.
    pub jti: String,
    /// The facility it was given to.
    pub facility_id: String,
    /// The staff member it was given to.
    pub staff_id: String,
    /// Whether it can still be used, time aside.
    pub state: ChallengeState,
    /// When it was given out.
    pub issued_at: Timestamp,
    /// The first second in which it can no longer be used.
    pub expires_at: Timestamp,
    /// What came of its use: `verified` if a token was issued, otherwise the `kaigo_error`. `None` while it is
    /// open or being judged.
    pub result: Option<String>,
}

/// Whether a challenge can still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeState {
    /// Nobody has used it.
    Open,
    /// It was consumed, with whatever result.
    Used,
}
