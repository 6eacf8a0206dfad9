//! Text of strangers on a terminal. What a certificate, a card, a server or a file says, and what a file is called, may
//! hold escape sequences, line breaks, changes of direction and characters that nobody sees: none of these is printed.
//!
//! [`Report`](crate::report::Report) writes every line and every object through here.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value;

/// What shows nothing of itself: of Unicode the categories Cc, Cf, Co, Zl, Zp and Zs but for U+0020 and U+3000, what
/// has `Default_Ignorable_Code_Point`, and the empty pattern of Braille.
const UNSEEN: [(u32, u32); 31] = [
    (0x00, 0x1F),
    (0x7F, 0xA0),
    (0xAD, 0xAD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160),
    (0x1680, 0x1680),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2000, 0x200F),
    (0x2028, 0x202F),
    (0x205F, 0x206F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xE000, 0xF8FF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1_10BD, 0x1_10BD),
    (0x1_10CD, 0x1_10CD),
    (0x1_3430, 0x1_343F),
    (0x1_BCA0, 0x1_BCA3),
    (0x1_D173, 0x1_D17A),
    (0xE_0000, 0xE_0FFF),
    (0xF_0000, 0x10_FFFF),
];

/// Variation selectors: behind an ideograph they pick its form, as names in Japan need it.
const VARIATIONS: [(u32, u32); 2] = [(0xFE00, 0xFE0F), (0xE_0100, 0xE_01EF)];
const IDEOGRAPHS: [(u32, u32); 4] =
    [(0x3005, 0x3007), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x2_0000, 0x3_FFFF)];

/// The text with everything unseen written as `\u{1b}`, in one line. For people: a `\u{1b}` that stood there in letters
/// looks the same.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    escaped(text, |unseen, into| write!(into, "\\u{{{:x}}}", u32::from(unseen)))
}

/// The object in several lines. Its value is exact: JSON lets any character in a string be written as `\u001b`, and what
/// is unseen is written so.
pub(crate) fn json(object: &Value) -> String {
    let lines = format!("{object:#}");
    // Between strings there are spaces and line breaks of this form, which are in no string.
    let lines = lines.split('\n').map(json_text);
    lines.collect::<Vec<_>>().join("\n")
}

/// The same in one line.
pub(crate) fn json_line(object: &Value) -> String {
    json_text(&object.to_string())
}

fn json_text(line: &str) -> String {
    let escape = |unseen: char, into: &mut String| {
        let mut units = [0; 2];
        unseen.encode_utf16(&mut units).iter().try_for_each(|unit| write!(into, "\\u{unit:04x}"))
    };
    escaped(line, escape).into_owned()
}

fn escaped(text: &str, escape: impl Fn(char, &mut String) -> std::fmt::Result) -> Cow<'_, str> {
    let mut before = None;
    let shown = |c: char, before: Option<char>| {
        !is_in(&UNSEEN, c)
            || is_in(&VARIATIONS, c) && before.is_some_and(|before| is_in(&IDEOGRAPHS, before))
    };
    let mut all = text.chars();
    if all.all(|c| shown(c, before.replace(c))) {
        return Cow::Borrowed(text);
    }
    let mut into = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        if shown(c, before.replace(c)) {
            into.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = escape(c, &mut into);
        }
    }
    Cow::Owned(into)
}

fn is_in(ranges: &[(u32, u32)], c: char) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn what_is_unseen_is_written_out() {
        for (text, printed) in [
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\r\nok", "a\\u{d}\\u{a}ok"),
            ("\u{7f}\u{9b}31m", "\\u{7f}\\u{9b}31m"),
            ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("a\u{2028}b\u{85}", "a\\u{2028}b\\u{85}"),
            ("a\u{200b}\u{feff}\u{ad}\u{3164}", "a\\u{200b}\\u{feff}\\u{ad}\\u{3164}"),
            ("\u{e0041}\u{a0}\u{e000}", "\\u{e0041}\\u{a0}\\u{e000}"),
            ("a\u{fe0f}", "a\\u{fe0f}"),
            ("葛\u{e0100}\u{e0101}", "葛\u{e0100}\\u{e0101}"),
        ] {
            assert_eq!(super::text(text), printed);
        }
    }

    #[test]
    fn what_people_write_stays() {
        for text in ["介護　花子 (ｶｲｺﾞ) が\u{3099}", "辻\u{e0100}邉\u{fe00}", "C:\\x \"ü\" – 😀", ""]
        {
            assert!(matches!(super::text(text), std::borrow::Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn json_keeps_its_value() {
        let object = json!({ "a\u{9b}": ["\u{1b}\u{7f}\u{202e}\u{e0041}葛\u{e0100}\n\\\"", null] });
        let printed = super::json(&object);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), object);
        assert_eq!(
            printed,
            "{\n  \"a\\u009b\": [\n    \"\\u001b\\u007f\\u202e\\udb40\\udc41葛\u{e0100}\\n\\\\\\\"\",\n    null\n  ]\n}"
        );
    }
}
