//! Notices to the insurer.

use kaigotap::kaigo;

use crate::failure::{KaigoTapError, unusable};
use crate::term::Term;
use crate::{hidden, milliseconds, mirror};

mirror! {
    /// What is filed.
    FilingKind of kaigo::FilingKind {
        /// 居宅サービス計画作成依頼届出
        CarePlan,
        /// 介護予防サービス計画作成依頼届出
        PreventiveCarePlan,
    }
}

/// A notice that is to be filed. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Notice {
    /// Its name, a UUID: the same notice under the same name is filed once, however often it is sent. Keep it until the
    /// platform has answered.
    pub id: String,
    /// What it is.
    pub kind: FilingKind,
    /// From which day, `YYYY-MM-DD`.
    pub start_on: String,
    /// Whether the person agrees that it is filed (利用者の承諾).
    pub assent: bool,
    /// The name of the one that it corrects.
    #[uniffi(default = None)]
    pub replaces: Option<String>,
}

impl Notice {
    pub(crate) fn into_core(self) -> Result<kaigo::Notice, KaigoTapError> {
        let id = kaigo::FilingId::parse(&self.id)?;
        let start = self.start_on.parse().map_err(|_| unusable("the first day of a notice"))?;
        let notice = kaigo::Notice::new(id, self.kind.into(), start, self.assent);
        Ok(match self.replaces {
            Some(earlier) => notice.replacing(kaigo::FilingId::parse(&earlier)?),
            None => notice,
        })
    }
}

/// A notice as the platform has it. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Filing {
    /// Its name.
    pub id: String,
    /// What it is: `care_plan` or `preventive_care_plan`.
    pub kind: Term,
    /// From which day, `YYYY-MM-DD`.
    pub start_on: String,
    /// The name of the one that it replaces.
    pub replaces: Option<String>,
    /// How far it is: `received`, `in_review`, `accepted`, `returned` or `replaced`.
    pub status: Term,
    /// When it arrived, in milliseconds since 1970.
    pub received_at_ms: u64,
    /// What the insurer says, where it came back. A stranger's text: escape it where it is shown.
    pub reason: Option<String>,
}

/// A page of notices. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct FilingPage {
    /// The notices.
    pub filings: Vec<Filing>,
    /// Where the next page begins; nothing at the end.
    pub next: Option<String>,
}
hidden!(Notice Filing FilingPage);

impl From<kaigo::Filing> for Filing {
    fn from(filing: kaigo::Filing) -> Self {
        Self {
            id: filing.id,
            kind: filing.kind.into(),
            start_on: filing.start_on.to_string(),
            replaces: filing.replaces,
            status: filing.status.into(),
            received_at_ms: milliseconds(filing.received_at),
            reason: filing.reason,
        }
    }
}

impl From<kaigo::FilingPage> for FilingPage {
    fn from(page: kaigo::FilingPage) -> Self {
        Self {
            filings: page.filings.into_iter().map(Into::into).collect(),
            next: page.next.map(|cursor| cursor.as_str().to_owned()),
        }
    }
}
