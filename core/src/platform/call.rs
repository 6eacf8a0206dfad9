//! A call to the platform, and its sending.

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::{Credential, ServerAddress, refusal};
use crate::flow::{HttpError, HttpRequest, Method, Talk};
use crate::message::Failure;

/// How often a call that may be repeated is sent when no answer comes.
const MAX_SENDS: usize = 3;

/// Whether a call may be sent again when it is not known what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It is sent once: another one would be another one.
    Never,
    /// It changes nothing, or the platform answers what it says a second time as it did the first.
    Unanswered,
}

/// What a call brings with it.
pub(crate) enum Content {
    /// Nothing.
    None,
    /// `application/json`
    Json(Zeroizing<Vec<u8>>),
    /// `application/x-www-form-urlencoded`
    Form(Zeroizing<Vec<u8>>),
}

/// One call: what it says, what authorises it, and how often it may be sent.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Behind the server's address.
    pub(crate) path: &'static str,
    pub(crate) content: Content,
    pub(crate) credential: Credential<'a>,
    pub(crate) repeat: Repeat,
    /// The status of an answer that is no refusal.
    pub(crate) success: u16,
}

impl Call<'_> {
    /// A request that says it, authorised for this one sending.
    fn request(&self, server: &ServerAddress) -> HttpRequest {
        let request = HttpRequest::new(self.method, [server.as_str(), self.path].concat());
        let request = self.credential.authorise(request);
        let (kind, body) = match &self.content {
            Content::None => return request,
            Content::Json(body) => ("application/json", body),
            Content::Form(body) => ("application/x-www-form-urlencoded", body),
        };
        request.with_header("content-type", kind.to_owned()).with_body(body.clone())
    }
}

/// The platform at its address, as seen from one conversation.
#[derive(Clone, Copy)]
pub(crate) struct Platform<'a> {
    pub(crate) talk: &'a Talk,
    pub(crate) server: &'a ServerAddress,
}

/// What the platform made of a call.
pub(crate) enum Answered {
    /// It did what was asked; this is the body of its answer.
    Done(Zeroizing<Vec<u8>>),
    /// It refused, at this time by its own clock.
    Refused(Failure, Option<Timestamp>),
}

impl Platform<'_> {
    /// Makes a call and reads its answer.
    pub(crate) async fn call<T>(
        &self,
        call: &Call<'_>,
        read: impl FnOnce(&[u8]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match self.ask(call).await? {
            Answered::Done(body) => read(&body),
            Answered::Refused(failure, _) => Err(failure),
        }
    }

    /// Makes a call.
    pub(crate) async fn ask(&self, call: &Call<'_>) -> Result<Answered, Failure> {
        let mut sends = match call.repeat {
            Repeat::Never => 1,
            Repeat::Unanswered => MAX_SENDS,
        };
        loop {
            sends = sends.saturating_sub(1);
            match self.talk.send(call.request(self.server)).await {
                Ok(answer) if answer.status == call.success => {
                    return Ok(Answered::Done(answer.body));
                }
                Ok(answer) => {
                    let (failure, at) = refusal::refused(&answer);
                    return Ok(Answered::Refused(failure, at));
                }
                Err(HttpError::NoAnswer | HttpError::Unreachable) if sends > 0 => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
