//! The registration of a person with the facility (利用者登録): opened again from the list, and ended with the contract.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::caller::{Caller, Question, Shown, ask, invalid, read};
use crate::exchange::{RegistrationHandle, Subject};
use crate::flow::Flow;
use crate::message::Failure;

/// A registration that is open on this device.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OpenRegistration {
    /// Opens a visit without a card ([`Way::Registered`](crate::flow::Way::Registered)), bound to this device's key.
    pub handle: RegistrationHandle,
    /// The second in which the registration is over, unless a claim extends it.
    pub valid_until: Timestamp,
}

#[derive(Serialize)]
struct Whom<'a> {
    subject: &'a str,
}

/// A handle for this device of somebody who is on the list; `registration_expired` for who is not.
pub fn open_user(caller: Caller, subject: &Subject) -> Flow<Result<OpenRegistration, Failure>> {
    let whom = Whom { subject: subject.as_str() };
    let question = Question::post("/v1/users/open", &whom, 200);
    ask(caller, Shown::Staff, question, read_open)
}

#[derive(Deserialize)]
struct Opened {
    registration: Zeroizing<String>,
    valid_until: Timestamp,
}

/// Reads what was opened.
pub(crate) fn read_open(body: &[u8]) -> Result<OpenRegistration, Failure> {
    let Opened { registration, valid_until } = read(body, "registration")?;
    let handle = RegistrationHandle::parse(registration.as_str());
    Ok(OpenRegistration { handle: handle.map_err(|_| invalid("registration"))?, valid_until })
}

/// Ends the contract (契約終了): from now on nothing of the person opens for this facility, on any device. Who is not
/// registered, or not any more, is `registration_expired`. Sent once: where no answer comes, the list tells.
pub fn end_contract(caller: Caller, subject: &Subject) -> Flow<Result<(), Failure>> {
    let whom = Whom { subject: subject.as_str() };
    let question = Question::post("/v1/users/end", &whom, 200).map(Question::once);
    ask(caller, Shown::Staff, question, read_ended)
}

#[derive(Deserialize)]
struct Ended {
    ended: bool,
}

/// Reads that it is over.
pub(crate) fn read_ended(body: &[u8]) -> Result<(), Failure> {
    let Ended { ended } = read(body, "end")?;
    if ended { Ok(()) } else { Err(invalid("end")) }
}
