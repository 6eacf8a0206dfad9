//! Qualification and entitlement (資格・受給の情報): what the paper certificates used to say.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::exchange::{AccessToken, http};
use crate::flow::{self, HttpRequest};
use crate::message::{Code, Failure};

/// Who someone is and what they are entitled to. `Debug` shows nothing of it; `Serialize` gives all of it, for the
/// screen or the care software's own record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// The person.
    pub person: Person,
    /// The insurer (保険者): a municipality or a union of them.
    pub insurer: Insurer,
    /// Insured number (被保険者番号), 10 digits.
    pub insured_number: String,
    /// What changes with time.
    pub periodic: Periodic,
}

/// A person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name in kana, family and given name separated by U+3000.
    pub name_kana: String,
    /// Date of birth.
    pub birth_date: Date,
    /// Sex as registered.
    pub sex: Sex,
}

/// Sex as registered (性別).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sex {
    /// Male (男)
    Male,
    /// Female (女)
    Female,
    /// Not given, or a value this version does not know.
    #[serde(other)]
    Unknown,
}

/// An insurer (保険者).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insurer {
    /// Insurer number (保険者番号), 6 digits.
    pub number: String,
    /// Name.
    pub name: String,
}

/// What changes with time, as of a moment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Periodic {
    /// When the platform said so.
    pub as_of: Timestamp,
    /// Care level (要介護状態区分); `None` when the person is not certified.
    pub care_level: Option<CareLevel>,
    /// Burden ratio (負担割合).
    pub burden_ratio: Option<BurdenRatio>,
    /// Certificate of limits on costs of meals and residence (介護保険負担限度額認定証).
    pub limit_certificate: Option<LimitCertificate>,
}

/// Care level and its validity, both days included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareLevel {
    /// The level.
    pub code: CareLevelCode,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

/// The care levels (要介護状態区分).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CareLevelCode {
    /// 非該当
    NotEligible,
    /// 要支援1
    #[serde(rename = "support_1")]
    Support1,
    /// 要支援2
    #[serde(rename = "support_2")]
    Support2,
    /// 要介護1
    #[serde(rename = "care_1")]
    Care1,
    /// 要介護2
    #[serde(rename = "care_2")]
    Care2,
    /// 要介護3
    #[serde(rename = "care_3")]
    Care3,
    /// 要介護4
    #[serde(rename = "care_4")]
    Care4,
    /// 要介護5
    #[serde(rename = "care_5")]
    Care5,
}

impl CareLevelCode {
    /// In English.
    pub fn english(self) -> &'static str {
        match self {
            Self::NotEligible => "not eligible",
            Self::Support1 => "support level 1",
            Self::Support2 => "support level 2",
            Self::Care1 => "care level 1",
            Self::Care2 => "care level 2",
            Self::Care3 => "care level 3",
            Self::Care4 => "care level 4",
            Self::Care5 => "care level 5",
        }
    }

    /// The Japanese term.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::NotEligible => "非該当",
            Self::Support1 => "要支援1",
            Self::Support2 => "要支援2",
            Self::Care1 => "要介護1",
            Self::Care2 => "要介護2",
            Self::Care3 => "要介護3",
            Self::Care4 => "要介護4",
            Self::Care5 => "要介護5",
        }
    }
}

/// Burden ratio and its validity, both days included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BurdenRatio {
    /// The person's own share in percent: 10, 20 or 30 (1, 2 or 3 割).
    pub percent: u8,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

/// Limit certificate and its validity, both days included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitCertificate {
    /// The stage.
    pub stage: LimitStage,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

/// Stages of the limit certificate (利用者負担段階).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LimitStage {
    /// 第1段階
    #[serde(rename = "1")]
    One,
    /// 第2段階
    #[serde(rename = "2")]
    Two,
    /// 第3段階①
    #[serde(rename = "3-1")]
    ThreeOne,
    /// 第3段階②
    #[serde(rename = "3-2")]
    ThreeTwo,
}

impl LimitStage {
    /// The Japanese term.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::One => "第1段階",
            Self::Two => "第2段階",
            Self::ThreeOne => "第3段階①",
            Self::ThreeTwo => "第3段階②",
        }
    }
}

macro_rules! personal {
    ($($name:ident)*) => { $(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )* };
}
personal!(Entitlement Person Sex Insurer Periodic CareLevel CareLevelCode BurdenRatio LimitCertificate LimitStage);

/// The request for the entitlement of the person whom the token is about.
pub(crate) fn entitlement_request(server: &str, token: &AccessToken) -> HttpRequest {
    HttpRequest::new(flow::Method::Get, format!("{server}/v1/qualification"))
        .with_header("authorization", http::bearer(token.secret()))
}

/// Reads the platform's answer.
pub(crate) fn read_entitlement(body: &[u8]) -> Result<Entitlement, Failure> {
    let invalid = |what| Failure::new(Code::ServerAnswerInvalid).with_detail(what);
    let entitlement: Entitlement =
        serde_json::from_slice(body).map_err(|_| invalid("entitlement"))?;
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|c| c.is_ascii_digit());
    if !digits(&entitlement.insured_number, 10) {
        return Err(invalid("insured number"));
    }
    if !digits(&entitlement.insurer.number, 6) {
        return Err(invalid("insurer number"));
    }
    let periodic = &entitlement.periodic;
    if periodic.burden_ratio.as_ref().is_some_and(|ratio| !matches!(ratio.percent, 10 | 20 | 30)) {
        return Err(invalid("burden ratio"));
    }
    Ok(entitlement)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{
        "person": {"name_kana": "カイゴ　ハナコ", "birth_date": "1941-05-03", "sex": "female"},
        "insurer": {"number": "990001", "name": "見本市"}, "insured_number": "0001234567",
        "periodic": {"as_of": "2026-11-20T01:02:05Z",
            "care_level": {"code": "care_3", "valid_from": "2026-04-01", "valid_until": "2027-03-31"},
            "burden_ratio": {"percent": 10, "valid_from": "2026-08-01", "valid_until": "2027-07-31"},
            "limit_certificate": null},
        "server_time": "2026-11-20T01:02:05Z"}"#;

    #[test]
    fn an_answer_is_read_and_not_shown() {
        let entitlement = read_entitlement(ANSWER.as_bytes()).unwrap();
        assert_eq!(entitlement.periodic.care_level.as_ref().unwrap().code.japanese(), "要介護3");
        let shown = format!(
            "{entitlement:?} {:?} {:?}",
            entitlement.person, entitlement.periodic.care_level
        );
        assert_eq!(shown, "Entitlement(..) Person(..) Some(CareLevel(..))");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (from, to) in [
            ("0001234567", "123456789"),
            ("990001", "99-001"),
            ("\"percent\": 10", "\"percent\": 15"),
            ("care_3", "care_9"),
            ("2027-03-31", "2027-02-31"),
        ] {
            let changed = ANSWER.replace(from, to);
            assert_ne!(changed, ANSWER);
            let failure = read_entitlement(changed.as_bytes()).unwrap_err();
            assert_eq!(failure.code(), Code::ServerAnswerInvalid, "{to}");
        }
    }
}
