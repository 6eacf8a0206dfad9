//! A challenge that is good when it is answered.

use super::bedside::{Bedside, Source};
use super::face::{self, Confirmed};
use crate::exchange::{Challenge, Clock, Expected, fresh_challenge};
use crate::flow::Stage;
use crate::message::Failure;

/// The challenge of a visit, with the face check that it speaks of.
pub(super) struct Challenged<'a> {
    pub(super) bedside: &'a Bedside<'a>,
    pub(super) expected: &'a Expected<'a>,
    pub(super) face: Confirmed,
    pub(super) challenge: Challenge,
    /// The server's time.
    pub(super) clock: Clock,
}

impl<'a> Challenged<'a> {
    /// Has one of where they come from.
    pub(super) async fn ask(
        bedside: &'a Bedside<'a>,
        expected: &'a Expected<'a>,
        face: Confirmed,
    ) -> Result<Self, Failure> {
        let Source::Platform(platform, staff) = bedside.source;
        bedside.talk().stage(Stage::Challenge);
        let keys = &bedside.known.challenge_keys;
        let (challenge, clock) =
            fresh_challenge(platform, keys, staff, expected, face.check).await?;
        Ok(Self { bedside, expected, face, challenge, clock })
    }

    /// Makes sure that the challenge will live until the proof arrives: finding a PIN, or a card, takes an old person
    /// longer than a challenge lives. No PIN is open on a card.
    pub(super) async fn keep_fresh(&mut self) -> Result<(), Failure> {
        let talk = self.bedside.talk();
        let now = talk.clock().await;
        if self.challenge.is_fresh(self.clock.server_time(now)) && !self.clock.came_apart(now) {
            return Ok(());
        }
        if self.face.is_old(now.monotonic) {
            self.face = face::confirm(talk).await?;
        }
        *self = Self::ask(self.bedside, self.expected, self.face).await?;
        Ok(())
    }
}
