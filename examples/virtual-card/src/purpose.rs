//! The two purposes of the JPKI application.

use std::fmt;

/// What a certificate, its key and its PIN are for. Each purpose has its own, and they do not open each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// 利用者証明用: to say who one is. Four digits, 3 tries; the certificate is free to read.
    Authentication,
    /// 署名用: to sign documents. 6 to 16 characters, 5 tries; the certificate needs the PIN too.
    Signature,
}

impl Purpose {
    /// Both, in the order of their PIN files.
    pub const ALL: [Self; 2] = [Self::Authentication, Self::Signature];

    /// File id of the holder's certificate. Certain.
    pub const fn certificate_file(self) -> u16 {
        match self {
            Self::Authentication => 0x000A,
            Self::Signature => 0x0001,
        }
    }

    /// File id of the issuing CA's certificate. Certain.
    pub const fn authority_file(self) -> u16 {
        match self {
            Self::Authentication => 0x000B,
            Self::Signature => 0x0002,
        }
    }

    /// File id under which the PIN is selected. Certain.
    pub const fn pin_file(self) -> u16 {
        match self {
            Self::Authentication => 0x0018,
            Self::Signature => 0x001B,
        }
    }

    /// File id under which the private key is selected. Certain.
    pub const fn key_file(self) -> u16 {
        match self {
            Self::Authentication => 0x0017,
            Self::Signature => 0x001A,
        }
    }

    /// How many wrong PINs in a row block the PIN. Certain.
    pub const fn max_tries(self) -> u8 {
        match self {
            Self::Authentication => 3,
            Self::Signature => 5,
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authentication => "authentication",
            Self::Signature => "signature",
        })
    }
}
