//! Where claims come in (電子請求受付システム), for whoever looks after a sandbox.

use std::fmt;

use jiff::Timestamp;

use super::config::Config;
use super::rooms::Rooms;
use crate::base::failure::{Failure, StartError};

/// The desk of a sandbox, whether it runs or not.
pub struct ClaimDesk(Rooms);

impl ClaimDesk {
    /// The desk in the database of this configuration, beside those who use it. How long a registration lasts is the
    /// configuration's; nothing else of it counts.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let own = Config {
            database: config.database.clone(),
            registration_lifetime: config.registration_lifetime,
            ..Config::default()
        };
        Ok(Self(Rooms::furnished(&own, String::new()).await?))
    }

    /// That a facility has claimed for the person to whom an insurer gave this number (レセプト): their registration there
    /// lasts longer. Until when; `None` if there is none.
    pub async fn receipt(
        &self,
        facility: &str,
        insurer: &str,
        number: &str,
    ) -> Result<Option<Timestamp>, Failure> {
        let until = self.0.sts.receipt(facility, insurer, number).await?;
        Ok(until.and_then(|until| Timestamp::from_second(until).ok()))
    }
}

impl fmt::Debug for ClaimDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimDesk")
    }
}
