//! The bedside: what every way begins with, and the way from one to the next.

use std::future::Future;

use super::face::{self, Confirmed};
use super::next::Tried;
use super::plan::{Known, Plan};
use super::uncovered::Answering;
use super::way;
use crate::date::PartialDate;
use crate::exchange::assertion::Assertion;
use crate::exchange::statement::Statement;
use crate::exchange::tap::TapEvidence;
use crate::exchange::{
    Expected, Proof, RegistrationHandle, StaffId, StaffToken, Subject, Use, VisualCheck, Way,
};
use crate::flow::{Answer, Prompt, Talk};
use crate::message::{Code, Failure};
use crate::pki::card_certificate::Genuineness;
use crate::pki::{Certificate, LocalVerdict};
use crate::platform::{Entropy, Platform};
use crate::reading::Challenge;

/// One conversation: by the way that is planned, and where that fails by one that is lawful and chosen.
pub(super) async fn attend<S: Setting>(
    talk: &Talk,
    plan: &Plan,
    mut setting: S,
    entropy: &mut Entropy,
) -> Result<S::Ended, Failure> {
    let visit = entropy.uuid();
    let mut tried = Tried::NOTHING;
    let mut face = None;
    let mut way = plan.first();
    loop {
        let id = entropy.uuid();
        let fresh = entropy.part();
        if way.uses_card() {
            // Whoever stops here stops the visit, and after another face nothing follows.
            look(talk, &mut face).await?;
        }
        let attempt = Attempt { talk, plan, visit: &visit, id: &id, way, face };
        let failure = match setting.attempt(&attempt, fresh).await {
            Ok(ended) => return Ok(ended),
            Err(failure) => failure,
        };
        if matches!(failure.code(), Code::FaceNotConfirmed | Code::AnotherCard) {
            face = None;
        }
        let ways = tried.after(way, failure.code(), plan.offered());
        if ways.is_empty() {
            return Err(failure);
        }
        match talk.ask(Prompt::ChooseWay { after: failure, ways }).await {
            Answer::Way(chosen) if ways.contains(chosen) => way = chosen,
            _ => return Err(failure),
        }
    }
}

/// Where a visit is made: it decides what becomes of what was proven.
pub(super) trait Setting {
    type Ended;

    /// Tries one way.
    fn attempt(
        &mut self,
        attempt: &Attempt<'_>,
        fresh: Entropy,
    ) -> impl Future<Output = Result<Self::Ended, Failure>> + Send;
}

/// The face before the card: once in a conversation, and again when that was too long ago.
async fn look(talk: &Talk, face: &mut Option<Confirmed>) -> Result<(), Failure> {
    if let Some(confirmed) = face {
        let now = talk.clock().await;
        if !confirmed.is_old(now.monotonic) {
            return Ok(());
        }
    }
    *face = Some(face::confirm(talk).await?);
    Ok(())
}

/// One way, tried once.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub(super) talk: &'a Talk,
    pub(super) plan: &'a Plan,
    visit: &'a str,
    /// The name of the evidence.
    pub(super) id: &'a str,
    pub(super) way: Way,
    face: Option<Confirmed>,
}

/// The same, with all that it needs.
pub(super) struct Bedside<'a> {
    pub(super) attempt: &'a Attempt<'a>,
    pub(super) known: &'a Known,
    pub(super) member: &'a StaffId,
    pub(super) source: Source<'a>,
}

/// Where something fresh to sign comes from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// The platform, which is asked.
    Platform(&'a Platform<'a>, &'a StaffToken),
    /// A ticket that was fetched before.
    Ticket(&'a Answering),
}

/// What a way has proven, and what it is to count for.
pub(super) struct Proven<'a> {
    pub(super) evidence: Evidence<'a>,
    pub(super) uses: &'a [Use],
    /// Who it has to be, where that is known.
    pub(super) subject: Option<&'a Subject>,
    pub(super) seen: Seen,
}

/// What proves it to the platform.
pub(super) enum Evidence<'a> {
    Card(Assertion),
    Tap(TapEvidence),
    Statement(Statement),
    Registration(&'a RegistrationHandle),
}

impl Evidence<'_> {
    pub(super) fn proof(&self) -> Proof<'_> {
        match self {
            Self::Card(assertion) => Proof::Card(assertion),
            Self::Tap(evidence) => Proof::Tap(evidence),
            Self::Statement(statement) => Proof::Statement(statement),
            Self::Registration(handle) => Proof::Registration(handle),
        }
    }
}

/// What was seen on the way.
pub(super) struct Seen {
    pub(super) face: Option<VisualCheck>,
    pub(super) certificate: Option<(Certificate, LocalVerdict)>,
    pub(super) genuineness: Option<Genuineness>,
    /// The date of birth, where it is known before the platform tells it.
    pub(super) birth: Option<PartialDate>,
}

impl<'a> Bedside<'a> {
    pub(super) fn way(&self) -> Way {
        self.attempt.way
    }

    pub(super) fn talk(&self) -> &'a Talk {
        self.attempt.talk
    }

    pub(super) fn plan(&self) -> &'a Plan {
        self.attempt.plan
    }

    pub(super) fn id(&self) -> &'a str {
        self.attempt.id
    }

    /// Goes the way; a card that shows its photo signs `challenge`.
    pub(super) async fn prove(&self, challenge: Option<Challenge>) -> Result<Proven<'a>, Failure> {
        match (self.way(), self.attempt.face) {
            (Way::CardPin, Some(face)) => way::card_pin(self, face).await,
            (Way::CardTap, Some(face)) => way::card_tap(self, face).await,
            (Way::FaceCheck, Some(_)) => {
                way::face_check(self, challenge.ok_or(Code::InternalError)?).await
            }
            (Way::FourAttributes | Way::Disaster, _) => way::stated(self).await,
            (Way::Registered, face) => way::registered(self, face),
            (Way::CardPin | Way::CardTap | Way::FaceCheck, None) => Err(Code::InternalError.into()),
        }
    }

    /// What a challenge has to say for this way.
    pub(super) fn expected<'b>(
        &'b self,
        uses: &'b [Use],
        subject: Option<&'b Subject>,
    ) -> Expected<'b> {
        Expected {
            issuer: &self.known.issuer,
            device: &self.known.device,
            member: self.member,
            visit: self.attempt.visit,
            uses,
            way: self.way(),
            subject,
        }
    }
}
