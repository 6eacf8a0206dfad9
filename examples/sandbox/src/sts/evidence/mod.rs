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

use bindings::{Bindings, Waited};
use card_assertion::Assertion;
pub use card_record::CardFaceAuthority;
pub use disaster::Disaster;
pub(crate) use disaster::{Disasters, LONGEST_DISASTER};
pub(crate) use opens::{ENTITLEMENT_READ, Method, NEEDS, Opening, are_purposes, needed};
pub(crate) use registration::{Handle, Registered, Registrations};
pub(crate) use statement::{Statement, is_birth_date};
use tap::Tap;

use super::Sts;
use super::caller::Caller;
use super::store::Challenge;
use super::tickets::Ticket;
use crate::base::refusal::Refusal;

/// What a piece of evidence answers, as its type says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// A challenge of this minute.
    Challenge,
    /// A ticket that was taken along.
    Ticket,
}

impl Answers {
    /// Whether that is what is said beside it.
    fn fits(self, waited: Option<&Waited>) -> bool {
        waited.is_some() == (self == Self::Ticket)
    }
}

/// Evidence that answers a challenge; nothing of it is believed yet.
pub(crate) enum Answer<'a> {
    Card(Assertion<'a>),
    Tap(Tap<'a>),
}

impl<'a> Answer<'a> {
    /// Reads evidence of this kind.
    pub(crate) fn read(method: Method, answers: Answers, jws: &'a str) -> Result<Self, Refusal> {
        match method {
            Method::CardTap => Ok(Self::Tap(Tap::read(jws, answers)?)),
            _ => Ok(Self::Card(Assertion::read(jws, answers)?)),
        }
    }

    /// Its name, its number in the device's journal, when it was made and the key of the device that made it, as it says.
    pub(crate) fn said(&self) -> Said<'_> {
        let bindings = self.bindings();
        Said {
            id: bindings.jti(),
            seq: bindings.waited().map_or(0, |waited| waited.seq),
            claimed_at: bindings.iat(),
            jkt: bindings.jkt(),
        }
    }

    /// The challenge that it makes of a ticket.
    pub(crate) fn complete(&self, ticket: &Ticket) -> Result<Challenge, Refusal> {
        self.bindings().complete(ticket, self.method())
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
                let pmh_id = sts.person(&certificate).await?;
                expected(sts, &pmh_id, challenge.subject.as_ref(), &challenge.facility_id)?;
                Ok(pmh_id)
            }
            Self::Tap(tap) => tap.judge(sts, challenge, caller, now).await,
        }
    }
}

/// What evidence that waited to be sent says of itself.
pub(crate) struct Said<'a> {
    pub(crate) id: &'a str,
    pub(crate) seq: i64,
    /// When it was made, in seconds since the epoch.
    pub(crate) claimed_at: i64,
    pub(crate) jkt: &'a str,
}

/// Whether a person is the one who was expected, if anybody was.
fn expected(
    sts: &Sts,
    pmh_id: &str,
    subject: Option<&String>,
    facility: &str,
) -> Result<(), Refusal> {
    match subject {
        Some(subject) if *subject != sts.subject(pmh_id, facility) => {
            Err(Refusal::BindingMismatch("subject"))
        }
        _ => Ok(()),
    }
}
