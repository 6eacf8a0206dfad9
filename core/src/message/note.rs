//! The last resort: paper. What to note, so that nothing has to be remembered.

use super::{Code, Language};

/// One thing to note on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Note {
    /// The person's name.
    Name,
    /// Insurer number and insured number, from the paper certificate if there is one.
    Numbers,
    /// Day and time.
    Time,
    /// Who looked at the face, and at what it was compared with.
    WhoLooked,
    /// The code of the failure.
    Code,
}

impl Note {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Numbers => "numbers",
            Self::Time => "time",
            Self::WhoLooked => "who_looked",
            Self::Code => "code",
        }
    }

    /// What to note, in words for the nurse.
    pub fn text(self, language: Language) -> &'static str {
        let (english, japanese) = match self {
            Self::Name => ("the person's name", "ご本人の氏名"),
            Self::Numbers => (
                "insurer number and insured number (from the paper certificate)",
                "保険者番号と被保険者番号（被保険者証を見て）",
            ),
            Self::Time => ("day and time", "日付と時刻"),
            Self::WhoLooked => {
                ("who compared the face, and with what", "お顔を確認した人と、見比べたもの")
            }
            Self::Code => ("the code shown here", "画面に出ているお問い合わせ番号"),
        };
        match language {
            Language::English => english,
            Language::Japanese => japanese,
        }
    }
}

/// What to note after this failure.
pub(super) fn after(code: Code) -> &'static [Note] {
    match code {
        // Who this is, nobody knows: what was seen is noted, and nothing taken down in another's name.
        Code::FaceDiffers | Code::AnotherPerson => &[Note::Time, Note::WhoLooked, Note::Code],
        _ => &[Note::Name, Note::Numbers, Note::Time, Note::WhoLooked, Note::Code],
    }
}
