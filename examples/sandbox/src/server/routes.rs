//! HTTP: paths, body limits, the log, and replies that go wrong on purpose.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use super::config::Config;
use super::hosts::{self, Hosts};
use super::rooms::Rooms;
use crate::base::refusal::Refusal;
use crate::base::reply::{Code, Reply};
use crate::base::{Base, fault};
use crate::{jlis, sts, web_service};

/// No request comes near this many bytes.
const LONGEST_BODY: usize = 64 * 1024;

pub(crate) fn router(rooms: &Rooms, config: &Config, bound: IpAddr) -> Router {
    let base = &rooms.base;
    let hosts = Arc::new(Hosts { base: base.clone(), bound, names: config.hosts.clone() });
    let within = (base.clone(), config.limits.body);
    Router::new()
        .merge(sts::routes(rooms.sts.clone()))
        .merge(web_service::routes(rooms.web_service.clone()))
        .merge(jlis::routes(rooms.jlis.clone()))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_this_way)
        .with_state(base.clone())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(hosts, hosts::answer_own))
        .layer(from_fn_with_state(within, carry_through))
        .layer(from_fn_with_state(base.clone(), fault::spoil_replies))
}

async fn nothing_here(State(base): State<Arc<Base>>) -> Response {
    Reply::from(Refusal::RequestMalformed).at(base.now())
}

/// The header `Allow` is added to it.
async fn not_this_way(State(base): State<Arc<Base>>) -> Response {
    let mut reply = nothing_here(State(base)).await;
    *reply.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    reply
}

/// Takes in a request within its time, carries it through to the end even if the caller hangs up, and logs it.
async fn carry_through(
    State((base, limit)): State<(Arc<Base>, Duration)>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("(none)", MatchedPath::as_str);
    let method = request.method().clone();
    let (head, body) = request.into_parts();
    let reply = match tokio::time::timeout(limit, whole(body)).await {
        Ok(Some(body)) => tokio::spawn(next.run(Request::from_parts(head, body.into())))
            .await
            .unwrap_or_else(|_| Reply::from(Refusal::ServerFailed).at(base.now())),
        _ => Reply::from(Refusal::RequestMalformed).at(base.now()),
    };
    let code = reply.extensions().get::<Code>().map_or("", |code| code.0);
    tracing::info!(%method, path, status = reply.status().as_u16(), code, "answered");
    reply
}

/// A body from beginning to end, or as much of it as shows that it is too long.
async fn whole(mut body: Body) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() <= LONGEST_BODY {
        match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            Some(Ok(frame)) => bytes.extend(frame.into_data().unwrap_or_default()),
            Some(Err(_)) => return None,
            None => break,
        }
    }
    Some(bytes)
}
