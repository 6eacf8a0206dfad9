//! The entitlement (資格・受給の情報): what the paper certificates used to say.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::caller::at_most;
use super::code::open_code;
use super::person::{Person, personal};
use super::users::{Changed, Due, FEW};
use crate::exchange::AccessToken;
use crate::flow;
use crate::message::{Code, Failure};
use crate::platform::{Call, Content, Credential, Platform, Repeat};

/// Who someone is and what they are entitled to. `Debug` shows nothing of it; `Serialize` gives all of it, for the
/// screen or the care software's own record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entitlement {
    /// The person.
    pub person: Person,
    /// The insurer (保険者): a municipality or a union of them.
    pub insurer: Insurer,
    /// Insured number (被保険者番号), 10 digits.
    pub insured_number: String,
    /// What changes with time.
    pub periodic: Periodic,
    /// Who makes the person's care plans, as it is on record (居宅介護支援事業所).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub care_manager: Option<CareManager>,
    /// What has changed since this facility read it last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Changed>,
    /// What runs out within 60 days, or has run out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due: Vec<Due>,
    /// The second in which the person's registration with this facility is over; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_until: Option<Timestamp>,
    /// The medical insurance, for a visit that is for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medical: Option<MedicalInsurance>,
    /// What of this answer a device may keep; nothing where the platform does not say.
    #[serde(default, skip_serializing_if = "Storage::is_none")]
    pub storage: Storage,
}

/// Medical insurance and its validity, both days included, as オンライン資格確認 knows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MedicalInsurance {
    /// The medical insurer's number (保険者番号), 8 digits.
    pub insurer_number: String,
    /// The person's own share in percent, 0 to 100.
    pub burden_percent: u8,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

open_code! {
    /// What a device may keep of what the platform tells (ローカル端末へのダウンロード). One that has no name here allows nothing.
    Storage {
        /// Nothing
        None "none" "nothing is kept" "保存不可",
        /// What is kept is encrypted
        Encrypted "encrypted" "kept encrypted" "暗号化して保存可",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro writes the enum")]
impl Default for Storage {
    fn default() -> Self {
        Self::None
    }
}

impl Storage {
    /// Whether anything may be kept, encrypted.
    pub fn allows_encrypted(&self) -> bool {
        matches!(self, Self::Encrypted)
    }

    fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// An insurer (保険者).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Insurer {
    /// Insurer number (保険者番号), 6 digits.
    pub number: String,
    /// Name.
    pub name: String,
}

/// What changes with time, as of a moment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Periodic {
    /// When the platform said so.
    pub as_of: Timestamp,
    /// Care level (要介護状態区分); `None` when the person is not certified.
    pub care_level: Option<CareLevel>,
    /// Burden ratio (負担割合).
    pub burden_ratio: Option<BurdenRatio>,
    /// Certificate of limits on costs of meals and residence (介護保険負担限度額認定証).
    pub limit_certificate: Option<LimitCertificate>,
    /// Limit of benefits (給付制限).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit_limit: Option<BenefitLimit>,
}

/// Care level and its validity, both days included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CareLevel {
    /// The level.
    pub code: CareLevelCode,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

open_code! {
    /// The care levels (要介護状態区分).
    CareLevelCode {
        /// 非該当
        NotEligible "not_eligible" "not eligible" "非該当",
        /// 事業対象者: found eligible for the municipality's programme by the checklist, without certification
        ProgramEligible "program_eligible" "eligible for the municipality's programme" "事業対象者",
        /// 要支援1
        Support1 "support_1" "support level 1" "要支援1",
        /// 要支援2
        Support2 "support_2" "support level 2" "要支援2",
        /// 要介護1
        Care1 "care_1" "care level 1" "要介護1",
        /// 要介護2
        Care2 "care_2" "care level 2" "要介護2",
        /// 要介護3
        Care3 "care_3" "care level 3" "要介護3",
        /// 要介護4
        Care4 "care_4" "care level 4" "要介護4",
        /// 要介護5
        Care5 "care_5" "care level 5" "要介護5",
    }
}

/// Burden ratio and its validity, both days included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BurdenRatio {
    /// The person's own share in percent, 0 to 100: usually 10, 20 or 30 (1, 2 or 3 割).
    pub percent: u8,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

/// Limit certificate and its validity, both days included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LimitCertificate {
    /// The stage.
    pub stage: LimitStage,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

/// Limit of benefits and its validity, both days included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BenefitLimit {
    /// Which.
    pub code: BenefitLimitCode,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Date,
}

open_code! {
    /// Limits of benefits for who is behind with contributions (介護保険法 第66〜69条).
    BenefitLimitCode {
        /// 支払方法の変更
        PaymentChanged "payment_changed" "paid in advance by the person" "支払方法変更",
        /// 保険給付の一時差止
        Withheld "withheld" "withheld" "給付の一時差止",
        /// 給付額減額
        Reduced "reduced" "reduced" "給付額減額",
    }
}

/// Who makes the person's care plans.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CareManager {
    /// Its number (事業所番号), 10 digits.
    pub facility_id: String,
    /// Its name.
    pub name: String,
    /// Since which day.
    pub since: Date,
}

open_code! {
    /// Stages of the limit certificate (利用者負担段階).
    LimitStage {
        /// 第1段階
        One "1" "stage 1" "第1段階",
        /// 第2段階
        Two "2" "stage 2" "第2段階",
        /// 第3段階①
        ThreeOne "3-1" "stage 3-1" "第3段階①",
        /// 第3段階②
        ThreeTwo "3-2" "stage 3-2" "第3段階②",
    }
}

personal!(Entitlement Insurer Periodic CareLevel BurdenRatio LimitCertificate BenefitLimit);
personal!(CareManager MedicalInsurance);

/// The entitlement of the person whom the token is about.
pub(crate) async fn ask_entitlement(
    platform: &Platform<'_>,
    token: &AccessToken,
) -> Result<Entitlement, Failure> {
    let call = Call {
        method: flow::Method::Get,
        path: "/v1/qualification",
        content: Content::None,
        credential: Credential::Dpop { token: Some(token.secret()) },
        repeat: Repeat::Unanswered,
        success: 200,
    };
    platform.call(&call, read_entitlement).await
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
    at_most(&entitlement.changed, FEW, "changes")?;
    at_most(&entitlement.due, FEW, "due")?;
    let periodic = &entitlement.periodic;
    if periodic.burden_ratio.as_ref().is_some_and(|ratio| ratio.percent > 100) {
        return Err(invalid("burden ratio"));
    }
    if entitlement
        .medical
        .as_ref()
        .is_some_and(|medical| medical.burden_percent > 100 || !digits(&medical.insurer_number, 8))
    {
        return Err(invalid("medical insurance"));
    }
    Ok(entitlement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kaigo::InformationKind;

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
    fn what_has_no_name_here_is_kept_as_it_was_given_and_costs_nothing() {
        for (from, to) in [
            ("care_3", "pending"),
            ("\"percent\": 10", "\"percent\": 0"),
            (
                "\"limit_certificate\": null",
                r#""limit_certificate": {"stage": "4", "valid_from": "2026-08-01", "valid_until": "2027-07-31"}"#,
            ),
            ("1941-05-03", "1941-05-00"),
            ("1941-05-03", "1941-00-00"),
            ("1941-05-03", "1941"),
            ("\"1941-05-03\"", "null"),
            ("\"female\"", "\"not_given\""),
        ] {
            let changed = ANSWER.replace(from, to);
            assert_ne!(changed, ANSWER);
            let entitlement =
                read_entitlement(changed.as_bytes()).unwrap_or_else(|_| panic!("{to}"));
            if to == "pending" {
                let code = &entitlement.periodic.care_level.as_ref().unwrap().code;
                assert_eq!(
                    (code.code(), code.japanese(), code.is_known()),
                    ("pending", "pending", false)
                );
                let again = serde_json::to_string(&entitlement).unwrap();
                assert!(again.contains(r#""code":"pending""#), "{again}");
            }
        }
    }

    /// Certificates of medical care, disability, public expense or public assistance may come one day: what has no name here
    /// yet is told by its code, and what has no place here does no harm.
    #[test]
    fn a_certificate_that_was_added_since_is_told_by_its_code() {
        let more = r#"{"changed": ["disability_certificate"],
            "due": [{"what": "public_expense_certificate", "until": "2027-03-31"}],
            "disability_certificate": {"grade": "2"},"#;
        let entitlement = read_entitlement(ANSWER.replacen('{', more, 1).as_bytes()).unwrap();
        let (changed, due) = (&entitlement.changed[0], &entitlement.due[0].what);
        assert_eq!((changed.japanese(), changed.is_known()), ("disability_certificate", false));
        assert_eq!((due.code(), due.english()), ("public_expense_certificate", due.japanese()));
        let kind: InformationKind = serde_json::from_str("\"disability\"").unwrap();
        assert_eq!(
            (kind.code(), kind.japanese(), kind.is_known()),
            ("disability", "disability", false)
        );
        let again = serde_json::to_string(&entitlement).unwrap();
        for code in ["disability_certificate", "public_expense_certificate"] {
            assert!(again.contains(code), "{again}");
        }
    }

    /// A server that says nothing, or something that is not known here, has not allowed anything.
    #[test]
    fn nothing_may_be_kept_unless_the_server_says_so() {
        let read = |answer: &str| read_entitlement(answer.as_bytes()).unwrap().storage;
        let saying = |word: &str| ANSWER.replacen('{', &format!(r#"{{"storage": "{word}","#), 1);
        assert_eq!(read(ANSWER), Storage::None);
        assert!(!read(ANSWER).allows_encrypted());
        assert!(read(&saying("encrypted")).allows_encrypted());
        for word in ["none", "plain", "ENCRYPTED", ""] {
            assert!(!read(&saying(word)).allows_encrypted(), "{word}");
        }
    }

    #[test]
    fn the_medical_insurance_of_a_visit_for_it_is_read() {
        let medical = r#"{"medical": {"insurer_number": "39990010", "burden_percent": 10,
            "valid_from": "2026-08-01", "valid_until": "2027-07-31"},"#;
        let answer = ANSWER.replacen('{', medical, 1);
        let told = read_entitlement(answer.as_bytes()).unwrap().medical.unwrap();
        assert_eq!((told.insurer_number.as_str(), told.burden_percent), ("39990010", 10));
        for (from, to) in [
            ("39990010", "3999001"),
            ("percent\": 10,\n            \"valid", "percent\": 101,\n            \"valid"),
        ] {
            let changed = answer.replacen(from, to, 1);
            assert_ne!(changed, answer);
            let failure = read_entitlement(changed.as_bytes()).unwrap_err();
            assert_eq!(failure.code(), Code::ServerAnswerInvalid, "{to}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (from, to) in [
            ("0001234567", "123456789"),
            ("990001", "99-001"),
            ("\"percent\": 10", "\"percent\": 101"),
            ("2027-03-31", "2027-02-31"),
        ] {
            let changed = ANSWER.replace(from, to);
            assert_ne!(changed, ANSWER);
            let failure = read_entitlement(changed.as_bytes()).unwrap_err();
            assert_eq!(failure.code(), Code::ServerAnswerInvalid, "{to}");
        }
    }
}
