//! The fictional people a sandbox knows.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::birth_date::BirthDate;
use super::information::Information;
use crate::kiban::Connection;

/// An insured person (被保険者) and what the platform knows of them. `Debug` shows nothing.
///
/// In TOML, serial numbers are hexadecimal strings, dates are strings as in `"1941-05-03"`, and the four
/// switches at the end are `true` unless said otherwise. Codes that are not known here are taken, and given, as they are.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "switches, as they stand in a file")]
pub struct Person {
    /// Serial numbers of their authentication certificates, big-endian; renewing a card adds one.
    #[serde(deserialize_with = "hexadecimal")]
    pub certificate_serials: Vec<Vec<u8>>,
    /// Name in full-width katakana.
    pub name_kana: String,
    /// Date of birth, as far as it is known.
    pub birth_date: BirthDate,
    /// Sex as on the certificate of insurance.
    pub sex: Sex,
    /// Insurer (保険者番号), six digits. Numbers begin with a prefecture, 01 to 47: begin with 99 to be nobody's.
    pub insurer_number: String,
    /// The insurer's name.
    pub insurer_name: String,
    /// Insured number (被保険者番号), ten digits.
    pub insured_number: String,
    /// Certified level of care (要介護度); none without a certification.
    pub care_level: Option<CareLevel>,
    /// Share of the costs the person pays (負担割合).
    pub burden_ratio: Option<BurdenRatio>,
    /// Limit certificate for meals and residence (負担限度額認定証).
    pub limit_certificate: Option<LimitCertificate>,
    /// Limit of benefits (給付制限), for whoever is behind with contributions.
    #[serde(default)]
    pub benefit_limit: Option<BenefitLimit>,
    /// Who plans their care (居宅介護支援事業所).
    #[serde(default)]
    pub care_manager: Option<CareManager>,
    /// What is known of them beside the entitlement.
    #[serde(default)]
    pub information: Vec<Information>,
    /// The card is registered as health insurance card (マイナ保険証).
    #[serde(default = "yes")]
    pub health_insurance_use: bool,
    /// The municipality has started to use the platform.
    #[serde(default = "yes")]
    pub insurer_connected: bool,
    /// The day has come from which the municipality says that it uses it; before, its data can be seen already.
    #[serde(default = "yes")]
    pub insurer_live: bool,
    /// The medical insurance, as オンライン資格確認 knows it.
    #[serde(default)]
    pub medical: Option<MedicalInsurance>,
    /// Comprehensive consent (包括同意) is on record.
    #[serde(default = "yes")]
    pub consent: bool,
}

/// As on the certificate of insurance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Sex {
    Female,
    Male,
}

/// A certified level of care and its validity, both days included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CareLevel {
    pub code: CareLevelCode,
    pub valid_from: Date,
    pub valid_until: Date,
}

/// 要支援1 to 要介護5, or 非該当; or whatever else an insurer says, such as 事業対象者.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum CareLevelCode {
    #[serde(rename = "support_1")]
    Support1,
    #[serde(rename = "support_2")]
    Support2,
    #[serde(rename = "care_1")]
    Care1,
    #[serde(rename = "care_2")]
    Care2,
    #[serde(rename = "care_3")]
    Care3,
    #[serde(rename = "care_4")]
    Care4,
    #[serde(rename = "care_5")]
    Care5,
    #[serde(rename = "not_eligible")]
    NotEligible,
    /// A code that is not known here.
    #[serde(untagged)]
    Other(String),
}

/// The share of the costs the person pays, and its validity, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct BurdenRatio {
    /// 0, 10, 20 or 30.
    pub percent: u8,
    pub valid_from: Date,
    pub valid_until: Date,
}

/// Medical insurance and its validity, both days included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct MedicalInsurance {
    /// The medical insurer's number (保険者番号), eight digits.
    pub insurer_number: String,
    /// 0, 10, 20 or 30.
    pub burden_percent: u8,
    pub valid_from: Date,
    pub valid_until: Date,
}

/// A limit certificate and its validity, both days included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct LimitCertificate {
    pub stage: LimitStage,
    pub valid_from: Date,
    pub valid_until: Date,
}

/// A limit of benefits (介護保険法 Art. 66 to 69) and its validity, both days included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct BenefitLimit {
    /// `payment_changed` (支払方法変更), `withheld` (給付の一時差止), `reduced` (給付額減額), or whatever else an insurer says.
    pub code: String,
    pub valid_from: Date,
    pub valid_until: Date,
}

/// Who plans a person's care (居宅介護支援事業所).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CareManager {
    /// The facility's number, ten digits.
    pub facility_id: String,
    pub name: String,
    pub since: Date,
}

/// Stage of a limit certificate (第1段階 to 第3段階②), or whatever else an insurer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum LimitStage {
    #[serde(rename = "1")]
    One,
    #[serde(rename = "2")]
    Two,
    #[serde(rename = "3-1")]
    ThreeOne,
    #[serde(rename = "3-2")]
    ThreeTwo,
    /// A stage that is not known here.
    #[serde(untagged)]
    Other(String),
}

impl Person {
    /// A fictional woman of a fictional city, entitled to everything today, with these certificates.
    pub fn example(certificate_serials: Vec<Vec<u8>>) -> Self {
        let (care_from, care_until) = year_from(4, today());
        let (valid_from, valid_until) = year_from(8, today());
        let level = CareLevel {
            code: CareLevelCode::Care3,
            valid_from: care_from,
            valid_until: care_until,
        };
        Self {
            certificate_serials,
            name_kana: "カイゴ　ハナコ".to_owned(),
            birth_date: Date::constant(1941, 5, 3).into(),
            sex: Sex::Female,
            insurer_number: "990010".to_owned(),
            insurer_name: "架空市".to_owned(),
            insured_number: "0001234567".to_owned(),
            care_level: Some(level.clone()),
            burden_ratio: Some(BurdenRatio { percent: 10, valid_from, valid_until }),
            limit_certificate: Some(LimitCertificate {
                stage: LimitStage::Two,
                valid_from,
                valid_until,
            }),
            benefit_limit: None,
            care_manager: Some(CareManager {
                facility_id: "1370000003".to_owned(),
                name: "架空居宅介護支援事業所".to_owned(),
                since: care_from,
            }),
            information: Information::examples(0, &level),
            health_insurance_use: true,
            medical: Some(MedicalInsurance {
                insurer_number: "39990010".to_owned(),
                burden_percent: 10,
                valid_from,
                valid_until,
            }),
            insurer_connected: true,
            insurer_live: true,
            consent: true,
        }
    }

    /// How far the municipality is.
    pub(super) fn connection(&self) -> Connection {
        match (self.insurer_connected, self.insurer_live) {
            (false, _) => Connection::NotConnected,
            (true, false) => Connection::SetUp,
            (true, true) => Connection::Live,
        }
    }

    /// What cannot be right about this entry.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(&self.insurer_number, 6) {
            Some("the insurer number is not six digits")
        } else if !digits(&self.insured_number, 10) {
            Some("the insured number is not ten digits")
        } else if self.burden_ratio.is_some_and(|ratio| ![0, 10, 20, 30].contains(&ratio.percent)) {
            Some("the burden ratio is not 0, 10, 20 or 30 percent")
        } else {
            None
        }
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(…)")
    }
}

/// The twelve months in force on a day, when they begin with a month: April for the fiscal year, August for
/// burden ratios and limit certificates.
fn year_from(month: i8, day: Date) -> (Date, Date) {
    let year = if day.month() < month { day.year() - 1 } else { day.year() };
    let start = Date::constant(year, month, 1);
    let end = Date::constant(year + 1, month, 1);
    (start, end.yesterday().unwrap_or(end))
}

/// In Japan.
fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::fixed(offset(9))).date()
}

fn yes() -> bool {
    true
}

fn hexadecimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .iter()
        .map(|text| {
            unhex(text).ok_or_else(|| D::Error::custom("a serial number is not hexadecimal"))
        })
        .collect()
}

/// Two hexadecimal digits per byte.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let digits = digits?;
    digits
        .len()
        .is_multiple_of(2)
        .then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_in_force_holds_the_day() {
        let day = Date::constant(2027, 3, 31);
        assert_eq!(year_from(4, day), (Date::constant(2026, 4, 1), Date::constant(2027, 3, 31)));
        assert_eq!(year_from(4, day.tomorrow().unwrap()).0.year(), 2027);
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Person::example(vec![vec![7]])), "Person(…)");
    }

    #[test]
    fn a_person_is_read_from_toml() {
        let text = r#"
            certificate_serials = ["01a2ff"]
            name_kana = "テスト　タロウ"
            birth_date = "1950-01-02"
            sex = "male"
            insurer_number = "990010"
            insurer_name = "架空市"
            insured_number = "0000000001"
            burden_ratio = { percent = 20, valid_from = "2026-08-01", valid_until = "2027-07-31" }
            consent = false
        "#;
        let person: Person = toml::from_str(text).unwrap();
        assert_eq!(person.certificate_serials, [[0x01, 0xa2, 0xff]]);
        assert_eq!(person.fault(), None);
        assert!(person.insurer_connected && !person.consent && person.care_level.is_none());
        assert!(toml::from_str::<Person>(&text.replace("01a2ff", "01a2f")).is_err());
        let in_part: Person = toml::from_str(&text.replace("1950-01-02", "1950-01-00")).unwrap();
        assert_eq!(in_part.birth_date, "1950-01-00".parse().unwrap());
        assert!(toml::from_str::<Person>(&text.replace("1950-01-02", "1950-13-00")).is_err());
    }
}
