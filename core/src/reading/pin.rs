//! A new PIN. Nurses are asked to help with it; unlocking is the town hall's, and not offered.

use super::{Question, over_taps};
use crate::card::{Application, Desk, Holding, NewPin, PinKind, Selected, TapError};
use crate::flow::{Flow, Stage};
use crate::message::{Code, Failure};

/// Changes the PIN of the authentication key, the password of the signature key, or the input-support PIN: the old one
/// through the guard, the new one twice. The numbers that stand on the card cannot be changed.
pub fn change_pin(pin: PinKind) -> Flow<Result<(), Failure>> {
    Flow::new(move |talk| async move {
        let application = match pin {
            PinKind::Authentication | PinKind::Signature => Application::Jpki,
            PinKind::InputSupport => Application::InputSupport,
            PinKind::VerificationNumberB | PinKind::BirthDate => {
                return Err(Code::PinNotChanged.into());
            }
        };
        over_taps(&talk, pin, Change { application, chosen: None }).await
    })
}

struct Change {
    application: Application,
    chosen: Option<NewPin>,
}

impl Question for Change {
    type Answer = ();

    async fn ask(&mut self, holding: &mut Holding, desk: &mut Desk) -> Result<(), TapError> {
        holding.talk().stage(Stage::ReadCard);
        let mut card = Selected::required(holding, self.application).await?;
        // The card says first whether there is anything to change, and what a mistake would cost.
        if desk.is_locked(&mut card).await? {
            return Err(Failure::new(Code::PinBlocked).with_tries_left(0).into());
        }
        let new = match self.chosen.take() {
            Some(chosen) => chosen,
            None => desk.choose(card.talk()).await?,
        };
        if let Err(error) = desk.open(&mut card).await {
            // Chosen and not used: a card that comes back need not be told again.
            self.chosen = Some(new);
            return Err(error);
        }
        desk.change(&mut card, &new).await
    }
}
