//! The person's consent to sharing (包括同意): one for all that is stored now and later, at every facility.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::caller::{Caller, Question, Shown, ask, read};
use super::code::open_code;
use super::person::personal;
use crate::exchange::AccessToken;
use crate::flow::Flow;
use crate::message::{Code, Failure};
use crate::platform::refusal_named;

/// A consent as it is on record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Consent {
    /// Whether it is given.
    pub state: ConsentState,
    /// When it was given.
    #[serde(default)]
    pub given_at: Option<Timestamp>,
    /// Who took it.
    #[serde(default)]
    pub taken_by: Option<ConsentTaker>,
    /// When it was withdrawn.
    #[serde(default)]
    pub withdrawn_at: Option<Timestamp>,
    /// Whether this facility may take it now.
    pub may_take: MayTake,
}

open_code! {
    /// Whether consent is given.
    ConsentState {
        /// It is.
        Given "given" "given" "同意あり",
        /// It never was.
        NotGiven "none" "none" "同意なし",
        /// It was, and was withdrawn.
        Withdrawn "withdrawn" "withdrawn" "撤回",
    }
}

open_code! {
    /// Who takes consent.
    ConsentTaker {
        /// 市町村, with the application for certification.
        Municipality "municipality" "the municipality" "市町村",
        /// 事業所, in the municipality's stead.
        Facility "facility" "a facility" "事業所",
    }
}

/// Whether a facility may take consent in the municipality's stead.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MayTake {
    /// Whether it may.
    pub allowed: bool,
    /// Why not. What this version has no name for is [`Code::Refused`].
    #[serde(default, serialize_with = "why_out", deserialize_with = "why_in")]
    pub why: Option<Code>,
    /// Until which day it may, where that is known.
    #[serde(default)]
    pub until: Option<Date>,
}
personal!(Consent MayTake);

/// What is on record. The token is that of a visit that was [for this](crate::exchange::Use::Consent).
pub fn consent(caller: Caller, token: AccessToken) -> Flow<Result<Consent, Failure>> {
    ask(caller, Shown::Person(token), Ok(Question::get("/v1/consent")), read_consent)
}

/// That consent was explained to the person, and what they said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assent {
    /// It was explained, by the ministry's text.
    pub explained: bool,
    /// The person agrees.
    pub agreed: bool,
}

/// That consent was taken, as it is sent.
#[derive(Serialize)]
pub(crate) struct TakenConsent<'a> {
    id: &'a str,
    explained: bool,
    agreed: bool,
}

impl<'a> TakenConsent<'a> {
    /// Under this name; `assent_missing` without an explanation or agreement.
    pub(crate) fn new(id: &'a str, assent: Assent) -> Result<Self, Failure> {
        let Assent { explained, agreed } = assent;
        if explained && agreed {
            Ok(Self { id, explained, agreed })
        } else {
            Err(Code::AssentMissing.into())
        }
    }
}

/// Takes the consent of the person whom the token of a visit is about. Without an explanation or agreement nothing is sent:
/// `assent_missing`. Where it is given already, it stays as it is.
pub fn take_consent(
    mut caller: Caller,
    token: AccessToken,
    assent: Assent,
) -> Flow<Result<Consent, Failure>> {
    let id = caller.entropy.uuid();
    let question =
        TakenConsent::new(&id, assent).and_then(|taken| Question::post("/v1/consent", &taken, 201));
    ask(caller, Shown::Person(token), question, read_consent)
}

/// Reads a consent.
pub(crate) fn read_consent(body: &[u8]) -> Result<Consent, Failure> {
    read(body, "consent")
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn why_out<S: Serializer>(why: &Option<Code>, serializer: S) -> Result<S::Ok, S::Error> {
    why.map(Code::as_str).serialize(serializer)
}

fn why_in<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Code>, D::Error> {
    let why = Option::<String>::deserialize(deserializer)?;
    Ok(why.map(|why| refusal_named(&why)))
}
