//! Online qualification confirmation (オンライン資格確認): from a certificate to a link number (紐付番号).
//!
//! A serial number is kept, and looked up, only as an HMAC under a key of this database.

use std::sync::{Arc, LazyLock};

use ring::hmac;
use serde_json::Value;
use sqlx::AnyConnection;

use crate::base::Base;
use crate::base::database::{Migrations, Result as Stored};
use crate::base::failure::StartError;
use crate::base::jws::base64url;
use crate::base::many::Many;
use crate::base::refusal::Refusal;
use crate::jlis::{CertificateId, Jlis, without_leading_zeros};

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "qualification",
    sqlite: &[
        include_str!("migrations/sqlite/0001_link.sql"),
        include_str!("migrations/sqlite/0002_medical.sql"),
    ],
    postgres: &[
        include_str!("migrations/postgres/0001_link.sql"),
        include_str!("migrations/postgres/0002_medical.sql"),
    ],
};

static ENTER: LazyLock<Many> = LazyLock::new(|| {
    Many::new(
        "INSERT INTO qualification_enrollee (link_number, health_insurance_use)",
        2,
        "ON CONFLICT DO NOTHING",
    )
});

pub(crate) struct Qualification {
    base: Arc<Base>,
    jlis: Arc<Jlis>,
    /// Under which certificates are known.
    certificate: hmac::Key,
    /// From insurer and insured number to link number.
    link: hmac::Key,
}

/// Somebody who is insured, as this system knows them.
pub(crate) struct Enrollee {
    pub(crate) link_number: String,
    /// Keyed digests of their certificates.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// The card is registered as health insurance card (マイナ保険証).
    pub(crate) health_insurance_use: bool,
    /// What is known of the medical insurance, JSON.
    pub(crate) medical: Option<Value>,
}

impl Qualification {
    pub(crate) async fn open(base: Arc<Base>, jlis: Arc<Jlis>) -> Result<Self, StartError> {
        let certificate = base.store.mac_key("certificate").await?;
        let link = base.store.mac_key("link").await?;
        Ok(Self { base, jlis, certificate, link })
    }

    /// The link number of the person to whom an insurer gave this number.
    pub(crate) fn link_number(&self, insurer: &str, number: &str) -> String {
        let identity = format!("{insurer}/{number}");
        base64url(hmac::sign(&self.link, identity.as_bytes()).as_ref())
    }

    /// What certificates with these serial numbers are known by, under each trusted root.
    pub(crate) fn digests(&self, serials: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let under = |issuer_key: &[u8], serial: &[u8]| self.digest(issuer_key, serial);
        let issuers: Vec<_> = self.jlis.issuer_keys().collect();
        serials
            .iter()
            .flat_map(|serial| issuers.iter().map(move |issuer_key| under(issuer_key, serial)))
            .collect()
    }

    fn digest(&self, issuer_key: &[u8], serial: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.certificate);
        // A digest of fixed length comes first, so the two cannot be told apart wrongly.
        context.update(issuer_key);
        context.update(without_leading_zeros(serial));
        context.sign().as_ref().to_vec()
    }

    /// Forgets whose certificates are whose, which only the configuration says.
    pub(crate) async fn clear(&self, connection: &mut AnyConnection) -> Stored<()> {
        sqlx::query("DELETE FROM qualification_link").execute(connection).await?;
        Ok(())
    }

    pub(crate) async fn add(
        &self,
        connection: &mut AnyConnection,
        enrollee: &Enrollee,
    ) -> Stored<()> {
        sqlx::query(
            "INSERT INTO qualification_enrollee (link_number, health_insurance_use, medical) \
             VALUES ($1, $2, $3) ON CONFLICT (link_number) DO UPDATE SET \
             health_insurance_use = excluded.health_insurance_use, medical = excluded.medical",
        )
        .bind(&enrollee.link_number)
        .bind(i64::from(enrollee.health_insurance_use))
        .bind(enrollee.medical.as_ref().map(Value::to_string))
        .execute(&mut *connection)
        .await?;
        for certificate in &enrollee.certificates {
            sqlx::query(
                "INSERT INTO qualification_link (certificate, link_number) VALUES ($1, $2)",
            )
            .bind(certificate.as_slice())
            .bind(&enrollee.link_number)
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }

    /// Enters people of whose certificates nothing is known yet.
    pub(crate) async fn enter(
        &self,
        transaction: &mut AnyConnection,
        link_numbers: &[&str],
    ) -> Stored<()> {
        for (statement, link_numbers) in ENTER.statements(link_numbers) {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(statement));
            for &link_number in link_numbers {
                query = query.bind(link_number).bind(1_i64);
            }
            query.execute(&mut *transaction).await?;
        }
        Ok(())
    }

    /// The link number of the person who holds a certificate.
    pub(crate) async fn resolve(&self, certificate: &CertificateId) -> Result<String, Refusal> {
        let mut known = self.enrollee(certificate).await?;
        if known.is_none() {
            // A renewed certificate is its holder's as the one before was.
            for earlier in self.jlis.predecessors(certificate).await? {
                known = self.enrollee(&earlier).await?;
                if known.is_some() {
                    break;
                }
            }
        }
        match known {
            Some((_, 0)) => Err(Refusal::HealthInsuranceUseNotRegistered),
            Some((link_number, _)) => Ok(link_number),
            None => Err(Refusal::PersonNotFound),
        }
    }

    /// What is known of a person's medical insurance; null if nothing is.
    pub(crate) async fn medical(&self, link_number: &str) -> Result<Value, Refusal> {
        let known: Option<Option<String>> =
            sqlx::query_scalar("SELECT medical FROM qualification_enrollee WHERE link_number = $1")
                .bind(link_number)
                .fetch_optional(self.base.store.pool())
                .await?;
        let read = |medical: String| serde_json::from_str(&medical);
        let medical = known.flatten().map(read).transpose();
        Ok(medical.map_err(|_| Refusal::ServerFailed)?.unwrap_or_default())
    }

    /// Link number, and whether the card is registered as health insurance card.
    async fn enrollee(&self, certificate: &CertificateId) -> Stored<Option<(String, i64)>> {
        sqlx::query_as(
            "SELECT link_number, health_insurance_use FROM qualification_link \
             JOIN qualification_enrollee USING (link_number) WHERE certificate = $1",
        )
        .bind(self.digest(&certificate.issuer_key, &certificate.serial))
        .fetch_optional(self.base.store.pool())
        .await
    }
}
