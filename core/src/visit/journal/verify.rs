//! Whether the journal is as it was left.

use super::{Finding, Journal, JournalKey, Kept};
use crate::flow::{Flow, MOST_RECALLED};
use crate::message::Failure;
use crate::platform::{Device, Entropy};

/// What a look through the whole journal found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalReport {
    /// How many entries wait to be sent.
    pub waiting: u64,
    /// How many are over, and their makers were not told yet.
    pub ended: u64,
    /// What is not as it was left, in the order in which it was found.
    pub findings: Vec<Finding>,
    /// How often the journal was written: what the host keeps beside the key for
    /// [`JournalKey::at_least`].
    pub mark: u64,
}

/// Opens every entry of the journal, at most 64 at a time, and says what is not as this device left it. Nothing is sent,
/// and nothing is changed but what a device that died has left half done.
pub fn verify_journal(
    key: JournalKey,
    device: Device,
    entropy: Entropy,
) -> Flow<Result<JournalReport, Failure>> {
    Flow::new(move |talk| async move {
        let (mut journal, mut findings) = Journal::open(&talk, &key, &device, entropy).await?;
        let (mut waiting, mut ended) = (0_u64, 0_u64);
        let mut numbers = journal.waiting();
        numbers.extend(journal.ended());
        for window in numbers.chunks(MOST_RECALLED) {
            for (_, kept) in journal.read(window).await? {
                match kept {
                    Ok(Kept::Waiting(_)) => waiting = waiting.saturating_add(1),
                    Ok(Kept::Ended(_)) => ended = ended.saturating_add(1),
                    Err(finding) if findings.contains(&finding) => {}
                    Err(finding) => findings.push(finding),
                }
            }
        }
        Ok(JournalReport { waiting, ended, findings, mark: journal.mark() })
    })
}
