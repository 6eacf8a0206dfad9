//! What is answered: what was asked for, an error of the matter within HTTP 200, or an error of the system by its status.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::base::refusal::Refusal;
use crate::base::reply::Reply;

/// Why there is nothing to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not as it should be.
    Malformed,
    /// No sign-in that counts.
    NotSignedIn,
    /// Locked for so many seconds.
    Locked(i64),
    NotFound,
    Failed,
    Busy,
    /// Of the matter: code, and what it says.
    Matter(&'static str, &'static str),
}

/// What whoever asks may not do by service type and job.
pub(super) const NOT_PERMITTED: Fault =
    Fault::Matter("not_permitted", "not for this type of service and this job");
pub(super) const NOT_REGISTERED: Fault =
    Fault::Matter("user_not_registered", "no user of this facility");

impl Fault {
    /// Status, code and text.
    fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Malformed => (400, "malformed", "not as it should be"),
            Self::NotSignedIn => (401, "not_signed_in", "no sign-in that counts"),
            Self::Locked(_) => (403, "locked", "too many wrong tries: wait"),
            Self::NotFound => (404, "not_found", "there is no such function"),
            Self::Failed => (500, "failed", "a fault of the server's own"),
            Self::Busy => (503, "busy", "not now"),
            Self::Matter(code, says) => (200, code, says),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::InsurerNotConnected => {
                Self::Matter("insurer_not_connected", "the insurer has not begun")
            }
            Refusal::ConsentRequired => {
                Self::Matter("consent_required", "the person has not agreed, or does not any more")
            }
            Refusal::NotShared => Self::Matter("not_shared", "not for this type of service"),
            // Nobody is there under what was known of them.
            Refusal::TokenInvalid => NOT_REGISTERED,
            Refusal::RequestMalformed => Self::Malformed,
            Refusal::TooManyRequests => Self::Busy,
            Refusal::ServerFailed => Self::Failed,
            _ => Self::NotSignedIn,
        }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Refusal::from(error).into()
    }
}

/// The answer, at this second.
pub(super) fn answer(said: Result<Value, Fault>, now: i64) -> Response {
    let wait = match &said {
        Err(Fault::Locked(seconds)) => Some(*seconds),
        _ => None,
    };
    let (status, body) = match said {
        Ok(data) => (200, json!({ "result": "ok", "data": data })),
        Err(fault) => {
            let (status, code, says) = fault.row();
            (status, json!({ "result": "error", "error": { "code": code, "message": says } }))
        }
    };
    let mut answer = Reply::told(status, body).at(now);
    if let Some(seconds) = wait {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    // That it is the national service's scheme is not known; it is no DPoP.
    if status == 401 {
        let bearer = HeaderValue::from_static("Bearer realm=\"kaigotap-sandbox standard\"");
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
    } else {
        answer.headers_mut().remove(header::WWW_AUTHENTICATE);
    }
    answer
}
