//! What came of everything that was sent from a device's journal.

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::base::database::{Migrations, Result, Store};
use crate::sts::{Domain, Method, USED_KEPT, Visit};

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "offline",
    sqlite: &[include_str!("migrations/sqlite/0001_entry.sql")],
    postgres: &[include_str!("migrations/postgres/0001_entry.sql")],
};

/// Something that is sent from a device's journal.
pub(super) struct Sent<'a> {
    /// SHA-256 of it.
    pub(super) digest: &'a [u8],
    /// Thumbprint of the key of the device that sends it.
    pub(super) jkt: &'a str,
    /// Its name and its number, as it says.
    pub(super) id: &'a str,
    pub(super) seq: i64,
}

/// The tables.
pub(super) struct Entries<'a>(pub(super) &'a Store);

impl Entries<'_> {
    /// What something was answered, and the device that sent it.
    pub(super) async fn answer(&self, digest: &[u8]) -> Result<Option<(Value, String)>> {
        let row = sqlx::query("SELECT answer, jkt FROM offline_entry WHERE digest = $1")
            .bind(digest)
            .fetch_optional(self.0.pool())
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((json(&row, "answer")?, row.try_get("jkt")?)))
    }

    /// Whether something of this name that a device has sent has its answer.
    pub(super) async fn is_named(&self, jkt: &str, id: &str) -> Result<bool> {
        let named = sqlx::query("SELECT seq FROM offline_entry WHERE jkt = $1 AND id = $2");
        let named = named.bind(jkt).bind(id).fetch_optional(self.0.pool()).await?;
        Ok(named.is_some())
    }

    /// A visit of this name that a device has sent. Inside, none if it was refused.
    pub(super) async fn visit(&self, jkt: &str, id: &str) -> Result<Option<Option<Visit>>> {
        let row = sqlx::query(
            "SELECT offline_confirmed.*, offline_entry.id AS known FROM offline_entry \
             LEFT JOIN offline_confirmed USING (jkt, id) WHERE offline_entry.jkt = $1 AND offline_entry.id = $2",
        )
        .bind(jkt)
        .bind(id)
        .fetch_optional(self.0.pool())
        .await?;
        row.map(|row| visit(&row)).transpose()
    }

    /// Removes what has been kept for long enough.
    pub(super) async fn sweep(&self, now: i64) -> Result<()> {
        for removal in [
            "DELETE FROM offline_entry WHERE taken_at < $1",
            "DELETE FROM offline_confirmed WHERE taken_at < $1",
        ] {
            sqlx::query(removal).bind(now - USED_KEPT).execute(self.0.pool()).await?;
        }
        Ok(())
    }
}

impl Sent<'_> {
    /// Puts on record what it is answered. False, and nothing is recorded, if it has an answer or its name was used.
    pub(super) async fn add(
        &self,
        transaction: &mut AnyConnection,
        answer: &Value,
        now: i64,
    ) -> Result<bool> {
        let added = sqlx::query(
            "INSERT INTO offline_entry (digest, jkt, id, seq, answer, taken_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(self.digest)
        .bind(self.jkt)
        .bind(self.id)
        .bind(self.seq)
        .bind(answer.to_string())
        .bind(now)
        .execute(transaction)
        .await?;
        Ok(added.rows_affected() == 1)
    }

    /// Whether its number came before, with something else.
    pub(super) async fn number_came(&self, transaction: &mut AnyConnection) -> Result<bool> {
        let came: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM offline_entry WHERE jkt = $1 AND seq = $2 AND digest <> $3",
        )
        .bind(self.jkt)
        .bind(self.seq)
        .bind(self.digest)
        .fetch_one(transaction)
        .await?;
        Ok(came > 0)
    }

    /// Puts on record that it is a visit that was confirmed.
    pub(super) async fn confirm(
        &self,
        transaction: &mut AnyConnection,
        visit: &Visit,
        now: i64,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO offline_confirmed (jkt, id, facility_id, staff_id, evidence_id, method, purpose, domain, \
             verified_at, claimed_at, taken_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.jkt)
        .bind(self.id)
        .bind(&visit.facility_id)
        .bind(&visit.staff_id)
        .bind(&visit.evidence_id)
        .bind(visit.method.name())
        .bind(Value::from(visit.purposes.clone()).to_string())
        .bind(visit.domain.name())
        .bind(visit.verified_at)
        .bind(visit.claimed_at)
        .bind(now)
        .execute(transaction)
        .await?;
        Ok(())
    }
}

fn visit(row: &AnyRow) -> Result<Option<Visit>> {
    let Some(method) = row.try_get::<Option<String>, _>("method")? else { return Ok(None) };
    let unknown = || sqlx::Error::Decode("a visit of a kind that is none".into());
    let purposes = serde_json::from_value(json(row, "purpose")?);
    Ok(Some(Visit {
        facility_id: row.try_get("facility_id")?,
        staff_id: row.try_get("staff_id")?,
        evidence_id: row.try_get("evidence_id")?,
        method: Method::named(&method).ok_or_else(unknown)?,
        purposes: purposes.map_err(|_| unknown())?,
        domain: Domain::named(row.try_get("domain")?).ok_or_else(unknown)?,
        verified_at: row.try_get("verified_at")?,
        claimed_at: row.try_get("claimed_at")?,
    }))
}

fn json(row: &AnyRow, column: &str) -> Result<Value> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
