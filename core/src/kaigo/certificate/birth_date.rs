//! A date of birth as people write it: in any era, or with the Gregorian year first.

use std::fmt;

use jiff::civil::Date;

use super::{half_width, is_dash};
use crate::date::{ERAS, PartialDate};
use crate::flow::Faulty;

/// Years of birth that nobody who lives has.
const EARLIEST: i16 = 1868;

/// A date of birth; month and day may be unknown. Not shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate(PartialDate);

impl BirthDate {
    /// Reads a date that was typed today: `昭和16年5月3日`, `S16.5.3`, `S160503`, `1941-05-03`, `1941年5月3日`, `19410503`, of
    /// any width. A month or day that is left out, `00`, `不明` or `不詳` is unknown. A year of two digits without its era, or
    /// one that does not come first, may be read in two ways and is refused ([`Faulty::Ambiguous`]).
    pub fn parse(typed: &str, today: Date) -> Result<Self, Faulty> {
        let typed = half_width(typed);
        if typed.is_empty() {
            return Err(Faulty::Empty);
        }
        let (era, rest) = match ERAS.iter().find_map(|era| Some((era, era.begins(&typed)?))) {
            Some((era, rest)) => (Some(era), rest),
            None => (None, typed.as_str()),
        };
        let [year, month, day] = parts(rest, era.is_some())?;
        let year = year.ok_or(Faulty::NoSuchDate)?;
        let gregorian = match era {
            Some(era) => era.gregorian(year).filter(|_| year > 0),
            None => Some(year),
        };
        let whole = |part: Option<i16>| part.map(i8::try_from).transpose();
        let part = |part| whole(part).map_err(|_| Faulty::NoSuchDate);
        let date = gregorian
            .and_then(|year| PartialDate::new(year, part(month).ok()?, part(day).ok()?).ok())
            .filter(|date| date.year() >= EARLIEST)
            .filter(|date| era.is_none_or(|era| date.may_be_in(era)))
            .ok_or(Faulty::NoSuchDate)?;
        let earliest = (date.year(), date.month().unwrap_or(1), date.day().unwrap_or(1));
        if earliest > (today.year(), today.month(), today.day()) {
            return Err(Faulty::Future);
        }
        Ok(Self(date))
    }

    /// The date.
    pub fn date(self) -> PartialDate {
        self.0
    }

    /// `YYYY-MM-DD`, with `00` for what is unknown.
    pub(crate) fn digits(self) -> String {
        self.0.digits()
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(..)")
    }
}

impl crate::date::Era {
    /// What stands behind the era, if a text begins with it: its name, the first letter of that, or its letter.
    fn begins<'a>(&self, text: &'a str) -> Option<&'a str> {
        let first = self.name.chars().next()?;
        let small = self.letter.to_ascii_lowercase();
        text.strip_prefix(self.name).or_else(|| text.strip_prefix([first, self.letter, small]))
    }
}

/// Year, month and day, in this order; `None` is unknown.
fn parts(text: &str, of_era: bool) -> Result<[Option<i16>; 3], Faulty> {
    if text.bytes().all(|c| c.is_ascii_digit()) && text.len() > 4 {
        return compact(text, of_era);
    }
    // 元年 is the first year.
    let text = text.replace('元', "1");
    let ends = |c: char| matches!(c, '年' | '月' | '日' | '.' | '/' | '・' | ',') || is_dash(c);
    let mut read = Vec::new();
    let mut rest = text.trim_end_matches('生');
    while !rest.is_empty() {
        let (part, behind) = match rest.char_indices().find(|(_, c)| ends(*c)) {
            Some((at, end)) => {
                let (part, behind) = rest.split_at_checked(at).ok_or(Faulty::Characters)?;
                (part, behind.strip_prefix(end).unwrap_or_default())
            }
            None => (rest, ""),
        };
        read.push(part);
        rest = behind;
    }
    match read.as_slice() {
        // Without an era the year has four digits and comes first.
        [year, ..] if number(year)?.is_none() => Err(Faulty::NoSuchDate),
        [year, ..] if !of_era && year.len() < 3 => Err(Faulty::Ambiguous),
        [year, ..] if year.len() != 4 && !of_era || year.len() > 2 && of_era => {
            Err(Faulty::NoSuchDate)
        }
        [year] => Ok([number(year)?, None, None]),
        [year, month] => Ok([number(year)?, number(month)?, None]),
        [year, month, day] => Ok([number(year)?, number(month)?, number(day)?]),
        _ => Err(Faulty::Characters),
    }
}

/// Digits with nothing between them: eight with the Gregorian year, six behind an era.
fn compact(text: &str, of_era: bool) -> Result<[Option<i16>; 3], Faulty> {
    let years = match (of_era, text.len()) {
        (true, 6) => 2,
        (false, 8) => 4,
        // 160503, or 3160503 with a number for the era: of which calendar?
        (false, 6 | 7) => return Err(Faulty::Ambiguous),
        _ => return Err(Faulty::Length),
    };
    let (year, rest) = text.split_at_checked(years).ok_or(Faulty::Characters)?;
    let (month, day) = rest.split_at_checked(2).ok_or(Faulty::Characters)?;
    Ok([number(year)?, number(month)?, number(day)?])
}

/// A number of one to four digits; zero and what says so are unknown.
fn number(part: &str) -> Result<Option<i16>, Faulty> {
    match part {
        "" | "不明" | "不詳" | "?" => Ok(None),
        _ if part.len() <= 4 && part.bytes().all(|c| c.is_ascii_digit()) => {
            let number = part.parse::<i16>().map_err(|_| Faulty::Characters)?;
            Ok((number != 0).then_some(number))
        }
        _ => Err(Faulty::Characters),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn read(typed: &str) -> Result<String, Faulty> {
        BirthDate::parse(typed, date(2026, 11, 29)).map(BirthDate::digits)
    }

    #[rstest]
    #[case("昭和16年5月3日")]
    #[case("昭和１６年５月３日")]
    #[case("昭和 16 年 5 月 3 日 生")]
    #[case("昭16.5.3")]
    #[case("S16.5.3")]
    #[case("s16/5/3")]
    #[case("Ｓ１６．５．３")]
    #[case("S16-05-03")]
    #[case("S16ー5ー3")]
    #[case("S160503")]
    #[case("昭和160503")]
    #[case("1941-05-03")]
    #[case("1941/5/3")]
    #[case("1941.5.3")]
    #[case("1941年5月3日")]
    #[case("19410503")]
    #[case("１９４１０５０３")]
    fn one_date_is_written_in_many_ways(#[case] typed: &str) {
        assert_eq!(read(typed).as_deref(), Ok("1941-05-03"));
    }

    #[rstest]
    #[case("昭和16年5月", "1941-05-00")]
    #[case("昭和16年", "1941-00-00")]
    #[case("昭和16年5月不詳日", "1941-05-00")]
    #[case("昭和16年不明月不明日", "1941-00-00")]
    #[case("S160500", "1941-05-00")]
    #[case("1941-05-00", "1941-05-00")]
    #[case("1941-05", "1941-05-00")]
    #[case("19410000", "1941-00-00")]
    #[case("1941", "1941-00-00")]
    #[case("平成元年1月8日", "1989-01-08")]
    #[case("昭和64年1月7日", "1989-01-07")]
    #[case("大正15年12月24日", "1926-12-24")]
    #[case("昭和元年12月25日", "1926-12-25")]
    #[case("M45.7.29", "1912-07-29")]
    #[case("昭和1年", "1926-00-00")]
    #[case("大正15年", "1926-00-00")]
    #[case("令和8年11月29日", "2026-11-29")]
    fn eras_and_what_is_unknown(#[case] typed: &str, #[case] digits: &str) {
        assert_eq!(read(typed).as_deref(), Ok(digits));
    }

    #[rstest]
    #[case("", Faulty::Empty)]
    #[case("　", Faulty::Empty)]
    #[case("16/05/03", Faulty::Ambiguous)]
    #[case("16.5.3", Faulty::Ambiguous)]
    #[case("16年5月3日", Faulty::Ambiguous)]
    #[case("160503", Faulty::Ambiguous)]
    #[case("3160503", Faulty::Ambiguous)]
    #[case("03/05/1941", Faulty::Ambiguous)]
    #[case("昭和65年1月1日", Faulty::NoSuchDate)]
    #[case("昭和64年1月8日", Faulty::NoSuchDate)]
    #[case("平成1年1月7日", Faulty::NoSuchDate)]
    #[case("昭和0年1月7日", Faulty::NoSuchDate)]
    #[case("昭和16年2月29日", Faulty::NoSuchDate)]
    #[case("1941-13-03", Faulty::NoSuchDate)]
    #[case("1941-04-31", Faulty::NoSuchDate)]
    #[case("1841-05-03", Faulty::NoSuchDate)]
    #[case("S1941.5.3", Faulty::NoSuchDate)]
    #[case("昭和16年5月3日4", Faulty::Characters)]
    #[case("きのう", Faulty::Characters)]
    #[case("昭和十六年五月三日", Faulty::Characters)]
    #[case("S16050", Faulty::Length)]
    #[case("194105031", Faulty::Length)]
    #[case("2026-11-30", Faulty::Future)]
    #[case("令和9年", Faulty::Future)]
    fn what_is_no_date_or_two_is_refused(#[case] typed: &str, #[case] faulty: Faulty) {
        assert_eq!(read(typed), Err(faulty));
    }

    proptest! {
        /// Every day is read back as it is told, from each of its forms.
        #[test]
        fn what_is_read_back_can_be_typed(days in 0..57_000_i64) {
            let day = date(1868, 1, 25).checked_add(jiff::ToSpan::days(days)).unwrap();
            let known = PartialDate::from(day);
            for typed in [known.japanese(), known.to_string(), known.to_string().replace('-', "")] {
                let read = BirthDate::parse(&typed, date(2026, 11, 29));
                prop_assert_eq!(read, Ok(BirthDate(known)), "{}", typed);
            }
        }

        #[test]
        fn anything_may_be_typed(text in any::<String>(), date_like in "[MTSHR昭和平成元0-9年月日./-]{0,14}") {
            for text in [text, date_like] {
                if let Ok(birth) = BirthDate::parse(&text, date(2026, 11, 29)) {
                    let again = BirthDate::parse(&birth.digits(), date(2026, 11, 29));
                    prop_assert_eq!(again, Ok(birth));
                }
            }
        }
    }
}
