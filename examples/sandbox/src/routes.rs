//! HTTP: paths, body limits, the log, and replies that go wrong on purpose.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use crate::error::{Code, Refusal, Reply};
use crate::fault::Call;
use crate::jlis::routes as jlis;
use crate::kiban;
use crate::platform::Platform;
use crate::sts::{self, challenge, exchange};

/// No request comes near this many bytes.
const LONGEST_BODY: usize = 64 * 1024;

type Shared = State<Arc<Platform>>;
type Received = Result<Bytes, BytesRejection>;

pub(crate) fn router(platform: Arc<Platform>) -> Router {
    Router::new()
        .route("/v1/challenges", post(challenges))
        .route("/v1/token", post(token))
        .route("/v1/qualification", get(qualification))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route("/jlis", get(jlis::index))
        .route("/jlis/root", get(jlis::root))
        .route("/jlis/crl", get(jlis::crl))
        .route("/jlis/ocsp", post(jlis::ocsp))
        .route("/jlis/ocsp/{*request}", get(jlis::ocsp_by_get))
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(platform.clone(), carry_through))
        .with_state(platform)
}

async fn challenges(State(platform): Shared, headers: HeaderMap, body: Received) -> Response {
    let reply = async {
        let body = received(&headers, "application/json", body)?;
        challenge::issue(&platform, &headers, &body).await
    };
    Reply::from(reply.await).at(platform.clock.now())
}

async fn token(State(platform): Shared, headers: HeaderMap, body: Received) -> Response {
    let reply = async {
        let body = received(&headers, "application/x-www-form-urlencoded", body)?;
        exchange::exchange(&platform, &body).await
    };
    Reply::from(reply.await).at(platform.clock.now())
}

async fn qualification(State(platform): Shared, headers: HeaderMap) -> Response {
    Reply::from(kiban::qualification(&platform, &headers).await).at(platform.clock.now())
}

async fn jwks(State(platform): Shared) -> Response {
    sts::jwks(&platform).at(platform.clock.now())
}

async fn metadata(State(platform): Shared) -> Response {
    sts::metadata(&platform).at(platform.clock.now())
}

async fn nothing_here(State(platform): Shared) -> Response {
    Reply::from(Refusal::RequestMalformed).at(platform.clock.now())
}

/// The body, if it is short enough and of the right type.
fn received(headers: &HeaderMap, media_type: &str, body: Received) -> Result<Bytes, Refusal> {
    let stated = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    match (stated, body) {
        (Some(stated), Ok(body)) if stated.trim().eq_ignore_ascii_case(media_type) => Ok(body),
        _ => Err(Refusal::RequestMalformed),
    }
}

/// Carries a request through to the end even if the caller hangs up, logs it, and spoils the reply if a fault
/// is armed.
async fn carry_through(State(platform): Shared, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("(none)", MatchedPath::as_str);
    let method = request.method().clone();
    let reply = tokio::spawn(next.run(request))
        .await
        .unwrap_or_else(|_| Reply::from(Refusal::ServerFailed).at(platform.clock.now()));
    let code = reply.extensions().get::<Code>().map_or("", |code| code.0);
    tracing::info!(%method, path, status = reply.status().as_u16(), code, "answered");
    match Call::at(path).and_then(|call| platform.faults.at_reply(call)) {
        Some(broken) => broken.spoil(reply).await,
        None => reply,
    }
}
