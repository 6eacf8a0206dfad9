//! The one object of every failure.

use kaigotap::flow::Misuse;
use kaigotap::message::{self, Code};

use crate::mirror;

mirror! {
    /// The languages of every text.
    Language of message::Language {
        /// English
        English,
        /// Japanese (日本語)
        Japanese,
    }
}

mirror! {
    /// What sort of thing went wrong, for an app that decides what to offer.
    FailureKind from message::FailureKind, else Software {
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
        /// The app that embeds this library, or this library.
        Software,
    }
}

mirror! {
    /// Whether trying once more makes sense: what a screen offers as its first button after a failure.
    Retry from message::Retry {
        /// No: somebody has to do something else first, and the next action says what.
        None,
        /// The same once more, when what the next action says has been done. It costs no PIN try that was not meant.
        Same,
        /// Not the same: another lawful way leads on, such as another card or the paper certificate.
        OtherWay,
    }
}

/// How a conversation failed. Carries no personal data: it may be logged and sent to a help desk.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Failure {
    /// What sort of failure it is.
    pub kind: FailureKind,
    /// The stable code, such as `pin_wrong`.
    pub code: String,
    /// How many wrong PIN entries the card still takes, where the failure is about a PIN and this is known.
    pub tries_left: Option<u8>,
    /// How long to wait before another attempt, in seconds, where the platform says so.
    pub wait_seconds: Option<u32>,
    /// What differs between the person who was chosen and the one whom the platform names, where it is about that.
    pub differences: Differences,
    /// What a developer wants to know: fixed text in English, possibly empty.
    pub debug: String,
}

/// What differs between two descriptions of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, uniffi::Record)]
pub struct Differences {
    /// The name.
    pub name: bool,
    /// The date of birth.
    pub birth_date: bool,
    /// The sex.
    pub sex: bool,
}

#[uniffi::export]
impl Failure {
    /// What happened, in one or two sentences for the nurse.
    pub fn message(&self, language: Language) -> String {
        self.told().message(language.into())
    }

    /// What to do now.
    pub fn next_action(&self, language: Language) -> String {
        self.told().next_action(language.into())
    }

    /// What to note on paper where no way is left, in words for the nurse: never empty.
    pub fn to_note(&self, language: Language) -> Vec<String> {
        let language = language.into();
        self.told().to_note().iter().map(|note| note.text(language).to_owned()).collect()
    }

    /// Whether trying once more makes sense.
    pub fn retry(&self) -> Retry {
        self.told().retry().into()
    }
}

impl Failure {
    fn told(&self) -> message::Failure {
        let code = Code::named(&self.code).unwrap_or(Code::InternalError);
        let Differences { name, birth_date, sex } = self.differences;
        message::Failure::told(
            code,
            self.tries_left,
            self.wait_seconds,
            message::Differences { name, birth_date, sex },
        )
    }
}

impl From<message::Failure> for Failure {
    fn from(failure: message::Failure) -> Self {
        Self {
            kind: failure.kind().into(),
            code: failure.code().as_str().to_owned(),
            tries_left: failure.tries_left(),
            wait_seconds: failure.wait(),
            differences: failure.differences().into(),
            debug: failure.detail().into_owned(),
        }
    }
}

impl From<message::Differences> for Differences {
    fn from(differences: message::Differences) -> Self {
        let message::Differences { name, birth_date, sex } = differences;
        Self { name, birth_date, sex }
    }
}

/// What can go wrong in the app's own part, for which there is a failure too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HostFault {
    /// The screen failed while it showed a question.
    ScreenFailed,
    /// Somebody stopped the conversation from outside.
    Cancelled,
}

/// The failure of something that went wrong in the app's own part, with its texts.
#[uniffi::export]
pub fn failure(fault: HostFault) -> Failure {
    message::Failure::from(match fault {
        HostFault::ScreenFailed => Code::AppFailed,
        HostFault::Cancelled => Code::Cancelled,
    })
    .into()
}

/// What every function throws.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KaigoTapError {
    /// This went wrong.
    #[error("{}: {}", .failure.code, .failure.message(Language::English))]
    Failed {
        /// What.
        failure: Failure,
    },
}

impl From<message::Failure> for KaigoTapError {
    fn from(failure: message::Failure) -> Self {
        Self::Failed { failure: failure.into() }
    }
}

impl From<Code> for KaigoTapError {
    fn from(code: Code) -> Self {
        message::Failure::from(code).into()
    }
}

impl From<Misuse> for KaigoTapError {
    fn from(misuse: Misuse) -> Self {
        message::Failure::from(misuse).into()
    }
}

/// The app gave something that cannot be used.
pub(crate) fn unusable(what: &'static str) -> KaigoTapError {
    message::Failure::from(Code::SetupInvalid).with_detail(what).into()
}
