//! Statements without a card, each of which counts once.

use sqlx::{AnyConnection, Row};

use super::caller::{Caller, Unnoted};
use super::domain::Domain;
use super::issue::Issued;
use super::store::{Consumed, face_check};
use crate::audit::{Audit, Event, What, Who};
use crate::base::database::{Result, Store};
use crate::base::refusal::Refusal;

/// A statement that is sent.
pub(crate) struct Sent<'a> {
    /// SHA-256 of it.
    pub(crate) digest: &'a [u8],
    pub(crate) jti: &'a str,
}

/// The table of statements.
pub(crate) struct Statements<'a> {
    pub(crate) store: &'a Store,
    pub(crate) audit: &'a Audit,
}

impl Statements<'_> {
    /// Uses up a statement: one insertion, so that of many at once exactly one gets [`Consumed::Now`].
    pub(crate) async fn consume(
        &self,
        sent: &Sent<'_>,
        asking: Unnoted,
        now: i64,
    ) -> std::result::Result<(Caller, Consumed<()>), Refusal> {
        let mut transaction = self.store.begin().await?;
        let caller = asking.noted_in(&mut transaction).await?;
        let consumed = consume(&mut transaction, sent, &caller, now).await?;
        transaction.commit().await?;
        Ok((caller, consumed))
    }

    /// Records the answer, for a re-send of the same bytes, with what goes with it.
    pub(crate) async fn finish(
        &self,
        sent: &Sent<'_>,
        basis: &str,
        result: &str,
        sealed: &[u8],
        issued: Option<&Issued>,
        caller: &Caller,
    ) -> Result<()> {
        let mut transaction = self.store.begin().await?;
        if let Some(issued) = issued {
            issued.record(&mut transaction).await?;
        }
        sqlx::query("UPDATE sts_statement SET result = $1, sealed = $2 WHERE digest = $3")
            .bind(result)
            .bind(sealed)
            .bind(sent.digest)
            .execute(&mut *transaction)
            .await?;
        let outcome = if issued.is_some() { "ok" } else { result };
        let event = exchanged(caller, outcome, issued);
        let event = Event { note: &face_check(basis), ..event };
        self.audit.append(&mut transaction, &event).await?;
        transaction.commit().await
    }

    /// The sealed answer.
    pub(crate) async fn answer(&self, digest: &[u8]) -> Result<Option<Vec<u8>>> {
        sqlx::query_scalar("SELECT sealed FROM sts_statement WHERE digest = $1")
            .bind(digest)
            .fetch_one(self.store.pool())
            .await
    }
}

async fn consume(
    transaction: &mut AnyConnection,
    sent: &Sent<'_>,
    caller: &Caller,
    now: i64,
) -> Result<Consumed<()>> {
    let Caller { member, jkt, .. } = caller;
    let noted = sqlx::query(
        "INSERT INTO sts_statement (digest, jkt, jti, staff_id, used_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING",
    )
    .bind(sent.digest)
    .bind(jkt)
    .bind(sent.jti)
    .bind(&member.id)
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    if noted.rows_affected() == 1 {
        return Ok(Consumed::Now(()));
    }
    let before = sqlx::query("SELECT jkt, staff_id, used_at FROM sts_statement WHERE digest = $1")
        .bind(sent.digest)
        .fetch_optional(transaction)
        .await?;
    // Other bytes under a name that was used are as bad as the same bytes from elsewhere.
    let Some(before) = before else { return Ok(Consumed::Elsewhere) };
    if before.try_get::<String, _>("jkt")? != *jkt {
        return Ok(Consumed::Elsewhere);
    }
    let same = before.try_get::<String, _>("staff_id")? == member.id;
    Ok(Consumed::Before { same, used_at: before.try_get("used_at")? })
}

/// That something was exchanged.
pub(super) fn exchanged<'a>(
    caller: &'a Caller,
    outcome: &'a str,
    issued: Option<&'a Issued>,
) -> Event<'a> {
    let who = Who { person: issued.map_or("", |issued| &issued.pmh_id), ..caller.who() };
    let medical = issued.is_some_and(|issued| issued.domain == Domain::Medical);
    Event { what: What::Exchange, outcome, note: if medical { "medical" } else { "" }, who }
}
