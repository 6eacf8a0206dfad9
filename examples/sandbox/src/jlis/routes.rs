//! The authorities over HTTP: an index, roots, lists and the responder.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use der::Decode;
use serde::Deserialize;
use serde_json::{Value, json};
use x509_cert::name::Name;

use super::authority::Authority;
use super::{Jlis, published};
use crate::base::NOTICE;
use crate::base::jws::base64url;
use crate::base::refusal::Refusal;
use crate::base::reply::{Code, Received, Reply};

type Shared = State<Arc<Jlis>>;

pub(crate) fn routes<S: Clone + Send + Sync + 'static>(jlis: Arc<Jlis>) -> Router<S> {
    Router::new()
        .route("/jlis", get(index))
        .route("/jlis/root", get(root))
        .route("/jlis/crl", get(crl))
        .route("/jlis/ocsp", post(ocsp))
        .route("/jlis/ocsp/{*request}", get(ocsp_by_get))
        .with_state(jlis)
}

/// Which authority, and which of its lists: SHA-256 of its key, and DER of the name, both base64url.
#[derive(Deserialize)]
struct Wanted {
    issuer: String,
    #[serde(default)]
    partition: String,
}

/// `GET /jlis`: every authority that is played, with where to find what it publishes.
async fn index(State(jlis): Shared) -> Response {
    let now = jlis.base.now();
    let mut authorities = Vec::new();
    for authority in jlis.all() {
        match described(&jlis, &authority).await {
            Ok(Some(described)) => authorities.push(described),
            Ok(None) => {}
            Err(refusal) => return Reply::from(refusal).at(now),
        }
    }
    Reply::ok(json!({ "authorities": authorities, "notice": NOTICE })).at(now)
}

async fn described(jlis: &Jlis, authority: &Authority) -> Result<Option<Value>, Refusal> {
    let Some(office) = &authority.office else { return Ok(None) };
    let home = format!("{}/jlis", jlis.base.issuer);
    let issuer = base64url(&authority.id);
    let names = jlis.register().lists(&authority.id).await?;
    let lists: Vec<Value> = names
        .iter()
        .map(|name| {
            let read = Name::from_der(name).map(|name| name.to_string()).unwrap_or_default();
            let url = format!("{home}/crl?issuer={issuer}&partition={}", base64url(name));
            json!({ "name": read, "url": url })
        })
        .collect();
    let responder = office.responder.certificate().unwrap_or_default();
    Ok(Some(json!({
        "purpose": authority.purpose.name(),
        "name": authority.root.tbs.subject.to_string(),
        "root": format!("{home}/root?issuer={issuer}"),
        "ocsp": format!("{home}/ocsp"),
        "ocsp_responder": Base64::encode_string(&responder),
        "lists": lists,
    })))
}

/// `GET /jlis/root`: a root in DER.
async fn root(State(jlis): Shared, Query(wanted): Query<Wanted>) -> Response {
    match wanted.authority(&jlis) {
        Some(authority) => bytes("application/pkix-cert", authority.der.clone()),
        None => nothing(),
    }
}

/// `GET /jlis/crl`: a list in DER (RFC 2585 §4.2).
async fn crl(State(jlis): Shared, Query(wanted): Query<Wanted>) -> Response {
    let name = Base64UrlUnpadded::decode_vec(&wanted.partition);
    let (Some(authority), Ok(name)) = (wanted.authority(&jlis), name) else {
        return nothing();
    };
    match published::list(&jlis, &authority, &name).await {
        Ok(Some(list)) => bytes("application/pkix-crl", list),
        Ok(None) => nothing(),
        Err(refusal) => Reply::from(refusal).at(jlis.base.now()),
    }
}

/// `POST /jlis/ocsp` (RFC 6960 appendix A.1).
async fn ocsp(State(jlis): Shared, headers: HeaderMap, body: Received) -> Response {
    let stated = headers.get(header::CONTENT_TYPE).map(header::HeaderValue::as_bytes);
    match body {
        _ if stated != Some(b"application/ocsp-request") => {
            plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "an application/ocsp-request is expected\n")
        }
        Ok(body) => answered(&jlis, &body).await,
        Err(rejection) => rejection.into_response(),
    }
}

/// `GET /jlis/ocsp/{request}`: the request in base64, percent-encoded or not.
async fn ocsp_by_get(State(jlis): Shared, Path(request): Path<String>) -> Response {
    // What is not base64 is no request, and is answered as such.
    let request = Base64::decode_vec(&request).unwrap_or_default();
    answered(&jlis, &request).await
}

async fn answered(jlis: &Jlis, request: &[u8]) -> Response {
    bytes("application/ocsp-response", published::answer(jlis, request).await)
}

fn bytes(media_type: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
    let mut response = (headers, bytes).into_response();
    response.extensions_mut().insert(Code("ok"));
    response
}

fn nothing() -> Response {
    plain(StatusCode::NOT_FOUND, "no authority of the sandbox publishes this\n")
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, text).into_response()
}

impl Wanted {
    /// The authority, if it is played.
    fn authority(&self, jlis: &Jlis) -> Option<Arc<Authority>> {
        let id = Base64UrlUnpadded::decode_vec(&self.issuer).ok()?;
        jlis.by_id(&id).filter(|authority| authority.office.is_some())
    }
}
