//! The My Number Card (個人番号カード): what is where, how its PINs are guarded, what its records say.
//!
//! What may be asked of a card is in the room `reading`, as flows. Signing is not among it: the only bytes a card signs
//! are a challenge that proves its presence, and what the room `exchange` composes for a challenge verified first.

#[cfg(any(test, doctest))]
mod closed;
mod guard;
mod holding;
mod pin;
mod profile;
pub mod record;
mod selected;
mod taps;

pub(crate) use guard::Guard;
pub(crate) use holding::Holding;
#[cfg(feature = "fuzzing")]
pub(crate) use pin::half_width;
pub(crate) use pin::{NewPin, Pin};
pub use pin::{NotOnACard, birth_date_key, verification_number_b};
pub use profile::{Application, Credential, Token};
pub(crate) use profile::{File, face, input_support, jpki};
pub(crate) use selected::Selected;
pub(crate) use taps::{Task, over_taps};

use ring::digest;

pub use crate::flow::PinKind;
use crate::flow::{CommandBytes, LinkError};
use crate::message::{Code, Failure};

/// The command by which a driver may tell a My Number Card from others: SELECT of the JPKI AP. `9000` says yes.
pub fn recognition() -> CommandBytes {
    CommandBytes::new(RECOGNITION.to_vec())
}

/// SELECT of the JPKI AP, as [`Command::select_application`](crate::iso7816::Command::select_application) encodes it.
const RECOGNITION: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";

/// The commands by which a driver that cannot cut a card's power leaves it clean: SELECT of the JPKI AP, of the
/// input-support AP, and of the issuer security domain. A verified PIN survives a warm reset and a re-selection of its
/// own application, so two applications are selected one after the other; the last is the way out on a card that has
/// one of them only. Each is sent, whatever the one before was answered.
pub fn deselection() -> [CommandBytes; 3] {
    DESELECTION.map(|command| CommandBytes::new(command.to_vec()))
}

/// These commands, as [`Command::select_application`](crate::iso7816::Command::select_application) encodes them.
const DESELECTION: [&[u8]; 3] = [
    RECOGNITION,
    b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08",
    b"\x00\xA4\x04\x0C\x07\xA0\x00\x00\x01\x51\x00\x00",
];

impl Selected<'_> {
    /// Signs with the authentication key, whose PIN was accepted.
    pub(crate) async fn sign_as_holder(&mut self, digest: &[u8; 32]) -> Result<Vec<u8>, TapError> {
        self.sign(Some(jpki::AUTHENTICATION_KEY), digest).await
    }

    /// Has the application prove that it is here (内部認証): its own key signs a challenge. No PIN is needed.
    pub(crate) async fn sign_challenge(&mut self, digest: &[u8; 32]) -> Result<Vec<u8>, TapError> {
        self.sign(None, digest).await
    }
}

/// Which card is held to the reader, as far as it can be told without a PIN: by the beginning of the certificate for
/// authentication, in which issuer and serial number stand. It tells one card from another on a table, and proves nothing:
/// that is the signature's part.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// By a digest that never leaves the conversation.
    Card([u8; 32]),
    /// It shows no certificate without a PIN: a phone, a card that was never given one.
    Untold,
}

impl Identity {
    /// Of a certificate, or its beginning.
    pub(crate) fn of(certificate: &[u8]) -> Self {
        let beginning = certificate.get(..IDENTIFYING).unwrap_or(certificate);
        let mut sum = [0; 32];
        sum.copy_from_slice(digest::digest(&digest::SHA256, beginning).as_ref());
        Self::Card(sum)
    }
}

/// How much of a certificate tells it from others, in bytes: what one short command brings.
const IDENTIFYING: usize = 256;

/// Why a tap did not come to its end.
#[derive(Debug)]
pub(crate) enum TapError {
    /// The link broke. Another tap may go on from where this one stood.
    Link(LinkError),
    /// The holder has to be asked something without holding a card still.
    LetGo,
    /// Nothing another tap would change.
    Final(Failure),
}

impl From<LinkError> for TapError {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl From<Failure> for TapError {
    fn from(failure: Failure) -> Self {
        Self::Final(failure)
    }
}

impl From<Code> for TapError {
    fn from(code: Code) -> Self {
        Self::Final(Failure::new(code))
    }
}

#[cfg(test)]
mod tests;
