//! The platform's public keys (RFC 7517), and how often they are fetched.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::message::{Code, Failure};
use crate::platform::PublicKey;

/// Most keys taken.
const MOST: usize = 32;

/// Keys with which the platform signs access tokens: its `jwks_uri`.
#[derive(Clone)]
pub struct KeySet(Vec<(String, PublicKey)>);

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

/// A member that stands twice is denied; others are allowed (RFC 7517 §4).
#[derive(Deserialize)]
struct Member {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    /// What a private or a symmetric key has.
    d: Option<Value>,
    k: Option<Value>,
}

impl KeySet {
    /// Reads a JWK set. Keys of other kinds than P-256 for ES256 are left out (RFC 7517 §5); a set without any that is
    /// left, with a secret in it or with a name that stands for two keys is `server_answer_invalid`.
    pub fn parse(json: &[u8]) -> Result<Self, Failure> {
        Self::read(json).ok_or_else(|| Failure::new(Code::ServerAnswerInvalid).with_detail("keys"))
    }

    fn read(json: &[u8]) -> Option<Self> {
        let set: Set = super::object(json)?;
        if set.keys.len() > MOST {
            return None;
        }
        let mut keys: Vec<(String, PublicKey)> = Vec::new();
        for key in set.keys {
            let key: Member = serde_json::from_value(key).ok()?;
            if key.d.is_some() || key.k.is_some() {
                return None;
            }
            let fits = key.kty == "EC"
                && key.crv.as_deref() == Some("P-256")
                && key.usage.is_none_or(|usage| usage == "sig")
                && key.alg.is_none_or(|alg| alg == "ES256");
            if !fits {
                continue;
            }
            let public = PublicKey::of_coordinates(&key.x?, &key.y?)?;
            let name = key.kid.unwrap_or_else(|| public.thumbprint());
            if keys.iter().any(|(other, _)| *other == name) {
                return None;
            }
            keys.push((name, public));
        }
        (!keys.is_empty()).then_some(Self(keys))
    }

    pub(super) fn find(&self, name: &str) -> Option<&PublicKey> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, key)| key)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Keeps keys from being fetched at the will of whoever sends tokens with names of keys that do not exist.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace(Option<Timestamp>);

impl Pace {
    /// Least time between two fetches.
    const LEAST: SignedDuration = SignedDuration::from_secs(60);

    /// Keys were just fetched.
    pub fn fetched(now: Timestamp) -> Self {
        Self(Some(now))
    }

    /// Whether they may be fetched again; a `true` counts as a fetch, whatever comes of it.
    pub fn may_fetch(&mut self, now: Timestamp) -> bool {
        // A clock that was set back is no reason to wait for ever.
        let waited = |last: Timestamp| now.duration_since(last).abs() >= Self::LEAST;
        let due = self.0.is_none_or(waited);
        if due {
            self.0 = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the examples of RFC 9449, and its thumbprint (§6.1).
    const KEY: &str = r#""kty":"EC","crv":"P-256","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA""#;
    const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    fn names(keys: &str) -> Option<Vec<String>> {
        let set = KeySet::parse(format!(r#"{{"keys":[{keys}]}}"#).as_bytes()).ok()?;
        Some(set.0.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn keys_for_this_are_taken_and_others_left_out() {
        let named = format!(r#"{{{KEY},"kid":"a","use":"sig","alg":"ES256","x5t":"b"}}"#);
        assert_eq!(names(&named).unwrap(), ["a"]);
        assert_eq!(names(&format!("{{{KEY}}}")).unwrap(), [THUMBPRINT]);
        let others =
            r#"{"kty":"RSA","n":"AQ","e":"AQAB"},{"kty":"EC","crv":"P-384"},{"kty":"AKP"}"#;
        assert_eq!(names(&format!("{others},{{{KEY}}}")).unwrap(), [THUMBPRINT]);
        let encryption = format!(r#"{{{KEY},"use":"enc","kid":"b"}}"#);
        assert_eq!(names(&format!("{encryption},{named}")).unwrap(), ["a"]);
        assert_eq!(names(&encryption), None);
    }

    #[test]
    fn a_set_that_cannot_be_trusted_is_none() {
        for keys in [
            String::new(),
            format!(r#"{{{KEY},"d":"AAAA"}}"#),
            format!(r#"{{{KEY}}},{{"kty":"oct","k":"AAAA"}}"#),
            format!("{{{KEY}}},{{{KEY}}}"),
            // Not on the curve.
            format!("{{{}}}", KEY.replace("l8tF", "l8tE")),
            format!(r#"{{{KEY},"kid":7}}"#),
            vec![r#"{"kty":"RSA"}"#; 33].join(","),
        ] {
            assert_eq!(names(&keys), None, "{keys}");
        }
        for json in ["", "{}", "[]", "[[]]", r#"{"keys":{}}"#, "null"] {
            assert_eq!(
                KeySet::parse(json.as_bytes()).unwrap_err().code(),
                Code::ServerAnswerInvalid
            );
        }
    }

    #[test]
    fn keys_are_fetched_once_a_minute_at_most() {
        let at = |seconds: i64| Timestamp::from_second(1_700_000_000 + seconds).unwrap();
        let mut pace = Pace::fetched(at(0));
        assert!(!pace.may_fetch(at(59)) && pace.may_fetch(at(60)) && !pace.may_fetch(at(61)));
        assert!(pace.may_fetch(at(-60)), "the clock was set back");
        assert!(Pace::default().may_fetch(at(0)));
    }
}
