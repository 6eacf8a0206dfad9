//! What people and programs are told.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use kaigotap::message::{Failure, FailureKind, Language};
use serde_json::{Value, json};

use crate::{input, interrupt, printable};

/// A line on standard output. Whoever reads only the beginning (`| head -1`) has closed it: then it is over, without a word.
pub(crate) fn say(line: &str) {
    if writeln!(io::stdout(), "{line}").is_err() {
        interrupt::let_go();
        std::process::exit(0);
    }
}

/// A line on standard error. Nobody may be there to read it.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The conversation failed.
    Failure(Failure),
    /// A part was not done, for this reason, which programs were told with the rest.
    Left(Failure),
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
        /// What it is about, as it was typed, where the code alone does not say.
        about: Option<String>,
    },
}

impl Stop {
    pub(crate) fn input(
        code: &'static str,
        message: impl Into<String>,
        next_action: &'static str,
    ) -> Self {
        Self::Input { code, message: message.into(), next_action, about: None }
    }

    /// With what it is about: a file, an address.
    pub(crate) fn about(mut self, what: impl fmt::Display) -> Self {
        if let Self::Input { about, .. } = &mut self {
            *about = Some(format!("{what}"));
        }
        self
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

/// The kinds, with their names in JSON and their exit codes.
const KINDS: [(FailureKind, &str, u8); 9] = [
    (FailureKind::Reader, "reader", 10),
    (FailureKind::Card, "card", 11),
    (FailureKind::Pin, "pin", 12),
    (FailureKind::Person, "person", 13),
    (FailureKind::Server, "server", 14),
    (FailureKind::Trust, "trust", 15),
    (FailureKind::Refused, "refused", 16),
    (FailureKind::Device, "device", 17),
    (FailureKind::Software, "software", 18),
];

fn kind_name(kind: FailureKind) -> &'static str {
    KINDS.iter().find(|(known, ..)| *known == kind).map_or("other", |(_, name, _)| name)
}

fn exit_code(kind: FailureKind) -> u8 {
    KINDS.iter().find(|(known, ..)| *known == kind).map_or(1, |(.., code)| *code)
}

/// The language and form of everything that is printed.
#[derive(Clone, Copy)]
pub(crate) struct Report {
    pub(crate) language: Language,
    pub(crate) json: bool,
    /// A program reads while it runs; `json` is set, too.
    pub(crate) events: bool,
    /// What the commands that are suggested need so that they speak this language.
    pub(crate) flag: &'static str,
}

impl Report {
    pub(crate) fn new(language: Language, json: bool, events: bool, flag: &'static str) -> Self {
        Self { language, json: json || events, events, flag }
    }

    /// The text, with the flag behind every `kaigotap` that begins a command.
    pub(crate) fn with_flag(self, text: &str) -> String {
        const NAME: &str = "kaigotap ";
        let mut told = String::with_capacity(text.len());
        for (at, part) in text.split(NAME).enumerate() {
            if at > 0 {
                let is_command = part.starts_with(|c: char| c.is_ascii_lowercase() || c == '-');
                told += NAME.trim_end();
                told += if is_command { self.flag } else { "" };
                told += " ";
            }
            told += part;
        }
        told
    }

    /// The same of a text that has to be put together first.
    pub(crate) fn either(
        self,
        english: impl FnOnce() -> String,
        japanese: impl FnOnce() -> String,
    ) -> String {
        match self.language {
            Language::English => english(),
            Language::Japanese => japanese(),
        }
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
            say(&printable::text(&self.with_flag(line.as_ref())));
        }
    }

    /// Several lines of this program's own, for people.
    pub(crate) fn lines(self, lines: &'static str) {
        if !self.json {
            say(&self.with_flag(lines));
        }
    }

    /// Becomes true when the person wants to stop.
    pub(crate) fn listen(self) -> Arc<AtomicBool> {
        interrupt::listen(self.text(
            "Stopping. Ctrl-C again stops at once.",
            "中止します。もう一度 Ctrl-C を押すと、すぐに終わります。",
        ))
    }

    /// What happens meanwhile, for a program that asked for it: one line.
    pub(crate) fn event(self, event: &Value) {
        if self.events {
            say(&printable::json_line(event));
        }
    }

    /// The one object for programs; nothing when people read.
    pub(crate) fn object(self, object: &Value) {
        if self.events {
            let mut object = object.clone();
            object["event"] = "end".into();
            self.event(&object);
        } else if self.json {
            say(&printable::json(object));
        }
    }

    /// What is to be typed here, where the general words leave that open.
    fn hint(self, code: &str) -> Option<&'static str> {
        match code {
            "staff_token_invalid" | "staff_signed_out" | "client_unknown" => Some(self.text(
                "Here: kaigotap sign-in --enrolment FILE; after a restart of the sandbox, kaigotap sandbox --enrolment FILE writes the file anew",
                "ここでは：kaigotap sign-in --enrolment FILE（模擬基盤を始め直したあとは、kaigotap sandbox --enrolment FILE で登録ファイルを作り直します）",
            )),
            "enrolment_untrusted" => Some(self.text(
                "Here: give --server the name by which the platform calls itself, or that name with --issuer",
                "ここでは：--server に基盤が名乗るとおりのアドレスを指定するか、--issuer でその名前を指定します",
            )),
            "pin_last_try" => Some(self.text(
                "Here: --last-try goes on without asking",
                "ここでは：--last-try を付けると、あと1回でも続けます",
            )),
            _ => None,
        }
    }

    /// Tells why a command stopped, and gives its exit code.
    pub(crate) fn stop(self, stop: &Stop) -> ExitCode {
        let (code, message, next_action, exit) = match stop {
            Stop::No => return ExitCode::from(1),
            Stop::Left(failure) if self.json => {
                return ExitCode::from(exit_code(failure.kind()));
            }
            Stop::Failure(failure) | Stop::Left(failure) => (
                failure.code().as_str(),
                failure.message(self.language),
                failure.next_action(self.language),
                exit_code(failure.kind()),
            ),
            Stop::Input { code, message, next_action, about } => {
                let (message, next_action) = match (self.language, input::japanese(code)) {
                    (Language::Japanese, Some((what, next))) => {
                        let about = about.as_ref().map(|about| format!("（{about}）"));
                        (format!("{what}{}", about.unwrap_or_default()), next.to_owned())
                    }
                    _ => (message.clone(), (*next_action).to_owned()),
                };
                (*code, message, next_action, 2)
            }
        };
        if self.json {
            let mut object = json!({
                "outcome": "failed", "code": code, "message": message, "next_action": next_action,
            });
            if let Stop::Failure(failure) = stop {
                object["tries_left"] = failure.tries_left().into();
                object["retry"] = failure.retry().as_str().into();
                object["kind"] = kind_name(failure.kind()).into();
                if !failure.detail().is_empty() {
                    object["detail"] = failure.detail().into_owned().into();
                }
            }
            self.object(&object);
        } else {
            // The sentence first; the code is for whoever is called.
            note(&printable::text(&message));
            note(&format!("→ {}", printable::text(&self.with_flag(&next_action))));
            if let Some(hint) = self.hint(code) {
                note(&format!("→ {}", self.with_flag(hint)));
            }
            note(&format!("{}{code}", self.text("Code: ", "お問い合わせ番号：")));
        }
        ExitCode::from(exit)
    }
}
