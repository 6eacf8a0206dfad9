//! The people whose cards these are. Nobody here exists.

use std::fmt;

use rsa::RsaPrivateKey;
use serde::{Deserialize, Serialize};

use crate::{
    Behaviour, BirthDate, Calendar, CardExpiry, CardKind, Date, Error, PinKind, Portrait, Purpose,
    Trait,
    files::parse_key,
    pin::{has_right_characters, has_right_length},
};

/// A fictional holder. `Debug` shows only the name of the character, as it would for a real one.
///
/// PINs and keys are public test data, worthless by design. Everybody's 個人番号 has a wrong check digit, so that it can
/// never be anyone's.
///
/// Ask for somebody by name, change what differs, or describe somebody in TOML ([`Person::from_toml`]):
///
/// ```
/// use kaigotap_virtual_card::{Person, PinKind, Behaviour, Purpose, VirtualCard};
///
/// let mut neighbour = Person::hanako().with_pin(PinKind::InputSupport, "9999").with_serial(Purpose::Authentication, 77);
/// neighbour.id = "neighbour";
/// neighbour.name = "介護　桜";
/// let card = VirtualCard::new(neighbour, Behaviour::modern())?;
/// assert_eq!(card.reference_data(PinKind::InputSupport), "9999");
/// assert_eq!(card.reference_data(PinKind::FaceB), "16050320350503");
/// # Ok::<(), kaigotap_virtual_card::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// What the command line calls them: `hanako`, `taro`, `foreign-issuer`.
    pub id: &'static str,
    /// 氏名, family and given name separated by U+3000.
    pub name: &'static str,
    /// The same in kana.
    pub name_kana: &'static str,
    /// One digit for each character of the name, other than `0` where the card holds a substitute for a character it
    /// cannot write. Only the signature certificate has it. That it is `1` there is assumed; `None` is all zeros.
    pub name_substitutes: Option<&'static str>,
    /// 生年月日, Gregorian.
    pub birth_date: BirthDate,
    /// The calendar in which the card prints it.
    pub printed_calendar: Calendar,
    /// 性別.
    pub sex: Sex,
    /// 住所.
    pub address: &'static str,
    /// Prefecture in Latin letters, as in the certificates.
    pub prefecture: &'static str,
    /// Municipality in Latin letters, as in the certificates.
    pub municipality: &'static str,
    /// Five digits beginning with 99, which no real municipality has.
    pub municipality_code: &'static str,
    /// 個人番号, also 照合番号A: twelve digits, the last of which is a wrong check digit.
    pub my_number: &'static str,
    /// セキュリティコード, four digits under the photo.
    pub security_code: &'static str,
    /// The photo.
    pub portrait: Portrait,
    /// What they hold.
    pub card: CardKind,
    /// Until when.
    pub card_expiry: CardExpiry,
    /// Whether the card has a certificate for signature. Children have none.
    pub signature_certificate: bool,
    /// What is blocked when the card is made.
    pub blocked: &'static [PinKind],
    /// Who issued the card's certificates.
    pub issuer: Issuer,
    pub(crate) common_name_prefix: &'static str,
    pub(crate) authentication: Credential,
    pub(crate) signature: Credential,
    pub(crate) input_support_pin: &'static str,
    pub(crate) register_pin: &'static str,
    pub(crate) keys: Keys,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) serial: u32,
    pub(crate) pin: &'static str,
}

/// The private keys of a card, in PKCS #8, and whose they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) owner: &'static str,
    pub(crate) authentication: &'static [u8],
    pub(crate) signature: &'static [u8],
    pub(crate) input_support: &'static [u8],
    pub(crate) face: &'static [u8],
}

/// Sex as the card writes it (JIS X 0303).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// `1`
    Male,
    /// `2`
    Female,
    /// `9`
    NotApplicable,
}

impl Sex {
    /// The digit on the card.
    pub const fn code(self) -> char {
        match self {
            Self::Male => '1',
            Self::Female => '2',
            Self::NotApplicable => '9',
        }
    }
}

/// Which of the two test authorities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Issuer {
    /// The one that everybody in the sandbox trusts.
    #[default]
    Test,
    /// One with the same names and other keys, that nobody trusts.
    Foreign,
}

impl Person {
    /// The PIN the card starts with: four digits, or 6 to 16 letters and digits for signature.
    pub fn pin(&self, purpose: Purpose) -> &'static str {
        self.credential(purpose).pin
    }

    /// Serial number of the certificate; three bytes in DER for everybody here.
    pub fn serial(&self, purpose: Purpose) -> u32 {
        self.credential(purpose).serial
    }

    /// The same person with another PIN. The codes follow from other fields, and are ignored here.
    #[must_use]
    pub fn with_pin(mut self, kind: impl Into<PinKind>, pin: &'static str) -> Self {
        match kind.into() {
            PinKind::Authentication => self.authentication.pin = pin,
            PinKind::Signature => self.signature.pin = pin,
            PinKind::InputSupport => self.input_support_pin = pin,
            PinKind::Common | PinKind::ResidentRegister => self.register_pin = pin,
            _ => {}
        }
        self
    }

    /// The same person with another certificate serial number.
    #[must_use]
    pub fn with_serial(mut self, purpose: Purpose, serial: u32) -> Self {
        match purpose {
            Purpose::Authentication => self.authentication.serial = serial,
            Purpose::Signature => self.signature.serial = serial,
        }
        self
    }

    /// The same face, with the certificates of somebody else: no authority makes such a card.
    #[must_use]
    pub fn with_certificates_of(self, other: &Self) -> Self {
        Self {
            prefecture: other.prefecture,
            municipality: other.municipality,
            common_name_prefix: other.common_name_prefix,
            authentication: other.authentication,
            signature: other.signature,
            keys: Keys {
                authentication: other.keys.authentication,
                signature: other.keys.signature,
                ..self.keys
            },
            ..self
        }
    }

    /// What opens a PIN or code of a card that ends on that day.
    pub(crate) fn reference_data(&self, kind: PinKind, codes: Calendar, expiry: Date) -> String {
        let birth_date = self.birth_date.six_digits(codes);
        match kind {
            PinKind::Authentication => self.authentication.pin.to_owned(),
            PinKind::Signature => self.signature.pin.to_owned(),
            PinKind::InputSupport => self.input_support_pin.to_owned(),
            PinKind::Common | PinKind::ResidentRegister => self.register_pin.to_owned(),
            PinKind::InputSupportA | PinKind::FaceA => self.my_number.to_owned(),
            PinKind::InputSupportB | PinKind::FaceB => {
                format!("{birth_date}{:04}{}", expiry.year, self.security_code)
            }
            PinKind::BirthDate => birth_date,
            PinKind::InputSupportBlocked => String::new(),
        }
    }

    pub(crate) fn has_signature_certificate(&self, behaviour: &Behaviour) -> bool {
        self.signature_certificate
            && self.card != CardKind::FaceAuthentication
            && !behaviour.has(Trait::NoSignatureCertificate)
    }

    pub(crate) fn key(&self, purpose: Purpose) -> Result<RsaPrivateKey, Error> {
        parse_key(match purpose {
            Purpose::Authentication => self.keys.authentication,
            Purpose::Signature => self.keys.signature,
        })
    }

    pub(crate) fn input_support_key(&self) -> Result<RsaPrivateKey, Error> {
        parse_key(self.keys.input_support)
    }

    pub(crate) fn face_key(&self) -> Result<RsaPrivateKey, Error> {
        parse_key(self.keys.face)
    }

    /// Whether a card can be made for them.
    pub(crate) fn check(&self) -> Result<(), Error> {
        const TOO_LONG: &str = "needs 1 to 200 characters";
        const NO_SERIAL: &str = "needs a number from 1 to 0xFFFFFF";
        let digits = |text: &str, count| text.len() == count && is_digits(text);
        let fits = |text: &str| (1..=200).contains(&text.chars().count());
        let serial = |credential: &Credential| (1..1 << 24).contains(&credential.serial);
        let pin = |kind, pin: &str| {
            has_right_length(kind, pin.as_bytes()) && has_right_characters(kind, pin.as_bytes())
        };
        let substitutes = self.name_substitutes.is_none_or(|substitutes| {
            is_digits(substitutes) && substitutes.len() == self.name.chars().count()
        });
        let code = self.municipality_code;
        let checks = [
            ("name", fits(self.name), TOO_LONG),
            ("address", fits(self.address), TOO_LONG),
            ("name_substitutes", substitutes, "needs one digit for each character of the name"),
            (
                "municipality_code",
                digits(code, 5) && code.starts_with("99"),
                "needs five digits beginning with 99, which no municipality has",
            ),
            (
                "common_name",
                self.common_name_prefix.len() == 14 && self.common_name_prefix.is_ascii(),
                "needs 14 capital letters and digits",
            ),
            ("my_number", digits(self.my_number, 12), "needs twelve digits"),
            (
                "my_number",
                !(is_digits(self.my_number) && is_valid_my_number(self.my_number)),
                "has a right check digit and might be somebody's: change its last digit",
            ),
            ("security_code", digits(self.security_code, 4), "needs four digits"),
            (
                "pins.authentication",
                pin(PinKind::Authentication, self.authentication.pin),
                "needs four digits",
            ),
            (
                "pins.signature",
                pin(PinKind::Signature, self.signature.pin),
                "needs 6 to 16 capital letters and digits, at least one of each",
            ),
            (
                "pins.input_support",
                pin(PinKind::InputSupport, self.input_support_pin),
                "needs four digits",
            ),
            ("pins.register", pin(PinKind::Common, self.register_pin), "needs four digits"),
            ("serials.authentication", serial(&self.authentication), NO_SERIAL),
            ("serials.signature", serial(&self.signature), NO_SERIAL),
        ];
        let failed = checks.into_iter().find(|(_, right, _)| !right);
        failed.map_or(Ok(()), |(field, _, problem)| {
            let (id, problem) = (self.id.to_owned(), problem.to_owned());
            Err(Error::Person { id, field, problem })
        })
    }

    fn credential(&self, purpose: Purpose) -> &Credential {
        match purpose {
            Purpose::Authentication => &self.authentication,
            Purpose::Signature => &self.signature,
        }
    }
}

impl Default for Person {
    fn default() -> Self {
        Self::hanako()
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Person").field(&self.id).finish()
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_digit())
}

/// Whether the last of twelve digits is the check digit of the others, as a ministerial ordinance defines it. Certain:
/// it agrees with the number on a JPKI test card.
fn is_valid_my_number(number: &str) -> bool {
    let mut digits = number.bytes().rev().map(|digit| u32::from(digit - b'0'));
    let check = digits.next();
    let weights = (2..=7).chain(2..=6);
    let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    check == Some(if sum % 11 <= 1 { 0 } else { 11 - sum % 11 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_by_name_and_silent_in_debug() {
        for person in Person::all() {
            assert_eq!(person.id.parse::<Person>().unwrap(), person);
            assert_eq!(format!("{person:?}"), format!("Person({:?})", person.id));
        }
        assert!(matches!("Hanako".parse::<Person>(), Err(Error::UnknownPerson(_))));
        assert_eq!(Person::hanako().birth_date.to_string(), "1941-05-03");
    }

    #[test]
    fn nobody_has_a_number_that_could_be_somebodys() {
        assert!(is_valid_my_number("537686677188"), "of a JPKI test card");
        for person in Person::all() {
            person.check().unwrap();
            assert!(!is_valid_my_number(person.my_number), "{person:?}");
        }
        let mut hanako = Person::hanako();
        hanako.my_number = "537686677188";
        assert!(matches!(hanako.check(), Err(Error::Person { field: "my_number", .. })));
        hanako.my_number = "9900-0000100";
        assert!(matches!(hanako.check(), Err(Error::Person { field: "my_number", .. })));
    }
}
