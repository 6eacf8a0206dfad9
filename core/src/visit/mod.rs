//! The home visit: the nurse confirms the face, the holder's card signs, the platform tells the entitlement.
//!
//! The order is the law's. The face is confirmed before anything else; the challenge is verified before the card is
//! touched; the certificate is judged before a PIN is asked for; the card is left clean and let go before the exchange.

mod script;

use std::fmt;

use jiff::Timestamp;

use crate::exchange::{ChallengeKey, Confirmation, Entropy, Method, StaffToken, Use};
use crate::flow::Flow;
use crate::kaigo::Entitlement;
use crate::message::{Code, Failure};
use crate::pki::TrustAnchors;

/// A visit under way.
pub type Visit = Flow<Result<Outcome, Failure>>;

/// What this visit is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Number of the facility (事業所番号), 10 digits.
    pub facility: String,
    /// The staff member, as their sign-in names them.
    pub staff: String,
    /// What the confirmation shall open; at least one use.
    pub uses: Vec<Use>,
}

/// Whom this device knows and trusts: the fruit of its enrolment, and fresh randomness.
#[derive(Debug)]
pub struct Environment {
    /// Base address of the platform, without a slash at its end: `https://…`; plain HTTP on this machine only.
    pub server: String,
    /// The token service's name for itself, as its challenges give it.
    pub issuer: String,
    /// Keys with which it may sign challenges.
    pub challenge_keys: Vec<ChallengeKey>,
    /// The staff member's token.
    pub staff_token: StaffToken,
    /// Authorities that issue cards.
    pub anchors: TrustAnchors,
    /// Randomness.
    pub entropy: Entropy,
}

/// The end of a visit that came to its end.
#[derive(Clone)]
pub struct Outcome {
    /// Token, method and times.
    pub confirmation: Confirmation,
    /// When the nurse confirmed the face, by this device's clock.
    pub face_confirmed_at: Timestamp,
    /// Who this is and what they are entitled to.
    pub entitlement: Entitlement,
}

impl Outcome {
    /// How the person was verified.
    pub fn method(&self) -> Method {
        self.confirmation.method
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome").field("method", &self.method()).finish_non_exhaustive()
    }
}

/// Begins a visit with face check, card and PIN ([`Method::CardPin`]).
pub fn start(plan: Plan, environment: Environment) -> Visit {
    Flow::new(move |talk| async move {
        plan.check(&environment)?;
        script::card_pin(&talk, &plan, environment).await
    })
}

impl Plan {
    fn check(&self, environment: &Environment) -> Result<(), Failure> {
        let wrong = |what| Err(Failure::new(Code::SetupInvalid).with_detail(what));
        if self.facility.len() != 10 || !self.facility.bytes().all(|c| c.is_ascii_digit()) {
            return wrong("facility number");
        }
        if self.uses.is_empty() {
            return wrong("no use");
        }
        let server = environment.server.as_str();
        let address = server.strip_prefix("https://").or_else(|| server.strip_prefix("http://"));
        if address.is_none_or(|rest| {
            rest.is_empty() || rest.ends_with('/') || rest.contains(['?', '#', '@'])
        }) {
            return wrong("server address");
        }
        if environment.challenge_keys.is_empty() {
            return wrong("no challenge key");
        }
        Ok(())
    }
}
