//! An HTTP client: reqwest, with rustls and ring.

use std::error::Error;
use std::io::Read;
use std::time::Duration;

use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Url};
use zeroize::Zeroizing;

use super::HttpLink;
use crate::flow::{HttpError, HttpRequest, HttpResponse, Method};

/// Longest answer taken, bytes.
const MAX_BODY: u64 = 1024 * 1024;
/// How long one request may take in all.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);

/// The built-in HTTP client. Plain HTTP goes to this machine only; redirects are not followed; proxies of the system are
/// not used. It blocks, so it does not belong on a thread that runs an async executor.
pub struct HttpClient(Client);

/// The HTTP client cannot be set up: the system's certificate store cannot be read, or a given root is no certificate.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up")]
pub struct SetupError(#[source] reqwest::Error);

impl HttpClient {
    /// A client that trusts the authorities of the system.
    pub fn new() -> Result<Self, SetupError> {
        Self::build(None)
    }

    /// A client that trusts these authorities (DER), and no other. With none it speaks to this machine only, and needs
    /// no certificate store.
    pub fn trusting(roots: &[&[u8]]) -> Result<Self, SetupError> {
        Self::build(Some(roots))
    }

    fn build(roots: Option<&[&[u8]]>) -> Result<Self, SetupError> {
        // ring is named here, so whether another part of the program installed a default provider does not matter.
        let _ = rustls::crypto::CryptoProvider::install_default(
            rustls::crypto::ring::default_provider(),
        );
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("kaigotap/", env!("CARGO_PKG_VERSION")));
        if let Some(roots) = roots {
            let roots: Result<Vec<_>, _> =
                roots.iter().map(|der| Certificate::from_der(der)).collect();
            builder = builder.tls_certs_only(roots.map_err(SetupError)?);
        }
        builder.build().map(Self).map_err(SetupError)
    }
}

impl HttpLink for HttpClient {
    fn send(&mut self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.url).map_err(|_| HttpError::Failed)?;
        if url.scheme() != "https" && !is_this_machine(&url) {
            return Err(HttpError::PlainHttp);
        }
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut sending = self.0.request(method, url);
        for (name, value) in &request.headers {
            sending = sending.header(*name, value.as_str());
        }
        let answer = sending.body(request.body.to_vec()).send().map_err(|error| kind_of(&error))?;
        let status = answer.status().as_u16();
        let mut body = Zeroizing::new(Vec::new());
        answer
            .take(MAX_BODY.saturating_add(1))
            .read_to_end(&mut body)
            .map_err(|_| HttpError::NoAnswer)?;
        if body.len() as u64 > MAX_BODY {
            return Err(HttpError::TooLong);
        }
        Ok(HttpResponse { status, body })
    }
}

/// Whether an address is on this machine: loopback by its number, or `localhost` (RFC 6761 §6.3).
fn is_this_machine(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host_str() {
            Some("localhost") => true,
            Some(host) => host
                .trim_start_matches('[')
                .trim_end_matches(']')
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback()),
            None => false,
        }
}

fn kind_of(error: &reqwest::Error) -> HttpError {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = cause {
        if inner.is::<rustls::Error>() {
            return HttpError::Tls;
        }
        // An io::Error hides what it wraps from source(), and the TLS stack wraps more than once.
        cause = match inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => inner.source(),
        };
    }
    if error.is_connect() {
        HttpError::Unreachable
    } else if error.is_builder() {
        HttpError::Failed
    } else {
        HttpError::NoAnswer
    }
}
