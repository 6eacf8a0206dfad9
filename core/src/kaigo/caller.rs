//! Who asks the platform, and one question as a conversation.

use std::fmt;

use serde::Serialize;

use crate::exchange::{AccessToken, Device, Enrolment, Entropy, StaffToken};
use crate::flow::{Flow, Method};
use crate::message::{Code, Failure};
use crate::platform::{Call, Content, Credential, Platform, Repeat, ServerAddress};

/// Longest answer that is read, bytes; drivers stop there, too.
pub(super) const LONGEST: usize = 1024 * 1024;

/// Who asks: an enrolled device on which a staff member has signed in, with fresh randomness. Not shown.
pub struct Caller {
    pub(super) server: ServerAddress,
    pub(super) issuer: String,
    pub(super) device: Device,
    pub(super) staff_token: StaffToken,
    pub(super) entropy: Entropy,
}

impl Caller {
    /// The platform is at this address and calls itself `issuer`; it knows this device, on which this staff member has
    /// signed in. `setup_invalid` for an issuer that is no address.
    pub fn new(
        server: ServerAddress,
        issuer: impl Into<String>,
        device: Device,
        staff_token: StaffToken,
        entropy: Entropy,
    ) -> Result<Self, Failure> {
        let issuer = issuer.into();
        ServerAddress::parse(issuer.as_str())
            .map_err(|_| Failure::new(Code::SetupInvalid).with_detail("issuer"))?;
        Ok(Self { server, issuer, device, staff_token, entropy })
    }

    /// Of parts that have been looked at.
    pub(crate) fn known(
        server: ServerAddress,
        issuer: String,
        device: Device,
        staff_token: StaffToken,
        entropy: Entropy,
    ) -> Self {
        Self { server, issuer, device, staff_token, entropy }
    }

    /// An enrolled device, on which this staff member has signed in.
    pub fn of(enrolment: &Enrolment, staff_token: StaffToken, entropy: Entropy) -> Self {
        Self {
            server: enrolment.server().clone(),
            issuer: enrolment.issuer().to_owned(),
            device: enrolment.device().clone(),
            staff_token,
            entropy,
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller(..)")
    }
}

/// Whose token opens what is asked.
pub(super) enum Shown {
    /// The staff member's: it is the facility that asks.
    Staff,
    /// That of a visit: it is about the person.
    Person(AccessToken),
}

/// One question.
pub(super) struct Question {
    pub(super) method: Method,
    pub(super) path: &'static str,
    content: Content,
    /// Whether it may be sent again when no answer comes.
    pub(super) repeat: Repeat,
    pub(super) success: u16,
}

impl Question {
    /// Asks for something that is there.
    pub(super) fn get(path: &'static str) -> Self {
        let (method, repeat) = (Method::Get, Repeat::Unanswered);
        Self { method, path, content: Content::None, repeat, success: 200 }
    }

    /// The part of it that begins there.
    pub(super) fn after(mut self, place: Option<&Cursor>) -> Self {
        self.content = place.map_or(Content::None, |place| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            Content::Query(query.append_pair("after", place.as_str()).finish())
        });
        self
    }

    /// Says something that may be said again.
    pub(super) fn post(
        path: &'static str,
        body: &impl Serialize,
        success: u16,
    ) -> Result<Self, Failure> {
        let body = serde_json::to_vec(body).map_err(|_| Failure::new(Code::InternalError))?;
        let (method, repeat) = (Method::Post, Repeat::Unanswered);
        Ok(Self { method, path, content: Content::Json(body.into()), repeat, success })
    }

    /// The same, sent once.
    pub(super) fn once(mut self) -> Self {
        self.repeat = Repeat::Never;
        self
    }
}

/// Asks one question, and reads its answer.
pub(super) fn ask<T: 'static>(
    caller: Caller,
    shown: Shown,
    question: Result<Question, Failure>,
    read: impl FnOnce(&[u8]) -> Result<T, Failure> + Send + 'static,
) -> Flow<Result<T, Failure>> {
    Flow::new(move |talk| async move {
        let Question { method, path, content, repeat, success } = question?;
        let Caller { server, issuer, device, staff_token, entropy } = caller;
        let platform = Platform::new(&talk, &server, &issuer, &device, entropy);
        let token = match &shown {
            Shown::Staff => staff_token.secret(),
            Shown::Person(token) => token.secret(),
        };
        let call = Call {
            method,
            path,
            content,
            credential: Credential::Dpop { token: Some(token) },
            repeat,
            success,
        };
        platform.call(&call, read).await
    })
}

/// Reads a JSON object of the platform, as long as it may be.
pub(crate) fn read<T: serde::de::DeserializeOwned>(
    body: &[u8],
    what: &'static str,
) -> Result<T, Failure> {
    if body.len() > LONGEST {
        return Err(invalid(what));
    }
    // The parser's own words could quote a name.
    serde_json::from_slice(body).map_err(|_| invalid(what))
}

pub(super) fn invalid(what: &'static str) -> Failure {
    Failure::new(Code::ServerAnswerInvalid).with_detail(what)
}

/// At most so many of something.
pub(super) fn at_most<T>(list: &[T], most: usize, what: &'static str) -> Result<(), Failure> {
    if list.len() > most { Err(invalid(what)) } else { Ok(()) }
}

/// Where the next page begins, as the platform said. It may name somebody: not shown.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Cursor(String);

impl Cursor {
    /// Takes what an earlier page gave; `setup_invalid` for what can be none.
    pub fn parse(text: impl Into<String>) -> Result<Self, Failure> {
        let fits = |text: &String| {
            (1..=LONGEST_CURSOR).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic())
        };
        let text = Some(text.into()).filter(fits);
        text.map(Self).ok_or_else(|| Failure::new(Code::SetupInvalid).with_detail("cursor"))
    }

    /// What it is in JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(..)")
    }
}

impl<'de> serde::Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(text).map_err(|_| serde::de::Error::custom("no cursor"))
    }
}

/// Longest cursor taken, characters.
const LONGEST_CURSOR: usize = 1024;
/// Most of a list that is asked for at once.
pub(super) const LONGEST_PAGE: u16 = 500;
/// How many are asked for where nothing is said.
pub(super) const PAGE: u16 = 100;

/// How many of a list at once: 1 to 500; `setup_invalid` for another number.
pub(super) fn page(count: u16) -> Result<u16, Failure> {
    let fits = (1..=LONGEST_PAGE).contains(&count);
    fits.then_some(count).ok_or_else(|| Failure::new(Code::SetupInvalid).with_detail("page"))
}
