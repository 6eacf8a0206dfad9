//! What may be asked of a card, as flows: what it is, its certificates, its holder, its face; and a new PIN.
//!
//! Every flow leaves the card clean and survives a card that slips; those that need a PIN ask for it through the guard.
//! What names a person comes with its proof: a record without a valid signature is not given out.

pub(crate) mod age;
mod certificate;
pub(crate) mod face;
mod holder;
mod own_certificate;
mod pin;
pub(crate) mod proven;
mod status;

pub use age::{Age, age};
pub use certificate::certificate;
pub use face::{Face, face, information};
pub use holder::{Holder, HolderKey, holder};
pub(crate) use own_certificate::own_certificate;
pub use pin::change_pin;
pub use proven::Proven;
pub use status::{CardStatus, CertificateState, PinReport, PinState, status};

use ring::digest;

use crate::card::{Guard, Holding, PinKind, TapError, Task, over_taps};
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

/// What is asked of a card without any PIN, answered within one tap.
trait Question {
    /// What comes of it.
    type Answer;

    /// Asks. After a torn tap it is asked anew, from the start.
    fn ask(
        &mut self,
        holding: &mut Holding,
    ) -> impl Future<Output = Result<Self::Answer, TapError>> + Send;
}

/// A question as a task: nothing is to be done before a tap, and the guard has nothing to guard.
struct Free<Q>(Q);

impl<Q: Question + Send> Task for Free<Q> {
    type Outcome = Q::Answer;

    async fn before_tap(&mut self, _: &Talk, _: &mut Guard) -> Result<(), Failure> {
        Ok(())
    }

    async fn work(&mut self, holding: &mut Holding, _: &mut Guard) -> Result<Q::Answer, TapError> {
        self.0.ask(holding).await
    }
}

/// Asks a question, over as many taps as it takes.
async fn free<Q: Question + Send>(talk: &Talk, question: Q) -> Result<Q::Answer, Failure> {
    let mut guard = Guard::new(talk, PinKind::Authentication);
    over_taps(talk, &mut guard, &mut Free(question)).await
}

/// Works a task with a PIN through, over as many taps as it takes.
async fn guarded<T: Task>(talk: &Talk, pin: PinKind, mut job: T) -> Result<T::Outcome, Failure> {
    over_taps(talk, &mut Guard::new(talk, pin), &mut job).await
}

#[cfg(test)]
mod tests;
