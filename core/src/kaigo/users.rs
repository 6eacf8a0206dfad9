//! The facility's list of users (利用者一覧): who is registered with it now.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::caller::{
    Caller, Cursor, LONGEST_PAGE, PAGE, Question, Shown, ask, at_most, invalid, page, read,
};
use super::certificate::KanaName;
use super::code::open_code;
use super::person::{Sex, personal};
use crate::date::PartialDate;
use crate::exchange::Subject;
use crate::flow::{Flow, Way};
use crate::message::Failure;

/// Which users are asked for. Names go in the body of the request, never in its address.
#[derive(Clone, Serialize)]
pub struct UserSearch {
    #[serde(skip_serializing_if = "Option::is_none")]
    kana: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    due: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Cursor>,
    limit: u16,
}

impl UserSearch {
    /// All of them, 100 at a time.
    pub fn all() -> Self {
        Self { kana: None, birth_date: None, due: false, after: None, limit: PAGE }
    }

    /// Those whose name begins so.
    #[must_use]
    pub fn named(mut self, name: &KanaName) -> Self {
        self.kana = Some(name.as_str().to_owned());
        self
    }

    /// Those who were born on this day.
    #[must_use]
    pub fn born(mut self, date: PartialDate) -> Self {
        self.birth_date = Some(date.digits());
        self
    }

    /// Those of whom something runs out within 60 days, or has run out.
    #[must_use]
    pub fn with_something_due(mut self) -> Self {
        self.due = true;
        self
    }

    /// Those behind an earlier page.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// So many at once, 1 to 500; `setup_invalid` for another number.
    pub fn at_most(mut self, count: u16) -> Result<Self, Failure> {
        self.limit = page(count)?;
        Ok(self)
    }
}

/// A page of the list, ordered by name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserPage {
    /// The users.
    pub users: Vec<User>,
    /// Where the next page begins; `None` at the end.
    #[serde(default)]
    pub next: Option<Cursor>,
    /// When the platform said so.
    pub as_of: Timestamp,
    /// How many are registered and not listed, because they withdrew their consent.
    #[serde(default)]
    pub hidden: u32,
}

/// Somebody who is registered with the facility.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Who it is to this platform and this facility.
    #[serde(serialize_with = "subject_out", deserialize_with = "subject_in")]
    pub subject: Subject,
    /// Name in kana, family and given name separated by U+3000.
    pub name_kana: String,
    /// Date of birth, as far as it is known.
    pub birth_date: Option<PartialDate>,
    /// Sex as registered.
    pub sex: Sex,
    /// Insurer number (保険者番号), 6 digits.
    pub insurer_number: String,
    /// Insured number (被保険者番号), 10 digits.
    pub insured_number: String,
    /// How they were verified last.
    pub method: VerificationMethod,
    /// When.
    pub verified_at: Timestamp,
    /// The second in which the registration is over, unless a claim extends it.
    pub valid_until: Timestamp,
    /// What has changed since this facility read their entitlement last.
    #[serde(default)]
    pub changed: Vec<Changed>,
    /// What runs out within 60 days, or has run out.
    #[serde(default)]
    pub due: Vec<Due>,
}

open_code! {
    /// How somebody was verified.
    VerificationMethod {
        /// Face by eye, then card with PIN
        CardPin "card_pin" "card and PIN" "カードと暗証番号",
        /// Face by eye, then a tap without PIN
        CardTap "card_tap" "card, without PIN" "カード（かざすだけ）",
        /// The paper certificate
        FourAttributes "four_attributes" "paper certificate" "被保険者証",
        /// Seen again without a card
        Registered "registered" "registered before" "登録ずみの利用者",
        /// The rules for disasters
        Disaster "disaster" "rules for disasters" "災害時の取り扱い",
    }
}

impl VerificationMethod {
    /// The way of a visit; `None` for one that no visit of this version goes.
    pub fn way(&self) -> Option<Way> {
        Way::ALL.into_iter().find(|way| way.code() == self.code())
    }
}

open_code! {
    /// What of an entitlement has changed.
    Changed {
        /// 要介護度
        CareLevel "care_level" "care level" "要介護度",
        /// 負担割合
        BurdenRatio "burden_ratio" "burden ratio" "負担割合",
        /// 負担限度額認定
        LimitCertificate "limit_certificate" "limit certificate" "負担限度額認定",
        /// 給付制限
        BenefitLimit "benefit_limit" "benefit limit" "給付制限",
        /// 居宅介護支援事業所
        CareManager "care_manager" "care manager" "居宅介護支援事業所",
        /// 氏名
        Name "name" "name" "氏名",
        /// 保険者
        Insurer "insurer" "insurer" "保険者",
    }
}

/// Something that runs out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Due {
    /// What.
    pub what: DueKind,
    /// Its last day.
    pub until: Date,
}

open_code! {
    /// What can run out.
    DueKind {
        /// 認定有効期間
        Certification "certification" "certification" "要介護認定",
        /// 負担割合証
        BurdenRatio "burden_ratio" "burden ratio" "負担割合",
        /// 負担限度額認定証
        LimitCertificate "limit_certificate" "limit certificate" "負担限度額認定",
        /// 利用者登録
        Registration "registration" "registration with the facility" "利用者の登録",
    }
}
personal!(UserSearch UserPage User Due);

/// The users of the facility, page by page.
pub fn list_users(caller: Caller, search: &UserSearch) -> Flow<Result<UserPage, Failure>> {
    let question = Question::post("/v1/users/search", search, 200);
    ask(caller, Shown::Staff, question, read_users)
}

/// Reads a page.
pub(crate) fn read_users(body: &[u8]) -> Result<UserPage, Failure> {
    let page: UserPage = read(body, "users")?;
    at_most(&page.users, LONGEST_PAGE.into(), "users")?;
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|c| c.is_ascii_digit());
    for user in &page.users {
        at_most(&user.changed, FEW, "changes")?;
        at_most(&user.due, FEW, "due")?;
        if !digits(&user.insured_number, 10) || !digits(&user.insurer_number, 6) {
            return Err(invalid("numbers"));
        }
    }
    Ok(page)
}

/// More changes of one entitlement are none.
pub(super) const FEW: usize = 64;

fn subject_out<S: Serializer>(subject: &Subject, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(subject.as_str())
}

fn subject_in<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Subject, D::Error> {
    let text = String::deserialize(deserializer)?;
    Subject::parse(text).map_err(|_| de::Error::custom("no subject"))
}
