//! The card's face, as the chip has it: for the eye to compare with what is printed, and with the person.

use zeroize::Zeroizing;

use super::proven::{Proven, Read, Records};
use super::{Challenge, Question, free, guarded, sha256};
use crate::card::record::{ApplicationInformation, FaceRecord};
use crate::card::{
    Application, Guard, Holding, PinKind, Selected, TapError, face as files, over_taps,
};
use crate::flow::{Flow, Stage, Talk};
use crate::message::Failure;
use crate::pki::card_certificate::{
    CardAuthorities, Genuineness, NotGenuine, Part, Signed, Signer, presence,
};

/// The card's face.
pub type Face = Proven<FaceRecord>;

/// Reads the face record with verification number B, and has the card prove it and itself. No PIN of the holder is
/// needed: an aid to the eye, and no check of a revocation.
pub fn face(
    authorities: CardAuthorities,
    challenge: Option<Challenge>,
) -> Flow<Result<Face, Failure>> {
    // The short certificate first: on a card whose records cannot be read, this costs least.
    let records = Records::new(Application::Face, [files::CERTIFICATE, files::FACE], challenge);
    let pin = PinKind::VerificationNumberB;
    Flow::new(move |talk| async move { judge(&guarded(&talk, pin, records).await?, &authorities) })
}

/// The same for a visit: the nurse types the parts of the number, which are printed on the card, each for itself.
pub(crate) async fn read_off(
    talk: &Talk,
    authorities: &CardAuthorities,
    challenge: Challenge,
) -> Result<Face, Failure> {
    let files = [files::CERTIFICATE, files::FACE];
    let mut records = Records::new(Application::Face, files, Some(challenge));
    let read = over_taps(talk, &mut Guard::reading_off(talk), &mut records).await?;
    judge(&read, authorities)
}

pub(super) fn judge(read: &Read<2>, authorities: &CardAuthorities) -> Result<Face, Failure> {
    let [certificate, record] = &read.records;
    let record = FaceRecord::parse(record)?;
    let certified = authorities.certify(Signer::Face, certificate)?;
    let digests = Signed::Digests(record.groups().map(sha256));
    if !certified.signed(&digests, record.signature()) {
        return Err(NotGenuine::Record.into());
    }
    let genuineness = Genuineness {
        signed_by: certified.origin(),
        attributes: Part::Signed,
        photo: Part::Signed,
        expiry: Part::NotSigned,
        present: presence(record.key(), read.live())?,
    };
    Ok(Proven { record, genuineness })
}

/// Reads the basic information of the face AP. Free, and not signed.
pub fn information() -> Flow<Result<ApplicationInformation, Failure>> {
    Flow::new(|talk| async move {
        let record = free(&talk, Information).await?;
        Ok(ApplicationInformation::parse(&record)?)
    })
}

struct Information;

impl Question for Information {
    type Answer = Zeroizing<Vec<u8>>;

    async fn ask(&mut self, holding: &mut Holding) -> Result<Self::Answer, TapError> {
        holding.talk().stage(Stage::ReadCard);
        let mut card = Selected::required(holding, Application::Face).await?;
        card.read_required(files::INFORMATION).await
    }
}
