//! The one table, a file for each kind of failure. A row is name, code, kind, what to offer, whom to call; then what
//! happened and what to do now, in English and in Japanese.

mod card;
mod device;
mod person;
mod pin;
mod reader;
mod refused;
mod server;
mod software;
mod trust;

use card::card;
use device::device;
use person::person;
use pin::pin;
use reader::reader;
use refused::refused;
use server::server;
use software::software;
use trust::trust;

use super::{Contact, FailureKind, Language, Retry};

macro_rules! codes {
    (=> $($name:ident $code:literal $kind:ident $retry:ident $contact:ident
        $en:literal $en_next:literal
        $ja:literal $ja_next:literal;)*) => {
        /// The stable code of a failure. Codes are never reused or renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $code, "`: ", $en, " ", $en_next)] $name,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it stands in logs and JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The code of this name.
            pub fn named(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            pub(super) fn kind(self) -> FailureKind {
                match self { $(Self::$name => FailureKind::$kind,)* }
            }

            pub(super) fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry,)* }
            }

            pub(super) fn contact(self) -> Contact {
                match self { $(Self::$name => Contact::$contact,)* }
            }

            pub(super) fn message(self, language: Language) -> &'static str {
                match (self, language) { $(
                    (Self::$name, Language::English) => $en,
                    (Self::$name, Language::Japanese) => $ja,
                )* }
            }

            pub(super) fn next_action(self, language: Language) -> &'static str {
                match (self, language) { $(
                    (Self::$name, Language::English) => $en_next,
                    (Self::$name, Language::Japanese) => $ja_next,
                )* }
            }
        }
    };
}

reader! { card pin person device server trust refused software codes => }

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
