//! Codes of the platform: those that this version has a name for, and those that were added since.

/// Longest code taken, characters.
pub(crate) const MOST: usize = 64;

/// An enumeration that is open: a code that has no name here is kept as it was given, shown as such, and costs nothing.
macro_rules! open_code {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident $code:literal $english:literal $japanese:literal,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// One that this version has no name for, as the platform gave it, at most 64 characters. A stranger's text:
            /// escape it where it is shown.
            Other(String),
        }

        impl $name {
            /// The code, as the platform gives it.
            pub fn code(&self) -> &str {
                match self { $(Self::$variant => $code,)* Self::Other(code) => code }
            }

            /// In English; the code itself where this version has no name for it.
            pub fn english(&self) -> &str {
                match self { $(Self::$variant => $english,)* Self::Other(code) => code }
            }

            /// The Japanese term; the code itself where this version has no name for it.
            pub fn japanese(&self) -> &str {
                match self { $(Self::$variant => $japanese,)* Self::Other(code) => code }
            }

            /// Whether this version has a name for it.
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = String::deserialize(deserializer)?;
                Ok(match code.as_str() {
                    $($code => Self::$variant,)*
                    _ => Self::Other(code.chars().take($crate::kaigo::code::MOST).collect()),
                })
            }
        }
    };
}
pub(crate) use open_code;
