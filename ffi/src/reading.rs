//! What may be asked of a card.

use std::sync::Arc;

use kaigotap::{card, reading};
use zeroize::Zeroizing;

use crate::card::PinKind;
use crate::conversation::Conversation;
use crate::failure::{KaigoTapError, unusable};
use crate::mirror;
use crate::outcome::Outcome;
use crate::person::CardAuthorities;

mirror! {
    /// The certificates of a card.
    Credential of card::Credential {
        /// Authenticates its holder (利用者証明用). Free to read.
        Authentication,
        /// Signs in its holder's name (署名用). Opens with the signature password, and holds name, address, birth date
        /// and sex.
        Signature,
    }
}

mirror! {
    /// What opens the 4 attributes.
    HolderKey of reading::HolderKey {
        /// The holder's 4-digit PIN.
        Pin,
        /// Verification number B, from the card's face.
        VerificationNumberB,
    }
}

/// What a card tells without any PIN. Costs no try.
#[uniffi::export]
pub fn card_status() -> Arc<Conversation> {
    Conversation::of(reading::status(), |status| Outcome::Status { status: status.into() })
}

/// A certificate, DER. The one for signatures asks for the signature password.
#[uniffi::export]
pub fn card_certificate(credential: Credential) -> Arc<Conversation> {
    let flow = reading::certificate(credential.into());
    Conversation::of(flow, |der| Outcome::Certificate { der: der.to_vec() })
}

/// Name, address, birth date and sex (基本4情報), with their proof.
///
/// Where a `challenge` is given, here and below, 32 bytes of the system's secure randomness, the card is asked to prove
/// that it is here; without one the outcome says that it was not.
#[uniffi::export]
pub fn holder(
    key: HolderKey,
    authorities: CardAuthorities,
    challenge: Option<Vec<u8>>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = reading::holder(key.into(), authorities.into_core()?, fresh(challenge)?);
    Ok(Conversation::of(flow, |holder| Outcome::Holder { holder: holder.into() }))
}

/// The card's face (券面), with its proof. Asks for verification number B; no PIN of the holder is needed.
#[uniffi::export]
pub fn face(
    authorities: CardAuthorities,
    challenge: Option<Vec<u8>>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = reading::face(authorities.into_core()?, fresh(challenge)?);
    Ok(Conversation::of(flow, |face| Outcome::Face { face: face.into() }))
}

/// The age record, with its proof. Asks for the birth-date key.
#[uniffi::export]
pub fn age(
    authorities: CardAuthorities,
    challenge: Option<Vec<u8>>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = reading::age(authorities.into_core()?, fresh(challenge)?);
    Ok(Conversation::of(flow, |age| Outcome::Age { age: age.into() }))
}

/// Basic information of the face AP. Free, and not signed.
#[uniffi::export]
pub fn card_information() -> Arc<Conversation> {
    Conversation::of(reading::information(), |information| Outcome::Information {
        information: information.into(),
    })
}

/// Changes a PIN: the old one through the guard, the new one twice. The numbers that stand on the card cannot be
/// changed, and nothing here unlocks: that is for the town hall.
#[uniffi::export]
pub fn change_pin(pin: PinKind) -> Result<Arc<Conversation>, KaigoTapError> {
    Ok(Conversation::of(reading::change_pin(pin.into_core()?), |()| Outcome::PinChanged))
}

fn fresh(challenge: Option<Vec<u8>>) -> Result<Option<reading::Challenge>, KaigoTapError> {
    let Some(challenge) = challenge.map(Zeroizing::new) else { return Ok(None) };
    match <reading::Challenge>::try_from(challenge.as_slice()) {
        Ok(challenge) => Ok(Some(challenge)),
        Err(_) => Err(unusable("the challenge")),
    }
}
