//! What goes over the wire, whichever room it comes from: requests as they are received, replies as they are written.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::clock::rfc3339;
use super::refusal::{Refusal, authenticate};

/// A body, or why there is none.
pub(crate) type Received = Result<Bytes, BytesRejection>;

/// The body, if it is short enough and of the right type.
pub(crate) fn received(
    headers: &HeaderMap,
    media_type: &str,
    body: Received,
) -> Result<Bytes, Refusal> {
    let stated = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    match (stated, body) {
        (Some(stated), Ok(body)) if stated.trim().eq_ignore_ascii_case(media_type) => Ok(body),
        _ => Err(Refusal::RequestMalformed),
    }
}

/// The token that a request shows, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown<'a> {
    /// With a proof that its sender holds the key to which it is bound (RFC 9449 §7.1).
    Bound(&'a str),
    /// By itself (RFC 6750 §2.1).
    Bearer(&'a str),
}

/// The one token of a request.
pub(crate) fn shown(headers: &HeaderMap) -> Option<Shown<'_>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        _ if values.next().is_some() => None,
        "dpop" => Some(Shown::Bound(token)),
        "bearer" => Some(Shown::Bearer(token)),
        _ => None,
    }
}

/// Seconds after which somebody who asked too much may ask again, at the earliest.
const RETRY_AFTER: &str = "1";

/// What a request is answered with, before the time of the answer is added.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// For the log: the `kaigo_error`, or `ok`.
    pub(crate) code: &'static str,
    /// A JSON object.
    pub(crate) body: Value,
    /// `WWW-Authenticate`, if it is another than the status has.
    authenticate: Option<String>,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self::with(200, body)
    }

    pub(crate) fn created(body: Value) -> Self {
        Self::with(201, body)
    }

    /// Neither the best nor a refusal: it says itself what it is.
    pub(crate) fn told(status: u16, body: Value) -> Self {
        Self::with(status, body)
    }

    fn with(status: u16, body: Value) -> Self {
        Self { status, code: "ok", body, authenticate: None }
    }

    /// What was answered before.
    pub(crate) fn again(status: u16, body: Value) -> Self {
        Self { status, code: "repeated", body, authenticate: None }
    }

    /// Adds `server_time` and forbids caching.
    pub(crate) fn at(mut self, now: i64) -> Response {
        self.body["server_time"] = Value::String(rfc3339(now));
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let asked = self.authenticate.or_else(|| authenticate(self.status));
        if let Some(asked) = asked.and_then(|asked| HeaderValue::try_from(asked).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, asked);
        }
        if self.status == 429 {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        response.extensions_mut().insert(Code(self.code));
        response
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let (code, status, oauth) = refusal.row();
        let mut body = json!({ "error": oauth, "kaigo_error": code });
        if let Refusal::BindingMismatch(field) = refusal {
            body["field"] = field.into();
        }
        Self { status, code, body, authenticate: refusal.authenticate() }
    }
}

impl From<Result<Reply, Refusal>> for Reply {
    fn from(result: Result<Reply, Refusal>) -> Self {
        result.unwrap_or_else(Into::into)
    }
}

/// Carried beside a response for the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code(pub(crate) &'static str);
