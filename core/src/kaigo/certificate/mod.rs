//! What stands on a paper certificate (被保険者証), of what somebody typed: entry is forgiving, and what comes of it is exact.

mod birth_date;

use std::fmt;

use jiff::civil::Date;

pub use birth_date::BirthDate;

use super::kana;
use super::person::Sex;
use crate::flow::{Attribute, AttributeFault, Attributes, Faulty};

/// Insurer number (保険者番号), 6 digits. Not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct InsurerNumber(String);

/// Insured number (被保険者番号), 10 digits. Not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct InsuredNumber(String);

/// A name in kana, or in Latin letters, in the one form in which names are compared. Not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct KanaName(String);

macro_rules! number {
    ($name:ident $count:literal) => {
        impl $name {
            #[doc = concat!("Reads ", $count, " digits of any width; spaces and hyphens between them do not count.")]
            pub fn parse(typed: &str) -> Result<Self, Faulty> {
                digits(typed, $count).map(Self)
            }

            /// The digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}
number!(InsurerNumber 6);
number!(InsuredNumber 10);

impl KanaName {
    /// Reads hiragana, katakana or Latin letters of any width, with or without spaces; marks of voiced sounds may stand
    /// apart, and any dash is the long mark.
    pub fn parse(typed: &str) -> Result<Self, Faulty> {
        let name = kana::comparable(typed);
        let letter = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー' | 'A'..='Z');
        if name.is_empty() {
            Err(Faulty::Empty)
        } else if name.chars().all(letter) && name.chars().any(|c| c != 'ー') {
            Ok(Self(name))
        } else {
            Err(Faulty::Characters)
        }
    }

    /// The name as it is compared: katakana of full width, small ones large, without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Sex {
    /// Reads `男`, `女`, `男性`, `女性`, `male`, `female`, `M` or `F`, of any width and case.
    pub fn parse(typed: &str) -> Result<Self, Faulty> {
        match half_width(typed).to_ascii_lowercase().as_str() {
            "" => Err(Faulty::Empty),
            "男" | "男性" | "おとこ" | "オトコ" | "male" | "m" => Ok(Self::Male),
            "女" | "女性" | "おんな" | "オンナ" | "female" | "f" => Ok(Self::Female),
            _ => Err(Faulty::Characters),
        }
    }
}

/// Who a certificate is about.
pub(crate) struct PaperCertificate {
    pub(crate) numbers: Option<(InsurerNumber, InsuredNumber)>,
    pub(crate) name: KanaName,
    pub(crate) birth: BirthDate,
    pub(crate) sex: Sex,
}

impl PaperCertificate {
    /// Reads what was typed today; the first attribute that cannot be read is told. Where numbers need not be known, both
    /// may be left empty.
    pub(crate) fn parse(
        typed: &Attributes,
        numbers_known: bool,
        today: Date,
    ) -> Result<Self, AttributeFault> {
        let of = |attribute| move |faulty| AttributeFault { attribute, faulty };
        let empty = |typed: &str| half_width(typed).is_empty();
        let numbers =
            if !numbers_known && empty(&typed.insurer_number) && empty(&typed.insured_number) {
                None
            } else {
                let of_insurer = InsurerNumber::parse(&typed.insurer_number)
                    .map_err(of(Attribute::InsurerNumber))?;
                let of_person = InsuredNumber::parse(&typed.insured_number)
                    .map_err(of(Attribute::InsuredNumber))?;
                Some((of_insurer, of_person))
            };
        Ok(Self {
            numbers,
            name: KanaName::parse(&typed.name_kana).map_err(of(Attribute::NameKana))?,
            birth: BirthDate::parse(&typed.birth_date, today).map_err(of(Attribute::BirthDate))?,
            sex: Sex::parse(&typed.sex).map_err(of(Attribute::Sex))?,
        })
    }
}

/// Exactly so many digits, of any width, with spaces and hyphens left out.
fn digits(typed: &str, count: usize) -> Result<String, Faulty> {
    let digits: String = half_width(typed).chars().filter(|c| !is_dash(*c)).collect();
    if digits.is_empty() {
        Err(Faulty::Empty)
    } else if !digits.bytes().all(|c| c.is_ascii_digit()) {
        Err(Faulty::Characters)
    } else if digits.len() != count {
        Err(Faulty::Length)
    } else {
        Ok(digits)
    }
}

/// What people type between digits, whatever the keyboard makes of it.
fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | 'ー' | '－' | '―' | '‐' | '‑' | '–' | '—' | '−' | 'ｰ')
}

/// ASCII for letters of full width, without white space.
fn half_width(typed: &str) -> String {
    let narrow = |letter: char| match letter {
        '！'..='～' => u32::from(letter).checked_sub(0xFEE0).and_then(char::from_u32),
        other => Some(other),
    };
    typed.chars().filter(|c| !c.is_whitespace()).filter_map(narrow).collect()
}

macro_rules! not_shown {
    ($($name:ident)*) => { $(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )* };
}
not_shown!(InsurerNumber InsuredNumber KanaName PaperCertificate);

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("0001234567", Ok("0001234567"))]
    #[case("０００１２３４５６７", Ok("0001234567"))]
    #[case(" 0001-234 567　", Ok("0001234567"))]
    #[case("０００１ー２３４５６７", Ok("0001234567"))]
    #[case("", Err(Faulty::Empty))]
    #[case(" 　", Err(Faulty::Empty))]
    #[case("123456789", Err(Faulty::Length))]
    #[case("12345678901", Err(Faulty::Length))]
    #[case("000123456O", Err(Faulty::Characters))]
    #[case("٠٠٠١٢٣٤٥٦٧", Err(Faulty::Characters))]
    fn an_insured_number(#[case] typed: &str, #[case] read: Result<&str, Faulty>) {
        assert_eq!(
            InsuredNumber::parse(typed).as_ref().map(InsuredNumber::as_str),
            read.as_ref().copied()
        );
    }

    #[rstest]
    #[case("カイゴ　ハナコ", Ok("カイゴハナコ"))]
    #[case("ｶｲｺﾞ ﾊﾅｺ", Ok("カイゴハナコ"))]
    #[case("かいご はなこ", Ok("カイゴハナコ"))]
    #[case("きょうこ", Ok("キヨウコ"))]
    #[case("ジョ－ンズ", Ok("ジヨーンズ"))]
    #[case("Nguyen Van A", Ok("NGUYENVANA"))]
    #[case("ＯＮＥＩＬＬ　Ｍａｒｙ", Ok("ONEILLMARY"))]
    #[case("O'Neill, Mary", Ok("ONEILLMARY"))]
    #[case("介護花子", Err(Faulty::Characters))]
    #[case("カイゴ2", Err(Faulty::Characters))]
    #[case("ー", Err(Faulty::Characters))]
    #[case("　", Err(Faulty::Empty))]
    fn a_name(#[case] typed: &str, #[case] read: Result<&str, Faulty>) {
        assert_eq!(KanaName::parse(typed).as_ref().map(KanaName::as_str), read.as_ref().copied());
    }

    #[rstest]
    #[case("女", Ok(Sex::Female))]
    #[case("女性", Ok(Sex::Female))]
    #[case(" Ｆ ", Ok(Sex::Female))]
    #[case("Male", Ok(Sex::Male))]
    #[case("男", Ok(Sex::Male))]
    #[case("", Err(Faulty::Empty))]
    #[case("x", Err(Faulty::Characters))]
    fn a_sex(#[case] typed: &str, #[case] read: Result<Sex, Faulty>) {
        assert!(Sex::parse(typed) == read, "{typed}");
    }

    fn typed() -> Attributes {
        let own = |text: &str| text.to_owned().into();
        Attributes {
            insurer_number: own("９９００１０"),
            insured_number: own("0001234567"),
            name_kana: own("ｶｲｺﾞ ﾊﾅｺ"),
            birth_date: own("S16.5.3"),
            sex: own("女"),
        }
    }

    #[test]
    fn the_first_attribute_that_cannot_be_read_is_told() {
        let today = date(2026, 11, 29);
        let fault = |change: fn(&mut Attributes), known| {
            let mut typed = typed();
            change(&mut typed);
            PaperCertificate::parse(&typed, known, today).err().map(|f| (f.attribute, f.faulty))
        };
        assert_eq!(fault(|_| (), true), None);
        let clear = |typed: &mut Attributes| {
            typed.insurer_number.clear();
            typed.insured_number.clear();
        };
        assert_eq!(fault(clear, true), Some((Attribute::InsurerNumber, Faulty::Empty)));
        assert_eq!(fault(clear, false), None);
        let one = fault(|typed| typed.insured_number.clear(), false);
        assert_eq!(one, Some((Attribute::InsuredNumber, Faulty::Empty)));
        let name = fault(|typed| typed.name_kana.push('花'), true);
        assert_eq!(name, Some((Attribute::NameKana, Faulty::Characters)));
        let birth = fault(|typed| *typed.birth_date = "16.5.3".to_owned(), true);
        assert_eq!(birth, Some((Attribute::BirthDate, Faulty::Ambiguous)));
        assert_eq!(fault(|typed| typed.sex.clear(), true), Some((Attribute::Sex, Faulty::Empty)));
        let read = PaperCertificate::parse(&typed(), true, today).unwrap();
        assert_eq!(format!("{read:?} {:?}", typed()), "PaperCertificate(..) Attributes(..)");
    }

    proptest! {
        /// Whatever is typed is read or refused; what is read is in one form.
        #[test]
        fn anything_may_be_typed(text in any::<String>(), number in "[0-9０-９ -]{0,16}") {
            if let Ok(name) = KanaName::parse(&text) {
                prop_assert_eq!(KanaName::parse(name.as_str()).unwrap(), name);
            }
            let _ = Sex::parse(&text);
            for number in [text, number] {
                if let Ok(read) = InsuredNumber::parse(&number) {
                    prop_assert!(read.as_str().len() == 10 && read.as_str().bytes().all(|c| c.is_ascii_digit()));
                }
            }
        }
    }
}
