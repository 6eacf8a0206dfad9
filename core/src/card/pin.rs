//! PINs and passwords: what can be one, and what is built of a card's face.

use zeroize::Zeroizing;

use crate::date::PartialDate;
use crate::flow::{Faulty, PinKind, PrintedFault, PrintedField, PrintedFields, Secret};

/// A well-formed PIN or password on its way to the card. Consumed by the one VERIFY it is for; wiped when dropped.
#[derive(Clone)]
pub(crate) struct Pin {
    kind: PinKind,
    characters: Zeroizing<Vec<u8>>,
}

impl Pin {
    /// Takes what was typed if it can be a PIN of this kind. The card is never asked about anything else: what a wrong
    /// length costs there is not known. Small letters of the signature password are raised, as everybody does; letters
    /// and digits of full width (全角) are the same letters and digits.
    pub(crate) fn parse(kind: PinKind, typed: &Secret) -> Option<Self> {
        let characters = Zeroizing::new(half_width(typed.bytes()).to_ascii_uppercase());
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

/// UTF-8 with U+FF01 to U+FF5E (full width) as the ASCII that they stand for.
pub(crate) fn half_width(typed: &[u8]) -> Zeroizing<Vec<u8>> {
    // Never longer than what was typed, so that no copy is left behind by a buffer that grows.
    let mut taken = Zeroizing::new(Vec::with_capacity(typed.len()));
    let mut rest = typed;
    while let Some((&first, others)) = rest.split_first() {
        let (byte, others) = match *rest {
            [0xEF, 0xBC, last @ 0x81..=0xBF, ref others @ ..] => (last.wrapping_sub(0x60), others),
            [0xEF, 0xBD, last @ 0x80..=0x9E, ref others @ ..] => (last.wrapping_sub(0x20), others),
            _ => (first, others),
        };
        taken.push(byte);
        rest = others;
    }
    taken
}

/// A PIN that the holder has chosen, twice the same.
pub(crate) struct NewPin(Pin);

impl NewPin {
    /// Takes two entries if they can be a PIN of this kind; the error says whether one of them cannot.
    pub(super) fn parse(kind: PinKind, first: &Secret, second: &Secret) -> Result<Self, bool> {
        match (Pin::parse(kind, first), Pin::parse(kind, second)) {
            (Some(first), Some(second)) if first.characters == second.characters => Ok(Self(first)),
            (Some(_), Some(_)) => Err(false),
            _ => Err(true),
        }
    }

    pub(super) fn pin(&self) -> &Pin {
        &self.0
    }
}

/// Not what a card prints: the code is not 4 digits, or the date lies before 1868.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not what a card prints")]
pub struct NotOnACard;

/// Verification number B (照合番号B) of what stands on a card's face: date of birth, year of expiry (Gregorian, 4
/// digits), and the 4-digit code under the photo. The date enters with the year of its Japanese era; `00` stands in it for a
/// month or day that is unknown, as in the records of the card.
///
/// A card that prints a western date of birth is an open question, because no source says what it wants: build the 14
/// digits yourself then, and hand them over as a [`Secret`].
pub fn verification_number_b(
    birth: PartialDate,
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

/// Verification number B of its three parts as they stand on the card, in digits of any width. What no card prints is told
/// with the part in which it stands: the card is not asked, and no try is used.
pub(crate) fn number_b_of(printed: &PrintedFields) -> Result<Pin, PrintedFault> {
    use PrintedField::{BirthDate, ExpiryYear, SecurityCode};

    let birth = digits(BirthDate, &printed.birth_date, 6)?;
    let year = digits(ExpiryYear, &printed.expiry_year, 4)?;
    let code = digits(SecurityCode, &printed.security_code, 4)?;
    // Every card of this kind expires in this century; zeros stand for what is unknown of a birth.
    let part = |at| birth.get(at).and_then(|part| std::str::from_utf8(part).ok());
    let in_calendar =
        part(2..4).is_some_and(|month| month <= "12") && part(4..6).is_some_and(|day| day <= "31");
    for (field, fits) in [(BirthDate, in_calendar), (ExpiryYear, year.starts_with(b"20"))] {
        if !fits {
            return Err(PrintedFault { field, faulty: Faulty::NoSuchDate });
        }
    }
    let mut characters = Zeroizing::new(Vec::with_capacity(14));
    for part in [birth, year, code] {
        characters.extend_from_slice(&part);
    }
    Ok(Pin { kind: PinKind::VerificationNumberB, characters })
}

/// Exactly so many digits. Spaces, and what people set between the parts of a date, do not count.
fn digits(
    field: PrintedField,
    typed: &str,
    count: usize,
) -> Result<Zeroizing<Vec<u8>>, PrintedFault> {
    let mut digits = half_width(typed.as_bytes());
    digits.retain(|byte| !matches!(byte, b' ' | b'-' | b'.' | b'/' | b'\r' | b'\n' | b'\t'));
    let faulty = if digits.is_empty() {
        Faulty::Empty
    } else if !digits.iter().all(u8::is_ascii_digit) {
        Faulty::Characters
    } else if digits.len() != count {
        Faulty::Length
    } else {
        return Ok(digits);
    };
    Err(PrintedFault { field, faulty })
}

/// Birth-date key (生年月日の照合) of a date of birth: `YYMMDD`, year of its Japanese era, `00` for a month or day that is
/// unknown.
pub fn birth_date_key(birth: PartialDate) -> Result<Secret, NotOnACard> {
    era_date(birth).map(Secret::new)
}

/// `YYMMDD` with the year of the Japanese era (和暦). The day on which an era began belongs to it. A date that may lie in
/// two eras counts in the first of them.
fn era_date(date: PartialDate) -> Result<String, NotOnACard> {
    let (_, year) = date.in_era().ok_or(NotOnACard)?;
    Ok(format!("{year:02}{:02}{:02}", date.month().unwrap_or(0), date.day().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1980-02-17", "550217")]
    #[case("2009-10-29", "211029")]
    #[case("1989-01-07", "640107")]
    #[case("1989-01-08", "010108")]
    #[case("2019-04-30", "310430")]
    #[case("2019-05-01", "010501")]
    #[case("2023-01-02", "050102")] // a leading zero counts
    #[case("1926-12-24", "151224")]
    #[case("1926-12-25", "011225")]
    #[case("1912-07-29", "450729")]
    #[case("1912-07-30", "010730")]
    #[case("1930-00-00", "050000")]
    #[case("1930-06-00", "050600")]
    #[case("1930-00-31", "050031")]
    #[case("1926-12-00", "151200")] // of two eras: the first
    fn years_are_of_the_era(#[case] birth: &str, #[case] key: &str) {
        let birth = birth.parse().unwrap();
        assert_eq!(birth_date_key(birth).unwrap().bytes(), key.as_bytes());
    }

    #[test]
    fn number_b_is_date_year_and_code() {
        let number = verification_number_b("1980-02-17".parse().unwrap(), 2035, "2285").unwrap();
        assert_eq!(number.bytes(), b"55021720352285");
        let number = verification_number_b("1980-02-00".parse().unwrap(), 2035, "2285").unwrap();
        assert_eq!(number.bytes(), b"55020020352285");
        assert!(Pin::parse(PinKind::VerificationNumberB, &number).is_some());
        for (birth, year, code) in [
            ("1980-02-17", 35, "2285"),
            ("1980-02-17", 2035, "228"),
            ("1980-02-17", 2035, "22８5"),
            ("1860-02-17", 2035, "2285"),
            ("1868-00-00", 2035, "2285"),
        ] {
            assert!(verification_number_b(birth.parse().unwrap(), year, code).is_err());
        }
    }

    #[rstest]
    #[case("160503", "2035", "0503", Ok("16050320350503"))]
    #[case("１６０５０３", "２０３５", "０５０３", Ok("16050320350503"))]
    #[case(" 16.05.03\n", "2035", "0503", Ok("16050320350503"))]
    #[case("050000", "2035", "0503", Ok("05000020350503"))]
    #[case("", "2035", "0503", Err((PrintedField::BirthDate, Faulty::Empty)))]
    #[case("19410503", "2035", "0503", Err((PrintedField::BirthDate, Faulty::Length)))]
    #[case("161303", "2035", "0503", Err((PrintedField::BirthDate, Faulty::NoSuchDate)))]
    #[case("160532", "2035", "0503", Err((PrintedField::BirthDate, Faulty::NoSuchDate)))]
    #[case("160503", "35", "0503", Err((PrintedField::ExpiryYear, Faulty::Length)))]
    #[case("160503", "1635", "0503", Err((PrintedField::ExpiryYear, Faulty::NoSuchDate)))]
    #[case("160503", "2035", "05O3", Err((PrintedField::SecurityCode, Faulty::Characters)))]
    #[case("160503", "2035", "", Err((PrintedField::SecurityCode, Faulty::Empty)))]
    fn number_b_is_typed_in_its_parts(
        #[case] birth: &str,
        #[case] year: &str,
        #[case] code: &str,
        #[case] made: Result<&str, (PrintedField, Faulty)>,
    ) {
        let own = |text: &str| Zeroizing::new(text.to_owned());
        let printed = PrintedFields {
            birth_date: own(birth),
            expiry_year: own(year),
            security_code: own(code),
        };
        match (number_b_of(&printed), made) {
            (Ok(pin), Ok(digits)) => assert_eq!(pin.characters(), digits.as_bytes()),
            (Err(fault), Err(made)) => assert_eq!((fault.field, fault.faulty), made),
            (Ok(_), Err(made)) => panic!("{made:?} was taken"),
            (Err(fault), Ok(_)) => panic!("{fault:?}"),
        }
    }

    #[rstest]
    #[case(PinKind::Authentication, "1234", true)]
    #[case(PinKind::Authentication, "１２３４", true)]
    #[case(PinKind::Authentication, "１２３", false)]
    #[case(PinKind::Authentication, "１２３Ａ", false)]
    #[case(PinKind::Authentication, "\u{FF11}\u{FF12}3\u{FF14}", true)]
    #[case(PinKind::Signature, "ａｂＣ１２3", true)]
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
