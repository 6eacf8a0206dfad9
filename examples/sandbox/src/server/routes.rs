//! HTTP: paths, body limits, the log, and replies that go wrong on purpose.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tracing::Instrument;

use super::config::Config;
use super::hosts::{self, Hosts};
use super::imports;
use super::measure::Measures;
use super::openapi;
use super::rooms::Rooms;
use super::start;
use crate::base::peer::PeerAddress;
use crate::base::rate::Buckets;
use crate::base::refusal::Refusal;
use crate::base::reply::{Code, Reply};
use crate::base::{Base, fault};
use crate::{board, jlis, offline, portal, staff, sts, web_service};

/// No request comes near this many bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// What each request goes through, from outside to inside.
struct Passage {
    base: Arc<Base>,
    /// How long a body may take.
    body: Duration,
    addresses: Buckets<IpAddr>,
    measures: Arc<Measures>,
}

pub(crate) fn router(
    rooms: &Rooms,
    config: &Config,
    bound: IpAddr,
    measures: Arc<Measures>,
) -> Router {
    let base = &rooms.base;
    let passage = Arc::new(Passage {
        base: base.clone(),
        body: config.limits.body,
        addresses: Buckets::new(config.rates.address),
        measures,
    });
    let routes = Router::new()
        .merge(sts::routes(rooms.sts.clone()))
        .merge(web_service::routes(rooms.web_service.clone()))
        .merge(offline::routes(rooms.offline.clone()))
        .merge(portal::routes(rooms.portal.clone()))
        .merge(staff::routes(rooms.staff.clone()))
        .merge(board::routes(rooms.board.clone()))
        .merge(imports::routes(rooms))
        .merge(jlis::routes(rooms.jlis.clone()))
        .route("/", get(start::page))
        .route("/openapi.json", get(openapi::served))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_this_way)
        .with_state(base.clone())
        .layer(DefaultBodyLimit::max(LONGEST_BODY));
    own(routes, rooms, config, bound)
        .layer(from_fn_with_state(passage, pass))
        .layer(from_fn_with_state(base.clone(), fault::spoil_replies))
}

/// Answers to the sandbox's own names only.
pub(crate) fn own(routes: Router, rooms: &Rooms, config: &Config, bound: IpAddr) -> Router {
    let base = rooms.base.clone();
    let hosts = Arc::new(Hosts { base, bound, names: config.hosts.clone() });
    routes.layer(from_fn_with_state(hosts, hosts::answer_own))
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

/// Takes in a request if its sender may ask, carries it through to the end even if the caller hangs up, and counts and
/// logs it.
async fn pass(State(passage): State<Arc<Passage>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str);
    let method = name_of(request.method());
    // The names are those of OpenTelemetry.
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    let sender = request.extensions().get::<PeerAddress>().map(|sender| network(sender.0));
    let may = sender.is_none_or(|sender| passage.addresses.take(sender, started));
    let reply = if may && route == imports::PATH {
        passage.carry_on(request, next).instrument(span.clone()).await
    } else if may {
        passage.carry_through(request, next).instrument(span.clone()).await
    } else {
        Reply::from(Refusal::TooManyRequests).at(passage.base.now())
    };
    let status = reply.status().as_u16();
    span.record("http.response.status_code", status);
    let code = reply.extensions().get::<Code>().map_or("", |code| code.0);
    passage.measures.answered(route, method, (status, code), started.elapsed());
    let took = started.elapsed().as_secs_f64();
    span.in_scope(|| tracing::info!(method, path = route, status, code, took, "answered"));
    reply
}

impl Passage {
    /// Takes in a request within its time, and carries it through.
    async fn carry_through(&self, request: Request, next: Next) -> Response {
        let (head, body) = request.into_parts();
        let refused = |refusal| Reply::from(refusal).at(self.base.now());
        let Ok(Some(body)) = tokio::time::timeout(self.body, whole(body)).await else {
            return refused(Refusal::RequestMalformed);
        };
        self.carry_on(Request::from_parts(head, body.into()), next).await
    }

    /// Carries a request through that takes its body in by itself.
    async fn carry_on(&self, request: Request, next: Next) -> Response {
        let refused = |refusal| Reply::from(refusal).at(self.base.now());
        let answer = next.run(request);
        let answer = tokio::spawn(answer.instrument(tracing::Span::current())).await;
        answer.unwrap_or_else(|_| refused(Refusal::ServerFailed))
    }
}

/// A method by one of few names.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "_OTHER",
    }
}

/// Whoever may have many addresses has one network: the first 64 bits of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::from(network.to_be_bytes())
        }
        canonical @ IpAddr::V4(_) => canonical,
    }
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
