//! The names a sandbox answers to. A page that had its own name point here is not answered: it would read what only
//! programs of this machine may.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::uri::{Authority, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::base::Base;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;

/// The address it listens on, and further names.
pub(crate) struct Hosts {
    pub(crate) base: Arc<Base>,
    pub(crate) bound: IpAddr,
    pub(crate) names: Vec<String>,
}

/// Refuses a request that was meant for somebody else.
pub(crate) async fn answer_own(
    State(hosts): State<Arc<Hosts>>,
    request: Request,
    next: Next,
) -> Response {
    if called(&request).is_some_and(|host| hosts.own(host.host())) {
        next.run(request).await
    } else {
        Reply::from(Refusal::RequestMalformed).at(hosts.base.now())
    }
}

/// Whom a request names (RFC 9112 §3.2), once.
fn called(request: &Request) -> Option<Authority> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = Authority::try_from(hosts.next()?.as_bytes()).ok()?;
    let target = request.uri().authority().is_none_or(|target| *target == host);
    (hosts.next().is_none() && target).then_some(host)
}

impl Hosts {
    fn own(&self, host: &str) -> bool {
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        if let Ok(address) = address.unwrap_or(host).parse::<IpAddr>() {
            // No page can have an address as its name, unless it is served from there.
            return address.is_loopback() || address == self.bound || self.bound.is_unspecified();
        }
        let is = |name: &str| name.eq_ignore_ascii_case(host);
        let issuer = self.base.issuer.parse::<Uri>().ok();
        is("localhost")
            || issuer.as_ref().and_then(Uri::host).is_some_and(is)
            || self.names.iter().any(|name| is(name))
    }
}
