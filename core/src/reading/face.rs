//! The card's face, as the chip has it: for the eye to compare with what is printed, and with the person.

use std::fmt;

use zeroize::Zeroizing;

use super::{Answered, Challenge, Question, over_taps, sha256};
use crate::card::record::{ApplicationInformation, FaceRecord};
use crate::card::{Application, Desk, Holding, PinKind, Selected, TapError, face as files};
use crate::flow::{Flow, Stage};
use crate::message::Failure;
use crate::pki::card_certificate::{
    CardAuthorities, Genuineness, NotGenuine, Part, Signed, Signer, presence,
};

/// The card's face.
#[derive(Clone, PartialEq, Eq)]
pub struct Face {
    /// The record.
    pub record: FaceRecord,
    /// What was shown of it.
    pub genuineness: Genuineness,
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Face").field("genuineness", &self.genuineness).finish_non_exhaustive()
    }
}

/// Reads the face record with verification number B, and has the card prove it and itself. No PIN of the holder is
/// needed: an aid to the eye, and no check of a revocation.
pub fn face(
    authorities: CardAuthorities,
    challenge: Option<Challenge>,
) -> Flow<Result<Face, Failure>> {
    let challenge = challenge.map(Zeroizing::new);
    Flow::new(move |talk| async move {
        let pin = PinKind::VerificationNumberB;
        let read = over_taps(&talk, pin, Record { challenge }).await?;
        read.judge(&authorities)
    })
}

struct Record {
    challenge: Option<Zeroizing<Challenge>>,
}

pub(super) struct Read {
    pub(super) face: Zeroizing<Vec<u8>>,
    pub(super) certificate: Zeroizing<Vec<u8>>,
    pub(super) answered: Option<Answered>,
}

impl Question for Record {
    type Answer = Read;

    async fn ask(
        &mut self,
        holding: &mut Holding,
        desk: &mut Desk,
    ) -> Result<Self::Answer, TapError> {
        holding.talk().stage(Stage::ReadCard);
        let mut card = Selected::required(holding, Application::Face).await?;
        desk.open(&mut card).await?;
        card.talk().stage(Stage::ReadCard);
        // The short certificate first: on a card whose records cannot be read, this costs least.
        let certificate = card.read_required(files::CERTIFICATE).await?;
        let answered = Answered::ask(&mut card, self.challenge.as_ref()).await?;
        Ok(Read { face: card.read_required(files::FACE).await?, certificate, answered })
    }
}

impl Read {
    pub(super) fn judge(&self, authorities: &CardAuthorities) -> Result<Face, Failure> {
        let record = FaceRecord::parse(&self.face)?;
        let certified = authorities.certify(Signer::Face, &self.certificate)?;
        let digests = Signed::Digests(record.groups().map(sha256));
        if !certified.signed(&digests, record.signature()) {
            return Err(NotGenuine::Record.into());
        }
        let genuineness = Genuineness {
            signed_by: certified.origin(),
            attributes: Part::Signed,
            photo: Part::Signed,
            expiry: Part::NotSigned,
            present: presence(record.key(), self.answered.as_ref().map(Answered::live))?,
        };
        Ok(Face { record, genuineness })
    }
}

/// Reads the basic information of the face AP. Free, and not signed.
pub fn information() -> Flow<Result<ApplicationInformation, Failure>> {
    Flow::new(|talk| async move {
        let record = over_taps(&talk, PinKind::VerificationNumberB, Information).await?;
        Ok(ApplicationInformation::parse(&record)?)
    })
}

struct Information;

impl Question for Information {
    type Answer = Zeroizing<Vec<u8>>;

    async fn ask(&mut self, holding: &mut Holding, _: &mut Desk) -> Result<Self::Answer, TapError> {
        holding.talk().stage(Stage::ReadCard);
        let mut card = Selected::required(holding, Application::Face).await?;
        card.read_required(files::INFORMATION).await
    }
}
