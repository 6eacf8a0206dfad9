//! The people who are registered with a facility (利用者一覧), and the life of a registration.
//!
//! A page of the list costs the same wherever it begins and however long the list is: it is read from an index over
//! facility, name as it is compared, and subject. For that alone the name stands in this room's table, too. The platform
//! knows the names, but not who is whose: asked for them at each search, it would have to give all of a facility's people,
//! to be put in order before the first can be shown; and another room's table is not joined. So it is a copy, taken when
//! somebody is registered, and of everybody after each import. Nothing of it is shown: what is said of a person is what the
//! platform says at that moment.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::Sts;
use super::caller::Caller;
use super::evidence::{Handle, Registered, Registrations};
use crate::audit::{Event, What, Who};
use crate::base::database::Result as Stored;
use crate::base::jws::{base64url, sha256};
use crate::base::keys::random;
use crate::base::refusal::Refusal;

/// How many names are taken anew at a time.
const BATCH: i64 = 500;
/// What comes after every name that begins with another.
const LAST: char = char::MAX;

const BY_NAME: &str = "SELECT subject, pmh_id, name_order, method, verified_at, valid_until, seen \
     FROM sts_registration WHERE facility_id = $1 AND (name_order, subject) > ($2, $3) AND name_order < $4 \
     AND valid_until > $5 ORDER BY name_order, subject LIMIT $6";
// Between two ends that have the same date: in this order no other index will do.
const BY_BIRTH: &str = "SELECT subject, pmh_id, name_order, method, verified_at, valid_until, seen \
     FROM sts_registration WHERE facility_id = $1 AND (birth, name_order, subject) > ($7, $2, $3) \
     AND (birth, name_order) < ($7, $4) AND valid_until > $5 ORDER BY birth, name_order, subject LIMIT $6";

/// A part of a list.
pub(crate) struct Wanted<'a> {
    /// What the name begins with, as names are compared.
    pub(crate) name: &'a str,
    /// Date of birth in eight digits.
    pub(crate) birth: Option<&'a str>,
    /// After whom it goes on: name and subject.
    pub(crate) after: Option<(&'a str, &'a str)>,
    /// How many at most.
    pub(crate) most: i64,
}

/// Somebody on the list.
pub(crate) struct Listed {
    pub(crate) subject: String,
    pub(crate) pmh_id: String,
    pub(crate) name_order: String,
    pub(crate) method: String,
    /// Seconds since the epoch.
    pub(crate) verified_at: i64,
    pub(crate) valid_until: i64,
    /// What was on file when the facility last read it.
    pub(crate) seen: Option<String>,
}

impl Listed {
    fn of(row: &AnyRow) -> Stored<Self> {
        Ok(Self {
            subject: row.try_get("subject")?,
            pmh_id: row.try_get("pmh_id")?,
            name_order: row.try_get("name_order")?,
            method: row.try_get("method")?,
            verified_at: row.try_get("verified_at")?,
            valid_until: row.try_get("valid_until")?,
            seen: row.try_get("seen")?,
        })
    }
}

impl Sts {
    /// Those of a facility's list who are wanted, in order of name and subject.
    pub(crate) async fn list(&self, caller: &Caller, wanted: &Wanted<'_>) -> Stored<Vec<Listed>> {
        self.list_of(&caller.member.facility_id, wanted, caller.who()).await
    }

    /// The same of this facility, for somebody else.
    pub(crate) async fn list_of(
        &self,
        facility: &str,
        wanted: &Wanted<'_>,
        who: Who<'_>,
    ) -> Stored<Vec<Listed>> {
        let (name, subject) = wanted.after.unwrap_or((wanted.name, ""));
        let query = sqlx::query(if wanted.birth.is_some() { BY_BIRTH } else { BY_NAME })
            .bind(facility)
            .bind(name)
            .bind(subject)
            .bind(format!("{}{LAST}", wanted.name))
            .bind(self.base.now())
            .bind(wanted.most);
        let query = match wanted.birth {
            Some(birth) => query.bind(birth),
            None => query,
        };
        let rows = query.fetch_all(self.base.store.pool()).await?;
        let event = Event { what: What::UserList, outcome: "ok", note: "", who };
        self.audit.add(&event).await?;
        rows.iter().map(Listed::of).collect()
    }

    /// Whether a person is registered with a facility now.
    pub(crate) async fn is_registered(&self, facility: &str, pmh_id: &str) -> Stored<bool> {
        let subject = self.subject(pmh_id, facility);
        let registrations = Registrations(&self.base.store);
        Ok(registrations.until(facility, &subject, self.base.now()).await?.is_some())
    }

    /// A handle to somebody's registration for the device of whoever asks, and until when it lasts.
    pub(crate) async fn open_user(
        &self,
        caller: &Caller,
        subject: &str,
    ) -> Result<(String, i64), Refusal> {
        let handle = base64url(&random::<32>()?);
        let facility = &caller.member.facility_id;
        let now = self.base.now();
        let mut transaction = self.base.store.begin().await?;
        // As long as it lasts now, and not a second longer: it is held until the handle is on record.
        let held = Registrations::extend(&mut transaction, (facility, subject), 0, now).await?;
        if held.is_some() {
            let handle = Handle {
                digest: &sha256(handle.as_bytes()),
                facility,
                subject,
                jkt: &caller.jkt,
                given_at: now,
            };
            handle.give(&mut transaction).await?;
        }
        let (lasts, who) = (held.is_some(), caller.who());
        self.noted(&mut transaction, What::UserOpened, lasts, held.as_ref(), who).await?;
        transaction.commit().await?;
        held.map(|held| (handle, held.valid_until)).ok_or(Refusal::RegistrationExpired)
    }

    /// The end of a contract (契約終了), at the word of the facility.
    pub(crate) async fn end_user(&self, caller: &Caller, subject: &str) -> Result<(), Refusal> {
        let ended = self.end(&caller.member.facility_id, subject, caller.who()).await?;
        ended.then_some(()).ok_or(Refusal::RegistrationExpired)
    }

    /// The same, at the word of whoever holds the platform. `false` if nobody was registered.
    pub(crate) async fn end_registration(&self, facility: &str, subject: &str) -> Stored<bool> {
        self.end(facility, subject, Who { facility, ..Who::default() }).await
    }

    async fn end(&self, facility: &str, subject: &str, who: Who<'_>) -> Stored<bool> {
        let mut transaction = self.base.store.begin().await?;
        let ended = Registrations::end(&mut transaction, facility, subject).await?;
        let lasted = ended.as_ref().is_some_and(|ended| ended.valid_until > self.base.now());
        self.noted(&mut transaction, What::ContractEnd, lasted, ended.as_ref(), who).await?;
        transaction.commit().await?;
        Ok(lasted)
    }

    /// Makes a registration last for another while, as the receipt of a claim does (レセプト). Until when; `None` if there is
    /// none.
    pub(crate) async fn extend_registration(
        &self,
        facility: &str,
        subject: &str,
    ) -> Stored<Option<i64>> {
        let now = self.base.now();
        let until = now.saturating_add(self.registration_lifetime);
        let mut transaction = self.base.store.begin().await?;
        let extended =
            Registrations::extend(&mut transaction, (facility, subject), until, now).await?;
        let (lasts, who) = (extended.is_some(), Who { facility, ..Who::default() });
        self.noted(&mut transaction, What::Receipt, lasts, extended.as_ref(), who).await?;
        transaction.commit().await?;
        Ok(extended.map(|extended| extended.valid_until))
    }

    /// The same, of the person to whom an insurer gave this number, as the claim names them.
    pub(crate) async fn receipt(
        &self,
        facility: &str,
        insurer: &str,
        number: &str,
    ) -> Stored<Option<i64>> {
        let link_number = self.qualification.link_number(insurer, number);
        let Some(pmh_id) = self.pmh.identifier(&link_number).await? else { return Ok(None) };
        self.extend_registration(facility, &self.subject(&pmh_id, facility)).await
    }

    /// Puts on record what became of somebody's registration, if it lasted.
    async fn noted(
        &self,
        transaction: &mut AnyConnection,
        what: What,
        lasted: bool,
        whom: Option<&Registered>,
        who: Who<'_>,
    ) -> Stored<()> {
        let outcome = if lasted { "ok" } else { Refusal::RegistrationExpired.code() };
        let person = whom.map_or("", |whom| &whom.pmh_id);
        let event = Event { what, outcome, note: "", who: Who { person, ..who } };
        self.audit.append(transaction, &event).await
    }

    /// Takes the names and dates of birth of all who are registered anew, as the platform has them since an import.
    pub(crate) async fn follow_import(&self) -> Stored<()> {
        let mut after = (String::new(), String::new());
        loop {
            let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
                "SELECT facility_id, subject, pmh_id, name_order, birth FROM sts_registration \
                 WHERE (facility_id, subject) > ($1, $2) ORDER BY facility_id, subject LIMIT $3",
            )
            .bind(&after.0)
            .bind(&after.1)
            .bind(BATCH)
            .fetch_all(self.base.store.pool())
            .await?;
            let Some((facility, subject, ..)) = rows.last() else { return Ok(()) };
            after = (facility.clone(), subject.clone());
            let people: Vec<&str> = rows.iter().map(|row| row.2.as_str()).collect();
            let places = self.kiban.places(&people).await?;
            let mut transaction = self.base.store.begin().await?;
            for (facility, subject, pmh_id, name, birth) in &rows {
                // Of whom nothing is known any more, the place stays.
                let Some(place) = places.get(pmh_id) else { continue };
                if (&place.name, &place.birth) == (name, birth) {
                    continue;
                }
                sqlx::query(
                    "UPDATE sts_registration SET name_order = $3, birth = $4 \
                     WHERE facility_id = $1 AND subject = $2",
                )
                .bind(facility)
                .bind(subject)
                .bind(&place.name)
                .bind(&place.birth)
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;
    use crate::base::database::{self, Database, Store};
    use crate::sts::MIGRATIONS;

    const PEOPLE: i64 = 10_000;
    const FACILITY: &str = "1370000001";

    /// A database in which two facilities have ten thousand people each.
    async fn large() -> Store {
        let store = Store::open(&Database::Memory, &[database::MIGRATIONS, MIGRATIONS]).await;
        let store = store.unwrap();
        let mut transaction = store.begin().await.unwrap();
        for facility in [FACILITY, "1370000002"] {
            for n in 0..PEOPLE {
                sqlx::query(
                    "INSERT INTO sts_registration \
                     (facility_id, subject, pmh_id, verified_at, valid_until, name_order, birth) \
                     VALUES ($1, $2, $3, 0, 100, $4, $5)",
                )
                .bind(facility)
                .bind(format!("{facility}-{n:05}"))
                .bind(format!("pmh-{n}"))
                // Ten of each name.
                .bind(format!("ヤマモトハナ{:04}", n / 10))
                .bind(format!("19{:02}0101", n % 100))
                .execute(&mut *transaction)
                .await
                .unwrap();
            }
        }
        transaction.commit().await.unwrap();
        store
    }

    /// A page, and what is done for it.
    async fn page(
        store: &Store,
        query: &'static str,
        after: (&str, &str),
        birth: Option<&str>,
    ) -> (Vec<String>, String) {
        let plan = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
        let bound = |query: sqlx::query::Query<'static, sqlx::Any, sqlx::any::AnyArguments>| {
            let query = query.bind(FACILITY).bind(after.0.to_owned()).bind(after.1.to_owned());
            let query = query.bind(format!("ヤマモト{LAST}")).bind(50_i64).bind(100_i64);
            match birth {
                Some(birth) => query.bind(birth.to_owned()),
                None => query,
            }
        };
        let steps = bound(sqlx::query(plan)).fetch_all(store.pool()).await.unwrap();
        let steps = steps.iter().map(|row| row.get::<String, _>("detail"));
        let rows = bound(sqlx::query(query)).fetch_all(store.pool()).await.unwrap();
        let subjects = rows.iter().map(|row| row.get::<String, _>("subject")).collect();
        (subjects, steps.collect::<Vec<_>>().join("; "))
    }

    #[tokio::test]
    async fn a_page_is_one_walk_along_an_index_wherever_it_begins() {
        let store = large().await;
        let late = ("ヤマモトハナ0990".to_owned(), format!("{FACILITY}-09905"));
        for after in [("ヤマモト", ""), (late.0.as_str(), late.1.as_str())] {
            let (subjects, plan) = page(&store, BY_NAME, after, None).await;
            let first = if after.1.is_empty() { 0 } else { 9906 };
            let expected: Vec<_> =
                (first..(first + 100).min(PEOPLE)).map(|n| format!("{FACILITY}-{n:05}")).collect();
            assert_eq!(subjects, expected);
            // Nothing is looked through, nothing is sorted: not even the rows that are left out at the start are met.
            assert!(plan.starts_with("SEARCH sts_registration USING INDEX sts_registration_list"));
            assert!(plan.contains("(facility_id=? AND (name_order,subject)>(?,?)"), "{plan}");
            assert!(
                !plan.contains("SCAN") && !plan.contains("TEMP") && !plan.contains(';'),
                "{plan}"
            );

            let (subjects, plan) = page(&store, BY_BIRTH, after, Some("19070101")).await;
            assert!(subjects.iter().all(|subject| subject.ends_with("07")));
            assert_eq!(subjects.len(), if after.1.is_empty() { 100 } else { 1 });
            assert!(
                plan.starts_with("SEARCH sts_registration USING INDEX sts_registration_birth"),
                "{plan}"
            );
            assert!(plan.contains("(facility_id=? AND (birth,name_order,subject)>(?,?,?)"));
            assert!(
                !plan.contains("SCAN") && !plan.contains("TEMP") && !plan.contains(';'),
                "{plan}"
            );
        }
    }
}
