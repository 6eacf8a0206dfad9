//! `/v1/tickets`: challenges to be taken where there is no coverage (持ち出し). Each is good once, for one staff member at one
//! device, for at most twelve hours, and for one person if it says so.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Sts;
use super::caller::{Caller, Unnoted};
use super::tickets::{Back, Ticket};
use crate::base::jws::{base64url, read_exactly, sha256};
use crate::base::keys::{random, random_id};
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;

/// How many unused tickets a device may have at most, whatever is configured.
pub(crate) const MOST_TICKETS: u8 = 20;
/// How long a ticket is good at most, in hours.
pub(crate) const LONGEST_HOURS: i64 = 12;
/// The version of the requests and of tickets.
const VERSION: u8 = 1;
/// How many may be returned at once.
const MOST_RETURNED: usize = 64;
/// The type of a ticket.
const TYP: &str = "kaigo-ticket+jwt";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    vsn: u8,
    facility_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<i64>,
    tickets: Vec<Wanted>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The pairwise subject of whom it is to be for.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Return {
    vsn: u8,
    /// SHA-256 of each that comes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    tickets: Option<Vec<String>>,
    /// SHA-256 of each that does not, where all others do: those of an answer that was lost are known to nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    all_but: Option<Vec<String>>,
}

/// `POST /v1/tickets`
pub(super) async fn issue(sts: &Sts, sender: &Sender, body: &[u8]) -> Result<Reply, Refusal> {
    let asking = Caller::asking(sts, sender).await?;
    let made = match made(sts, asking.caller(), body) {
        Ok(made) => made,
        Err(why) => return refused(sts, asking, why).await,
    };
    let given: Vec<_> = made.iter().map(|(jws, _)| json!({ "ticket": jws })).collect();
    let digested = made.into_iter().map(|(jws, ticket)| (sha256(jws.as_bytes()), ticket));
    let digested: Vec<_> = digested.collect();
    let most = i64::from(sts.offline_tickets);
    let next = sts.tickets().add(&digested, most, asking, sts.base.now()).await?;
    Ok(Reply::created(json!({ "tickets": given, "journal": { "next": next } })))
}

/// `POST /v1/tickets/return`
pub(super) async fn take_back(sts: &Sts, sender: &Sender, body: &[u8]) -> Result<Reply, Refusal> {
    let asking = Caller::asking(sts, sender).await?;
    let Some(back) = back(body) else {
        return refused(sts, asking, Refusal::RequestMalformed).await;
    };
    let returned = sts.tickets().take_back(&back, asking).await?;
    Ok(Reply::ok(json!({ "returned": returned })))
}

async fn refused(sts: &Sts, asking: Unnoted, why: Refusal) -> Result<Reply, Refusal> {
    asking.noted(sts).await?;
    Err(why)
}

/// Tickets, and what each says.
fn made(sts: &Sts, caller: &Caller, body: &[u8]) -> Result<Vec<(String, Ticket)>, Refusal> {
    let Caller { member, jkt, .. } = caller;
    let request: Request = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
    let hours = request.hours.unwrap_or(LONGEST_HOURS);
    let well_formed = request.vsn == VERSION
        && (1..=LONGEST_HOURS).contains(&hours)
        && (1..=usize::from(MOST_TICKETS)).contains(&request.tickets.len())
        && request.tickets.iter().all(Wanted::is_well_formed);
    if !well_formed {
        return Err(Refusal::RequestMalformed);
    }
    if request.facility_id != member.facility_id {
        return Err(Refusal::FacilityMismatch);
    }
    if sts.offline_tickets == 0 {
        return Err(Refusal::OfflineNotAllowed);
    }
    let now = sts.base.now();
    let made = request.tickets.into_iter().map(|wanted| {
        let ticket = Ticket {
            jti: random_id()?,
            nonce: base64url(&random::<32>()?),
            facility_id: member.facility_id.clone(),
            staff_id: member.id.clone(),
            subject: wanted.subject,
            jkt: jkt.clone(),
            issued_at: now,
            expires_at: now + hours * 60 * 60,
        };
        Ok((ticket.sign(sts)?, ticket))
    });
    made.collect()
}

/// The tickets that are to come back.
fn back(body: &[u8]) -> Option<Back> {
    let request: Return = read_exactly(body)?;
    let digest = |text: &String| {
        let digest = Base64UrlUnpadded::decode_vec(text).ok()?;
        (digest.len() == 32).then_some(digest)
    };
    let digests = |texts: &[String]| texts.iter().map(digest).collect::<Option<Vec<_>>>();
    let fits = |texts: &[String]| request.vsn == VERSION && texts.len() <= MOST_RETURNED;
    match (&request.tickets, &request.all_but) {
        (Some(these), None) if fits(these) && !these.is_empty() => {
            Some(Back::These(digests(these)?))
        }
        (None, Some(those)) if fits(those) => Some(Back::AllBut(digests(those)?)),
        _ => None,
    }
}

impl Wanted {
    /// Whether whom it is for is named as people are named here.
    fn is_well_formed(&self) -> bool {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        self.subject
            .as_ref()
            .is_none_or(|subject| (1..=64).contains(&subject.len()) && subject.bytes().all(letter))
    }
}

impl Ticket {
    fn sign(&self, sts: &Sts) -> Result<String, Refusal> {
        let mut payload = json!({
            "iss": sts.base.issuer,
            "aud": "urn:kaigo:ticket",
            "jti": self.jti,
            "nonce": self.nonce,
            "iat": self.issued_at,
            "nbf": self.issued_at,
            "exp": self.expires_at,
            "facility_id": self.facility_id,
            "act_sub": self.staff_id,
            "cnf": { "jkt": self.jkt },
            "vsn": VERSION,
        });
        if let Some(subject) = &self.subject {
            payload["sub"] = subject.as_str().into();
        }
        sts.challenge_of(TYP, &payload)
    }
}
