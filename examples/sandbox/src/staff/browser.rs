//! What a browser brings with it, and what it is given.

use axum::http::{HeaderMap, HeaderValue, header};
use ring::hmac;

use super::Staff;
use crate::base::jws::{base64url, sha256};
use crate::base::keys::random;
use crate::base::refusal::Refusal;

/// Which browser it is, so that no other page sends its forms; and who has signed in with it.
const BROWSER: &str = "kaigotap-browser";
const SESSION: &str = "kaigotap-staff";
/// Length of a cookie: 32 random bytes in base64url.
const LENGTH: usize = 43;

/// A value that only its browser knows.
pub(crate) struct Cookie(String);

impl Cookie {
    pub(crate) fn new() -> Result<Self, Refusal> {
        Ok(Self(base64url(&random::<32>()?)))
    }

    /// What is kept of it.
    pub(crate) fn digest(&self) -> Vec<u8> {
        sha256(self.0.as_bytes())
    }
}

/// The languages a page can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Japanese,
    English,
}

impl Language {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }

    /// The one that the client asked for, or the one that the browser's owner likes best (RFC 9110 §12.5.4); Japanese if
    /// that is neither.
    pub(crate) fn of(asked: &str, headers: &HeaderMap) -> Self {
        let named = |tag: &str| {
            let tag = tag.split('-').next().unwrap_or_default().trim().to_ascii_lowercase();
            [Self::Japanese, Self::English].into_iter().find(|language| language.code() == tag)
        };
        if let Some(language) = named(asked) {
            return language;
        }
        let liked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let weighed = liked.unwrap_or_default().split(',').take(32).filter_map(|range| {
            let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
            let weight: f32 = weight.trim().parse().ok().filter(|weight| *weight > 0.0)?;
            Some((named(tag.trim())?, weight))
        });
        // The first of those that are liked best.
        let best = weighed.fold(None, |best: Option<(Self, f32)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        });
        best.map_or(Self::Japanese, |(language, _)| language)
    }
}

impl Staff {
    /// The cookie that says which browser this is.
    pub(crate) fn browser(&self, headers: &HeaderMap) -> Option<Cookie> {
        self.cookie(headers, BROWSER)
    }

    /// The cookie of whoever has signed in with it.
    pub(crate) fn signed_in(&self, headers: &HeaderMap) -> Option<Cookie> {
        self.cookie(headers, SESSION)
    }

    pub(crate) fn set_browser(&self, cookie: &Cookie) -> Option<HeaderValue> {
        self.set(BROWSER, cookie)
    }

    pub(crate) fn set_signed_in(&self, cookie: &Cookie) -> Option<HeaderValue> {
        self.set(SESSION, cookie)
    }

    /// What a form of ours has to bring with it: nobody makes it but for this browser and this request.
    pub(crate) fn form_token(&self, browser: &Cookie, request_uri: &str) -> String {
        let bound = [browser.0.as_bytes(), &[0], request_uri.as_bytes()].concat();
        base64url(hmac::sign(&self.forms, &bound).as_ref())
    }

    /// Whether a form is ours: filled in by this browser, for this request, on our page.
    pub(crate) fn is_our_form(&self, headers: &HeaderMap, request_uri: &str, token: &str) -> bool {
        let from = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        if from.is_some_and(|origin| origin != self.base.issuer.as_bytes()) {
            return false;
        }
        let Some(browser) = self.browser(headers) else { return false };
        let ours = sha256(self.form_token(&browser, request_uri).as_bytes());
        // Digests, so that nothing of the token is learned from how long it takes.
        ours == sha256(token.as_bytes())
    }

    fn is_secure(&self) -> bool {
        self.base.issuer.starts_with("https://")
    }

    /// A cookie that is of this host alone, where the browser can be told so.
    fn name(&self, name: &str) -> String {
        if self.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn cookie(&self, headers: &HeaderMap, name: &str) -> Option<Cookie> {
        let name = self.name(name);
        let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs =
            values.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
        let mut ours =
            pairs.filter(|(known, _)| known.trim() == name).map(|(_, value)| value.trim());
        let value = ours.next()?;
        let fits = value.len() == LENGTH
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        // Two of one name: one of them was put there by somebody else.
        (fits && ours.next().is_none()).then(|| Cookie(value.to_owned()))
    }

    fn set(&self, name: &str, cookie: &Cookie) -> Option<HeaderValue> {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let (name, value) = (self.name(name), &cookie.0);
        let set = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(set).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_in_the_language_that_is_liked_best() {
        let of = |asked, liked: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(liked));
            Language::of(asked, &headers).code()
        };
        for (asked, liked, language) in [
            ("", "", "ja"),
            ("", "en-GB,en;q=0.9", "en"),
            ("", "en;q=0.3, ja;q=0.8", "ja"),
            ("", "EN-us;q=1.0, ja;q=1.0", "en"),
            ("", "fr, en;q=0.1", "en"),
            ("", "fr, en;q=0", "ja"),
            ("", "xx;q=abc,;;,=,q", "ja"),
            ("ja", "en", "ja"),
            ("en", "ja", "en"),
        ] {
            assert_eq!(of(asked, liked), language, "{asked} {liked}");
        }
        assert_eq!(Language::of("", &HeaderMap::new()), Language::Japanese);
    }
}
