//! Every failure: a stable code, a sentence, and the next action, in Japanese and English, from one [table](Code).

#[cfg(test)]
mod document;
mod note;
mod table;

use std::borrow::Cow;
use std::fmt;

pub use note::Note;
pub use table::Code;

/// The languages of every text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English
    #[default]
    English,
    /// Japanese (日本語)
    Japanese,
}

/// What sort of thing went wrong, for a program that decides what to offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The reader, or the link to the card. Another tap may help.
    Reader,
    /// The card: not the right one, or not usable.
    Card,
    /// The PIN.
    Pin,
    /// A person said no, or typed what cannot be.
    Person,
    /// The network or the server. Trying later may help.
    Server,
    /// Something that must be trusted is not.
    Trust,
    /// The platform understood and refused.
    Refused,
    /// This device: its clock, its store or its key.
    Device,
    /// The software that embeds this library, or this library.
    Software,
}

/// Whether trying once more makes sense: what a screen offers as its first button after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// No: somebody has to do something else first, and [`next_action`](Failure::next_action) says what.
    None,
    /// The same once more, when what `next_action` says has been done. It costs no PIN try that was not meant.
    Same,
    /// Not the same: another lawful way leads on, such as another card or the paper certificate.
    OtherWay,
}

impl Retry {
    /// As it stands in JSON: `none`, `same` or `other_way`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Same => "same",
            Self::OtherWay => "other_way",
        }
    }
}

/// Who can help where the people at the card cannot help themselves, or has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contact {
    /// Nobody needs to be called.
    Nobody,
    /// Whoever supports the software (ソフトのサポート).
    Support,
    /// Whoever manages the facility's devices (端末の管理者).
    DeviceManager,
    /// The nurse's own facility (事業所).
    Facility,
    /// The town hall (市区町村の窓口).
    Municipality,
    /// The person's insurer (保険者).
    Insurer,
}

impl Contact {
    /// What this one is called; empty for nobody.
    pub fn name(self, language: Language) -> &'static str {
        let (english, japanese) = match self {
            Self::Nobody => ("", ""),
            Self::Support => ("your software's support", "ソフトのサポート"),
            Self::DeviceManager => ("whoever manages your devices", "端末の管理者"),
            Self::Facility => ("your facility", "事業所"),
            Self::Municipality => ("the town hall", "市区町村"),
            Self::Insurer => ("the insurer", "保険者"),
        };
        match language {
            Language::English => english,
            Language::Japanese => japanese,
        }
    }
}

/// What differs between two descriptions of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// The name.
    pub name: bool,
    /// The date of birth.
    pub birth_date: bool,
    /// The sex.
    pub sex: bool,
}

impl Differences {
    fn told(self, language: Language) -> String {
        let named = [
            (self.name, "name", "氏名"),
            (self.birth_date, "date of birth", "生年月日"),
            (self.sex, "sex", "性別"),
        ];
        let differing = named.into_iter().filter(|(differs, ..)| *differs);
        match language {
            Language::English => differing.map(|(_, name, _)| name).collect::<Vec<_>>().join(", "),
            Language::Japanese => differing.map(|(.., name)| name).collect::<Vec<_>>().join("・"),
        }
    }
}

/// How a conversation failed. Carries no personal data, so it may be logged and sent to a help desk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    code: Code,
    tries_left: Option<u8>,
    wait: Option<u32>,
    differences: Differences,
    detail: &'static str,
    number: Option<u32>,
}

impl Failure {
    /// A failure of this code.
    pub(crate) fn new(code: Code) -> Self {
        Self {
            code,
            tries_left: None,
            wait: None,
            differences: Differences::default(),
            detail: "",
            number: None,
        }
    }

    /// A failure as it was told before, put together again from its parts: for bindings, whose failures are records.
    pub fn told(
        code: Code,
        tries_left: Option<u8>,
        wait: Option<u32>,
        differences: Differences,
    ) -> Self {
        Self { tries_left, wait, differences, ..Self::new(code) }
    }

    /// With what a developer wants to know; a fixed text, so that nothing personal can slip in.
    #[must_use]
    pub fn with_detail(mut self, detail: &'static str) -> Self {
        self.detail = detail;
        self
    }

    /// With the PIN tries that are left.
    #[must_use]
    pub fn with_tries_left(mut self, tries: u8) -> Self {
        self.tries_left = Some(tries);
        self
    }

    /// With what differs between the person who was chosen and the one whom the platform names.
    #[must_use]
    pub(crate) fn with_differences(mut self, differences: Differences) -> Self {
        self.differences = differences;
        self
    }

    /// With how long the platform asks to wait, in seconds.
    #[must_use]
    pub(crate) fn with_wait(mut self, seconds: u32) -> Self {
        self.wait = Some(seconds);
        self
    }

    /// With the number that a reader's driver or the system gave.
    #[must_use]
    pub(crate) fn with_number(mut self, number: u32) -> Self {
        self.number = Some(number);
        self
    }

    /// The stable code, such as `pin_wrong`.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> FailureKind {
        self.code.kind()
    }

    /// Whether trying once more makes sense.
    pub fn retry(&self) -> Retry {
        self.code.retry()
    }

    /// Who can help.
    pub fn contact(&self) -> Contact {
        self.code.contact()
    }

    /// How many wrong PIN entries the card still takes, where the failure is about a PIN and this is known.
    pub fn tries_left(&self) -> Option<u8> {
        self.tries_left
    }

    /// How long to wait before another attempt, in seconds, where the platform says so.
    pub fn wait(&self) -> Option<u32> {
        self.wait
    }

    /// What differs between the person who was chosen and the one whom the platform names, where the failure is about
    /// that.
    pub fn differences(&self) -> Differences {
        self.differences
    }

    /// What to note on paper where no way is left, so that the visit can go on and be confirmed later. Never empty.
    pub fn to_note(&self) -> &'static [Note] {
        note::after(self.code)
    }

    /// What happened, in one or two sentences for the nurse.
    pub fn message(&self, language: Language) -> String {
        self.fill(self.code.message(language), language)
    }

    /// What to do now.
    pub fn next_action(&self, language: Language) -> String {
        self.fill(self.code.next_action(language), language)
    }

    /// What a developer wants to know, in English, possibly empty: fixed text, or the number that a reader's driver or the
    /// system gave (`0x80100016`).
    pub fn detail(&self) -> Cow<'static, str> {
        self.number.map_or(self.detail.into(), |number| format!("{number:#010X}").into())
    }

    fn fill(&self, text: &str, language: Language) -> String {
        let tries = match (self.tries_left, language) {
            (None, Language::English) => "an unknown number of tries".to_owned(),
            (None, Language::Japanese) => "不明な回数".to_owned(),
            (Some(1), Language::English) => "1 try".to_owned(),
            (Some(n), Language::English) => format!("{n} tries"),
            (Some(n), Language::Japanese) => format!("{n}回"),
        };
        let wait = match (self.wait, language) {
            (None, Language::English) => "a little".to_owned(),
            (None, Language::Japanese) => "しばらく".to_owned(),
            (Some(1), Language::English) => "1 second".to_owned(),
            (Some(n), Language::English) => format!("{n} seconds"),
            (Some(n), Language::Japanese) => format!("{n}秒"),
        };
        text.replace("{tries}", &tries)
            .replace("{wait}", &wait)
            .replace("{differs}", &self.differences.told(language))
    }
}

impl fmt::Display for Failure {
    /// `code: message`, in English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message(Language::English))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Failure");
        shown.field("code", &self.code.as_str());
        if let Some(tries) = self.tries_left {
            shown.field("tries_left", &tries);
        }
        if let Some(wait) = self.wait {
            shown.field("wait", &wait);
        }
        if self.differences != Differences::default() {
            shown.field("differences", &self.differences);
        }
        if self.number.is_some() || !self.detail.is_empty() {
            shown.field("detail", &self.detail());
        }
        shown.finish()
    }
}

impl std::error::Error for Failure {}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_complete_and_its_own() {
        let mut codes = HashSet::new();
        for &code in Code::ALL {
            assert!(codes.insert(code.as_str()));
            assert!(code.as_str().chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{code}");
            for text in [code.message(Language::English), code.next_action(Language::English)] {
                assert!(text.is_ascii() && text.ends_with('.'), "{code}: {text}");
            }
            for text in [code.message(Language::Japanese), code.next_action(Language::Japanese)] {
                assert!(!text.is_ascii() && text.ends_with('。'), "{code}: {text}");
            }
            assert_eq!(Code::named(code.as_str()), Some(code));
        }
        assert!(codes.len() > 40);
    }

    /// A button that says "again" where the words say "do not", or none where they say it, sends somebody astray.
    #[test]
    fn what_is_offered_is_what_the_words_say() {
        const AGAIN: [&str; 5] = ["もう一度", "やり直", "し直", "again", "Begin to sign in"];
        const OTHER: [&str; 8] = [
            "被保険者証",
            "カードと暗証番号",
            "カードでもう一度",
            "本体",
            "paper certificate",
            "card and its PIN",
            "with the card",
            "of plastic",
        ];
        for &code in Code::ALL {
            for language in [Language::Japanese, Language::English] {
                let text = code.next_action(language);
                let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
                match code.retry() {
                    Retry::None => assert!(!says(&AGAIN), "{code}: {text}"),
                    Retry::Same => assert!(says(&AGAIN), "{code}: {text}"),
                    Retry::OtherWay => assert!(says(&OTHER), "{code}: {text}"),
                }
                let whom = code.contact().name(language);
                assert!(text.contains(whom), "{code} names nobody to call: {text}");
            }
        }
    }

    /// Whoever reads it at a bedside has not learnt these words.
    #[test]
    fn no_word_has_to_be_learnt() {
        const LEARNT: [&str; 9] = [
            "トークン",
            "署名中",
            "トラストアンカー",
            "チャレンジ",
            "重要な拡張",
            "照合番号B",
            "SDK",
            "アサーション",
            "セッション",
        ];
        for &code in Code::ALL {
            for text in [code.message(Language::Japanese), code.next_action(Language::Japanese)] {
                for word in LEARNT {
                    assert!(!text.contains(word), "{code}: {text}");
                }
                // Not the town hall alone.
                assert!(!text.contains("窓口でしか"), "{code}: {text}");
            }
        }
    }

    #[test]
    fn a_wait_is_told_in_words() {
        let busy = Failure::new(Code::ServerBusy);
        assert!(busy.next_action(Language::English).starts_with("Wait a little"));
        assert!(busy.with_wait(7).next_action(Language::Japanese).starts_with("7秒"));
    }

    #[test]
    fn tries_are_told_in_words() {
        let wrong = Failure::new(Code::PinWrong).with_tries_left(2);
        assert_eq!(
            wrong.to_string(),
            "pin_wrong: The PIN was wrong; 2 tries are left before it locks."
        );
        assert!(wrong.message(Language::Japanese).contains("2回"));
    }
}
