//! A person, and whether two descriptions are of one.

use serde::{Deserialize, Serialize};

use super::kana;
use crate::date::PartialDate;
use crate::message::{Code, Differences, Failure};

/// A person, as the platform names them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Person {
    /// Name in kana, family and given name separated by U+3000.
    pub name_kana: String,
    /// Date of birth, as far as it is known.
    pub birth_date: Option<PartialDate>,
    /// Sex as registered.
    pub sex: Sex,
}

/// Sex as registered (性別).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sex {
    /// Male (男)
    Male,
    /// Female (女)
    Female,
    /// Not given, or a value this version does not know.
    #[serde(other)]
    Unknown,
}

/// Whom the nurse means to visit, as the care software knows them.
#[derive(Clone, PartialEq, Eq)]
pub struct ChosenPerson {
    /// In the form in which names are compared.
    name: String,
    birth_date: Option<PartialDate>,
    sex: Sex,
}

impl ChosenPerson {
    /// Somebody of this name in kana (hiragana, katakana or Latin letters of any width, with or without spaces), date of
    /// birth and sex; what is not known is not compared. A name without a single letter is `setup_invalid`.
    pub fn new(
        name_kana: &str,
        birth_date: Option<PartialDate>,
        sex: Option<Sex>,
    ) -> Result<Self, Failure> {
        let name = kana::comparable(name_kana);
        if name.is_empty() {
            return Err(Failure::new(Code::SetupInvalid).with_detail("name of the chosen person"));
        }
        Ok(Self { name, birth_date, sex: sex.unwrap_or(Sex::Unknown) })
    }

    /// Date of birth, as far as it is known.
    pub(crate) fn birth_date(&self) -> Option<PartialDate> {
        self.birth_date
    }

    /// Whether the platform's person is the one who was chosen; otherwise `another_person`, with what differs.
    pub(crate) fn compare(&self, person: &Person) -> Result<(), Failure> {
        let dates = self.birth_date.zip(person.birth_date);
        let sexes = [self.sex, person.sex];
        let differences = Differences {
            name: kana::comparable(&person.name_kana) != self.name,
            birth_date: dates.is_some_and(|(chosen, told)| !chosen.agrees_with(told)),
            sex: !sexes.contains(&Sex::Unknown) && self.sex != person.sex,
        };
        if differences == Differences::default() {
            Ok(())
        } else {
            Err(Failure::new(Code::AnotherPerson).with_differences(differences))
        }
    }
}

/// `Debug` that shows nothing but the name of the type.
macro_rules! personal {
    ($($name:ident)*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )* };
}
pub(crate) use personal;
personal!(Person Sex ChosenPerson);

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::message::Language;

    fn told(name: &str, birth: Option<&str>, sex: Sex) -> Person {
        let birth_date = birth.map(|date| date.parse().unwrap());
        Person { name_kana: name.to_owned(), birth_date, sex }
    }

    fn hanako() -> ChosenPerson {
        let birth = "1941-05-03".parse().unwrap();
        ChosenPerson::new("かいご はなこ", Some(birth), Some(Sex::Female)).unwrap()
    }

    #[rstest]
    #[case("カイゴ　ハナコ", Some("1941-05-03"), Sex::Female)]
    #[case("ｶｲｺﾞ ﾊﾅｺ", Some("1941-05-00"), Sex::Female)]
    #[case("カイゴハナコ", Some("1941"), Sex::Unknown)]
    #[case("カイゴ　ハナコ", None, Sex::Female)]
    fn one_person_is_known_however_they_are_written(
        #[case] name: &str,
        #[case] birth: Option<&str>,
        #[case] sex: Sex,
    ) {
        assert_eq!(hanako().compare(&told(name, birth, sex)), Ok(()));
    }

    #[rstest]
    #[case("カイゴ　タロウ", "1941-05-03", Sex::Female, "name")]
    #[case("カイコ　ハナコ", "1941-05-03", Sex::Female, "name")]
    #[case("カイゴ　ハナコ", "1941-05-04", Sex::Female, "date of birth")]
    #[case("カイゴ　ハナコ", "1941-06-00", Sex::Female, "date of birth")]
    #[case("カイゴ　ハナコ", "1941-05-03", Sex::Male, "sex")]
    #[case("カイゴ　タロウ", "1938-11-23", Sex::Male, "name, date of birth, sex")]
    fn what_differs_is_named(
        #[case] name: &str,
        #[case] birth: &str,
        #[case] sex: Sex,
        #[case] differs: &str,
    ) {
        let failure = hanako().compare(&told(name, Some(birth), sex)).unwrap_err();
        assert_eq!(failure.code(), Code::AnotherPerson);
        assert!(failure.message(Language::English).contains(&format!("({differs})")), "{failure}");
        assert!(!format!("{failure} {failure:?}").contains("カイゴ"));
    }

    #[test]
    fn a_name_of_nothing_is_nobodys() {
        for empty in ["", " 　", "・"] {
            assert_eq!(
                ChosenPerson::new(empty, None, None).unwrap_err().code(),
                Code::SetupInvalid
            );
        }
    }
}
