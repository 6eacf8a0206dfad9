//! The answer to reset.

use std::str::FromStr;

use crate::Error;

/// An answer to reset (ISO/IEC 7816-3, 8.2). Clients must not recognise the card by it: real cards have many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atr(Vec<u8>);

impl Atr {
    /// The bytes, 2 to 33 of them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// `3BE000FF8131FE4514`, published for the contact plate of the first cards.
    pub fn contact() -> Self {
        Self(vec![0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14])
    }

    /// `3B888001000005E0B381A1007F`, published for a card on a contactless reader.
    pub fn contactless() -> Self {
        Self(vec![0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x05, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x7F])
    }
}

impl Default for Atr {
    fn default() -> Self {
        Self::contactless()
    }
}

impl FromStr for Atr {
    type Err = Error;

    /// Hexadecimal, with or without spaces or colons. Only the number of bytes is checked.
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|c| !matches!(c, ' ' | ':'))
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        match digits {
            Some(digits) if digits.len() % 2 == 0 && (2..=33).contains(&(digits.len() / 2)) => {
                Ok(Self(
                    digits
                        .chunks(2)
                        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
                        .collect(),
                ))
            }
            _ => Err(Error::Atr(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hexadecimal() {
        assert_eq!(
            "3B:88:80:01:00:00:05:E0 B3 81 A1 00 7F".parse::<Atr>().unwrap(),
            Atr::contactless()
        );
        for wrong in ["", "3B", "3B8", "3B8G", &"3B".repeat(34)] {
            assert!(matches!(wrong.parse::<Atr>(), Err(Error::Atr(_))), "{wrong}");
        }
    }
}
