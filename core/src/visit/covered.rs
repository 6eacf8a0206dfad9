//! A visit where the platform can be asked: what was proven is exchanged at once, and the platform tells who this is.

use super::bedside::{Attempt, Bedside, Proven, Seen, Setting, Source};
use super::outcome::{Ended, Told, Verified};
use super::plan::Known;
use crate::exchange::{Entropy, StaffToken, Wanted, Way, exchange};
use crate::flow::Stage;
use crate::kaigo::ask_entitlement;
use crate::message::{Code, Failure};
use crate::platform::{Platform, ServerAddress};

pub(super) struct Covered<'a> {
    pub(super) server: &'a ServerAddress,
    pub(super) known: &'a Known,
    pub(super) staff: &'a StaffToken,
    /// Whether the platform is asked who this is.
    pub(super) tells: bool,
}

impl Setting for Covered<'_> {
    type Ended = Ended;

    async fn attempt(
        &mut self,
        attempt: &Attempt<'_>,
        mut requests: Entropy,
    ) -> Result<Ended, Failure> {
        let Self { server, known, staff, .. } = *self;
        let challenge = (attempt.way == Way::FaceCheck).then(|| requests.bytes());
        let platform = Platform::new(attempt.talk, server, &known.issuer, &known.device, requests);
        let source = Source::Platform(&platform, staff);
        let bedside = Bedside { attempt, known, member: staff.member(), source };
        let proven = bedside.prove(challenge).await?;
        self.finish(&platform, attempt, proven).await
    }
}

impl Covered<'_> {
    /// Exchanges what was proven, and has the platform tell who this is, if it is to: the one who was chosen, or nothing is
    /// told.
    async fn finish(
        &self,
        platform: &Platform<'_>,
        attempt: &Attempt<'_>,
        proven: Proven<'_>,
    ) -> Result<Ended, Failure> {
        attempt.talk.stage(Stage::Exchange);
        let Proven { evidence, uses, subject, seen } = proven;
        let Seen { face, certificate, genuineness, birth } = seen;
        let wanted = Wanted {
            issuer: &self.known.issuer,
            staff: self.staff,
            uses,
            reads: &attempt.plan.reads(),
            domain: attempt.plan.domain(),
            way: Some(attempt.way.verification()),
        };
        let mut confirmation = exchange(platform, evidence.proof(), &wanted).await?;
        confirmation.way = attempt.way;
        if subject.is_some_and(|subject| *subject != confirmation.subject) {
            return Err(Failure::new(Code::ServerAnswerInvalid).with_detail("subject"));
        }
        let (certificate, verdict) = certificate.unzip();
        let verified = Verified { confirmation, face, certificate: verdict, genuineness };
        if !self.tells {
            return Ok(Ended { verified, told: None });
        }
        attempt.talk.stage(Stage::Entitlement);
        let entitlement = ask_entitlement(platform, &verified.confirmation.token).await?;
        if let Some(person) = attempt.plan.person() {
            person.compare(&entitlement.person)?;
        }
        let birth = birth.or(entitlement.person.birth_date);
        let birthday_fits = birth
            .zip(certificate)
            .and_then(|(birth, certificate)| certificate.ends_on_birthday(birth));
        Ok(Ended { verified, told: Some(Told { entitlement, birthday_fits }) })
    }
}
