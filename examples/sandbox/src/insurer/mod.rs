//! The municipalities' systems (介護保険システム): their insured persons, and how they are brought in.

mod birth_date;
mod import;
mod inbox;
mod information;
mod key;
mod opinion;
mod person;
mod unusual;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};

pub use birth_date::{BirthDate, BirthDateInvalid};
pub(crate) use import::Source;
pub use import::{
    Flaw as ImportFlaw, ImportError, ImportFinding, ImportKind, ImportProgress, ImportReport,
};
pub use inbox::{Filing, FilingStatus};
pub(crate) use inbox::{MIGRATIONS, NewFiling};
pub use information::{HousingItem, Information, LifeItem, SurveyItem};
pub(crate) use opinion::{NewOpinion, day_of};
pub use opinion::{Opinion, PhysicianConsent, WrittenOpinion};
pub use person::{
    BenefitLimit, BurdenRatio, CareLevel, CareLevelCode, CareManager, LimitCertificate, LimitStage,
    MedicalInsurance, Person, Sex,
};
pub use unusual::Unusual;

use crate::base::Base;
use crate::base::database::Result as Stored;
use crate::base::failure::StartError;
use crate::base::keys::random_id;
use crate::base::refusal::Refusal;
use crate::kiban::{ConsentState, Insured, Kiban, Taken};
use crate::pmh::Pmh;
use crate::qualification::{Enrollee, Qualification};

pub(crate) struct Insurer {
    base: Arc<Base>,
    qualification: Arc<Qualification>,
    pmh: Arc<Pmh>,
    kiban: Arc<Kiban>,
}

impl Insurer {
    pub(crate) fn new(
        base: Arc<Base>,
        qualification: Arc<Qualification>,
        pmh: Arc<Pmh>,
        kiban: Arc<Kiban>,
    ) -> Self {
        Self { base, qualification, pmh, kiban }
    }

    /// Brings everybody in (初期セットアップ), in place of those of the last time.
    pub(crate) async fn import(&self, people: &[Person]) -> Result<(), StartError> {
        let enrollees = self.enrollees(people)?;
        let mut transaction = self.base.store.begin_alone().await?;
        self.kiban.clear(&mut transaction).await?;
        self.qualification.clear(&mut transaction).await?;
        for (person, enrollee) in people.iter().zip(&enrollees) {
            self.qualification.add(&mut transaction, enrollee).await?;
            let insured = Insured {
                pmh_id: self.pmh.assign(&mut transaction, &enrollee.link_number).await?,
                insurer: person.connection(),
                consent: person.consent,
                record: record(person),
                information: person.information.iter().map(Information::known).collect(),
            };
            self.kiban.add(&mut transaction, &insured).await?;
        }
        self.kiban.settle_consents(&mut transaction, 0, self.base.now()).await?;
        self.follow_accepted(&mut transaction).await?;
        self.enter_opinions(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes a person's consent on a form of the municipality's. Whose it is; none if nobody is known under these numbers.
    pub(crate) async fn take_consent(
        &self,
        insurer: &str,
        number: &str,
    ) -> Result<Option<String>, Refusal> {
        let Some(pmh_id) = self.pmh_id(insurer, number).await? else { return Ok(None) };
        let mut transaction = self.base.store.begin().await?;
        let standing = self.kiban.consent(&mut transaction, &pmh_id).await?;
        if standing.state() != ConsentState::Given {
            let (request, at) = (random_id()?, self.base.now());
            let taken = Taken { pmh_id: &pmh_id, request: &request, facility_id: None, at };
            self.kiban.give(&mut transaction, &taken).await?;
        }
        transaction.commit().await?;
        Ok(Some(pmh_id))
    }

    /// Withdraws a person's consent. Whose it was; none if there was none.
    pub(crate) async fn withdraw_consent(
        &self,
        insurer: &str,
        number: &str,
    ) -> Stored<Option<String>> {
        let Some(pmh_id) = self.pmh_id(insurer, number).await? else { return Ok(None) };
        let mut transaction = self.base.store.begin().await?;
        let withdrawn = self.kiban.withdraw(&mut transaction, &pmh_id, self.base.now()).await?;
        transaction.commit().await?;
        Ok(withdrawn.then_some(pmh_id))
    }

    /// Notes that a person has applied for certification. `false` if nobody is known under these numbers.
    pub(crate) async fn apply(&self, insurer: &str, number: &str) -> Stored<bool> {
        let Some(pmh_id) = self.pmh_id(insurer, number).await? else { return Ok(false) };
        let mut transaction = self.base.store.begin().await?;
        let applied = self.kiban.apply(&mut transaction, &pmh_id).await?;
        transaction.commit().await?;
        Ok(applied)
    }

    /// Who has these numbers; none if nobody has.
    pub(crate) async fn pmh_id(&self, insurer: &str, number: &str) -> Stored<Option<String>> {
        self.pmh.identifier(&self.qualification.link_number(insurer, number)).await
    }

    /// Everybody as オンライン資格確認 knows them, if no two of them are the same.
    fn enrollees(&self, people: &[Person]) -> Result<Vec<Enrollee>, StartError> {
        let (mut numbers, mut certificates) = (HashSet::new(), HashSet::new());
        let mut enrollees = Vec::with_capacity(people.len());
        for (index, person) in people.iter().enumerate() {
            let wrong = |reason| StartError::Person { index, reason };
            if let Some(reason) = person.fault() {
                return Err(wrong(reason));
            }
            let enrollee = Enrollee {
                link_number: self
                    .qualification
                    .link_number(&person.insurer_number, &person.insured_number),
                certificates: self.qualification.digests(&person.certificate_serials),
                health_insurance_use: person.health_insurance_use,
                medical: person.medical.as_ref().map(|medical| json!(medical)),
            };
            if !numbers.insert(enrollee.link_number.clone()) {
                return Err(wrong("the insured number is another person's"));
            }
            if !enrollee.certificates.iter().all(|c| certificates.insert(c.clone())) {
                return Err(wrong("a certificate is named twice"));
            }
            enrollees.push(enrollee);
        }
        Ok(enrollees)
    }
}

/// What 介護情報基盤 keeps of a person: stable items and items that change with time, apart.
fn record(person: &Person) -> Value {
    json!({
        "person": { "name_kana": person.name_kana, "birth_date": person.birth_date, "sex": person.sex },
        "insurer": { "number": person.insurer_number, "name": person.insurer_name },
        "insured_number": person.insured_number,
        "care_manager": person.care_manager,
        "periodic": {
            "care_level": person.care_level,
            "burden_ratio": person.burden_ratio,
            "limit_certificate": person.limit_certificate,
            "benefit_limit": person.benefit_limit,
        },
    })
}
