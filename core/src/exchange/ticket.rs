//! Tickets: challenges that are fetched before the nurse leaves, and answered where there is no network.
//!
//! A ticket is good once and for hours, for one device, facility and staff member, and perhaps for one person. It says
//! nothing of a visit: the evidence that answers it does.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::signed::{
    Challenge, ChallengeKey, Common, Confirmed, Contents, Form, given_now, of_form,
};
use super::{Clock, Device, StaffId, StaffToken, Subject};
use crate::flow::{DeviceTime, Method};
use crate::message::{Code, Failure};
use crate::platform::{Call, Content, Credential, Platform, Repeat, jws};

const VERSION: u32 = 1;
const TYP: &str = "kaigo-ticket+jwt";
const AUDIENCE: &str = "urn:kaigo:ticket";
/// Longest life of a ticket, seconds.
const LONGEST: i64 = 12 * 60 * 60;

/// A ticket by its signature and content.
pub(crate) struct Ticket {
    challenge: Challenge,
    /// For whom it is, where it is for one person.
    pub(crate) subject: Option<Subject>,
    /// Who may answer it.
    pub(crate) member: StaffId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: String,
    aud: String,
    #[serde(rename = "jti")]
    _jti: String,
    nonce: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    facility_id: String,
    act_sub: String,
    sub: Option<String>,
    cnf: Confirmed,
    vsn: u32,
}

impl Contents for Payload {
    fn common(&self) -> Common<'_> {
        Common {
            version: self.vsn,
            issuer: &self.iss,
            audience: &self.aud,
            thumbprint: &self.cnf.jkt,
            nonce: &self.nonce,
            times: [self.iat, self.nbf, self.exp],
        }
    }
}

impl Ticket {
    /// Judges a ticket for this device, whatever the time.
    pub(crate) fn read(
        ticket: &str,
        keys: &[ChallengeKey],
        issuer: &str,
        device: &Device,
    ) -> Result<Self, Failure> {
        let (typ, version, audience) = (TYP, VERSION, AUDIENCE);
        let thumbprint = device.thumbprint();
        let form = Form { typ, version, audience, issuer, thumbprint, longest: LONGEST };
        let (challenge, payload) = of_form(ticket, keys, &form, |payload: &Payload| {
            [(payload.facility_id == device.facility().as_str(), "facility")]
        })?;
        let invalid = |why| Failure::new(Code::ChallengeInvalid).with_detail(why);
        let member = StaffId::parse(payload.act_sub).map_err(|_| invalid("staff"))?;
        let subject = payload.sub.map(Subject::parse).transpose();
        Ok(Self { challenge, subject: subject.map_err(|_| invalid("subject"))?, member })
    }

    /// What is to be answered, by the entry of this number.
    pub(crate) fn challenge(&self, number: u64) -> Challenge {
        self.challenge.clone().waiting_as(number)
    }

    /// Its name: SHA-256 of it, base64url.
    pub(crate) fn hash(&self) -> &str {
        &self.challenge.hash
    }

    /// Until when it is good.
    pub(crate) fn expires(&self) -> Timestamp {
        self.challenge.expires()
    }

    /// Whether a visit can be made with it now.
    pub(crate) fn is_good(&self, server_time: Timestamp) -> bool {
        self.challenge.is_fresh(server_time)
    }
}

/// Tickets that were fetched.
pub(crate) struct Fetched {
    /// As they are kept, and what they say.
    pub(crate) tickets: Vec<(String, Ticket)>,
    pub(crate) clock: Clock,
    /// The number after the highest that the platform has of this device's key.
    pub(crate) next: u64,
}

#[derive(Serialize)]
struct Ask<'a> {
    vsn: u32,
    facility_id: &'a str,
    hours: u8,
    tickets: Vec<ForWhom<'a>>,
}

#[derive(Serialize)]
struct ForWhom<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
}

#[derive(Deserialize)]
struct Given {
    tickets: Vec<GivenTicket>,
    server_time: Timestamp,
    journal: Known,
}

#[derive(Deserialize)]
struct GivenTicket {
    ticket: String,
}

/// What the platform has of this device's journal.
#[derive(Deserialize)]
pub(super) struct Known {
    pub(super) next: u64,
}

/// Fetches a ticket for each of these people, or for whoever it may be.
pub(crate) async fn fetch(
    platform: &Platform<'_>,
    keys: &[ChallengeKey],
    issuer: &str,
    device: &Device,
    staff: &StaffToken,
    people: &[Option<Subject>],
    hours: u8,
) -> Result<Fetched, Failure> {
    let for_whom = |person| ForWhom { subject: Option::as_ref(person).map(Subject::as_str) };
    let tickets = people.iter().map(for_whom).collect();
    let facility_id = device.facility().as_str();
    let ask = Ask { vsn: VERSION, facility_id, hours, tickets };
    // Another sending would fetch others.
    let call = post("/v1/tickets", &ask, staff, Repeat::Never, 201)?;
    let given: Given = platform.call(&call, read).await?;
    let now = platform.talk.clock().await;
    fetched(given, keys, issuer, device, staff.member(), people, now)
}

/// Judges what was given: as many as were asked for, and each for whom it was asked.
fn fetched(
    given: Given,
    keys: &[ChallengeKey],
    issuer: &str,
    device: &Device,
    member: &StaffId,
    people: &[Option<Subject>],
    now: DeviceTime,
) -> Result<Fetched, Failure> {
    let wrong = || Failure::from(Code::ServerAnswerInvalid).with_detail("tickets");
    if given.tickets.len() != people.len() {
        return Err(wrong());
    }
    let mut clock = None;
    let mut fetched = Vec::new();
    for (GivenTicket { ticket }, person) in given.tickets.into_iter().zip(people) {
        let said = Ticket::read(&ticket, keys, issuer, device)?;
        if said.subject != *person || said.member != *member {
            return Err(wrong());
        }
        clock = Some(given_now(&said.challenge, given.server_time, now)?);
        fetched.push((ticket, said));
    }
    Ok(Fetched { tickets: fetched, clock: clock.ok_or_else(wrong)?, next: given.journal.next })
}

/// An answer with one ticket for whoever it may be.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_ticket(
    body: &[u8],
    keys: &[ChallengeKey],
    issuer: &str,
    device: &Device,
    member: &StaffId,
    now: DeviceTime,
) -> Result<(Ticket, Clock), Failure> {
    let mut fetched = fetched(read(body)?, keys, issuer, device, member, &[None], now)?;
    let (_, ticket) = fetched.tickets.pop().ok_or(Code::InternalError)?;
    Ok((ticket, fetched.clock))
}

#[derive(Serialize)]
struct Return<'a> {
    vsn: u32,
    #[serde(flatten)]
    which: Unused<'a>,
}

/// Unused tickets, by their names.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unused<'a> {
    /// These.
    Tickets(&'a [String]),
    /// All that this device was given but these: of those of an answer that was lost nobody knows the names.
    AllBut(&'a [String]),
}

#[derive(Deserialize)]
struct Returned {}

/// Gives unused tickets back.
pub(crate) async fn give_back(
    platform: &Platform<'_>,
    staff: &StaffToken,
    which: Unused<'_>,
) -> Result<(), Failure> {
    let ask = Return { vsn: VERSION, which };
    let call = post("/v1/tickets/return", &ask, staff, Repeat::Unanswered, 200)?;
    let Returned {} = platform.call(&call, read).await?;
    Ok(())
}

/// A call for which the staff member's token is shown.
pub(super) fn post<'a>(
    path: &'static str,
    body: &impl Serialize,
    staff: &'a StaffToken,
    repeat: Repeat,
    success: u16,
) -> Result<Call<'a>, Failure> {
    let body = serde_json::to_vec(body).map_err(|_| Failure::new(Code::InternalError))?;
    Ok(Call {
        method: Method::Post,
        path,
        content: Content::Json(body.into()),
        credential: Credential::Dpop { token: Some(staff.as_str()) },
        repeat,
        success,
    })
}

pub(super) fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    jws::object(body).ok_or_else(|| Code::ServerAnswerInvalid.into())
}
