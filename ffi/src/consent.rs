//! The person's consent to sharing (包括同意).

use kaigotap::{kaigo, message};

use crate::failure::Failure;
use crate::term::Term;
use crate::{hidden, milliseconds};

/// A consent as it is on record. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Consent {
    /// `given`, `none` or `withdrawn`.
    pub state: Term,
    /// When it was given, in milliseconds since 1970.
    pub given_at_ms: Option<u64>,
    /// Who took it: `municipality` or `facility`.
    pub taken_by: Option<Term>,
    /// When it was withdrawn, in milliseconds since 1970.
    pub withdrawn_at_ms: Option<u64>,
    /// Whether this facility may take it now, in the municipality's stead.
    pub may_take: bool,
    /// Why not, with texts for the nurse.
    pub why_not: Option<Failure>,
    /// Until which day it may, `YYYY-MM-DD`, where that is known.
    pub may_take_until: Option<String>,
}
hidden!(Consent);

impl From<kaigo::Consent> for Consent {
    fn from(consent: kaigo::Consent) -> Self {
        let may_take = consent.may_take;
        Self {
            state: consent.state.into(),
            given_at_ms: consent.given_at.map(milliseconds),
            taken_by: consent.taken_by.map(Into::into),
            withdrawn_at_ms: consent.withdrawn_at.map(milliseconds),
            may_take: may_take.allowed,
            why_not: may_take.why.map(|code| message::Failure::from(code).into()),
            may_take_until: may_take.until.map(|day| day.to_string()),
        }
    }
}
