//! The authorities over HTTP: an index, roots, lists and the responder.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use der::Decode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use x509_cert::name::Name;

use super::authority::Authority;
use super::register::Register;
use super::{list, responder};
use crate::error::{Code, Refusal, Reply};
use crate::jws::base64url;
use crate::platform::Platform;

type Shared = State<Arc<Platform>>;

/// Which authority, and which of its lists: SHA-256 of its key, and DER of the name, both base64url.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    issuer: String,
    #[serde(default)]
    partition: String,
}

/// `GET /jlis`: every authority that is played, with where to find what it publishes.
pub(crate) async fn index(State(platform): Shared) -> Response {
    let now = platform.clock.now();
    let mut authorities = Vec::new();
    for authority in platform.jlis.all() {
        match described(&platform, &authority).await {
            Ok(Some(described)) => authorities.push(described),
            Ok(None) => {}
            Err(refusal) => return Reply::from(refusal).at(now),
        }
    }
    Reply::ok(json!({ "authorities": authorities, "notice": crate::NOTICE })).at(now)
}

async fn described(platform: &Platform, authority: &Authority) -> Result<Option<Value>, Refusal> {
    let Some(office) = &authority.office else { return Ok(None) };
    let jlis = format!("{}/jlis", platform.issuer);
    let issuer = base64url(&authority.id);
    let names = Register::of(&platform.store).lists(&authority.id).await?;
    let lists: Vec<Value> = names
        .iter()
        .map(|name| {
            let read = Name::from_der(name).map(|name| name.to_string()).unwrap_or_default();
            let url = format!("{jlis}/crl?issuer={issuer}&partition={}", base64url(name));
            json!({ "name": read, "url": url })
        })
        .collect();
    let responder = office.responder.certificate().unwrap_or_default();
    Ok(Some(json!({
        "purpose": authority.purpose.name(),
        "name": authority.root.tbs.subject.to_string(),
        "root": format!("{jlis}/root?issuer={issuer}"),
        "ocsp": format!("{jlis}/ocsp"),
        "ocsp_responder": Base64::encode_string(&responder),
        "lists": lists,
    })))
}

/// `GET /jlis/root`: a root in DER.
pub(crate) async fn root(State(platform): Shared, Query(wanted): Query<Wanted>) -> Response {
    match wanted.authority(&platform) {
        Some(authority) => bytes("application/pkix-cert", authority.der.clone()),
        None => nothing(),
    }
}

/// `GET /jlis/crl`: a list in DER (RFC 2585 §4.2).
pub(crate) async fn crl(State(platform): Shared, Query(wanted): Query<Wanted>) -> Response {
    let name = Base64UrlUnpadded::decode_vec(&wanted.partition);
    let (Some(authority), Ok(name)) = (wanted.authority(&platform), name) else {
        return nothing();
    };
    match list::current(&platform, &authority, &name).await {
        Ok(Some(list)) => bytes("application/pkix-crl", list),
        Ok(None) => nothing(),
        Err(refusal) => Reply::from(refusal).at(platform.clock.now()),
    }
}

/// `POST /jlis/ocsp` (RFC 6960 appendix A.1).
pub(crate) async fn ocsp(
    State(platform): Shared,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let stated = headers.get(header::CONTENT_TYPE).map(header::HeaderValue::as_bytes);
    match body {
        _ if stated != Some(b"application/ocsp-request") => {
            plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "an application/ocsp-request is expected\n")
        }
        Ok(body) => answered(&platform, &body).await,
        Err(rejection) => rejection.into_response(),
    }
}

/// `GET /jlis/ocsp/{request}`: the request in base64, percent-encoded or not.
pub(crate) async fn ocsp_by_get(State(platform): Shared, Path(request): Path<String>) -> Response {
    // What is not base64 is no request, and is answered as such.
    let request = Base64::decode_vec(&request).unwrap_or_default();
    answered(&platform, &request).await
}

async fn answered(platform: &Platform, request: &[u8]) -> Response {
    bytes("application/ocsp-response", responder::answer(platform, request).await)
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
    fn authority(&self, platform: &Platform) -> Option<Arc<Authority>> {
        let id = Base64UrlUnpadded::decode_vec(&self.issuer).ok()?;
        platform.jlis.by_id(&id).filter(|authority| authority.office.is_some())
    }
}
