//! The kinds of information of the platform beside the entitlement: 要介護認定情報, 認定調査票, 主治医意見書, 住宅改修費・福祉用具購入費,
//! ケアプラン, LIFE. Who may see which, the platform judges ([`may_view`](super::rule::may_view)).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::caller::{Caller, Cursor, Question, Shown, ask, at_most, invalid, read};
use super::code::open_code;
use super::entitlement::CareLevelCode;
use super::person::personal;
use crate::date::PartialDate;
use crate::exchange::AccessToken;
use crate::flow::Flow;
use crate::message::{Code, Failure};

open_code! {
    /// Kinds of information.
    InformationKind {
        /// 要介護認定情報, with the progress of an application
        Certification "certification" "certification" "要介護認定情報",
        /// 認定調査票
        Survey "survey" "survey for certification" "認定調査票",
        /// 主治医意見書
        DoctorOpinion "doctor_opinion" "physician's opinion" "主治医意見書",
        /// 住宅改修費・福祉用具購入費
        Housing "housing" "home modification and equipment" "住宅改修費・福祉用具購入費",
        /// ケアプラン, tables 1, 2, 3, 6 and 7
        CarePlan "care_plan" "care plan" "ケアプラン",
        /// LIFE
        Life "life" "LIFE" "LIFE",
    }
}

impl InformationKind {
    /// All that have a name here.
    pub const ALL: &[Self] = &[
        Self::Certification,
        Self::Survey,
        Self::DoctorOpinion,
        Self::Housing,
        Self::CarePlan,
        Self::Life,
    ];

    /// The kind of this code, if it has a name here.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|kind| kind.code() == code).cloned()
    }

    /// Where it is, and the scope that opens it.
    fn place(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Certification => ("/v1/information/certification", "certification:read"),
            Self::Survey => ("/v1/information/survey", "survey:read"),
            Self::DoctorOpinion => ("/v1/information/doctor-opinion", "doctor_opinion:read"),
            Self::Housing => ("/v1/information/housing", "housing:read"),
            Self::CarePlan => ("/v1/information/care-plan", "care_plan:read"),
            Self::Life => ("/v1/information/life", "life:read"),
            Self::Other(_) => return None,
        })
    }

    /// The scope that opens it.
    pub(crate) fn scope(&self) -> Option<&'static str> {
        self.place().map(|(_, scope)| scope)
    }
}

/// What the platform has of one kind, the newest first. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Information {
    /// When the platform said so.
    pub as_of: Timestamp,
    /// The records, the latest first; none where there are none.
    #[serde(flatten)]
    pub records: Records,
    /// Where earlier ones begin; `None` where there are no more.
    #[serde(default)]
    pub next: Option<Cursor>,
}

/// Records of one kind.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "records", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Records {
    /// 要介護認定情報
    Certification(Vec<CertificationRecord>),
    /// 認定調査票
    Survey(Vec<SurveyRecord>),
    /// 主治医意見書
    DoctorOpinion(Vec<DoctorOpinionRecord>),
    /// 住宅改修費・福祉用具購入費
    Housing(Vec<HousingRecord>),
    /// ケアプラン
    CarePlan(Vec<CarePlanRecord>),
    /// LIFE
    Life(Vec<LifeRecord>),
}

impl Records {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Certification(records) => records.len(),
            Self::Survey(records) => records.len(),
            Self::DoctorOpinion(records) => records.len(),
            Self::Housing(records) => records.len(),
            Self::CarePlan(records) => records.len(),
            Self::Life(records) => records.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A certification, or an application for one, and how far it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CertificationRecord {
    /// When it was applied for.
    pub applied_on: PartialDate,
    /// For what.
    pub kind: ApplicationKind,
    /// How far it is.
    pub progress: CertificationProgress,
    /// The care level, once it is judged.
    #[serde(default)]
    pub care_level: Option<CareLevelCode>,
    /// Its first day.
    #[serde(default)]
    pub valid_from: Option<PartialDate>,
    /// Its last day.
    #[serde(default)]
    pub valid_until: Option<PartialDate>,
}

open_code! {
    /// What a certification was applied for.
    ApplicationKind {
        /// 新規
        New "new" "new" "新規",
        /// 更新
        Renewal "renewal" "renewal" "更新",
        /// 区分変更
        Change "change" "change of level" "区分変更",
    }
}

open_code! {
    /// How far a certification is (進捗).
    CertificationProgress {
        /// 申請
        Applied "applied" "applied for" "申請済み",
        /// 認定調査
        Surveyed "surveyed" "surveyed" "認定調査済み",
        /// 主治医意見書
        OpinionReceived "opinion_received" "physician's opinion received" "主治医意見書受領",
        /// 審査会
        Judged "judged" "judged" "審査会判定済み",
        /// 通知
        Notified "notified" "notified" "認定通知済み",
    }
}

/// A survey for certification (認定調査票).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SurveyRecord {
    /// When.
    pub surveyed_on: PartialDate,
    /// What was found, item by item.
    pub items: Vec<SurveyItem>,
}

/// An item of a survey. Strangers' texts: escape them where they are shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SurveyItem {
    /// Its number, such as `1-1`.
    pub no: String,
    /// Its name.
    pub name: String,
    /// What was found.
    pub value: String,
}

/// A physician's opinion (主治医意見書). Strangers' texts: escape them where they are shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DoctorOpinionRecord {
    /// When.
    pub written_on: PartialDate,
    /// Where.
    pub physician_facility: String,
    /// What.
    pub text: String,
}

/// What was spent on the home or on equipment, and what is left of the limit, yen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HousingRecord {
    /// On which of them.
    pub kind: HousingKind,
    /// What was spent.
    pub spent_yen: u64,
    /// The limit.
    pub limit_yen: u64,
    /// What is left of it.
    pub left_yen: u64,
    /// One by one.
    pub items: Vec<HousingItem>,
}

open_code! {
    /// What the money was for.
    HousingKind {
        /// 住宅改修費
        Modification "modification" "home modification" "住宅改修費",
        /// 福祉用具購入費
        Equipment "equipment" "equipment" "福祉用具購入費",
    }
}

/// One expense.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HousingItem {
    /// When.
    pub on: PartialDate,
    /// For what. A stranger's text.
    pub what: String,
    /// How much, yen.
    pub yen: u64,
}

/// A table of a care plan (ケアプラン). Strangers' texts: escape them where they are shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CarePlanRecord {
    /// Which: 第1・2・3・6・7表.
    pub table: u8,
    /// When.
    pub written_on: PartialDate,
    /// By which facility (事業所番号).
    pub facility_id: String,
    /// What.
    pub text: String,
}

/// What was recorded for LIFE. Strangers' texts: escape them where they are shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LifeRecord {
    /// When.
    pub recorded_on: PartialDate,
    /// By which facility (事業所番号).
    pub facility_id: String,
    /// What, item by item.
    pub items: Vec<LifeItem>,
}

/// An item of LIFE.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LifeItem {
    /// Its name.
    pub name: String,
    /// What was found.
    pub value: String,
}
personal!(Information Records CertificationRecord SurveyRecord SurveyItem DoctorOpinionRecord HousingRecord);
personal!(HousingItem CarePlanRecord LifeRecord LifeItem);

/// What the platform has of one kind. The token is that of a visit that was to
/// [read](crate::visit::Plan::reading) it: the latest hundred records, or those behind an earlier part; `not_shared` where it is not for a facility of this kind. A kind that has no name
/// here is `setup_invalid`.
pub fn information(
    caller: Caller,
    token: AccessToken,
    kind: InformationKind,
    after: Option<&Cursor>,
) -> Flow<Result<Information, Failure>> {
    let place = kind.place().map(|(path, _)| Question::get(path).after(after));
    let question =
        place.ok_or_else(|| Failure::new(Code::SetupInvalid).with_detail("kind of information"));
    ask(caller, Shown::Person(token), question, move |body| read_information(body, &kind))
}

/// Most records of one kind, and most items of one.
const MOST: usize = 2000;

#[derive(Deserialize)]
struct Answer<R> {
    kind: InformationKind,
    as_of: Timestamp,
    records: Vec<R>,
    #[serde(default)]
    next: Option<Cursor>,
}

/// Reads what the platform has of this kind.
pub(crate) fn read_information(
    body: &[u8],
    kind: &InformationKind,
) -> Result<Information, Failure> {
    let (as_of, next, records) = match kind {
        InformationKind::Certification => records(body, kind, Records::Certification)?,
        InformationKind::Survey => records(body, kind, Records::Survey)?,
        InformationKind::DoctorOpinion => records(body, kind, Records::DoctorOpinion)?,
        InformationKind::Housing => records(body, kind, Records::Housing)?,
        InformationKind::CarePlan => records(body, kind, Records::CarePlan)?,
        InformationKind::Life => records(body, kind, Records::Life)?,
        InformationKind::Other(_) => return Err(invalid("kind of information")),
    };
    let items = |most: Option<usize>| most.unwrap_or(0) <= MOST;
    let bounded = match &records {
        Records::Survey(surveys) => items(surveys.iter().map(|one| one.items.len()).max()),
        Records::Housing(spent) => items(spent.iter().map(|one| one.items.len()).max()),
        Records::Life(recorded) => items(recorded.iter().map(|one| one.items.len()).max()),
        _ => true,
    };
    if bounded { Ok(Information { as_of, records, next }) } else { Err(invalid("items")) }
}

fn records<R: serde::de::DeserializeOwned>(
    body: &[u8],
    kind: &InformationKind,
    of: fn(Vec<R>) -> Records,
) -> Result<(Timestamp, Option<Cursor>, Records), Failure> {
    let answer: Answer<R> = read(body, "information")?;
    // What was asked for, and not what would be taken for it.
    if answer.kind != *kind {
        return Err(invalid("another kind of information"));
    }
    at_most(&answer.records, MOST, "records")?;
    Ok((answer.as_of, answer.next, of(answer.records)))
}
