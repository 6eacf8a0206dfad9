//! Dates and moments as people here read them: one form each, in the time of Japan.

use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, Unit, Zoned};
use kaigotap::date::PartialDate;
use kaigotap::message::Language;

/// First days of the eras.
const ERAS: [(i16, i8, i8, &str); 5] = [
    (2019, 5, 1, "令和"),
    (1989, 1, 8, "平成"),
    (1926, 12, 25, "昭和"),
    (1912, 7, 30, "大正"),
    (1868, 1, 25, "明治"),
];
/// From here on it is told in days that something ends.
const SOON: i32 = 60;

fn japan(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::fixed(offset(9)))
}

/// Today, in Japan.
pub(crate) fn today() -> Date {
    japan(Timestamp::now()).date()
}

/// A day: `令和9年3月31日`, `2027-03-31`.
pub(crate) fn day(date: Date, language: Language) -> String {
    match language {
        Language::English => date.to_string(),
        Language::Japanese => {
            format!(
                "{}{}月{}日",
                year(date.year(), date.month(), date.day()),
                date.month(),
                date.day()
            )
        }
    }
}

/// The day on which a moment is, in Japan.
pub(crate) fn day_of(at: Timestamp, language: Language) -> String {
    day(japan(at).date(), language)
}

/// A moment, to the minute: `令和8年11月29日 21:40`.
pub(crate) fn moment(at: Timestamp, language: Language) -> String {
    let at = japan(at);
    format!("{} {}", day(at.date(), language), at.strftime("%H:%M"))
}

/// A date of birth with the age: `昭和16年5月3日（85歳）`. What is unknown of it is said.
pub(crate) fn birth(date: PartialDate, on: Date, language: Language) -> String {
    let age = date.complete().map(|born| {
        let had = (on.month(), on.day()) >= (born.month(), born.day());
        i32::from(on.year()) - i32::from(born.year()) - i32::from(!had)
    });
    match (language, date.month(), date.day()) {
        (Language::English, ..) => {
            age.map_or_else(|| date.to_string(), |age| format!("{date} (aged {age})"))
        }
        (Language::Japanese, month, day) => {
            let year = year(date.year(), month.unwrap_or(1), day.unwrap_or(1));
            let rest = match (month, day) {
                (Some(month), Some(day)) => format!("{month}月{day}日"),
                (Some(month), None) => format!("{month}月（日は不詳）"),
                (None, _) => "（月日は不詳）".to_owned(),
            };
            let age = age.map(|age| format!("（{age}歳）")).unwrap_or_default();
            format!("{year}{rest}{age}")
        }
    }
}

/// Until when, and how long that still is: `令和9年3月31日まで（あと4か月）`.
pub(crate) fn until(date: Date, on: Date, language: Language) -> String {
    let days = on.until((Unit::Day, date)).map_or(0, |span| span.get_days());
    let months = on.until((Unit::Month, date)).map_or(0, |span| span.get_months());
    let told = day(date, language);
    match language {
        Language::English if days < 0 => format!("until {told} (over)"),
        Language::English if days <= SOON => format!("until {told} ({days} days left)"),
        Language::English => format!("until {told} ({months} months left)"),
        Language::Japanese if days < 0 => format!("{told}まで（期限切れ）"),
        Language::Japanese if days == 0 => format!("{told}まで（今日まで）"),
        Language::Japanese if days <= SOON => format!("{told}まで（あと{days}日）"),
        Language::Japanese => format!("{told}まで（あと{months}か月）"),
    }
}

/// The year of the era.
fn year(year: i16, month: i8, day: i8) -> String {
    let era = ERAS.iter().find(|&&(y, m, d, _)| (year, month, day) >= (y, m, d));
    match era {
        Some(&(first, .., name)) if year == first => format!("{name}元年"),
        Some(&(first, .., name)) => format!("{name}{}年", year - first + 1),
        None => format!("{year}年"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Date = Date::constant(2026, 11, 27);

    #[test]
    fn a_birth_date_is_that_of_the_paper_certificate() {
        let of = |text: &str| birth(text.parse().unwrap(), NOW, Language::Japanese);
        assert_eq!(of("1941-05-03"), "昭和16年5月3日（85歳）");
        assert_eq!(of("1941-11-27"), "昭和16年11月27日（85歳）");
        assert_eq!(of("1941-11-28"), "昭和16年11月28日（84歳）");
        assert_eq!(of("1989-01-07"), "昭和64年1月7日（37歳）");
        assert_eq!(of("1989-01-08"), "平成元年1月8日（37歳）");
        assert_eq!(of("1930-06-00"), "昭和5年6月（日は不詳）");
        assert_eq!(of("1930-00-00"), "昭和5年（月日は不詳）");
        let english = birth("1941-05-03".parse().unwrap(), NOW, Language::English);
        assert_eq!(english, "1941-05-03 (aged 85)");
    }

    #[test]
    fn what_ends_is_told_in_months_then_in_days() {
        let of =
            |year, month, day| until(Date::constant(year, month, day), NOW, Language::Japanese);
        assert_eq!(of(2027, 3, 31), "令和9年3月31日まで（あと4か月）");
        assert_eq!(of(2027, 1, 26), "令和9年1月26日まで（あと60日）");
        assert_eq!(of(2026, 11, 27), "令和8年11月27日まで（今日まで）");
        assert_eq!(of(2026, 11, 26), "令和8年11月26日まで（期限切れ）");
    }

    #[test]
    fn a_moment_is_that_of_japan() {
        let at = "2026-11-27T15:30:00.123Z".parse().unwrap();
        assert_eq!(moment(at, Language::Japanese), "令和8年11月28日 00:30");
        assert_eq!(day_of(at, Language::English), "2026-11-28");
    }
}
