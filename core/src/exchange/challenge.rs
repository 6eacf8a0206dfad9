//! The challenge of a visit: asked for when the face is confirmed, and judged before the card is touched.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::signed::{Challenge, ChallengeKey, Common, Confirmed, Contents, Form, MAX_LIFE, judged};
use super::{Clock, Device, FacilityNumber, StaffId, StaffToken, Subject, Use, Way};
use crate::flow::{self, DeviceTime};
use crate::message::{Code, Failure};
use crate::platform::{Answered, Call, Content, Credential, Platform, Repeat, is_off};

/// The form of challenges, asked for and given.
const VERSION: u32 = 2;
/// What a challenge is for.
const AUDIENCE: &str = "urn:kaigo:card-assertion";

/// What a challenge has to say to be ours.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) device: &'a Device,
    /// The staff member who visits, at the device's facility.
    pub(crate) member: &'a StaffId,
    pub(crate) visit: &'a str,
    pub(crate) uses: &'a [Use],
    pub(crate) way: Way,
    /// Who it is to be, where the way demands that this is known.
    pub(crate) subject: Option<&'a Subject>,
}

impl<'a> Expected<'a> {
    /// For which facility.
    pub(crate) fn facility(&self) -> &'a FacilityNumber {
        self.device.facility()
    }
}

/// What the nurse compared the face with (目視確認).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Basis {
    /// The photo printed on the card.
    PrintedPhoto,
    /// The paper certificate, of which its data was typed.
    Certificate,
    /// The photo in the card's chip, beside the printed one.
    ChipPhoto,
}

impl Basis {
    /// As it stands in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::PrintedPhoto => "printed_photo",
            Self::Certificate => "certificate",
            Self::ChipPhoto => "chip_photo",
        }
    }
}

/// That the nurse looked, and that the face matched: there is no record of another result, because nothing follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VisualCheck {
    /// What the face was compared with.
    pub basis: Basis,
    /// When, by the clock of the device.
    pub checked_at: Timestamp,
}

impl VisualCheck {
    /// The face matched.
    pub(crate) fn matched(basis: Basis, checked_at: Timestamp) -> Self {
        Self { basis, checked_at }
    }

    /// The result as it stands in JSON.
    pub(super) const RESULT: &'static str = "match";
}

#[derive(Serialize)]
struct Ask<'a> {
    vsn: u32,
    method: Way,
    purpose: &'a [Use],
    facility_id: &'a str,
    visit_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_hint: Option<&'a str>,
    visual_check: Look,
}

#[derive(Serialize)]
struct Look {
    result: &'static str,
    checked_at: Timestamp,
    basis: Basis,
}

/// Asks for one challenge, and judges it. The nurse has confirmed the face.
pub(crate) async fn fresh_challenge(
    platform: &Platform<'_>,
    keys: &[ChallengeKey],
    staff: &StaffToken,
    expected: &Expected<'_>,
    check: VisualCheck,
) -> Result<(Challenge, Clock), Failure> {
    let ask = Ask {
        vsn: VERSION,
        method: expected.way,
        purpose: expected.uses,
        facility_id: expected.facility().as_str(),
        visit_id: expected.visit,
        subject_hint: expected.subject.map(Subject::as_str),
        visual_check: Look {
            result: VisualCheck::RESULT,
            checked_at: check.checked_at,
            basis: check.basis,
        },
    };
    let body = serde_json::to_vec(&ask).map_err(|_| Failure::new(Code::InternalError))?;
    let call = Call {
        method: flow::Method::Post,
        path: "/v1/challenges",
        content: Content::Json(body.into()),
        credential: Credential::Dpop { token: Some(staff.as_str()) },
        // Another sending would be another challenge.
        repeat: Repeat::Never,
        success: 201,
    };
    let answered = platform.ask(&call).await?;
    let device = platform.talk.clock().await;
    match answered {
        Answered::Done(body) => verify_challenge(&body, keys, expected, device),
        // A clock that is wrong makes the time of the face check wrong, too; that is what has to be told.
        Answered::Refused(failure, Some(at))
            if failure.code() == Code::FaceNotConfirmed && is_off(at, device) =>
        {
            Err(Code::ClockOff.into())
        }
        Answered::Refused(failure, _) => Err(failure),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: String,
    aud: String,
    #[serde(rename = "jti")]
    _jti: String,
    nonce: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    facility_id: String,
    purpose: Vec<Use>,
    method: Way,
    act_sub: String,
    visit_id: String,
    cnf: Confirmed,
    vsn: u32,
}

impl Contents for Payload {
    fn common(&self) -> Common<'_> {
        Common {
            version: self.vsn,
            issuer: &self.iss,
            audience: &self.aud,
            thumbprint: &self.cnf.jkt,
            nonce: &self.nonce,
            times: [self.iat, self.nbf, self.exp],
        }
    }
}

/// Judges the server's answer: signature first, then content, then time.
pub(crate) fn verify_challenge(
    body: &[u8],
    keys: &[ChallengeKey],
    expected: &Expected<'_>,
    device: DeviceTime,
) -> Result<(Challenge, Clock), Failure> {
    let form = Form {
        typ: "kaigo-challenge+jwt",
        version: VERSION,
        audience: AUDIENCE,
        issuer: expected.issuer,
        thumbprint: expected.device.thumbprint(),
        longest: MAX_LIFE,
    };
    judged(body, keys, &form, device, |payload: &Payload| {
        [
            (payload.facility_id == expected.facility().as_str(), "facility"),
            (payload.act_sub == expected.member.as_str(), "staff"),
            (payload.visit_id == expected.visit, "visit"),
            (payload.purpose == expected.uses, "purpose"),
            (payload.method == expected.way, "method"),
        ]
    })
}
