//! The home visit: the nurse confirms the face, the holder's card signs, the platform tells the entitlement. The first time
//! with the holder's PIN; from then on a tap is enough.
//!
//! The order is the law's. The face is confirmed before anything else; the challenge is verified before the card is
//! touched; the certificate is judged before a PIN is presented; the card is left clean and let go before the exchange; and
//! the person whom the platform names is compared with the one who was chosen before anything of the platform is shown.

mod challenged;
mod face;
mod outcome;
mod plan;
mod proof;
mod tap;
mod way;

pub use outcome::Outcome;
pub use plan::{Environment, Plan, Registered};

use crate::flow::Flow;
use crate::message::Failure;
use plan::Whom;

/// A visit under way.
pub type Visit = Flow<Result<Outcome, Failure>>;

/// Begins a visit in the way that is planned.
pub fn start(plan: Plan, environment: Environment) -> Visit {
    Flow::new(move |talk| async move {
        match &plan.whom {
            Whom::Anybody | Whom::Chosen(_) => way::card_pin(&talk, &plan, environment).await,
            Whom::Registered(person) => way::card_tap(&talk, &plan, person, environment).await,
        }
    })
}
