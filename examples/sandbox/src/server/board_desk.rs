//! What an insurer does for its certification board (認定審査会), as the owner of a sandbox has it happen.

use super::care::Municipalities;
use crate::base::failure::Failure;
use crate::base::refusal::Refusal;
use crate::board::{Invitation, Mail, Meeting, MeetingChange, MeetingInvalid, NewMeeting};

impl Municipalities {
    /// Registers a meeting of a certification board. Its name, and the reviewers' passwords, which are told this once; their
    /// links are in [`Municipalities::outbox`], and open until the end of the meeting's day.
    pub async fn register_meeting(
        &self,
        meeting: &NewMeeting,
    ) -> Result<(String, Vec<Invitation>), Failure> {
        let registered = self.rooms().board.register(meeting).await.map_err(failed)?;
        registered.map_err(invalid)
    }

    /// Changes a meeting of this insurer; the passwords of those who were invited with it. `None` if there is none of this
    /// name.
    pub async fn change_meeting(
        &self,
        insurer: &str,
        id: &str,
        change: &MeetingChange,
    ) -> Result<Option<Vec<Invitation>>, Failure> {
        let changed = self.rooms().board.change(insurer, id, change).await.map_err(failed)?;
        changed.transpose().map_err(invalid)
    }

    /// Deletes a meeting of this insurer: its links open nothing any more. `false` if there is none of this name.
    pub async fn delete_meeting(&self, insurer: &str, id: &str) -> Result<bool, Failure> {
        Ok(self.rooms().board.delete(insurer, id).await?)
    }

    /// An insurer's meetings, with who has looked at what.
    pub async fn meetings(&self, insurer: &str) -> Result<Vec<Meeting>, Failure> {
        Ok(self.rooms().board.meetings(insurer).await?)
    }

    /// The mail that would have gone to this insurer's reviewers, the oldest first.
    pub async fn outbox(&self, insurer: &str) -> Result<Vec<Mail>, Failure> {
        Ok(self.rooms().board.outbox(insurer).await?)
    }
}

fn invalid(_: MeetingInvalid) -> Failure {
    Failure::Meeting
}

fn failed(why: Refusal) -> Failure {
    sqlx::Error::Protocol(why.code().to_owned()).into()
}
