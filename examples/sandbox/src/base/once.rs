//! What may be shown once, and never again while it would still be good.

use sqlx::AnyConnection;

use super::database::{Result, Store};
use super::refusal::Refusal;

/// Something that was shown and is good, if it is for the first time. That is known once it has been noted, and nothing
/// is done on its account before.
#[must_use]
#[derive(Debug)]
pub(crate) struct Once {
    /// Whose.
    pub(crate) owner: String,
    pub(crate) jti: String,
    /// For how long it would be good, in seconds since the epoch.
    pub(crate) until: i64,
    /// What is said to somebody who shows it again.
    pub(crate) again: Refusal,
}

impl Once {
    /// Notes it as a part of what is done on its account.
    pub(crate) async fn note_in(
        &self,
        transaction: &mut AnyConnection,
    ) -> std::result::Result<(), Refusal> {
        let noted = sqlx::query(
            "INSERT INTO base_once (owner, jti, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(&self.owner)
        .bind(&self.jti)
        .bind(self.until)
        .execute(transaction)
        .await?;
        if noted.rows_affected() == 1 { Ok(()) } else { Err(self.again) }
    }
}

impl Store {
    /// Notes all of it, or none.
    pub(crate) async fn note(&self, shown: &[Once]) -> std::result::Result<(), Refusal> {
        let mut transaction = self.begin().await?;
        for once in shown {
            once.note_in(&mut transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets what is refused by now because it is too old.
    pub(crate) async fn forget_shown(&self, now: i64) -> Result<()> {
        let old = sqlx::query("DELETE FROM base_once WHERE until < $1").bind(now);
        old.execute(self.pool()).await?;
        Ok(())
    }
}
