//! Secrets by which a municipality's system is known, and what became of the files that it sent.

use serde_json::Value;

use super::Insurer;
use crate::base::database::Result as Stored;
use crate::base::jws::{base64url, sha256};
use crate::base::keys::random;
use crate::base::refusal::Refusal;

/// How long a key is good, in seconds: a year.
const LIFETIME: i64 = 365 * 24 * 60 * 60;

impl Insurer {
    /// A key for these insurers (several for a union), in place of those that they have: 256 random bits in base64url, told
    /// this once.
    pub(crate) async fn make_key(&self, insurers: &[String]) -> Result<String, Refusal> {
        let key = base64url(&random::<32>()?);
        let mut transaction = self.base.store.begin().await?;
        sqlx::query("DELETE FROM insurer_key WHERE insurers = $1")
            .bind(insurers.join(","))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO insurer_key (digest, insurers, until) VALUES ($1, $2, $3)")
            .bind(sha256(key.as_bytes()))
            .bind(insurers.join(","))
            .bind(self.base.now() + LIFETIME)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(key)
    }

    /// Ends the keys of these insurers. `false` if there is none.
    pub(crate) async fn end_key(&self, insurers: &[String]) -> Stored<bool> {
        let gone = "DELETE FROM insurer_key WHERE insurers = $1";
        let gone = sqlx::query(gone).bind(insurers.join(","));
        Ok(gone.execute(self.base.store.pool()).await?.rows_affected() > 0)
    }

    /// Whose key this is.
    pub(crate) async fn insurers_of(&self, key: &str) -> Stored<Option<Vec<String>>> {
        let whose = "SELECT insurers FROM insurer_key WHERE digest = $1 AND until > $2";
        let whose: Option<String> = sqlx::query_scalar(whose)
            .bind(sha256(key.as_bytes()))
            .bind(self.base.now())
            .fetch_optional(self.base.store.pool())
            .await?;
        Ok(whose.map(|whose| whose.split(',').map(str::to_owned).collect()))
    }

    /// Keeps what is known of a file that came.
    pub(crate) async fn keep_upload(
        &self,
        id: &str,
        insurers: &[String],
        report: &Value,
    ) -> Stored<()> {
        sqlx::query(
            "INSERT INTO insurer_upload (id, insurers, report) VALUES ($1, $2, $3) \
             ON CONFLICT (id) DO UPDATE SET report = excluded.report",
        )
        .bind(id)
        .bind(insurers.join(","))
        .bind(report.to_string())
        .execute(self.base.store.pool())
        .await?;
        Ok(())
    }

    /// What is known of a file of these insurers.
    pub(crate) async fn upload(&self, id: &str, insurers: &[String]) -> Stored<Option<Value>> {
        let report = "SELECT report FROM insurer_upload WHERE id = $1 AND insurers = $2";
        let report: Option<String> = sqlx::query_scalar(report)
            .bind(id)
            .bind(insurers.join(","))
            .fetch_optional(self.base.store.pool())
            .await?;
        let report = report.map(|report| serde_json::from_str(&report));
        report.transpose().map_err(|error| sqlx::Error::Decode(error.into()))
    }
}
