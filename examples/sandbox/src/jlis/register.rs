//! What the authorities have issued and revoked: the only place where serial numbers are kept as they are, because
//! an issuer has to know them.

use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row};
use x509_cert::ext::pkix::CrlReason;

use super::CertificateId;
use crate::base::database::{Migrations, Result, Store};

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "jlis",
    sqlite: &[include_str!("migrations/sqlite/0001_register.sql")],
    postgres: &[include_str!("migrations/postgres/0001_register.sql")],
};

/// No chain of renewals is followed further.
const LONGEST_CHAIN: usize = 16;

/// Why a certificate was revoked (RFC 5280 §5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum RevocationReason {
    #[default]
    Unspecified,
    KeyCompromise,
    CaCompromise,
    AffiliationChanged,
    /// Replaced by a newer one.
    Superseded,
    CessationOfOperation,
    /// Suspended.
    CertificateHold,
    PrivilegeWithdrawn,
    AaCompromise,
}

const REASONS: [(RevocationReason, CrlReason); 9] = [
    (RevocationReason::Unspecified, CrlReason::Unspecified),
    (RevocationReason::KeyCompromise, CrlReason::KeyCompromise),
    (RevocationReason::CaCompromise, CrlReason::CaCompromise),
    (RevocationReason::AffiliationChanged, CrlReason::AffiliationChanged),
    (RevocationReason::Superseded, CrlReason::Superseded),
    (RevocationReason::CessationOfOperation, CrlReason::CessationOfOperation),
    (RevocationReason::CertificateHold, CrlReason::CertificateHold),
    (RevocationReason::PrivilegeWithdrawn, CrlReason::PrivilegeWithdrawn),
    (RevocationReason::AaCompromise, CrlReason::AaCompromise),
];

impl RevocationReason {
    /// As lists and responses write it. None is better written than `unspecified` (RFC 5280 §5.3.1).
    pub(crate) fn written(self) -> Option<CrlReason> {
        let (_, written) = REASONS.into_iter().find(|(reason, _)| *reason == self)?;
        (written != CrlReason::Unspecified).then_some(written)
    }

    fn number(self) -> i64 {
        REASONS.iter().find(|(reason, _)| *reason == self).map_or(0, |(_, written)| *written as i64)
    }

    fn numbered(number: i64) -> Self {
        let known = REASONS.into_iter().find(|(_, written)| *written as i64 == number);
        known.map_or(Self::Unspecified, |(reason, _)| reason)
    }
}

/// A revocation, from the moment it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Revocation {
    /// Why.
    pub reason: RevocationReason,
    /// Since when the key is known or feared to be in other hands, if that was earlier.
    pub invalid_since: Option<Timestamp>,
}

/// A revocation on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Revoked {
    /// Seconds since the epoch.
    pub(crate) at: i64,
    pub(crate) reason: RevocationReason,
    pub(crate) invalid_since: Option<i64>,
}

/// Something that was issued.
pub(crate) struct Status {
    pub(crate) revoked: Option<Revoked>,
}

/// A list as it stands.
pub(crate) struct Published {
    pub(crate) this_update: i64,
    pub(crate) list: Option<Vec<u8>>,
}

/// A certificate and the name of its list, if that is known.
pub(crate) type Known = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);

/// The tables of the authorities.
pub(crate) struct Register<'a> {
    store: &'a Store,
    pool: &'a AnyPool,
}

impl<'a> Register<'a> {
    pub(crate) fn of(store: &'a Store) -> Self {
        Self { store, pool: store.pool() }
    }

    /// Records what was issued already. The name of a list is added where it was not known.
    pub(crate) async fn add_known(&self, certificates: &[Known]) -> Result<()> {
        let mut transaction = self.store.begin().await?;
        for (issuer, serial, list) in certificates {
            sqlx::query(
                "INSERT INTO jlis_certificate (issuer, serial, list) VALUES ($1, $2, $3) \
                 ON CONFLICT (issuer, serial) \
                 DO UPDATE SET list = coalesce(jlis_certificate.list, excluded.list)",
            )
            .bind(issuer.as_slice())
            .bind(serial.as_slice())
            .bind(list.as_deref())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await
    }

    /// Records a new certificate; false if its serial number is taken.
    pub(crate) async fn add(&self, new: &CertificateId, list: Option<&[u8]>) -> Result<bool> {
        let added = sqlx::query(
            "INSERT INTO jlis_certificate (issuer, serial, list) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(new.issuer_key.as_slice())
        .bind(new.serial.as_slice())
        .bind(list)
        .execute(self.pool)
        .await?;
        Ok(added.rows_affected() == 1)
    }

    /// Records that a certificate was issued in place of another, which is superseded from then on.
    pub(crate) async fn replace(
        &self,
        old: &CertificateId,
        new: &CertificateId,
        now: i64,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE jlis_certificate SET replaces_issuer = $1, replaces_serial = $2 \
             WHERE issuer = $3 AND serial = $4",
        )
        .bind(old.issuer_key.as_slice())
        .bind(old.serial.as_slice())
        .bind(new.issuer_key.as_slice())
        .bind(new.serial.as_slice())
        .execute(self.pool)
        .await?;
        let superseded =
            Revoked { at: now, reason: RevocationReason::Superseded, invalid_since: None };
        self.revoke(old, superseded).await
    }

    /// Revokes, also what was never issued. The first revocation stands. A list that is being written gets outdated
    /// with its number.
    pub(crate) async fn revoke(&self, which: &CertificateId, revoked: Revoked) -> Result<()> {
        let mut transaction = self.store.begin().await?;
        sqlx::query(
            "INSERT INTO jlis_certificate (issuer, serial, revoked_at, reason, invalid_since) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (issuer, serial) DO UPDATE SET \
             revoked_at = excluded.revoked_at, reason = excluded.reason, \
             invalid_since = excluded.invalid_since WHERE jlis_certificate.revoked_at IS NULL",
        )
        .bind(which.issuer_key.as_slice())
        .bind(which.serial.as_slice())
        .bind(revoked.at)
        .bind(revoked.reason.number())
        .bind(revoked.invalid_since)
        .execute(&mut *transaction)
        .await?;
        // A list that nobody has written yet counts, too: whoever is about to write it waits for this to be over.
        sqlx::query(
            "INSERT INTO jlis_list (issuer, name, number, this_update) \
             SELECT DISTINCT issuer, list, 0, 0 FROM jlis_certificate \
             WHERE issuer = $1 AND list IS NOT NULL ON CONFLICT DO NOTHING",
        )
        .bind(which.issuer_key.as_slice())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE jlis_list SET list = NULL, number = number + 1 WHERE issuer = $1")
            .bind(which.issuer_key.as_slice())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// What is on record of a certificate; nothing if it was never issued.
    pub(crate) async fn status(&self, issuer: &[u8], serial: &[u8]) -> Result<Option<Status>> {
        let row = sqlx::query("SELECT * FROM jlis_certificate WHERE issuer = $1 AND serial = $2")
            .bind(issuer)
            .bind(serial)
            .fetch_optional(self.pool)
            .await?;
        row.map(|row| Ok(Status { revoked: revoked(&row)? })).transpose()
    }

    /// Whether another certificate was issued in place of this one.
    pub(crate) async fn is_replaced(&self, old: &CertificateId) -> Result<bool> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM jlis_certificate WHERE replaces_issuer = $1 AND replaces_serial = $2",
        )
        .bind(old.issuer_key.as_slice())
        .bind(old.serial.as_slice())
        .fetch_one(self.pool)
        .await?;
        Ok(count > 0)
    }

    /// What a certificate was issued in place of, and that one, and so on.
    pub(crate) async fn predecessors(&self, new: &CertificateId) -> Result<Vec<CertificateId>> {
        let mut found: Vec<CertificateId> = Vec::new();
        while found.len() < LONGEST_CHAIN {
            let last = found.last().unwrap_or(new);
            let row: Option<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
                "SELECT replaces_issuer, replaces_serial FROM jlis_certificate \
                 WHERE issuer = $1 AND serial = $2 AND replaces_serial IS NOT NULL",
            )
            .bind(last.issuer_key.as_slice())
            .bind(last.serial.as_slice())
            .fetch_optional(self.pool)
            .await?;
            match row {
                Some((issuer_key, serial)) => found.push(CertificateId { issuer_key, serial }),
                None => break,
            }
        }
        Ok(found)
    }

    /// Names of an authority's lists.
    pub(crate) async fn lists(&self, issuer: &[u8]) -> Result<Vec<Vec<u8>>> {
        sqlx::query_scalar(
            "SELECT DISTINCT list FROM jlis_certificate WHERE issuer = $1 AND list IS NOT NULL ORDER BY list",
        )
        .bind(issuer)
        .fetch_all(self.pool)
        .await
    }

    /// Serial numbers of what belongs on a list, in order. A certificate whose list is not known is on all of them.
    pub(crate) async fn revoked(
        &self,
        issuer: &[u8],
        list: &[u8],
    ) -> Result<Vec<(Vec<u8>, Revoked)>> {
        let rows = sqlx::query(
            "SELECT * FROM jlis_certificate WHERE issuer = $1 AND (list = $2 OR list IS NULL) \
             AND revoked_at IS NOT NULL ORDER BY revoked_at, serial",
        )
        .bind(issuer)
        .bind(list)
        .fetch_all(self.pool)
        .await?;
        rows.iter()
            .filter_map(|row| match (row.try_get("serial"), revoked(row)) {
                (Ok(serial), Ok(Some(revoked))) => Some(Ok((serial, revoked))),
                (Ok(_), Ok(None)) => None,
                (Err(error), _) | (_, Err(error)) => Some(Err(error)),
            })
            .collect()
    }

    /// The last list of a name.
    pub(crate) async fn published(&self, issuer: &[u8], list: &[u8]) -> Result<Option<Published>> {
        let row = sqlx::query("SELECT * FROM jlis_list WHERE issuer = $1 AND name = $2")
            .bind(issuer)
            .bind(list)
            .fetch_optional(self.pool)
            .await?;
        row.map(|row| {
            Ok(Published { this_update: row.try_get("this_update")?, list: row.try_get("list")? })
        })
        .transpose()
    }

    /// The number of the next list of a name, which nobody else gets.
    pub(crate) async fn next_number(&self, issuer: &[u8], list: &[u8], now: i64) -> Result<i64> {
        let rows: Vec<i64> = sqlx::query_scalar(
            "INSERT INTO jlis_list (issuer, name, number, this_update) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (issuer, name) DO UPDATE SET number = jlis_list.number + 1, \
             this_update = excluded.this_update, list = NULL \
             RETURNING number",
        )
        .bind(issuer)
        .bind(list)
        .bind(now)
        .fetch_all(self.pool)
        .await?;
        rows.first().copied().ok_or(sqlx::Error::RowNotFound)
    }

    /// Keeps a list, unless another has taken its place or something on it has changed meanwhile.
    pub(crate) async fn publish(
        &self,
        issuer: &[u8],
        list: &[u8],
        number: i64,
        der: &[u8],
    ) -> Result<()> {
        sqlx::query(
            "UPDATE jlis_list SET list = $1 WHERE issuer = $2 AND name = $3 AND number = $4",
        )
        .bind(der)
        .bind(issuer)
        .bind(list)
        .bind(number)
        .execute(self.pool)
        .await?;
        Ok(())
    }
}

fn revoked(row: &AnyRow) -> Result<Option<Revoked>> {
    let Some(at) = row.try_get("revoked_at")? else { return Ok(None) };
    let reason = RevocationReason::numbered(row.try_get("reason")?);
    Ok(Some(Revoked { at, reason, invalid_since: row.try_get("invalid_since")? }))
}
