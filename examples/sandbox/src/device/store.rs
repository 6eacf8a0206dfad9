//! Codes, devices and their keys in the database.

use jiff::Timestamp;
use ring::error::Unspecified;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row};

use super::client::Client;
use crate::base::database::{Migrations, Result, Store};
use crate::base::jwk::PublicKey;

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "device",
    sqlite: &[include_str!("migrations/sqlite/0001_devices.sql")],
    postgres: &[include_str!("migrations/postgres/0001_devices.sql")],
};

/// An activation code as it is kept.
pub(super) struct Code {
    /// SHA-256 of its bits.
    pub(super) digest: Vec<u8>,
    pub(super) facility_id: String,
    pub(super) label: String,
    /// Seconds since the epoch.
    pub(super) expires_at: i64,
}

/// A device as the books show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Its `client_id`.
    pub device_id: String,
    /// Whose it is.
    pub facility_id: String,
    /// What its administrator calls it.
    pub label: String,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// Since when it is refused, if it is.
    pub killed_at: Option<Timestamp>,
}

/// What came of an enrolment, or of a change of keys.
pub(super) enum Entered {
    Now(Client),
    /// Nothing fits: no such code, or it was used, or it is too late.
    Nothing,
    /// The key is or was another device's, or this one's.
    KeyKnown,
}

/// A device as it is looked up.
pub(super) enum Found {
    Alive(Client),
    Killed,
    Nobody,
}

/// The tables.
pub(super) struct Books<'a> {
    store: &'a Store,
    pool: &'a AnyPool,
}

impl<'a> Books<'a> {
    pub(super) fn of(store: &'a Store) -> Self {
        Self { store, pool: store.pool() }
    }

    pub(super) async fn add_code(&self, code: &Code) -> Result<()> {
        sqlx::query(
            "INSERT INTO device_code (digest, facility_id, label, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(code.digest.as_slice())
        .bind(&code.facility_id)
        .bind(&code.label)
        .bind(code.expires_at)
        .execute(self.pool)
        .await?;
        Ok(())
    }

    /// Uses a code up and enters a device, both or neither. Which facility and label it gets is in the code; `issued`
    /// makes its certificate for that facility.
    pub(super) async fn enrol(
        &self,
        code: &[u8],
        id: &str,
        key: &PublicKey,
        issued: impl FnOnce(&str) -> std::result::Result<Option<Vec<u8>>, Unspecified>,
        now: i64,
    ) -> Result<Entered> {
        let mut transaction = self.store.begin().await?;
        if self.is_known(&mut transaction, &key.thumbprint()).await? {
            return Ok(Entered::KeyKnown);
        }
        let used = sqlx::query(
            "DELETE FROM device_code WHERE digest = $1 AND expires_at > $2 RETURNING facility_id, label",
        )
        .bind(code)
        .bind(now)
        .fetch_all(&mut *transaction)
        .await?;
        let Some(used) = used.first() else { return Ok(Entered::Nothing) };
        let facility_id: String = used.try_get("facility_id")?;
        let client = Client {
            id: id.to_owned(),
            key: key.clone(),
            certificate: issued(&facility_id)
                .map_err(|_| sqlx::Error::Encode("no certificate can be made".into()))?,
            facility_id: Some(facility_id.clone()),
            label: used.try_get("label")?,
            scopes: Vec::new(),
        };
        sqlx::query(
            "INSERT INTO device_client \
             (client_id, facility_id, label, jkt, jwk, certificate, enrolled_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&client.id)
        .bind(facility_id)
        .bind(&client.label)
        .bind(key.thumbprint())
        .bind(key.jwk().to_string())
        .bind(client.certificate.clone())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Entered::Now(client))
    }

    /// Gives a device another key and certificate. The one before is nobody's from now on.
    pub(super) async fn roll(
        &self,
        client: &Client,
        key: &PublicKey,
        certificate: Option<Vec<u8>>,
    ) -> Result<Entered> {
        let mut transaction = self.store.begin().await?;
        if self.is_known(&mut transaction, &key.thumbprint()).await? {
            return Ok(Entered::KeyKnown);
        }
        let old = client.key.thumbprint();
        let rolled = sqlx::query(
            "UPDATE device_client SET jkt = $1, jwk = $2, certificate = $3 \
             WHERE client_id = $4 AND jkt = $5 AND killed_at IS NULL",
        )
        .bind(key.thumbprint())
        .bind(key.jwk().to_string())
        .bind(certificate.clone())
        .bind(&client.id)
        .bind(&old)
        .execute(&mut *transaction)
        .await?;
        if rolled.rows_affected() != 1 {
            return Ok(Entered::Nothing);
        }
        sqlx::query("INSERT INTO device_retired_key (jkt, client_id) VALUES ($1, $2)")
            .bind(old)
            .bind(&client.id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Entered::Now(Client { key: key.clone(), certificate, ..client.clone() }))
    }

    async fn is_known(&self, transaction: &mut sqlx::AnyConnection, jkt: &str) -> Result<bool> {
        let known: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM device_client WHERE jkt = $1) \
             + (SELECT count(*) FROM device_retired_key WHERE jkt = $1)",
        )
        .bind(jkt)
        .fetch_one(transaction)
        .await?;
        Ok(known > 0)
    }

    /// The device of this name.
    pub(super) async fn named(&self, id: &str) -> Result<Found> {
        let row = sqlx::query("SELECT * FROM device_client WHERE client_id = $1").bind(id);
        found(row.fetch_optional(self.pool).await?.as_ref())
    }

    /// The device whose key this is, or was.
    pub(super) async fn with_key(&self, jkt: &str) -> Result<Found> {
        let row = sqlx::query("SELECT * FROM device_client WHERE jkt = $1").bind(jkt);
        match found(row.fetch_optional(self.pool).await?.as_ref())? {
            Found::Nobody => {}
            found => return Ok(found),
        }
        let retired = sqlx::query("SELECT jkt FROM device_retired_key WHERE jkt = $1").bind(jkt);
        let retired = retired.fetch_optional(self.pool).await?;
        Ok(if retired.is_some() { Found::Killed } else { Found::Nobody })
    }

    /// The device that has this certificate, in DER.
    pub(super) async fn with_certificate(&self, certificate: &[u8]) -> Result<Found> {
        let row =
            sqlx::query("SELECT * FROM device_client WHERE certificate = $1").bind(certificate);
        found(row.fetch_optional(self.pool).await?.as_ref())
    }

    /// Refuses a device from now on. False if there is none of that name, or not at this facility.
    pub(super) async fn kill(&self, facility: Option<&str>, id: &str, now: i64) -> Result<bool> {
        let killed = sqlx::query(
            "UPDATE device_client SET killed_at = COALESCE(killed_at, $1) \
             WHERE client_id = $2 AND facility_id = COALESCE($3, facility_id)",
        )
        .bind(now)
        .bind(id)
        .bind(facility)
        .execute(self.pool)
        .await?;
        Ok(killed.rows_affected() == 1)
    }

    /// All devices, or those of a facility, the oldest first.
    pub(super) async fn records(&self, facility: Option<&str>) -> Result<Vec<DeviceRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM device_client WHERE facility_id = COALESCE($1, facility_id) ORDER BY number",
        )
        .bind(facility)
        .fetch_all(self.pool)
        .await?;
        rows.iter().map(record).collect()
    }

    /// Removes codes that can no longer be used.
    pub(super) async fn sweep(&self, now: i64) -> Result<()> {
        let old = sqlx::query("DELETE FROM device_code WHERE expires_at <= $1").bind(now);
        old.execute(self.pool).await?;
        Ok(())
    }
}

fn found(row: Option<&AnyRow>) -> Result<Found> {
    let Some(row) = row else { return Ok(Found::Nobody) };
    if row.try_get::<Option<i64>, _>("killed_at")?.is_some() {
        return Ok(Found::Killed);
    }
    let jwk: String = row.try_get("jwk")?;
    let key = serde_json::from_str(&jwk).ok().and_then(|jwk| PublicKey::read(&jwk));
    Ok(Found::Alive(Client {
        id: row.try_get("client_id")?,
        key: key.ok_or_else(|| sqlx::Error::Decode("a key is damaged".into()))?,
        facility_id: Some(row.try_get("facility_id")?),
        label: row.try_get("label")?,
        certificate: row.try_get("certificate")?,
        scopes: Vec::new(),
    }))
}

fn record(row: &AnyRow) -> Result<DeviceRecord> {
    let time = |seconds| Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(DeviceRecord {
        device_id: row.try_get("client_id")?,
        facility_id: row.try_get("facility_id")?,
        label: row.try_get("label")?,
        enrolled_at: time(row.try_get("enrolled_at")?),
        killed_at: row.try_get::<Option<i64>, _>("killed_at")?.map(time),
    })
}
