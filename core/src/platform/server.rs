//! Where the platform is.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::message::{Code, Failure};

/// Longest address taken, characters.
const MOST: usize = 1024;

/// The base address of the platform: `https://host[:port][/path]` without a slash at its end; plain HTTP to this machine
/// only. No user information, query, fragment or control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress(String);

impl ServerAddress {
    /// Takes an address, with a slash at its end or without; `setup_invalid` for what is none.
    pub fn parse(address: impl Into<String>) -> Result<Self, Failure> {
        let mut address = address.into();
        if address.ends_with('/') {
            address.truncate(address.len().saturating_sub(1));
        }
        if is_address(&address) {
            Ok(Self(address))
        } else {
            Err(Failure::new(Code::SetupInvalid).with_detail("server address"))
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_address(address: &str) -> bool {
    let plain = |c: u8| c.is_ascii_graphic() && !matches!(c, b'?' | b'#' | b'@' | b'\\' | b'"');
    if address.len() > MOST || !address.bytes().all(plain) {
        return false;
    }
    let (secure, rest) = match (address.strip_prefix("https://"), address.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return false,
    };
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, Some(path)),
        None => (rest, None),
    };
    if path.is_some_and(|path| {
        path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | ".."))
    }) {
        return false;
    }
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of an IPv6 address in brackets is no port's.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port_fits = |port: &str| {
        port.bytes().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    port.is_none_or(port_fits) && (if secure { is_host(host) } else { is_this_machine(host) })
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    !host.is_empty()
        && host.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_'))
        && host.split('.').all(|label| !label.is_empty())
}

/// Loopback by its number, or `localhost` (RFC 6761 §6.3).
fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .and_then(|host| host.parse::<Ipv6Addr>().ok())
            .is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://platform.example")]
    #[case("https://platform.example:8443/care/v1")]
    #[case("https://192.0.2.7")]
    #[case("https://[2001:db8::7]:8443")]
    #[case("http://127.0.0.1:8080")]
    #[case("http://localhost:8080")]
    #[case("http://[::1]:8080")]
    fn an_address_is_taken(#[case] address: &str) {
        assert_eq!(ServerAddress::parse(address).unwrap().as_str(), address);
    }

    #[rstest]
    #[case("https://platform.example/", "https://platform.example")]
    #[case("https://platform.example/v1/", "https://platform.example/v1")]
    #[case("http://127.0.0.1:8080/", "http://127.0.0.1:8080")]
    fn a_slash_at_its_end_is_not_of_it(#[case] typed: &str, #[case] address: &str) {
        assert_eq!(ServerAddress::parse(typed).unwrap().as_str(), address);
    }

    #[rstest]
    #[case("http://evil.example")]
    #[case("http://127.0.0.1.nip.example")]
    #[case("http://localhost.")]
    #[case("http://0x7f.1")]
    #[case("http://192.0.2.7")]
    #[case("http://[2001:db8::7]")]
    #[case("https://a\r\nb")]
    #[case("https://a b")]
    #[case("https://user@platform.example")]
    #[case("https://platform.example//")]
    #[case("https://platform.example//v1")]
    #[case("https://platform.example/a/../b")]
    #[case("https://platform.example?x")]
    #[case("https://platform.example#x")]
    #[case("https://platform..example")]
    #[case("https://platform.example:0")]
    #[case("https://platform.example:65536")]
    #[case("https://platform.example:")]
    #[case("https://プラットフォーム.example")]
    #[case("https://")]
    #[case("ftp://platform.example")]
    #[case("platform.example")]
    #[case("")]
    fn what_would_carry_a_token_elsewhere_is_refused(#[case] address: &str) {
        let failure = ServerAddress::parse(address).unwrap_err();
        assert_eq!((failure.code(), &*failure.detail()), (Code::SetupInvalid, "server address"));
    }
}
