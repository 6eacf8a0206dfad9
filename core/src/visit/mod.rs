//! The home visit: the nurse confirms the face, the holder's card signs, the platform tells the entitlement. The first time
//! with the holder's PIN; from then on a tap is enough. Who has no card, or cannot use its PIN, is verified by the paper
//! certificate. A way that fails leads to the next one that is lawful; what is left at the worst is paper.
//!
//! The order is the law's. The face is confirmed before anything else; the challenge is verified before the card is
//! touched; the certificate is judged before a PIN is presented; the card is left clean and let go before the exchange; and
//! the person whom the platform names is compared with the one who was chosen before anything of the platform is shown.

mod bedside;
mod challenged;
mod covered;
mod face;
#[cfg_attr(not(test), expect(dead_code, reason = "the flows that write it come next"))]
mod journal;
mod next;
mod outcome;
mod plan;
mod proof;
#[cfg_attr(not(test), expect(dead_code, reason = "the flows that ask for it come next"))]
mod shift;
mod tap;
mod way;

use covered::Covered;
pub use journal::{Finding, JournalKey, JournalReport, verify_journal};
pub use outcome::{Outcome, Verified};
pub use plan::{Environment, Plan, Registered};
pub use shift::{Shift, ShiftChange, begin_shift, end_shift, lock_shift, unlock_shift};

use crate::flow::Flow;
use crate::message::{Code, Failure};

/// A visit under way.
pub type Visit = Flow<Result<Outcome, Failure>>;

/// Begins a visit in the way that is planned. Where that fails and the plan [offers](Plan::offering) others, the nurse
/// chooses the next one in the same conversation.
pub fn start(plan: Plan, environment: Environment) -> Visit {
    Flow::new(move |talk| async move {
        let ended = bedside::attend(&talk, &plan, Covered::new(environment, true)).await?;
        ended.outcome().ok_or(Code::InternalError.into())
    })
}

/// The same, without asking who this is: for somebody whose consent is not on record yet, and is to be
/// [taken](crate::kaigo::take_consent), and wherever the [entitlement](crate::kaigo::entitlement) is asked for later.
/// Whether it is the person who was chosen, the platform's answer would tell: compare it when it comes.
pub fn confirm(plan: Plan, environment: Environment) -> Flow<Result<Verified, Failure>> {
    Flow::new(move |talk| async move {
        let ended = bedside::attend(&talk, &plan, Covered::new(environment, false)).await?;
        Ok(ended.verified)
    })
}
