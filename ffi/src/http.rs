//! Requests to the platform and its answers.

use kaigotap::flow;
use zeroize::Zeroizing;

use crate::{hidden, mirror};

mirror! {
    /// The methods the platform uses.
    Method from flow::Method, else Get {
        /// `GET`
        Get,
        /// `POST`
        Post,
    }
}

/// One HTTP request to the platform. Follow no redirect, and bring back at most 1 MiB.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Absolute address. No secret is ever in it.
    pub url: String,
    /// Headers. They hold tokens: never log them.
    pub headers: Vec<Header>,
    /// Body; empty for `GET`.
    pub body: Vec<u8>,
}

/// One header of a request or of an answer.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Header {
    /// Name, in small letters in a request; in an answer, as the server wrote it.
    pub name: String,
    /// Value.
    pub value: String,
}
/// The server's answer.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Headers, all of them. More than 64, or more than 16 KiB of them, are no answer but `TooLong`.
    pub headers: Vec<Header>,
    /// Body, at most 1 MiB: an app stops there and says `TooLong`.
    pub body: Vec<u8>,
}
hidden!(Header HttpRequest HttpResponse);

mirror! {
    /// Why there is no answer from the server.
    HttpError of flow::HttpError {
        /// No connection to the server.
        Unreachable,
        /// The connection broke or timed out after the request may have arrived.
        NoAnswer,
        /// The server's TLS certificate is not trusted, or TLS failed.
        Tls,
        /// Plain HTTP to a host that is not this machine.
        PlainHttp,
        /// The answer is longer than 1 MiB, or its headers are too many or too long.
        TooLong,
        /// Another failure of the app's client.
        Failed,
    }
}

/// Longest body taken.
const LONGEST_BODY: usize = 1 << 20;

impl HttpResponse {
    pub(crate) fn into_core(self) -> Result<flow::HttpResponse, flow::HttpError> {
        let body = Zeroizing::new(self.body);
        if body.len() > LONGEST_BODY {
            return Err(flow::HttpError::TooLong);
        }
        let headers = self.headers.into_iter().map(|header| (header.name, header.value));
        flow::HttpResponse::new(self.status, body).with_headers(headers)
    }
}

impl From<flow::HttpRequest> for HttpRequest {
    fn from(request: flow::HttpRequest) -> Self {
        let header = |(name, value): &(String, Zeroizing<String>)| Header {
            name: name.clone(),
            value: value.as_str().to_owned(),
        };
        Self {
            method: request.method.into(),
            headers: request.headers.iter().map(header).collect(),
            body: request.body.to_vec(),
            url: request.url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_arrives_with_all_its_headers() {
        let header = |name: &str, value: &str| Header { name: name.into(), value: value.into() };
        let headers = vec![header("DPoP-Nonce", "n"), header("X-A", "1"), header("x-a", "2")];
        let answer = HttpResponse { status: 401, headers, body: b"{}".to_vec() };
        let answer = answer.into_core().unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (401, &b"{}"[..]));
        let headers: Vec<_> = answer.headers().collect();
        assert_eq!(headers, [("dpop-nonce", "n"), ("x-a", "1"), ("x-a", "2")]);
    }
}
