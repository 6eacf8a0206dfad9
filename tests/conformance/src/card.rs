//! The card under test and what it must say.

use std::{fs, path::Path};

use base64ct::{Base64, Encoding};
use kaigotap_virtual_card::{
    Authority, Behaviour, CardVerifiableAuthority, Person, Purpose, VirtualCard, usual_issue_date,
};

/// 介護 花子's card.
pub fn hanako(profile: Behaviour) -> VirtualCard {
    VirtualCard::new(Person::hanako(), profile).unwrap()
}

/// The certificate on her card.
pub fn certificate(purpose: Purpose) -> Vec<u8> {
    let hanako = Person::hanako();
    Authority::of(&hanako).issue(purpose, &hanako, usual_issue_date()).unwrap()
}

/// Writes the moduli of the authorities behind her text and her card's face, for clients that verify records: files
/// `text` and `face` in that directory.
pub fn write_authorities(directory: &Path) {
    for (name, authority) in
        [("text", CardVerifiableAuthority::text()), ("face", CardVerifiableAuthority::face())]
    {
        fs::write(directory.join(name), authority.modulus()).unwrap();
    }
}

/// The bytes of the one PEM block in a text.
pub fn from_pem(text: &str) -> Vec<u8> {
    let base64: String = text
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----END"))
        .collect();
    Base64::decode_vec(&base64).unwrap()
}
