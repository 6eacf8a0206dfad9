//! What happens at municipalities and at people's homes, as the owner of a sandbox has it happen.

use super::sandbox::Sandbox;
use crate::audit::{Event, What, Who};
use crate::base::failure::Failure;
use crate::insurer::{Filing, FilingStatus};

impl Sandbox {
    /// That a municipality has taken a person's consent on its form. `false` if nobody is known under these numbers, or the
    /// insurer is not connected.
    pub async fn take_consent(&self, insurer: &str, number: &str) -> Result<bool, Failure> {
        match self.rooms.insurer.take_consent(insurer, number).await {
            Ok(Some(pmh_id)) => self.noted(What::Consent, &pmh_id).await,
            _ => Ok(false),
        }
    }

    /// That a person has withdrawn their consent (包括同意): nothing of them is served from now on, whatever token asks.
    /// `false` if there was none.
    pub async fn withdraw_consent(&self, insurer: &str, number: &str) -> Result<bool, Failure> {
        match self.rooms.insurer.withdraw_consent(insurer, number).await? {
            Some(pmh_id) => self.noted(What::Withdrawal, &pmh_id).await,
            None => Ok(false),
        }
    }

    /// That a person has applied for certification (要介護認定の申請): from now on the municipality takes the consent, on the
    /// form. `false` if nobody is known under these numbers.
    pub async fn apply(&self, insurer: &str, number: &str) -> Result<bool, Failure> {
        Ok(self.rooms.insurer.apply(insurer, number).await?)
    }

    /// The notices that an insurer has got, the oldest first.
    pub async fn inbox(&self, insurer: &str) -> Result<Vec<Filing>, Failure> {
        Ok(self.rooms.insurer.inbox(insurer).await?)
    }

    /// What the insurer says to a notice, with the reason why it is returned. One that is accepted has its facility plan
    /// the person's care. `false` if there is none of this name, or a later one has come in its place.
    pub async fn judge_filing(
        &self,
        id: &str,
        status: FilingStatus,
        reason: Option<&str>,
    ) -> Result<bool, Failure> {
        Ok(self.rooms.insurer.judge_filing(id, status, reason).await?)
    }

    async fn noted(&self, what: What, pmh_id: &str) -> Result<bool, Failure> {
        let who = Who { person: pmh_id, ..Who::default() };
        let event = Event { what, outcome: "ok", note: "municipality", who };
        self.rooms.audit.add(&event).await?;
        Ok(true)
    }
}
