//! `/v1/opinions`: opinions of physicians (主治医意見書) that insurers ask for, and that facilities with a physician of their own
//! write (老健, 介護医療院).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::WebService;
use crate::audit::{Event, What, Who};
use crate::base::clock::rfc3339;
use crate::base::jws::read_exactly;
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, received};
use crate::base::sender::Sender;
use crate::insurer::{NewOpinion, Opinion, PhysicianConsent, day_of};
use crate::staff::FacilityKind;
use crate::sts::{Caller, is_uuid};

/// Longest text, in bytes.
const LONGEST: usize = 16 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    id: String,
    written_on: Date,
    text: String,
    physician_consent: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
}

/// `POST /v1/opinions`
pub(super) async fn submit(
    State(service): State<Arc<WebService>>,
    sender: Sender,
    body: Received,
) -> Response {
    let reply = async {
        let body = received(&sender.headers, super::JSON, body)?;
        let caller = service.sts.asked(&sender).await?;
        let sent: Sent = read_exactly(&body).ok_or(Refusal::RequestMalformed)?;
        let taken = service.take_opinion(&caller, &sent).await;
        if let Err(why) = taken {
            let (what, who) = (What::Opinion, caller.who());
            service.audit.add(&Event { what, outcome: why.code(), note: "", who }).await?;
        }
        taken
    };
    Reply::from(reply.await).at(service.base.now())
}

/// `POST /v1/opinions/search`
pub(super) async fn search(
    State(service): State<Arc<WebService>>,
    sender: Sender,
    body: Received,
) -> Response {
    let reply = async {
        let body = received(&sender.headers, super::JSON, body)?;
        let caller = service.sts.asked(&sender).await?;
        let search: Search = read_exactly(&body).ok_or(Refusal::RequestMalformed)?;
        service.opinions(&caller, &search).await
    };
    Reply::from(reply.await).at(service.base.now())
}

/// Which facilities write opinions.
pub(crate) fn writes_opinions(facility: FacilityKind) -> Result<(), Refusal> {
    match facility {
        FacilityKind::HealthFacility | FacilityKind::MedicalFacility => Ok(()),
        _ => Err(Refusal::FacilityKindNotAllowed),
    }
}

impl WebService {
    async fn take_opinion(&self, caller: &Caller, written: &Sent) -> Result<Reply, Refusal> {
        writes_opinions(caller.member.facility_kind)?;
        let now = self.base.now();
        let physician = PhysicianConsent::named(&written.physician_consent);
        let fits = is_uuid(&written.id)
            && !written.text.trim().is_empty()
            && written.text.len() <= LONGEST
            // PostgreSQL has no such text.
            && !written.text.contains('\0')
            && written.written_on <= day_of(now);
        let physician = physician.filter(|_| fits).ok_or(Refusal::RequestMalformed)?;
        let sent = NewOpinion {
            id: &written.id,
            facility_id: &caller.member.facility_id,
            written_on: written.written_on,
            text: &written.text,
            physician,
        };
        let mut transaction = self.base.store.begin().await?;
        let (opinion, is_new) = self.insurer.take_opinion(&mut transaction, &sent, now).await?;
        if !is_new {
            return Ok(Reply::ok(told(&opinion)));
        }
        let who = Who { person: &opinion.pmh_id, ..caller.who() };
        let event = Event { what: What::Opinion, outcome: "ok", note: "", who };
        self.audit.append(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(Reply::created(told(&opinion)))
    }

    async fn opinions(&self, caller: &Caller, search: &Search) -> Result<Reply, Refusal> {
        writes_opinions(caller.member.facility_kind)?;
        let facility_id = &caller.member.facility_id;
        let limit = super::page(search.limit)?;
        let before = self.number_before("opinions", facility_id, search.after.as_deref())?;
        let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let mut page = self.insurer.opinions_of(facility_id, before, most).await?;
        let more = page.len() > limit;
        page.truncate(limit);
        let last = page.last().filter(|_| more);
        let next = last.map(|last| self.cursor_after("opinions", facility_id, last.number));
        let next = next.transpose()?;
        let opinions: Vec<Value> = page.iter().map(told).collect();
        Ok(Reply::ok(json!({ "opinions": opinions, "next": next })))
    }
}

/// As a facility is told of it: whom it is about, as the insurer says it on its request, and what it has sent.
fn told(opinion: &Opinion) -> Value {
    let written = opinion.written.as_ref();
    json!({
        "id": opinion.id,
        "insurer_number": opinion.insurer_number,
        "insured_number": opinion.insured_number,
        "name_kana": opinion.name_kana,
        "birth_date": opinion.birth_date,
        "applied_on": opinion.applied_on,
        "requested_at": rfc3339(opinion.requested_at.as_second()),
        "status": if written.is_some() { "received" } else { "requested" },
        "written_on": written.map(|written| written.on),
        "physician_consent": written.map(|written| written.physician.code()),
        "received_at": written.map(|written| rfc3339(written.received_at.as_second())),
    })
}
