//! The My Number Card (個人番号カード): what is where, how its PINs are guarded, what may be asked of it.
//!
//! What can be asked from outside is here, as flows: [`status`], [`certificate`]. Signing is not: the only bytes a card
//! signs are composed by the room `exchange` for a challenge that was verified first.

mod holding;
mod jpki;
pub mod pin;
mod profile;

use zeroize::Zeroizing;

pub(crate) use holding::{Holding, Taps};
pub(crate) use jpki::Jpki;
pub(crate) use pin::Desk;
pub use pin::PinKind;
pub use profile::Credential;

use crate::flow::{CommandBytes, Flow, LinkError, Stage};
use crate::message::{Code, Failure};

/// What a card tells without any PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardStatus {
    authentication_tries: u8,
    signature_tries: u8,
}

impl CardStatus {
    /// How many wrong entries this PIN still takes; 0 is locked.
    pub fn tries_left(self, pin: PinKind) -> u8 {
        match pin {
            PinKind::Authentication => self.authentication_tries,
            PinKind::Signature => self.signature_tries,
        }
    }

    /// Whether this PIN is locked.
    pub fn is_locked(self, pin: PinKind) -> bool {
        self.tries_left(pin) == 0
    }
}

/// Reads what a card tells without any PIN. Costs no try.
pub fn status() -> Flow<Result<CardStatus, Failure>> {
    Flow::new(|talk| async move {
        let mut taps = Taps::new(&talk);
        loop {
            let mut holding = taps.next().await?;
            let status = read_status(&mut holding).await;
            if let Some(outcome) = taps.end(holding, status).await {
                break outcome;
            }
        }
    })
}

async fn read_status(holding: &mut Holding) -> Result<CardStatus, TapError> {
    holding.talk().stage(Stage::ReadCard);
    let mut jpki = Jpki::select(holding).await?;
    Ok(CardStatus {
        authentication_tries: jpki.tries_left(PinKind::Authentication).await?,
        signature_tries: jpki.tries_left(PinKind::Signature).await?,
    })
}

/// Reads a certificate, DER. The one for authentication is free; the one for signatures names the holder and opens
/// only with the signature password, which the flow asks for through the guard.
pub fn certificate(credential: Credential) -> Flow<Result<Zeroizing<Vec<u8>>, Failure>> {
    Flow::new(move |talk| async move {
        let mut desk = Desk::new(PinKind::Signature);
        let mut taps = Taps::new(&talk);
        let outcome = loop {
            let mut holding = match taps.next().await {
                Ok(holding) => holding,
                Err(failure) => break Err(failure),
            };
            let certificate = read_certificate(&mut holding, credential, &mut desk).await;
            if let Some(outcome) = taps.end(holding, certificate).await {
                break outcome;
            }
        };
        outcome.map_err(|failure| desk.explain(failure))
    })
}

async fn read_certificate(
    holding: &mut Holding,
    credential: Credential,
    desk: &mut Desk,
) -> Result<Zeroizing<Vec<u8>>, TapError> {
    holding.talk().stage(Stage::ReadCard);
    let mut jpki = Jpki::select(holding).await?;
    if credential == Credential::Signature {
        desk.open(&mut jpki).await?;
    }
    jpki.certificate(credential).await
}

/// The command by which a driver may tell a My Number Card from others: SELECT of the JPKI AP. `9000` says yes.
pub fn recognition() -> CommandBytes {
    CommandBytes::new(RECOGNITION.to_vec())
}

/// SELECT of the JPKI AP, as [`Command::select_application`](crate::iso7816::Command::select_application) encodes it.
const RECOGNITION: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";

/// Why a tap did not come to its end.
#[derive(Debug)]
pub(crate) enum TapError {
    /// The link broke. Another tap may go on from where this one stood.
    Link(LinkError),
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
