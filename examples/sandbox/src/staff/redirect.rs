//! Where a browser may be sent back to, and how.

/// The app's own (RFC 8252 §7.1).
const APP: &str = "jp.kaigotap.app:/callback";
/// A program on the same machine, at a port that it finds free (RFC 8252 §7.3).
const LOOPBACK: [&str; 2] = ["http://127.0.0.1:", "http://[::1]:"];
const LOOPBACK_PATH: &str = "/callback";

/// Whether an address is one of the app's, or exactly one of those further ones.
pub(crate) fn is_ours(address: &str, further: &[String]) -> bool {
    address == APP || is_loopback(address) || further.iter().any(|ours| ours == address)
}

fn is_loopback(address: &str) -> bool {
    let port = LOOPBACK
        .iter()
        .find_map(|host| address.strip_prefix(host))
        .and_then(|rest| rest.strip_suffix(LOOPBACK_PATH));
    // As a number is written, so that one address has one form.
    port.is_some_and(|port| {
        port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port)
    })
}

/// The address with parameters. Ours have neither query nor fragment.
pub(crate) fn with(address: &str, parameters: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{address}?{query}")
}

/// What a page's policy has to name, so that its form may end there (CSP 3 §6.4.2.1): scheme, host and port, or a scheme.
pub(crate) fn origin(address: &str) -> &str {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.find('/').unwrap_or(rest.len());
            address.get(..scheme.len() + 3 + host).unwrap_or_default()
        }
        None => address.split_inclusive(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_addresses_and_loopback_at_any_port() {
        let further = ["https://isv.example/signed-in".to_owned()];
        for good in [
            "jp.kaigotap.app:/callback",
            "http://127.0.0.1:1/callback",
            "http://[::1]:65535/callback",
            "https://isv.example/signed-in",
        ] {
            assert!(is_ours(good, &further), "{good}");
        }
        for bad in [
            "",
            "jp.kaigotap.app:/callback/",
            "jp.kaigotap.app:/callback?x=1",
            "JP.kaigotap.app:/callback",
            "http://127.0.0.1/callback",
            "http://127.0.0.1:/callback",
            "http://127.0.0.1:0/callback",
            "http://127.0.0.1:080/callback",
            "http://127.0.0.1:+80/callback",
            "http://127.0.0.1:65536/callback",
            "http://127.0.0.1:80/callback#",
            "http://127.0.0.1:80/callback?",
            "http://127.0.0.1:80/other",
            "http://127.0.0.1:80@evil.example/callback",
            "http://127.0.0.1:80/@evil.example/callback",
            "http://127.0.0.2:80/callback",
            "http://localhost:80/callback",
            "https://127.0.0.1:80/callback",
            "https://isv.example/signed-in/",
            "https://isv.example/signed-in?x",
            "https://isv.example.evil.example/signed-in",
            "javascript:alert(1)//callback",
        ] {
            assert!(!is_ours(bad, &further), "{bad}");
        }
    }

    #[test]
    fn a_policy_names_where_a_form_ends() {
        assert_eq!(origin("jp.kaigotap.app:/callback"), "jp.kaigotap.app:");
        assert_eq!(origin("http://[::1]:8/callback"), "http://[::1]:8");
        assert_eq!(origin("https://isv.example"), "https://isv.example");
    }
}
