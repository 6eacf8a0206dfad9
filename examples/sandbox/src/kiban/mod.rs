//! The care information platform (介護情報基盤): what is known of an insured person, and the gates before it.

mod access;
mod brought;
mod consent;
mod information;
mod own;
mod progress;
mod several;
mod sharing;

use std::sync::Arc;

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::base::Base;
use crate::base::clock::rfc3339;
use crate::base::database::{Migrations, Result as Stored};
use crate::base::refusal::Refusal;
pub(crate) use access::{Access, Look};
pub(crate) use brought::Brought;
pub(crate) use consent::{ConsentState, Standing, Taken};
pub(crate) use information::{Known, Wanted};
pub(crate) use progress::Progress;
pub(crate) use several::Place;
pub(crate) use sharing::{Connection, Kind, Physician, Viewer};
#[cfg(test)]
pub(crate) use sharing::{Viewing, may_view};

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "kiban",
    sqlite: &[
        include_str!("migrations/sqlite/0001_insured.sql"),
        include_str!("migrations/sqlite/0002_identity.sql"),
        include_str!("migrations/sqlite/0003_consent.sql"),
        include_str!("migrations/sqlite/0004_information.sql"),
        include_str!("migrations/sqlite/0005_brought.sql"),
        include_str!("migrations/sqlite/0006_access.sql"),
    ],
    postgres: &[
        include_str!("migrations/postgres/0001_insured.sql"),
        include_str!("migrations/postgres/0002_identity.sql"),
        include_str!("migrations/postgres/0003_consent.sql"),
        include_str!("migrations/postgres/0004_information.sql"),
        include_str!("migrations/postgres/0005_brought.sql"),
        include_str!("migrations/postgres/0006_access.sql"),
    ],
};

pub(crate) struct Kiban {
    base: Arc<Base>,
}

/// An insured person as a municipality brings them in.
pub(crate) struct Insured {
    pub(crate) pmh_id: String,
    pub(crate) insurer: Connection,
    pub(crate) consent: bool,
    /// JSON object: stable items, and under `periodic` those that change with time.
    pub(crate) record: Value,
    /// What is known beside it.
    pub(crate) information: Vec<Known>,
}

/// A person of whom nobody else changes anything before the end of a transaction.
pub(crate) struct Held {
    /// They have applied for certification since their data were brought in.
    applied: bool,
    pub(crate) record: Value,
}

/// What is said of a person: name in kana, date of birth, sex.
pub(crate) struct Attributes<'a> {
    pub(crate) name_kana: &'a str,
    pub(crate) birth_date: &'a str,
    pub(crate) sex: &'a str,
}

/// A name as names are compared: spaces, dots and apostrophes do not count, nor does it whether kana and Latin letters are
/// small; a hyphen is a long mark.
pub(crate) fn compared(name_kana: &str) -> String {
    let large = |letter| match letter {
        'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ッ' | 'ャ' | 'ュ' | 'ョ' | 'ヮ' => {
            char::from_u32(u32::from(letter) + 1).unwrap_or(letter)
        }
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        '-' | '‐' | '－' => 'ー',
        other => other.to_ascii_uppercase(),
    };
    let counts = |letter: &char| !letter.is_whitespace() && !"・.,'’".contains(*letter);
    name_kana.chars().filter(counts).map(large).collect()
}

/// A date of birth as dates are compared: eight digits, with zeros for what is not known.
pub(crate) fn compared_date(birth_date: &str) -> String {
    format!("{:0<8}", birth_date.replace('-', ""))
}

impl Attributes<'_> {
    /// Those of a record, in the form in which they are compared.
    fn identity(&self) -> String {
        let (name, birth) = (compared(self.name_kana), compared_date(self.birth_date));
        format!("{name}/{birth}/{}", self.sex)
    }

    fn of(record: &Value) -> String {
        let part = |name| record["person"][name].as_str().unwrap_or_default();
        let (name_kana, birth_date, sex) = (part("name_kana"), part("birth_date"), part("sex"));
        Attributes { name_kana, birth_date, sex }.identity()
    }
}

impl Kiban {
    pub(crate) fn new(base: Arc<Base>) -> Self {
        Self { base }
    }

    /// Forgets everybody whom the configuration named.
    pub(crate) async fn clear(&self, connection: &mut AnyConnection) -> Stored<()> {
        sqlx::query("DELETE FROM kiban_information").execute(&mut *connection).await?;
        sqlx::query("DELETE FROM kiban_insured WHERE brought = 0").execute(connection).await?;
        Ok(())
    }

    /// Enters somebody whom the configuration names. What a municipality has brought in is newer.
    pub(crate) async fn add(
        &self,
        connection: &mut AnyConnection,
        insured: &Insured,
    ) -> Stored<()> {
        sqlx::query(
            "INSERT INTO kiban_insured (pmh_id, insurer_connected, consent, record, identity, live) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(&insured.pmh_id)
        .bind(i64::from(insured.insurer != Connection::NotConnected))
        .bind(i64::from(insured.consent))
        .bind(insured.record.to_string())
        .bind(Attributes::of(&insured.record))
        .bind(i64::from(insured.insurer == Connection::Live))
        .execute(&mut *connection)
        .await?;
        for known in &insured.information {
            self.add_information(connection, &insured.pmh_id, known).await?;
        }
        Ok(())
    }

    /// The date of birth of a person in eight digits, `YYYYMMDD`, with zeros for what is not known; `None` if nothing is.
    pub(crate) async fn birth_date(&self, pmh_id: &str) -> Result<Option<String>, Refusal> {
        let record: Option<String> =
            sqlx::query_scalar("SELECT record FROM kiban_insured WHERE pmh_id = $1")
                .bind(pmh_id)
                .fetch_optional(self.base.store.pool())
                .await?;
        let record = record.ok_or(Refusal::PersonNotFound)?;
        let record: Value = serde_json::from_str(&record).map_err(|_| Refusal::ServerFailed)?;
        let birth = record["person"]["birth_date"].as_str();
        Ok(birth.map(compared_date))
    }

    /// Whether everything that is said of a person is on file.
    pub(crate) async fn is(&self, pmh_id: &str, said: &Attributes<'_>) -> Stored<bool> {
        let identity: Option<String> =
            sqlx::query_scalar("SELECT identity FROM kiban_insured WHERE pmh_id = $1")
                .bind(pmh_id)
                .fetch_optional(self.base.store.pool())
                .await?;
        Ok(identity == Some(said.identity()))
    }

    /// The PMH-ID of the only person of whom all of this is on file.
    pub(crate) async fn only(&self, said: &Attributes<'_>) -> Stored<Option<String>> {
        let mut found: Vec<String> =
            sqlx::query_scalar("SELECT pmh_id FROM kiban_insured WHERE identity = $1 LIMIT 2")
                .bind(said.identity())
                .fetch_all(self.base.store.pool())
                .await?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    /// A person whose insurer is there, and what is known of them.
    pub(crate) async fn hold(
        &self,
        transaction: &mut AnyConnection,
        pmh_id: &str,
    ) -> Result<Held, Refusal> {
        let held = "UPDATE kiban_insured SET consent = consent WHERE pmh_id = $1 \
                    RETURNING insurer_connected, applied, record";
        let rows = sqlx::query(held).bind(pmh_id).fetch_all(&mut *transaction).await?;
        let row = rows.first().ok_or(Refusal::TokenInvalid)?;
        if row.try_get::<i64, _>("insurer_connected")? == 0 {
            return Err(Refusal::InsurerNotConnected);
        }
        let record: String = row.try_get("record")?;
        Ok(Held {
            applied: row.try_get::<i64, _>("applied")? != 0,
            record: serde_json::from_str(&record).map_err(|_| Refusal::ServerFailed)?,
        })
    }

    /// Who plans a person's care (居宅介護支援事業所), from now on. `false` if nobody is known under this.
    pub(crate) async fn set_care_manager(
        &self,
        transaction: &mut AnyConnection,
        pmh_id: &str,
        care_manager: &Value,
    ) -> Stored<bool> {
        let record: Option<String> =
            sqlx::query_scalar("SELECT record FROM kiban_insured WHERE pmh_id = $1")
                .bind(pmh_id)
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(record) = record else { return Ok(false) };
        let mut record: Value =
            serde_json::from_str(&record).map_err(|error| sqlx::Error::Decode(error.into()))?;
        record["care_manager"] = care_manager.clone();
        sqlx::query("UPDATE kiban_insured SET record = $2 WHERE pmh_id = $1")
            .bind(pmh_id)
            .bind(record.to_string())
            .execute(transaction)
            .await?;
        Ok(true)
    }

    /// The entitlement of a person, if the gates are open.
    pub(crate) async fn entitlement(&self, pmh_id: &str, now: i64) -> Result<Value, Refusal> {
        let row = sqlx::query(
            "SELECT insurer_connected, live, consent, record FROM kiban_insured WHERE pmh_id = $1",
        )
        .bind(pmh_id)
        .fetch_optional(self.base.store.pool())
        .await?
        .ok_or(Refusal::TokenInvalid)?;
        gates(&row)?;
        let record: String = row.try_get("record")?;
        let mut record: Value = serde_json::from_str(&record).map_err(|_| Refusal::ServerFailed)?;
        record["periodic"]["as_of"] = rfc3339(now).into();
        Ok(record)
    }
}

/// Whether anything of a person is served.
fn gates(row: &AnyRow) -> Result<(), Refusal> {
    sharing::open(connection(row)?, row.try_get::<i64, _>("consent")? != 0)
}

/// How far a person's insurer is.
fn connection(row: &AnyRow) -> Stored<Connection> {
    let is = |column| Ok::<_, sqlx::Error>(row.try_get::<i64, _>(column)? != 0);
    Ok(match (is("insurer_connected")?, is("live")?) {
        (false, _) => Connection::NotConnected,
        (true, false) => Connection::SetUp,
        (true, true) => Connection::Live,
    })
}

#[cfg(test)]
mod tests {
    use super::compared;

    #[test]
    fn names_are_compared_as_people_and_registers_write_them() {
        for (registered, stated) in [
            ("ミホン　マリア", "ミホンマリア"),
            ("ジョン・スミス", "ジヨンスミス"),
            ("O'NEIL ST. JOHN", "ONEILSTJOHN"),
            ("ANNA-LENA", "ANNAーLENA"),
            ("キョウゴク", "キヨウゴク"),
        ] {
            assert_eq!(compared(registered), compared(stated), "{registered}");
        }
        assert_ne!(compared("カイゴ　ハナコ"), compared("ガイゴ　ハナコ"));
        assert_ne!(compared("オノ"), compared("オーノ"));
    }
}
