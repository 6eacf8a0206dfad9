//! A challenge that is good when it is answered.

use super::Environment;
use super::face::{self, Confirmed};
use crate::exchange::{Challenge, Clock, Expected, fresh_challenge};
use crate::flow::Stage;
use crate::message::Failure;
use crate::platform::Platform;

/// The challenge of a visit, with the face check that it speaks of.
pub(super) struct Challenged<'a> {
    pub(super) platform: &'a Platform<'a>,
    pub(super) environment: &'a Environment,
    pub(super) expected: &'a Expected<'a>,
    pub(super) face: Confirmed,
    pub(super) challenge: Challenge,
    /// The server's time.
    pub(super) clock: Clock,
}

impl<'a> Challenged<'a> {
    /// Asks the platform for one.
    pub(super) async fn ask(
        platform: &'a Platform<'a>,
        environment: &'a Environment,
        expected: &'a Expected<'a>,
        face: Confirmed,
    ) -> Result<Self, Failure> {
        platform.talk.stage(Stage::Challenge);
        let keys = &environment.challenge_keys;
        let (challenge, clock) = fresh_challenge(platform, keys, expected, face.check).await?;
        Ok(Self { platform, environment, expected, face, challenge, clock })
    }

    /// Makes sure that the challenge will live until the proof arrives: finding a PIN, or a card, takes an old person
    /// longer than a challenge lives. No PIN is open on a card.
    pub(super) async fn keep_fresh(&mut self) -> Result<(), Failure> {
        let now = self.platform.talk.clock().await;
        if self.challenge.is_fresh(self.clock.server_time(now)) && !self.clock.came_apart(now) {
            return Ok(());
        }
        if self.face.is_old(now.monotonic) {
            self.face = face::confirm(self.platform.talk).await?;
        }
        *self = Self::ask(self.platform, self.environment, self.expected, self.face).await?;
        Ok(())
    }
}
