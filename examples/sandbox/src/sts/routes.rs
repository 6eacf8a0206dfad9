//! The token service over HTTP.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};

use super::caller::{CHALLENGES, TOKEN};
use super::{Sts, challenge, exchange, tamper};
use crate::base::dpop::offer_nonce;
use crate::base::reply::{Received, Reply, received};

type Shared = State<Arc<Sts>>;

pub(crate) fn routes<S: Clone + Send + Sync + 'static>(sts: Arc<Sts>) -> Router<S> {
    let nonces = from_fn_with_state(sts.base.clone(), offer_nonce);
    let tampering = from_fn_with_state(sts.clone(), tamper::tamper);
    Router::new()
        .route(CHALLENGES, post(challenges).layer(tampering))
        .route(TOKEN, post(token))
        .layer(nonces)
        .route("/.well-known/jwks.json", get(jwks))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .with_state(sts)
}

async fn challenges(State(sts): Shared, headers: HeaderMap, body: Received) -> Response {
    let reply = async {
        let body = received(&headers, "application/json", body)?;
        challenge::issue(&sts, &headers, &body).await
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn token(State(sts): Shared, headers: HeaderMap, body: Received) -> Response {
    let reply = async {
        let body = received(&headers, "application/x-www-form-urlencoded", body)?;
        exchange::exchange(&sts, &headers, &body).await
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn jwks(State(sts): Shared) -> Response {
    sts.jwks().at(sts.base.now())
}

async fn metadata(State(sts): Shared) -> Response {
    sts.metadata().at(sts.base.now())
}
