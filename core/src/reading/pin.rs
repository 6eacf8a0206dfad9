//! A new PIN. Nurses are asked to help with it; unlocking is for a town hall or a convenience store, and not offered.

use crate::card::{
    Application, Guard, Holding, NewPin, PinKind, Selected, TapError, Task, over_taps,
};
use crate::flow::{Flow, Stage, Talk};
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
        let mut guard = Guard::new(&talk, pin);
        over_taps(&talk, &mut guard, &mut Change { application, chosen: None }).await
    })
}

struct Change {
    application: Application,
    chosen: Option<NewPin>,
}

impl Task for Change {
    type Outcome = ();

    async fn before_tap(&mut self, talk: &Talk, guard: &mut Guard) -> Result<(), Failure> {
        guard.before_tap(talk).await?;
        if guard.asks_before_tap() && self.chosen.is_none() {
            self.chosen = Some(guard.choose(talk).await?);
        }
        Ok(())
    }

    async fn work(&mut self, holding: &mut Holding, guard: &mut Guard) -> Result<(), TapError> {
        holding.talk().stage(Stage::ReadCard);
        let (mut card, same) = match self.application {
            Application::Jpki => {
                let mut jpki = Selected::required(holding, Application::Jpki).await?;
                let same = guard.meet_selected(&mut jpki).await?;
                (jpki, same)
            }
            other => {
                let same = guard.meet(holding).await?;
                (Selected::required(holding, other).await?, same)
            }
        };
        if !same {
            self.chosen = None;
        }
        // The card says first whether there is anything to change, and what a mistake would cost.
        if guard.is_locked(&mut card).await? {
            return Err(Failure::new(Code::PinBlocked).with_tries_left(0).into());
        }
        let new = match self.chosen.take() {
            Some(chosen) => chosen,
            None => guard.choose(card.talk()).await?,
        };
        if let Err(error) = guard.open(&mut card).await {
            // Chosen and not used: the same card that comes back need not be told again.
            self.chosen = Some(new);
            return Err(error);
        }
        guard.change(&mut card, &new).await
    }
}
