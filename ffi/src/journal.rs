//! The journal of what waits without coverage: its key, and whether it is as this device left it.

use std::sync::Arc;

use kaigotap::{flow, message, visit};
use zeroize::Zeroizing;

use crate::conversation::Conversation;
use crate::enrolment::{EnrolledDevice, fresh};
use crate::failure::{Failure, KaigoTapError};
use crate::hidden;
use crate::keep::StoreError;
use crate::outcome::Outcome;
use crate::sign::SignError;

/// The key of this device's journal, and its mark. Both are kept where the system keeps keys, and not beside the journal.
/// Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct JournalKey {
    /// 32 bytes of the system's secure randomness, made once on this device.
    pub secret: Vec<u8>,
    /// How often the journal was written when a conversation last ended; 0 at first. An older copy that was put back is
    /// noticed by it.
    #[uniffi(default = 0)]
    pub mark: u64,
}
hidden!(JournalKey);

/// What a look through the whole journal found.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct JournalReport {
    /// How many entries wait to be sent.
    pub waiting: u64,
    /// How many are over, and their makers were not told yet.
    pub ended: u64,
    /// What is not as it was left, in the order in which it was found.
    pub findings: Vec<JournalFinding>,
    /// How often the journal was written: to be kept as the key's mark.
    pub mark: u64,
}

/// Something in the journal that is not as this device left it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct JournalFinding {
    /// What: `journal_rolled_back`, `journal_entry_missing`, `journal_damaged` or `journal_foreign`.
    pub failure: Failure,
    /// The number of the entry, where it is about one.
    pub number: Option<u64>,
}

/// Opens every entry of the journal, and says what is not as this device left it. Nothing is sent, and nothing is changed.
#[uniffi::export]
pub fn verify_journal(
    key: JournalKey,
    device: EnrolledDevice,
    entropy: Vec<u8>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = visit::verify_journal(key.into_core()?, device.into_core()?, fresh(entropy)?);
    Ok(Conversation::of(flow, |report| Outcome::JournalVerified { report: report.into() }))
}

/// The failure of a device's key that did not do what was asked of it outside a conversation, with its texts.
#[uniffi::export]
pub fn sign_failure(error: SignError) -> Failure {
    message::Failure::from(flow::SignError::from(error)).into()
}

/// The failure of a store that did not do what was asked of it outside a conversation, with its texts.
#[uniffi::export]
pub fn store_failure(error: StoreError) -> Failure {
    message::Failure::from(flow::StoreError::from(error)).into()
}

impl JournalKey {
    pub(crate) fn into_core(self) -> Result<visit::JournalKey, KaigoTapError> {
        let secret = Zeroizing::new(self.secret);
        Ok(visit::JournalKey::new(&secret)?.at_least(self.mark))
    }
}

impl From<visit::JournalReport> for JournalReport {
    fn from(report: visit::JournalReport) -> Self {
        Self {
            waiting: report.waiting,
            ended: report.ended,
            findings: report.findings.into_iter().map(Into::into).collect(),
            mark: report.mark,
        }
    }
}

impl From<visit::Finding> for JournalFinding {
    fn from(finding: visit::Finding) -> Self {
        let number = match finding {
            visit::Finding::Missing { number } => Some(number),
            visit::Finding::Damaged { number } | visit::Finding::Foreign { number } => number,
            _ => None,
        };
        Self { failure: message::Failure::from(finding).into(), number }
    }
}
