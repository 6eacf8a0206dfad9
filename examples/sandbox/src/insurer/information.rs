//! What municipalities and facilities have put on the platform of a person beside the entitlement.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::person::CareLevel;
use crate::kiban::{Kind, Known, Physician};

/// One record.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Information {
    /// 要介護認定情報, with how far it is (進捗).
    Certification {
        /// The day of the application.
        applied_on: Date,
        /// `new`, `renewal` or `change`.
        kind: String,
        /// `applied`, `surveyed`, `opinion_received`, `judged` or `notified`.
        progress: String,
        /// The level, once there is one.
        level: Option<CareLevel>,
    },
    /// 認定調査票
    Survey {
        /// The day of the survey.
        surveyed_on: Date,
        /// What was asked, and the answers.
        items: Vec<SurveyItem>,
    },
    /// 主治医意見書
    DoctorOpinion {
        /// The day on which it was written.
        written_on: Date,
        /// Where: the number of a facility.
        physician_facility: String,
        /// What it says.
        text: String,
        /// Whether the physician agrees that it is shared; nothing where nobody knows.
        physician_agrees: Option<bool>,
    },
    /// 住宅改修費・福祉用具購入費
    Housing {
        /// `modification` or `equipment`.
        kind: String,
        /// The limit of what is paid for.
        limit_yen: u64,
        /// What was spent.
        items: Vec<HousingItem>,
    },
    /// ケアプラン: one of its tables.
    CarePlan {
        /// 1, 2, 3, 6 or 7.
        table: u8,
        /// The day on which it was made.
        written_on: Date,
        /// The number of the facility that made it.
        facility_id: String,
        /// What it says.
        text: String,
    },
    /// LIFE
    Life {
        /// The day of the record.
        recorded_on: Date,
        /// The number of the facility that recorded it.
        facility_id: String,
        /// What was recorded.
        items: Vec<LifeItem>,
    },
}

/// A question of a survey.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SurveyItem {
    pub no: String,
    pub name: String,
    pub value: String,
}

/// An expense.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct HousingItem {
    pub on: Date,
    pub what: String,
    pub yen: u64,
}

/// A measure.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct LifeItem {
    pub name: String,
    pub value: String,
}

impl std::fmt::Debug for Information {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Information(…)")
    }
}

impl Information {
    /// As 介護情報基盤 keeps it.
    pub(super) fn known(&self) -> Known {
        let (kind, day) = match self {
            Self::Certification { applied_on, .. } => (Kind::Certification, *applied_on),
            Self::Survey { surveyed_on, .. } => (Kind::Survey, *surveyed_on),
            Self::DoctorOpinion { written_on, .. } => (Kind::DoctorOpinion, *written_on),
            Self::Housing { items, .. } => {
                let last = items.iter().map(|item| item.on).max();
                (Kind::Housing, last.unwrap_or(Date::MIN))
            }
            Self::CarePlan { written_on, .. } => (Kind::CarePlan, *written_on),
            Self::Life { recorded_on, .. } => (Kind::Life, *recorded_on),
        };
        let (creator, physician) = match self {
            Self::DoctorOpinion { physician_facility, physician_agrees, .. } => {
                let physician = match physician_agrees {
                    Some(true) => Physician::Agreed,
                    Some(false) => Physician::Refused,
                    None => Physician::Unknown,
                };
                (Some(physician_facility.clone()), physician)
            }
            Self::CarePlan { facility_id, .. } | Self::Life { facility_id, .. } => {
                (Some(facility_id.clone()), Physician::Unknown)
            }
            _ => (None, Physician::Unknown),
        };
        Known { kind, day: day.to_string(), creator, physician, record: self.record() }
    }

    /// As it is given.
    fn record(&self) -> Value {
        match self {
            Self::Certification { applied_on, kind, progress, level } => json!({
                "applied_on": applied_on,
                "kind": kind,
                "progress": progress,
                "care_level": level.as_ref().map(|level| &level.code),
                "valid_from": level.as_ref().map(|level| level.valid_from),
                "valid_until": level.as_ref().map(|level| level.valid_until),
            }),
            Self::Survey { surveyed_on, items } => {
                json!({ "surveyed_on": surveyed_on, "items": items })
            }
            Self::DoctorOpinion { written_on, physician_facility, text, .. } => json!({
                "written_on": written_on,
                "physician_facility": physician_facility,
                "text": text,
            }),
            Self::Housing { kind, limit_yen, items } => {
                let spent = items.iter().fold(0_u64, |sum, item| sum.saturating_add(item.yen));
                json!({
                    "kind": kind,
                    "spent_yen": spent,
                    "limit_yen": limit_yen,
                    "left_yen": limit_yen.saturating_sub(spent),
                    "items": items,
                })
            }
            Self::CarePlan { table, written_on, facility_id, text } => json!({
                "table": table,
                "written_on": written_on,
                "facility_id": facility_id,
                "text": text,
            }),
            Self::Life { recorded_on, facility_id, items } => json!({
                "recorded_on": recorded_on,
                "facility_id": facility_id,
                "items": items,
            }),
        }
    }

    /// Records of somebody who never lived, certified like this; the n-th of them differs a little from the others.
    pub fn examples(n: u64, level: &CareLevel) -> Vec<Self> {
        let before = |days: i64| level.valid_from.saturating_sub(days.days());
        let text = |text: &str| text.to_owned();
        let survey = [
            ("1-3", "寝返り", "つかまれば可"),
            ("1-5", "座位保持", "自分で支えれば可"),
            ("2-1", "移乗", ["見守り等", "一部介助", "全介助"][index(n, 3)]),
            ("3-1", "意思の伝達", "できる"),
        ];
        let opinion = [
            "脳梗塞後遺症。病状は安定しており、転倒と再発の予防のため訪問看護が望ましい。",
            "慢性心不全。塩分と水分の管理、体重の記録を要する。",
            "変形性膝関節症。歩行器を用いた屋内の移動を勧める。",
        ][index(n, 3)];
        let measures = [
            ("バーセルインデックス", (55 + n % 8 * 5).to_string()),
            ("体重（kg）", format!("{}.{}", 46 + n % 9, n % 10)),
            ("BMI", format!("{}.{}", 19 + n % 4, n % 10)),
        ];
        let plan = [
            (1, "住み慣れた自宅で、転ばずに暮らし続ける。"),
            (2, "短期目標：一人でトイレまで歩く。週2回の訪問看護、週3回の訪問介護。"),
            (3, "月・木 10:00 訪問看護、火・金・日 9:00 訪問介護"),
        ];
        let mut records = vec![
            Self::Certification {
                applied_on: before(400),
                kind: text("new"),
                progress: text("notified"),
                level: Some(CareLevel {
                    valid_from: before(365),
                    valid_until: before(1),
                    ..level.clone()
                }),
            },
            Self::Certification {
                applied_on: before(45),
                kind: text("renewal"),
                progress: text("notified"),
                level: Some(level.clone()),
            },
            Self::Survey {
                surveyed_on: before(30),
                items: survey
                    .iter()
                    .map(|(no, name, value)| SurveyItem {
                        no: text(no),
                        name: text(name),
                        value: text(value),
                    })
                    .collect(),
            },
            Self::DoctorOpinion {
                written_on: before(25),
                physician_facility: text("1370000004"),
                text: text(opinion),
                // Now and then nobody has noted what the physician said.
                physician_agrees: if n % 5 == 3 { None } else { Some(true) },
            },
            Self::Housing {
                kind: text("modification"),
                limit_yen: 200_000,
                items: vec![HousingItem {
                    on: before(200),
                    what: text("手すりの取付け（浴室）"),
                    yen: 48_000 + n % 7 * 11_000,
                }],
            },
            Self::Housing {
                kind: text("equipment"),
                limit_yen: 100_000,
                items: vec![HousingItem {
                    on: before(120),
                    what: text("入浴用いす"),
                    yen: 16_500 + n % 3 * 2_000,
                }],
            },
            Self::Life {
                recorded_on: before(10),
                facility_id: text("1370000004"),
                items: measures
                    .into_iter()
                    .map(|(name, value)| LifeItem { name: text(name), value })
                    .collect(),
            },
        ];
        records.extend(plan.map(|(table, says)| Self::CarePlan {
            table,
            written_on: level.valid_from,
            facility_id: text("1370000003"),
            text: text(says),
        }));
        records
    }
}

/// One of so many.
fn index(n: u64, count: u64) -> usize {
    usize::try_from(n % count).unwrap_or_default()
}
