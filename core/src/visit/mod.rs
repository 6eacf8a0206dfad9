//! The home visit: the nurse confirms the face, the holder's card signs, the platform tells the entitlement. The first time
//! with the holder's PIN; from then on a tap is enough. Who has no card, or cannot use its PIN, is verified by the paper
//! certificate. A way that fails leads to the next one that is lawful; what is left at the worst is paper.
//!
//! The order is the law's. The face is confirmed before anything else; the challenge is verified before the card is
//! touched; the certificate is judged before a PIN is presented; the card is left clean and let go before the exchange; and
//! the person whom the platform names is compared with the one who was chosen before anything of the platform is shown.

mod bedside;
mod challenged;
mod counted;
mod covered;
mod face;
mod journal;
mod next;
mod outcome;
mod plan;
mod proof;
mod send;
mod shift;
mod tap;
mod ticket;
mod uncovered;
mod waiting;
mod way;

use covered::Covered;
use journal::Journal;
pub use journal::{Finding, JournalKey, JournalReport, verify_journal};
use outcome::Ended;
pub use outcome::{Outcome, Verified, Waits};
pub use plan::{Environment, OfflineEnvironment, Plan, Registered};
pub use send::{SendReport, send_waiting};
pub use shift::{Shift, ShiftChange, begin_shift, end_shift, lock_shift, unlock_shift};
use ticket::Wallet;
pub use ticket::{
    HeldTicket, MOST_HOURS, MOST_TICKETS, Tickets, fetch_tickets, held_tickets, return_tickets,
};
use uncovered::Uncovered;
pub use waiting::{
    EntryKind, EntryState, JournalEntry, JournalView, NotedBehind, acknowledge, journal,
    note_consent, note_filing,
};
use zeroize::Zeroizing;

use crate::flow::{Flow, Talk};
use crate::message::{Code, Failure};

/// A visit under way.
pub type Visit = Flow<Result<Outcome, Failure>>;

/// Begins a visit in the way that is planned. Where that fails and the plan [offers](Plan::offering) others, the nurse
/// chooses the next one in the same conversation.
pub fn start(plan: Plan, environment: Environment) -> Visit {
    Flow::new(move |talk| async move {
        let ended = covered(&talk, &plan, environment, true).await?;
        ended.outcome().ok_or(Code::InternalError.into())
    })
}

/// The same, without asking who this is: for somebody whose consent is not on record yet, and is to be
/// [taken](crate::kaigo::take_consent), and wherever the [entitlement](crate::kaigo::entitlement) is asked for later.
/// Whether it is the person who was chosen, the platform's answer would tell: compare it when it comes.
pub fn confirm(plan: Plan, environment: Environment) -> Flow<Result<Verified, Failure>> {
    Flow::new(move |talk| async move {
        let ended = covered(&talk, &plan, environment, false).await?;
        Ok(ended.verified)
    })
}

async fn covered(
    talk: &Talk,
    plan: &Plan,
    environment: Environment,
    tells: bool,
) -> Result<Ended, Failure> {
    let Environment { server, known, staff_token, mut entropy } = environment;
    let covered = Covered { server: &server, known: &known, staff: &staff_token, tells };
    bedside::attend(talk, plan, covered, &mut entropy).await
}

/// A visit where there is no network, with a [ticket](fetch_tickets) that was fetched before: with card and PIN, by a tap
/// of whom a ticket is for, with a face check or the paper certificate. What it ends with waits on the disk before it
/// ends; nobody is confirmed, and nothing of the platform is shown. Without a ticket that is good, `ticket_missing`.
///
/// `label` is what its maker will know the visit by, for instance the name of who was visited: at most 128 characters. It
/// is sealed with it, and shown to nobody else.
pub fn start_offline(
    plan: Plan,
    environment: OfflineEnvironment,
    label: &str,
) -> Result<Flow<Result<Waits, Failure>>, Failure> {
    let label = Zeroizing::new(label.to_owned());
    if label.chars().count() > LONGEST_LABEL || label.chars().any(char::is_control) {
        return Err(Failure::new(Code::SetupInvalid).with_detail("label"));
    }
    let plan = plan.without_network();
    Ok(Flow::new(move |talk| async move {
        let OfflineEnvironment { known, member, shift, key, mut entropy } = environment;
        let (mut journal, findings) =
            Journal::open(&talk, &key, &known.device, entropy.part()).await?;
        shift::admits(&journal, shift.as_ref()).await?;
        let wallet = Wallet::open(&talk, &mut journal, &known).await?;
        let (known, member) = (&known, &member);
        let uncovered = Uncovered { known, member, journal, wallet, findings, label };
        bedside::attend(&talk, &plan, uncovered, &mut entropy).await
    }))
}

/// Longest label, characters.
const LONGEST_LABEL: usize = 128;
