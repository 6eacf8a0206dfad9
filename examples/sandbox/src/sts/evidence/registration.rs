//! Registrations (利用者登録): who is known to which facility, and until when. A handle opens a re-visit; it is opaque, bound
//! to facility and device, and here only as its digest. How long a registration lasts is the platform's to say, and each
//! event that shows that the person is still served makes it last longer.

use sqlx::Row;

use super::opens::Method;
use crate::base::database::{Result as Stored, Store};
use crate::base::jws::sha256;
use crate::base::keys::random_id;
use crate::base::refusal::Refusal;
use crate::sts::caller::Caller;
use crate::sts::grant::Proven;

/// The tables of registrations.
pub(crate) struct Registrations<'a>(pub(crate) &'a Store);

impl Registrations<'_> {
    /// Whom a handle is for, if it is the sender's and the registration lasts.
    pub(crate) async fn judge(
        &self,
        handle: &str,
        caller: &Caller,
        now: i64,
    ) -> Result<Proven, Refusal> {
        let row = sqlx::query(
            "SELECT sts_handle.facility_id, jkt, pmh_id, verified_at, valid_until FROM sts_handle \
             JOIN sts_registration USING (facility_id, subject) WHERE digest = $1",
        )
        .bind(sha256(handle.as_bytes()))
        .fetch_optional(self.0.pool())
        .await?;
        // Ended, or never begun: whoever has the handle is told the same.
        let row = row.ok_or(Refusal::RegistrationExpired)?;
        if row.try_get::<String, _>("jkt")? != caller.jkt {
            return Err(Refusal::BindingMismatch("cnf"));
        }
        if row.try_get::<String, _>("facility_id")? != caller.member.facility_id {
            return Err(Refusal::BindingMismatch("fac"));
        }
        if now >= row.try_get("valid_until")? {
            return Err(Refusal::RegistrationExpired);
        }
        Ok(Proven {
            method: Method::Registered,
            pmh_id: row.try_get("pmh_id")?,
            purposes: vec!["view".to_owned()],
            basis: String::new(),
            verified_at: row.try_get("verified_at")?,
            evidence_id: random_id()?,
            again: true,
        })
    }

    /// Until when a person is registered with a facility, seconds since the epoch.
    pub(crate) async fn until(&self, facility: &str, subject: &str) -> Stored<Option<i64>> {
        sqlx::query_scalar(
            "SELECT valid_until FROM sts_registration WHERE facility_id = $1 AND subject = $2",
        )
        .bind(facility)
        .bind(subject)
        .fetch_optional(self.0.pool())
        .await
    }

    /// Makes a registration last until then at least. `false` if there is none.
    pub(crate) async fn extend(&self, facility: &str, subject: &str, until: i64) -> Stored<bool> {
        let extended = sqlx::query(
            "UPDATE sts_registration SET valid_until = CASE WHEN valid_until < $3 THEN $3 ELSE valid_until END \
             WHERE facility_id = $1 AND subject = $2",
        )
        .bind(facility)
        .bind(subject)
        .bind(until)
        .execute(self.0.pool())
        .await?;
        Ok(extended.rows_affected() == 1)
    }

    /// Ends a registration, and with it every handle. `false` if there is none.
    pub(crate) async fn end(&self, facility: &str, subject: &str) -> Stored<bool> {
        let mut transaction = self.0.begin().await?;
        sqlx::query("DELETE FROM sts_handle WHERE facility_id = $1 AND subject = $2")
            .bind(facility)
            .bind(subject)
            .execute(&mut *transaction)
            .await?;
        let ended =
            sqlx::query("DELETE FROM sts_registration WHERE facility_id = $1 AND subject = $2")
                .bind(facility)
                .bind(subject)
                .execute(&mut *transaction)
                .await?;
        transaction.commit().await?;
        Ok(ended.rows_affected() == 1)
    }
}
