//! What a person carries from the administrator's screen to a new device.

use std::fmt;

use zeroize::Zeroizing;

use crate::message::{Code, Failure};

/// Crockford's base32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 128 bits in digits of five bits each.
const DIGITS: usize = 26;
/// Digits in a group, as it is written.
const GROUP: usize = 4;
/// Most characters looked at, blanks included.
const MOST: usize = 256;

/// An activation code: 128 bits in 26 digits of Crockford's base32, good for one device, once, for 15 minutes. A secret
/// until it is used; wiped, and never shown.
pub struct ActivationCode(Zeroizing<String>);

impl ActivationCode {
    /// Takes a code as people type it: letters in either case, in groups or not, full-width too; O is 0, and I and L are 1.
    /// `activation_code_short`, `activation_code_long` or `activation_code_unreadable` for what is none.
    pub fn parse(typed: &str) -> Result<Self, Failure> {
        // All of it at once, so that no copy is left behind when it grows.
        let mut code = Zeroizing::new(String::with_capacity(DIGITS.saturating_mul(2)));
        let mut digits = 0_usize;
        for (at, character) in typed.chars().enumerate() {
            if at >= MOST {
                return Err(Code::ActivationCodeLong.into());
            }
            if is_between(character) {
                continue;
            }
            let digit = digit(character).ok_or(Code::ActivationCodeUnreadable)?;
            // The first digit has three bits, or 26 of them would be more than 128.
            if digits == 0 && !(b'0'..=b'7').contains(&digit) {
                return Err(Code::ActivationCodeUnreadable.into());
            }
            if digits == DIGITS {
                return Err(Code::ActivationCodeLong.into());
            }
            if digits > 0 && digits.is_multiple_of(GROUP) {
                code.push('-');
            }
            code.push(char::from(digit));
            digits = digits.saturating_add(1);
        }
        if digits < DIGITS {
            return Err(Code::ActivationCodeShort.into());
        }
        Ok(Self(code))
    }

    /// In groups, as it is shown.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActivationCode(..)")
    }
}

/// What stands between groups: blanks, and whatever a keyboard has for a hyphen, the long vowel of kana among them.
fn is_between(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' | 'ー' | 'ｰ')
}

/// The digit that somebody meant.
fn digit(character: char) -> Option<u8> {
    let narrow = match character {
        // Full-width forms stand in the order of ASCII.
        '！'..='～' => u32::from(character).checked_sub(0xFEE0)?,
        other => other.into(),
    };
    let digit = match u8::try_from(narrow).ok()?.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.contains(&digit).then_some(digit)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const WRITTEN: &str = "7ZZZ-0123-4567-89AB-CDEF-GHJK-MN";

    #[rstest]
    #[case(WRITTEN)]
    #[case("7zzz-0123-4567-89ab-cdef-ghjk-mn")]
    #[case("7ZZZ0123456789ABCDEFGHJKMN")]
    #[case("  7ZZZ 0123 4567 89AB CDEF GHJK MN\n")]
    #[case("７ＺＺＺ－０１２３－４５６７－８９ＡＢ－ｃｄｅｆ－ＧＨＪＫ－ＭＮ")]
    #[case("７ＺＺＺーＯＩ２３ー４５６７　８９ＡＢ－ｃｄｅｆｰＧＨＪＫ‐ＭＮ")]
    #[case("7ZZZ-Ol23-4567-89AB-CDEF-GHJK-MN")]
    fn a_code_is_read_as_people_type_it(#[case] typed: &str) {
        assert_eq!(ActivationCode::parse(typed).unwrap().as_str(), WRITTEN);
    }

    #[rstest]
    #[case("", Code::ActivationCodeShort)]
    #[case("-- --", Code::ActivationCodeShort)]
    #[case("7ZZZ-0123-4567-89AB-CDEF-GHJK-M", Code::ActivationCodeShort)]
    #[case("7ZZZ-0123-4567-89AB-CDEF-GHJK-MN0", Code::ActivationCodeLong)]
    #[case("7ZZU-0123-4567-89AB-CDEF-GHJK-MN", Code::ActivationCodeUnreadable)]
    #[case("7ZZZ-0123-4567-89AB-CDEF-GHJK-M*", Code::ActivationCodeUnreadable)]
    #[case("7ZZZ-0123-4567-89AB-CDEF-GHJK-Mあ", Code::ActivationCodeUnreadable)]
    #[case("7ZZZ\u{0}0123", Code::ActivationCodeUnreadable)]
    #[case("8ZZZ-0123-4567-89AB-CDEF-GHJK-MN", Code::ActivationCodeUnreadable)]
    #[case("https://evil.example/", Code::ActivationCodeUnreadable)]
    fn what_is_no_code_is_told_apart(#[case] typed: &str, #[case] expected: Code) {
        assert_eq!(ActivationCode::parse(typed).unwrap_err().code(), expected, "{typed}");
    }

    #[test]
    fn a_page_of_blanks_is_not_read_to_its_end() {
        let page = " ".repeat(1 << 20);
        assert_eq!(ActivationCode::parse(&page).unwrap_err().code(), Code::ActivationCodeLong);
    }

    #[test]
    fn a_code_is_not_shown() {
        let code = ActivationCode::parse(WRITTEN).unwrap();
        assert_eq!(format!("{code:?}"), "ActivationCode(..)");
    }
}
