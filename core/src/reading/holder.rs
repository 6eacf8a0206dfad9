//! The holder: name, address, birth date and sex (基本4情報), with their proof.

use std::fmt;

use zeroize::Zeroizing;

use super::{Answered, Challenge, Question, over_taps, sha256};
use crate::card::record::{ApplicationKey, HolderRecord, Integrity};
use crate::card::{Application, Desk, Holding, PinKind, Selected, TapError, input_support};
use crate::flow::{Flow, Stage};
use crate::message::Failure;
use crate::pki::card_certificate::{
    CardAuthorities, Genuineness, NotGenuine, Part, Signed, Signer, presence,
};

/// What opens the 4 attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HolderKey {
    /// The holder's 4-digit PIN.
    Pin,
    /// Verification number B, from the card's face.
    VerificationNumberB,
}

/// Who holds the card.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// The 4 attributes.
    pub record: HolderRecord,
    /// What was shown of them.
    pub genuineness: Genuineness,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder").field("genuineness", &self.genuineness).finish_non_exhaustive()
    }
}

/// Reads the 4 attributes, and has the card prove them and itself.
pub fn holder(
    key: HolderKey,
    authorities: CardAuthorities,
    challenge: Option<Challenge>,
) -> Flow<Result<Holder, Failure>> {
    let pin = match key {
        HolderKey::Pin => PinKind::InputSupport,
        HolderKey::VerificationNumberB => PinKind::VerificationNumberB,
    };
    let challenge = challenge.map(Zeroizing::new);
    Flow::new(move |talk| async move {
        let records = over_taps(&talk, pin, Records { challenge }).await?;
        records.judge(&authorities)
    })
}

/// Reads the records that belong together.
struct Records {
    challenge: Option<Zeroizing<Challenge>>,
}

pub(super) struct Read {
    pub(super) attributes: Zeroizing<Vec<u8>>,
    pub(super) integrity: Zeroizing<Vec<u8>>,
    pub(super) certificate: Zeroizing<Vec<u8>>,
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) answered: Option<Answered>,
}

impl Question for Records {
    type Answer = Read;

    async fn ask(
        &mut self,
        holding: &mut Holding,
        desk: &mut Desk,
    ) -> Result<Self::Answer, TapError> {
        holding.talk().stage(Stage::ReadCard);
        let mut card = Selected::required(holding, Application::InputSupport).await?;
        desk.open(&mut card).await?;
        card.talk().stage(Stage::ReadCard);
        Ok(Read {
            attributes: card.read_required(input_support::ATTRIBUTES).await?,
            integrity: card.read_required(input_support::INTEGRITY).await?,
            certificate: card.read_required(input_support::CERTIFICATE).await?,
            key: card.read_required(input_support::KEY).await?,
            answered: Answered::ask(&mut card, self.challenge.as_ref()).await?,
        })
    }
}

impl Read {
    pub(super) fn judge(&self, authorities: &CardAuthorities) -> Result<Holder, Failure> {
        let record = HolderRecord::parse(&self.attributes)?;
        let integrity = Integrity::parse(&self.integrity)?;
        let own = ApplicationKey::parse(&self.key)?;

        let certified = authorities.certify(Signer::InputSupport, &self.certificate)?;
        let message = |bytes, signature, otherwise| {
            let holds = certified.signed(&Signed::Message(bytes), signature);
            if holds { Ok(()) } else { Err(otherwise) }
        };
        message(integrity.signed(), integrity.signature(), NotGenuine::Record)?;
        if sha256(record.signed()) != *integrity.attributes_digest() {
            return Err(NotGenuine::Attributes.into());
        }
        message(&own.signed, &own.signature, NotGenuine::Key)?;
        let genuineness = Genuineness {
            signed_by: certified.origin(),
            attributes: Part::Signed,
            photo: Part::Absent,
            expiry: Part::Absent,
            present: presence(&own.key, self.answered.as_ref().map(Answered::live))?,
        };
        Ok(Holder { record, genuineness })
    }
}
