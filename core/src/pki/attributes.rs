//! What the certificate for signatures says of its holder (subjectAltName, otherName arc `1.2.392.200149.8.5.5`).

use std::fmt;

use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};

use super::{Certificate, Malformed};
use crate::iso7816::tlv::Tlv;

/// Name, address, birth date and sex in a certificate for signatures (署名用電子証明書). `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HolderAttributes {
    /// Name.
    pub name: Text,
    /// Address.
    pub address: Text,
    /// Date of birth as it stands: a digit whose meaning no source explains, and `YYYYMMDD`.
    pub birth: String,
    /// Sex as it stands: `1` male, `2` female, `9` not applicable.
    pub sex: String,
}

/// A text in which characters that the register could not write stand replaced (代替文字).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Text {
    /// The text.
    pub text: String,
    /// Which of its characters stand for others.
    pub substituted: Substituted,
}

/// Which characters of a text stand for others. It comes beside the text, so what is wrong with it leaves the text
/// readable.
#[derive(Clone, PartialEq, Eq)]
pub enum Substituted {
    /// For each character, whether it does.
    Told(Vec<bool>),
    /// The certificate does not say.
    NotTold,
    /// What the certificate says does not fit the text, or cannot be read: nothing is proven by it.
    NotProven,
}

impl Certificate {
    /// What it says of its holder; `None` for a certificate that says nothing, as the one for authentication.
    pub fn holder_attributes(&self) -> Result<Option<HolderAttributes>, Malformed> {
        let (_, x509) = X509Certificate::from_der(self.der()).map_err(|_| Malformed("not DER"))?;
        let mut found: [Option<Result<String, Malformed>>; 6] = Default::default();
        for extension in x509.extensions() {
            let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension()
            else {
                continue;
            };
            for name in &names.general_names {
                let GeneralName::OtherName(oid, value) = name else { continue };
                let oid = oid.to_id_string();
                let number =
                    oid.strip_prefix("1.2.392.200149.8.5.5.").and_then(|n| n.parse::<usize>().ok());
                let slot = number.and_then(|n| found.get_mut(n.checked_sub(1)?));
                let Some(slot) = slot else { continue };
                let twice = slot.is_some();
                *slot =
                    Some(if twice { Err(Malformed("an attribute twice")) } else { utf8(value) });
            }
        }
        if found.iter().all(Option::is_none) {
            return Ok(None);
        }
        let [name, name_substitutes, sex, birth, address, address_substitutes] = found;
        let required = |part: Option<_>| part.ok_or(Malformed("an attribute is missing"))?;
        Ok(Some(HolderAttributes {
            name: Text::new(required(name)?, name_substitutes),
            address: Text::new(required(address)?, address_substitutes),
            birth: required(birth)?,
            sex: required(sex)?,
        }))
    }
}

impl Text {
    /// The substitute information has one digit for each character: `0` says that it stands for itself.
    fn new(text: String, digits: Option<Result<String, Malformed>>) -> Self {
        let substituted = match digits {
            None => Substituted::NotTold,
            Some(Ok(digits)) if digits.is_empty() => Substituted::NotTold,
            Some(Ok(digits)) if digits.chars().count() == text.chars().count() => {
                Substituted::Told(digits.chars().map(|digit| digit != '0').collect())
            }
            Some(_) => Substituted::NotProven,
        };
        Self { text, substituted }
    }
}

/// The UTF8String inside `[0]`.
fn utf8(value: &[u8]) -> Result<String, Malformed> {
    let malformed = Malformed("an attribute");
    let (outer, _) = Tlv::read(value).map_err(|_| malformed)?;
    let (inner, rest) = Tlv::read(outer.value).map_err(|_| malformed)?;
    if outer.tag != 0xA0 || inner.tag != 0x0C || !rest.is_empty() {
        return Err(malformed);
    }
    String::from_utf8(inner.value.to_vec()).map_err(|_| malformed)
}

impl fmt::Debug for HolderAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HolderAttributes(..)")
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

impl fmt::Debug for Substituted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Substituted(..)")
    }
}
