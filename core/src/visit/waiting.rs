//! What its maker sees of what waits, what came of it, and what is noted behind it.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use super::counted::Since;
use super::journal::{Ended, Finding, Journal, Kept, Sent, Waiting, What};
use super::plan::{Known, OfflineEnvironment};
use super::shift::admits;
use super::ticket::Wallet;
use crate::exchange::note::Noted;
use crate::exchange::{Entropy, StaffId};
use crate::flow::{Flow, MOST_RECALLED, Talk};
use crate::kaigo::{Assent, Notice, SaidNotice, TakenConsent};
use crate::message::{Code, Failure};

/// What a staff member sees of a device's journal: their own, and how many of others wait.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JournalView {
    /// Their own, in the order in which they were made.
    pub entries: Vec<JournalEntry>,
    /// How many of other staff members wait to be sent.
    pub others_waiting: usize,
    /// What was noticed of the store.
    pub findings: Vec<Finding>,
    /// How often the journal was written: keep it beside the key.
    pub mark: u64,
}

/// One of them.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalEntry {
    /// Its number.
    pub number: u64,
    /// What it is.
    pub what: EntryKind,
    /// How far it is.
    pub state: EntryState,
    /// What its maker knows the visit by. Not for logs.
    pub label: String,
    /// When it was made, by the server's time as the device counted it on.
    pub claimed_at: Timestamp,
    /// Until when a visit has to be sent, where it waits.
    pub expires: Option<Timestamp>,
}

impl fmt::Debug for JournalEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, what, state, .. } = self;
        f.debug_struct("JournalEntry")
            .field("number", number)
            .field("what", what)
            .field("state", state)
            .finish_non_exhaustive()
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A visit.
    Visit,
    /// What was noted behind one: a consent, or a filing.
    Note,
}

/// How far an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryState {
    /// It waits to be sent (送信待ち).
    Waiting,
    /// The platform took it.
    Confirmed,
    /// The platform refused it for good, for this reason.
    Refused(Code),
    /// It came too late.
    Expired,
}

/// What this staff member has made on this device, as far as they have not [acknowledged](acknowledge) what came of it.
pub fn journal(environment: OfflineEnvironment) -> Flow<Result<JournalView, Failure>> {
    Flow::new(move |talk| async move {
        let OfflineEnvironment { known, member, shift, key, entropy } = environment;
        let (mut journal, mut findings) =
            Journal::open(&talk, &key, &known.device, entropy).await?;
        admits(&journal, shift.as_ref()).await?;
        let (mut entries, mut others_waiting) = (Vec::new(), 0_usize);
        let mut numbers = journal.waiting();
        numbers.extend(journal.ended());
        numbers.sort_unstable();
        for numbers in numbers.chunks(MOST_RECALLED) {
            for (number, kept) in journal.read(numbers).await? {
                match kept {
                    Ok(kept) if *kept.made_by() == member => entries.push(entry(number, kept)),
                    Ok(Kept::Waiting(_)) => others_waiting = others_waiting.saturating_add(1),
                    Ok(Kept::Ended(_)) => {}
                    Err(finding) => findings.push(finding),
                }
            }
        }
        Ok(JournalView { entries, others_waiting, findings, mark: journal.mark() })
    })
}

/// This staff member was told what came of these: they are forgotten. What waits, and what others made, is passed over.
/// The mark is given back, to be kept beside the key.
pub fn acknowledge(
    environment: OfflineEnvironment,
    numbers: impl Into<Vec<u64>>,
) -> Flow<Result<u64, Failure>> {
    let mut numbers = numbers.into();
    numbers.sort_unstable();
    numbers.dedup();
    Flow::new(move |talk| async move {
        let OfflineEnvironment { known, member, shift, key, entropy } = environment;
        let (mut journal, _) = Journal::open(&talk, &key, &known.device, entropy).await?;
        admits(&journal, shift.as_ref()).await?;
        // One that was over when a sending was killed is found to be when it is read.
        let mut there = journal.waiting();
        there.extend(journal.ended());
        there.sort_unstable();
        numbers.retain(|number| there.binary_search(number).is_ok());
        for numbers in numbers.chunks(MOST_RECALLED) {
            for (number, kept) in journal.read(numbers).await? {
                if matches!(&kept, Ok(Kept::Ended(ended)) if ended.made_by == member) {
                    journal.forget(number).await?;
                }
            }
        }
        Ok(journal.mark())
    })
}

/// Something that was noted behind a visit and waits with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotedBehind {
    /// The number of its entry.
    pub number: u64,
    /// How often the journal was written: keep it beside the key.
    pub mark: u64,
}

/// Notes the person's consent (包括同意) behind a visit that waits, by its number: it is sent after it, and taken only if the
/// visit is confirmed. Only by who made the visit. Without an explanation or agreement, `assent_missing`; behind what is no
/// visit of theirs that waits, `offline_visit_missing`.
pub fn note_consent(
    environment: OfflineEnvironment,
    visit: u64,
    assent: Assent,
) -> Flow<Result<NotedBehind, Failure>> {
    Flow::new(move |talk| async move {
        noted(&talk, environment, visit, |entropy| {
            let id = entropy.uuid();
            let body = TakenConsent::new(&id, assent)?;
            let body = serde_json::to_value(body).map_err(|_| Code::InternalError)?;
            Ok(("consent", body))
        })
        .await
    })
}

/// Notes a filing in the same way.
pub fn note_filing(
    environment: OfflineEnvironment,
    visit: u64,
    notice: Notice,
) -> Flow<Result<NotedBehind, Failure>> {
    Flow::new(move |talk| async move {
        noted(&talk, environment, visit, |_| {
            let body = SaidNotice::new(&notice)?;
            let body = serde_json::to_value(body).map_err(|_| Code::InternalError)?;
            Ok(("notice", body))
        })
        .await
    })
}

async fn noted<B: Serialize + Send>(
    talk: &Talk,
    environment: OfflineEnvironment,
    visit: u64,
    body: impl FnOnce(&mut Entropy) -> Result<(&'static str, B), Failure>,
) -> Result<NotedBehind, Failure> {
    let OfflineEnvironment { known, member, shift, key, mut entropy } = environment;
    let (kind, body) = body(&mut entropy)?;
    let id = entropy.uuid();
    let (mut journal, _) = Journal::open(talk, &key, &known.device, entropy).await?;
    admits(&journal, shift.as_ref()).await?;
    // What answered a ticket is not to be further back than it is looked for.
    Wallet::open(talk, &mut journal, &known).await?;
    let behind = behind(&mut journal, &member, visit).await?;
    let Known { issuer, device, .. } = &known;
    let at = behind.since.now(talk.clock().await).0.max(behind.claimed_at);
    let number = journal.next();
    let noted = Noted { id: &id, visit: &behind.jti, number, kind, body, at };
    let note = noted.sign(talk, issuer, device, &member).await?;
    let waiting = Waiting::Note {
        note,
        kind: kind.to_owned(),
        jti: id.clone(),
        visit: behind.jti,
        made_by: member,
        label: behind.label,
        claimed_at: at,
    };
    let number = journal.append(&waiting).await?;
    Ok(NotedBehind { number, mark: journal.mark() })
}

/// The visit behind which something is noted.
struct Behind {
    jti: String,
    label: Zeroizing<String>,
    claimed_at: Timestamp,
    since: Since,
}

async fn behind(
    journal: &mut Journal<'_>,
    member: &StaffId,
    visit: u64,
) -> Result<Behind, Failure> {
    let there = journal.waiting().binary_search(&visit).is_ok();
    let numbers: &[u64] = if there { &[visit] } else { &[] };
    for (_, kept) in journal.read(numbers).await? {
        if let Kept::Waiting(Waiting::Visit { jti, made_by, label, claimed_at, since, .. }) = kept?
            && made_by == *member
        {
            return Ok(Behind { jti, label, claimed_at, since });
        }
    }
    Err(Code::OfflineVisitMissing.into())
}

fn entry(number: u64, kept: Kept) -> JournalEntry {
    let (what, state, label, claimed_at, expires) = match kept {
        Kept::Waiting(Waiting::Visit { label, claimed_at, expires, .. }) => {
            (EntryKind::Visit, EntryState::Waiting, label, claimed_at, Some(expires))
        }
        Kept::Waiting(Waiting::Note { label, claimed_at, .. }) => {
            (EntryKind::Note, EntryState::Waiting, label, claimed_at, None)
        }
        Kept::Ended(Ended { what, result, label, claimed_at, .. }) => {
            let what = if what == What::Visit { EntryKind::Visit } else { EntryKind::Note };
            (what, state(&result), label, claimed_at, None)
        }
    };
    JournalEntry { number, what, state, label: label.to_string(), claimed_at, expires }
}

fn state(result: &Sent) -> EntryState {
    match result {
        Sent::Confirmed => EntryState::Confirmed,
        Sent::Expired => EntryState::Expired,
        Sent::Refused(code) => EntryState::Refused(Code::named(code).unwrap_or(Code::Refused)),
    }
}
