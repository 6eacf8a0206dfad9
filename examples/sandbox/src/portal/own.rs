//! What a person sees of themselves, and what they can do: withdraw their consent.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{JSON, MOST, Portal, USUAL};
use crate::audit::{Event, What, Who};
use crate::base::clock::rfc3339;
use crate::base::jws::read_exactly;
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, received};
use crate::base::sender::Sender;
use crate::kiban::{Access, Standing};

type Shared = State<Arc<Portal>>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdraws {
    withdraw: bool,
}

/// `GET /portal/v1/entitlement`
pub(super) async fn entitlement(State(portal): Shared, sender: Sender) -> Response {
    let reply = async {
        let pmh_id = portal.person(&sender).await?;
        Ok(Reply::ok(portal.kiban.own_entitlement(&pmh_id).await?))
    };
    Reply::from(reply.await).at(portal.base.now())
}

/// `GET /portal/v1/progress`
pub(super) async fn progress(State(portal): Shared, sender: Sender) -> Response {
    let reply = async {
        let pmh_id = portal.person(&sender).await?;
        let records = portal.kiban.own_progress(&pmh_id).await?;
        let as_of = rfc3339(portal.base.now());
        Ok(Reply::ok(json!({ "kind": "certification", "as_of": as_of, "records": records })))
    };
    Reply::from(reply.await).at(portal.base.now())
}

/// `GET /portal/v1/consent`
pub(super) async fn consent(State(portal): Shared, sender: Sender) -> Response {
    let reply = async {
        let pmh_id = portal.person(&sender).await?;
        let mut transaction = portal.base.store.begin().await?;
        let standing = portal.kiban.consent(&mut transaction, &pmh_id).await?;
        transaction.commit().await?;
        Ok(Reply::ok(told(&standing)))
    };
    Reply::from(reply.await).at(portal.base.now())
}

/// `POST /portal/v1/consent/withdraw`
pub(super) async fn withdraw(State(portal): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        let pmh_id = portal.person(&sender).await?;
        let said: Withdraws = read_exactly(&body).ok_or(Refusal::RequestMalformed)?;
        if !said.withdraw {
            return Err(Refusal::RequestMalformed);
        }
        portal.withdraw(&pmh_id).await
    };
    Reply::from(reply.await).at(portal.base.now())
}

/// `POST /portal/v1/accesses/search`
pub(super) async fn accesses(State(portal): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        let pmh_id = portal.person(&sender).await?;
        let search: Search = read_exactly(&body).ok_or(Refusal::RequestMalformed)?;
        portal.accesses(&pmh_id, &search).await
    };
    Reply::from(reply.await).at(portal.base.now())
}

impl Portal {
    /// Once is enough: withdrawn again, or never given, it stays as it is.
    async fn withdraw(&self, pmh_id: &str) -> Result<Reply, Refusal> {
        let mut transaction = self.base.store.begin().await?;
        self.kiban.consent(&mut transaction, pmh_id).await?;
        let ended = self.kiban.withdraw(&mut transaction, pmh_id, self.base.now()).await?;
        let standing = self.kiban.consent(&mut transaction, pmh_id).await?;
        if ended {
            let who = Who { person: pmh_id, ..Who::default() };
            let event = Event { what: What::Withdrawal, outcome: "ok", note: "person", who };
            self.audit.append(&mut transaction, &event).await?;
        }
        transaction.commit().await?;
        Ok(Reply::ok(told(&standing)))
    }

    /// Who has looked, the last first.
    async fn accesses(&self, pmh_id: &str, search: &Search) -> Result<Reply, Refusal> {
        let limit = Some(search.limit.unwrap_or(USUAL)).filter(|limit| (1..=MOST).contains(limit));
        let limit = limit.ok_or(Refusal::RequestMalformed)?;
        let before = match &search.after {
            Some(after) => {
                let place = self.base.store.open_text(&about(pmh_id), after);
                let place = place.and_then(|place| place.parse().ok());
                place.ok_or(Refusal::RequestMalformed)?
            }
            None => i64::MAX,
        };
        let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let mut page = self.kiban.accesses(pmh_id, before, most).await?;
        let more = page.len() > limit;
        page.truncate(limit);
        let last = page.last().filter(|_| more);
        let seal =
            |last: &Access| self.base.store.seal_text(&about(pmh_id), &last.number.to_string());
        let next = last.map(seal).transpose()?;
        let mut accesses = Vec::with_capacity(page.len());
        for access in &page {
            accesses.push(self.access(access).await?);
        }
        let as_of = rfc3339(self.base.now());
        Ok(Reply::ok(json!({ "accesses": accesses, "next": next, "as_of": as_of })))
    }

    async fn access(&self, access: &Access) -> Result<Value, Refusal> {
        Ok(json!({
            "at": rfc3339(access.at),
            "facility_id": access.facility_id,
            "facility_name": self.sts.facility_name(&access.facility_id).await?,
            "role": access.role,
            "what": access.what,
            "method": access.method,
            "disaster": access.method == "disaster",
        }))
    }
}

/// What a cursor is sealed for: nobody else goes on with it.
fn about(pmh_id: &str) -> String {
    format!("portal.cursor/{pmh_id}")
}

/// As a person is told of their consent.
fn told(standing: &Standing) -> Value {
    let last = standing.last.as_ref();
    json!({
        "state": standing.state().name(),
        "given_at": last.map(|last| rfc3339(last.given_at)),
        "taken_by": last.map(|last| &last.taken_by),
        "withdrawn_at": last.and_then(|last| last.withdrawn_at).map(rfc3339),
    })
}
