//! What people and programs are told.

use std::process::ExitCode;

use kaigotap::message::{Failure, Language};
use serde_json::{Value, json};

use crate::printable;

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The conversation failed.
    Failure(Failure),
    /// Nothing failed, and the answer, which was told, is no.
    No,
    /// The input cannot be used.
    Input {
        /// Stable code.
        code: &'static str,
        /// What is wrong.
        message: String,
        /// What to do.
        next_action: &'static str,
    },
}

impl Stop {
    pub(crate) fn input(
        code: &'static str,
        message: impl Into<String>,
        next_action: &'static str,
    ) -> Self {
        Self::Input { code, message: message.into(), next_action }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<kaigotap_recorder::Unusable> for Stop {
    fn from(unusable: kaigotap_recorder::Unusable) -> Self {
        Self::input("enrolment_unusable", unusable.to_string(), "Enrol this device again.")
    }
}

impl From<kaigotap::link::NoOutcome> for Stop {
    fn from(none: kaigotap::link::NoOutcome) -> Self {
        Self::input("internal", none.to_string(), "Tell the makers of KaigoTap.")
    }
}

/// The language and form of everything that is printed.
#[derive(Clone, Copy)]
pub(crate) struct Report {
    pub(crate) language: Language,
    pub(crate) json: bool,
}

impl Report {
    pub(crate) fn new(language: Language, json: bool) -> Self {
        Self { language, json }
    }

    /// The text of the language in use.
    pub(crate) fn text(self, english: &'static str, japanese: &'static str) -> &'static str {
        match self.language {
            Language::English => english,
            Language::Japanese => japanese,
        }
    }

    /// A line for people; nothing when a program reads. It stays one line, whatever a stranger wrote in it.
    pub(crate) fn line(self, line: impl AsRef<str>) {
        if !self.json {
            println!("{}", printable::text(line.as_ref()));
        }
    }

    /// Several lines of this program's own, for people.
    pub(crate) fn lines(self, lines: &'static str) {
        if !self.json {
            println!("{lines}");
        }
    }

    /// The one object for programs; nothing when people read.
    pub(crate) fn object(self, object: &Value) {
        if self.json {
            println!("{}", printable::json(object));
        }
    }

    /// Tells why a command stopped, and gives its exit code.
    pub(crate) fn stop(self, stop: &Stop) -> ExitCode {
        let (code, message, next_action, exit) = match stop {
            Stop::No => return ExitCode::from(1),
            Stop::Failure(failure) => (
                failure.code().as_str(),
                failure.message(self.language),
                failure.next_action(self.language),
                1,
            ),
            Stop::Input { code, message, next_action } => {
                (*code, message.clone(), (*next_action).to_owned(), 2)
            }
        };
        if self.json {
            let mut object = json!({
                "outcome": "failed", "code": code, "message": message, "next_action": next_action,
            });
            if let Stop::Failure(failure) = stop {
                object["tries_left"] = failure.tries_left().into();
                if !failure.detail().is_empty() {
                    object["detail"] = failure.detail().into_owned().into();
                }
            }
            self.object(&object);
        } else {
            eprintln!("{code}: {}", printable::text(&message));
            eprintln!("→ {}", printable::text(&next_action));
        }
        ExitCode::from(exit)
    }
}
