//! How far an application for certification is (認定申請の進捗).

use serde_json::Value;
use sqlx::{AnyConnection, Row};

use super::{Kiban, Kind};
use crate::base::database::Result as Stored;

/// How far an application is, in the order in which it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    Applied,
    Surveyed,
    OpinionReceived,
    Judged,
    Notified,
}

impl Progress {
    const ALL: [Self; 5] =
        [Self::Applied, Self::Surveyed, Self::OpinionReceived, Self::Judged, Self::Notified];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Surveyed => "surveyed",
            Self::OpinionReceived => "opinion_received",
            Self::Judged => "judged",
            Self::Notified => "notified",
        }
    }

    fn of(record: &Value) -> Option<Self> {
        let name = record["progress"].as_str()?;
        Self::ALL.into_iter().find(|progress| progress.name() == name)
    }
}

impl Kiban {
    /// The day of the application of a person that waits for what its judgement takes; `None` if none does.
    pub(crate) async fn open_application(
        &self,
        transaction: &mut AnyConnection,
        pmh_id: &str,
    ) -> Stored<Option<String>> {
        let latest = "SELECT day, record FROM kiban_information WHERE pmh_id = $1 AND kind = $2 \
                      ORDER BY day DESC, number DESC LIMIT 1";
        let latest = sqlx::query(latest).bind(pmh_id).bind(Kind::Certification.name());
        let Some(row) = latest.fetch_optional(transaction).await? else { return Ok(None) };
        let is_open = Progress::of(&read(&row.try_get::<String, _>("record")?)?)
            .is_some_and(|progress| progress < Progress::Judged);
        Ok(if is_open { Some(row.try_get("day")?) } else { None })
    }

    /// Has the application of this day be so far, unless it is farther. `false` if there is none.
    pub(crate) async fn advance(
        &self,
        transaction: &mut AnyConnection,
        pmh_id: &str,
        day: &str,
        progress: Progress,
    ) -> Stored<bool> {
        let of_day = "SELECT number, record FROM kiban_information \
                      WHERE pmh_id = $1 AND kind = $2 AND day = $3 ORDER BY number DESC LIMIT 1";
        let of_day = sqlx::query(of_day).bind(pmh_id).bind(Kind::Certification.name()).bind(day);
        let Some(row) = of_day.fetch_optional(&mut *transaction).await? else { return Ok(false) };
        let mut record = read(&row.try_get::<String, _>("record")?)?;
        if Progress::of(&record).is_some_and(|before| before < progress) {
            record["progress"] = progress.name().into();
            sqlx::query("UPDATE kiban_information SET record = $2 WHERE number = $1")
                .bind(row.try_get::<i64, _>("number")?)
                .bind(record.to_string())
                .execute(transaction)
                .await?;
        }
        Ok(true)
    }
}

fn read(record: &str) -> Stored<Value> {
    serde_json::from_str(record).map_err(|error| sqlx::Error::Decode(error.into()))
}
