//! What is known of a person beside the entitlement, record by record.

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::sharing::{Kind, Physician, Viewer, Viewing, may_view};
use super::{Kiban, connection};
use crate::base::database::Result as Stored;
use crate::base::refusal::Refusal;

/// Later than every day.
const AFTER_ALL: &str = "9999-99-99";

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

/// Which records of a kind are wanted.
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    /// Before which day and number; `None` from the latest on.
    pub(crate) before: Option<(String, i64)>,
    /// How many are looked at.
    pub(crate) most: usize,
}

/// A part of them.
pub(crate) struct Records {
    pub(crate) seen: Vec<Value>,
    /// Before which day and number there are more.
    pub(crate) next: Option<(String, i64)>,
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

    /// What a facility may see of a person of one kind, the latest first. Refused if there is something, and nothing of it
    /// may be seen, or if it would be so whatever there was. Its cost is that of the part, however much there is.
    pub(crate) async fn information(
        &self,
        pmh_id: &str,
        wanted: &Wanted,
        (facility_id, viewer): (&str, Viewer),
    ) -> Result<Records, Refusal> {
        let kind = wanted.kind;
        let person = "SELECT insurer_connected, live, consent FROM kiban_insured WHERE pmh_id = $1";
        let person = sqlx::query(person).bind(pmh_id).fetch_optional(self.base.store.pool());
        let person = person.await?.ok_or(Refusal::TokenInvalid)?;
        let consent = person.try_get::<i64, _>("consent")? != 0;
        let insurer = connection(&person)?;
        let judged = |creator, physician| {
            may_view(&Viewing { kind, viewer, creator, consent, physician, insurer })
        };
        let records = "SELECT number, day, creator, physician, record FROM kiban_information \
                       WHERE pmh_id = $1 AND kind = $2 AND (day, number) < ($3, $4) \
                       ORDER BY day DESC, number DESC LIMIT $5";
        let (day, number) = wanted.before.clone().unwrap_or_else(|| (AFTER_ALL.to_owned(), 0));
        let records = sqlx::query(records)
            .bind(pmh_id)
            .bind(kind.name())
            .bind(day)
            .bind(number)
            .bind(i64::try_from(wanted.most + 1).unwrap_or(i64::MAX));
        let mut records = records.fetch_all(self.base.store.pool()).await?;
        let more = records.len() > wanted.most;
        records.truncate(wanted.most);
        let place =
            |row: &AnyRow| Ok::<_, sqlx::Error>((row.try_get("day")?, row.try_get("number")?));
        let next = records.last().filter(|_| more).map(place).transpose()?;
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
        // A later part has followed one of which something was seen, or could have been.
        let is_all = wanted.before.is_none() && next.is_none();
        match refused {
            Some(why) if seen.is_empty() && is_all => Err(why),
            None if records.is_empty() => judged(false, Physician::Agreed),
            _ => Ok(()),
        }
        .map(|()| Records { seen, next })
    }
}
