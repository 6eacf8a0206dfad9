//! People whose records are right and yet unusual: what a client must show as it is.

use super::birth_date::BirthDate;
use super::person::{CareLevelCode, LimitStage, Person};

/// What is unusual about somebody's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unusual {
    /// A level of care, `pending`, that was added later.
    CareLevel,
    /// Under the comprehensive programme (事業対象者), `program_target`, for which docs/exchange.md has no code.
    Programme,
    /// A stage, `4`, that was added later.
    LimitStage,
    /// A burden ratio of 0 percent.
    NothingToPay,
    /// Born in May 1941.
    BirthDay,
    /// Born in 1941, written with zeros.
    BirthMonth,
    /// Born in 1941, and nothing else is written.
    BirthYearOnly,
    /// No date of birth.
    NoBirthDate,
}

impl Unusual {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::CareLevel,
        Self::Programme,
        Self::LimitStage,
        Self::NothingToPay,
        Self::BirthDay,
        Self::BirthMonth,
        Self::BirthYearOnly,
        Self::NoBirthDate,
    ];
}

impl Person {
    /// A fictional woman like [`Person::example`] but for this, with a number of her own and with these certificates.
    pub fn unusual(what: Unusual, certificate_serials: Vec<Vec<u8>>) -> Self {
        let mut person = Self::example(certificate_serials);
        let born = |text: &str| text.parse::<BirthDate>().unwrap_or_default();
        let code = |text: &str| CareLevelCode::Other(text.to_owned());
        let number = match what {
            Unusual::CareLevel => {
                person.care_level.iter_mut().for_each(|level| level.code = code("pending"));
                "0009000001"
            }
            Unusual::Programme => {
                person.care_level.iter_mut().for_each(|level| level.code = code("program_target"));
                "0009000002"
            }
            Unusual::LimitStage => {
                let stage = LimitStage::Other("4".to_owned());
                person.limit_certificate.iter_mut().for_each(|limit| limit.stage = stage.clone());
                "0009000003"
            }
            Unusual::NothingToPay => {
                person.burden_ratio.iter_mut().for_each(|ratio| ratio.percent = 0);
                "0009000004"
            }
            Unusual::BirthDay => {
                person.birth_date = born("1941-05-00");
                "0009000005"
            }
            Unusual::BirthMonth => {
                person.birth_date = born("1941-00-00");
                "0009000006"
            }
            Unusual::BirthYearOnly => {
                person.birth_date = born("1941");
                "0009000007"
            }
            Unusual::NoBirthDate => {
                person.birth_date = born("");
                "0009000008"
            }
        };
        number.clone_into(&mut person.insured_number);
        person
    }
}
