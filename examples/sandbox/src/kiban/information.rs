//! What is known of a person beside the entitlement, record by record.

use serde_json::Value;
use sqlx::{AnyConnection, Row};

use super::sharing::{Kind, Physician, Viewer, Viewing, may_view};
use super::{Kiban, connection};
use crate::base::database::Result as Stored;
use crate::base::refusal::Refusal;

/// A record, as it is brought in.
pub(crate) struct Known {
    pub(crate) kind: Kind,
    /// The day by which it is put in order, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// The facility that made it; none if it is the municipality.
    pub(crate) creator: Option<String>,
    pub(crate) physician: Physician,
    /// JSON object, as it is given.
    pub(crate) record: Value,
}

impl Physician {
    fn code(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }

    fn of(code: &str) -> Self {
        match code {
            "agreed" => Self::Agreed,
            "refused" => Self::Refused,
            _ => Self::Unknown,
        }
    }
}

impl Kiban {
    /// Enters a record.
    pub(crate) async fn add_information(
        &self,
        connection: &mut AnyConnection,
        pmh_id: &str,
        known: &Known,
    ) -> Stored<()> {
        sqlx::query(
            "INSERT INTO kiban_information (pmh_id, kind, day, creator, physician, record) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(pmh_id)
        .bind(known.kind.name())
        .bind(&known.day)
        .bind(&known.creator)
        .bind(known.physician.code())
        .bind(known.record.to_string())
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Everything of one kind that a facility may see of a person, the latest first. Refused if there is something, and
    /// nothing of it may be seen, or if it would be so whatever there was.
    pub(crate) async fn information(
        &self,
        pmh_id: &str,
        kind: Kind,
        (facility_id, viewer): (&str, Viewer),
    ) -> Result<Vec<Value>, Refusal> {
        let person = "SELECT insurer_connected, live, consent FROM kiban_insured WHERE pmh_id = $1";
        let person = sqlx::query(person).bind(pmh_id).fetch_optional(self.base.store.pool());
        let person = person.await?.ok_or(Refusal::TokenInvalid)?;
        let consent = person.try_get::<i64, _>("consent")? != 0;
        let insurer = connection(&person)?;
        let judged = |creator, physician| {
            may_view(&Viewing { kind, viewer, creator, consent, physician, insurer })
        };
        let records = "SELECT creator, physician, record FROM kiban_information \
                       WHERE pmh_id = $1 AND kind = $2 ORDER BY day DESC, number DESC";
        let records = sqlx::query(records).bind(pmh_id).bind(kind.name());
        let records = records.fetch_all(self.base.store.pool()).await?;
        let (mut seen, mut refused) = (Vec::new(), None);
        for row in &records {
            let creator: Option<String> = row.try_get("creator")?;
            let physician: String = row.try_get("physician")?;
            let made = creator.as_deref() == Some(facility_id);
            match judged(made, Physician::of(&physician)) {
                Ok(()) => {
                    let record: String = row.try_get("record")?;
                    seen.push(serde_json::from_str(&record).map_err(|_| Refusal::ServerFailed)?);
                }
                // That it would be shared but for the physician says more than that it is not.
                Err(why) if refused != Some(Refusal::PhysicianConsentRequired) => {
                    refused = Some(why);
                }
                Err(_) => {}
            }
        }
        match refused {
            Some(why) if seen.is_empty() => Err(why),
            None if records.is_empty() => judged(false, Physician::Agreed).map(|()| seen),
            _ => Ok(seen),
        }
    }
}
