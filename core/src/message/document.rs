//! `docs/failures.en.md` and `docs/failures.ja.md`, written from the table: they cannot say anything else than it does.

use std::fmt::Write;

use super::{Code, Contact, Differences, Failure, FailureKind, Language, Retry};

/// The kinds in the order of the document, with what they are called.
const KINDS: [(FailureKind, &str, &str); 9] = [
    (FailureKind::Reader, "The reader, and the link to the card", "カードリーダーとカードの接続"),
    (FailureKind::Card, "The card", "カード"),
    (FailureKind::Pin, "PINs and passwords", "暗証番号"),
    (FailureKind::Person, "The person", "ご本人の確認"),
    (FailureKind::Server, "The network and the server", "通信とサーバー"),
    (FailureKind::Trust, "What cannot be trusted", "信頼できないもの"),
    (FailureKind::Refused, "What the platform refused", "介護情報基盤が受け付けなかったもの"),
    (FailureKind::Device, "This device", "この端末"),
    (FailureKind::Software, "The software", "ソフト"),
];

fn again(retry: Retry, language: Language) -> &'static str {
    let (english, japanese) = match retry {
        Retry::None => ("no", "しない"),
        Retry::Same => ("yes", "もう一度"),
        Retry::OtherWay => ("another way", "別の方法"),
    };
    match language {
        Language::English => english,
        Language::Japanese => japanese,
    }
}

fn document(language: Language) -> String {
    let (title, intro, head) = match language {
        Language::English => (
            "# What can go wrong, and what to do\n",
            "Every failure that a screen may show. The code is what a help desk asks for; a program can rely on it.\n\
             `Failure::retry()` is the column *Again*: *yes* (`same`), when what stands under *What to do* has been done;\n\
             *another way* (`other_way`), such as another card or the paper certificate; *no* (`none`), before somebody\n\
             else has done something.\n\n\
             Written from `core/src/message/table`: `KAIGOTAP_WRITE=1 cargo test -p kaigotap document`.\n",
            "| Code | What happened | What to do | Again | Whom to call |\n|---|---|---|---|---|\n",
        ),
        Language::Japanese => (
            "# 困ったときは：エラーの一覧\n",
            "画面に出るエラーのすべてです。コードは「お問い合わせ番号」として画面の最後に出ます。連絡するときにお伝えください。\n\
             「再試行」の欄は、「もう一度」（対処のあと、同じ方法でやり直せます）、「別の方法」（ほかのカードや被保険者証で確認します）、\n\
             「しない」（ほかの人の対応が先に必要です）のいずれかです。プログラムからは `Failure::retry()` で分かります。\n\n\
             `core/src/message/table` から自動で作成：`KAIGOTAP_WRITE=1 cargo test -p kaigotap document`\n",
            "| コード | 起きたこと | どうするか | 再試行 | 連絡先 |\n|---|---|---|---|---|\n",
        ),
    };
    let mut text = format!("{title}\n{intro}");
    for (kind, english, japanese) in KINDS {
        let name = if language == Language::English { english } else { japanese };
        write!(text, "\n## {name}\n\n{head}").unwrap();
        for &code in Code::ALL.iter().filter(|code| code.kind() == kind) {
            let differences = Differences { birth_date: true, ..Differences::default() };
            let failure = Failure::told(code, Some(2), Some(30), differences);
            let whom = match failure.contact() {
                Contact::Nobody => "–",
                contact => contact.name(language),
            };
            writeln!(
                text,
                "| `{code}` | {} | {} | {} | {whom} |",
                failure.message(language),
                failure.next_action(language),
                again(failure.retry(), language),
            )
            .unwrap();
        }
    }
    text
}

#[test]
fn the_documents_are_written_from_the_table() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for (language, name) in
        [(Language::English, "failures.en.md"), (Language::Japanese, "failures.ja.md")]
    {
        let (file, text) = (docs.join(name), document(language));
        for &code in Code::ALL {
            assert_eq!(text.matches(&format!("| `{code}` |")).count(), 1, "{code} has a kind");
        }
        if std::env::var_os("KAIGOTAP_WRITE").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            written == text,
            "docs/{name} is another one: KAIGOTAP_WRITE=1 cargo test -p kaigotap document"
        );
    }
}
