//! Public Medical Hub (PMH): from a link number (紐付番号) to a PMH-ID, under which 介護情報基盤 knows a person.

use std::sync::Arc;

use ring::hmac;
use sqlx::AnyConnection;

use crate::base::Base;
use crate::base::database::{Migrations, Result as Stored};
use crate::base::failure::StartError;
use crate::base::jws::base64url;

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "pmh",
    sqlite: &[include_str!("migrations/sqlite/0001_identifier.sql")],
    postgres: &[include_str!("migrations/postgres/0001_identifier.sql")],
};

pub(crate) struct Pmh {
    base: Arc<Base>,
    /// From link number to PMH-ID.
    key: hmac::Key,
}

impl Pmh {
    pub(crate) async fn open(base: Arc<Base>) -> Result<Self, StartError> {
        let key = base.store.mac_key("pmh").await?;
        Ok(Self { base, key })
    }

    /// Forgets everybody.
    pub(crate) async fn clear(&self, connection: &mut AnyConnection) -> Stored<()> {
        sqlx::query("DELETE FROM pmh_identifier").execute(connection).await?;
        Ok(())
    }

    /// Gives the holder of a link number a PMH-ID: always the same.
    pub(crate) async fn assign(
        &self,
        connection: &mut AnyConnection,
        link_number: &str,
    ) -> Stored<String> {
        let pmh_id = base64url(hmac::sign(&self.key, link_number.as_bytes()).as_ref());
        sqlx::query("INSERT INTO pmh_identifier (link_number, pmh_id) VALUES ($1, $2)")
            .bind(link_number)
            .bind(&pmh_id)
            .execute(connection)
            .await?;
        Ok(pmh_id)
    }

    /// The PMH-ID of the holder of a link number.
    pub(crate) async fn identifier(&self, link_number: &str) -> Stored<Option<String>> {
        sqlx::query_scalar("SELECT pmh_id FROM pmh_identifier WHERE link_number = $1")
            .bind(link_number)
            .fetch_optional(self.base.store.pool())
            .await
    }
}
