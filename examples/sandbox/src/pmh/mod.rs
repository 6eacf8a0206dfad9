//! Public Medical Hub (PMH): from a link number (紐付番号) to a PMH-ID, under which 介護情報基盤 knows a person.

use std::sync::{Arc, LazyLock};

use ring::hmac;
use sqlx::AnyConnection;

use crate::base::Base;
use crate::base::database::{Migrations, Result as Stored};
use crate::base::failure::StartError;
use crate::base::jws::base64url;
use crate::base::many::Many;

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "pmh",
    sqlite: &[include_str!("migrations/sqlite/0001_identifier.sql")],
    postgres: &[include_str!("migrations/postgres/0001_identifier.sql")],
};

static ASSIGN: LazyLock<Many> = LazyLock::new(|| {
    Many::new("INSERT INTO pmh_identifier (link_number, pmh_id)", 2, "ON CONFLICT DO NOTHING")
});

const IDENTIFIER: &str = "SELECT pmh_id FROM pmh_identifier WHERE link_number = $1";

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

    /// Gives the holder of a link number a PMH-ID: always the same.
    pub(crate) async fn assign(
        &self,
        connection: &mut AnyConnection,
        link_number: &str,
    ) -> Stored<String> {
        let assigned = self.assign_all(connection, &[link_number]).await?;
        Ok(assigned.into_iter().next().unwrap_or_default())
    }

    /// The same for many, in their order.
    pub(crate) async fn assign_all(
        &self,
        connection: &mut AnyConnection,
        link_numbers: &[&str],
    ) -> Stored<Vec<String>> {
        let of = |link: &&str| base64url(hmac::sign(&self.key, link.as_bytes()).as_ref());
        let pmh_ids: Vec<String> = link_numbers.iter().map(of).collect();
        let rows: Vec<_> = link_numbers.iter().zip(&pmh_ids).collect();
        for (statement, rows) in ASSIGN.statements(&rows) {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(statement));
            for (link_number, pmh_id) in rows {
                query = query.bind(**link_number).bind(pmh_id.as_str());
            }
            query.execute(&mut *connection).await?;
        }
        Ok(pmh_ids)
    }

    /// The PMH-ID of the holder of a link number.
    pub(crate) async fn identifier(&self, link_number: &str) -> Stored<Option<String>> {
        sqlx::query_scalar(IDENTIFIER)
            .bind(link_number)
            .fetch_optional(self.base.store.pool())
            .await
    }

    /// The link number of whoever has this PMH-ID.
    pub(crate) async fn link_number(&self, pmh_id: &str) -> Stored<Option<String>> {
        sqlx::query_scalar("SELECT link_number FROM pmh_identifier WHERE pmh_id = $1")
            .bind(pmh_id)
            .fetch_optional(self.base.store.pool())
            .await
    }

    /// The same within a transaction.
    pub(crate) async fn identifier_in(
        &self,
        transaction: &mut AnyConnection,
        link_number: &str,
    ) -> Stored<Option<String>> {
        sqlx::query_scalar(IDENTIFIER).bind(link_number).fetch_optional(transaction).await
    }
}
