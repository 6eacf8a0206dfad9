//! What is said at the terminal, and what people answer.

use kaigotap::flow::{PinKind, Stage};

use super::printed::folded;
use super::so_far::{Held, SoFar};
use crate::report::Report;

pub(super) fn wrong(r: Report) -> &'static str {
    r.text("The PIN was wrong.", "暗証番号が違います。")
}

/// Yes or no, as people write it; `None` where it is neither.
pub(super) fn answer(typed: &str) -> Option<bool> {
    let typed = folded(typed).to_lowercase();
    match typed.trim_matches(|c: char| matches!(c, '。' | '.' | '、' | '!' | '「' | '」')) {
        "y" | "yes" | "hai" | "はい" | "ハイ" | "ok" => Some(true),
        "n" | "no" | "iie" | "いいえ" | "イイエ" | "いえ" => Some(false),
        _ => None,
    }
}

/// Which PIN it is. A holder has several, and the wrong one costs a try.
pub(super) fn name_of(kind: PinKind, r: Report) -> &'static str {
    match kind {
        PinKind::Authentication => r.text(
            "PIN for user authentication (riyosha shomei, 4 digits)",
            "利用者証明用の暗証番号（数字4桁）",
        ),
        PinKind::Signature => r.text(
            "password for signatures (6 to 16 capital letters and digits)",
            "署名用のパスワード（英大文字と数字の6〜16文字）",
        ),
        PinKind::InputSupport => r.text(
            "PIN for input support (kenmen jiko nyuryoku hojo, 4 digits; not the one for user authentication)",
            "券面事項入力補助用の暗証番号（数字4桁。利用者証明用とは別のものです）",
        ),
        PinKind::VerificationNumberB => {
            r.text("number printed on the card (14 digits)", "カードに印刷された番号（14桁）")
        }
        PinKind::BirthDate => {
            r.text("birth date (YYMMDD, Japanese era)", "生年月日（和暦、数字6桁）")
        }
        _ => r.text("PIN", "暗証番号"),
    }
}

/// What happens in a stage, for the person who waits.
pub(super) fn doing(r: Report, stage: Stage, so_far: &SoFar) -> Option<&'static str> {
    Some(match stage {
        Stage::FaceCheck => r.text("Face check …", "お顔の確認 …"),
        Stage::Challenge => r.text("Asking the server …", "サーバーに確認を依頼しています …"),
        Stage::AwaitCard => {
            r.text("Hold the card to the reader.", "カードをリーダーにかざしてください。")
        }
        Stage::ReadCard => r.text(
            "Reading the card; hold it still …",
            "カードを読み取っています。そのまま動かさないでください …",
        ),
        Stage::Sign if so_far.printed.is_some() => r.text(
            "The card checks what was typed; hold it still …",
            "入力した内容を確かめています。そのまま動かさないでください …",
        ),
        Stage::Sign => r.text(
            "The card checks the PIN; hold it still …",
            "暗証番号を確かめています。そのまま動かさないでください …",
        ),
        Stage::ChangePin => r.text(
            "The card changes the PIN; hold it still …",
            "暗証番号を変更しています。そのまま動かさないでください …",
        ),
        Stage::Exchange if so_far.held == Held::Nothing => {
            r.text("Asking the platform …", "ご本人の確認を依頼しています …")
        }
        Stage::Exchange => r.text(
            "Done with the card. Asking the platform …",
            "カードを離してかまいません。ご本人の確認を依頼しています …",
        ),
        Stage::Entitlement => {
            r.text("Fetching the entitlement …", "介護保険の情報を受け取っています …")
        }
        Stage::Keep => r.text(
            "Done with the card. Putting it on the disk …",
            "カードを離してかまいません。記録を保存しています …",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn what_people_write_for_yes_and_no_is_understood() {
        for yes in
            ["y\n", "Y", "ｙ", "Yes", "はい", "はい。", "「はい」", " ｈａｉ ", "ハイ", "YES."]
        {
            assert_eq!(answer(yes), Some(true), "{yes}");
        }
        for no in ["n", "ｎ", "No", "いいえ", "いいえ。", "ｉｉｅ"] {
            assert_eq!(answer(no), Some(false), "{no}");
        }
        for unclear in ["", "\n", "多分", "yn", "はいいいえ", "1234"] {
            assert_eq!(answer(unclear), None, "{unclear}");
        }
    }
}
