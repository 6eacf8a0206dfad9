//! Face by eye, beside the photo that the card's chip holds (券面確認): no PIN of the holder, no electronic certificate.
//!
//! The nurse types what is printed on the card, which opens the signed record of its face; with the record proven, the photo
//! of the chip is shown, to be compared with the printed one and with the person. It is an aid to the eye: a card that was
//! revoked shows it, too. What opens the platform is the paper certificate, of which the record knows a part.

use super::stated::{Looked, state};
use crate::card::record::{FaceRecord, Sex};
use crate::exchange::{Basis, VisualCheck};
use crate::flow::{Answer, Attributes, ChipPhoto, FaceCheck, Prompt, Stage, Talk};
use crate::message::{Code, Failure};
use crate::reading::{Challenge, face};
use crate::visit::bedside::{Bedside, Proven};

pub(in crate::visit) async fn face_check<'a>(
    bedside: &Bedside<'a>,
    challenge: Challenge,
) -> Result<Proven<'a>, Failure> {
    let talk = bedside.talk();
    let authorities = &bedside.known.card_authorities;
    let face = face::read_off(talk, authorities, challenge).await?;
    let check = confirm_photo(talk, &face.record).await?;
    let prefilled = prefilled(&face.record);
    let looked = Looked { check, genuineness: face.genuineness, prefilled };
    state(bedside, Some(looked)).await
}

/// Has the nurse compare the chip's photo with the printed one and with the person.
async fn confirm_photo(talk: &Talk, record: &FaceRecord) -> Result<VisualCheck, Failure> {
    talk.stage(Stage::FaceCheck);
    match talk.ask(Prompt::ConfirmPhoto { photo: ChipPhoto::new(&record.photo) }).await {
        Answer::Face(FaceCheck::Match) => {
            Ok(VisualCheck::matched(Basis::ChipPhoto, talk.clock().await.wall))
        }
        Answer::Face(FaceCheck::NoMatch) => Err(Code::FaceDiffers.into()),
        _ => Err(Code::Cancelled.into()),
    }
}

/// What the record has of what stands on the paper certificate.
fn prefilled(record: &FaceRecord) -> Attributes {
    let mut known = Attributes::default();
    if let Some(birth) = record.birth.date() {
        *known.birth_date = birth.to_string();
    }
    known.sex.push_str(match record.sex.meaning() {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::NotApplicable | Sex::Unknown => "",
    });
    known
}
