//! Opinions of physicians (主治医意見書): the insurer asks a facility for one, the facility sends it, and with it the certification
//! goes on.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Information, Insurer};
use crate::base::database::Result as Stored;
use crate::base::keys::random_uuid;
use crate::base::refusal::Refusal;
use crate::kiban::Progress;

/// Whether the physician agrees that their opinion is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhysicianConsent {
    /// They do.
    Yes,
    /// They do not.
    No,
    /// Nobody knows: it is not shared.
    Unknown,
}

impl PhysicianConsent {
    const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Unknown];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    pub(crate) fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|said| said.code() == code)
    }

    fn agrees(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::Unknown => None,
        }
    }
}

/// An opinion that an insurer has asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Its name (UUID), given by the insurer.
    pub id: String,
    /// Who is asked.
    pub facility_id: String,
    /// Who asks.
    pub insurer_number: String,
    /// Whom it is about (被保険者番号).
    pub insured_number: String,
    /// Their name, in kana.
    pub name_kana: String,
    /// Their date of birth as it is on file.
    pub birth_date: Option<String>,
    /// The day of the application for certification.
    pub applied_on: Date,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// What came, once it has.
    pub written: Option<WrittenOpinion>,
    pub(crate) pmh_id: String,
    pub(crate) number: i64,
    renewal: bool,
}

/// What a physician has written.
#[derive(Clone, PartialEq, Eq)]
pub struct WrittenOpinion {
    /// On which day.
    pub on: Date,
    /// What it says.
    pub text: String,
    /// Whether it may be shared.
    pub physician: PhysicianConsent,
    /// When it came.
    pub received_at: Timestamp,
}

impl std::fmt::Debug for Opinion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opinion({})", if self.written.is_some() { "received" } else { "requested" })
    }
}

impl std::fmt::Debug for WrittenOpinion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WrittenOpinion(…)")
    }
}

/// An opinion that is sent.
pub(crate) struct NewOpinion<'a> {
    pub(crate) id: &'a str,
    pub(crate) facility_id: &'a str,
    pub(crate) written_on: Date,
    pub(crate) text: &'a str,
    pub(crate) physician: PhysicianConsent,
}

impl Insurer {
    /// Asks a facility for an opinion on a person, who has applied for certification with it if not before. Its name; none
    /// if nobody is known under these numbers.
    pub(crate) async fn request_opinion(
        &self,
        insurer: &str,
        number: &str,
        facility_id: &str,
    ) -> Result<Option<String>, Refusal> {
        let Some(pmh_id) = self.pmh_id(insurer, number).await? else { return Ok(None) };
        let (id, now) = (random_uuid()?, self.base.now());
        let mut transaction = self.base.store.begin().await?;
        let person = match self.kiban.hold(&mut transaction, &pmh_id).await {
            Err(Refusal::TokenInvalid | Refusal::InsurerNotConnected) => return Ok(None),
            held => held?,
        };
        let said = &person.record["person"];
        let open = self.kiban.open_application(&mut transaction, &pmh_id).await?;
        let renewal = !person.record["periodic"]["care_level"].is_null();
        let applied_on = open.unwrap_or_else(|| day_of(now).to_string());
        sqlx::query(
            "INSERT INTO insurer_opinion (id, facility_id, pmh_id, insurer_number, insured_number, \
             name_kana, birth_date, applied_on, application, requested_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&id)
        .bind(facility_id)
        .bind(&pmh_id)
        .bind(insurer)
        .bind(number)
        .bind(said["name_kana"].as_str().unwrap_or_default())
        .bind(said["birth_date"].as_str())
        .bind(&applied_on)
        .bind(if renewal { "renewal" } else { "new" })
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        self.kiban.apply(&mut transaction, &pmh_id).await?;
        let opinion = named(&mut transaction, &id).await?.ok_or(Refusal::ServerFailed)?;
        self.enter(&mut transaction, &opinion).await?;
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Takes an opinion in, once. Whether it came just now; refused if the facility was asked for none of this name, or has
    /// sent another under it.
    pub(crate) async fn take_opinion(
        &self,
        transaction: &mut AnyConnection,
        sent: &NewOpinion<'_>,
        now: i64,
    ) -> Result<(Opinion, bool), Refusal> {
        // Of two at once the second waits, and finds what the first has written.
        let taken = sqlx::query(
            "UPDATE insurer_opinion SET written_on = $3, text = $4, physician = $5, received_at = $6 \
             WHERE id = $1 AND facility_id = $2 AND received_at IS NULL",
        )
        .bind(sent.id)
        .bind(sent.facility_id)
        .bind(sent.written_on.to_string())
        .bind(sent.text)
        .bind(sent.physician.code())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        let opinion = named(transaction, sent.id).await?;
        let opinion = opinion.filter(|opinion| opinion.facility_id == sent.facility_id);
        let opinion = opinion.ok_or(Refusal::FilingConflict)?;
        let same = opinion.written.as_ref().is_some_and(|written| {
            written.on == sent.written_on
                && written.text == sent.text
                && written.physician == sent.physician
        });
        if !same {
            return Err(Refusal::FilingConflict);
        }
        let is_new = taken.rows_affected() == 1;
        if is_new {
            self.enter(transaction, &opinion).await?;
        }
        Ok((opinion, is_new))
    }

    /// What a facility was asked for, the newest first, before one of this number.
    pub(crate) async fn opinions_of(
        &self,
        facility_id: &str,
        before: i64,
        most: i64,
    ) -> Stored<Vec<Opinion>> {
        let page = "SELECT * FROM insurer_opinion WHERE facility_id = $1 AND number < $2 \
                    ORDER BY number DESC LIMIT $3";
        let page = sqlx::query(page).bind(facility_id).bind(before).bind(most);
        page.fetch_all(self.base.store.pool()).await?.iter().map(opinion).collect()
    }

    /// What an insurer has asked for, the oldest first.
    pub(crate) async fn opinions(&self, insurer_number: &str) -> Stored<Vec<Opinion>> {
        let all = "SELECT * FROM insurer_opinion WHERE insurer_number = $1 ORDER BY number";
        let all = sqlx::query(all).bind(insurer_number);
        all.fetch_all(self.base.store.pool()).await?.iter().map(opinion).collect()
    }

    /// All of them once more, after everybody was brought in anew.
    pub(super) async fn enter_opinions(&self, transaction: &mut AnyConnection) -> Stored<()> {
        let all = "SELECT * FROM insurer_opinion ORDER BY number";
        for row in sqlx::query(all).fetch_all(&mut *transaction).await? {
            self.enter(transaction, &opinion(&row)?).await?;
        }
        Ok(())
    }

    /// Has the platform know of an opinion that was asked for: how far the application is, and what was written.
    async fn enter(&self, transaction: &mut AnyConnection, opinion: &Opinion) -> Stored<()> {
        let pmh_id = &opinion.pmh_id;
        let progress = match opinion.written {
            Some(_) => Progress::OpinionReceived,
            None => Progress::Applied,
        };
        let application = Information::Certification {
            applied_on: opinion.applied_on,
            kind: if opinion.renewal { "renewal" } else { "new" }.to_owned(),
            progress: progress.name().to_owned(),
            level: None,
        };
        let known = application.known();
        if !self.kiban.advance(transaction, pmh_id, &known.day, progress).await? {
            self.kiban.add_information(transaction, pmh_id, &known).await?;
        }
        if let Some(written) = &opinion.written {
            let written = Information::DoctorOpinion {
                written_on: written.on,
                physician_facility: opinion.facility_id.clone(),
                text: written.text.clone(),
                physician_agrees: written.physician.agrees(),
            };
            self.kiban.add_information(transaction, pmh_id, &written.known()).await?;
        }
        Ok(())
    }
}

/// The day that it is in Japan.
pub(crate) fn day_of(now: i64) -> Date {
    let at = Timestamp::from_second(now).unwrap_or(Timestamp::MAX);
    at.to_zoned(TimeZone::fixed(offset(9))).date()
}

async fn named(transaction: &mut AnyConnection, id: &str) -> Stored<Option<Opinion>> {
    let row = sqlx::query("SELECT * FROM insurer_opinion WHERE id = $1").bind(id);
    row.fetch_optional(transaction).await?.as_ref().map(opinion).transpose()
}

fn opinion(row: &AnyRow) -> Stored<Opinion> {
    let at = |seconds| Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let applied_on: String = row.try_get("applied_on")?;
    let application: String = row.try_get("application")?;
    let written = match row.try_get::<Option<String>, _>("written_on")? {
        None => None,
        Some(on) => {
            let physician: String = row.try_get("physician")?;
            Some(WrittenOpinion {
                on: day(&on)?,
                text: row.try_get("text")?,
                physician: PhysicianConsent::named(&physician).unwrap_or(PhysicianConsent::Unknown),
                received_at: at(row.try_get("received_at")?),
            })
        }
    };
    Ok(Opinion {
        id: row.try_get("id")?,
        facility_id: row.try_get("facility_id")?,
        insurer_number: row.try_get("insurer_number")?,
        insured_number: row.try_get("insured_number")?,
        name_kana: row.try_get("name_kana")?,
        birth_date: row.try_get("birth_date")?,
        applied_on: day(&applied_on)?,
        requested_at: at(row.try_get("requested_at")?),
        written,
        pmh_id: row.try_get("pmh_id")?,
        number: row.try_get("number")?,
        renewal: application == "renewal",
    })
}

fn day(text: &str) -> Stored<Date> {
    text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
