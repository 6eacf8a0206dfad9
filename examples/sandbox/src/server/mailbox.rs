//! Mail to staff, which goes nowhere, for whoever looks after a sandbox.

use std::fmt;

use super::config::Config;
use super::rooms::Rooms;
use crate::base::database::Database;
use crate::base::failure::{Failure, StartError};

/// The mailboxes of a sandbox's staff, whether it runs or not.
pub struct Mailbox(Rooms);

impl Mailbox {
    /// Those in this database, beside those who use it.
    pub async fn open(database: &Database) -> Result<Self, StartError> {
        let own = Config { database: database.clone(), ..Config::default() };
        Ok(Self(Rooms::furnished(&own, String::new()).await?))
    }

    /// The one-time code that would have been mailed last to a staff member who signs in by the API that stands in for the
    /// national standard 1.0 (`docs/standard-api.md`), while it is good.
    pub async fn one_time_code(&self, staff_id: &str) -> Result<Option<String>, Failure> {
        one_time_code(&self.0, staff_id).await
    }
}

pub(super) async fn one_time_code(
    rooms: &Rooms,
    staff_id: &str,
) -> Result<Option<String>, Failure> {
    let code = rooms.web_service.code_mailed(staff_id).await;
    code.map_err(|why| sqlx::Error::Protocol(why.code().to_owned()).into())
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox")
    }
}
