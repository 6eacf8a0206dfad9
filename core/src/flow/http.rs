//! Requests to the platform and its answers.

use std::fmt;

use zeroize::Zeroizing;

/// Most headers taken from an answer.
const MOST_HEADERS: usize = 64;
/// Most bytes of names and values of headers taken from an answer.
const MOST_HEADER_BYTES: usize = 16 * 1024;

/// The methods the platform uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

impl Method {
    /// As it stands in the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// One HTTP request. No secret is ever in its address; `Debug` shows neither headers nor body.
#[non_exhaustive]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Absolute address.
    pub url: String,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, Zeroizing<String>)>,
    /// Body; empty for `GET`.
    pub body: Zeroizing<Vec<u8>>,
}

impl HttpRequest {
    /// A request without headers or body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: Zeroizing::default() }
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<Zeroizing<String>>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// With this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        self.body = body.into();
        self
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpRequest({} {} ..)", self.method.as_str(), self.url)
    }
}

/// The server's answer. `Debug` shows its status only.
#[non_exhaustive]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Body, at most 1 MiB: a driver stops there.
    pub body: Zeroizing<Vec<u8>>,
    headers: Vec<(String, String)>,
}

impl HttpResponse {
    /// An answer without headers.
    pub fn new(status: u16, body: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        Self { status, body: body.into(), headers: Vec::new() }
    }

    /// With these headers, in any case of letters. More than 64, or more than 16 KiB of them, are
    /// [`HttpError::TooLong`].
    pub fn with_headers<N, V>(
        mut self,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, HttpError>
    where
        N: AsRef<str>,
        V: Into<String>,
    {
        let mut bytes = 0_usize;
        for (name, value) in headers {
            let header = (name.as_ref().to_ascii_lowercase(), value.into());
            bytes = bytes.saturating_add(header.0.len()).saturating_add(header.1.len());
            if self.headers.len() >= MOST_HEADERS || bytes > MOST_HEADER_BYTES {
                return Err(HttpError::TooLong);
            }
            self.headers.push(header);
        }
        Ok(self)
    }

    /// The value of a header (name in lower case); `None` where it is absent or stands there more than once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other == name);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value.as_str())
    }

    /// All headers: names in lower case, and values.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpResponse({} ..)", self.status)
    }
}

/// Why there is no answer from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// No connection to the server.
    #[error("the server cannot be reached")]
    Unreachable,
    /// The connection broke or timed out after the request may have arrived.
    #[error("the server did not answer")]
    NoAnswer,
    /// The server's TLS certificate is not trusted, or TLS failed.
    #[error("the secure connection to the server failed")]
    Tls,
    /// Plain HTTP to a host that is not this machine.
    #[error("plain HTTP is allowed on this machine only")]
    PlainHttp,
    /// The answer is longer than 1 MiB, or its headers are too many or too long.
    #[error("the server's answer is too long")]
    TooLong,
    /// Another failure of the driver.
    #[error("the request failed")]
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case_and_only_where_they_are_clear() {
        let answer = HttpResponse::new(401, vec![])
            .with_headers([("DPoP-Nonce", "n"), ("retry-after", "1"), ("Retry-After", "2")])
            .unwrap();
        assert_eq!(answer.header("dpop-nonce"), Some("n"));
        assert_eq!(answer.header("retry-after"), None);
        assert_eq!(answer.header("date"), None);
        assert_eq!(answer.headers().count(), 3);
    }

    #[test]
    fn headers_without_end_are_no_answer() {
        let many = (0..65).map(|n| (format!("x-{n}"), "v"));
        let long = [("x", "v".repeat(MOST_HEADER_BYTES))];
        let answer = || HttpResponse::new(200, vec![]);
        assert_eq!(answer().with_headers(many).unwrap_err(), HttpError::TooLong);
        assert_eq!(answer().with_headers(long).unwrap_err(), HttpError::TooLong);
        assert!(answer().with_headers((0..64).map(|n| (format!("x-{n}"), "v"))).is_ok());
    }
}
