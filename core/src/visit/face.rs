//! The face: the nurse looks before anything else happens.

use std::time::Duration;

use jiff::Timestamp;

use crate::exchange::{Basis, VisualCheck};
use crate::flow::{Answer, DeviceTime, FaceCheck, Prompt, Stage, Talk};
use crate::message::{Code, Failure};

/// How long a confirmation may be used for: as long as the platform takes it.
const GOOD_FOR: Duration = Duration::from_mins(15);

/// That the nurse has looked.
#[derive(Clone, Copy)]
pub(super) struct Confirmed {
    pub(super) check: VisualCheck,
    at: DeviceTime,
}

impl Confirmed {
    /// The same, with its time as somebody else knows it who was asked when the nurse looked.
    pub(super) fn by(mut self, time: impl FnOnce(DeviceTime) -> Timestamp) -> Self {
        self.check.checked_at = time(self.at);
        self
    }

    /// Whether it was too long ago: the nurse then looks again.
    pub(super) fn is_old(self, monotonic: Duration) -> bool {
        monotonic.saturating_sub(self.at.monotonic) > GOOD_FOR
    }
}

/// Has the nurse compare the face with the photo on the card.
pub(super) async fn confirm(talk: &Talk) -> Result<Confirmed, Failure> {
    talk.stage(Stage::FaceCheck);
    match talk.ask(Prompt::ConfirmFace).await {
        Answer::Face(FaceCheck::Match) => {
            let now = talk.clock().await;
            let check = VisualCheck::matched(Basis::PrintedPhoto, now.wall);
            Ok(Confirmed { check, at: now })
        }
        Answer::Face(FaceCheck::NoMatch) => Err(Code::FaceDiffers.into()),
        _ => Err(Code::Cancelled.into()),
    }
}
