//! The kinds of information beside the entitlement. Their texts are strangers': escape them where they are shown.

use kaigotap::kaigo;

use crate::term::Term;
use crate::{hidden, milliseconds, mirror};

mirror! {
    /// Kinds of information.
    InformationKind of kaigo::InformationKind {
        /// 要介護認定情報, with the progress of an application
        Certification,
        /// 認定調査票
        Survey,
        /// 主治医意見書
        DoctorOpinion,
        /// 住宅改修費・福祉用具購入費
        Housing,
        /// ケアプラン
        CarePlan,
        /// LIFE
        Life,
    }
}

/// What the platform has of one kind. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Information {
    /// When the platform said so, in milliseconds since 1970.
    pub as_of_ms: u64,
    /// The records.
    pub records: InformationRecords,
    /// Where earlier ones begin; none where there are no more.
    pub next: Option<String>,
}

/// Records of one kind; an empty list where there are none. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
#[uniffi::export(Debug, Display)]
pub enum InformationRecords {
    /// 要介護認定情報
    Certification {
        /// The newest first.
        records: Vec<CertificationRecord>,
    },
    /// 認定調査票
    Survey {
        /// The newest first.
        records: Vec<SurveyRecord>,
    },
    /// 主治医意見書
    DoctorOpinion {
        /// The newest first.
        records: Vec<DoctorOpinionRecord>,
    },
    /// 住宅改修費・福祉用具購入費
    Housing {
        /// One a kind and year.
        records: Vec<HousingRecord>,
    },
    /// ケアプラン
    CarePlan {
        /// A table each.
        records: Vec<CarePlanRecord>,
    },
    /// LIFE
    Life {
        /// The newest first.
        records: Vec<LifeRecord>,
    },
    /// One that this version has no name for.
    Unknown,
}

/// A certification, or an application for one. Dates are `YYYY-MM-DD`, or shorter where less is known, here and below.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct CertificationRecord {
    /// When it was applied for.
    pub applied_on: String,
    /// For what: `new`, `renewal` or `change`.
    pub kind: Term,
    /// How far it is: `applied`, `surveyed`, `opinion_received`, `judged` or `notified`.
    pub progress: Term,
    /// The care level, once it is judged.
    pub care_level: Option<Term>,
    /// Its first day.
    pub valid_from: Option<String>,
    /// Its last day.
    pub valid_until: Option<String>,
}

/// A survey for certification (認定調査票).
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct SurveyRecord {
    /// When.
    pub surveyed_on: String,
    /// What was found.
    pub items: Vec<InformationItem>,
}

/// What was found of one item.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct InformationItem {
    /// Its number, where it has one: `1-1`.
    pub no: Option<String>,
    /// Its name.
    pub name: String,
    /// What was found.
    pub value: String,
}

/// A physician's opinion (主治医意見書).
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct DoctorOpinionRecord {
    /// When.
    pub written_on: String,
    /// Where.
    pub physician_facility: String,
    /// What.
    pub text: String,
}

/// What was spent on the home or on equipment, and what is left of the limit, yen.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct HousingRecord {
    /// On which: `modification` or `equipment`.
    pub kind: Term,
    /// What was spent.
    pub spent_yen: u64,
    /// The limit.
    pub limit_yen: u64,
    /// What is left of it.
    pub left_yen: u64,
    /// One by one.
    pub items: Vec<HousingItem>,
}

/// One expense.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct HousingItem {
    /// When.
    pub spent_on: String,
    /// For what.
    pub what: String,
    /// How much, yen.
    pub yen: u64,
}

/// A table of a care plan (ケアプラン).
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct CarePlanRecord {
    /// Which: 第1・2・3・6・7表.
    pub table: u8,
    /// When.
    pub written_on: String,
    /// By which facility (事業所番号).
    pub facility: String,
    /// What.
    pub text: String,
}

/// What was recorded for LIFE.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct LifeRecord {
    /// When.
    pub recorded_on: String,
    /// By which facility (事業所番号).
    pub facility: String,
    /// What.
    pub items: Vec<InformationItem>,
}
hidden!(Information InformationRecords CertificationRecord SurveyRecord InformationItem DoctorOpinionRecord);
hidden!(HousingRecord HousingItem CarePlanRecord LifeRecord);

impl From<kaigo::Information> for Information {
    fn from(told: kaigo::Information) -> Self {
        let as_of_ms = milliseconds(told.as_of);
        let records = match told.records {
            kaigo::Records::Certification(all) => {
                InformationRecords::Certification { records: each(all) }
            }
            kaigo::Records::Survey(all) => InformationRecords::Survey { records: each(all) },
            kaigo::Records::DoctorOpinion(all) => {
                InformationRecords::DoctorOpinion { records: each(all) }
            }
            kaigo::Records::Housing(all) => InformationRecords::Housing { records: each(all) },
            kaigo::Records::CarePlan(all) => InformationRecords::CarePlan { records: each(all) },
            kaigo::Records::Life(all) => InformationRecords::Life { records: each(all) },
            _ => InformationRecords::Unknown,
        };
        let next = told.next.map(|next| next.as_str().to_owned());
        Self { as_of_ms, records, next }
    }
}

fn each<T, R: From<T>>(records: Vec<T>) -> Vec<R> {
    records.into_iter().map(Into::into).collect()
}

impl From<kaigo::CertificationRecord> for CertificationRecord {
    fn from(record: kaigo::CertificationRecord) -> Self {
        Self {
            applied_on: record.applied_on.to_string(),
            kind: record.kind.into(),
            progress: record.progress.into(),
            care_level: record.care_level.map(Into::into),
            valid_from: record.valid_from.map(|day| day.to_string()),
            valid_until: record.valid_until.map(|day| day.to_string()),
        }
    }
}

impl From<kaigo::SurveyRecord> for SurveyRecord {
    fn from(record: kaigo::SurveyRecord) -> Self {
        Self { surveyed_on: record.surveyed_on.to_string(), items: each(record.items) }
    }
}

impl From<kaigo::SurveyItem> for InformationItem {
    fn from(item: kaigo::SurveyItem) -> Self {
        Self { no: Some(item.no), name: item.name, value: item.value }
    }
}

impl From<kaigo::DoctorOpinionRecord> for DoctorOpinionRecord {
    fn from(record: kaigo::DoctorOpinionRecord) -> Self {
        Self {
            written_on: record.written_on.to_string(),
            physician_facility: record.physician_facility,
            text: record.text,
        }
    }
}

impl From<kaigo::HousingRecord> for HousingRecord {
    fn from(record: kaigo::HousingRecord) -> Self {
        Self {
            kind: record.kind.into(),
            spent_yen: record.spent_yen,
            limit_yen: record.limit_yen,
            left_yen: record.left_yen,
            items: each(record.items),
        }
    }
}

impl From<kaigo::HousingItem> for HousingItem {
    fn from(item: kaigo::HousingItem) -> Self {
        Self { spent_on: item.on.to_string(), what: item.what, yen: item.yen }
    }
}

impl From<kaigo::CarePlanRecord> for CarePlanRecord {
    fn from(record: kaigo::CarePlanRecord) -> Self {
        Self {
            table: record.table,
            written_on: record.written_on.to_string(),
            facility: record.facility_id,
            text: record.text,
        }
    }
}

impl From<kaigo::LifeRecord> for LifeRecord {
    fn from(record: kaigo::LifeRecord) -> Self {
        Self {
            recorded_on: record.recorded_on.to_string(),
            facility: record.facility_id,
            items: each(record.items),
        }
    }
}

impl From<kaigo::LifeItem> for InformationItem {
    fn from(item: kaigo::LifeItem) -> Self {
        Self { no: None, name: item.name, value: item.value }
    }
}
