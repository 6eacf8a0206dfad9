//! Who holds this device now: a shift begins with a sign-in, is locked and unlocked with a code, and ends.
//!
//! What is one staff member's to see goes with their shift: when another begins one, the first one's tickets are wiped and a
//! [`Shift`] that was held before opens nothing. What waits to be sent stays, sealed, whoever made it.
//!
//! A device that was restarted, or whose program was killed, holds no [`Shift`]: it is locked.

mod code;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::journal::{Finding, Journal, JournalKey, staff};
use crate::exchange::{Entropy, StaffToken};
use crate::flow::{EntryName, Flow, Secret, Talk};
use crate::message::{Code, Failure};
use crate::platform::{Device, StaffId};
use code::Code as UnlockCode;

/// Wrong codes in a row after which the shift and its tickets are wiped.
const MOST_FAILURES: u8 = 5;

/// A shift that is on and unlocked, for as long as it is not locked, ended, or another one's.
#[derive(Clone, PartialEq, Eq)]
pub struct Shift {
    staff: StaffId,
    opened: String,
    idle_after: Duration,
}

impl Shift {
    /// Who holds the device.
    pub fn staff(&self) -> &StaffId {
        &self.staff
    }

    /// After how long without a touch the app locks it ([`lock_shift`]), and clears its screens.
    pub fn idle_after(&self) -> Duration {
        self.idle_after
    }
}

impl fmt::Debug for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shift(..)")
    }
}

/// What came of beginning, locking, unlocking or ending a shift.
#[derive(Debug)]
#[non_exhaustive]
pub struct ShiftChange {
    /// The shift that is on and unlocked; `None` after it was locked or ended; or why it was not unlocked: `unlock_wrong`
    /// with the tries left, `unlock_wiped`, or `staff_signed_out` where no shift is on.
    pub shift: Result<Option<Shift>, Failure>,
    /// What of the journal is not as it was left.
    pub findings: Vec<Finding>,
    /// How often the journal was written. Keep it beside the key at once ([`JournalKey::at_least`]), after a refusal, too:
    /// it is what notices that an older count of wrong codes was put back.
    pub mark: u64,
}

/// The shift as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    #[serde(with = "staff")]
    staff: StaffId,
    code: UnlockCode,
    /// Wrong codes in a row, and one that is being compared.
    failures: u8,
    idle_after: u64,
    /// What the shift that is unlocked is called; `None` where it is locked.
    opened: Option<String>,
}

/// Begins the shift of a staff member who has just signed in. They choose a code of 6 to 12 digits; anything else is
/// `setup_invalid`. If the device was another one's, that one's tickets are wiped; what waits to be sent stays.
pub fn begin_shift(
    key: JournalKey,
    device: Device,
    entropy: Entropy,
    member: &StaffToken,
    code: Secret,
    idle_after: Duration,
) -> Flow<Result<ShiftChange, Failure>> {
    let staff = member.member().clone();
    Flow::new(move |talk| async move {
        let mut held = Held::open(&talk, &key, &device, entropy).await?;
        let code = UnlockCode::choose(&code, held.entropy.bytes())?;
        let before = held.read().await?;
        if before.is_none_or(|before| before.staff != staff) {
            held.wipe().await?;
        }
        let idle_after = idle_after.as_secs();
        let kept = Record { staff, code, failures: 0, idle_after, opened: None };
        let shift = held.unlock(kept).await?;
        Ok(held.changed(Ok(Some(shift))))
    })
}

/// Unlocks the shift with its holder's code. That a code is tried is kept before it is compared, so that killing the
/// program gives no other try. Five wrong ones in a row wipe the shift and its tickets, and nothing that waits to be sent.
pub fn unlock_shift(
    key: JournalKey,
    device: Device,
    entropy: Entropy,
    code: Secret,
) -> Flow<Result<ShiftChange, Failure>> {
    Flow::new(move |talk| async move {
        let mut held = Held::open(&talk, &key, &device, entropy).await?;
        let Some(mut kept) = held.read().await? else {
            return Ok(held.changed(Err(Code::StaffSignedOut.into())));
        };
        if kept.failures < MOST_FAILURES {
            kept.failures = kept.failures.saturating_add(1);
            kept.opened = None;
            held.put(&kept).await?;
            if kept.code.is(&code) {
                kept.failures = 0;
                let shift = held.unlock(kept).await?;
                return Ok(held.changed(Ok(Some(shift))));
            }
        }
        let why = match MOST_FAILURES.saturating_sub(kept.failures) {
            0 => {
                held.wipe().await?;
                Failure::new(Code::UnlockWiped)
            }
            left => Failure::new(Code::UnlockWrong).with_tries_left(left),
        };
        Ok(held.changed(Err(why)))
    })
}

/// Locks the shift, whoever holds it: when the device lies idle, or is handed over. Nothing is wiped.
pub fn lock_shift(
    key: JournalKey,
    device: Device,
    entropy: Entropy,
) -> Flow<Result<ShiftChange, Failure>> {
    Flow::new(move |talk| async move {
        let mut held = Held::open(&talk, &key, &device, entropy).await?;
        if let Some(mut kept) = held.read().await?
            && kept.opened.take().is_some()
        {
            held.put(&kept).await?;
        }
        Ok(held.changed(Ok(None)))
    })
}

/// Ends the shift, whoever holds it, and wipes its tickets: return them first, where there is coverage. What waits to be
/// sent stays.
pub fn end_shift(
    key: JournalKey,
    device: Device,
    entropy: Entropy,
) -> Flow<Result<ShiftChange, Failure>> {
    Flow::new(move |talk| async move {
        let mut held = Held::open(&talk, &key, &device, entropy).await?;
        held.wipe().await?;
        Ok(held.changed(Ok(None)))
    })
}

/// `shift_locked` unless this is the shift that is on and unlocked, or the device knows of none.
pub(super) async fn admits(journal: &Journal<'_>, shift: Option<&Shift>) -> Result<(), Failure> {
    match shift {
        Some(shift) => is_on(journal, shift).await,
        None if read(journal).await?.is_none() => Ok(()),
        None => Err(Code::ShiftLocked.into()),
    }
}

/// `shift_locked` unless this is the shift that is on and unlocked.
async fn is_on(journal: &Journal<'_>, shift: &Shift) -> Result<(), Failure> {
    let kept = read(journal).await?.and_then(Result::ok);
    let opened = kept.filter(|kept| kept.staff == shift.staff).and_then(|kept| kept.opened);
    if opened.is_some_and(|opened| opened == shift.opened) {
        Ok(())
    } else {
        Err(Code::ShiftLocked.into())
    }
}

/// The journal while a shift changes.
struct Held<'a> {
    journal: Journal<'a>,
    findings: Vec<Finding>,
    entropy: Entropy,
}

impl<'a> Held<'a> {
    async fn open(
        talk: &'a Talk,
        key: &JournalKey,
        device: &Device,
        mut entropy: Entropy,
    ) -> Result<Self, Failure> {
        let part = entropy.part();
        let (journal, findings) = Journal::open(talk, key, device, part).await?;
        Ok(Self { journal, findings, entropy })
    }

    fn changed(self, shift: Result<Option<Shift>, Failure>) -> ShiftChange {
        ShiftChange { shift, findings: self.findings, mark: self.journal.mark() }
    }

    /// The shift that is on. One that does not open is none, and is told.
    async fn read(&mut self) -> Result<Option<Record>, Failure> {
        match read(&self.journal).await? {
            Some(Ok(kept)) => return Ok(Some(kept)),
            Some(Err(finding)) if !self.findings.contains(&finding) => self.findings.push(finding),
            _ => {}
        }
        Ok(None)
    }

    async fn put(&mut self, kept: &Record) -> Result<(), Failure> {
        self.journal.put(&name()?, kept).await
    }

    /// Unlocks it, under a new name: what was held before opens nothing.
    async fn unlock(&mut self, mut kept: Record) -> Result<Shift, Failure> {
        let opened = self.entropy.word();
        kept.opened = Some(opened.clone());
        self.put(&kept).await?;
        let idle_after = Duration::from_secs(kept.idle_after);
        Ok(Shift { staff: kept.staff, opened, idle_after })
    }

    /// Takes away the shift and what its holder alone may use and see: all that is kept beside the entries, at once.
    async fn wipe(&mut self) -> Result<(), Failure> {
        self.journal.remove_all().await
    }
}

fn name() -> Result<EntryName, Failure> {
    EntryName::parse("shift").ok_or(Code::InternalError.into())
}

async fn read(journal: &Journal<'_>) -> Result<Option<Result<Record, Finding>>, Failure> {
    Ok(journal.get(&[name()?]).await?.pop().map(|(_, kept)| kept))
}
