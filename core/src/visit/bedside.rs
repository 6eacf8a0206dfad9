//! What every way begins and ends with, and the way from one to the next.

use super::face::{self, Confirmed};
use super::next::Tried;
use super::outcome::{Ended, Told, Verified};
use super::plan::{Environment, Plan};
use super::way;
use crate::date::PartialDate;
use crate::exchange::{Expected, Proof, Subject, Use, VisualCheck, Wanted, Way, exchange};
use crate::flow::{Answer, Prompt, Stage, Talk};
use crate::kaigo::ask_entitlement;
use crate::message::{Code, Failure};
use crate::pki::card_certificate::Genuineness;
use crate::pki::{Certificate, LocalVerdict};
use crate::platform::{Entropy, Platform};

/// One conversation: by the way that is planned, and where that fails by one that is lawful and chosen.
pub(super) async fn attend(
    talk: &Talk,
    plan: &Plan,
    mut environment: Environment,
    tells: bool,
) -> Result<Ended, Failure> {
    let visit = environment.entropy.uuid();
    let mut tried = Tried::NOTHING;
    let mut face = None;
    let mut way = plan.first();
    loop {
        let id = environment.entropy.uuid();
        let requests = environment.entropy.part();
        let environment = &environment;
        let bedside = Bedside { talk, plan, environment, visit: &visit, id, way, tells };
        if way.uses_card() {
            // Whoever stops here stops the visit, and after another face nothing follows.
            bedside.look(&mut face).await?;
        }
        let failure = match bedside.verify(requests, face).await {
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

/// One way of a visit.
pub(super) struct Bedside<'a> {
    pub(super) talk: &'a Talk,
    pub(super) plan: &'a Plan,
    pub(super) environment: &'a Environment,
    visit: &'a str,
    /// The name of the evidence.
    pub(super) id: String,
    way: Way,
    /// Whether the platform is asked who this is.
    tells: bool,
}

/// What was seen before the exchange.
pub(super) struct Seen {
    pub(super) face: Option<VisualCheck>,
    pub(super) certificate: Option<(Certificate, LocalVerdict)>,
    pub(super) genuineness: Option<Genuineness>,
    /// The date of birth, where it is known before the platform tells it.
    pub(super) birth: Option<PartialDate>,
}

impl Bedside<'_> {
    pub(super) fn way(&self) -> Way {
        self.way
    }

    async fn verify(
        &self,
        mut requests: Entropy,
        face: Option<Confirmed>,
    ) -> Result<Ended, Failure> {
        let Environment { server, issuer, device, .. } = self.environment;
        let challenge = (self.way == Way::FaceCheck).then(|| requests.bytes());
        let platform = Platform::new(self.talk, server, issuer, device, requests);
        match (self.way, face) {
            (Way::CardPin, Some(face)) => way::card_pin(self, &platform, face).await,
            (Way::CardTap, Some(face)) => way::card_tap(self, &platform, face).await,
            (Way::FaceCheck, Some(_)) => {
                let challenge = challenge.ok_or(Code::InternalError)?;
                way::face_check(self, &platform, challenge).await
            }
            (Way::FourAttributes | Way::Disaster, _) => way::stated(self, &platform).await,
            (Way::Registered, face) => way::registered(self, &platform, face).await,
            (Way::CardPin | Way::CardTap | Way::FaceCheck, None) => Err(Code::InternalError.into()),
        }
    }

    /// The face before the card: once in a conversation, and again when that was too long ago.
    async fn look(&self, face: &mut Option<Confirmed>) -> Result<(), Failure> {
        if let Some(confirmed) = face {
            let now = self.talk.clock().await;
            if !confirmed.is_old(now.monotonic) {
                return Ok(());
            }
        }
        *face = Some(face::confirm(self.talk).await?);
        Ok(())
    }

    /// What a challenge has to say for this way.
    pub(super) fn expected<'a>(
        &'a self,
        uses: &'a [Use],
        subject: Option<&'a Subject>,
    ) -> Expected<'a> {
        let Environment { issuer, device, staff_token, .. } = self.environment;
        Expected {
            issuer,
            device,
            staff: staff_token,
            visit: self.visit,
            uses,
            way: self.way,
            subject,
        }
    }

    /// Exchanges what was seen, and has the platform tell who this is, if it is to: the one who was chosen, or nothing is
    /// told.
    pub(super) async fn finish(
        &self,
        platform: &Platform<'_>,
        expected: &Expected<'_>,
        proof: Proof<'_>,
        seen: Seen,
    ) -> Result<Ended, Failure> {
        self.talk.stage(Stage::Exchange);
        let &Expected { issuer, staff, uses, .. } = expected;
        let (reads, way) = (self.plan.reads(), Some(self.way.verification()));
        let domain = self.plan.domain();
        let wanted = Wanted { issuer, staff, uses, reads: &reads, domain, way };
        let mut confirmation = exchange(platform, proof, &wanted).await?;
        confirmation.way = self.way;
        if expected.subject.is_some_and(|subject| *subject != confirmation.subject) {
            return Err(Failure::new(Code::ServerAnswerInvalid).with_detail("subject"));
        }
        let (certificate, verdict) = seen.certificate.unzip();
        let verified = Verified {
            confirmation,
            face: seen.face,
            certificate: verdict,
            genuineness: seen.genuineness,
        };
        if !self.tells {
            return Ok(Ended { verified, told: None });
        }
        self.talk.stage(Stage::Entitlement);
        let entitlement = ask_entitlement(platform, &verified.confirmation.token).await?;
        if let Some(person) = self.plan.person() {
            person.compare(&entitlement.person)?;
        }
        let birth = seen.birth.or(entitlement.person.birth_date);
        let birthday_fits = birth
            .zip(certificate)
            .and_then(|(birth, certificate)| certificate.ends_on_birthday(birth));
        Ok(Ended { verified, told: Some(Told { entitlement, birthday_fits }) })
    }
}
