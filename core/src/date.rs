//! Dates of birth whose month or day nobody knows.
//!
//! The resident register keeps such dates for people whose birth was never recorded in full, and cards, certificates and
//! the care platform repeat them with `00` in place of what is unknown: `1941-05-00`, `19410000`. They are dates: they can
//! be shown and compared, only not be converted into a day.

mod era;

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub(crate) use era::{ERAS, Era};

/// A date of which the year is known; month and day perhaps. `Debug` shows nothing of it.
///
/// ```
/// use kaigotap::date::PartialDate;
///
/// let birth: PartialDate = "1941-05-00".parse()?;
/// assert_eq!((birth.year(), birth.month(), birth.day()), (1941, Some(5), None));
/// assert_eq!((birth.to_string().as_str(), birth.complete()), ("1941-05", None));
/// # Ok::<(), kaigotap::date::NoDate>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

/// What is no date, known in part or in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date: YYYY-MM-DD, with 00 for a month or day that is unknown")]
pub struct NoDate;

impl PartialDate {
    /// A date of this year, 1 to 9999; `None` is unknown. What no calendar has is refused: a 13th month, 30 February.
    pub fn new(year: i16, month: Option<i8>, day: Option<i8>) -> Result<Self, NoDate> {
        // A day of an unknown month is one that January has: no other has more.
        Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).map_err(|_| NoDate)?;
        if year < 1 {
            return Err(NoDate);
        }
        Ok(Self { year, month, day })
    }

    /// Reads eight digits, `YYYYMMDD` with zeros for what is unknown, as records of the card hold them.
    pub fn from_digits(digits: &str) -> Result<Self, NoDate> {
        // Looked at first, because a part that ends within a character would pass for one that is unknown.
        if digits.len() != 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NoDate);
        }
        Self::read(digits.get(..4), digits.get(4..6), digits.get(6..))
    }

    /// The year, Gregorian.
    pub fn year(self) -> i16 {
        self.year
    }

    /// The month, 1 to 12, where it is known.
    pub fn month(self) -> Option<i8> {
        self.month
    }

    /// The day of the month, 1 to 31, where it is known.
    pub fn day(self) -> Option<i8> {
        self.day
    }

    /// The day of the calendar, where nothing is unknown.
    pub fn complete(self) -> Option<Date> {
        Date::new(self.year, self.month?, self.day?).ok()
    }

    /// `YYYY-MM-DD`, with `00` for what is unknown.
    pub(crate) fn digits(self) -> String {
        let (month, day) = (self.month.unwrap_or(0), self.day.unwrap_or(0));
        format!("{:04}-{month:02}-{day:02}", self.year)
    }

    /// Whether two sources may mean one date: what both of them know is the same.
    pub fn agrees_with(self, other: Self) -> bool {
        let agree = |one: Option<i8>, two: Option<i8>| one.is_none() || two.is_none() || one == two;
        self.year == other.year && agree(self.month, other.month) && agree(self.day, other.day)
    }

    /// Year, month and day in digits; a part that is not there is unknown, as one of zeros is.
    fn read(year: Option<&str>, month: Option<&str>, day: Option<&str>) -> Result<Self, NoDate> {
        let number = |part: &str, digits| {
            let fine = part.len() == digits && part.bytes().all(|c| c.is_ascii_digit());
            fine.then(|| part.parse::<i16>().ok()).flatten().ok_or(NoDate)
        };
        let part = |part: Option<&str>| {
            let number = part.map_or(Ok(0), |part| number(part, 2))?;
            i8::try_from(number).map(|number| (number != 0).then_some(number)).map_err(|_| NoDate)
        };
        Self::new(number(year.ok_or(NoDate)?, 4)?, part(month)?, part(day)?)
    }
}

impl From<Date> for PartialDate {
    fn from(date: Date) -> Self {
        Self { year: date.year(), month: Some(date.month()), day: Some(date.day()) }
    }
}

impl FromStr for PartialDate {
    type Err = NoDate;

    /// `YYYY-MM-DD` with `00` for what is unknown, or shorter where that is all that is known: `1941-05`, `1941`.
    fn from_str(text: &str) -> Result<Self, NoDate> {
        let mut parts = text.split('-');
        let date = Self::read(parts.next(), parts.next(), parts.next())?;
        if parts.next().is_some() { Err(NoDate) } else { Ok(date) }
    }
}

impl fmt::Display for PartialDate {
    /// As much of `YYYY-MM-DD` as is known (ISO 8601, reduced precision): `1941-05-03`, `1941-05`, `1941`. A day of an
    /// unknown month is `1941-00-03`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month.is_some() || self.day.is_some() {
            write!(f, "-{:02}", self.month.unwrap_or(0))?;
        }
        self.day.map_or(Ok(()), |day| write!(f, "-{day:02}"))
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartialDate(..)")
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1941-05-03", Some(5), Some(3), "1941-05-03")]
    #[case("1941-05-00", Some(5), None, "1941-05")]
    #[case("1941-05", Some(5), None, "1941-05")]
    #[case("1941-00-00", None, None, "1941")]
    #[case("1941-00", None, None, "1941")]
    #[case("1941", None, None, "1941")]
    #[case("1941-00-31", None, Some(31), "1941-00-31")]
    #[case("1940-02-29", Some(2), Some(29), "1940-02-29")]
    fn what_is_known_is_kept(
        #[case] text: &str,
        #[case] month: Option<i8>,
        #[case] day: Option<i8>,
        #[case] shown: &str,
    ) {
        let date: PartialDate = text.parse().unwrap();
        assert_eq!((date.month(), date.day(), date.to_string().as_str()), (month, day, shown));
        assert_eq!(shown.parse(), Ok(date));
        assert_eq!(serde_json::from_value(serde_json::json!(text)).ok(), Some(date));
        assert_eq!(serde_json::to_value(date).unwrap(), shown);
    }

    #[rstest]
    #[case("")]
    #[case("0000-00-00")]
    #[case("0000-05-03")]
    #[case("1941-13-00")]
    #[case("1941-13-03")]
    #[case("1941-02-29")]
    #[case("1941-04-31")]
    #[case("1941-00-32")]
    #[case("1941-5-3")]
    #[case("1941-05-03-")]
    #[case("1941-")]
    #[case("+941-05-03")]
    #[case("19410503")]
    #[case("１９４１-05-03")]
    fn what_is_no_date_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<PartialDate>(), Err(NoDate));
    }

    #[test]
    fn digits_of_a_record() {
        assert_eq!(PartialDate::from_digits("19410503"), Ok(date(1941, 5, 3).into()));
        assert_eq!(PartialDate::from_digits("19410500"), PartialDate::new(1941, Some(5), None));
        assert_eq!(PartialDate::from_digits("19410000"), PartialDate::new(1941, None, None));
        let others =
            ["00000000", "１９４１", "1941-5-3", "19410230", "19410¡3", "194105¡", "194¡503"];
        for text in ["", "1941050", "194105030"].into_iter().chain(others) {
            assert_eq!(PartialDate::from_digits(text), Err(NoDate), "{text}");
        }
    }

    #[test]
    fn only_what_is_whole_is_a_day() {
        let whole = PartialDate::from(date(1941, 5, 3));
        assert_eq!(whole.complete(), Some(date(1941, 5, 3)));
        assert_eq!("1941-05".parse::<PartialDate>().unwrap().complete(), None);
        assert_eq!(format!("{whole:?}"), "PartialDate(..)");
    }

    #[rstest]
    #[case("1941-05-03", "1941-05-03", true)]
    #[case("1941-05-03", "1941-05", true)]
    #[case("1941-05-03", "1941", true)]
    #[case("1941-05-03", "1941-06", false)]
    #[case("1941-05-03", "1941-05-04", false)]
    #[case("1941", "1942", false)]
    fn two_sources(#[case] one: &str, #[case] two: &str, #[case] agree: bool) {
        let [one, two] = [one, two].map(|text| text.parse::<PartialDate>().unwrap());
        assert_eq!((one.agrees_with(two), two.agrees_with(one)), (agree, agree));
    }
}
