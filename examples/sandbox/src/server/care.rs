//! What happens at municipalities and at people's homes, as the owner of a sandbox has it happen.

use std::fmt;
use std::sync::Arc;

use super::config::Config;
use super::rooms::Rooms;
use super::sandbox::Sandbox;
use crate::audit::{Event, What, Who};
use crate::base::failure::{Failure, StartError};
use crate::insurer::{Filing, FilingStatus, Opinion};
use crate::sts::Disaster;
use crate::web_service::writes_opinions;

/// The municipalities' counters, whether the sandbox runs or not.
pub struct Municipalities(Arc<Rooms>);

impl Municipalities {
    /// Those of the database of this configuration, beside those who use it; links that are mailed begin with its issuer.
    /// Nothing else of it counts.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let own = Config { database: config.database.clone(), ..Config::default() };
        let issuer = config.issuer.clone().unwrap_or_default();
        Ok(Self(Arc::new(Rooms::furnished(&own, issuer).await?)))
    }

    /// That a municipality has taken a person's consent on its form. `false` if nobody is known under these numbers, or the
    /// insurer is not connected.
    pub async fn take_consent(&self, insurer: &str, number: &str) -> Result<bool, Failure> {
        match self.0.insurer.take_consent(insurer, number).await {
            Ok(Some(pmh_id)) => self.noted(What::Consent, &pmh_id).await,
            _ => Ok(false),
        }
    }

    /// That a person has withdrawn their consent (包括同意): nothing of them is served from now on, whatever token asks.
    /// `false` if there was none.
    pub async fn withdraw_consent(&self, insurer: &str, number: &str) -> Result<bool, Failure> {
        match self.0.insurer.withdraw_consent(insurer, number).await? {
            Some(pmh_id) => self.noted(What::Withdrawal, &pmh_id).await,
            None => Ok(false),
        }
    }

    /// That a person has applied for certification (要介護認定の申請): from now on the municipality takes the consent, on the
    /// form. `false` if nobody is known under these numbers.
    pub async fn apply(&self, insurer: &str, number: &str) -> Result<bool, Failure> {
        Ok(self.0.insurer.apply(insurer, number).await?)
    }

    /// The notices that an insurer has got, the oldest first.
    pub async fn inbox(&self, insurer: &str) -> Result<Vec<Filing>, Failure> {
        Ok(self.0.insurer.inbox(insurer).await?)
    }

    /// What the insurer says to a notice, with the reason why it is returned. One that is accepted has its facility plan
    /// the person's care. `false` if there is none of this name, or a later one has come in its place.
    pub async fn judge_filing(
        &self,
        id: &str,
        status: FilingStatus,
        reason: Option<&str>,
    ) -> Result<bool, Failure> {
        Ok(self.0.insurer.judge_filing(id, status, reason).await?)
    }

    /// Asks a facility for a physician's opinion (主治医意見書) on a person, who applies for certification with it if not before.
    /// Its name; `None` if nobody is known under these numbers, or no physician of the facility writes opinions.
    pub async fn request_opinion(
        &self,
        insurer: &str,
        number: &str,
        facility: &str,
    ) -> Result<Option<String>, Failure> {
        let kind = self.0.staff.facility_kind(facility).await?;
        if kind.is_none_or(|kind| writes_opinions(kind).is_err()) {
            return Ok(None);
        }
        match self.0.insurer.request_opinion(insurer, number, facility).await {
            Ok(asked) => Ok(asked),
            Err(why) => Err(sqlx::Error::Protocol(why.code().to_owned()).into()),
        }
    }

    /// The opinions that an insurer has asked for, and what came, the oldest first.
    pub async fn opinions(&self, insurer: &str) -> Result<Vec<Opinion>, Failure> {
        Ok(self.0.insurer.opinions(insurer).await?)
    }

    /// Puts the rules for disasters in force for facilities and a time, declared by two of the staff.
    pub async fn declare_disaster(&self, disaster: &Disaster) -> Result<(), Failure> {
        let mut known = true;
        for id in &disaster.declared_by {
            known &= self.0.staff.member(id).await?.is_some();
        }
        if !known || !disaster.holds() {
            return Err(Failure::Declaration);
        }
        self.0.sts.declare(disaster).await?;
        for facility in &disaster.facilities {
            let who = Who { facility, ..Who::default() };
            let event = Event { what: What::Disaster, outcome: "ok", note: "declared", who };
            self.0.audit.add(&event).await?;
        }
        Ok(())
    }

    /// A key with which the system of these insurers (several for a union) brings their insured in over HTTP, in place of
    /// the one before; good for a year, and told this once.
    pub async fn make_key(&self, insurers: &[String]) -> Result<String, Failure> {
        let made = self.0.insurer.make_key(insurers).await;
        made.map_err(|why| sqlx::Error::Protocol(why.code().to_owned()).into())
    }

    /// Ends that key. `false` if there is none.
    pub async fn end_key(&self, insurers: &[String]) -> Result<bool, Failure> {
        Ok(self.0.insurer.end_key(insurers).await?)
    }

    pub(super) fn rooms(&self) -> &Rooms {
        &self.0
    }

    async fn noted(&self, what: What, pmh_id: &str) -> Result<bool, Failure> {
        let who = Who { person: pmh_id, ..Who::default() };
        let event = Event { what, outcome: "ok", note: "municipality", who };
        self.0.audit.add(&event).await?;
        Ok(true)
    }
}

impl fmt::Debug for Municipalities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Municipalities")
    }
}

impl Sandbox {
    /// The municipalities' counters.
    pub fn municipalities(&self) -> Municipalities {
        Municipalities(self.rooms.clone())
    }

    /// [`Municipalities::take_consent`]
    pub async fn take_consent(&self, insurer: &str, number: &str) -> Result<bool, Failure> {
        self.municipalities().take_consent(insurer, number).await
    }

    /// [`Municipalities::withdraw_consent`]
    pub async fn withdraw_consent(&self, insurer: &str, number: &str) -> Result<bool, Failure> {
        self.municipalities().withdraw_consent(insurer, number).await
    }

    /// [`Municipalities::apply`]
    pub async fn apply(&self, insurer: &str, number: &str) -> Result<bool, Failure> {
        self.municipalities().apply(insurer, number).await
    }

    /// [`Municipalities::inbox`]
    pub async fn inbox(&self, insurer: &str) -> Result<Vec<Filing>, Failure> {
        self.municipalities().inbox(insurer).await
    }

    /// [`Municipalities::judge_filing`]
    pub async fn judge_filing(
        &self,
        id: &str,
        status: FilingStatus,
        reason: Option<&str>,
    ) -> Result<bool, Failure> {
        self.municipalities().judge_filing(id, status, reason).await
    }

    /// [`Municipalities::request_opinion`]
    pub async fn request_opinion(
        &self,
        insurer: &str,
        number: &str,
        facility: &str,
    ) -> Result<Option<String>, Failure> {
        self.municipalities().request_opinion(insurer, number, facility).await
    }

    /// [`Municipalities::opinions`]
    pub async fn opinions(&self, insurer: &str) -> Result<Vec<Opinion>, Failure> {
        self.municipalities().opinions(insurer).await
    }
}
