//! The age verification record: opens with the birth date, and says that it is right.

use super::proven::{Proven, Read, Records};
use super::{Challenge, guarded};
use crate::card::record::AgeRecord;
use crate::card::{Application, PinKind, face as files};
use crate::flow::Flow;
use crate::message::Failure;
use crate::pki::card_certificate::{
    CardAuthorities, Genuineness, NotGenuine, Part, Signed, Signer, presence,
};

/// A date of birth that the card vouches for.
pub type Age = Proven<AgeRecord>;

/// Reads the age record with the birth-date key, and has the card prove it and itself.
pub fn age(
    authorities: CardAuthorities,
    challenge: Option<Challenge>,
) -> Flow<Result<Age, Failure>> {
    let records = Records::new(Application::Face, [files::AGE, files::CERTIFICATE], challenge);
    let pin = PinKind::BirthDate;
    Flow::new(move |talk| async move { judge(&guarded(&talk, pin, records).await?, &authorities) })
}

pub(crate) fn judge(read: &Read<2>, authorities: &CardAuthorities) -> Result<Age, Failure> {
    let [record, certificate] = &read.records;
    let record = AgeRecord::parse(record)?;
    let certified = authorities.certify(Signer::Face, certificate)?;
    if !certified.signed(&Signed::Message(record.signed()), record.signature()) {
        return Err(NotGenuine::Record.into());
    }
    let genuineness = Genuineness {
        signed_by: certified.origin(),
        attributes: Part::Signed,
        photo: Part::Absent,
        expiry: Part::Absent,
        present: presence(record.key(), read.live())?,
    };
    Ok(Proven { record, genuineness })
}
