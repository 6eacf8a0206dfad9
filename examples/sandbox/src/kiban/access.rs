//! Who was shown what of a person: kept for the person, who may ask (自己情報の閲覧記録).

use sqlx::Row;
use sqlx::any::AnyRow;

use super::Kiban;
use crate::base::database::Result as Stored;

/// Somebody was shown something.
pub(crate) struct Look<'a> {
    pub(crate) pmh_id: &'a str,
    pub(crate) facility_id: &'a str,
    /// What whoever looked is at the facility; not who they are.
    pub(crate) role: &'a str,
    /// `qualification`, or a kind of information.
    pub(crate) what: &'a str,
    /// How the person was verified.
    pub(crate) method: &'a str,
}

/// The same, as it is kept.
pub(crate) struct Access {
    pub(crate) number: i64,
    /// Seconds since the epoch.
    pub(crate) at: i64,
    pub(crate) facility_id: String,
    pub(crate) role: String,
    pub(crate) what: String,
    pub(crate) method: String,
}

impl Kiban {
    /// Keeps who is shown what, before it is shown.
    pub(crate) async fn looked(&self, look: &Look<'_>) -> Stored<()> {
        sqlx::query(
            "INSERT INTO kiban_access (pmh_id, at, facility_id, role, what, method) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(look.pmh_id)
        .bind(self.base.now())
        .bind(look.facility_id)
        .bind(look.role)
        .bind(look.what)
        .bind(look.method)
        .execute(self.base.store.pool())
        .await?;
        Ok(())
    }

    /// Who was shown something of a person before a number, the last first; so many at most.
    pub(crate) async fn accesses(
        &self,
        pmh_id: &str,
        before: i64,
        most: i64,
    ) -> Stored<Vec<Access>> {
        let rows = sqlx::query(
            "SELECT number, at, facility_id, role, what, method FROM kiban_access \
             WHERE pmh_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
        )
        .bind(pmh_id)
        .bind(before)
        .bind(most)
        .fetch_all(self.base.store.pool())
        .await?;
        rows.iter().map(access).collect()
    }
}

fn access(row: &AnyRow) -> Stored<Access> {
    Ok(Access {
        number: row.try_get("number")?,
        at: row.try_get("at")?,
        facility_id: row.try_get("facility_id")?,
        role: row.try_get("role")?,
        what: row.try_get("what")?,
        method: row.try_get("method")?,
    })
}
