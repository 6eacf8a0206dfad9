//! Names in kana, in the one form in which they are compared: whoever wrote them, on whatever keyboard.

/// Half-width katakana U+FF61 to U+FF9F, in order, as full width.
const HALF_WIDTH: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";
/// Small kana and the large ones that registers and keyboards put in their place.
const SMALL: [(char, char); 12] = [
    ('ァ', 'ア'),
    ('ィ', 'イ'),
    ('ゥ', 'ウ'),
    ('ェ', 'エ'),
    ('ォ', 'オ'),
    ('ャ', 'ヤ'),
    ('ュ', 'ユ'),
    ('ョ', 'ヨ'),
    ('ッ', 'ツ'),
    ('ヮ', 'ワ'),
    ('ヵ', 'カ'),
    ('ヶ', 'ケ'),
];

/// Katakana of full width with its marks joined, small ones large, Latin letters as ASCII capitals; without spaces, middle
/// dots and the dashes that people take for a long mark, which become one.
pub(super) fn comparable(name: &str) -> String {
    let mut taken = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '\u{3099}' | '゛' | 'ﾞ' => mark(&mut taken, voiced),
            '\u{309A}' | '゜' | 'ﾟ' => mark(&mut taken, half_voiced),
            _ => taken.extend(one(letter)),
        }
    }
    taken
}

/// One letter; `None` for what is not compared.
fn one(letter: char) -> Option<char> {
    let letter = match letter {
        '\u{FF61}'..='\u{FF9F}' => {
            let place = u32::from(letter)
                .checked_sub(0xFF61)
                .and_then(|place| usize::try_from(place).ok())?;
            HALF_WIDTH.chars().nth(place)?
        }
        // Full width: the same letters, 0xFEE0 further on.
        '！'..='～' => char::from_u32(u32::from(letter).checked_sub(0xFEE0)?)?,
        // Hiragana: katakana is 0x60 further on.
        'ぁ'..='ゖ' => char::from_u32(u32::from(letter).checked_add(0x60)?)?,
        other => other,
    };
    match letter {
        'ー' | '－' | '―' | '‐' | '‑' | '–' | '—' | '−' | '-' => Some('ー'),
        '・' | '･' | '.' | ',' | '\'' | '’' => None,
        _ if letter.is_whitespace() => None,
        _ => Some(
            SMALL
                .iter()
                .find(|(small, _)| *small == letter)
                .map_or(letter.to_ascii_uppercase(), |(_, large)| *large),
        ),
    }
}

/// Joins a mark that stands apart to the letter before it.
fn mark(taken: &mut String, join: impl Fn(char) -> Option<char>) {
    if let Some(joined) = taken.chars().next_back().and_then(join) {
        taken.pop();
        taken.push(joined);
    }
}

/// With ゛: the next letter of the code, where there is a voiced one.
fn voiced(letter: char) -> Option<char> {
    match letter {
        'ウ' => Some('ヴ'),
        'カ' | 'キ' | 'ク' | 'ケ' | 'コ' | 'サ' | 'シ' | 'ス' | 'セ' | 'ソ' | 'タ' | 'チ'
        | 'ツ' | 'テ' | 'ト' | 'ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ' => {
            char::from_u32(u32::from(letter).checked_add(1)?)
        }
        _ => None,
    }
}

/// With ゜: two letters further on.
fn half_voiced(letter: char) -> Option<char> {
    match letter {
        'ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ' => char::from_u32(u32::from(letter).checked_add(2)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("カイゴ　ハナコ", "カイゴハナコ")]
    #[case("ｶｲｺﾞ ﾊﾅｺ", "カイゴハナコ")]
    #[case("かいご はなこ", "カイゴハナコ")]
    #[case("カイコ゛ハナコ", "カイゴハナコ")]
    #[case("カイコ\u{3099}ハナコ", "カイゴハナコ")]
    #[case("ﾊﾟﾌﾟｱ", "パプア")]
    #[case("キョウコ", "キヨウコ")]
    #[case("ｷｮｳｺ", "キヨウコ")]
    #[case("ジョーンズ", "ジヨーンズ")]
    #[case("ｼﾞｮｰﾝｽﾞ", "ジヨーンズ")]
    #[case("ジョ－ンズ", "ジヨーンズ")]
    #[case("ジョ―ンズ", "ジヨーンズ")]
    #[case("ジョ‐ンズ", "ジヨーンズ")]
    #[case("ヴァン・ダイク", "ヴアンダイク")]
    #[case("ウ゛ァン　ダイク", "ヴアンダイク")]
    #[case("Nguyen Van A", "NGUYENVANA")]
    #[case("ＮＧＵＹＥＮ　ＶＡＮ　Ａ", "NGUYENVANA")]
    #[case("゛", "")]
    fn names_have_one_form(#[case] written: &str, #[case] compared: &str) {
        assert_eq!(comparable(written), compared);
        assert_eq!(comparable(compared), compared);
    }

    #[test]
    fn every_half_width_kana_has_its_place() {
        assert_eq!(HALF_WIDTH.chars().count(), 0xFF9F - 0xFF61 + 1);
        assert_eq!(comparable("ｱｲｳｴｵﾝ"), "アイウエオン");
        assert_eq!(comparable("ﾜｦ"), "ワヲ");
    }

    #[test]
    fn names_that_differ_stay_different() {
        for (one, other) in
            [("カイゴ", "カイコ"), ("ハナコ", "バナコ"), ("オオノ", "オノ"), ("ジョン", "ジョーン")]
        {
            assert_ne!(comparable(one), comparable(other));
        }
    }
}
