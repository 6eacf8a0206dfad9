//! Addresses of requests in normal form, so that two ways of writing one are the same (RFC 3986 §6.2.2 and §6.2.3).

use std::fmt::Write as _;

use crate::message::{Code, Failure};
use crate::platform::ServerAddress;

/// Longest address taken, in characters.
const MOST: usize = 8 * 1024;

/// An address without query and fragment, in normal form.
#[derive(PartialEq, Eq)]
pub(super) struct Address {
    /// Scheme, host and port, `https://a.example`.
    origin: String,
    /// From the slash on.
    path: String,
}

impl Address {
    /// That of a server.
    pub(super) fn of_server(address: &ServerAddress) -> Result<Self, Failure> {
        Self::read(address.as_str())
            .ok_or_else(|| Failure::new(Code::SetupInvalid).with_detail("server address"))
    }

    /// What a path names at this server; `None` for what is no path.
    pub(super) fn with_path(&self, path: &str) -> Option<Self> {
        let base = self.path.trim_end_matches('/');
        let path = normal_path(&[base, without_query(path)].concat())?;
        Some(Self { origin: self.origin.clone(), path })
    }

    /// Reads an address; `None` for what is no address of a web server, or names a user.
    pub(super) fn read(text: &str) -> Option<Self> {
        let plain = |c: u8| c.is_ascii_graphic() && !matches!(c, b'"' | b'<' | b'>' | b'\\');
        if text.len() > MOST || !text.bytes().all(plain) {
            return None;
        }
        let (scheme, rest) = without_query(text).split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let ordinary = match scheme.as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(ordinary).unwrap_or(&authority);
        let authority = authority.strip_suffix(':').unwrap_or(authority);
        if authority.is_empty() || authority.contains(['@', '%']) {
            return None;
        }
        let path = if path.is_empty() { "/" } else { path };
        Some(Self { origin: format!("{scheme}://{authority}"), path: normal_path(path)? })
    }
}

fn without_query(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

/// A path with each character written the one way (RFC 3986 §6.2.2.2) and without `.` and `..` (§5.2.4).
fn normal_path(path: &str) -> Option<String> {
    let written = normal_characters(path)?;
    let mut parts: Vec<&str> = Vec::new();
    let mut names_folder = false;
    for part in written.strip_prefix('/')?.split('/') {
        names_folder = matches!(part, "." | "..");
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if names_folder {
        parts.push("");
    }
    Some(format!("/{}", parts.join("/")))
}

/// With nothing escaped that need not be, and what is escaped in capitals.
fn normal_characters(path: &str) -> Option<String> {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            normal.push(c);
            continue;
        }
        let high = rest.next()?.to_digit(16)?;
        let low = rest.next()?.to_digit(16)?;
        let byte = u8::try_from(high << 4 | low).ok()?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            normal.push(char::from(byte));
        } else {
            let _ = write!(normal, "%{byte:02X}");
        }
    }
    Some(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        let ours = Address::read("https://a.example/v1/care~plans");
        assert!(ours.is_some());
        for same in [
            "HTTPS://A.Example/v1/care~plans",
            "https://a.example:443/v1/care~plans",
            "https://a.example:/v1/care~plans",
            "https://a.example/v1/care~plans?x=1/../y",
            "https://a.example/v1/care~plans#x",
            "https://a.example/v1/./care~plans",
            "https://a.example/v0/../v1/care~plans",
            "https://a.example/v1/c%61re%7Eplans",
        ] {
            assert!(Address::read(same) == ours, "{same}");
        }
        for other in [
            "https://a.example/v1/Care~plans",
            "https://a.example/v1/care~plans/",
            "https://a.example//v1/care~plans",
            "https://a.example/v1%2Fcare~plans",
            "https://a.example:8443/v1/care~plans",
            "https://a.example:80/v1/care~plans",
            "http://a.example/v1/care~plans",
            "https://b.example/v1/care~plans",
            "https://x@a.example/v1/care~plans",
            "https:/a.example/v1/care~plans",
            "https:///a.example/v1/care~plans",
            "https:a.example/v1/care~plans",
            "https://a.example\\v1/care~plans",
            " https://a.example/v1/care~plans",
            "https://a.example/v1/care~plans%",
            "https://a.example/v1/care~plans%4",
            "https://a%2eexample/v1/care~plans",
            "ftp://a.example/v1/care~plans",
            "/v1/care~plans",
            "",
        ] {
            assert!(Address::read(other) != ours, "{other}");
        }
    }

    #[test]
    fn a_request_is_for_a_path_of_the_server_that_was_set_up() {
        let server = |text| Address::of_server(&ServerAddress::parse(text).unwrap()).unwrap();
        let at = |text, path| server(text).with_path(path);
        assert!(at("https://a.example", "/x") == Address::read("https://a.example/x"));
        assert!(at("https://a.example", "/x?y=1") == Address::read("https://a.example/x"));
        assert!(at("https://A.example:443/b", "/x") == Address::read("https://a.example/b/x"));
        assert!(at("https://a.example", "/é%C3%A9/..").is_some());
        for none in ["", "x", "*", "/%zz", "https://evil.example/x"] {
            assert!(at("https://a.example", none).is_none(), "{none}");
        }
        assert!(at("https://a.example", "/b/../x") == Address::read("https://a.example/x"));
        assert!(at("https://a.example", "/b/..") == Address::read("https://a.example/"));
    }
}
