//! A challenge that is good when it is answered.

use jiff::Timestamp;

use super::bedside::{Bedside, Source};
use super::face::{self, Confirmed};
use super::uncovered::Answering;
use crate::exchange::{Challenge, Clock, Expected, fresh_challenge};
use crate::flow::{DeviceTime, Stage};
use crate::message::{Code, Failure};

/// The challenge of a visit, with the face check that it speaks of.
pub(super) struct Challenged<'a> {
    pub(super) bedside: &'a Bedside<'a>,
    pub(super) expected: &'a Expected<'a>,
    pub(super) face: Confirmed,
    pub(super) challenge: Challenge,
    pub(super) time: ServerTime<'a>,
}

/// The server's time: as it has just told it, or as it is counted on from a ticket.
#[derive(Clone, Copy)]
pub(super) enum ServerTime<'a> {
    Told(Clock),
    Counted(&'a Answering),
}

impl ServerTime<'_> {
    pub(super) fn at(self, device: DeviceTime) -> Timestamp {
        match self {
            Self::Told(clock) => clock.server_time(device),
            Self::Counted(answering) => answering.time(device),
        }
    }
}

impl<'a> Challenged<'a> {
    /// Has one of where they come from.
    pub(super) async fn ask(
        bedside: &'a Bedside<'a>,
        expected: &'a Expected<'a>,
        face: Confirmed,
    ) -> Result<Self, Failure> {
        match bedside.source {
            Source::Platform(platform, staff) => {
                bedside.talk().stage(Stage::Challenge);
                let keys = &bedside.known.challenge_keys;
                let (challenge, clock) =
                    fresh_challenge(platform, keys, staff, expected, face.check).await?;
                let time = ServerTime::Told(clock);
                Ok(Self { bedside, expected, face, challenge, time })
            }
            Source::Ticket(answering) => {
                let (challenge, time) =
                    (answering.challenge.clone(), ServerTime::Counted(answering));
                let face = face.by(|device| time.at(device));
                Ok(Self { bedside, expected, face, challenge, time })
            }
        }
    }

    /// Makes sure that the challenge will live until the proof arrives: finding a PIN, or a card, takes an old person
    /// longer than a challenge lives. No PIN is open on a card.
    pub(super) async fn keep_fresh(&mut self) -> Result<(), Failure> {
        let talk = self.bedside.talk();
        let now = talk.clock().await;
        let apart = matches!(self.time, ServerTime::Told(clock) if clock.came_apart(now));
        let is_fresh = self.challenge.is_fresh(self.time.at(now)) && !apart;
        match self.time {
            ServerTime::Told(_) if is_fresh => return Ok(()),
            ServerTime::Counted(_) if !is_fresh => return Err(Code::TicketExpired.into()),
            ServerTime::Counted(_) if !self.face.is_old(now.monotonic) => return Ok(()),
            _ => {}
        }
        if self.face.is_old(now.monotonic) {
            self.face = face::confirm(talk).await?;
        }
        *self = Self::ask(self.bedside, self.expected, self.face).await?;
        Ok(())
    }
}
