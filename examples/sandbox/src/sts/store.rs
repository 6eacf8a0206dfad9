//! Challenges and tokens, and everything that must happen to them at once.

use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row};

use super::caller::{Caller, Unnoted};
use super::domain::Domain;
use super::exchange::ANSWER_KEPT;
use super::issue::{Ground, Issued};
use super::record::{ChallengeRecord, ChallengeState};
use crate::audit::{Audit, Event, What, Who};
use crate::base::database::{Migrations, Result, Store};
use crate::base::refusal::Refusal;

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "sts",
    sqlite: &[
        include_str!("migrations/sqlite/0001_first.sql"),
        include_str!("migrations/sqlite/0002_cap.sql"),
        include_str!("migrations/sqlite/0003_key.sql"),
        include_str!("migrations/sqlite/0004_tap.sql"),
        include_str!("migrations/sqlite/0005_evidence.sql"),
        include_str!("migrations/sqlite/0006_users.sql"),
        include_str!("migrations/sqlite/0007_ticket.sql"),
    ],
    postgres: &[
        include_str!("migrations/postgres/0001_first.sql"),
        include_str!("migrations/postgres/0002_cap.sql"),
        include_str!("migrations/postgres/0003_key.sql"),
        include_str!("migrations/postgres/0004_tap.sql"),
        include_str!("migrations/postgres/0005_evidence.sql"),
        include_str!("migrations/postgres/0006_users.sql"),
        include_str!("migrations/postgres/0007_ticket.sql"),
    ],
};

/// How many open challenges a staff member has at most; then the oldest gives way.
const MOST_OPEN: i64 = 64;
/// How long a challenge that nobody used is kept after its end, in seconds, so that those who come late are told so.
pub(crate) const UNUSED_KEPT: i64 = 60 * 60;
/// How long it is kept what a challenge was used for, in seconds.
pub(crate) const USED_KEPT: i64 = 90 * 24 * 60 * 60;
/// How long a token is kept on record after its end, in seconds.
pub(crate) const TOKEN_KEPT: i64 = 24 * 60 * 60;

/// A challenge as it was given out. Times in seconds since the epoch.
pub(crate) struct Challenge {
    pub(crate) jti: String,
    /// How the person is to be verified.
    pub(crate) method: String,
    /// The pairwise subject of whom it is to be, where the method demands it.
    pub(crate) subject: Option<String>,
    pub(crate) nonce: String,
    pub(crate) facility_id: String,
    pub(crate) staff_id: String,
    pub(crate) purpose: Vec<String>,
    pub(crate) visit_id: String,
    pub(crate) basis: String,
    pub(crate) checked_at: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    /// Thumbprint of the key of the device that asked for it.
    pub(crate) jkt: String,
}

/// What uses a challenge.
pub(crate) struct Use<'a> {
    /// SHA-256 of the challenge.
    pub(crate) challenge: &'a [u8],
    /// SHA-256 of the assertion.
    pub(crate) assertion: &'a [u8],
}

/// What came of an attempt to use what can be used once.
pub(crate) enum Consumed<T> {
    /// It was open and is used now: nobody else gets this answer.
    Now(T),
    /// It was used before; whether by the same staff member with the same bytes, and when.
    Before { same: bool, used_at: i64 },
    /// These bytes used it before, sent with the key of another device.
    Elsewhere,
    /// No such thing was given out.
    Never,
}

/// What a challenge becomes that was tampered with on its way out.
pub(crate) struct Altered {
    /// SHA-256 of what left the house.
    pub(crate) digest: Vec<u8>,
    /// Seconds by which it is older than it should be.
    pub(crate) older_by: i64,
    pub(crate) used: bool,
}

/// The tables of the token service.
pub(crate) struct Challenges<'a> {
    store: &'a Store,
    pool: &'a AnyPool,
    audit: &'a Audit,
}

impl<'a> Challenges<'a> {
    pub(crate) fn of(store: &'a Store, audit: &'a Audit) -> Self {
        Self { store, pool: store.pool(), audit }
    }

    /// Records a challenge, in place of the oldest if the staff member has too many.
    pub(crate) async fn add(
        &self,
        digest: &[u8],
        challenge: &Challenge,
        asking: Unnoted,
    ) -> std::result::Result<(), Refusal> {
        let mut transaction = self.store.begin().await?;
        let caller = asking.noted_in(&mut transaction).await?;
        sqlx::query(
            "INSERT INTO sts_challenge (digest, jti, nonce, facility_id, staff_id, purpose, visit_id, basis, \
             checked_at, issued_at, expires_at, jkt, method, subject, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'open')",
        )
        .bind(digest)
        .bind(&challenge.jti)
        .bind(&challenge.nonce)
        .bind(&challenge.facility_id)
        .bind(&challenge.staff_id)
        .bind(serde_json::Value::from(challenge.purpose.clone()).to_string())
        .bind(&challenge.visit_id)
        .bind(&challenge.basis)
        .bind(&challenge.checked_at)
        .bind(challenge.issued_at)
        .bind(challenge.expires_at)
        .bind(&challenge.jkt)
        .bind(&challenge.method)
        .bind(challenge.subject.as_deref())
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "DELETE FROM sts_challenge WHERE state = 'open' AND staff_id = $1 AND facility_id = $2 \
             AND number NOT IN (SELECT number FROM sts_challenge \
             WHERE state = 'open' AND staff_id = $1 AND facility_id = $2 ORDER BY number DESC LIMIT $3)",
        )
        .bind(&challenge.staff_id)
        .bind(&challenge.facility_id)
        .bind(MOST_OPEN)
        .execute(&mut *transaction)
        .await?;
        let event = Event {
            what: What::Challenge,
            outcome: "ok",
            note: &face_check(&challenge.basis),
            who: caller.who(),
        };
        self.audit.append(&mut transaction, &event).await?;
        Ok(transaction.commit().await?)
    }

    /// Puts on record what really left the house.
    pub(crate) async fn alter(&self, digest: &[u8], altered: &Altered) -> Result<()> {
        sqlx::query(
            "UPDATE sts_challenge SET digest = $1, issued_at = issued_at - $2, expires_at = expires_at - $2, \
             state = $3, used_at = CASE WHEN $3 = 'used' THEN issued_at END WHERE digest = $4",
        )
        .bind(altered.digest.as_slice())
        .bind(altered.older_by)
        .bind(if altered.used { "used" } else { "open" })
        .bind(digest)
        .execute(self.pool)
        .await?;
        Ok(())
    }

    /// Uses up a challenge: one statement, so that of many at once exactly one gets [`Consumed::Now`]. Nobody but whom
    /// it was given to can use it up, or learns that there is such a challenge.
    pub(crate) async fn consume(
        &self,
        attempt: &Use<'_>,
        asking: Unnoted,
        now: i64,
    ) -> std::result::Result<(Caller, Consumed<Box<Challenge>>), Refusal> {
        let mut transaction = self.store.begin().await?;
        let caller = asking.noted_in(&mut transaction).await?;
        let consumed = consume(&mut transaction, attempt, &caller, now).await?;
        transaction.commit().await?;
        Ok((caller, consumed))
    }

    /// A challenge whose answer never came, for somebody who judges what used it up once more. Of many at once exactly
    /// one gets it.
    pub(crate) async fn take_over(
        &self,
        digest: &[u8],
        used_at: i64,
        now: i64,
    ) -> Result<Option<Challenge>> {
        let rows = sqlx::query(
            "UPDATE sts_challenge SET used_at = $1 WHERE digest = $2 AND used_at = $3 AND used_at < $1 \
             AND state = 'used' AND result IS NULL RETURNING *",
        )
        .bind(now)
        .bind(digest)
        .bind(used_at)
        .fetch_all(self.pool)
        .await?;
        rows.first().map(challenge).transpose()
    }

    /// Records the answer, for a re-send of the same bytes, together with what goes with it. False, and nothing is
    /// recorded, if there is an answer.
    pub(crate) async fn finish(
        &self,
        challenge: &[u8],
        result: &str,
        sealed: &[u8],
        issued: Option<&Issued>,
        caller: &Caller,
    ) -> Result<bool> {
        let mut transaction = self.store.begin().await?;
        let done = "UPDATE sts_challenge SET result = $1, sealed = $2 \
                    WHERE digest = $3 AND result IS NULL RETURNING basis";
        let rows = sqlx::query(done)
            .bind(result)
            .bind(sealed)
            .bind(challenge)
            .fetch_all(&mut *transaction)
            .await?;
        let Some(row) = rows.first() else { return Ok(false) };
        let basis: String = row.try_get("basis")?;
        if let Some(issued) = issued {
            issued.record(&mut transaction).await?;
        }
        let mut note = face_check(&basis);
        if issued.is_some_and(|issued| issued.domain == Domain::Medical) {
            note.push_str(" medical");
        }
        let event = Event {
            what: What::Exchange,
            outcome: if issued.is_some() { "ok" } else { result },
            note: &note,
            who: Who { person: issued.map_or("", |issued| &issued.pmh_id), ..caller.who() },
        };
        self.audit.append(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The sealed answer.
    pub(crate) async fn answer(&self, challenge: &[u8]) -> Result<Option<Vec<u8>>> {
        sqlx::query_scalar("SELECT sealed FROM sts_challenge WHERE digest = $1")
            .bind(challenge)
            .fetch_one(self.pool)
            .await
    }

    /// Removes what has been kept for long enough.
    pub(crate) async fn sweep(&self, now: i64) -> Result<()> {
        let wiped =
            "UPDATE sts_challenge SET sealed = NULL WHERE sealed IS NOT NULL AND used_at < $1";
        let unused = "DELETE FROM sts_challenge WHERE state = 'open' AND expires_at < $1";
        let used = "DELETE FROM sts_challenge WHERE state = 'used' AND used_at < $1";
        let tokens = "DELETE FROM sts_token WHERE expires_at < $1";
        let evidence = "DELETE FROM sts_evidence WHERE expires_at < $1";
        let answers =
            "UPDATE sts_statement SET sealed = NULL WHERE sealed IS NOT NULL AND used_at < $1";
        let statements = "DELETE FROM sts_statement WHERE used_at < $1";
        let handles = "DELETE FROM sts_handle WHERE (facility_id, subject) IN \
             (SELECT facility_id, subject FROM sts_registration WHERE valid_until < $1)";
        let registrations = "DELETE FROM sts_registration WHERE valid_until < $1";
        for (removal, kept) in [
            (wiped, ANSWER_KEPT),
            (unused, UNUSED_KEPT),
            (used, USED_KEPT),
            (tokens, TOKEN_KEPT),
            (evidence, 0),
            (answers, ANSWER_KEPT),
            (statements, USED_KEPT),
            (handles, 0),
            (registrations, 0),
        ] {
            sqlx::query(removal).bind(now - kept).execute(self.pool).await?;
        }
        Ok(())
    }

    /// Records what goes with an answer that nobody waits for twice. False, and nothing is recorded, if that on which
    /// it stands has ended since it was judged.
    pub(crate) async fn issue(
        &self,
        issued: &Issued,
        stands_on: Ground<'_>,
        event: &Event<'_>,
    ) -> Result<bool> {
        let mut transaction = self.store.begin().await?;
        if !stands_on.holds(&mut transaction, &issued.facility_id).await? {
            return Ok(false);
        }
        issued.record(&mut transaction).await?;
        self.audit.append(&mut transaction, event).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The PMH-ID of the person whom an evidence token of a facility is about, while it is kept.
    pub(crate) async fn evidenced(&self, id: &str, facility: &str) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT pmh_id FROM sts_evidence WHERE id = $1 AND facility_id = $2")
            .bind(id)
            .bind(facility)
            .fetch_optional(self.pool)
            .await
    }

    /// Whether a person was ever confirmed here with card and PIN.
    pub(crate) async fn was_confirmed_with_pin(&self, pmh_id: &str) -> Result<bool> {
        let confirmed: Option<i64> =
            sqlx::query_scalar("SELECT confirmed_at FROM sts_first_pin WHERE pmh_id = $1")
                .bind(pmh_id)
                .fetch_optional(self.pool)
                .await?;
        Ok(confirmed.is_some())
    }

    /// The PMH-ID of the person a token was issued for; none if it was revoked.
    pub(crate) async fn holder(&self, token_jti: &str) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT pmh_id FROM sts_token WHERE jti = $1 AND pmh_id <> ''")
            .bind(token_jti)
            .fetch_optional(self.pool)
            .await
    }

    /// Whether a token was issued and not revoked.
    pub(crate) async fn is_issued(&self, token_jti: &str) -> Result<bool> {
        let token = sqlx::query("SELECT jti FROM sts_token WHERE jti = $1").bind(token_jti);
        Ok(token.fetch_optional(self.pool).await?.is_some())
    }

    /// Ends an access token. False if it had ended.
    pub(crate) async fn revoke(&self, token_jti: &str) -> Result<bool> {
        let token = sqlx::query("DELETE FROM sts_token WHERE jti = $1").bind(token_jti);
        Ok(token.execute(self.pool).await?.rows_affected() == 1)
    }

    /// Ends an evidence token. False if it had ended.
    pub(crate) async fn revoke_evidence(&self, id: &str) -> Result<bool> {
        let token = sqlx::query("DELETE FROM sts_evidence WHERE id = $1").bind(id);
        Ok(token.execute(self.pool).await?.rows_affected() == 1)
    }

    /// Ends a handle to a registration, by its SHA-256, that the holder of a key has. False if there is none.
    pub(crate) async fn revoke_handle(&self, digest: &[u8], jkt: &str) -> Result<bool> {
        let handle = sqlx::query("DELETE FROM sts_handle WHERE digest = $1 AND jkt = $2");
        let handle = handle.bind(digest).bind(jkt);
        Ok(handle.execute(self.pool).await?.rows_affected() == 1)
    }

    /// All challenges, the oldest first.
    pub(crate) async fn records(&self) -> Result<Vec<ChallengeRecord>> {
        let rows =
            sqlx::query("SELECT * FROM sts_challenge ORDER BY number").fetch_all(self.pool).await?;
        rows.iter().map(record).collect()
    }

    /// How many tokens are on record.
    pub(crate) async fn tokens(&self) -> Result<u64> {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM sts_token").fetch_one(self.pool).await?;
        Ok(count.unsigned_abs())
    }
}

/// What the audit says of a face check: without one there is no challenge.
pub(super) fn face_check(basis: &str) -> String {
    format!("face match {basis}")
}

async fn consume(
    transaction: &mut AnyConnection,
    attempt: &Use<'_>,
    caller: &Caller,
    now: i64,
) -> Result<Consumed<Box<Challenge>>> {
    let Caller { member, jkt, .. } = caller;
    let rows = sqlx::query(
        "UPDATE sts_challenge SET state = 'used', used_at = $1, used_by = $2, assertion = $3 \
         WHERE digest = $4 AND staff_id = $2 AND facility_id = $5 AND jkt = $6 AND state = 'open' \
         RETURNING *",
    )
    .bind(now)
    .bind(&member.id)
    .bind(attempt.assertion)
    .bind(attempt.challenge)
    .bind(&member.facility_id)
    .bind(jkt)
    .fetch_all(&mut *transaction)
    .await?;
    if let Some(row) = rows.first() {
        return Ok(Consumed::Now(Box::new(challenge(row)?)));
    }
    let row = sqlx::query(
        "SELECT used_at, used_by, assertion, jkt FROM sts_challenge \
         WHERE digest = $1 AND staff_id = $2 AND facility_id = $3",
    )
    .bind(attempt.challenge)
    .bind(&member.id)
    .bind(&member.facility_id)
    .fetch_optional(transaction)
    .await?;
    let Some(row) = row else { return Ok(Consumed::Never) };
    let used_by: Option<String> = row.try_get("used_by")?;
    let assertion: Option<Vec<u8>> = row.try_get("assertion")?;
    let same =
        used_by.as_ref() == Some(&member.id) && assertion.as_deref() == Some(attempt.assertion);
    if row.try_get::<String, _>("jkt")? != *jkt {
        return Ok(if same { Consumed::Elsewhere } else { Consumed::Never });
    }
    Ok(Consumed::Before { same, used_at: row.try_get("used_at")? })
}

fn challenge(row: &AnyRow) -> Result<Challenge> {
    let purpose: String = row.try_get("purpose")?;
    let purpose =
        serde_json::from_str(&purpose).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(Challenge {
        jti: row.try_get("jti")?,
        method: row.try_get("method")?,
        subject: row.try_get("subject")?,
        nonce: row.try_get("nonce")?,
        facility_id: row.try_get("facility_id")?,
        staff_id: row.try_get("staff_id")?,
        purpose,
        visit_id: row.try_get("visit_id")?,
        basis: row.try_get("basis")?,
        checked_at: row.try_get("checked_at")?,
        issued_at: row.try_get("issued_at")?,
        expires_at: row.try_get("expires_at")?,
        jkt: row.try_get("jkt")?,
    })
}

fn record(row: &AnyRow) -> Result<ChallengeRecord> {
    let time = |column| {
        let seconds = row.try_get(column)?;
        Ok::<_, sqlx::Error>(Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH))
    };
    let used_at: Option<i64> = row.try_get("used_at")?;
    Ok(ChallengeRecord {
        state: if used_at.is_none() { ChallengeState::Open } else { ChallengeState::Used },
        issued_at: time("issued_at")?,
        expires_at: time("expires_at")?,
        jti: row.try_get("jti")?,
        facility_id: row.try_get("facility_id")?,
        staff_id: row.try_get("staff_id")?,
        result: row.try_get("result")?,
    })
}
