//! The web service that facilities use (介護保険資格確認等WEBサービス): what an access token opens.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;

use crate::base::Base;
use crate::base::dpop::offer_nonce;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::kiban::Kiban;
use crate::sts::{ENTITLEMENT_READ, Sts};

/// Where an entitlement is.
const QUALIFICATION: &str = "/v1/qualification";

pub(crate) struct WebService {
    base: Arc<Base>,
    sts: Arc<Sts>,
    kiban: Arc<Kiban>,
}

/// `GET /v1/qualification`: the entitlement of the person a token was issued for.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(service: Arc<WebService>) -> Router<S> {
    let nonces = from_fn_with_state(service.base.clone(), offer_nonce);
    Router::new().route(QUALIFICATION, get(entitlement)).layer(nonces).with_state(service)
}

async fn entitlement(State(service): State<Arc<WebService>>, headers: HeaderMap) -> Response {
    Reply::from(service.entitlement(&headers).await).at(service.base.now())
}

impl WebService {
    pub(crate) fn new(base: Arc<Base>, sts: Arc<Sts>, kiban: Arc<Kiban>) -> Self {
        Self { base, sts, kiban }
    }

    async fn entitlement(&self, headers: &HeaderMap) -> Result<Reply, Refusal> {
        let pmh_id = self.sts.opened(headers, QUALIFICATION, ENTITLEMENT_READ).await?;
        Ok(Reply::ok(self.kiban.entitlement(&pmh_id, self.base.now()).await?))
    }
}
