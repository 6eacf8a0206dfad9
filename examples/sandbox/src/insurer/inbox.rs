//! The insurer's inbox: notices that a plan will be made (居宅サービス計画作成依頼届出, 介護予防サービス計画作成依頼届出), as they come from
//! facilities, and what the insurer says to each.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Insurer;
use crate::base::database::{Migrations, Result as Stored};
use crate::base::refusal::Refusal;

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "insurer",
    sqlite: &[
        include_str!("migrations/sqlite/0001_filing.sql"),
        include_str!("migrations/sqlite/0002_import.sql"),
        include_str!("migrations/sqlite/0003_opinion.sql"),
        include_str!("migrations/sqlite/0004_api.sql"),
    ],
    postgres: &[
        include_str!("migrations/postgres/0001_filing.sql"),
        include_str!("migrations/postgres/0002_import.sql"),
        include_str!("migrations/postgres/0003_opinion.sql"),
        include_str!("migrations/postgres/0004_api.sql"),
    ],
};

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilingStatus {
    /// It has arrived.
    Received,
    /// Somebody looks at it.
    InReview,
    /// The facility plans the person's care from the day it names.
    Accepted,
    /// It was sent back with a reason.
    Returned,
    /// A later one has come in its place.
    Replaced,
}

impl FilingStatus {
    const ALL: [Self; 5] =
        [Self::Received, Self::InReview, Self::Accepted, Self::Returned, Self::Replaced];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::InReview => "in_review",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Replaced => "replaced",
        }
    }

    fn of(code: &str) -> Stored<Self> {
        let status = Self::ALL.into_iter().find(|status| status.code() == code);
        status.ok_or_else(|| sqlx::Error::Decode("a status that is none".into()))
    }
}

/// A notice in an insurer's inbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Filing {
    /// Its name (UUID), given by whoever sent it.
    pub id: String,
    /// Who sent it.
    pub facility_id: String,
    /// Whom it is about (被保険者番号).
    pub insured_number: String,
    /// `care_plan` or `preventive_care_plan`.
    pub kind: String,
    /// From when the plan is made.
    pub start_on: Date,
    /// The one that it corrects.
    pub replaces: Option<String>,
    /// Where it stands.
    pub status: FilingStatus,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Why it was sent back.
    pub reason: Option<String>,
    pub(crate) pmh_id: String,
    pub(crate) number: i64,
}

impl std::fmt::Debug for Filing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filing({} {})", self.kind, self.status.code())
    }
}

/// A notice that is sent.
pub(crate) struct NewFiling<'a> {
    pub(crate) id: &'a str,
    pub(crate) facility_id: &'a str,
    pub(crate) facility_name: &'a str,
    pub(crate) pmh_id: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) start_on: Date,
    pub(crate) replaces: Option<&'a str>,
}

impl Insurer {
    /// What was sent before under this name, if this is the same again; nobody else files anything for the person before
    /// the end of the transaction.
    pub(crate) async fn filed(
        &self,
        transaction: &mut AnyConnection,
        filing: &NewFiling<'_>,
    ) -> Result<Option<Filing>, Refusal> {
        self.kiban.hold(transaction, filing.pmh_id).await?;
        let Some(before) = named(transaction, filing.id).await? else { return Ok(None) };
        let same = before.facility_id == filing.facility_id
            && before.pmh_id == filing.pmh_id
            && before.kind == filing.kind
            && before.start_on == filing.start_on
            && before.replaces.as_deref() == filing.replaces;
        if same { Ok(Some(before)) } else { Err(Refusal::FilingConflict) }
    }

    /// Puts a notice into the inbox of the person's insurer, in place of the one that it corrects.
    pub(crate) async fn file(
        &self,
        transaction: &mut AnyConnection,
        filing: &NewFiling<'_>,
        now: i64,
    ) -> Result<Filing, Refusal> {
        let person = self.kiban.hold(transaction, filing.pmh_id).await?;
        if let Some(earlier) = filing.replaces {
            let earlier = named(transaction, earlier).await?.ok_or(Refusal::FilingConflict)?;
            let fits = earlier.facility_id == filing.facility_id
                && earlier.pmh_id == filing.pmh_id
                && earlier.kind == filing.kind
                && earlier.status != FilingStatus::Replaced;
            if !fits {
                return Err(Refusal::FilingConflict);
            }
            set(transaction, &earlier.id, FilingStatus::Replaced, earlier.reason.as_deref())
                .await?;
        }
        let there: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM insurer_filing WHERE pmh_id = $1 AND kind = $2 AND start_on = $3 \
             AND status NOT IN ('returned', 'replaced')",
        )
        .bind(filing.pmh_id)
        .bind(filing.kind)
        .bind(filing.start_on.to_string())
        .fetch_one(&mut *transaction)
        .await?;
        if there > 0 {
            return Err(Refusal::FilingConflict);
        }
        let said = |part: &serde_json::Value| part.as_str().unwrap_or_default().to_owned();
        sqlx::query(
            "INSERT INTO insurer_filing (id, facility_id, facility_name, pmh_id, insurer_number, insured_number, \
             kind, start_on, replaces, status, received_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'received', $10)",
        )
        .bind(filing.id)
        .bind(filing.facility_id)
        .bind(filing.facility_name)
        .bind(filing.pmh_id)
        .bind(said(&person.record["insurer"]["number"]))
        .bind(said(&person.record["insured_number"]))
        .bind(filing.kind)
        .bind(filing.start_on.to_string())
        .bind(filing.replaces)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        named(transaction, filing.id).await?.ok_or(Refusal::ServerFailed)
    }

    /// The notices of a facility, the newest first, after one of this number.
    pub(crate) async fn filings_of(
        &self,
        facility_id: &str,
        before: i64,
        most: i64,
    ) -> Stored<Vec<Filing>> {
        let page = "SELECT * FROM insurer_filing WHERE facility_id = $1 AND number < $2 \
                    ORDER BY number DESC LIMIT $3";
        let page = sqlx::query(page).bind(facility_id).bind(before).bind(most);
        page.fetch_all(self.base.store.pool()).await?.iter().map(filing).collect()
    }

    /// An insurer's inbox, the oldest first.
    pub(crate) async fn inbox(&self, insurer_number: &str) -> Stored<Vec<Filing>> {
        let inbox = "SELECT * FROM insurer_filing WHERE insurer_number = $1 ORDER BY number";
        let inbox = sqlx::query(inbox).bind(insurer_number);
        inbox.fetch_all(self.base.store.pool()).await?.iter().map(filing).collect()
    }

    /// What the insurer says to a notice that is still to be judged. `false` if there is none of this name.
    pub(crate) async fn judge_filing(
        &self,
        id: &str,
        status: FilingStatus,
        reason: Option<&str>,
    ) -> Stored<bool> {
        let mut transaction = self.base.store.begin().await?;
        let open = set(&mut transaction, id, status, reason).await?;
        if let (true, FilingStatus::Accepted) = (open, status) {
            self.follow(&mut transaction, id).await?;
        }
        transaction.commit().await?;
        Ok(open)
    }

    /// Those who plan somebody's care by a notice that was accepted, after everybody was brought in anew.
    pub(super) async fn follow_accepted(&self, transaction: &mut AnyConnection) -> Stored<()> {
        let accepted = "SELECT id FROM insurer_filing WHERE status = 'accepted' ORDER BY number";
        let accepted: Vec<String> =
            sqlx::query_scalar(accepted).fetch_all(&mut *transaction).await?;
        for id in accepted {
            self.follow(transaction, &id).await?;
        }
        Ok(())
    }

    /// Has the facility of a notice plan the person's care.
    async fn follow(&self, transaction: &mut AnyConnection, id: &str) -> Stored<()> {
        let filing =
            "SELECT pmh_id, facility_id, facility_name, start_on FROM insurer_filing WHERE id = $1";
        let row = sqlx::query(filing).bind(id).fetch_one(&mut *transaction).await?;
        let text = |column| row.try_get::<String, _>(column);
        let care_manager = json!({
            "facility_id": text("facility_id")?,
            "name": text("facility_name")?,
            "since": text("start_on")?,
        });
        self.kiban.set_care_manager(transaction, &text("pmh_id")?, &care_manager).await?;
        Ok(())
    }
}

/// The notice of this name.
async fn named(transaction: &mut AnyConnection, id: &str) -> Stored<Option<Filing>> {
    let row = sqlx::query("SELECT * FROM insurer_filing WHERE id = $1")
        .bind(id)
        .fetch_optional(transaction)
        .await?;
    row.as_ref().map(filing).transpose()
}

/// Has a notice stand like this, unless a later one has come in its place.
async fn set(
    transaction: &mut AnyConnection,
    id: &str,
    status: FilingStatus,
    reason: Option<&str>,
) -> Stored<bool> {
    let set =
        "UPDATE insurer_filing SET status = $2, reason = $3 WHERE id = $1 AND status <> 'replaced'";
    let set = sqlx::query(set).bind(id).bind(status.code()).bind(reason);
    Ok(set.execute(transaction).await?.rows_affected() == 1)
}

fn filing(row: &AnyRow) -> Stored<Filing> {
    let (status, start_on): (String, String) = (row.try_get("status")?, row.try_get("start_on")?);
    let received_at = Timestamp::from_second(row.try_get("received_at")?);
    Ok(Filing {
        id: row.try_get("id")?,
        facility_id: row.try_get("facility_id")?,
        insured_number: row.try_get("insured_number")?,
        kind: row.try_get("kind")?,
        start_on: start_on.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        replaces: row.try_get("replaces")?,
        status: FilingStatus::of(&status)?,
        received_at: received_at.unwrap_or(Timestamp::UNIX_EPOCH),
        reason: row.try_get("reason")?,
        pmh_id: row.try_get("pmh_id")?,
        number: row.try_get("number")?,
    })
}
