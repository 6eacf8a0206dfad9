//! The age verification record: opens with the birth date, and says that it is right.

use std::fmt;

use zeroize::Zeroizing;

use super::{Answered, Challenge, Question, over_taps};
use crate::card::record::AgeRecord;
use crate::card::{Application, Desk, Holding, PinKind, Selected, TapError, face as files};
use crate::flow::{Flow, Stage};
use crate::message::Failure;
use crate::pki::card_certificate::{
    CardAuthorities, Genuineness, NotGenuine, Part, Signed, Signer, presence,
};

/// A date of birth that the card vouches for.
#[derive(Clone, PartialEq, Eq)]
pub struct Age {
    /// The record.
    pub record: AgeRecord,
    /// What was shown of it.
    pub genuineness: Genuineness,
}

impl fmt::Debug for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Age").field("genuineness", &self.genuineness).finish_non_exhaustive()
    }
}

/// Reads the age record with the birth-date key, and has the card prove it and itself.
pub fn age(
    authorities: CardAuthorities,
    challenge: Option<Challenge>,
) -> Flow<Result<Age, Failure>> {
    let challenge = challenge.map(Zeroizing::new);
    Flow::new(move |talk| async move {
        let read = over_taps(&talk, PinKind::BirthDate, Record { challenge }).await?;
        read.judge(&authorities)
    })
}

struct Record {
    challenge: Option<Zeroizing<Challenge>>,
}

pub(super) struct Read {
    pub(super) age: Zeroizing<Vec<u8>>,
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
        Ok(Read {
            age: card.read_required(files::AGE).await?,
            certificate: card.read_required(files::CERTIFICATE).await?,
            answered: Answered::ask(&mut card, self.challenge.as_ref()).await?,
        })
    }
}

impl Read {
    pub(super) fn judge(&self, authorities: &CardAuthorities) -> Result<Age, Failure> {
        let record = AgeRecord::parse(&self.age)?;
        let certified = authorities.certify(Signer::Face, &self.certificate)?;
        if !certified.signed(&Signed::Message(record.signed()), record.signature()) {
            return Err(NotGenuine::Record.into());
        }
        let genuineness = Genuineness {
            signed_by: certified.origin(),
            attributes: Part::Signed,
            photo: Part::Absent,
            expiry: Part::Absent,
            present: presence(record.key(), self.answered.as_ref().map(Answered::live))?,
        };
        Ok(Age { record, genuineness })
    }
}
