//! HTTP: paths, body limits, the log, and replies that go wrong on purpose.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use super::rooms::Rooms;
use crate::base::refusal::Refusal;
use crate::base::reply::{Code, Reply};
use crate::base::{Base, fault};
use crate::{jlis, sts, web_service};

/// No request comes near this many bytes.
const LONGEST_BODY: usize = 64 * 1024;

pub(crate) fn router(rooms: &Rooms) -> Router {
    let base = &rooms.base;
    Router::new()
        .merge(sts::routes(rooms.sts.clone()))
        .merge(web_service::routes(rooms.web_service.clone()))
        .merge(jlis::routes(rooms.jlis.clone()))
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .with_state(base.clone())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(base.clone(), carry_through))
        .layer(from_fn_with_state(base.clone(), fault::spoil_replies))
}

async fn nothing_here(State(base): State<Arc<Base>>) -> Response {
    Reply::from(Refusal::RequestMalformed).at(base.now())
}

/// Carries a request through to the end even if the caller hangs up, and logs it.
async fn carry_through(State(base): State<Arc<Base>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("(none)", MatchedPath::as_str);
    let method = request.method().clone();
    let reply = tokio::spawn(next.run(request))
        .await
        .unwrap_or_else(|_| Reply::from(Refusal::ServerFailed).at(base.now()));
    let code = reply.extensions().get::<Code>().map_or("", |code| code.0);
    tracing::info!(%method, path, status = reply.status().as_u16(), code, "answered");
    reply
}
