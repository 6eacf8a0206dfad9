//! What was given to somebody, as it is put on record: never the tokens themselves.

use sqlx::AnyConnection;

use crate::base::database::Result;

/// What goes with an answer.
pub(crate) struct Issued {
    /// Of the access token.
    pub(crate) jti: String,
    /// Whom all of it is about.
    pub(crate) pmh_id: String,
    /// When the access token ends, in seconds since the epoch.
    pub(crate) expires_at: i64,
    /// When the person was confirmed with card and PIN, if they were.
    pub(crate) confirmed_with_pin: Option<i64>,
    pub(crate) evidence: Option<NewEvidence>,
    pub(crate) registration: Option<NewRegistration>,
}

/// An evidence token.
pub(crate) struct NewEvidence {
    pub(crate) id: String,
    pub(crate) expires_at: i64,
}

/// A handle to a registration.
pub(crate) struct NewRegistration {
    /// SHA-256 of the handle.
    pub(crate) digest: Vec<u8>,
    pub(crate) facility_id: String,
    pub(crate) subject: String,
    pub(crate) jkt: String,
    pub(crate) verified_at: i64,
    pub(crate) valid_until: i64,
}

impl Issued {
    /// A client's own access token, which is about nobody.
    pub(super) fn of_client(jti: &str, expires_at: i64) -> Self {
        Self {
            jti: jti.to_owned(),
            pmh_id: String::new(),
            expires_at,
            confirmed_with_pin: None,
            evidence: None,
            registration: None,
        }
    }

    /// Puts it on record.
    pub(super) async fn record(&self, transaction: &mut AnyConnection) -> Result<()> {
        sqlx::query("INSERT INTO sts_token (jti, pmh_id, expires_at) VALUES ($1, $2, $3)")
            .bind(&self.jti)
            .bind(&self.pmh_id)
            .bind(self.expires_at)
            .execute(&mut *transaction)
            .await?;
        if let Some(at) = self.confirmed_with_pin {
            sqlx::query(
                "INSERT INTO sts_first_pin (pmh_id, confirmed_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            )
            .bind(&self.pmh_id)
            .bind(at)
            .execute(&mut *transaction)
            .await?;
        }
        if let Some(evidence) = &self.evidence {
            sqlx::query(
                "INSERT INTO sts_evidence (id, pmh_id, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(&evidence.id)
            .bind(&self.pmh_id)
            .bind(evidence.expires_at)
            .execute(&mut *transaction)
            .await?;
        }
        match &self.registration {
            Some(registration) => self.register(registration, transaction).await,
            None => Ok(()),
        }
    }

    async fn register(
        &self,
        registration: &NewRegistration,
        transaction: &mut AnyConnection,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO sts_registration (facility_id, subject, pmh_id, verified_at, valid_until) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (facility_id, subject) DO UPDATE \
             SET verified_at = excluded.verified_at, valid_until = excluded.valid_until",
        )
        .bind(&registration.facility_id)
        .bind(&registration.subject)
        .bind(&self.pmh_id)
        .bind(registration.verified_at)
        .bind(registration.valid_until)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO sts_handle (digest, facility_id, subject, jkt) VALUES ($1, $2, $3, $4)",
        )
        .bind(registration.digest.as_slice())
        .bind(&registration.facility_id)
        .bind(&registration.subject)
        .bind(&registration.jkt)
        .execute(transaction)
        .await?;
        Ok(())
    }
}
