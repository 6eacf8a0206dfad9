//! What waits is sent: in the order in which it was made, by whoever holds the device.
//!
//! The platform judges each once. What it refuses ends, and holds up nobody else's; where it cannot be asked, or cannot
//! answer, all that is left waits on, and the host is told when to try again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::journal::{Finding, Journal, JournalKey, Kept, Sent, Waiting};
use super::plan::Environment;
use super::ticket::Wallet;
use crate::exchange::deposit::{Judged, send_note, send_visit};
use crate::exchange::{EvidenceToken, StaffToken};
use crate::flow::{Flow, MOST_RECALLED, Stage, Talk};
use crate::message::{Code, Failure};
use crate::platform::Platform;

/// The first wait after a sending that failed, and the longest.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(5);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// What came of a sending.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SendReport {
    /// How many were taken.
    pub confirmed: usize,
    /// How many were refused. Each maker is told of their own: [`journal`](super::journal()).
    pub refused: usize,
    /// How many came too late.
    pub expired: usize,
    /// How many of all these the platform had judged before: an answer was lost, or an older copy of the store was sent. It
    /// judges nothing twice.
    pub again: usize,
    /// How many wait on.
    pub waiting: usize,
    /// What opens the platform for the sender's own visits for the day ([`reopen`](crate::kaigo::reopen)), by number.
    pub opens: Vec<(u64, EvidenceToken)>,
    /// Why, where something does.
    pub held_up: Option<Failure>,
    /// When to try again at the earliest, where something waits: longer after each time, and never for all devices at
    /// once.
    pub again_after: Option<SignedDuration>,
    /// What was noticed of the store.
    pub findings: Vec<Finding>,
    /// How often the journal was written: keep it beside the key.
    pub mark: u64,
}

/// Sends what waits, whoever made it. A device that was killed (`device_revoked`) forgets everything that it keeps. Stopped
/// at any moment, the next sending goes on, and nothing is done twice.
pub fn send_waiting(
    environment: Environment,
    key: JournalKey,
) -> Flow<Result<SendReport, Failure>> {
    Flow::new(move |talk| async move {
        let Environment { server, known, staff_token, mut entropy } = environment;
        let own = entropy.part();
        let jitter = u64::from_be_bytes(first_eight(&entropy.bytes()));
        let (mut journal, findings) = Journal::open(&talk, &key, &known.device, own).await?;
        // A ticket that was answered is known by what answered it, as long as that waits.
        Wallet::open(&talk, &mut journal, &known).await?;
        let platform = Platform::new(&talk, &server, &known.issuer, &known.device, entropy);
        let mut sending = Sending {
            platform: &platform,
            staff: &staff_token,
            journal,
            held: BTreeSet::new(),
            report: SendReport {
                confirmed: 0,
                refused: 0,
                expired: 0,
                again: 0,
                opens: Vec::new(),
                waiting: 0,
                held_up: None,
                again_after: None,
                findings,
                mark: 0,
            },
        };
        let sent = sending.all(&talk).await;
        match sending.journal.unless_killed(sent).await {
            Ok(()) => {}
            Err(failure) if failure.code() == Code::DeviceRevoked => return Err(failure),
            Err(failure) => sending.report.held_up = Some(failure),
        }
        sending.told(jitter).await
    })
}

struct Sending<'a> {
    platform: &'a Platform<'a>,
    staff: &'a StaffToken,
    journal: Journal<'a>,
    /// Visits that are not judged yet: what was noted behind them waits with them.
    held: BTreeSet<String>,
    report: SendReport,
}

impl Sending<'_> {
    async fn all(&mut self, talk: &Talk) -> Result<(), Failure> {
        let waiting = self.journal.waiting();
        let mut done = 0_usize;
        for numbers in waiting.chunks(MOST_RECALLED) {
            for (number, kept) in self.journal.read(numbers).await? {
                talk.stage(Stage::SendWaiting);
                talk.read_so_far(done, waiting.len());
                done = done.saturating_add(1);
                match kept {
                    Ok(Kept::Waiting(one)) => self.one(number, &one).await?,
                    Ok(Kept::Ended(_)) => {}
                    // Told; it is never sent.
                    Err(finding) => self.report.findings.push(finding),
                }
            }
        }
        Ok(())
    }

    /// Sends one, and keeps what came of it. An error is one of all that is left.
    async fn one(&mut self, number: u64, waiting: &Waiting) -> Result<(), Failure> {
        let answer = match waiting {
            Waiting::Visit { evidence, kind, domain, jti, .. } => {
                send_visit(self.platform, self.staff, evidence, kind, *domain, jti).await
            }
            Waiting::Note { visit, .. } if self.held.contains(visit) => return Ok(()),
            Waiting::Note { note, jti, .. } => {
                send_note(self.platform, self.staff, note, jti).await
            }
        };
        let (result, at) = match answer {
            Ok(Judged { result, again, evidence, at, next }) => {
                let found = self.journal.server_knows(next).await?;
                self.report.findings.extend(found);
                self.report.again = self.report.again.saturating_add(again.into());
                self.report.opens.extend(evidence.map(|token| (number, token)));
                (result, at)
            }
            Err(failure) if failure.code() == Code::TicketUsed => {
                // Other bytes than these have used it: they are of a copy of this store, or this is one of theirs.
                self.report.findings.push(Finding::RolledBack);
                (Err(Code::TicketUsed), talk_time(self.platform.talk).await)
            }
            Err(failure) => match reach(&failure) {
                Reach::This => (Err(failure.code()), talk_time(self.platform.talk).await),
                Reach::Person => {
                    if let Waiting::Visit { jti, .. } = waiting {
                        self.held.insert(jti.clone());
                    }
                    self.report.held_up = Some(failure);
                    return Ok(());
                }
                Reach::All => return Err(failure),
            },
        };
        let (sent, count) = match result {
            Ok(()) => (Sent::Confirmed, &mut self.report.confirmed),
            Err(Code::TicketExpired) => (Sent::Expired, &mut self.report.expired),
            Err(code) => (Sent::Refused(code.as_str().to_owned()), &mut self.report.refused),
        };
        *count = count.saturating_add(1);
        self.journal.end(number, &waiting.ended(sent, at)).await
    }

    /// The report, with the count of sendings that failed in a row.
    async fn told(mut self, jitter: u64) -> Result<SendReport, Failure> {
        let waiting = self.journal.waiting().len();
        if self.report.held_up.is_some() {
            self.journal.failed().await?;
        } else {
            self.journal.succeeded().await?;
        }
        let failures = self.journal.failures();
        let again_after = (waiting > 0).then(|| wait(failures, jitter));
        Ok(SendReport { waiting, again_after, mark: self.journal.mark(), ..self.report })
    }
}

/// What a failure holds up.
enum Reach {
    /// Nothing: what was sent is refused for good.
    This,
    /// This person's, which is tried again.
    Person,
    /// Everything.
    All,
}

fn reach(failure: &Failure) -> Reach {
    match failure.code() {
        // Whether the card is revoked cannot be known now.
        Code::CertificateStatusUnknown => Reach::Person,
        // What is noted behind a visit is sent after it: a visit that is not there then never comes.
        Code::TicketUnknown
        | Code::TicketExpired
        | Code::Replayed
        | Code::EvidenceNotSupported
        | Code::OfflineVisitMissing => Reach::This,
        Code::Refused if OF_WHAT_WAS_SENT.contains(&&*failure.detail()) => Reach::This,
        // A platform that does not know such a request yet has judged nothing.
        Code::Refused if &*failure.detail() == "request_malformed" => Reach::Person,
        _ => Reach::All,
    }
}

/// Refusals without a text of their own that speak of what was sent, and of nothing else.
const OF_WHAT_WAS_SENT: [&str; 3] =
    ["assertion_malformed", "binding_mismatch", "signature_invalid"];

async fn talk_time(talk: &Talk) -> Timestamp {
    talk.clock().await.wall
}

/// How long to wait after so many failures in a row: twice as long each time, and of it a part that differs from device to
/// device.
fn wait(failures: u32, jitter: u64) -> SignedDuration {
    let doubled = 1_i32.checked_shl(failures.saturating_sub(1).min(10)).unwrap_or(i32::MAX);
    let whole = FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT);
    let half = i64::try_from(whole.as_millis()).unwrap_or(0).checked_div(2).unwrap_or(0);
    let more = jitter.checked_rem(half.unsigned_abs().max(1)).unwrap_or(0);
    SignedDuration::from_millis(half.saturating_add_unsigned(more))
}

fn first_eight(bytes: &[u8; 32]) -> [u8; 8] {
    let mut eight = [0; 8];
    eight.copy_from_slice(bytes.split_at(8).0);
    eight
}
