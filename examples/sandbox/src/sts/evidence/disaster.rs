//! Where the rules for disasters are in force (災害時の特例): for named facilities and a period, declared by two people. Nowhere
//! unless it was declared.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::base::database::{Result as Stored, Store};

/// A declaration may be for this long.
pub(crate) const LONGEST_DISASTER: Duration = Duration::from_hours(31 * 24);

/// A declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disaster {
    /// The facilities for which it counts. Which they are is said one by one: those who help from outside the stricken
    /// area are among them.
    pub facilities: Vec<String>,
    /// Its first second.
    pub from: Timestamp,
    /// The first second in which it is over; at most 31 days later.
    pub until: Timestamp,
    /// The two staff members who declare it.
    pub declared_by: [String; 2],
}

impl Disaster {
    /// Whether it is one: for somebody, for a time, and declared by two.
    pub(crate) fn holds(&self) -> bool {
        let lasts = self.until.duration_since(self.from);
        let [first, second] = &self.declared_by;
        !self.facilities.is_empty()
            && lasts > SignedDuration::ZERO
            && lasts.unsigned_abs() <= LONGEST_DISASTER
            && first != second
    }
}

/// The table of declarations.
pub(crate) struct Disasters<'a>(pub(crate) &'a Store);

impl Disasters<'_> {
    /// Puts a declaration in force.
    pub(crate) async fn declare(&self, disaster: &Disaster) -> Stored<()> {
        let mut transaction = self.0.begin().await?;
        for facility in &disaster.facilities {
            let [first, second] = &disaster.declared_by;
            sqlx::query(
                "INSERT INTO sts_disaster (facility_id, valid_from, valid_until, first_by, second_by) \
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(facility)
            .bind(disaster.from.as_second())
            .bind(disaster.until.as_second())
            .bind(first)
            .bind(second)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await
    }

    /// Whether the rules are in force for a facility.
    pub(crate) async fn is_active(&self, facility: &str, now: i64) -> Stored<bool> {
        let active: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sts_disaster WHERE facility_id = $1 AND valid_from <= $2 AND $2 < valid_until",
        )
        .bind(facility)
        .bind(now)
        .fetch_one(self.0.pool())
        .await?;
        Ok(active > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::database::{self, Database};
    use crate::sts::MIGRATIONS;

    #[test]
    fn a_declaration_takes_two_people_a_place_and_a_time() {
        let good = Disaster {
            facilities: vec!["1370000001".to_owned()],
            from: Timestamp::UNIX_EPOCH,
            until: Timestamp::UNIX_EPOCH + LONGEST_DISASTER,
            declared_by: ["admin-01", "nurse-01"].map(str::to_owned),
        };
        assert!(good.holds());
        for bad in [
            Disaster { facilities: vec![], ..good.clone() },
            Disaster { until: good.from, ..good.clone() },
            Disaster { until: good.until + SignedDuration::from_secs(1), ..good.clone() },
            Disaster { declared_by: ["admin-01", "admin-01"].map(str::to_owned), ..good.clone() },
        ] {
            assert!(!bad.holds());
        }
    }

    /// The facts of `tests/vectors/rules/disaster.json`, in the table as a statement asks it.
    #[tokio::test]
    async fn the_rules_are_in_force_when_the_vectors_say_so() {
        let vectors = include_str!("../../../../../tests/vectors/rules/disaster.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        let store = Store::open(&Database::Memory, &[database::MIGRATIONS, MIGRATIONS]).await;
        let store = store.unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        for (number, case) in cases.iter().enumerate() {
            let facts = &case["facts"];
            let at = |name: &str| facts[name].as_i64().unwrap();
            let here = format!("here-{number}");
            let listed = facts["listed"].as_bool().unwrap();
            let disaster = Disaster {
                facilities: vec![if listed { here.clone() } else { format!("there-{number}") }],
                from: Timestamp::from_second(at("from")).unwrap(),
                until: Timestamp::from_second(at("until")).unwrap(),
                declared_by: ["admin-01", "nurse-01"].map(str::to_owned),
            };
            Disasters(&store).declare(&disaster).await.unwrap();
            let active = Disasters(&store).is_active(&here, at("now")).await.unwrap();
            let decision = if active { "allowed" } else { "disaster_not_active" };
            assert_eq!(decision, case["decision"], "{}", case["name"]);
        }
        assert!(cases.len() > 10);
    }
}
