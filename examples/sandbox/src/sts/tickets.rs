//! The tables of tickets, and of how far each device's journal has come.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::caller::Unnoted;
use super::store::USED_KEPT;
use crate::audit::{Audit, Event, What};
use crate::base::database::{Result, Store};
use crate::base::refusal::Refusal;

/// A ticket as it was given out. Times in seconds since the epoch.
pub(crate) struct Ticket {
    pub(crate) jti: String,
    pub(crate) nonce: String,
    pub(crate) facility_id: String,
    pub(crate) staff_id: String,
    /// The pairwise subject of whom it is for, if it is for one.
    pub(crate) subject: Option<String>,
    /// Thumbprint of the key of the device that asked for it.
    pub(crate) jkt: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
}

/// Which unused tickets of a device come back, by their SHA-256.
pub(super) enum Back {
    These(Vec<Vec<u8>>),
    AllBut(Vec<Vec<u8>>),
}

/// The tables.
pub(crate) struct Tickets<'a> {
    pub(super) store: &'a Store,
    pub(super) audit: &'a Audit,
}

impl Tickets<'_> {
    /// Records tickets by the SHA-256 of each, all or none: the device never has more unused ones than this. The number
    /// with which its journal goes on.
    pub(super) async fn add(
        &self,
        tickets: &[(Vec<u8>, Ticket)],
        most: i64,
        asking: Unnoted,
        now: i64,
    ) -> std::result::Result<i64, Refusal> {
        let mut transaction = self.store.begin().await?;
        let caller = asking.noted_in(&mut transaction).await?;
        // Its row is held until the end: of two at once, the second counts what the first has got.
        let next = journal(&mut transaction, &caller.jkt, 0).await?;
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sts_ticket WHERE jkt = $1 AND state = 'open' AND expires_at > $2",
        )
        .bind(&caller.jkt)
        .bind(now)
        .fetch_one(&mut *transaction)
        .await?;
        let wanted = i64::try_from(tickets.len()).unwrap_or(i64::MAX);
        let fits = open.saturating_add(wanted) <= most;
        for (digest, ticket) in tickets.iter().filter(|_| fits) {
            ticket.insert(digest, &mut transaction).await?;
        }
        let outcome = if fits { "ok" } else { Refusal::TicketLimit.code() };
        let event = Event { what: What::Ticket, outcome, note: "", who: caller.who() };
        self.audit.append(&mut transaction, &event).await?;
        transaction.commit().await?;
        if fits { Ok(next) } else { Err(Refusal::TicketLimit) }
    }

    /// Takes unused tickets of a device back: how many there were.
    pub(super) async fn take_back(
        &self,
        back: &Back,
        asking: Unnoted,
    ) -> std::result::Result<u64, Refusal> {
        let mut transaction = self.store.begin().await?;
        let caller = asking.noted_in(&mut transaction).await?;
        let open: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT digest FROM sts_ticket WHERE jkt = $1 AND state = 'open'")
                .bind(&caller.jkt)
                .fetch_all(&mut *transaction)
                .await?;
        let comes = |digest: &&Vec<u8>| match back {
            Back::These(these) => these.contains(digest),
            Back::AllBut(those) => !those.contains(digest),
        };
        let mut returned = 0;
        for digest in open.iter().filter(comes) {
            let back = "DELETE FROM sts_ticket WHERE digest = $1 AND jkt = $2 AND state = 'open'";
            let back = sqlx::query(back).bind(digest.as_slice()).bind(&caller.jkt);
            returned += back.execute(&mut *transaction).await?.rows_affected();
        }
        let event = Event { what: What::TicketReturn, outcome: "ok", note: "", who: caller.who() };
        self.audit.append(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(returned)
    }

    /// The one with this SHA-256, and the SHA-256 of what used it.
    pub(super) async fn named(&self, digest: &[u8]) -> Result<Option<(Ticket, Option<Vec<u8>>)>> {
        let row = sqlx::query("SELECT * FROM sts_ticket WHERE digest = $1")
            .bind(digest)
            .fetch_optional(self.store.pool())
            .await?;
        row.map(|row| Ok((Ticket::of(&row)?, row.try_get("evidence")?))).transpose()
    }

    /// Removes those that are long over.
    pub(super) async fn sweep(&self, now: i64) -> Result<()> {
        let over = sqlx::query("DELETE FROM sts_ticket WHERE expires_at < $1");
        over.bind(now - USED_KEPT).execute(self.store.pool()).await?;
        Ok(())
    }
}

impl Ticket {
    fn of(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            jti: row.try_get("jti")?,
            nonce: row.try_get("nonce")?,
            facility_id: row.try_get("facility_id")?,
            staff_id: row.try_get("staff_id")?,
            subject: row.try_get("subject")?,
            jkt: row.try_get("jkt")?,
            issued_at: row.try_get("issued_at")?,
            expires_at: row.try_get("expires_at")?,
        })
    }

    async fn insert(&self, digest: &[u8], transaction: &mut AnyConnection) -> Result<()> {
        sqlx::query(
            "INSERT INTO sts_ticket (digest, jti, nonce, facility_id, staff_id, subject, jkt, issued_at, \
             expires_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open')",
        )
        .bind(digest)
        .bind(&self.jti)
        .bind(&self.nonce)
        .bind(&self.facility_id)
        .bind(&self.staff_id)
        .bind(self.subject.as_deref())
        .bind(&self.jkt)
        .bind(self.issued_at)
        .bind(self.expires_at)
        .execute(transaction)
        .await?;
        Ok(())
    }
}

/// Uses a ticket of a device up: of many at once exactly one does.
pub(super) async fn consume(
    transaction: &mut AnyConnection,
    ticket: &[u8],
    evidence: &[u8],
    jkt: &str,
) -> Result<bool> {
    let used = "UPDATE sts_ticket SET state = 'used', evidence = $1 \
                WHERE digest = $2 AND jkt = $3 AND state = 'open'";
    let used = sqlx::query(used).bind(evidence).bind(ticket).bind(jkt);
    Ok(used.execute(transaction).await?.rows_affected() == 1)
}

/// That a device has sent everything below this number, or nothing new: the number with which it goes on. The device's row
/// is held until the end of the transaction.
pub(super) async fn journal(transaction: &mut AnyConnection, jkt: &str, next: i64) -> Result<i64> {
    let rows = sqlx::query(
        "INSERT INTO sts_journal (jkt, next) VALUES ($1, $2) ON CONFLICT (jkt) DO UPDATE SET next = \
         CASE WHEN sts_journal.next < excluded.next THEN excluded.next ELSE sts_journal.next END \
         RETURNING next",
    )
    .bind(jkt)
    .bind(next)
    .fetch_all(transaction)
    .await?;
    rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get("next")
}
