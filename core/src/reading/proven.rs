//! Records of one application, read in one tap, with what proves them.

use std::fmt;

use zeroize::Zeroizing;

use super::{Challenge, sha256};
use crate::card::{Application, File, Guard, Holding, Selected, TapError, Task};
use crate::flow::{Stage, Talk};
use crate::message::Failure;
use crate::pki::card_certificate::{Genuineness, Live};

/// What a record says, and what was shown of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Proven<R> {
    /// The record.
    pub record: R,
    /// What was shown of it.
    pub genuineness: Genuineness,
}

impl<R> fmt::Debug for Proven<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proven").field("genuineness", &self.genuineness).finish_non_exhaustive()
    }
}

/// Asks for files of one application, behind the PIN that the guard is for, and has the application answer a challenge.
pub(super) struct Records<const N: usize> {
    application: Application,
    files: [File; N],
    challenge: Option<Zeroizing<Challenge>>,
}

impl<const N: usize> Records<N> {
    pub(super) fn new(
        application: Application,
        files: [File; N],
        challenge: Option<Challenge>,
    ) -> Self {
        Self { application, files, challenge: challenge.map(Zeroizing::new) }
    }
}

/// What was read, in the order of the files.
pub(crate) struct Read<const N: usize> {
    pub(crate) records: [Zeroizing<Vec<u8>>; N],
    pub(super) answered: Option<Answered>,
}

/// What the application was asked, and its signature over it.
pub(super) struct Answered {
    asked: Zeroizing<Vec<u8>>,
    signature: Vec<u8>,
}

impl<const N: usize> Task for Records<N> {
    type Outcome = Read<N>;

    async fn before_tap(&mut self, talk: &Talk, guard: &mut Guard) -> Result<(), Failure> {
        guard.before_tap(talk).await
    }

    async fn work(
        &mut self,
        holding: &mut Holding,
        guard: &mut Guard,
    ) -> Result<Read<N>, TapError> {
        holding.talk().stage(Stage::ReadCard);
        guard.meet(holding).await?;
        let asked = self.challenge.as_ref().map(|challenge| challenge.to_vec());
        read(holding, guard, self.application, self.files, |_| asked.map(Zeroizing::new)).await
    }
}

/// Reads files of one application of the card that was met, behind the PIN that the guard is for, and has the application
/// sign what `ask` makes of them. In one tap: what it signs is shown to be of the card that was read.
pub(crate) async fn read<const N: usize>(
    holding: &mut Holding,
    guard: &mut Guard,
    application: Application,
    files: [File; N],
    ask: impl FnOnce(&[Zeroizing<Vec<u8>>; N]) -> Option<Zeroizing<Vec<u8>>>,
) -> Result<Read<N>, TapError> {
    let mut card = Selected::required(holding, application).await?;
    guard.open(&mut card).await?;
    card.talk().stage(Stage::ReadCard);
    let mut records = std::array::from_fn(|_| Zeroizing::default());
    for (record, file) in records.iter_mut().zip(files) {
        *record = card.read_required(file).await?;
    }
    let answered = match ask(&records) {
        None => None,
        Some(asked) => {
            let signature = card.sign_challenge(&sha256(&asked)).await?;
            Some(Answered { asked, signature })
        }
    };
    Ok(Read { records, answered })
}

impl<const N: usize> Read<N> {
    /// The answer, if something was asked.
    pub(crate) fn live(&self) -> Option<Live<'_>> {
        self.answered.as_ref().map(|answered| Live {
            challenge: sha256(&answered.asked),
            asked: &answered.asked,
            signature: &answered.signature,
        })
    }
}
