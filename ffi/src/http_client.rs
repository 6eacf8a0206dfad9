//! A way to the platform for programs that have no HTTP client of their own; only with the feature `http`.

use std::sync::Mutex;

use kaigotap::flow;
use kaigotap::link::{HttpLink, http};

use crate::failure::{KaigoTapError, unusable};
use crate::http::{Header, HttpError, HttpRequest, HttpResponse, Method};
use crate::reply::Reply;

/// An HTTP client: rustls with `ring`. Follows no redirect, takes at most 1 MiB, and plain HTTP goes to this machine
/// only. An app on a phone uses the system's own client instead.
#[derive(uniffi::Object)]
pub struct HttpClient(Mutex<http::HttpClient>);

#[uniffi::export]
impl HttpClient {
    /// A client that trusts the authorities of the system.
    #[uniffi::constructor]
    pub fn new() -> Result<Self, KaigoTapError> {
        let client = http::HttpClient::new().map_err(|_| unusable("the system's certificates"))?;
        Ok(Self(Mutex::new(client)))
    }

    /// A client that trusts these authorities, DER, and no other.
    #[uniffi::constructor]
    pub fn trusting(roots: Vec<Vec<u8>>) -> Result<Self, KaigoTapError> {
        let roots: Vec<&[u8]> = roots.iter().map(Vec::as_slice).collect();
        let client = http::HttpClient::trusting(&roots).map_err(|_| unusable("a root"))?;
        Ok(Self(Mutex::new(client)))
    }

    /// Sends a request and gives the reply to hand to `resume`. Blocks, for at most 20 seconds; one request at a time.
    pub fn send(&self, request: HttpRequest) -> Reply {
        let request = request.into_core();
        let mut client = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match client.send(&request) {
            Ok(answer) => Reply::Received { response: answer.into() },
            Err(error) => Reply::NotReceived { error: error.into() },
        }
    }
}

impl HttpRequest {
    fn into_core(self) -> flow::HttpRequest {
        let method = match self.method {
            Method::Get => flow::Method::Get,
            Method::Post => flow::Method::Post,
        };
        let request = flow::HttpRequest::new(method, self.url).with_body(self.body);
        self.headers
            .into_iter()
            .fold(request, |request, header| request.with_header(&header.name, header.value))
    }
}

impl From<flow::HttpResponse> for HttpResponse {
    fn from(response: flow::HttpResponse) -> Self {
        let header =
            |(name, value): (&str, &str)| Header { name: name.into(), value: value.into() };
        Self {
            status: response.status,
            headers: response.headers().map(header).collect(),
            body: response.body.to_vec(),
        }
    }
}

impl From<flow::HttpError> for HttpError {
    fn from(error: flow::HttpError) -> Self {
        match error {
            flow::HttpError::Unreachable => Self::Unreachable,
            flow::HttpError::NoAnswer => Self::NoAnswer,
            flow::HttpError::Tls => Self::Tls,
            flow::HttpError::PlainHttp => Self::PlainHttp,
            flow::HttpError::TooLong => Self::TooLong,
            _ => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, name: &str) -> HttpRequest {
        HttpRequest {
            method: Method::Get,
            url: url.to_owned(),
            headers: vec![Header { name: name.to_owned(), value: "x".to_owned() }],
            body: vec![],
        }
    }

    #[test]
    fn plain_http_and_strange_headers_go_nowhere() {
        let client = HttpClient::trusting(vec![]).unwrap();
        let error = |request| match client.send(request) {
            Reply::NotReceived { error } => error,
            other => panic!("{other:?}"),
        };
        assert_eq!(error(request("http://example.org/", "accept")), HttpError::PlainHttp);
        assert_eq!(error(request("http://127.0.0.1:9/", "no name")), HttpError::Failed);
        // Nobody listens on the discard port.
        assert_eq!(error(request("http://127.0.0.1:9/", "accept")), HttpError::Unreachable);
        assert!(HttpClient::trusting(vec![b"no certificate".to_vec()]).is_err());
    }
}
