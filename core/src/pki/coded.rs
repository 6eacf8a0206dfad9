//! Enums whose every value has a stable code and a sentence in both languages.

macro_rules! coded {
    ($(#[$about:meta])* $enum:ident { $($(#[$doc:meta])* $name:ident $code:literal $en:literal $ja:literal;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $enum {
            $($(#[$doc])* #[doc = concat!("`", $code, "`: ", $en)] $name,)*
        }

        impl $enum {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it stands in JSON and logs; never reused or renamed.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The one of this code.
            pub fn named(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// In a sentence.
            pub fn text(self, language: crate::message::Language) -> &'static str {
                match (self, language) { $(
                    (Self::$name, crate::message::Language::English) => $en,
                    (Self::$name, crate::message::Language::Japanese) => $ja,
                )* }
            }
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

pub(super) use coded;
