//! What is kept for and from visits without coverage: tickets, the journal and its key, and who holds a shared device.

use std::sync::Arc;

use kaigotap::{flow, message, visit};
use zeroize::Zeroizing;

use crate::certificate::Origin;
use crate::failure::{Failure, KaigoTapError};
use crate::keep::StoreError;
use crate::sign::SignError;
use crate::{hidden, milliseconds};

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

/// The tickets that a device holds (持ち出し).
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Tickets {
    /// Those that a visit can be made with now.
    pub held: Vec<HeldTicket>,
    /// What was noticed of the store.
    pub findings: Vec<JournalFinding>,
    /// As in `JournalReport`.
    pub mark: u64,
}

/// A ticket that is held. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct HeldTicket {
    /// For whom it is (`subject`), where it is for one person.
    pub subject: Option<String>,
    /// Until when it is good, by the server's time, in milliseconds since 1970.
    pub until_ms: u64,
}
hidden!(HeldTicket);

/// The end of a visit that waits to be sent (送信待ち): nobody was confirmed yet, and nothing of the platform is known.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WaitingVisit {
    /// The number of its entry.
    pub number: u64,
    /// The name of its evidence, a UUID.
    pub id: String,
    /// How the person is to be verified.
    pub method: String,
    /// When it was, by the server's time as this device counts it on, in milliseconds since 1970.
    pub claimed_at_ms: u64,
    /// Until when it has to be sent, in milliseconds since 1970.
    pub expires_ms: u64,
    /// The date of this device was set since the tickets were fetched. It changes nothing of this: tell it, so that it is set
    /// right.
    pub clock_set: bool,
    /// As in `VerifiedVisit`.
    pub trust: Option<Origin>,
    /// What was noticed of the store.
    pub findings: Vec<JournalFinding>,
    /// As in `JournalReport`.
    pub mark: u64,
}

/// What came of a sending.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SendReport {
    /// How many were taken.
    pub confirmed: u32,
    /// How many were refused. Each maker is told of their own.
    pub refused: u32,
    /// How many came too late.
    pub expired: u32,
    /// How many of all these the platform had judged before. It judges nothing twice.
    pub again: u32,
    /// How many wait on.
    pub waiting: u32,
    /// What opens the platform for the sender's own visits for the day.
    pub opens: Vec<OpenedVisit>,
    /// Why something waits on.
    pub held_up: Option<Failure>,
    /// When to try again at the earliest, where something waits, in milliseconds.
    pub again_after_ms: Option<u64>,
    /// What was noticed of the store.
    pub findings: Vec<JournalFinding>,
    /// As in `JournalReport`.
    pub mark: u64,
}

/// What opens the platform for a visit that was sent. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct OpenedVisit {
    /// The number of its entry.
    pub number: u64,
    /// For `reopen`.
    pub evidence_token: String,
}

/// What a staff member sees of a device's journal: their own, and how many of others wait.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct JournalView {
    /// Their own, in the order in which they were made.
    pub entries: Vec<JournalEntry>,
    /// How many of other staff members wait to be sent.
    pub others_waiting: u32,
    /// What was noticed of the store.
    pub findings: Vec<JournalFinding>,
    /// As in `JournalReport`.
    pub mark: u64,
}

/// One of them. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct JournalEntry {
    /// Its number.
    pub number: u64,
    /// Whether it is what was noted behind a visit, and no visit.
    pub is_note: bool,
    /// How far it is.
    pub state: EntryState,
    /// Why it was refused, with texts for the nurse.
    pub refusal: Option<Failure>,
    /// What its maker knows the visit by.
    pub label: String,
    /// When it was made, in milliseconds since 1970.
    pub claimed_at_ms: u64,
    /// Until when a visit that waits has to be sent, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
}
hidden!(OpenedVisit JournalEntry);

/// How far an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum EntryState {
    /// It waits to be sent (送信待ち).
    Waiting,
    /// The platform took it.
    Confirmed,
    /// The platform refused it for good.
    Refused,
    /// It came too late.
    Expired,
}

/// A shift that is on and unlocked, for as long as it is not locked, ended or another one's. Nothing of it can be printed.
#[derive(uniffi::Object)]
pub struct Shift(visit::Shift);

#[uniffi::export]
impl Shift {
    /// Who holds the device.
    pub fn staff_id(&self) -> String {
        self.0.staff().as_str().to_owned()
    }

    /// After how many seconds without a touch the app locks it (`lock_shift`), and clears its screens.
    pub fn idle_after_seconds(&self) -> u64 {
        self.0.idle_after().as_secs()
    }
}

impl Shift {
    pub(crate) fn core(&self) -> visit::Shift {
        self.0.clone()
    }
}

/// What came of beginning, locking, unlocking or ending a shift.
#[derive(Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct ShiftChange {
    /// The shift that is on and unlocked; nothing after it was locked or ended.
    pub shift: Option<Arc<Shift>>,
    /// Why it was not unlocked: `unlock_wrong` with the tries left, `unlock_wiped`, or `staff_signed_out` where none is on.
    pub refusal: Option<Failure>,
    /// What was noticed of the store.
    pub findings: Vec<JournalFinding>,
    /// As in `JournalReport`. Keep it at once, after a refusal, too: it is what notices that an older count was put back.
    pub mark: u64,
}
hidden!(ShiftChange);

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
            findings: found(report.findings),
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

fn found(findings: Vec<visit::Finding>) -> Vec<JournalFinding> {
    findings.into_iter().map(Into::into).collect()
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

impl From<visit::Tickets> for Tickets {
    fn from(tickets: visit::Tickets) -> Self {
        let held = tickets.held.into_iter().map(|held| HeldTicket {
            subject: held.subject.map(|subject| subject.as_str().to_owned()),
            until_ms: milliseconds(held.until),
        });
        Self { held: held.collect(), findings: found(tickets.findings), mark: tickets.mark }
    }
}

impl From<visit::Waits> for WaitingVisit {
    fn from(waits: visit::Waits) -> Self {
        Self {
            number: waits.number,
            id: waits.id,
            method: waits.way.code().to_owned(),
            claimed_at_ms: milliseconds(waits.claimed_at),
            expires_ms: milliseconds(waits.expires),
            clock_set: waits.clock_set,
            trust: waits.certificate.map(|verdict| verdict.report().origin().into()),
            findings: found(waits.findings),
            mark: waits.mark,
        }
    }
}

impl From<visit::SendReport> for SendReport {
    fn from(sent: visit::SendReport) -> Self {
        let opens = sent.opens.into_iter().map(|(number, token)| OpenedVisit {
            number,
            evidence_token: token.secret().to_owned(),
        });
        Self {
            confirmed: count(sent.confirmed),
            refused: count(sent.refused),
            expired: count(sent.expired),
            again: count(sent.again),
            waiting: count(sent.waiting),
            opens: opens.collect(),
            held_up: sent.held_up.map(Into::into),
            again_after_ms: sent
                .again_after
                .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(0)),
            findings: found(sent.findings),
            mark: sent.mark,
        }
    }
}

impl From<visit::JournalView> for JournalView {
    fn from(view: visit::JournalView) -> Self {
        Self {
            entries: view.entries.into_iter().map(Into::into).collect(),
            others_waiting: count(view.others_waiting),
            findings: found(view.findings),
            mark: view.mark,
        }
    }
}

impl From<visit::JournalEntry> for JournalEntry {
    fn from(entry: visit::JournalEntry) -> Self {
        let (state, refusal) = match entry.state {
            visit::EntryState::Confirmed => (EntryState::Confirmed, None),
            visit::EntryState::Expired => (EntryState::Expired, None),
            visit::EntryState::Refused(code) => {
                (EntryState::Refused, Some(message::Failure::from(code).into()))
            }
            _ => (EntryState::Waiting, None),
        };
        Self {
            number: entry.number,
            is_note: entry.what == visit::EntryKind::Note,
            state,
            refusal,
            label: entry.label,
            claimed_at_ms: milliseconds(entry.claimed_at),
            expires_ms: entry.expires.map(milliseconds),
        }
    }
}

impl From<visit::ShiftChange> for ShiftChange {
    fn from(change: visit::ShiftChange) -> Self {
        let (shift, refusal) = match change.shift {
            Ok(shift) => (shift.map(|shift| Arc::new(Shift(shift))), None),
            Err(failure) => (None, Some(failure.into())),
        };
        Self { shift, refusal, findings: found(change.findings), mark: change.mark }
    }
}
