//! PINs, and the guard before them.
//!
//! Three wrong PINs send a frail person to the town hall. So: the tries left are read before a PIN is asked for and
//! are shown with the question; with one try left the holder has to agree first; what cannot be a PIN never reaches
//! the card; no PIN is ever presented twice by code; and after a card was pulled in the middle of a check the counter
//! is read before anything else. All of that is `Desk::open`, the only caller of VERIFY.
//! Unlocking is not attempted: only the town hall can.

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::flow::{Answer, PinKind, Prompt, Secret, Stage, Talk, WhyNewPin, WhyPin};
use crate::message::{Code, Failure};

use super::{Selected, TapError};

/// How often a malformed entry is asked for again before the flow stops.
const MAX_MALFORMED: usize = 5;

/// A well-formed PIN or password on its way to the card. Consumed by the one VERIFY it is for; wiped when dropped.
pub(crate) struct Pin {
    kind: PinKind,
    characters: Zeroizing<Vec<u8>>,
}

impl Pin {
    /// Takes what was typed if it can be a PIN of this kind. The card is never asked about anything else: what a wrong
    /// length costs there is not known. Small letters of the signature password are raised, as everybody does.
    fn parse(kind: PinKind, typed: &Secret) -> Option<Self> {
        let characters = Zeroizing::new(typed.bytes().to_ascii_uppercase());
        let digits = |count| characters.len() == count && characters.iter().all(u8::is_ascii_digit);
        let fits = match kind {
            PinKind::Authentication | PinKind::InputSupport => digits(4),
            PinKind::VerificationNumberB => digits(14),
            PinKind::BirthDate => digits(6),
            PinKind::Signature => {
                (6..=16).contains(&characters.len())
                    && characters.iter().all(u8::is_ascii_alphanumeric)
                    && characters.iter().any(u8::is_ascii_digit)
                    && characters.iter().any(u8::is_ascii_uppercase)
            }
        };
        fits.then_some(Self { kind, characters })
    }

    pub(super) fn kind(&self) -> PinKind {
        self.kind
    }

    pub(super) fn characters(&self) -> &[u8] {
        &self.characters
    }
}

/// A PIN that the holder has chosen, twice the same.
pub(crate) struct NewPin(Pin);

/// What a card makes of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presented {
    /// Right; the counter is full again.
    Accepted,
    /// Wrong; with none left it is locked.
    Wrong { left: u8 },
}

/// Leave to present one PIN. Only [`Desk::open`] grants it, after it has read the counter in the same tap and, where
/// one try is left, has the holder's consent.
pub(super) struct Permit(());

/// Where a PIN is asked for and presented: the guard. It lives through the taps of one conversation, so that what was
/// presented once is not presented again.
pub(crate) struct Desk {
    kind: PinKind,
    /// Presented, and the link broke before the answer came.
    unanswered: bool,
    /// A new PIN was sent, and the link broke before the answer came.
    changing: bool,
    why: WhyPin,
    malformed: usize,
    consented: bool,
}

impl Desk {
    pub(crate) fn new(kind: PinKind) -> Self {
        Self {
            kind,
            unanswered: false,
            changing: false,
            why: WhyPin::First,
            malformed: 0,
            consented: false,
        }
    }

    /// Gets this PIN from the holder and has the card accept it; or stops, kindly.
    pub(crate) async fn open(&mut self, card: &mut Selected<'_>) -> Result<(), TapError> {
        let mut left = card.tries_left(self.kind).await?;
        if std::mem::take(&mut self.unanswered) {
            self.why = WhyPin::CardRemoved;
            self.consented = false;
        }
        while left > 0 {
            let pin = self.ask(card.talk(), left).await?;
            card.talk().stage(Stage::Sign);
            self.unanswered = true;
            let presented = card.verify(&Permit(()), pin).await?;
            self.unanswered = false;
            match presented {
                Presented::Accepted => return Ok(()),
                Presented::Wrong { left: now } => left = now,
            }
            self.why = WhyPin::Wrong;
            self.consented = false;
        }
        Err(Failure::new(Code::PinBlocked).with_tries_left(0).into())
    }

    async fn ask(&mut self, talk: &Talk, left: u8) -> Result<Pin, Failure> {
        talk.stage(Stage::EnterPin);
        if left == 1 && !self.consented {
            let Answer::Consent(true) = talk.ask(Prompt::LastTry { pin: self.kind }).await else {
                return Err(Failure::new(Code::PinLastTry).with_tries_left(left));
            };
            self.consented = true;
        }
        while self.malformed < MAX_MALFORMED {
            let prompt = Prompt::EnterPin { pin: self.kind, tries_left: Some(left), why: self.why };
            let Answer::Pin(typed) = talk.ask(prompt).await else { break };
            if let Some(pin) = Pin::parse(self.kind, &typed) {
                return Ok(pin);
            }
            self.why = WhyPin::Malformed;
            self.malformed = self.malformed.saturating_add(1);
        }
        // Stopped. What was wrong with the last entry says more than that.
        let code = match self.why {
            WhyPin::First => Code::Cancelled,
            WhyPin::Malformed => Code::PinMalformed,
            WhyPin::Wrong => Code::PinWrong,
            WhyPin::CardRemoved => Code::CardRemovedDuringPin,
            WhyPin::TriesGone => Code::Cancelled,
        };
        Err(Failure::new(code).with_tries_left(left))
    }

    /// Whether the card says that this PIN is locked. Costs no try.
    pub(crate) async fn is_locked(&self, card: &mut Selected<'_>) -> Result<bool, TapError> {
        Ok(card.tries_left(self.kind).await? == 0)
    }

    /// Has the holder choose a new PIN, before the old one is presented: the card is not kept waiting with its PIN open.
    pub(crate) async fn choose(&self, talk: &Talk) -> Result<NewPin, Failure> {
        talk.stage(Stage::EnterPin);
        let mut why = WhyNewPin::First;
        for _ in 0..MAX_MALFORMED {
            let Answer::NewPin(first, second) =
                talk.ask(Prompt::NewPin { pin: self.kind, why }).await
            else {
                return Err(Code::Cancelled.into());
            };
            why = match (Pin::parse(self.kind, &first), Pin::parse(self.kind, &second)) {
                (Some(first), Some(second)) if first.characters == second.characters => {
                    return Ok(NewPin(first));
                }
                (Some(_), Some(_)) => WhyNewPin::Different,
                _ => WhyNewPin::Malformed,
            };
        }
        Err(Code::PinMalformed.into())
    }

    /// Replaces the PIN that [`open`](Self::open) has just had accepted.
    pub(crate) async fn change(
        &mut self,
        card: &mut Selected<'_>,
        new: &NewPin,
    ) -> Result<(), TapError> {
        card.talk().stage(Stage::ChangePin);
        self.changing = true;
        let changed = card.change(&Permit(()), &new.0).await;
        self.changing = matches!(changed, Err(TapError::Link(_)));
        changed
    }

    /// Whether another tap can still help. After a lost change it cannot: nobody knows which PIN to ask for.
    pub(crate) fn can_go_on(&self) -> bool {
        !self.changing
    }

    /// How a conversation failed, told with what is known of the PIN: a card that was pulled while it was checking one
    /// and never came back leaves open whether a try was used.
    pub(crate) fn explain(&self, failure: Failure) -> Failure {
        if failure.code() != Code::CardRemoved {
            return failure;
        }
        if self.changing {
            Code::PinChangeUnknown.into()
        } else if self.unanswered {
            Code::CardRemovedDuringPin.into()
        } else {
            failure
        }
    }
}

/// Not what a card prints: the code is not 4 digits, or the date lies before 1868.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not what a card prints")]
pub struct NotOnACard;

/// Verification number B (照合番号B) of what stands on a card's face: date of birth, year of expiry (Gregorian, 4
/// digits), and the 4-digit code under the photo. The date enters with the year of its Japanese era.
///
/// A card that prints a western date of birth is an open question, because no source says what it wants: build the 14
/// digits yourself then, and hand them over as a [`Secret`].
pub fn verification_number_b(
    birth: Date,
    expiry_year: u16,
    code: &str,
) -> Result<Secret, NotOnACard> {
    if code.len() != 4
        || !code.bytes().all(|c| c.is_ascii_digit())
        || !(1000..=9999).contains(&expiry_year)
    {
        return Err(NotOnACard);
    }
    Ok(Secret::new(format!("{}{expiry_year}{code}", era_date(birth)?)))
}

/// Birth-date key (生年月日の照合) of a date of birth: `YYMMDD`, year of its Japanese era.
pub fn birth_date_key(birth: Date) -> Result<Secret, NotOnACard> {
    era_date(birth).map(Secret::new)
}

/// `YYMMDD` with the year of the Japanese era (和暦). The day on which an era began belongs to it.
fn era_date(date: Date) -> Result<String, NotOnACard> {
    /// First days of the eras 令和, 平成, 昭和, 大正, 明治.
    const ERAS: [(i16, i8, i8); 5] =
        [(2019, 5, 1), (1989, 1, 8), (1926, 12, 25), (1912, 7, 30), (1868, 1, 25)];
    let (first_year, ..) = ERAS
        .into_iter()
        .find(|&era| (date.year(), date.month(), date.day()) >= era)
        .ok_or(NotOnACard)?;
    let year = date.year().saturating_sub(first_year).saturating_add(1);
    Ok(format!("{year:02}{:02}{:02}", date.month(), date.day()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(date(1980, 2, 17), "550217")]
    #[case(date(2009, 10, 29), "211029")]
    #[case(date(1989, 1, 7), "640107")]
    #[case(date(1989, 1, 8), "010108")]
    #[case(date(2019, 4, 30), "310430")]
    #[case(date(2019, 5, 1), "010501")]
    #[case(date(2023, 1, 2), "050102")] // a leading zero counts
    #[case(date(1926, 12, 24), "151224")]
    #[case(date(1926, 12, 25), "011225")]
    #[case(date(1912, 7, 29), "450729")]
    #[case(date(1912, 7, 30), "010730")]
    fn years_are_of_the_era(#[case] birth: Date, #[case] key: &str) {
        assert_eq!(birth_date_key(birth).unwrap().bytes(), key.as_bytes());
    }

    #[test]
    fn number_b_is_date_year_and_code() {
        let number = verification_number_b(date(1980, 2, 17), 2035, "2285").unwrap();
        assert_eq!(number.bytes(), b"55021720352285");
        assert!(Pin::parse(PinKind::VerificationNumberB, &number).is_some());
        for (birth, year, code) in [
            (date(1980, 2, 17), 35, "2285"),
            (date(1980, 2, 17), 2035, "228"),
            (date(1980, 2, 17), 2035, "22８5"),
            (date(1860, 2, 17), 2035, "2285"),
        ] {
            assert!(verification_number_b(birth, year, code).is_err());
        }
    }

    #[rstest]
    #[case(PinKind::Authentication, "1234", true)]
    #[case(PinKind::Authentication, "12345", false)]
    #[case(PinKind::InputSupport, "0000", true)]
    #[case(PinKind::InputSupport, "000A", false)]
    #[case(PinKind::Signature, "ABC123", true)]
    #[case(PinKind::Signature, "abc123", true)]
    #[case(PinKind::Signature, "ABCDEF", false)]
    #[case(PinKind::Signature, "123456", false)]
    #[case(PinKind::Signature, "ABC12", false)]
    #[case(PinKind::Signature, "ABCDEFGH123456789", false)]
    #[case(PinKind::Signature, "ABC-123", false)]
    #[case(PinKind::VerificationNumberB, "05010220352285", true)]
    #[case(PinKind::VerificationNumberB, "5010220352285", false)]
    #[case(PinKind::BirthDate, "050102", true)]
    #[case(PinKind::BirthDate, "20230102", false)]
    fn only_what_can_be_a_pin_is_one(
        #[case] kind: PinKind,
        #[case] typed: &str,
        #[case] fits: bool,
    ) {
        assert_eq!(Pin::parse(kind, &Secret::new(typed)).is_some(), fits);
    }
}
