//! What may be asked of a card, as flows: what it is, its certificates, its holder, its face; and a new PIN.
//!
//! Every flow leaves the card clean and survives a card that slips; those that need a PIN ask for it through the guard.
//! What names a person comes with its proof: a record without a valid signature is not given out.

mod age;
mod certificate;
mod face;
mod holder;
mod pin;
mod proven;
mod status;

pub use age::{Age, age};
pub use certificate::certificate;
pub use face::{Face, face, information};
pub use holder::{Holder, HolderKey, holder};
pub use pin::change_pin;
pub use proven::Proven;
pub use status::{CardStatus, CertificateState, PinReport, PinState, status};

use ring::digest;

use crate::card::{Desk, Holding, PinKind, TapError, Taps};
use crate::flow::Talk;
use crate::message::Failure;

/// Fresh randomness for one challenge to the card: 32 bytes from the host's secure source. Without one, the card is not
/// asked to prove that it is here, and the answer says so.
pub type Challenge = [u8; 32];

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    sum
}

/// One question to a card, answered within one tap.
trait Question {
    /// What comes of it.
    type Answer;

    /// Asks. After a torn tap it is asked anew, from the start.
    fn ask(
        &mut self,
        holding: &mut Holding,
        desk: &mut Desk,
    ) -> impl Future<Output = Result<Self::Answer, TapError>> + Send;
}

/// Asks a question, over as many taps as it takes.
async fn over_taps<Q: Question>(
    talk: &Talk,
    pin: PinKind,
    mut question: Q,
) -> Result<Q::Answer, Failure> {
    let mut desk = Desk::new(pin);
    let mut taps = Taps::new(talk);
    loop {
        let mut holding = taps.next().await.map_err(|failure| desk.explain(failure))?;
        let answer = question.ask(&mut holding, &mut desk).await;
        if let Some(outcome) = taps.end(holding, answer, desk.can_go_on()).await {
            return outcome.map_err(|failure| desk.explain(failure));
        }
    }
}

#[cfg(test)]
mod tests;
