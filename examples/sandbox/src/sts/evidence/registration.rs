//! Registrations (利用者登録): who is known to which facility, and until when. A handle opens a re-visit; it is opaque, bound
//! to facility and device, and here only as its digest. How long a registration lasts is the platform's to say, and each
//! event that shows that the person is still served makes it last longer.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::opens::Method;
use crate::base::database::{Result as Stored, Store};
use crate::base::jws::sha256;
use crate::base::keys::random_id;
use crate::base::refusal::Refusal;
use crate::sts::caller::Caller;
use crate::sts::grant::Proven;

/// How many handles one device may have for one person; then the oldest gives way.
const MOST_HANDLES: i64 = 64;

/// The tables of registrations.
pub(crate) struct Registrations<'a>(pub(crate) &'a Store);

/// A handle, as it is kept.
pub(crate) struct Handle<'a> {
    /// SHA-256 of it.
    pub(crate) digest: &'a [u8],
    pub(crate) facility: &'a str,
    pub(crate) subject: &'a str,
    /// Thumbprint of the key of the device that it is for.
    pub(crate) jkt: &'a str,
    /// Seconds since the epoch.
    pub(crate) given_at: i64,
}

impl Handle<'_> {
    /// Gives it out.
    pub(crate) async fn give(&self, transaction: &mut AnyConnection) -> Stored<()> {
        sqlx::query(
            "INSERT INTO sts_handle (digest, facility_id, subject, jkt, given_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(self.digest)
        .bind(self.facility)
        .bind(self.subject)
        .bind(self.jkt)
        .bind(self.given_at)
        .execute(&mut *transaction)
        .await?;
        // The newest is named, because of one second there may be many.
        sqlx::query(
            "DELETE FROM sts_handle WHERE facility_id = $1 AND subject = $2 AND jkt = $3 \
             AND digest <> $4 AND digest NOT IN (SELECT digest FROM sts_handle \
             WHERE facility_id = $1 AND subject = $2 AND jkt = $3 AND digest <> $4 \
             ORDER BY given_at DESC, digest LIMIT $5)",
        )
        .bind(self.facility)
        .bind(self.subject)
        .bind(self.jkt)
        .bind(self.digest)
        .bind(MOST_HANDLES - 1)
        .execute(transaction)
        .await?;
        Ok(())
    }
}

impl Registrations<'_> {
    /// Whom a handle is for, if it is the sender's and the registration lasts.
    pub(crate) async fn judge(
        &self,
        handle: &str,
        caller: &Caller,
        now: i64,
    ) -> Result<Proven, Refusal> {
        let row = sqlx::query(
            "SELECT sts_handle.facility_id, jkt, pmh_id, verified_at FROM sts_handle \
             JOIN sts_registration USING (facility_id, subject) WHERE digest = $1 AND valid_until > $2",
        )
        .bind(sha256(handle.as_bytes()))
        .bind(now)
        .fetch_optional(self.0.pool())
        .await?;
        // Over, ended, or never begun: whoever has the handle is told the same.
        let row = row.ok_or(Refusal::RegistrationExpired)?;
        if row.try_get::<String, _>("jkt")? != caller.jkt {
            return Err(Refusal::BindingMismatch("cnf"));
        }
        if row.try_get::<String, _>("facility_id")? != caller.member.facility_id {
            return Err(Refusal::BindingMismatch("fac"));
        }
        Ok(Proven {
            method: Method::Registered,
            pmh_id: row.try_get("pmh_id")?,
            purposes: vec!["view".to_owned()],
            basis: String::new(),
            verified_at: row.try_get("verified_at")?,
            evidence_id: random_id()?,
            again: true,
            offline: false,
        })
    }

    /// Until when a person is registered with a facility, seconds since the epoch.
    pub(crate) async fn until(
        &self,
        facility: &str,
        subject: &str,
        now: i64,
    ) -> Stored<Option<i64>> {
        sqlx::query_scalar(
            "SELECT valid_until FROM sts_registration \
             WHERE facility_id = $1 AND subject = $2 AND valid_until > $3",
        )
        .bind(facility)
        .bind(subject)
        .bind(now)
        .fetch_optional(self.0.pool())
        .await
    }

    /// Makes a registration that lasts last until then at least. Whom it is of, and until when it lasts; `None` if there is
    /// none, or it is over: what is over begins again with the person, not with a claim.
    pub(crate) async fn extend(
        transaction: &mut AnyConnection,
        (facility, subject): (&str, &str),
        until: i64,
        now: i64,
    ) -> Stored<Option<Registered>> {
        let rows = sqlx::query(
            "UPDATE sts_registration SET valid_until = CASE WHEN valid_until < $3 THEN $3 ELSE valid_until END \
             WHERE facility_id = $1 AND subject = $2 AND valid_until > $4 RETURNING pmh_id, valid_until",
        )
        .bind(facility)
        .bind(subject)
        .bind(until)
        .bind(now)
        .fetch_all(transaction)
        .await?;
        rows.first().map(Registered::of).transpose()
    }

    /// Ends a registration, and with it all that the facility has of the person: handles of every device, access tokens,
    /// and verifications of an earlier hour. Whom it was of, and until when it would have lasted; `None` if there is none.
    pub(crate) async fn end(
        transaction: &mut AnyConnection,
        facility: &str,
        subject: &str,
    ) -> Stored<Option<Registered>> {
        // The registration first: whoever gives out something on its ground holds it until that is on record.
        let ended = sqlx::query(
            "DELETE FROM sts_registration WHERE facility_id = $1 AND subject = $2 \
             RETURNING pmh_id, valid_until",
        )
        .bind(facility)
        .bind(subject)
        .fetch_all(&mut *transaction)
        .await?;
        let Some(ended) = ended.first().map(Registered::of).transpose()? else { return Ok(None) };
        sqlx::query("DELETE FROM sts_handle WHERE facility_id = $1 AND subject = $2")
            .bind(facility)
            .bind(subject)
            .execute(&mut *transaction)
            .await?;
        for known in [
            "DELETE FROM sts_evidence WHERE facility_id = $1 AND pmh_id = $2",
            "DELETE FROM sts_token WHERE facility_id = $1 AND pmh_id = $2",
        ] {
            sqlx::query(known)
                .bind(facility)
                .bind(&ended.pmh_id)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(Some(ended))
    }
}

/// What is said of a registration that was touched.
pub(crate) struct Registered {
    pub(crate) pmh_id: String,
    /// Seconds since the epoch.
    pub(crate) valid_until: i64,
}

impl Registered {
    pub(crate) fn of(row: &AnyRow) -> Stored<Self> {
        Ok(Self { pmh_id: row.try_get("pmh_id")?, valid_until: row.try_get("valid_until")? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::base::database::{self, Database};
    use crate::sts::MIGRATIONS;

    /// The facts of `tests/vectors/rules/registration.json`: what is asked of the table is what a visit, a claim and the
    /// opening of a list ask.
    #[tokio::test]
    async fn a_registration_is_over_in_the_second_the_vectors_name() {
        let vectors = include_str!("../../../../../tests/vectors/rules/registration.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let store = Store::open(&Database::Memory, &[database::MIGRATIONS, MIGRATIONS]).await;
        let store = store.unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        for (number, case) in cases.iter().enumerate() {
            let (facility, subject) = ("1370000001", number.to_string());
            let fact = |name: &str| case["facts"][name].as_i64().unwrap();
            sqlx::query(
                "INSERT INTO sts_registration (facility_id, subject, pmh_id, verified_at, valid_until) \
                 VALUES ($1, $2, 'somebody', 0, $3)",
            )
            .bind(facility)
            .bind(&subject)
            .bind(fact("valid_until"))
            .execute(store.pool())
            .await
            .unwrap();
            let lasts = case["decision"] == "allowed";
            let now = fact("now");
            let until = Registrations(&store).until(facility, &subject, now).await.unwrap();
            assert_eq!(until, lasts.then_some(fact("valid_until")), "{}", case["name"]);
            let mut transaction = store.begin().await.unwrap();
            let place = (facility, subject.as_str());
            let held = Registrations::extend(&mut transaction, place, 0, now).await.unwrap();
            assert_eq!(held.map(|held| held.valid_until), until, "{}", case["name"]);
        }
        assert!(cases.len() > 10);
    }
}
