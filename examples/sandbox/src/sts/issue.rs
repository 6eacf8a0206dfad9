//! What was given to somebody, as it is put on record: never the tokens themselves.

use sqlx::AnyConnection;

use super::domain::Domain;
use super::evidence::Handle;
use crate::base::database::Result;
use crate::kiban::Place;

/// What goes with an answer.
pub(crate) struct Issued {
    /// The access token, if one was given.
    pub(crate) token: Option<NewToken>,
    /// Whom all of it is about.
    pub(crate) pmh_id: String,
    /// Where, and under which name there.
    pub(crate) facility_id: String,
    pub(crate) subject: String,
    /// When the person was confirmed with card and PIN, if they were.
    pub(crate) confirmed_with_pin: Option<i64>,
    /// The insurance that the visit is for.
    pub(crate) domain: Domain,
    pub(crate) evidence: Option<NewEvidence>,
    pub(crate) registration: Option<NewRegistration>,
}

/// An access token.
pub(crate) struct NewToken {
    pub(crate) jti: String,
    /// Seconds since the epoch.
    pub(crate) expires_at: i64,
}

/// An evidence token.
pub(crate) struct NewEvidence {
    pub(crate) id: String,
    pub(crate) expires_at: i64,
}

/// A handle to a registration.
pub(crate) struct NewHandle {
    /// SHA-256 of it.
    pub(crate) digest: Vec<u8>,
    pub(crate) jkt: String,
    pub(crate) given_at: i64,
}

/// A registration.
pub(crate) struct NewRegistration {
    /// A handle to it, if one was given.
    pub(crate) handle: Option<NewHandle>,
    /// How the person was verified, and when.
    pub(crate) method: &'static str,
    pub(crate) verified_at: i64,
    pub(crate) valid_until: i64,
    /// By what the list of the facility has them.
    pub(crate) place: Place,
}

/// What an answer stands on that may end while it is being made.
#[derive(Clone, Copy)]
pub(crate) enum Ground<'a> {
    Nothing,
    /// A verification of this name.
    Evidence(&'a str),
    /// The registration of this subject.
    Registration(&'a str),
}

impl Ground<'_> {
    /// Whether it is still there, and keeps it until the end of the transaction.
    pub(super) async fn holds(
        self,
        transaction: &mut AnyConnection,
        facility: &str,
    ) -> Result<bool> {
        // A write that changes nothing: whoever ends it waits, or has been faster.
        let (kept, name) = match self {
            Self::Nothing => return Ok(true),
            Self::Evidence(id) => (
                "UPDATE sts_evidence SET expires_at = expires_at WHERE facility_id = $1 AND id = $2",
                id,
            ),
            Self::Registration(subject) => (
                "UPDATE sts_registration SET valid_until = valid_until WHERE facility_id = $1 AND subject = $2",
                subject,
            ),
        };
        let kept = sqlx::query(kept).bind(facility).bind(name).execute(transaction).await?;
        Ok(kept.rows_affected() == 1)
    }
}

impl Issued {
    /// A client's own access token, which is about nobody.
    pub(super) fn of_client(jti: &str, expires_at: i64) -> Self {
        Self {
            token: Some(NewToken { jti: jti.to_owned(), expires_at }),
            pmh_id: String::new(),
            facility_id: String::new(),
            subject: String::new(),
            confirmed_with_pin: None,
            domain: Domain::Care,
            evidence: None,
            registration: None,
        }
    }

    /// Puts it on record.
    pub(super) async fn record(&self, transaction: &mut AnyConnection) -> Result<()> {
        if let Some(token) = &self.token {
            sqlx::query(
                "INSERT INTO sts_token (jti, pmh_id, facility_id, expires_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(&token.jti)
            .bind(&self.pmh_id)
            .bind(&self.facility_id)
            .bind(token.expires_at)
            .execute(&mut *transaction)
            .await?;
        }
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
                "INSERT INTO sts_evidence (id, pmh_id, facility_id, expires_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT DO NOTHING",
            )
            .bind(&evidence.id)
            .bind(&self.pmh_id)
            .bind(&self.facility_id)
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
        let NewRegistration { place, .. } = registration;
        sqlx::query(
            "INSERT INTO sts_registration \
             (facility_id, subject, pmh_id, method, verified_at, valid_until, name_order, birth) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (facility_id, subject) DO UPDATE SET \
             method = CASE WHEN excluded.verified_at < sts_registration.verified_at \
             THEN sts_registration.method ELSE excluded.method END, \
             verified_at = CASE WHEN excluded.verified_at < sts_registration.verified_at \
             THEN sts_registration.verified_at ELSE excluded.verified_at END, \
             valid_until = CASE WHEN excluded.valid_until < sts_registration.valid_until \
             THEN sts_registration.valid_until ELSE excluded.valid_until END, \
             name_order = excluded.name_order, birth = excluded.birth",
        )
        .bind(&self.facility_id)
        .bind(&self.subject)
        .bind(&self.pmh_id)
        .bind(registration.method)
        .bind(registration.verified_at)
        .bind(registration.valid_until)
        .bind(&place.name)
        .bind(&place.birth)
        .execute(&mut *transaction)
        .await?;
        let Some(handle) = &registration.handle else { return Ok(()) };
        let handle = Handle {
            digest: &handle.digest,
            facility: &self.facility_id,
            subject: &self.subject,
            jkt: &handle.jkt,
            given_at: handle.given_at,
        };
        handle.give(transaction).await
    }
}
