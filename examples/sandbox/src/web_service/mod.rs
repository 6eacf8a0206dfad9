//! The web service that facilities use (介護保険資格確認等WEBサービス): what an access token opens, and the list of those whom a
//! facility has registered.

mod due;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use crate::base::Base;
use crate::base::clock::rfc3339;
use crate::base::dpop::offer_nonce;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;
use crate::kiban::Kiban;
use crate::sts::{ENTITLEMENT_READ, Sts};

pub(crate) struct WebService {
    base: Arc<Base>,
    sts: Arc<Sts>,
    kiban: Arc<Kiban>,
}

/// `GET /v1/qualification`: the entitlement of the person a token was issued for; and the list.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(service: Arc<WebService>) -> Router<S> {
    let nonces = from_fn_with_state(service.base.clone(), offer_nonce);
    Router::new()
        .route("/v1/qualification", get(entitlement))
        .route("/v1/users/search", post(users::search))
        .route("/v1/users/open", post(users::open))
        .route("/v1/users/end", post(users::end))
        .layer(nonces)
        .with_state(service)
}

async fn entitlement(State(service): State<Arc<WebService>>, sender: Sender) -> Response {
    Reply::from(service.entitlement(&sender).await).at(service.base.now())
}

impl WebService {
    pub(crate) fn new(base: Arc<Base>, sts: Arc<Sts>, kiban: Arc<Kiban>) -> Self {
        Self { base, sts, kiban }
    }

    async fn entitlement(&self, sender: &Sender) -> Result<Reply, Refusal> {
        let opened = self.sts.opened(sender, ENTITLEMENT_READ).await?;
        let now = self.base.now();
        let mut told = self.kiban.entitlement(&opened.pmh_id, now).await?;
        let read = self.sts.read(&opened, &due::items(&told)).await?;
        let due = due::due(&told, read.registered_until, now);
        told["changed"] = json!(read.changed);
        told["due"] = json!(due);
        told["registered_until"] = json!(read.registered_until.map(rfc3339));
        Ok(Reply::ok(told))
    }
}
