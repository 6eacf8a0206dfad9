//! Dates in the Japanese era (和暦), as paper certificates and cards have them.

use jiff::civil::Date;

use super::PartialDate;

/// An era (元号).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Era {
    /// Its first day, which belongs to it.
    first: (i16, i8, i8),
    /// Its name.
    pub(crate) name: &'static str,
    /// The letter that stands for it on forms.
    pub(crate) letter: char,
}

/// The eras since people who may still live were born, the latest first.
pub(crate) const ERAS: [Era; 5] = [
    Era { first: (2019, 5, 1), name: "令和", letter: 'R' },
    Era { first: (1989, 1, 8), name: "平成", letter: 'H' },
    Era { first: (1926, 12, 25), name: "昭和", letter: 'S' },
    Era { first: (1912, 7, 30), name: "大正", letter: 'T' },
    Era { first: (1868, 1, 25), name: "明治", letter: 'M' },
];

impl Era {
    /// The year, Gregorian, of a year of this era.
    pub(crate) fn gregorian(&self, year: i16) -> Option<i16> {
        self.first.0.checked_add(year)?.checked_sub(1)
    }
}

impl PartialDate {
    /// The era of a date, and the year in it, from 1; `None` before 1868. One that may lie in two eras counts in the first
    /// of them.
    pub(crate) fn in_era(self) -> Option<(&'static Era, i16)> {
        let earliest = (self.year(), self.month().unwrap_or(1), self.day().unwrap_or(1));
        let era = ERAS.iter().find(|era| earliest >= era.first)?;
        Some((era, self.year().checked_sub(era.first.0)?.checked_add(1)?))
    }

    /// Whether it may lie in this era: in its first year what is unknown leaves that open.
    pub(crate) fn may_be_in(self, era: &Era) -> bool {
        let latest = (self.year(), self.month().unwrap_or(12), self.day().unwrap_or(31));
        self.in_era().is_some_and(|(first, _)| first == era)
            || ERAS.iter().find(|one| latest >= one.first) == Some(era)
    }

    /// As it stands on a Japanese certificate, as much of it as is known: `昭和16年5月3日`, `平成元年5月`, `昭和16年`. Before
    /// 1868 with the Gregorian year.
    pub fn japanese(self) -> String {
        let year = match self.in_era() {
            Some((era, 1)) => format!("{}元年", era.name),
            Some((era, year)) => format!("{}{year}年", era.name),
            None => format!("{}年", self.year()),
        };
        let month = match (self.month(), self.day()) {
            (Some(month), _) => format!("{month}月"),
            (None, Some(_)) => "不明月".to_owned(),
            (None, None) => String::new(),
        };
        let day = self.day().map(|day| format!("{day}日")).unwrap_or_default();
        [year, month, day].concat()
    }

    /// The age in years on a day, for a date that is known in full and does not lie after it. The birthday counts.
    pub fn age_on(self, day: Date) -> Option<u16> {
        let birth = self.complete()?;
        let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
        let years = day.year().checked_sub(birth.year())?;
        u16::try_from(if had_birthday { years } else { years.checked_sub(1)? }).ok()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1941-05-03", "昭和16年5月3日")]
    #[case("1941-05", "昭和16年5月")]
    #[case("1941", "昭和16年")]
    #[case("1941-00-03", "昭和16年不明月3日")]
    #[case("1989-01-07", "昭和64年1月7日")]
    #[case("1989-01-08", "平成元年1月8日")]
    #[case("1926-12-24", "大正15年12月24日")]
    #[case("1926-12-25", "昭和元年12月25日")]
    #[case("1912", "明治45年")]
    #[case("2019-05-01", "令和元年5月1日")]
    #[case("1860-05-03", "1860年5月3日")]
    fn a_date_reads_as_the_certificate_has_it(#[case] birth: &str, #[case] read: &str) {
        assert_eq!(birth.parse::<PartialDate>().unwrap().japanese(), read);
    }

    #[test]
    fn an_age_counts_birthdays() {
        let age = |birth: &str, day| birth.parse::<PartialDate>().unwrap().age_on(day);
        assert_eq!(age("1941-05-03", date(2026, 5, 2)), Some(84));
        assert_eq!(age("1941-05-03", date(2026, 5, 3)), Some(85));
        assert_eq!(age("1940-02-29", date(2026, 2, 28)), Some(85));
        assert_eq!(age("1941-05", date(2026, 5, 3)), None);
        assert_eq!(age("2027-05-03", date(2026, 5, 3)), None);
    }
}
