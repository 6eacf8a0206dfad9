//! The tables of the room.

use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row};

use crate::base::database::Result;

/// Something for a card to sign. Times in seconds since the epoch.
pub(super) struct Challenge {
    pub(super) nonce: String,
    /// Thumbprint of the key of whoever asked for it.
    pub(super) jkt: String,
    pub(super) issued_at: i64,
    pub(super) expires_at: i64,
}

/// Challenges and sessions.
pub(super) struct Sessions<'a>(pub(super) &'a AnyPool);

impl Sessions<'_> {
    pub(super) async fn offer(&self, digest: &[u8], challenge: &Challenge) -> Result<()> {
        sqlx::query(
            "INSERT INTO portal_challenge (digest, nonce, jkt, issued_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(digest)
        .bind(&challenge.nonce)
        .bind(&challenge.jkt)
        .bind(challenge.issued_at)
        .bind(challenge.expires_at)
        .execute(self.0)
        .await?;
        Ok(())
    }

    /// Uses a challenge up, whatever comes of it; of several at once, one does.
    pub(super) async fn use_up(&self, digest: &[u8]) -> Result<Option<Challenge>> {
        let rows = sqlx::query(
            "DELETE FROM portal_challenge WHERE digest = $1 \
             RETURNING nonce, jkt, issued_at, expires_at",
        )
        .bind(digest)
        .fetch_all(self.0)
        .await?;
        rows.first().map(challenge).transpose()
    }

    pub(super) async fn begin(
        &self,
        digest: &[u8],
        (jkt, pmh_id): (&str, &str),
        expires_at: i64,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO portal_session (digest, jkt, pmh_id, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(digest)
        .bind(jkt)
        .bind(pmh_id)
        .bind(expires_at)
        .execute(self.0)
        .await?;
        Ok(())
    }

    /// Who came in under a token and with which key, and until when they may stay.
    pub(super) async fn of(&self, digest: &[u8]) -> Result<Option<(String, String, i64)>> {
        sqlx::query_as("SELECT pmh_id, jkt, expires_at FROM portal_session WHERE digest = $1")
            .bind(digest)
            .fetch_optional(self.0)
            .await
    }

    pub(super) async fn sweep(&self, now: i64) -> Result<()> {
        for over in [
            "DELETE FROM portal_challenge WHERE expires_at <= $1",
            "DELETE FROM portal_session WHERE expires_at <= $1",
        ] {
            sqlx::query(over).bind(now).execute(self.0).await?;
        }
        Ok(())
    }
}

fn challenge(row: &AnyRow) -> Result<Challenge> {
    Ok(Challenge {
        nonce: row.try_get("nonce")?,
        jkt: row.try_get("jkt")?,
        issued_at: row.try_get("issued_at")?,
        expires_at: row.try_get("expires_at")?,
    })
}
