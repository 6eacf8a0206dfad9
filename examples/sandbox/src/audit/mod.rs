//! What happened, in a chain that shows whether somebody has changed, removed or moved a part of it.
//!
//! Each record holds the hash of the one before. Hashes are keyed, and the key is sealed under a file that is not in the
//! database: whoever can write the database alone cannot make a chain that holds. A database that was put back to an
//! earlier day as a whole holds, too; that it is too short is known to whoever has noted an anchor.

mod chain;
mod digests;
mod event;

use std::sync::Arc;

use jiff::Timestamp;
use ring::hmac;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

pub use chain::{Anchor, AuditReport, Finding, Flaw, NoAnchor};
pub(crate) use event::{Event, What, Who};

use crate::base::Base;
use crate::base::database::{Migrations, Result};
use crate::base::failure::StartError;

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "audit",
    sqlite: &[include_str!("migrations/sqlite/0001_record.sql")],
    postgres: &[include_str!("migrations/postgres/0001_record.sql")],
};

/// How many records are read at a time.
const PAGE: i64 = 1000;

/// The log, open for adding and for looking.
pub(crate) struct Audit {
    base: Arc<Base>,
    /// Chains records.
    key: hmac::Key,
    /// Makes digests of whoever is meant.
    who: hmac::Key,
}

/// One thing that happened. Whoever is meant is there as a keyed digest: the same for the same, and of no use elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// From 1, without gaps.
    pub sequence: u64,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// What: `challenge`, `exchange` and so on.
    pub what: String,
    /// `ok`, or the `kaigo_error` it was refused with.
    pub outcome: String,
    /// What else belongs to it, such as way and face check; or empty.
    pub note: String,
    /// The device, or empty.
    pub device: String,
    /// The facility, or empty.
    pub facility: String,
    /// The staff member, or empty.
    pub staff: String,
    /// The person who was verified, or empty.
    pub person: String,
}

/// A record with its place in the chain.
struct Link {
    record: AuditRecord,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl Audit {
    pub(crate) async fn open(base: Arc<Base>) -> std::result::Result<Self, StartError> {
        let key = base.store.mac_key("audit.chain").await?;
        let who = base.store.mac_key("audit.who").await?;
        Ok(Self { base, key, who })
    }

    /// Adds what happened, in a transaction of its own.
    pub(crate) async fn add(&self, event: &Event<'_>) -> Result<()> {
        let mut transaction = self.base.store.begin().await?;
        self.append(&mut transaction, event).await?;
        transaction.commit().await
    }

    /// Adds what happened in the transaction in which it happens, as the last thing in it: nobody else adds anything
    /// before its end.
    pub(crate) async fn append(
        &self,
        transaction: &mut AnyConnection,
        event: &Event<'_>,
    ) -> Result<()> {
        let next = "UPDATE audit_head SET sequence = sequence + 1 WHERE number = 1 \
                    RETURNING sequence, hash";
        let rows = sqlx::query(next).fetch_all(&mut *transaction).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        let (sequence, previous): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let record = self.record(sequence, event);
        let hash = chain::hash(&self.key, &previous, &record);
        sqlx::query(
            "INSERT INTO audit_record (sequence, at, what, outcome, note, device, facility, staff, person, \
             previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(sequence)
        .bind(record.at.as_second())
        .bind(&record.what)
        .bind(&record.outcome)
        .bind(&record.note)
        .bind(&record.device)
        .bind(&record.facility)
        .bind(&record.staff)
        .bind(&record.person)
        .bind(previous)
        .bind(hash.as_slice())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE audit_head SET hash = $1, seal = $2 WHERE number = 1")
            .bind(hash.as_slice())
            .bind(chain::seal(&self.key, sequence.unsigned_abs(), &hash))
            .execute(&mut *transaction)
            .await?;
        Ok(())
    }

    fn record(&self, sequence: i64, event: &Event<'_>) -> AuditRecord {
        let digest = |kind, name: &str| digests::digest(&self.who, kind, name);
        AuditRecord {
            sequence: sequence.unsigned_abs(),
            at: Timestamp::from_second(self.base.now()).unwrap_or(Timestamp::UNIX_EPOCH),
            what: event.what.name().to_owned(),
            outcome: event.outcome.to_owned(),
            note: event.note.to_owned(),
            device: digest("device", event.who.device),
            facility: digest("facility", event.who.facility),
            staff: digest("staff", event.who.staff),
            person: digest("person", event.who.person),
        }
    }

    /// Those after a sequence number, the oldest first; at most a thousand.
    pub(crate) async fn after(&self, sequence: u64) -> Result<Vec<AuditRecord>> {
        Ok(self.links(sequence).await?.into_iter().map(|link| link.record).collect())
    }

    async fn links(&self, after: u64) -> Result<Vec<Link>> {
        let page = "SELECT * FROM audit_record WHERE sequence > $1 ORDER BY sequence LIMIT $2";
        let rows = sqlx::query(page)
            .bind(i64::try_from(after).unwrap_or(i64::MAX))
            .bind(PAGE)
            .fetch_all(self.base.store.pool())
            .await?;
        rows.iter().map(link).collect()
    }

    /// What the head says: sequence, hash, seal.
    async fn head(&self) -> Result<(u64, Vec<u8>, Vec<u8>)> {
        let row = sqlx::query("SELECT sequence, hash, seal FROM audit_head WHERE number = 1")
            .fetch_one(self.base.store.pool())
            .await?;
        let sequence: i64 = row.try_get(0)?;
        Ok((sequence.unsigned_abs(), row.try_get(1)?, row.try_get(2)?))
    }

    /// Goes through all of it. With an anchor from an earlier look it is seen, too, whether the log as it was then is
    /// its beginning.
    pub(crate) async fn verify(&self, anchor: Option<&Anchor>) -> Result<AuditReport> {
        // Before the records: what is added meanwhile comes after it.
        let head = self.head().await?;
        let mut walk = chain::Walk::new(&self.key, head, anchor);
        loop {
            let links = self.links(walk.last()).await?;
            if links.is_empty() {
                return Ok(walk.end());
            }
            for link in &links {
                walk.step(link);
            }
        }
    }
}

fn link(row: &AnyRow) -> Result<Link> {
    let (sequence, at): (i64, i64) = (row.try_get("sequence")?, row.try_get("at")?);
    let record = AuditRecord {
        sequence: sequence.unsigned_abs(),
        at: Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH),
        what: row.try_get("what")?,
        outcome: row.try_get("outcome")?,
        note: row.try_get("note")?,
        device: row.try_get("device")?,
        facility: row.try_get("facility")?,
        staff: row.try_get("staff")?,
        person: row.try_get("person")?,
    };
    Ok(Link { record, previous: row.try_get("previous")?, hash: row.try_get("hash")? })
}
