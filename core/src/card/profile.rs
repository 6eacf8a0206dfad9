//! The card of today as data. The next card (ECDSA P-384, two applications, other PINs) is a second value of these
//! types, not a second code path.

use crate::flow::PinKind;

/// A key of the JPKI AP with its certificate and its PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// Authenticates its holder (利用者証明用). The certificate is free to read.
    Authentication,
    /// Signs in its holder's name (署名用). The certificate holds name, address, birth date and sex.
    Signature,
}

/// Application identifiers (DF names). Known from many independent implementations.
pub(crate) mod application {
    /// JPKI AP (公的個人認証AP)
    pub(crate) const JPKI: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
    /// Input-support AP (券面事項入力補助AP). Selected to leave the JPKI AP: that clears its security status.
    pub(crate) const INPUT_SUPPORT: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
    /// GlobalPlatform issuer security domain: the way out on a card that has no input-support AP. Single source.
    pub(crate) const ISSUER_SECURITY_DOMAIN: &[u8] = b"\xA0\x00\x00\x01\x51\x00\x00";
}

/// The files of one credential.
pub(crate) struct Files {
    /// X.509 certificate, DER, padded with FF.
    pub(crate) certificate: u16,
    /// Private key, RSA-2048.
    pub(crate) key: u16,
    /// PIN that opens the key.
    pub(crate) pin: u16,
}

impl Credential {
    pub(crate) fn files(self) -> Files {
        match self {
            Self::Authentication => Files { certificate: 0x000A, key: 0x0017, pin: 0x0018 },
            Self::Signature => Files { certificate: 0x0001, key: 0x001A, pin: 0x001B },
        }
    }
}

/// Where each PIN lies in the JPKI AP.
pub(crate) fn pin_file(pin: PinKind) -> u16 {
    match pin {
        PinKind::Authentication => Credential::Authentication.files().pin,
        PinKind::Signature => Credential::Signature.files().pin,
    }
}

/// Largest certificate taken from a card, bytes. Real ones are 1,571 to 1,758.
pub(crate) const MAX_CERTIFICATE: usize = 8 * 1024;
