//! From a challenge to the evidence of a tap without PIN: one tap, in which the card shows its authentication certificate
//! and its age record and signs for both; then, once it has been let go, the device signs what was shown.
//!
//! Nobody types anything: the age record opens with the date of birth of the person who is expected. What the platform will
//! look at is looked at here first, so that a card that cannot do costs no exchange.

use super::bedside::Bedside;
use super::challenged::Challenged;
use super::face::Confirmed;
use super::plan::Registered;
use super::proof::read_certificate;
use crate::card::{
    Application, Guard, Holding, Selected, TapError, Task, face as files, over_taps,
};
use crate::exchange::Expected;
use crate::exchange::tap::{Shown, TapEvidence, Unsigned, to_sign};
use crate::flow::{Stage, Talk};
use crate::message::{Code, Differences, Failure};
use crate::pki::card_certificate::Genuineness;
use crate::pki::{Certificate, LocalVerdict};
use crate::reading::{age, proven};

/// What a tap has shown.
pub(super) struct Tapped {
    pub(super) evidence: TapEvidence,
    /// What this device makes of the certificate.
    pub(super) verdict: LocalVerdict,
    /// What it makes of the age record.
    pub(super) genuineness: Genuineness,
    pub(super) certificate: Certificate,
    /// The face check that the evidence speaks of.
    pub(super) face: Confirmed,
}

/// Has the expected person's card shown, and the device sign what it showed.
pub(super) async fn shown_by_card(
    bedside: &Bedside<'_>,
    expected: &Expected<'_>,
    face: Confirmed,
    person: &Registered,
) -> Result<Tapped, Failure> {
    let talk = bedside.talk();
    let challenged = Challenged::ask(bedside, expected, face).await?;
    let mut guard = Guard::knowing(talk, person.key.clone());
    let mut tapping = Tapping { challenged, person };
    let read = over_taps(talk, &mut guard, &mut tapping).await?;

    let Challenged { challenge, time, face, .. } = tapping.challenged;
    let Read { certificate, verdict, face_records, genuineness } = read;
    let [age, card_certificate] = &face_records.records;
    let live = face_records.live().ok_or(Code::InternalError)?;
    let shown = Shown {
        certificate: certificate.der(),
        card_certificate,
        age,
        digest: live.challenge,
        signature: live.signature,
    };
    let now = time.at(talk.clock().await);
    let unsigned = Unsigned::compose(&challenge, expected, &shown, face.check, bedside.id(), now)?;
    let evidence = unsigned.signed(talk, &bedside.known.device).await?;
    Ok(Tapped { evidence, verdict, genuineness, certificate, face })
}

struct Tapping<'a> {
    challenged: Challenged<'a>,
    person: &'a Registered,
}

/// What was read in one tap, and held.
struct Read {
    certificate: Certificate,
    verdict: LocalVerdict,
    /// Age record and card-verifiable certificate.
    face_records: proven::Read<2>,
    genuineness: Genuineness,
}

impl Task for Tapping<'_> {
    type Outcome = Read;

    async fn before_tap(&mut self, talk: &Talk, guard: &mut Guard) -> Result<(), Failure> {
        guard.before_tap(talk).await
    }

    async fn work(&mut self, holding: &mut Holding, guard: &mut Guard) -> Result<Read, TapError> {
        // Somebody may have looked for the card for minutes.
        self.challenged.keep_fresh().await?;
        holding.talk().stage(Stage::ReadCard);
        let mut jpki = Selected::jpki(holding).await?;
        let (certificate, verdict) = read_certificate(&mut jpki, guard, &self.challenged).await?;

        let challenge = &self.challenged.challenge;
        let files = [files::AGE, files::CERTIFICATE];
        let face_records = proven::read(holding, guard, Application::Face, files, |[age, _]| {
            Some(to_sign(challenge, certificate.der(), age))
        })
        .await
        .map_err(anothers_card)?;
        let age = age::judge(&face_records, &self.challenged.bedside.known.card_authorities)?;
        // Six digits of an era open the records of people who were born in two of them.
        if age.record.birth.date() != Some(self.person.birth) {
            return Err(another_person());
        }
        Ok(Read { certificate, verdict, face_records, genuineness: age.genuineness })
    }
}

/// A card that does not open with the date of birth of whom it should be is another's.
fn anothers_card(error: TapError) -> TapError {
    match error {
        TapError::Final(failure) if failure.code() == Code::PinWrong => another_person(),
        other => other,
    }
}

fn another_person() -> TapError {
    let differences = Differences { birth_date: true, ..Differences::default() };
    TapError::Final(Failure::new(Code::AnotherPerson).with_differences(differences))
}
