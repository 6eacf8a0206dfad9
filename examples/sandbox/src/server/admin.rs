//! For whoever looks after a sandbox, on an address of its own: whether it lives, whether it can serve, what it counts.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::measure::Measures;
use crate::base::Base;

/// How long the database may take to say something.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) type Watched = (Arc<Base>, Arc<Measures>);

pub(crate) fn router(watched: Watched) -> Router {
    Router::new()
        .route("/health/live", get(async || "ok\n"))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .with_state(watched)
}

/// Whether requests can be answered now.
async fn ready(State((base, _)): State<Watched>) -> Response {
    let asked = tokio::time::timeout(PATIENCE, base.store.is_there()).await;
    match asked {
        Ok(Ok(())) => "ok\n".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
}

async fn metrics(State((_, measures)): State<Watched>) -> Response {
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, media_type)], measures.text()).into_response()
}
