//! `/v1/consent`: where the person's comprehensive consent (包括同意) stands, and how a facility takes it in the municipality's
//! stead.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::WebService;
use super::judge::{self, Consenting, Verification};
use crate::audit::What;
use crate::base::clock::rfc3339;
use crate::base::jws::read_exactly;
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, received};
use crate::base::sender::Sender;
use crate::kiban::{ConsentState, Standing, Taken};
use crate::sts::{Opened, is_uuid};

const READ: &str = "consent:read";
pub(crate) const WRITE: &str = "consent:write";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    id: String,
    explained: bool,
    agreed: bool,
}

/// `GET /v1/consent`
pub(super) async fn read(State(service): State<Arc<WebService>>, sender: Sender) -> Response {
    let reply = async {
        let opened = service.sts.opened(&sender, READ).await?;
        let mut transaction = service.base.store.begin().await?;
        let standing = service.kiban.consent(&mut transaction, &opened.pmh_id).await?;
        transaction.commit().await?;
        Ok(Reply::ok(told(&standing, &opened)))
    };
    Reply::from(reply.await).at(service.base.now())
}

/// `POST /v1/consent`
pub(super) async fn take(
    State(service): State<Arc<WebService>>,
    sender: Sender,
    body: Received,
) -> Response {
    let reply = async {
        let body = received(&sender.headers, super::JSON, body)?;
        let opened = service.sts.opened(&sender, WRITE).await?;
        service.take_consent(&opened, &body).await
    };
    Reply::from(reply.await).at(service.base.now())
}

impl WebService {
    /// Takes a consent as this body says, for whom something was opened.
    pub(crate) async fn take_consent(
        &self,
        opened: &Opened,
        body: &[u8],
    ) -> Result<Reply, Refusal> {
        let request: Request = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
        if !is_uuid(&request.id) {
            return Err(Refusal::RequestMalformed);
        }
        let taken = self.take(opened, &request).await;
        self.noted(What::Consent, opened, taken).await
    }

    async fn take(&self, opened: &Opened, request: &Request) -> Result<Reply, Refusal> {
        let now = self.base.now();
        let pmh_id = &opened.pmh_id;
        let mut transaction = self.base.store.begin().await?;
        let standing = self.kiban.consent(&mut transaction, pmh_id).await?;
        if self.kiban.was_asked(&mut transaction, pmh_id, &request.id).await? {
            // What has become of it since stays as it is.
            return Ok(Reply::ok(told(&standing, opened)));
        }
        judge::consent(&Consenting {
            facility: opened.member.facility_kind,
            verification: Verification {
                method: opened.method,
                verified_at: opened.verified_at,
                now,
            },
            at_once: opened.at_once,
            state: standing.state(),
            applied: standing.applied,
            agreed: request.explained && request.agreed,
        })?;
        if standing.state() == ConsentState::Given {
            return Ok(Reply::ok(told(&standing, opened)));
        }
        let facility_id = Some(opened.member.facility_id.as_str());
        let taken = Taken { pmh_id, request: &request.id, facility_id, at: now };
        self.kiban.give(&mut transaction, &taken).await?;
        let standing = self.kiban.consent(&mut transaction, pmh_id).await?;
        self.append(&mut transaction, What::Consent, opened).await?;
        transaction.commit().await?;
        Ok(Reply::created(told(&standing, opened)))
    }
}

/// As a facility is told of it.
fn told(standing: &Standing, opened: &Opened) -> Value {
    let last = standing.last.as_ref();
    let may = judge::may_take(opened.member.facility_kind, standing.applied);
    json!({
        "state": standing.state().name(),
        "given_at": last.map(|last| rfc3339(last.given_at)),
        "taken_by": last.map(|last| &last.taken_by),
        "withdrawn_at": last.and_then(|last| last.withdrawn_at).map(rfc3339),
        "may_take": {
            "allowed": may.is_ok(),
            "why": may.err().map(Refusal::code),
            "until": standing.until.as_ref().filter(|_| may.is_ok()),
        },
    })
}
