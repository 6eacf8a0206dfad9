//! The home visit: the nurse confirms the face, the holder's card signs, the platform tells the entitlement.
//!
//! The order is the law's. The face is confirmed before anything else; the challenge is verified before the card is
//! touched; the certificate is judged before a PIN is presented; the card is left clean and let go before the exchange; and
//! the person whom the platform names is compared with the one who was chosen before anything of the platform is shown.

mod face;
mod outcome;
mod plan;
mod proof;
mod way;

pub use outcome::Outcome;
pub use plan::{Environment, Plan};

use crate::exchange::Way;
use crate::flow::Flow;
use crate::message::Failure;

/// A visit under way.
pub type Visit = Flow<Result<Outcome, Failure>>;

/// Begins a visit in the way that is planned.
pub fn start(plan: Plan, environment: Environment) -> Visit {
    Flow::new(move |talk| async move {
        match plan.way {
            Way::CardPin => way::card_pin(&talk, &plan, environment).await,
        }
    })
}
