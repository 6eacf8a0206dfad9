//! Persons in TOML.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    BirthDate, Calendar, CardExpiry, CardKind, Error, Issuer, Person, PinKind, Portrait, Sex,
    cast::EXAMPLE_KEYS, person::Credential,
};

/// What a file says. Everything has a name of its own there, so that a mistake can be pointed at.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Description {
    id: String,
    name: String,
    name_kana: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_substitutes: Option<String>,
    birth_date: Text<BirthDate>,
    #[serde(default)]
    printed_calendar: Calendar,
    sex: Sex,
    address: String,
    prefecture: String,
    municipality: String,
    municipality_code: String,
    common_name: Option<String>,
    my_number: String,
    security_code: String,
    #[serde(default)]
    portrait: Portrait,
    #[serde(default)]
    card: CardKind,
    card_expiry: Text<CardExpiry>,
    #[serde(default = "yes")]
    signature_certificate: bool,
    #[serde(default)]
    blocked: Vec<Text<PinKind>>,
    #[serde(default)]
    issuer: Issuer,
    #[serde(default = "example")]
    keys: String,
    serials: Serials,
    pins: Pins,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Serials {
    authentication: u32,
    signature: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Pins {
    authentication: String,
    signature: String,
    input_support: String,
    register: String,
}

/// A value that is written as text.
struct Text<T>(T);

impl<'de, T: FromStr<Err = Error>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Person {
    /// A person as described in TOML. What is left out has a usual value, what is unknown is refused, and what makes no
    /// card is named: also a 個人番号 that could be somebody's.
    ///
    /// The description stays in memory as long as the program runs.
    ///
    /// ```
    /// use kaigotap_virtual_card::{Person, PinKind, Behaviour, VirtualCard};
    ///
    /// let person = Person::from_toml(include_str!("../data/person-example.toml"))?;
    /// let card = VirtualCard::new(person, Behaviour::modern())?;
    /// assert_eq!(card.person().name, "見本　鶴子");
    /// assert_eq!(card.reference_data(PinKind::FaceB), "09012020340120");
    /// # Ok::<(), kaigotap_virtual_card::Error>(())
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let person = Self::try_from(toml::from_str::<Description>(text)?)?;
        person.check()?;
        Ok(person)
    }

    /// The description of a person, to begin another one with.
    pub fn to_toml(&self) -> Result<String, Error> {
        Ok(toml::to_string(&Description::from(self))?)
    }
}

impl TryFrom<Description> for Person {
    type Error = Error;

    fn try_from(from: Description) -> Result<Self, Error> {
        let Some(keys) = Self::keys_of(&from.keys) else {
            let problem = format!(
                "are of nobody known: {:?} is neither {:?} nor one of {}",
                from.keys,
                EXAMPLE_KEYS.owner,
                Self::known()
            );
            return Err(Error::Person { id: from.id, field: "keys", problem });
        };
        let common_name = from.common_name.unwrap_or_else(|| common_name(&from.id));
        let credential = |serial, pin| Credential { serial, pin: keep(pin) };
        Ok(Self {
            id: keep(from.id),
            name: keep(from.name),
            name_kana: keep(from.name_kana),
            name_substitutes: from.name_substitutes.map(keep),
            birth_date: from.birth_date.0,
            printed_calendar: from.printed_calendar,
            sex: from.sex,
            address: keep(from.address),
            prefecture: keep(from.prefecture),
            municipality: keep(from.municipality),
            municipality_code: keep(from.municipality_code),
            my_number: keep(from.my_number),
            security_code: keep(from.security_code),
            portrait: from.portrait,
            card: from.card,
            card_expiry: from.card_expiry.0,
            signature_certificate: from.signature_certificate,
            blocked: from.blocked.into_iter().map(|kind| kind.0).collect::<Vec<_>>().leak(),
            issuer: from.issuer,
            common_name_prefix: keep(common_name),
            authentication: credential(from.serials.authentication, from.pins.authentication),
            signature: credential(from.serials.signature, from.pins.signature),
            input_support_pin: keep(from.pins.input_support),
            register_pin: keep(from.pins.register),
            keys,
        })
    }
}

impl From<&Person> for Description {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id.to_owned(),
            name: person.name.to_owned(),
            name_kana: person.name_kana.to_owned(),
            name_substitutes: person.name_substitutes.map(str::to_owned),
            birth_date: Text(person.birth_date),
            printed_calendar: person.printed_calendar,
            sex: person.sex,
            address: person.address.to_owned(),
            prefecture: person.prefecture.to_owned(),
            municipality: person.municipality.to_owned(),
            municipality_code: person.municipality_code.to_owned(),
            common_name: Some(person.common_name_prefix.to_owned()),
            my_number: person.my_number.to_owned(),
            security_code: person.security_code.to_owned(),
            portrait: person.portrait,
            card: person.card,
            card_expiry: Text(person.card_expiry),
            signature_certificate: person.signature_certificate,
            blocked: person.blocked.iter().copied().map(Text).collect(),
            issuer: person.issuer,
            keys: person.keys.owner.to_owned(),
            serials: Serials {
                authentication: person.authentication.serial,
                signature: person.signature.serial,
            },
            pins: Pins {
                authentication: person.authentication.pin.to_owned(),
                signature: person.signature.pin.to_owned(),
                input_support: person.input_support_pin.to_owned(),
                register: person.register_pin.to_owned(),
            },
        }
    }
}

/// Persons are made of literals. The few that are read from files become as lasting.
fn keep(text: String) -> &'static str {
    text.leak()
}

/// Fourteen characters, as in a real certificate's common name.
fn common_name(id: &str) -> String {
    let id: String = id.chars().filter(char::is_ascii_alphanumeric).take(6).collect();
    format!("990199KT{:0<6}", id.to_ascii_uppercase())
}

const fn yes() -> bool {
    true
}

fn example() -> String {
    EXAMPLE_KEYS.owner.to_owned()
}
