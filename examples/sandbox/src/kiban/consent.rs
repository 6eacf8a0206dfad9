//! The comprehensive consent (包括同意): one for each person, for all that is stored now and later, at every facility; who took it
//! and when, and that it was withdrawn.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Kiban;
use crate::base::database::Result as Stored;
use crate::base::refusal::Refusal;

/// Where a person's consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConsentState {
    None,
    Given,
    Withdrawn,
}

impl ConsentState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A person's last consent. Times in seconds since the epoch.
#[derive(Clone)]
pub(crate) struct Consent {
    pub(crate) given_at: i64,
    /// `municipality` or `facility`.
    pub(crate) taken_by: String,
    pub(crate) withdrawn_at: Option<i64>,
}

/// A person's consent, and whether somebody may still take it in the municipality's stead.
pub(crate) struct Standing {
    pub(crate) last: Option<Consent>,
    /// The person has applied for certification since: the municipality takes the consent, on the form.
    pub(crate) applied: bool,
    /// The last day of the present certification, before which the next application is made.
    pub(crate) until: Option<String>,
}

impl Standing {
    pub(crate) fn state(&self) -> ConsentState {
        match &self.last {
            None => ConsentState::None,
            Some(Consent { withdrawn_at: None, .. }) => ConsentState::Given,
            Some(_) => ConsentState::Withdrawn,
        }
    }
}

/// A consent that is taken.
pub(crate) struct Taken<'a> {
    pub(crate) pmh_id: &'a str,
    /// How whoever takes it names what they sent.
    pub(crate) request: &'a str,
    /// The facility; none if it is the municipality.
    pub(crate) facility_id: Option<&'a str>,
    pub(crate) at: i64,
}

impl Kiban {
    /// Where a person's consent stands; nobody else changes it before the end of the transaction.
    pub(crate) async fn consent(
        &self,
        transaction: &mut AnyConnection,
        pmh_id: &str,
    ) -> Result<Standing, Refusal> {
        let held = self.hold(transaction, pmh_id).await?;
        let until = held.record["periodic"]["care_level"]["valid_until"].as_str();
        Ok(Standing {
            applied: held.applied,
            until: until.map(str::to_owned),
            last: last(transaction, pmh_id).await?,
        })
    }

    /// Whether this was sent before.
    pub(crate) async fn was_asked(
        &self,
        transaction: &mut AnyConnection,
        pmh_id: &str,
        request: &str,
    ) -> Stored<bool> {
        let before = "SELECT number FROM kiban_consent WHERE pmh_id = $1 AND request = $2";
        let before = sqlx::query(before).bind(pmh_id).bind(request);
        Ok(before.fetch_optional(transaction).await?.is_some())
    }

    /// Puts a consent on record.
    pub(crate) async fn give(
        &self,
        transaction: &mut AnyConnection,
        taken: &Taken<'_>,
    ) -> Stored<()> {
        sqlx::query(
            "INSERT INTO kiban_consent (pmh_id, request, given_at, taken_by, facility_id) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(taken.pmh_id)
        .bind(taken.request)
        .bind(taken.at)
        .bind(if taken.facility_id.is_some() { "facility" } else { "municipality" })
        .bind(taken.facility_id)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE kiban_insured SET consent = 1 WHERE pmh_id = $1")
            .bind(taken.pmh_id)
            .execute(transaction)
            .await?;
        Ok(())
    }

    /// Ends a consent: nothing of the person is served from now on. `false` if there is none.
    pub(crate) async fn withdraw(
        &self,
        transaction: &mut AnyConnection,
        pmh_id: &str,
        at: i64,
    ) -> Stored<bool> {
        sqlx::query("UPDATE kiban_insured SET consent = 0 WHERE pmh_id = $1")
            .bind(pmh_id)
            .execute(&mut *transaction)
            .await?;
        let over =
            "UPDATE kiban_consent SET withdrawn_at = $2 WHERE pmh_id = $1 AND withdrawn_at IS NULL";
        let over = sqlx::query(over).bind(pmh_id).bind(at).execute(transaction).await?;
        Ok(over.rows_affected() > 0)
    }

    /// Notes that a person has applied for certification. `false` if nobody is known under this.
    pub(crate) async fn apply(
        &self,
        transaction: &mut AnyConnection,
        pmh_id: &str,
    ) -> Stored<bool> {
        let applied = "UPDATE kiban_insured SET applied = 1 WHERE pmh_id = $1";
        let applied = sqlx::query(applied).bind(pmh_id).execute(transaction).await?;
        Ok(applied.rows_affected() == 1)
    }

    /// After people were brought in, by the configuration (0) or with a file: what they said here since the last time counts,
    /// and of whoever said nothing what the municipality says.
    pub(crate) async fn settle_consents(
        &self,
        transaction: &mut AnyConnection,
        brought: i64,
        now: i64,
    ) -> Stored<()> {
        sqlx::query(
            "INSERT INTO kiban_consent (pmh_id, request, given_at, taken_by) \
             SELECT pmh_id, 'import', $1, 'municipality' FROM kiban_insured \
             WHERE consent = 1 AND brought = $2 AND NOT EXISTS \
             (SELECT 1 FROM kiban_consent AS said WHERE said.pmh_id = kiban_insured.pmh_id)",
        )
        .bind(now)
        .bind(brought)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE kiban_insured SET consent = CASE WHEN EXISTS \
             (SELECT 1 FROM kiban_consent AS said WHERE said.pmh_id = kiban_insured.pmh_id \
             AND said.withdrawn_at IS NULL) THEN 1 ELSE 0 END WHERE brought = $1",
        )
        .bind(brought)
        .execute(transaction)
        .await?;
        Ok(())
    }
}

async fn last(transaction: &mut AnyConnection, pmh_id: &str) -> Stored<Option<Consent>> {
    let last = "SELECT given_at, taken_by, withdrawn_at FROM kiban_consent WHERE pmh_id = $1 \
                ORDER BY number DESC LIMIT 1";
    let row = sqlx::query(last).bind(pmh_id).fetch_optional(transaction).await?;
    row.as_ref().map(consent).transpose()
}

fn consent(row: &AnyRow) -> Stored<Consent> {
    Ok(Consent {
        given_at: row.try_get("given_at")?,
        taken_by: row.try_get("taken_by")?,
        withdrawn_at: row.try_get("withdrawn_at")?,
    })
}
