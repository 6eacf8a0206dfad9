//! What a person sees of themselves: without consent, which is about others.

use serde_json::Value;
use sqlx::Row;

use super::sharing::{Connection, Kind};
use super::{Kiban, connection};
use crate::base::clock::rfc3339;
use crate::base::refusal::Refusal;

impl Kiban {
    /// A person's own entitlement.
    pub(crate) async fn own_entitlement(&self, pmh_id: &str) -> Result<Value, Refusal> {
        let row = sqlx::query(
            "SELECT insurer_connected, live, record FROM kiban_insured WHERE pmh_id = $1",
        )
        .bind(pmh_id)
        .fetch_optional(self.base.store.pool())
        .await?
        .ok_or(Refusal::PersonNotFound)?;
        if connection(&row)? == Connection::NotConnected {
            return Err(Refusal::InsurerNotConnected);
        }
        let record: String = row.try_get("record")?;
        let mut record: Value = serde_json::from_str(&record).map_err(|_| Refusal::ServerFailed)?;
        record["periodic"]["as_of"] = rfc3339(self.base.now()).into();
        Ok(record)
    }

    /// How a person's applications for certification go, the latest first.
    pub(crate) async fn own_progress(&self, pmh_id: &str) -> Result<Vec<Value>, Refusal> {
        self.own_entitlement(pmh_id).await?;
        let records: Vec<String> = sqlx::query_scalar(
            "SELECT record FROM kiban_information WHERE pmh_id = $1 AND kind = $2 \
             ORDER BY day DESC, number DESC",
        )
        .bind(pmh_id)
        .bind(Kind::Certification.name())
        .fetch_all(self.base.store.pool())
        .await?;
        let read =
            |record: &String| serde_json::from_str(record).map_err(|_| Refusal::ServerFailed);
        records.iter().map(read).collect()
    }
}
