//! What waited, sent: evidence that answers a ticket, and what was noted behind it.
//!
//! The platform judges each once and keeps what came of it: the same bytes from the same device get the same answer, hours
//! later, too. No answer says anything of the person.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ticket::{Known, post, read};
use super::{EvidenceToken, InsuranceDomain, StaffToken};
use crate::message::{Code, Failure};
use crate::platform::{Platform, Repeat, refusal_named};

const VERSION: u32 = 1;

/// What came of it.
pub(crate) struct Judged {
    pub(crate) result: Result<(), Code>,
    /// Whether it had been judged before.
    pub(crate) again: bool,
    /// Opens the platform for its maker, who has sent it, for the day.
    pub(crate) evidence: Option<EvidenceToken>,
    /// When, by the platform's clock.
    pub(crate) at: Timestamp,
    /// The number after the highest that the platform has of this device's key.
    pub(crate) next: u64,
}

#[derive(Serialize)]
struct Visit<'a> {
    vsn: u32,
    evidence: &'a str,
    evidence_type: &'a str,
    insurance_domain: &'a str,
}

#[derive(Serialize)]
struct Note<'a> {
    vsn: u32,
    note: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    result: Outcome,
    again: bool,
    id: String,
    code: Option<String>,
    evidence_token: Option<String>,
    server_time: Timestamp,
    journal: Known,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Confirmed,
    Done,
    Refused,
}

/// Sends the evidence of a visit: `kind` is its token type (RFC 8693 §3), `id` its name.
pub(crate) async fn send_visit(
    platform: &Platform<'_>,
    staff: &StaffToken,
    evidence: &str,
    kind: &str,
    domain: InsuranceDomain,
    id: &str,
) -> Result<Judged, Failure> {
    let insurance_domain = domain.code();
    let visit = Visit { vsn: VERSION, evidence, evidence_type: kind, insurance_domain };
    let call = post("/v1/offline/visits", &visit, staff, Repeat::Unanswered, 200)?;
    platform.call(&call, |body| judged(body, id)).await
}

/// Sends what was noted behind a visit.
pub(crate) async fn send_note(
    platform: &Platform<'_>,
    staff: &StaffToken,
    note: &str,
    id: &str,
) -> Result<Judged, Failure> {
    let note = Note { vsn: VERSION, note };
    let call = post("/v1/offline/notes", &note, staff, Repeat::Unanswered, 200)?;
    platform.call(&call, |body| judged(body, id)).await
}

/// What an answer says of what is called so.
pub(crate) fn judged(body: &[u8], id: &str) -> Result<Judged, Failure> {
    let answer: Answer = read(body)?;
    if !answer.id.eq_ignore_ascii_case(id) {
        return Err(Failure::new(Code::ServerAnswerInvalid).with_detail("id"));
    }
    let result = match answer.result {
        Outcome::Confirmed | Outcome::Done => Ok(()),
        Outcome::Refused => {
            let said = answer.code.ok_or(Code::ServerAnswerInvalid)?;
            Err(refusal_named(&said))
        }
    };
    let invalid = |_| Failure::new(Code::ServerAnswerInvalid).with_detail("evidence token");
    let evidence = answer.evidence_token.map(EvidenceToken::parse).transpose().map_err(invalid)?;
    let (at, next) = (answer.server_time, answer.journal.next);
    Ok(Judged { result, again: answer.again, evidence, at, next })
}
