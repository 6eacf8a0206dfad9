//! What may be shown once, and never again while it would still be good.

use super::database::{Result, Store};

impl Store {
    /// Notes that somebody showed this until then, in seconds since the epoch. False if they had before.
    pub(crate) async fn first_time(&self, owner: &str, jti: &str, until: i64) -> Result<bool> {
        let noted = sqlx::query(
            "INSERT INTO base_once (owner, jti, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(owner)
        .bind(jti)
        .bind(until)
        .execute(self.pool())
        .await?;
        Ok(noted.rows_affected() == 1)
    }

    /// Forgets what is refused by now because it is too old.
    pub(crate) async fn forget_shown(&self, now: i64) -> Result<()> {
        let old = sqlx::query("DELETE FROM base_once WHERE until < $1").bind(now);
        old.execute(self.pool()).await?;
        Ok(())
    }
}
