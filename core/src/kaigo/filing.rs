//! Notices to the insurer (居宅サービス計画作成依頼届出, 介護予防サービス計画作成依頼届出), filed with the person's assent.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::caller::{
    Caller, Cursor, LONGEST_PAGE, PAGE, Question, Shown, ask, at_most, invalid, page, read,
};
use super::code::open_code;
use super::person::personal;
use crate::exchange::{AccessToken, Entropy};
use crate::flow::Flow;
use crate::message::{Code, Failure};

open_code! {
    /// What is filed.
    FilingKind {
        /// 居宅サービス計画作成依頼届出
        CarePlan "care_plan" "care plan notice" "居宅サービス計画作成依頼届出",
        /// 介護予防サービス計画作成依頼届出
        PreventiveCarePlan "preventive_care_plan" "preventive care plan notice" "介護予防サービス計画作成依頼届出",
    }
}

open_code! {
    /// How far a notice is.
    FilingStatus {
        /// It has arrived.
        Received "received" "received" "受付済み",
        /// The insurer looks at it.
        InReview "in_review" "in review" "確認中",
        /// It is taken.
        Accepted "accepted" "accepted" "受理",
        /// It came back, with a reason: file another in its place.
        Returned "returned" "returned" "差し戻し",
        /// Another stands in its place.
        Replaced "replaced" "replaced" "差し替え済み",
    }
}

/// The name of a notice: a UUID (RFC 9562). The same notice under the same name is filed once, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilingId(String);

impl FilingId {
    /// Reads a UUID in its usual form; `setup_invalid` for another text.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let fits = |(at, c): (usize, u8)| match at {
            8 | 13 | 18 | 23 => c == b'-',
            _ => c.is_ascii_hexdigit(),
        };
        if text.len() == 36 && text.bytes().enumerate().all(fits) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Failure::new(Code::SetupInvalid).with_detail("name of the notice"))
        }
    }

    /// A new one, from randomness that is used for nothing else.
    pub fn fresh(mut entropy: Entropy) -> Self {
        Self(entropy.uuid())
    }

    /// As it stands in JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A notice that is to be filed.
#[derive(Clone)]
pub struct Notice {
    id: FilingId,
    kind: FilingKind,
    start_on: Date,
    assent: bool,
    replaces: Option<FilingId>,
}

impl Notice {
    /// Under this name: who makes the person's plans from this day. `assent`: the person agrees that it is filed.
    pub fn new(id: FilingId, kind: FilingKind, start_on: Date, assent: bool) -> Self {
        Self { id, kind, start_on, assent, replaces: None }
    }

    /// In the place of an earlier one, which it corrects.
    #[must_use]
    pub fn replacing(mut self, earlier: FilingId) -> Self {
        self.replaces = Some(earlier);
        self
    }
}

/// A notice as the platform has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Filing {
    /// Its name.
    pub id: String,
    /// What it is.
    pub kind: FilingKind,
    /// From which day.
    pub start_on: Date,
    /// The name of the one that it replaces.
    #[serde(default)]
    pub replaces: Option<String>,
    /// How far it is.
    pub status: FilingStatus,
    /// When it arrived.
    pub received_at: Timestamp,
    /// What the insurer says, where it came back. A stranger's text: escape it where it is shown.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A page of notices.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FilingPage {
    /// The notices.
    pub filings: Vec<Filing>,
    /// Where the next page begins; `None` at the end.
    #[serde(default)]
    pub next: Option<Cursor>,
}
personal!(Notice Filing FilingPage);

/// A notice, as it is sent.
#[derive(Serialize)]
pub(crate) struct SaidNotice<'a> {
    id: &'a str,
    kind: &'a str,
    start_on: Date,
    assent: bool,
    replaces: Option<&'a str>,
}

impl<'a> SaidNotice<'a> {
    /// `assent_missing` without the person's assent.
    pub(crate) fn new(notice: &'a Notice) -> Result<Self, Failure> {
        if !notice.assent {
            return Err(Code::AssentMissing.into());
        }
        Ok(Self {
            id: notice.id.as_str(),
            kind: notice.kind.code(),
            start_on: notice.start_on,
            assent: notice.assent,
            replaces: notice.replaces.as_ref().map(FilingId::as_str),
        })
    }
}

/// Files a notice for the person whom the token of a visit is about, which was [for this](crate::exchange::Use::CarePlanNotice).
/// Without the person's assent nothing is sent: `assent_missing`.
pub fn file_notice(
    caller: Caller,
    token: AccessToken,
    notice: Notice,
) -> Flow<Result<Filing, Failure>> {
    let question =
        SaidNotice::new(&notice).and_then(|said| Question::post("/v1/filings", &said, 201));
    ask(caller, Shown::Person(token), question, move |body| {
        let filing = read_filing(body)?;
        // Another one would be shown as filed.
        let same = filing.id.eq_ignore_ascii_case(notice.id.as_str())
            && filing.kind == notice.kind
            && filing.start_on == notice.start_on;
        if same { Ok(filing) } else { Err(invalid("another filing")) }
    })
}

#[derive(Serialize)]
struct Search<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a Cursor>,
    limit: u16,
}

/// What this facility has filed, page by page: 100 at a time, or so many, 1 to 500.
pub fn list_filings(
    caller: Caller,
    after: Option<&Cursor>,
    limit: Option<u16>,
) -> Flow<Result<FilingPage, Failure>> {
    let question = page(limit.unwrap_or(PAGE))
        .and_then(|limit| Question::post("/v1/filings/search", &Search { after, limit }, 200));
    ask(caller, Shown::Staff, question, read_filings)
}

/// Longest name and longest reason, bytes.
const LONGEST: usize = 16 * 1024;

/// Reads one notice.
pub(crate) fn read_filing(body: &[u8]) -> Result<Filing, Failure> {
    bounded(read(body, "filing")?)
}

/// Reads a page.
pub(crate) fn read_filings(body: &[u8]) -> Result<FilingPage, Failure> {
    let FilingPage { filings, next } = read(body, "filings")?;
    at_most(&filings, LONGEST_PAGE.into(), "filings")?;
    let filings = filings.into_iter().map(bounded).collect::<Result<_, _>>()?;
    Ok(FilingPage { filings, next })
}

fn bounded(filing: Filing) -> Result<Filing, Failure> {
    let names = [Some(&filing.id), filing.replaces.as_ref()].into_iter().flatten();
    let is_short = filing.reason.as_ref().is_none_or(|reason| reason.len() <= LONGEST);
    if is_short && names.into_iter().all(|name| FilingId::parse(name).is_ok()) {
        Ok(filing)
    } else {
        Err(invalid("filing"))
    }
}
