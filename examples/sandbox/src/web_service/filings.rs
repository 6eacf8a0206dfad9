//! `/v1/filings`: notices that a plan will be made (居宅サービス計画作成依頼届出, 介護予防サービス計画作成依頼届出), on their way to the
//! insurer.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::WebService;
use super::judge::{self, Notice, Verification};
use crate::audit::What;
use crate::base::jws::read_exactly;
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, received};
use crate::base::sender::Sender;
use crate::insurer::{Filing, NewFiling};
use crate::sts::{Opened, is_uuid};

pub(crate) const SUBMIT: &str = "care_plan_notice:submit";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    id: String,
    kind: String,
    start_on: Date,
    assent: bool,
    #[serde(default, skip_serializing_if = "Replaces::is_missing")]
    replaces: Replaces,
}

/// The one that a notice corrects: not said, said to be none, or said.
#[derive(Default, Serialize, Deserialize)]
#[serde(untagged)]
enum Replaces {
    #[default]
    #[serde(skip)]
    Missing,
    Said(Option<String>),
}

impl Replaces {
    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    fn id(&self) -> Option<&String> {
        match self {
            Self::Said(said) => said.as_ref(),
            Self::Missing => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
}

/// `POST /v1/filings`
pub(super) async fn file(
    State(service): State<Arc<WebService>>,
    sender: Sender,
    body: Received,
) -> Response {
    let reply = async {
        let body = received(&sender.headers, super::JSON, body)?;
        let opened = service.sts.opened(&sender, SUBMIT).await?;
        service.file_notice(&opened, &body).await
    };
    Reply::from(reply.await).at(service.base.now())
}

/// `POST /v1/filings/search`
pub(super) async fn search(
    State(service): State<Arc<WebService>>,
    sender: Sender,
    body: Received,
) -> Response {
    let reply = async {
        let body = received(&sender.headers, super::JSON, body)?;
        let caller = service.sts.asked(&sender).await?;
        let search: Search = read_exactly(&body).ok_or(Refusal::RequestMalformed)?;
        service.filings(&caller.member.facility_id, &search).await
    };
    Reply::from(reply.await).at(service.base.now())
}

impl WebService {
    /// Files a notice as this body says, for whom something was opened.
    pub(crate) async fn file_notice(&self, opened: &Opened, body: &[u8]) -> Result<Reply, Refusal> {
        let request: Request = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
        let filed = self.file(opened, &request).await;
        self.noted(What::Filing, opened, filed).await
    }

    async fn file(&self, opened: &Opened, request: &Request) -> Result<Reply, Refusal> {
        let notice = Notice::named(&request.kind).ok_or(Refusal::RequestMalformed)?;
        let names = [Some(&request.id), request.replaces.id()];
        if !names.into_iter().flatten().all(|id| is_uuid(id)) {
            return Err(Refusal::RequestMalformed);
        }
        let facility_id = &opened.member.facility_id;
        let name = self.sts.facility_name(facility_id).await?;
        let filing = NewFiling {
            id: &request.id,
            facility_id,
            facility_name: &name,
            pmh_id: &opened.pmh_id,
            kind: &request.kind,
            start_on: request.start_on,
            replaces: request.replaces.id().map(String::as_str),
        };
        let now = self.base.now();
        let mut transaction = self.base.store.begin().await?;
        if let Some(before) = self.insurer.filed(&mut transaction, &filing).await? {
            return Ok(Reply::ok(told(&before)));
        }
        let verification =
            Verification { method: opened.method, verified_at: opened.verified_at, now };
        judge::filing(notice, opened.member.facility_kind, verification, request.assent)?;
        let filed = self.insurer.file(&mut transaction, &filing, now).await?;
        self.append(&mut transaction, What::Filing, opened).await?;
        transaction.commit().await?;
        Ok(Reply::created(told(&filed)))
    }

    async fn filings(&self, facility_id: &str, search: &Search) -> Result<Reply, Refusal> {
        let limit = super::page(search.limit)?;
        let before = self.number_before("filings", facility_id, search.after.as_deref())?;
        let most = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let mut page = self.insurer.filings_of(facility_id, before, most).await?;
        let more = page.len() > limit;
        page.truncate(limit);
        let last = page.last().filter(|_| more);
        let next = last.map(|last| self.cursor_after("filings", facility_id, last.number));
        let next = next.transpose()?;
        let filings: Vec<Value> = page.iter().map(told).collect();
        Ok(Reply::ok(json!({ "filings": filings, "next": next })))
    }
}

/// As a facility is told of it.
fn told(filing: &Filing) -> Value {
    json!({
        "id": filing.id,
        "kind": filing.kind,
        "start_on": filing.start_on,
        "replaces": filing.replaces,
        "status": filing.status.code(),
        "received_at": filing.received_at,
        "reason": filing.reason,
    })
}
