//! Dates of birth of which not everything is known (生年月日不詳).

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A date of birth as a register has it: `1941-05-03`; `1941-05-00` or `1941-00-00` if the day, or the month, too, is not
/// known; `1941`; or nothing, which is an empty text, or null in JSON. It is given as it was taken. `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Option<String>", into = "Option<String>")]
pub struct BirthDate(Option<String>);

/// Not a date of birth in one of the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date of birth")]
pub struct BirthDateInvalid;

impl FromStr for BirthDate {
    type Err = BirthDateInvalid;

    fn from_str(text: &str) -> Result<Self, BirthDateInvalid> {
        // What is not known is made the first, to see whether the rest is a date.
        let whole = match text.len() {
            0 => return Ok(Self(None)),
            4 => format!("{text}-01-01"),
            10 => text.replace("-00-00", "-01-01").replace("-00", "-01"),
            _ => return Err(BirthDateInvalid),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let month_unknown = text.get(4..8) == Some("-00-");
        if !whole.split('-').all(digits)
            || whole.parse::<Date>().is_err()
            || (month_unknown && !text.ends_with("-00"))
        {
            return Err(BirthDateInvalid);
        }
        Ok(Self(Some(text.to_owned())))
    }
}

impl From<Date> for BirthDate {
    fn from(date: Date) -> Self {
        Self(Some(date.to_string()))
    }
}

impl TryFrom<Option<String>> for BirthDate {
    type Error = BirthDateInvalid;

    fn try_from(text: Option<String>) -> Result<Self, BirthDateInvalid> {
        text.unwrap_or_default().parse()
    }
}

impl From<BirthDate> for Option<String> {
    fn from(date: BirthDate) -> Self {
        date.0
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_birth_is_known_in_part() {
        for text in ["1941-05-03", "1941-05-00", "1941-00-00", "1941", "1940-02-29"] {
            let read: BirthDate = text.parse().unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), format!("\"{text}\""));
        }
        assert_eq!("".parse(), Ok(BirthDate::default()));
        assert_eq!(serde_json::from_str::<BirthDate>("null").unwrap(), BirthDate::default());
        assert_eq!(serde_json::to_string(&BirthDate::default()).unwrap(), "null");
        for text in [
            "1941-00-03",
            "1941-13-00",
            "1941-02-30",
            "1941-5-3",
            "19410503",
            "41",
            "1941-05",
            "1941-05-3x",
            "-941",
            "1941-05-03Z",
        ] {
            assert_eq!(text.parse::<BirthDate>(), Err(BirthDateInvalid), "{text}");
        }
    }
}
