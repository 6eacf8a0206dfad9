//! What may be asked of a card.

use kaigotap::{card, flow, reading};
use zeroize::Zeroizing;

use crate::card::PinKind;
use crate::conversation::{Conversation, Outcome, Step};
use crate::failure::{KaigoTapError, unusable};
use crate::mirror;
use crate::person::CardAuthorities;
use crate::reply::Reply;
use crate::request::Progress;

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

/// One question to a card. Every one leaves the card clean and survives a card that slips.
///
/// Where a `challenge` is given, 32 bytes of the system's secure randomness, the card is asked to prove that it is here;
/// without one the outcome says that it was not.
#[derive(uniffi::Object)]
pub struct CardReading(Conversation);

#[uniffi::export]
impl CardReading {
    /// What a card tells without any PIN. Costs no try.
    #[uniffi::constructor]
    pub fn status() -> Self {
        Self(Conversation::new(reading::status(), |status| Outcome::Status {
            status: status.into(),
        }))
    }

    /// A certificate, DER. The one for signatures asks for the signature password.
    #[uniffi::constructor]
    pub fn certificate(credential: Credential) -> Self {
        let flow = reading::certificate(credential.into());
        Self(Conversation::new(flow, |der| Outcome::Certificate { der: der.to_vec() }))
    }

    /// Name, address, birth date and sex (基本4情報), with their proof.
    #[uniffi::constructor]
    pub fn holder(
        key: HolderKey,
        authorities: CardAuthorities,
        challenge: Option<Vec<u8>>,
    ) -> Result<Self, KaigoTapError> {
        let flow = reading::holder(key.into(), authorities.into_core()?, fresh(challenge)?);
        Ok(Self(Conversation::new(flow, |holder| Outcome::Holder { holder: holder.into() })))
    }

    /// The card's face (券面), with its proof. Asks for verification number B; no PIN of the holder is needed.
    #[uniffi::constructor]
    pub fn face(
        authorities: CardAuthorities,
        challenge: Option<Vec<u8>>,
    ) -> Result<Self, KaigoTapError> {
        let flow = reading::face(authorities.into_core()?, fresh(challenge)?);
        Ok(Self(Conversation::new(flow, |face| Outcome::Face { face: face.into() })))
    }

    /// The age record, with its proof. Asks for the birth-date key.
    #[uniffi::constructor]
    pub fn age(
        authorities: CardAuthorities,
        challenge: Option<Vec<u8>>,
    ) -> Result<Self, KaigoTapError> {
        let flow = reading::age(authorities.into_core()?, fresh(challenge)?);
        Ok(Self(Conversation::new(flow, |age| Outcome::Age { age: age.into() })))
    }

    /// Basic information of the face AP. Free, and not signed.
    #[uniffi::constructor]
    pub fn information() -> Self {
        Self(Conversation::new(reading::information(), |information| Outcome::Information {
            information: information.into(),
        }))
    }

    /// Changes a PIN: the old one through the guard, the new one twice. The numbers that stand on the card cannot be
    /// changed, and nothing here unlocks: that is the town hall's.
    #[uniffi::constructor]
    pub fn change_pin(pin: PinKind) -> Result<Self, KaigoTapError> {
        let flow = reading::change_pin(pin.into_core()?);
        Ok(Self(Conversation::new(flow, |()| Outcome::PinChanged)))
    }

    /// Runs the conversation up to its first request.
    pub fn start(&self) -> Result<Step, KaigoTapError> {
        self.0.start()
    }

    /// Hands over the answer to the last request and runs the conversation up to its next one.
    pub fn resume(&self, reply: Reply) -> Result<Step, KaigoTapError> {
        self.0.resume(reply)
    }

    /// Answers `Prompt.EnterPin` with what the holder typed, in ASCII. Wipe your own copy.
    pub fn enter_pin(&self, pin: &[u8]) -> Result<Step, KaigoTapError> {
        self.0.answer(flow::Answer::Pin(flow::Secret::new(pin)))
    }

    /// Answers `Prompt.EnterPin` for verification number B with what stands on the card's face: date of birth
    /// `YYYY-MM-DD`, year of expiry (Gregorian), and the four digits under the photo.
    pub fn enter_printed(
        &self,
        birth_date: String,
        expiry_year: u16,
        code: String,
    ) -> Result<Step, KaigoTapError> {
        let birth = birth_date.parse().map_err(|_| unusable("the date of birth"))?;
        let number = card::verification_number_b(birth, expiry_year, &code)
            .map_err(|_| unusable("what stands on the card"))?;
        self.0.answer(flow::Answer::Pin(number))
    }

    /// Answers `Prompt.EnterPin` for the birth-date key with a date of birth, `YYYY-MM-DD`.
    pub fn enter_birth_date(&self, birth_date: String) -> Result<Step, KaigoTapError> {
        let birth = birth_date.parse().map_err(|_| unusable("the date of birth"))?;
        let key = card::birth_date_key(birth).map_err(|_| unusable("the date of birth"))?;
        self.0.answer(flow::Answer::Pin(key))
    }

    /// Answers `Prompt.NewPin` with what was chosen, and what was typed the second time, in ASCII.
    pub fn enter_new_pin(&self, first: &[u8], second: &[u8]) -> Result<Step, KaigoTapError> {
        let [first, second] = [first, second].map(flow::Secret::new);
        self.0.answer(flow::Answer::NewPin(first, second))
    }

    /// Where the conversation stands: good after every step.
    pub fn progress(&self) -> Result<Progress, KaigoTapError> {
        self.0.progress()
    }

    /// Ends the conversation and wipes what it holds. Power the card down.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

fn fresh(challenge: Option<Vec<u8>>) -> Result<Option<reading::Challenge>, KaigoTapError> {
    let Some(challenge) = challenge.map(Zeroizing::new) else { return Ok(None) };
    match <reading::Challenge>::try_from(challenge.as_slice()) {
        Ok(challenge) => Ok(Some(challenge)),
        Err(_) => Err(unusable("the challenge")),
    }
}
