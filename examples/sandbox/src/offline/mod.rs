//! What was done where there was no coverage, when it is sent at last: visits, and what was noted with them. Whoever holds the
//! device sends it; whoever made it is who did it. The same bytes get the same answer for ninety days.

mod entries;
mod notes;
mod visits;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};

pub(crate) use entries::MIGRATIONS;
use entries::{Entries, Sent};

use crate::audit::{Audit, Event, What};
use crate::base::Base;
use crate::base::database::Result as Stored;
use crate::base::dpop::offer_nonce;
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, received};
use crate::base::sender::Sender;
use crate::sts::{Caller, Sts};
use crate::web_service::WebService;

const JSON: &str = "application/json";

pub(crate) struct Offline {
    base: Arc<Base>,
    audit: Arc<Audit>,
    sts: Arc<Sts>,
    web_service: Arc<WebService>,
}

pub(crate) fn routes<S: Clone + Send + Sync + 'static>(offline: Arc<Offline>) -> Router<S> {
    let nonces = from_fn_with_state(offline.base.clone(), offer_nonce);
    Router::new()
        .route("/v1/offline/visits", post(visit))
        .route("/v1/offline/notes", post(note))
        .layer(nonces)
        .with_state(offline)
}

async fn visit(State(offline): State<Arc<Offline>>, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        offline.visit(&sender, &body).await
    };
    Reply::from(reply.await).at(offline.base.now())
}

async fn note(State(offline): State<Arc<Offline>>, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        offline.note(&sender, &body).await
    };
    Reply::from(reply.await).at(offline.base.now())
}

impl Offline {
    pub(crate) fn new(
        base: Arc<Base>,
        audit: Arc<Audit>,
        sts: Arc<Sts>,
        web_service: Arc<WebService>,
    ) -> Self {
        Self { base, audit, sts, web_service }
    }

    /// Removes what has been kept for long enough.
    pub(crate) async fn sweep(&self) -> Stored<()> {
        self.entries().sweep(self.base.now()).await
    }

    fn entries(&self) -> Entries<'_> {
        Entries(&self.base.store)
    }

    /// What something was answered before, if it was.
    async fn answered(&self, sent: &Sent<'_>, sender: &Caller) -> Result<Option<Reply>, Refusal> {
        let Some((answer, jkt)) = self.entries().answer(sent.digest).await? else {
            return Ok(None);
        };
        if jkt != sent.jkt {
            // Somebody has the bytes that another device sent.
            return self.refused(What::Replay, sender, Refusal::Replayed).await.map(Some);
        }
        let next = self.sts.journal(sent.jkt, Some(sent.seq)).await?;
        Ok(Some(told(answer, next, true)))
    }

    /// What is answered by whoever was faster with the same bytes. Others of this name are as bad as those of elsewhere.
    async fn overtaken(
        &self,
        sent: &Sent<'_>,
        sender: &Caller,
        otherwise: Refusal,
    ) -> Result<Reply, Refusal> {
        match self.answered(sent, sender).await? {
            Some(reply) => Ok(reply),
            None => self.refused(What::Replay, sender, otherwise).await,
        }
    }

    /// Puts on record what was refused with nothing used up.
    async fn refused(&self, what: What, sender: &Caller, why: Refusal) -> Result<Reply, Refusal> {
        let event = Event { what, outcome: why.code(), note: "offline", who: sender.who() };
        self.audit.add(&event).await?;
        Err(why)
    }
}

/// Whether something is refused for good: anything else may be taken when it is sent again.
fn is_final(why: Refusal) -> bool {
    let passing =
        [Refusal::CertificateStatusUnknown, Refusal::TooManyRequests, Refusal::ServerFailed];
    !passing.contains(&why)
}

/// An answer that says that something was refused.
fn refusal(id: &str, why: Refusal) -> Value {
    let mut answer = json!({ "result": "refused", "id": id, "code": why.code() });
    if let Refusal::BindingMismatch(field) = why {
        answer["field"] = field.into();
    }
    answer
}

/// An answer as the device gets it.
fn told(mut answer: Value, next: i64, again: bool) -> Reply {
    answer["again"] = again.into();
    answer["journal"] = json!({ "next": next });
    if again { Reply::again(200, answer) } else { Reply::ok(answer) }
}
