//! What is printed on a card, as the nurse reads it off: three fields instead of fourteen digits.

use kaigotap::card::verification_number_b;
use kaigotap::date::PartialDate;
use kaigotap::flow::Secret;

/// First years of the eras, with the letters and names that they go by.
const ERAS: [(i16, char, &str); 5] = [
    (2019, 'R', "令和"),
    (1989, 'H', "平成"),
    (1926, 'S', "昭和"),
    (1912, 'T', "大正"),
    (1868, 'M', "明治"),
];

/// Digits and letters of full width are those of half width; spaces are nothing.
pub(super) fn folded(typed: &str) -> String {
    let fold = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '−' | '―' | '‐' => '-',
        c => c,
    };
    typed.chars().filter(|c| !c.is_whitespace()).map(fold).collect()
}

/// A date of birth as it is printed or spoken: `昭和16年5月3日`, `S16.5.3`, `1941-05-03`, `19410503`. Zero or nothing for a
/// month or day that is unknown.
pub(super) fn birth_date(typed: &str) -> Option<PartialDate> {
    let typed = folded(typed);
    if typed.len() == 8 && typed.bytes().all(|c| c.is_ascii_digit()) {
        return PartialDate::from_digits(&typed).ok();
    }
    let era = ERAS.iter().find_map(|&(first, letter, name)| {
        let rest = typed.strip_prefix(name).or_else(|| {
            let rest = typed.strip_prefix(letter);
            rest.or_else(|| typed.strip_prefix(letter.to_ascii_lowercase()))
        })?;
        Some((first, rest.replacen('元', "1", 1)))
    });
    let (first, rest) = era.unwrap_or((1, typed.clone()));
    let numbers: Vec<i16> = rest
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let (&year, rest) = numbers.split_first()?;
    let part = |at: usize| match rest.get(at) {
        None | Some(0) => Some(None),
        Some(&number) => i8::try_from(number).ok().map(Some),
    };
    let year = first.checked_add(year)?.checked_sub(1)?;
    if rest.len() > 2 || !(1868..=9999).contains(&year) {
        return None;
    }
    PartialDate::new(year, part(0)?, part(1)?).ok()
}

/// The number that the three make, if they can be those of a card.
pub(super) fn number(birth: PartialDate, expiry_year: &str, code: &str) -> Option<Secret> {
    let year = folded(expiry_year).trim_end_matches('年').parse().ok()?;
    verification_number_b(birth, year, &folded(code)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_taken_as_it_is_printed_or_spoken() {
        for typed in [
            "昭和16年5月3日",
            "昭和１６年５月３日",
            "S16.5.3",
            "s16-5-3",
            "1941-05-03",
            "19410503",
            "１９４１年５月３日",
            " 1941/5/3 ",
        ] {
            assert_eq!(
                birth_date(typed).map(|date| date.to_string()).as_deref(),
                Some("1941-05-03"),
                "{typed}"
            );
        }
        for (typed, expected) in [
            ("令和元年5月1日", "2019-05-01"),
            ("昭和5年", "1930"),
            ("昭和5年6月0日", "1930-06"),
            ("19300600", "1930-06"),
        ] {
            assert_eq!(
                birth_date(typed).map(|date| date.to_string()).as_deref(),
                Some(expected),
                "{typed}"
            );
        }
        for typed in ["", "16年5月3日", "1941-13-03", "昭和16年5月3日4", "あ", "1941-05-03-1"]
        {
            assert!(birth_date(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn three_fields_are_the_number() {
        let birth = birth_date("昭和16年5月3日").unwrap();
        assert!(number(birth, "２０３５年", "０５０３").is_some());
        for (year, code) in [("35", "0503"), ("2035", "503"), ("", ""), ("2035", "05O3")] {
            assert!(number(birth, year, code).is_none(), "{year} {code}");
        }
    }
}
