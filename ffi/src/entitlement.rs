//! What the platform says of a person.

use kaigotap::kaigo;

use crate::failure::Language;
use crate::term::Term;
use crate::{hidden, milliseconds, mirror};

/// Who someone is and what they are entitled to. Shows nothing of it when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Entitlement {
    /// The person.
    pub person: Person,
    /// The insurer (保険者): a municipality or a union of them.
    pub insurer: Insurer,
    /// Insured number (被保険者番号), 10 digits.
    pub insured_number: String,
    /// When the platform said the following, in milliseconds since 1970.
    pub as_of_ms: u64,
    /// Care level (要介護状態区分); `None` when the person is not certified.
    pub care_level: Option<CareLevel>,
    /// Burden ratio (負担割合).
    pub burden_ratio: Option<BurdenRatio>,
    /// Certificate of limits on costs of meals and residence (介護保険負担限度額認定証).
    pub limit_certificate: Option<LimitCertificate>,
    /// Limit of benefits (給付制限).
    #[uniffi(default = None)]
    pub benefit_limit: Option<BenefitLimit>,
    /// Who makes the person's care plans, as it is on record (居宅介護支援事業所).
    #[uniffi(default = None)]
    pub care_manager: Option<CareManager>,
    /// What has changed since this facility read it last.
    #[uniffi(default = [])]
    pub changed: Vec<Term>,
    /// What runs out within 60 days, or has run out.
    #[uniffi(default = [])]
    pub due: Vec<Due>,
    /// When the person's registration with this facility is over, in milliseconds since 1970; `None` where there is none.
    #[uniffi(default = None)]
    pub registered_until_ms: Option<u64>,
    /// The medical insurance, for a visit that is for it.
    #[uniffi(default = None)]
    pub medical: Option<MedicalInsurance>,
    /// What of this a device may keep: `None` where nothing.
    #[uniffi(default = None)]
    pub storage: Option<Term>,
}

/// Medical insurance and its validity, both days included, each `YYYY-MM-DD`.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct MedicalInsurance {
    /// The medical insurer's number (保険者番号), 8 digits.
    pub insurer_number: String,
    /// The person's own share in percent, 0 to 100.
    pub burden_percent: u8,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_until: String,
}

/// Limit of benefits and its validity, both days included, each `YYYY-MM-DD`.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct BenefitLimit {
    /// Which.
    pub code: Term,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_until: String,
}

/// Who makes the person's care plans.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct CareManager {
    /// Its number (事業所番号).
    pub facility: String,
    /// Its name.
    pub name: String,
    /// Since which day, `YYYY-MM-DD`.
    pub since: String,
}

/// Something that runs out.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Due {
    /// What: `certification`, `burden_ratio`, `limit_certificate` or `registration`.
    pub what: Term,
    /// Its last day, `YYYY-MM-DD`.
    pub until: String,
}

impl From<kaigo::Due> for Due {
    fn from(due: kaigo::Due) -> Self {
        Self { what: due.what.into(), until: due.until.to_string() }
    }
}

/// A person. Shows nothing of them when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Person {
    /// Name in kana, family and given name separated by U+3000.
    pub name_kana: String,
    /// Date of birth, `YYYY-MM-DD`, or shorter where less of it is known: `YYYY-MM`, `YYYY`; `None` where nothing is.
    pub birth_date: Option<String>,
    /// Sex as registered.
    pub sex: RegisteredSex,
}

impl From<RegisteredSex> for kaigo::Sex {
    fn from(sex: RegisteredSex) -> Self {
        match sex {
            RegisteredSex::Male => Self::Male,
            RegisteredSex::Female => Self::Female,
            RegisteredSex::Unknown => Self::Unknown,
        }
    }
}

mirror! {
    /// Sex as registered (性別).
    RegisteredSex from kaigo::Sex, else Unknown {
        /// Male (男)
        Male,
        /// Female (女)
        Female,
        /// Not given, or a value this version does not know.
        Unknown,
    }
}

/// An insurer (保険者).
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Insurer {
    /// Insurer number (保険者番号), 6 digits.
    pub number: String,
    /// Name.
    pub name: String,
}

/// Care level and its validity, both days included, each `YYYY-MM-DD`.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct CareLevel {
    /// The level.
    pub code: CareLevelCode,
    /// Its code as the platform gave it: what to show where this version has no name for it. A stranger's text.
    pub given: String,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_until: String,
}

/// The care levels (要介護状態区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CareLevelCode {
    /// 非該当
    NotEligible,
    /// 事業対象者
    ProgramEligible,
    /// 要支援1
    Support1,
    /// 要支援2
    Support2,
    /// 要介護1
    Care1,
    /// 要介護2
    Care2,
    /// 要介護3
    Care3,
    /// 要介護4
    Care4,
    /// 要介護5
    Care5,
    /// One that this version has no name for.
    Unknown,
}

/// Every level that the core knows, with its name here.
const LEVELS: [(CareLevelCode, kaigo::CareLevelCode); 9] = [
    (CareLevelCode::NotEligible, kaigo::CareLevelCode::NotEligible),
    (CareLevelCode::ProgramEligible, kaigo::CareLevelCode::ProgramEligible),
    (CareLevelCode::Support1, kaigo::CareLevelCode::Support1),
    (CareLevelCode::Support2, kaigo::CareLevelCode::Support2),
    (CareLevelCode::Care1, kaigo::CareLevelCode::Care1),
    (CareLevelCode::Care2, kaigo::CareLevelCode::Care2),
    (CareLevelCode::Care3, kaigo::CareLevelCode::Care3),
    (CareLevelCode::Care4, kaigo::CareLevelCode::Care4),
    (CareLevelCode::Care5, kaigo::CareLevelCode::Care5),
];

#[uniffi::export]
impl CareLevel {
    /// The level in words, such as 要介護3; its code where this version has no name for it.
    pub fn text(&self, language: Language) -> String {
        let known = LEVELS.iter().find(|(own, _)| *own == self.code);
        match (known, language) {
            (Some((_, level)), Language::English) => level.english(),
            (Some((_, level)), Language::Japanese) => level.japanese(),
            (None, _) => &self.given,
        }
        .to_owned()
    }
}

/// Burden ratio and its validity, both days included, each `YYYY-MM-DD`.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct BurdenRatio {
    /// The person's own share in percent: 0 to 100, usually 10, 20 or 30 (1, 2 or 3 割).
    pub percent: u8,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_until: String,
}

/// Limit certificate and its validity, both days included, each `YYYY-MM-DD`.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct LimitCertificate {
    /// The stage.
    pub stage: LimitStage,
    /// Its code as the platform gave it: what to show where this version has no name for it. A stranger's text.
    pub given: String,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_until: String,
}

/// Stages of the limit certificate (利用者負担段階).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum LimitStage {
    /// 第1段階
    One,
    /// 第2段階
    Two,
    /// 第3段階①
    ThreeOne,
    /// 第3段階②
    ThreeTwo,
    /// One that this version has no name for.
    Unknown,
}

/// Every stage that the core knows, with its name here.
const STAGES: [(LimitStage, kaigo::LimitStage); 4] = [
    (LimitStage::One, kaigo::LimitStage::One),
    (LimitStage::Two, kaigo::LimitStage::Two),
    (LimitStage::ThreeOne, kaigo::LimitStage::ThreeOne),
    (LimitStage::ThreeTwo, kaigo::LimitStage::ThreeTwo),
];

#[uniffi::export]
impl LimitCertificate {
    /// The stage in words, Japanese: 第1段階; its code where this version has no name for it.
    pub fn text(&self) -> String {
        let known = STAGES.iter().find(|(own, _)| *own == self.stage);
        known.map_or(self.given.as_str(), |(_, stage)| stage.japanese()).to_owned()
    }
}
hidden!(BenefitLimit CareManager Due MedicalInsurance);
hidden!(Entitlement Person Insurer CareLevel BurdenRatio LimitCertificate);

impl From<kaigo::Entitlement> for Entitlement {
    fn from(entitlement: kaigo::Entitlement) -> Self {
        let periodic = entitlement.periodic;
        Self {
            person: Person {
                name_kana: entitlement.person.name_kana,
                birth_date: entitlement.person.birth_date.map(|date| date.to_string()),
                sex: entitlement.person.sex.into(),
            },
            insurer: Insurer { number: entitlement.insurer.number, name: entitlement.insurer.name },
            insured_number: entitlement.insured_number,
            as_of_ms: milliseconds(periodic.as_of),
            care_level: periodic.care_level.map(|level| CareLevel {
                code: named(&LEVELS, &level.code).unwrap_or(CareLevelCode::Unknown),
                given: level.code.code().to_owned(),
                valid_from: level.valid_from.to_string(),
                valid_until: level.valid_until.to_string(),
            }),
            burden_ratio: periodic.burden_ratio.map(|ratio| BurdenRatio {
                percent: ratio.percent,
                valid_from: ratio.valid_from.to_string(),
                valid_until: ratio.valid_until.to_string(),
            }),
            limit_certificate: periodic.limit_certificate.map(|limit| LimitCertificate {
                stage: named(&STAGES, &limit.stage).unwrap_or(LimitStage::Unknown),
                given: limit.stage.code().to_owned(),
                valid_from: limit.valid_from.to_string(),
                valid_until: limit.valid_until.to_string(),
            }),
            benefit_limit: periodic.benefit_limit.map(|limit| BenefitLimit {
                code: limit.code.into(),
                valid_from: limit.valid_from.to_string(),
                valid_until: limit.valid_until.to_string(),
            }),
            care_manager: entitlement.care_manager.map(|manager| CareManager {
                facility: manager.facility_id,
                name: manager.name,
                since: manager.since.to_string(),
            }),
            changed: entitlement.changed.into_iter().map(Into::into).collect(),
            due: entitlement.due.into_iter().map(Into::into).collect(),
            registered_until_ms: entitlement.registered_until.map(milliseconds),
            medical: entitlement.medical.map(|medical| MedicalInsurance {
                insurer_number: medical.insurer_number,
                burden_percent: medical.burden_percent,
                valid_from: medical.valid_from.to_string(),
                valid_until: medical.valid_until.to_string(),
            }),
            storage: entitlement.storage.allows_encrypted().then(|| entitlement.storage.into()),
        }
    }
}

fn named<Own: Copy, Core: PartialEq>(names: &[(Own, Core)], value: &Core) -> Option<Own> {
    names.iter().find(|(_, core)| core == value).map(|(own, _)| *own)
}
