//! Many people at once, for lists.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Kiban, gates};
use crate::base::database::Result as Stored;
use crate::base::refusal::Refusal;

/// How many are asked for in one query. It has one text, so that it is prepared once: where there are fewer, the last is
/// named again.
const BATCH: usize = 100;

static QUERY: LazyLock<String> = LazyLock::new(|| {
    let mut query =
        "SELECT pmh_id, insurer_connected, live, consent, record, identity FROM kiban_insured \
                     WHERE pmh_id IN ($1"
            .to_owned();
    for number in 2..=BATCH {
        // Writing to a string does not fail.
        let _ = write!(query, ", ${number}");
    }
    query.push(')');
    query
});

/// Where somebody stands in a list.
pub(crate) struct Place {
    /// The name, as names are compared.
    pub(crate) name: String,
    /// The date of birth in eight digits, with zeros for what is not known.
    pub(crate) birth: String,
}

impl Place {
    fn of(row: &AnyRow) -> Stored<Self> {
        let identity: String = row.try_get("identity")?;
        // Name, date, sex; only a name may hold the sign that parts them.
        let mut parts = identity.rsplitn(3, '/').skip(1).map(str::to_owned);
        let birth = parts.next().unwrap_or_default();
        Ok(Self { name: parts.next().unwrap_or_default(), birth })
    }
}

impl Kiban {
    /// What is known of these people, by PMH-ID; of those of whom nothing is served, nothing.
    pub(crate) async fn entitlements(
        &self,
        pmh_ids: &[&str],
    ) -> Result<HashMap<String, Value>, Refusal> {
        let mut known = HashMap::new();
        for row in self.several(pmh_ids).await? {
            match gates(&row) {
                Ok(()) => {}
                Err(Refusal::ServerFailed) => return Err(Refusal::ServerFailed),
                Err(_) => continue,
            }
            let record: String = row.try_get("record")?;
            let record = serde_json::from_str(&record).map_err(|_| Refusal::ServerFailed)?;
            known.insert(row.try_get("pmh_id")?, record);
        }
        Ok(known)
    }

    /// Where these people stand in a list, by PMH-ID.
    pub(crate) async fn places(&self, pmh_ids: &[&str]) -> Stored<HashMap<String, Place>> {
        let rows = self.several(pmh_ids).await?;
        rows.iter().map(|row| Ok((row.try_get("pmh_id")?, Place::of(row)?))).collect()
    }

    /// Where a person stands in a list.
    pub(crate) async fn place(&self, pmh_id: &str) -> Result<Place, Refusal> {
        let row = sqlx::query("SELECT identity FROM kiban_insured WHERE pmh_id = $1")
            .bind(pmh_id)
            .fetch_optional(self.base.store.pool())
            .await?;
        Ok(Place::of(&row.ok_or(Refusal::PersonNotFound)?)?)
    }

    async fn several(&self, pmh_ids: &[&str]) -> Stored<Vec<AnyRow>> {
        let mut rows = Vec::with_capacity(pmh_ids.len());
        for batch in pmh_ids.chunks(BATCH) {
            let last = batch.last().copied().unwrap_or_default();
            let padded = batch.iter().copied().chain(std::iter::repeat(last)).take(BATCH);
            let mut query = sqlx::query(QUERY.as_str());
            for pmh_id in padded {
                query = query.bind(pmh_id);
            }
            rows.extend(query.fetch_all(self.base.store.pool()).await?);
        }
        Ok(rows)
    }
}
