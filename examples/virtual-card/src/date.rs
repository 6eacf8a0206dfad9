//! Days, as certificates, records and codes write them.

use std::{fmt, str::FromStr, time::SystemTime};

use serde::{Deserialize, Serialize};

use crate::{Error, authority::in_japan};

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Gregorian year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// A date of birth (生年月日). Month or day are 0 where nobody knows them, as the resident register writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthDate {
    /// Gregorian year.
    pub year: u16,
    /// 1 to 12, or 0.
    pub month: u8,
    /// 1 to 31, or 0.
    pub day: u8,
}

/// The calendar a card prints its holder's birth date in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Calendar {
    /// Years of the era, as for nearly everybody.
    #[default]
    Japanese,
    /// Western years, as for many foreign residents.
    Western,
}

/// When a card ends, and its certificates with it at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardExpiry {
    /// On that day. If the certificates are issued later than that, it is not they that it bounds.
    On(Date),
    /// So many days after the certificates were issued, for cards that are about to end whenever a test runs.
    DaysAfterIssue(u16),
}

/// The first day of each era, from the latest to 明治.
const ERAS: [Date; 5] = [
    Date { year: 2019, month: 5, day: 1 },
    Date { year: 1989, month: 1, day: 8 },
    Date { year: 1926, month: 12, day: 25 },
    Date { year: 1912, month: 7, day: 30 },
    Date { year: 1868, month: 1, day: 25 },
];

impl Date {
    /// `YYYYMMDD`, as in the records.
    pub fn digits(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// The day in Japan at that moment.
    pub(crate) fn at(moment: SystemTime) -> Result<Self, Error> {
        let moment = in_japan(moment)?;
        Ok(Self { year: moment.year(), month: moment.month(), day: moment.day() })
    }

    fn era(self) -> Option<Self> {
        ERAS.into_iter().find(|start| *start <= self)
    }
}

impl BirthDate {
    /// `YYYYMMDD`, as in the records; `00` for what is unknown (assumed).
    pub fn digits(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// `YYMMDD` with the year of the calendar, as in the code for the birth date and in 照合番号B. That it is the era's
    /// for Japanese holders is certain, `00` for what is unknown assumed.
    pub fn six_digits(self, calendar: Calendar) -> String {
        let era = self.earliest().era();
        let year = match calendar {
            Calendar::Japanese => era.map_or(self.year, |start| self.year - start.year + 1),
            Calendar::Western => self.year,
        };
        format!("{:02}{:02}{:02}", year % 100, self.month, self.day)
    }

    /// The first day that it can be.
    pub(crate) fn earliest(self) -> Date {
        Date { year: self.year, month: self.month.max(1), day: self.day.max(1) }
    }

    /// 1 for 明治 to 5 for 令和; 0 for a day before them.
    pub(crate) fn era_number(self) -> usize {
        let date = self.earliest();
        ERAS.iter()
            .position(|start| *start <= date)
            .map_or(0, |from_latest| ERAS.len() - from_latest)
    }
}

impl From<Date> for BirthDate {
    fn from(Date { year, month, day }: Date) -> Self {
        Self { year, month, day }
    }
}

impl CardExpiry {
    /// The last day of a card whose certificates were issued at that moment.
    pub fn date(self, issued: SystemTime) -> Result<Date, Error> {
        match self {
            Self::On(date) => Ok(date),
            Self::DaysAfterIssue(days) => {
                Date::at(issued + crate::authority::DAY * u32::from(days))
            }
        }
    }
}

impl fmt::Display for CardExpiry {
    /// `YYYY-MM-DD`, or `N days`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(date) => date.fmt(f),
            Self::DaysAfterIssue(days) => write!(f, "{days} days"),
        }
    }
}

impl FromStr for CardExpiry {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let days = text.strip_suffix(" days").and_then(|days| days.parse().ok());
        days.map_or_else(|| text.parse().map(Self::On), |days| Ok(Self::DaysAfterIssue(days)))
    }
}

impl fmt::Display for Date {
    /// `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for BirthDate {
    /// `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = Error;

    /// `YYYY-MM-DD`, of a day that exists from 1868 on.
    fn from_str(text: &str) -> Result<Self, Error> {
        let date = numbers(text).map(|(year, month, day)| Self { year, month, day });
        let known = date.filter(|date| date.era().is_some() && exists(*date));
        known.ok_or_else(|| Error::Date(text.to_owned()))
    }
}

impl FromStr for BirthDate {
    type Err = Error;

    /// `YYYY-MM-DD`, of a day that exists from 1868 on; `00` for a month or day that nobody knows.
    fn from_str(text: &str) -> Result<Self, Error> {
        let date = numbers(text).map(|(year, month, day)| Self { year, month, day });
        let known =
            date.map(Self::earliest).is_some_and(|first| first.era().is_some() && exists(first));
        date.filter(|_| known).ok_or_else(|| Error::Date(text.to_owned()))
    }
}

/// Year, month and day of `YYYY-MM-DD`.
fn numbers(text: &str) -> Option<(u16, u8, u8)> {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = text.bytes().all(|c| c.is_ascii_digit() || c == b'-');
    let &[year, month, day] = &parts[..] else { return None };
    if !digits || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

fn exists(Date { year, month, day }: Date) -> bool {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_of_the_eras() {
        for (date, era, western, number) in [
            ("1980-02-17", "550217", "800217", 3), // the birth date of a test card, and the code that opens it
            ("1941-05-03", "160503", "410503", 3),
            ("2019-04-30", "310430", "190430", 4),
            ("2019-05-01", "010501", "190501", 5),
            ("1989-01-07", "640107", "890107", 3),
            ("1989-01-08", "010108", "890108", 4),
            ("1926-12-24", "151224", "261224", 2),
            ("1926-12-25", "011225", "261225", 3),
            ("1912-07-29", "450729", "120729", 1),
            ("1930-00-00", "050000", "300000", 3),
            ("1930-06-00", "050600", "300600", 3),
            ("1926-12-00", "151200", "261200", 2), // of two eras: the first is assumed
        ] {
            let date: BirthDate = date.parse().unwrap();
            assert_eq!(date.six_digits(Calendar::Japanese), era);
            assert_eq!(date.six_digits(Calendar::Western), western);
            assert_eq!(date.era_number(), number);
        }
    }

    #[test]
    fn births_that_nobody_knows_in_full() {
        for day in ["1930-00-00", "1930-06-00", "1930-00-31", "2000-02-29"] {
            let birth: BirthDate = day.parse().unwrap();
            assert_eq!((birth.to_string(), birth.digits()), (day.to_owned(), day.replace('-', "")));
        }
        for text in ["1930-13-00", "1930-02-30", "1930-00-32", "0000-00-00", "1867-00-00", "1930"] {
            assert!(matches!(text.parse::<BirthDate>(), Err(Error::Date(_))), "{text}");
        }
        assert!("1930-00-00".parse::<Date>().is_err());
    }

    #[test]
    fn only_days_that_exist() {
        for day in ["2000-02-29", "2024-02-29", "1900-02-28", "2026-12-31"] {
            assert_eq!(day.parse::<Date>().unwrap().to_string(), day);
        }
        for text in [
            "",
            "2026-2-3",
            "2026-02-30",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "+026-01-01",
            "1867-01-01",
            "2026-01-01-",
        ] {
            assert!(matches!(text.parse::<Date>(), Err(Error::Date(_))), "{text}");
        }
    }
}
