//! The holder: name, address, birth date and sex (基本4情報), with their proof.

use super::proven::{Proven, Read, Records};
use super::{Challenge, guarded, sha256};
use crate::card::record::{ApplicationKey, HolderRecord, Integrity};
use crate::card::{Application, PinKind, input_support as files};
use crate::flow::Flow;
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
pub type Holder = Proven<HolderRecord>;

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
    let files = [files::ATTRIBUTES, files::INTEGRITY, files::CERTIFICATE, files::KEY];
    let records = Records::new(Application::InputSupport, files, challenge);
    Flow::new(move |talk| async move { judge(&guarded(&talk, pin, records).await?, &authorities) })
}

pub(super) fn judge(read: &Read<4>, authorities: &CardAuthorities) -> Result<Holder, Failure> {
    let [attributes, integrity, certificate, key] = &read.records;
    let record = HolderRecord::parse(attributes)?;
    let integrity = Integrity::parse(integrity)?;
    let own = ApplicationKey::parse(key)?;

    let certified = authorities.certify(Signer::InputSupport, certificate)?;
    if !certified.signed(&Signed::Message(integrity.signed()), integrity.signature()) {
        return Err(NotGenuine::Record.into());
    }
    if sha256(record.signed()) != *integrity.attributes_digest() {
        return Err(NotGenuine::Attributes.into());
    }
    if !certified.signed(&Signed::Message(&own.signed), &own.signature) {
        return Err(NotGenuine::Key.into());
    }
    let genuineness = Genuineness {
        signed_by: certified.origin(),
        attributes: Part::Signed,
        photo: Part::Absent,
        expiry: Part::Absent,
        present: presence(&own.key, read.live())?,
    };
    Ok(Proven { record, genuineness })
}
