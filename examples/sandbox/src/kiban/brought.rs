//! People whom a municipality brings in with a file.

use std::sync::LazyLock;

use serde_json::Value;
use sqlx::AnyConnection;

use super::{Attributes, Kiban};
use crate::base::database::Result as Stored;
use crate::base::many::Many;

/// A person as a municipality brings them in.
pub(crate) struct Brought {
    pub(crate) pmh_id: String,
    pub(crate) insurer: String,
    /// What the municipality says; what was said here counts before it.
    pub(crate) consent: bool,
    pub(crate) record: Value,
}

static BRING: LazyLock<Many> = LazyLock::new(|| {
    Many::new(
        "INSERT INTO kiban_insured (pmh_id, insurer, brought, insurer_connected, consent, record, identity)",
        7,
        "ON CONFLICT (pmh_id) DO UPDATE SET insurer = excluded.insurer, brought = excluded.brought, \
         insurer_connected = excluded.insurer_connected, record = excluded.record, \
         identity = excluded.identity",
    )
});

impl Kiban {
    /// Enters these people, or what is known of them now.
    pub(crate) async fn bring(
        &self,
        transaction: &mut AnyConnection,
        people: &[Brought],
        generation: i64,
        connected: bool,
    ) -> Stored<()> {
        for (statement, people) in BRING.statements(people) {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(statement));
            for person in people {
                query = query
                    .bind(&person.pmh_id)
                    .bind(&person.insurer)
                    .bind(generation)
                    .bind(i64::from(connected))
                    .bind(i64::from(person.consent))
                    .bind(person.record.to_string())
                    .bind(Attributes::of(&person.record));
            }
            query.execute(&mut *transaction).await?;
        }
        Ok(())
    }

    /// Nobody is known under this any more; how many there were.
    pub(crate) async fn remove(
        &self,
        transaction: &mut AnyConnection,
        pmh_id: &str,
    ) -> Stored<u64> {
        let gone = sqlx::query("DELETE FROM kiban_insured WHERE pmh_id = $1").bind(pmh_id);
        Ok(gone.execute(transaction).await?.rows_affected())
    }

    /// An insurer's insured of whom this import has not spoken are nobody's any more; how many.
    pub(crate) async fn remove_others(
        &self,
        transaction: &mut AnyConnection,
        insurer: &str,
        generation: i64,
    ) -> Stored<u64> {
        let gone =
            "DELETE FROM kiban_insured WHERE insurer = $1 AND brought <> $2 AND brought <> 0";
        let gone = sqlx::query(gone).bind(insurer).bind(generation);
        Ok(gone.execute(transaction).await?.rows_affected())
    }

    /// What is known of an insurer's insured can be seen from now on.
    pub(crate) async fn connect(
        &self,
        transaction: &mut AnyConnection,
        insurer: &str,
    ) -> Stored<()> {
        sqlx::query("UPDATE kiban_insured SET insurer_connected = 1 WHERE insurer = $1")
            .bind(insurer)
            .execute(transaction)
            .await?;
        Ok(())
    }
}
