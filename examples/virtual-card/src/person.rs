//! The people whose cards these are. Nobody here exists.

use std::{fmt, str::FromStr};

use rsa::{RsaPrivateKey, pkcs8::DecodePrivateKey};

use crate::{Error, Purpose};

/// A fictional holder. `Debug` shows only the name of the character, as it would for a real one.
///
/// PINs and keys are public test data, worthless by design.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// What the command line calls them: `hanako`, `taro`, `foreign-issuer`.
    pub id: &'static str,
    /// 氏名, family and given name separated by U+3000.
    pub name: &'static str,
    /// The same in kana.
    pub name_kana: &'static str,
    /// 生年月日, Gregorian.
    pub birth_date: BirthDate,
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
    /// Who issued the card's certificates.
    pub issuer: Issuer,
    pub(crate) common_name_prefix: &'static str,
    authentication: Credential,
    signature: Credential,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Credential {
    serial: u32,
    pin: &'static str,
    key: &'static [u8],
}

/// A date of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BirthDate {
    /// Gregorian year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl fmt::Display for BirthDate {
    /// `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Sex as the card writes it (JIS X 0303).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// `1`
    Male,
    /// `2`
    Female,
}

impl Sex {
    /// The digit on the card.
    pub const fn code(self) -> char {
        match self {
            Self::Male => '1',
            Self::Female => '2',
        }
    }
}

/// Which of the two test authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Issuer {
    /// The one that everybody in the sandbox trusts.
    Test,
    /// One with the same names and other keys, that nobody trusts.
    Foreign,
}

macro_rules! credential {
    ($serial:expr, $pin:expr, $file:literal) => {
        Credential {
            serial: $serial,
            pin: $pin,
            key: include_bytes!(concat!("../data/", $file, ".p8")),
        }
    };
}

impl Person {
    /// カイゴ　ハナコ, born 1941-05-03; PIN `1234`, signature password `ABC123`. The default.
    pub fn hanako() -> Self {
        Self {
            id: "hanako",
            name: "介護　花子",
            name_kana: "カイゴ　ハナコ",
            birth_date: BirthDate { year: 1941, month: 5, day: 3 },
            sex: Sex::Female,
            address: "架空県試験市見本町一丁目２－３",
            prefecture: "Kakuu-ken",
            municipality: "Shiken-shi",
            municipality_code: "99001",
            issuer: Issuer::Test,
            common_name_prefix: "990101KTHANAKO",
            authentication: credential!(0x0041_0503, "1234", "hanako-authentication"),
            signature: credential!(0x0041_0504, "ABC123", "hanako-signature"),
        }
    }

    /// カイゴ　タロウ, born 1938-11-23; PIN `5678`, signature password `TARO56`.
    pub fn taro() -> Self {
        Self {
            id: "taro",
            name: "介護　太郎",
            name_kana: "カイゴ　タロウ",
            birth_date: BirthDate { year: 1938, month: 11, day: 23 },
            sex: Sex::Male,
            address: "架空県見本市例町４－５－６０１",
            municipality: "Mihon-shi",
            municipality_code: "99002",
            common_name_prefix: "990102KTTARO00",
            authentication: credential!(0x0038_1123, "5678", "taro-authentication"),
            signature: credential!(0x0038_1124, "TARO56", "taro-signature"),
            ..Self::hanako()
        }
    }

    /// Somebody with a forged card in Hanako's name: her names, serials and PINs, but other keys, certified by an
    /// authority that bears the names of the true one and is not it.
    pub fn foreign_issuer() -> Self {
        let hanako = Self::hanako();
        Self {
            id: "foreign-issuer",
            issuer: Issuer::Foreign,
            authentication: credential!(
                hanako.authentication.serial,
                "1234",
                "foreign-issuer-authentication"
            ),
            signature: credential!(hanako.signature.serial, "ABC123", "foreign-issuer-signature"),
            ..hanako
        }
    }

    /// Everybody, the default first.
    pub fn all() -> [Self; 3] {
        [Self::hanako(), Self::taro(), Self::foreign_issuer()]
    }

    /// The PIN the card starts with: four digits, or 6 to 16 letters and digits for signature.
    pub fn pin(&self, purpose: Purpose) -> &'static str {
        self.credential(purpose).pin
    }

    /// Serial number of the certificate; three bytes in DER.
    pub fn serial(&self, purpose: Purpose) -> u32 {
        self.credential(purpose).serial
    }

    pub(crate) fn key(&self, purpose: Purpose) -> Result<RsaPrivateKey, Error> {
        Ok(RsaPrivateKey::from_pkcs8_der(self.credential(purpose).key)?)
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

impl FromStr for Person {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::all()
            .into_iter()
            .find(|person| person.id == id)
            .ok_or_else(|| Error::UnknownPerson(id.to_owned()))
    }
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
    fn everybody_has_other_keys_and_a_code_no_municipality_has() {
        let mut keys: Vec<_> = Person::all()
            .iter()
            .flat_map(|p| Purpose::ALL.map(|purpose| p.credential(purpose).key))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 6);
        assert!(
            Person::all()
                .iter()
                .all(|p| p.municipality_code.len() == 5 && p.municipality_code.starts_with("99"))
        );
    }
}
