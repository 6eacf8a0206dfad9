//! How a verdict is shown: as JSON and as a sentence, always with the anchors it rests on.

use std::fmt;

use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::reason::Reason;
use super::revocation::Revocation;
use super::verdict::{Check, Finding, LocalVerdict, Rejected, Report, Verdict};
use super::{Origin, Purpose};

impl Check {
    /// As it stands in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Algorithms => "algorithms",
            Self::Chain => "chain",
            Self::Extensions => "extensions",
            Self::Constraints => "constraints",
            Self::Usage => "usage",
            Self::Policy => "policy",
            Self::Validity => "validity",
        }
    }
}

impl Report {
    fn json(&self, verdict: &str, reason: Option<Reason>) -> Value {
        let mut shown = Map::new();
        shown.insert("verdict".into(), json!(verdict));
        shown.insert("reason".into(), json!(reason.map(Reason::code)));
        shown.insert("anchors".into(), json!(self.origin().code()));
        shown.insert("purpose".into(), json!(self.purpose().map_or("any", Purpose::code)));
        shown.insert("at".into(), json!(self.at()));
        for (check, finding) in self.findings() {
            let mut found = Map::new();
            let (finding, reason) = match finding {
                Finding::Passed => ("passed", None),
                Finding::Failed(reason) => ("failed", Some(reason.code())),
                Finding::NotReached => ("not_reached", None),
            };
            found.insert("finding".into(), json!(finding));
            found.insert("reason".into(), json!(reason));
            match check {
                Check::Chain => {
                    let anchor = self.anchor().map(|anchor| anchor.to_string());
                    found.insert("certificates".into(), json!(self.certificates()));
                    found.insert("anchor".into(), json!(anchor));
                }
                Check::Policy => {
                    found.insert("required".into(), self.required_policies().collect());
                    found.insert("asserted".into(), self.policies().collect());
                }
                _ => {}
            }
            shown.insert(check.code().into(), found.into());
        }
        shown.insert("revocation".into(), json!(self.revocation()));
        shown.into()
    }

    fn sentence(&self, f: &mut fmt::Formatter<'_>, verdict: &str) -> fmt::Result {
        let anchors = match self.origin() {
            Origin::Production => "the anchors of real cards",
            Origin::Test => "TEST anchors",
        };
        write!(f, "{verdict} under {anchors}, as of {}; {}", self.at(), self.revocation())
    }
}

impl Serialize for LocalVerdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.report().json("accepted", None).serialize(serializer)
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.report().json("accepted", None).serialize(serializer)
    }
}

impl Serialize for Rejected {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.report().json("rejected", Some(self.reason())).serialize(serializer)
    }
}

impl Serialize for Revocation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = match self {
            Self::Good { as_of, source, number } => json!({
                "status": "good", "as_of": as_of, "source": source.code(),
                "number": number.map(|number| number.to_string())
            }),
            Self::Revoked { at, reason, source } => json!({
                "status": "revoked", "at": at, "reason": reason.code(), "source": source.code()
            }),
            Self::NotChecked { why } => json!({ "status": "not_checked", "why": why.code() }),
        };
        shown.serialize(serializer)
    }
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good { as_of, source, .. } => {
                write!(f, "not revoked as of {as_of} ({})", source.code())
            }
            Self::Revoked { at, reason, source } => {
                write!(f, "revoked at {at}, {reason} ({})", source.code())
            }
            Self::NotChecked { why } => write!(f, "revocation not checked ({why})"),
        }
    }
}

impl fmt::Display for LocalVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report().sentence(f, "nothing speaks against it on this device")
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report().sentence(f, "accepted")
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report().sentence(f, "rejected")?;
        write!(f, "; {}: {}", self.reason(), self.reason().text(crate::message::Language::English))
    }
}

macro_rules! debug_as_display {
    ($($type:ident),*) => { $(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self)
            }
        }
    )* };
}
debug_as_display!(LocalVerdict, Verdict, Rejected);

impl std::error::Error for Rejected {}
