//! What is known of a person, where their consent stands, and who has looked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Portal;
use super::session::{come_in, json};
use crate::exchange::Entropy;
use crate::flow::{Flow, Method, Stage, Talk};
use crate::kaigo::{
    CertificationRecord, ConsentState, ConsentTaker, Cursor, Entitlement, InformationKind, Records,
    VerificationMethod, open_code, personal, read_entitlement, read_information, read_json,
};
use crate::message::{Code, Failure};
use crate::platform::{Call, Content, Credential, Platform, Repeat};

/// How many of those who looked are asked for at once, and how many at most are told.
const PAGE: u16 = 500;
const MOST: usize = 1000;

/// What the platform tells a person of themselves.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OwnView {
    /// What they are entitled to.
    pub entitlement: Entitlement,
    /// Their applications for certification, the latest first.
    pub progress: Vec<CertificationRecord>,
    /// Their comprehensive consent (包括同意).
    pub consent: OwnConsent,
    /// Every time that a facility was shown something of them, the last first; the last thousand.
    pub accesses: Vec<Access>,
    /// Whether there are more.
    pub older: bool,
}

/// Where a person's comprehensive consent stands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OwnConsent {
    /// Whether it is given.
    pub state: ConsentState,
    /// When it was given last.
    pub given_at: Option<Timestamp>,
    /// Who took it.
    pub taken_by: Option<ConsentTaker>,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<Timestamp>,
}

/// That a facility was shown something of a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Access {
    /// When.
    pub at: Timestamp,
    /// The facility's number (事業所番号).
    pub facility_id: String,
    /// Its name. A stranger's text: escape it where it is shown.
    pub facility_name: String,
    /// What whoever looked is there; who they are is not told.
    pub role: StaffRole,
    /// What they saw.
    pub what: Viewed,
    /// How the person was verified for it.
    pub method: VerificationMethod,
    /// By the rules for disasters.
    pub disaster: bool,
}

open_code! {
    /// What somebody is at a facility.
    StaffRole {
        /// 職員
        Nurse "nurse" "staff" "職員",
        /// 管理者
        Admin "admin" "administrator" "管理者",
    }
}

open_code! {
    /// What a facility was shown.
    Viewed {
        /// 受給内容（被保険者証など）
        Qualification "qualification" "entitlement" "受給内容（被保険者証など）",
        /// 要介護認定情報
        Certification "certification" "certification" "要介護認定情報",
        /// 認定調査票
        Survey "survey" "survey for certification" "認定調査票",
        /// 主治医意見書
        DoctorOpinion "doctor_opinion" "physician's opinion" "主治医意見書",
        /// 住宅改修費・福祉用具購入費
        Housing "housing" "home modification and equipment" "住宅改修費・福祉用具購入費",
        /// ケアプラン
        CarePlan "care_plan" "care plan" "ケアプラン",
        /// LIFE
        Life "life" "LIFE" "LIFE",
    }
}
personal!(OwnView OwnConsent Access);

/// What the platform knows of the holder of the card, who gives it their PIN.
pub fn own_view(portal: Portal) -> Flow<Result<OwnView, Failure>> {
    Flow::new(move |talk| async move {
        let mut portal = portal;
        let entropy = portal.entropy.part();
        let (platform, token) = inside(&talk, &portal, entropy).await?;
        talk.stage(Stage::Entitlement);
        let entitlement =
            get(&platform, &token, "/portal/v1/entitlement", read_entitlement).await?;
        let progress = get(&platform, &token, "/portal/v1/progress", read_progress).await?;
        let consent = get(&platform, &token, "/portal/v1/consent", read_consent).await?;
        let (accesses, older) = accesses(&platform, &token).await?;
        Ok(OwnView { entitlement, progress, consent, accesses, older })
    })
}

/// Withdraws the comprehensive consent of the holder of the card, who gives it their PIN. From then on nothing of them is
/// served to any facility.
pub fn withdraw_own_consent(portal: Portal) -> Flow<Result<OwnConsent, Failure>> {
    Flow::new(move |talk| async move {
        let mut portal = portal;
        let entropy = portal.entropy.part();
        let (platform, token) = inside(&talk, &portal, entropy).await?;
        let call = Call {
            method: Method::Post,
            path: "/portal/v1/consent/withdraw",
            content: json(&Withdraws { withdraw: true })?,
            credential: Credential::Dpop { token: Some(&token) },
            repeat: Repeat::Unanswered,
            success: 200,
        };
        let consent = platform.call(&call, read_consent).await?;
        // Whoever is told so stops caring about it.
        let given = consent.state == ConsentState::Given;
        if given { Err(invalid("consent")) } else { Ok(consent) }
    })
}

async fn inside<'a>(
    talk: &'a Talk,
    portal: &'a Portal,
    mut entropy: Entropy,
) -> Result<(Platform<'a>, Zeroizing<String>), Failure> {
    let id = entropy.uuid();
    let Portal { server, issuer, signer, .. } = portal;
    let platform = Platform::for_key(talk, server, issuer, signer, entropy);
    let token = come_in(&platform, portal, &id).await?;
    Ok((platform, token))
}

async fn get<T>(
    platform: &Platform<'_>,
    token: &str,
    path: &'static str,
    read: impl FnOnce(&[u8]) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let call = Call {
        method: Method::Get,
        path,
        content: Content::None,
        credential: Credential::Dpop { token: Some(token) },
        repeat: Repeat::Unanswered,
        success: 200,
    };
    platform.call(&call, read).await
}

#[derive(Serialize)]
struct Withdraws {
    withdraw: bool,
}

#[derive(Serialize)]
struct Search {
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Cursor>,
    limit: u16,
}

#[derive(Deserialize)]
pub(super) struct AccessPage {
    pub(super) accesses: Vec<Access>,
    #[serde(default)]
    next: Option<Cursor>,
}

/// Those who looked last, and whether there are more.
async fn accesses(platform: &Platform<'_>, token: &str) -> Result<(Vec<Access>, bool), Failure> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let call = Call {
            method: Method::Post,
            path: "/portal/v1/accesses/search",
            content: json(&Search { after, limit: PAGE })?,
            credential: Credential::Dpop { token: Some(token) },
            repeat: Repeat::Unanswered,
            success: 200,
        };
        let page = platform.call(&call, read_accesses).await?;
        // A page without anybody leads nowhere.
        let next = page.next.filter(|_| !page.accesses.is_empty());
        all.extend(page.accesses);
        match next {
            Some(next) if all.len() < MOST => after = Some(next),
            next => return Ok((all, next.is_some())),
        }
    }
}

pub(super) fn read_accesses(body: &[u8]) -> Result<AccessPage, Failure> {
    let page: AccessPage = read_json(body, "accesses")?;
    if page.accesses.len() > usize::from(PAGE) { Err(invalid("accesses")) } else { Ok(page) }
}

fn read_progress(body: &[u8]) -> Result<Vec<CertificationRecord>, Failure> {
    match read_information(body, &InformationKind::Certification)?.records {
        Records::Certification(records) => Ok(records),
        _ => Err(invalid("progress")),
    }
}

fn read_consent(body: &[u8]) -> Result<OwnConsent, Failure> {
    read_json(body, "consent")
}

fn invalid(what: &'static str) -> Failure {
    Failure::new(Code::ServerAnswerInvalid).with_detail(what)
}
