//! What proves a person to the token service: one file a kind, and one table of what each opens.

mod bindings;
mod card_assertion;
mod card_record;
mod disaster;
pub(super) mod evidence_token;
mod opens;
mod registration;
pub(super) mod statement;
mod tap;

use bindings::Bindings;
use card_assertion::Assertion;
pub use card_record::CardFaceAuthority;
pub use disaster::Disaster;
pub(crate) use disaster::{Disasters, LONGEST_DISASTER};
pub(crate) use opens::{ENTITLEMENT_READ, Method, NEEDS, Opening, needed};
pub(crate) use registration::{Handle, Registered, Registrations};
pub(crate) use statement::{Statement, is_birth_date};
use tap::Tap;

use super::Sts;
use super::caller::Caller;
use super::store::Challenge;
use crate::base::refusal::Refusal;

/// Evidence that answers a challenge; nothing of it is believed yet.
pub(crate) enum Answer<'a> {
    Card(Assertion<'a>),
    Tap(Tap<'a>),
}

impl<'a> Answer<'a> {
    /// Reads evidence of this kind.
    pub(crate) fn read(method: Method, jws: &'a str) -> Result<Self, Refusal> {
        match method {
            Method::CardTap => Ok(Self::Tap(Tap::read(jws)?)),
            _ => Ok(Self::Card(Assertion::read(jws)?)),
        }
    }

    /// SHA-256 of the challenge that it says it answers.
    pub(crate) fn challenge(&self) -> &[u8; 32] {
        match self {
            Self::Card(assertion) => &assertion.challenge,
            Self::Tap(tap) => &tap.challenge,
        }
    }

    /// How a person is verified with it.
    pub(crate) fn method(&self) -> Method {
        match self {
            Self::Card(_) => Method::CardPin,
            Self::Tap(_) => Method::CardTap,
        }
    }

    /// Whether it is bound to what it was asked for, by whom it was.
    pub(crate) fn bound_to(
        &self,
        challenge: &Challenge,
        caller: &Caller,
        issuer: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        if challenge.method != self.method().name() {
            return Err(Refusal::BindingMismatch("method"));
        }
        self.bindings().hold(challenge, caller, issuer, now)
    }

    /// Whether whoever sends it says to have made it: one that was captured elsewhere is told what gives it away.
    pub(crate) fn made_by(&self, caller: &Caller) -> Result<(), Refusal> {
        self.bindings().made_by(caller)
    }

    fn bindings(&self) -> &Bindings {
        match self {
            Self::Card(assertion) => &assertion.bindings,
            Self::Tap(tap) => &tap.bindings,
        }
    }

    /// The PMH-ID of the person whom it proves now.
    pub(crate) async fn judge(
        &self,
        sts: &Sts,
        challenge: &Challenge,
        caller: &Caller,
        now: i64,
    ) -> Result<String, Refusal> {
        match self {
            Self::Card(assertion) => {
                let certificate = assertion.judge(sts, now).await?;
                sts.person(&certificate).await
            }
            Self::Tap(tap) => tap.judge(sts, challenge, caller, now).await,
        }
    }
}
