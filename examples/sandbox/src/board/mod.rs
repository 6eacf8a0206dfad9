//! Papers of certification boards (認定審査会資料): an insurer registers a meeting, each reviewer gets a link by mail and a password
//! by another way, and the insurer sees who has looked.

mod meeting;
mod outbox;
mod page;
mod reviewer;
mod routes;

use std::sync::Arc;

pub(crate) use meeting::MeetingInvalid;
pub use meeting::{Invitation, Look, Meeting, MeetingChange, MeetingFile, NewMeeting, Reviewer};
pub use outbox::Mail;
pub(crate) use routes::routes;

use crate::audit::Audit;
use crate::base::Base;
use crate::base::database::Migrations;
use crate::staff::Staff;

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "board",
    sqlite: &[include_str!("migrations/sqlite/0001_meeting.sql")],
    postgres: &[include_str!("migrations/postgres/0001_meeting.sql")],
};

pub(crate) struct Board {
    base: Arc<Base>,
    audit: Arc<Audit>,
    /// Passwords are made and compared as those of staff are.
    staff: Arc<Staff>,
}

impl Board {
    pub(crate) fn new(base: Arc<Base>, audit: Arc<Audit>, staff: Arc<Staff>) -> Self {
        Self { base, audit, staff }
    }
}
