//! An HTTP client: reqwest, with rustls and ring.

mod tls;

pub use tls::Pin;

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Proxy, Url};
use tokio::runtime::{Builder, Runtime};
use zeroize::Zeroizing;

use tls::{Identity, Trust};

use super::{DeviceKey, HttpLink};
use crate::flow::{EntryName, HttpError, HttpRequest, HttpResponse, Method};

/// Longest answer taken, bytes.
const MAX_BODY: usize = 1024 * 1024;
/// How long one request may take in all, from its first byte to the last of the answer.
const LIMIT: Duration = Duration::from_secs(20);
/// How long connecting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(8);

/// The built-in HTTP client. Plain HTTP goes to this machine only; redirects are not followed; proxies of the system are
/// not used, but one that is named. One request takes at most 20 seconds, however slowly a server drips. It blocks, so it does not belong on a
/// thread that runs an async executor.
pub struct HttpClient {
    client: Client,
    /// A thread of its own, so that pooled connections are looked after between requests.
    runtime: Runtime,
    limit: Duration,
}

/// The HTTP client cannot be set up: the system's certificate store cannot be read, a given root is no certificate, the
/// proxy no address, or the system gives no thread.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up")]
pub struct SetupError(#[source] Box<dyn Error + Send + Sync>);

/// How a client is made. `Debug` says nothing of it.
pub struct HttpClientBuilder {
    trust: Trust,
    identity: Option<Identity>,
    proxy: Option<String>,
    limit: Duration,
}

impl std::fmt::Debug for HttpClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HttpClientBuilder")
    }
}

impl HttpClientBuilder {
    /// Trust these authorities (DER), and no other. Without, those of the system are trusted.
    #[must_use]
    pub fn trusting(mut self, roots: &[&[u8]]) -> Self {
        self.trust.roots = Some(roots.iter().map(|root| root.to_vec()).collect());
        self
    }

    /// Beside all other checks, the server's key has to be one of two: the present one, and the one that will follow it
    /// or lies in a safe.
    #[must_use]
    pub fn pinned(mut self, present: Pin, backup: Pin) -> Self {
        self.trust.pins = Some([present, backup]);
        self
    }

    /// TLS 1.3 (RFC 8446) and nothing older.
    #[must_use]
    pub fn only_tls13(mut self) -> Self {
        self.trust.only_tls13 = true;
        self
    }

    /// Show a server that asks who this is the certificate of this device (DER, its own first; RFC 8705). Its P-256 key
    /// stays in its store, which is asked to sign under this name at each handshake. A client with a certificate is for
    /// one facility: another one has a client, and with it connections, of its own.
    #[must_use]
    pub fn identified(
        mut self,
        chain: &[&[u8]],
        key: impl DeviceKey + Send + 'static,
        name: &EntryName,
    ) -> Self {
        let chain = chain.iter().map(|certificate| certificate.to_vec()).collect();
        let (key, name) = (Box::new(key), name.as_str().to_owned());
        self.identity = Some(Identity { chain, key, name });
        self
    }

    /// Reach servers through this proxy: `http://host:port`, with `user:password@` if it wants that. It passes on what
    /// it cannot read; what goes to this machine in the clear does not go there.
    #[must_use]
    pub fn through(mut self, proxy: &str) -> Self {
        self.proxy = Some(proxy.to_owned());
        self
    }

    /// With another limit of time for one request in all; 20 seconds otherwise.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The client.
    pub fn build(self) -> Result<HttpClient, SetupError> {
        let other = |error: reqwest::Error| SetupError(error.into());
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_LIMIT)
            .user_agent(concat!("kaigotap/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls::config(&self.trust, self.identity)?);
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(Proxy::https(proxy).map_err(other)?);
        }
        let client = builder.build().map_err(other)?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| SetupError(error.into()))?;
        Ok(HttpClient { client, runtime, limit: self.limit })
    }
}

impl HttpClient {
    /// A client that trusts the authorities of the system.
    pub fn new() -> Result<Self, SetupError> {
        Self::builder().build()
    }

    /// A client that trusts these authorities (DER), and no other. With none it speaks to this machine only, and needs
    /// no certificate store.
    pub fn trusting(roots: &[&[u8]]) -> Result<Self, SetupError> {
        Self::builder().trusting(roots).build()
    }

    /// For a client with more choices.
    pub fn builder() -> HttpClientBuilder {
        HttpClientBuilder {
            trust: Trust { roots: None, pins: None, only_tls13: false },
            identity: None,
            proxy: None,
            limit: LIMIT,
        }
    }

    /// With another limit of time for one request in all; 20 seconds otherwise.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn exchange(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.url).map_err(|_| HttpError::Failed)?;
        if url.scheme() != "https" && !is_this_machine(&url) {
            return Err(HttpError::PlainHttp);
        }
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut sending = self.client.request(method, url);
        for (name, value) in &request.headers {
            sending = sending.header(name, value.as_str());
        }
        let sent = sending.body(request.body.to_vec()).send().await;
        let mut answer = sent.map_err(|error| kind_of(&error))?;
        let status = answer.status().as_u16();
        // What is no text is nothing that this library reads.
        let headers: Vec<(String, String)> = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Zeroizing::new(Vec::new());
        while let Some(piece) = answer.chunk().await.map_err(|_| HttpError::NoAnswer)? {
            if body.len().saturating_add(piece.len()) > MAX_BODY {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&piece);
        }
        HttpResponse::new(status, body).with_headers(headers)
    }
}

impl HttpLink for HttpClient {
    fn send(&mut self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let within = async { tokio::time::timeout(self.limit, self.exchange(request)).await };
        self.runtime.block_on(within).unwrap_or(Err(HttpError::NoAnswer))
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
