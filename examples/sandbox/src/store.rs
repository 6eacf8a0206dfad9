//! The database, and everything that must happen in it at once.

use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::types::Json;

use crate::config::Database;

/// Each form of the schema, made from the one before.
const SCHEMA: [&str; 2] =
    [include_str!("../schema/0001_first.sql"), include_str!("../schema/0002_jlis.sql")];

type Result<T> = std::result::Result<T, sqlx::Error>;

pub(crate) struct Store {
    pool: SqlitePool,
}

/// A challenge as it was given out. Times in seconds since the epoch.
pub(crate) struct Challenge {
    pub(crate) jti: String,
    pub(crate) nonce: String,
    pub(crate) facility_id: String,
    pub(crate) staff_id: String,
    pub(crate) purpose: Vec<String>,
    pub(crate) visit_id: String,
    pub(crate) basis: String,
    pub(crate) checked_at: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
}

/// Who uses a challenge with what.
pub(crate) struct Use<'a> {
    /// SHA-256 of the challenge.
    pub(crate) challenge: &'a [u8],
    /// SHA-256 of the assertion.
    pub(crate) assertion: &'a [u8],
    pub(crate) staff_id: &'a str,
}

/// What came of an attempt to use a challenge.
pub(crate) enum Consumed {
    /// It was open and is used now: nobody else gets this answer.
    Now(Challenge),
    /// It was used before; whether by the same staff member with the same bytes, and when.
    Before { same: bool, used_at: i64 },
    /// No such challenge was given out.
    Never,
}

/// A token to be recorded with the answer that carries it.
pub(crate) struct IssuedToken {
    pub(crate) jti: String,
    pub(crate) link_number: String,
    pub(crate) expires_at: i64,
}

/// A person as qualification and kiban keep them.
pub(crate) struct PersonRow {
    pub(crate) link_number: String,
    /// Keyed digests.
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) health_insurance_use: bool,
    pub(crate) insured: Insured,
}

/// What kiban keeps.
pub(crate) struct Insured {
    pub(crate) insurer_connected: bool,
    pub(crate) consent: bool,
    /// JSON object.
    pub(crate) record: String,
}

/// What is left of a challenge for those who look at the books.
pub(crate) struct ChallengeRow {
    pub(crate) jti: String,
    pub(crate) facility_id: String,
    pub(crate) staff_id: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) used_at: Option<i64>,
    pub(crate) result: Option<String>,
}

impl Store {
    pub(crate) async fn open(database: &Database) -> Result<Self> {
        let pool = match database {
            // One connection, never closed: with it the database would go.
            Database::Memory => {
                SqlitePoolOptions::new()
                    .max_connections(1)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .connect_with(SqliteConnectOptions::new())
                    .await?
            }
            Database::File(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .busy_timeout(Duration::from_secs(10))
                    .pragma("secure_delete", "ON");
                SqlitePoolOptions::new().max_connections(4).connect_with(options).await?
            }
        };
        let store = Self { pool };
        store.prepare().await?;
        Ok(store)
    }

    /// For the module that keeps tables of its own.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    async fn prepare(&self) -> Result<()> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let version: i64 =
            sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
        let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
            .fetch_one(&mut *transaction)
            .await?;
        let done = usize::try_from(version).ok().filter(|version| (*version == 0) == (tables == 0));
        let Some(missing) = done.and_then(|done| SCHEMA.get(done..)) else {
            return Err(sqlx::Error::Configuration(
                "it belongs to another program or another version of the sandbox".into(),
            ));
        };
        for form in missing {
            sqlx::raw_sql(*form).execute(&mut *transaction).await?;
        }
        sqlx::raw_sql("PRAGMA user_version = 2").execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// The secret of this name; the one offered if there is none yet.
    pub(crate) async fn secret(&self, name: &str, offered: &[u8]) -> Result<Vec<u8>> {
        sqlx::query("INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(offered)
            .execute(&self.pool)
            .await?;
        sqlx::query_scalar("SELECT value FROM secret WHERE name = ?")
            .bind(name)
            .fetch_one(&self.pool)
            .await
    }

    /// Replaces everybody.
    pub(crate) async fn set_people(&self, people: &[PersonRow]) -> Result<()> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql("DELETE FROM link; DELETE FROM enrollee; DELETE FROM insured")
            .execute(&mut *transaction)
            .await?;
        for person in people {
            sqlx::query("INSERT INTO enrollee (link_number, health_insurance_use) VALUES (?, ?)")
                .bind(&person.link_number)
                .bind(person.health_insurance_use)
                .execute(&mut *transaction)
                .await?;
            for certificate in &person.certificates {
                sqlx::query("INSERT INTO link (certificate, link_number) VALUES (?, ?)")
                    .bind(certificate)
                    .bind(&person.link_number)
                    .execute(&mut *transaction)
                    .await?;
            }
            sqlx::query(
                "INSERT INTO insured (link_number, insurer_connected, consent, record) VALUES (?, ?, ?, ?)",
            )
            .bind(&person.link_number)
            .bind(person.insured.insurer_connected)
            .bind(person.insured.consent)
            .bind(&person.insured.record)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await
    }

    /// Records a challenge; `used` for one that is spent before it leaves.
    pub(crate) async fn add_challenge(
        &self,
        digest: &[u8],
        challenge: &Challenge,
        used: bool,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO challenge (digest, jti, nonce, facility_id, staff_id, purpose, visit_id, basis, \
             checked_at, issued_at, expires_at, state, used_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(digest)
        .bind(&challenge.jti)
        .bind(&challenge.nonce)
        .bind(&challenge.facility_id)
        .bind(&challenge.staff_id)
        .bind(Json(&challenge.purpose))
        .bind(&challenge.visit_id)
        .bind(&challenge.basis)
        .bind(&challenge.checked_at)
        .bind(challenge.issued_at)
        .bind(challenge.expires_at)
        .bind(if used { "used" } else { "open" })
        .bind(used.then_some(challenge.issued_at))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Uses up a challenge: one statement, so that of many at once exactly one gets [`Consumed::Now`].
    pub(crate) async fn consume(&self, attempt: &Use<'_>, now: i64) -> Result<Consumed> {
        // All rows are fetched so that the statement, and with it its transaction, is finished.
        let rows = sqlx::query(
            "UPDATE challenge SET state = 'used', used_at = ?, used_by = ?, assertion = ? \
             WHERE digest = ? AND state = 'open' RETURNING *",
        )
        .bind(now)
        .bind(attempt.staff_id)
        .bind(attempt.assertion)
        .bind(attempt.challenge)
        .fetch_all(&self.pool)
        .await?;
        if let Some(row) = rows.first() {
            return Ok(Consumed::Now(Challenge {
                jti: row.try_get("jti")?,
                nonce: row.try_get("nonce")?,
                facility_id: row.try_get("facility_id")?,
                staff_id: row.try_get("staff_id")?,
                purpose: row.try_get::<Json<_>, _>("purpose")?.0,
                visit_id: row.try_get("visit_id")?,
                basis: row.try_get("basis")?,
                checked_at: row.try_get("checked_at")?,
                issued_at: row.try_get("issued_at")?,
                expires_at: row.try_get("expires_at")?,
            }));
        }
        let row = sqlx::query(
            "SELECT used_at, used_by IS ? AND assertion IS ? AS same FROM challenge WHERE digest = ?",
        )
        .bind(attempt.staff_id)
        .bind(attempt.assertion)
        .bind(attempt.challenge)
        .fetch_optional(&self.pool)
        .await?;
        Ok(match row {
            Some(row) => {
                Consumed::Before { same: row.try_get("same")?, used_at: row.try_get("used_at")? }
            }
            None => Consumed::Never,
        })
    }

    /// Records the answer, for a re-send of the same bytes, together with the token in it.
    pub(crate) async fn finish(
        &self,
        challenge: &[u8],
        result: &str,
        answer: &str,
        token: Option<&IssuedToken>,
    ) -> Result<()> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(token) = token {
            sqlx::query("INSERT INTO token (jti, link_number, expires_at) VALUES (?, ?, ?)")
                .bind(&token.jti)
                .bind(&token.link_number)
                .bind(token.expires_at)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query("UPDATE challenge SET result = ?, answer = ? WHERE digest = ?")
            .bind(result)
            .bind(answer)
            .bind(challenge)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    pub(crate) async fn answer(&self, challenge: &[u8]) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT answer FROM challenge WHERE digest = ?")
            .bind(challenge)
            .fetch_one(&self.pool)
            .await
    }

    /// Wipes answers to challenges used before a time.
    pub(crate) async fn wipe_answers(&self, before: i64) -> Result<()> {
        sqlx::query("UPDATE challenge SET answer = NULL WHERE answer IS NOT NULL AND used_at < ?")
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Link number and whether the card is registered as health insurance card.
    pub(crate) async fn enrollee(&self, certificate: &[u8]) -> Result<Option<(String, bool)>> {
        sqlx::query_as(
            "SELECT link_number, health_insurance_use FROM link JOIN enrollee USING (link_number) \
             WHERE certificate = ?",
        )
        .bind(certificate)
        .fetch_optional(&self.pool)
        .await
    }

    /// The person a token was issued for.
    pub(crate) async fn insured(&self, token_jti: &str) -> Result<Option<Insured>> {
        let row = sqlx::query(
            "SELECT insurer_connected, consent, record FROM token JOIN insured USING (link_number) \
             WHERE jti = ?",
        )
        .bind(token_jti)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(Insured {
                insurer_connected: row.try_get("insurer_connected")?,
                consent: row.try_get("consent")?,
                record: row.try_get("record")?,
            })
        })
        .transpose()
    }

    /// All challenges, the oldest first.
    pub(crate) async fn challenges(&self) -> Result<Vec<ChallengeRow>> {
        let rows = sqlx::query(
            "SELECT jti, facility_id, staff_id, issued_at, expires_at, used_at, result FROM challenge \
             ORDER BY rowid",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ChallengeRow {
                    jti: row.try_get("jti")?,
                    facility_id: row.try_get("facility_id")?,
                    staff_id: row.try_get("staff_id")?,
                    issued_at: row.try_get("issued_at")?,
                    expires_at: row.try_get("expires_at")?,
                    used_at: row.try_get("used_at")?,
                    result: row.try_get("result")?,
                })
            })
            .collect()
    }

    pub(crate) async fn tokens(&self) -> Result<u64> {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM token").fetch_one(&self.pool).await?;
        Ok(count.unsigned_abs())
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}
