//! The facility's list of users, and the registration of one.

use kaigotap::kaigo;

use crate::entitlement::{Due, RegisteredSex};
use crate::failure::{KaigoTapError, unusable};
use crate::term::Term;
use crate::{hidden, milliseconds};

/// Which users are asked for; all where nothing is said. Shows nothing when printed.
#[derive(Clone, Default, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct UserSearch {
    /// How their name in kana begins: hiragana, katakana or Latin letters of any width.
    #[uniffi(default = None)]
    pub name_begins: Option<String>,
    /// Their date of birth, `YYYY-MM-DD`, with `00` for a month or day that is unknown.
    #[uniffi(default = None)]
    pub birth_date: Option<String>,
    /// Only those of whom something runs out within 60 days, or has run out.
    #[uniffi(default = false)]
    pub with_something_due: bool,
    /// Those behind an earlier page: its `next`.
    #[uniffi(default = None)]
    pub after: Option<String>,
    /// How many at once, 1 to 500; 100 where nothing is said.
    #[uniffi(default = None)]
    pub limit: Option<u16>,
}

impl UserSearch {
    pub(crate) fn into_core(self) -> Result<kaigo::UserSearch, KaigoTapError> {
        let mut search = kaigo::UserSearch::all();
        if let Some(name) = self.name_begins {
            let name = kaigo::KanaName::parse(&name).map_err(|_| unusable("a name in kana"))?;
            search = search.named(&name);
        }
        if let Some(birth) = self.birth_date {
            search = search.born(birth.parse().map_err(|_| unusable("a date of birth"))?);
        }
        if self.with_something_due {
            search = search.with_something_due();
        }
        if let Some(cursor) = self.after {
            search = search.after(kaigo::Cursor::parse(cursor)?);
        }
        Ok(match self.limit {
            Some(limit) => search.at_most(limit)?,
            None => search,
        })
    }
}

/// A page of the list, ordered by name. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct UserPage {
    /// The users.
    pub users: Vec<User>,
    /// Where the next page begins; nothing at the end.
    pub next: Option<String>,
    /// When the platform said so, in milliseconds since 1970.
    pub as_of_ms: u64,
    /// How many are registered and not listed, because they withdrew their consent.
    pub hidden: u32,
}

/// Somebody who is registered with the facility. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct User {
    /// Who it is to this platform and this facility: a name without a meaning elsewhere.
    pub subject: String,
    /// Name in kana, family and given name separated by U+3000.
    pub name_kana: String,
    /// Date of birth, `YYYY-MM-DD`, or shorter where less of it is known; `None` where nothing is.
    pub birth_date: Option<String>,
    /// Sex as registered.
    pub sex: RegisteredSex,
    /// Insurer number (保険者番号), 6 digits.
    pub insurer_number: String,
    /// Insured number (被保険者番号), 10 digits.
    pub insured_number: String,
    /// How they were verified last.
    pub method: Term,
    /// When, in milliseconds since 1970.
    pub verified_at_ms: u64,
    /// When the registration is over, in milliseconds since 1970, unless a claim extends it.
    pub valid_until_ms: u64,
    /// What has changed since this facility read their entitlement last.
    pub changed: Vec<Term>,
    /// What runs out within 60 days, or has run out.
    pub due: Vec<Due>,
}

/// A registration that is open on this device. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct OpenRegistration {
    /// Opens a visit without a card: for `Plan.registration`.
    pub registration: String,
    /// When it is over, in milliseconds since 1970, unless a claim extends it.
    pub valid_until_ms: u64,
}
hidden!(UserSearch UserPage User OpenRegistration);

impl From<kaigo::UserPage> for UserPage {
    fn from(page: kaigo::UserPage) -> Self {
        Self {
            users: page.users.into_iter().map(Into::into).collect(),
            next: page.next.map(|cursor| cursor.as_str().to_owned()),
            as_of_ms: milliseconds(page.as_of),
            hidden: page.hidden,
        }
    }
}

impl From<kaigo::User> for User {
    fn from(user: kaigo::User) -> Self {
        Self {
            subject: user.subject.as_str().to_owned(),
            name_kana: user.name_kana,
            birth_date: user.birth_date.map(|date| date.to_string()),
            sex: user.sex.into(),
            insurer_number: user.insurer_number,
            insured_number: user.insured_number,
            method: user.method.into(),
            verified_at_ms: milliseconds(user.verified_at),
            valid_until_ms: milliseconds(user.valid_until),
            changed: user.changed.into_iter().map(Into::into).collect(),
            due: user.due.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<kaigo::OpenRegistration> for OpenRegistration {
    fn from(open: kaigo::OpenRegistration) -> Self {
        Self {
            registration: open.handle.secret().to_owned(),
            valid_until_ms: milliseconds(open.valid_until),
        }
    }
}
