//! What the systems of the platform share: clock, database, keys, trust.

use std::collections::HashSet;

use jiff::SignedDuration;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::clock::Clock;
use crate::config::{Config, StartError};
use crate::error::Refusal;
use crate::fault::Faults;
use crate::jlis::{self, CertificateId, Jlis};
use crate::jws::{SigningKey, base64url};
use crate::store::{Insured, PersonRow, Store};
use crate::{Person, kiban, qualification};

pub(crate) struct Platform {
    /// Base URL of everything here, and issuer of challenges and tokens.
    pub(crate) issuer: String,
    pub(crate) challenge_lifetime: i64,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) jlis: Jlis,
    pub(crate) keys: Keys,
    pub(crate) faults: Faults,
}

/// Keys that live as long as the database.
pub(crate) struct Keys {
    /// Signs challenges and access tokens.
    pub(crate) sts: SigningKey,
    pub(crate) staff: SigningKey,
    /// Under which certificates are known.
    certificate: hmac::Key,
    /// From insurer and insured number to link number.
    link: hmac::Key,
    /// From link number and facility to the pairwise subject.
    pub(crate) pairwise: hmac::Key,
}

impl Keys {
    async fn load(store: &Store) -> Result<Self, StartError> {
        Ok(Self {
            sts: Self::signing(store, "sts").await?,
            staff: Self::signing(store, "staff").await?,
            certificate: Self::mac(store, "certificate").await?,
            link: Self::mac(store, "link").await?,
            pairwise: Self::mac(store, "pairwise").await?,
        })
    }

    async fn signing(store: &Store, name: &str) -> Result<SigningKey, StartError> {
        let offered = SigningKey::generate().map_err(|_| StartError::Keys)?;
        let kept = store.secret(name, &offered).await?;
        SigningKey::from_pkcs8(&kept).map_err(|_| StartError::Keys)
    }

    async fn mac(store: &Store, name: &str) -> Result<hmac::Key, StartError> {
        let offered: [u8; 32] = random().map_err(|_| StartError::Keys)?;
        let kept = store.secret(name, &offered).await?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &kept))
    }
}

impl Platform {
    pub(crate) async fn new(config: &Config, issuer: String) -> Result<Self, StartError> {
        let jlis = Jlis::new(config)?;
        let store = Store::open(&config.database).await?;
        let platform = Self {
            issuer,
            challenge_lifetime: SignedDuration::try_from(config.challenge_lifetime)
                .map_or(i64::MAX / 2, |lifetime| lifetime.as_secs()),
            clock: Clock::default(),
            keys: Keys::load(&store).await?,
            store,
            jlis,
            faults: Faults::default(),
        };
        platform.seed(&config.people).await?;
        jlis::seed(&platform, config).await?;
        Ok(platform)
    }

    async fn seed(&self, people: &[Person]) -> Result<(), StartError> {
        let (mut numbers, mut certificates) = (HashSet::new(), HashSet::new());
        let mut rows = Vec::with_capacity(people.len());
        for (index, person) in people.iter().enumerate() {
            let wrong = |reason| StartError::Person { index, reason };
            if let Some(reason) = person.fault() {
                return Err(wrong(reason));
            }
            let row = self.person_row(person);
            if !numbers.insert(row.link_number.clone()) {
                return Err(wrong("the insured number is another person's"));
            }
            if !row.certificates.iter().all(|c| certificates.insert(c.clone())) {
                return Err(wrong("a certificate is named twice"));
            }
            rows.push(row);
        }
        Ok(self.store.set_people(&rows).await?)
    }

    fn person_row(&self, person: &Person) -> PersonRow {
        let identity = format!("{}/{}", person.insurer_number, person.insured_number);
        let link_number = hmac::sign(&self.keys.link, identity.as_bytes());
        PersonRow {
            link_number: base64url(link_number.as_ref()),
            certificates: person
                .certificate_serials
                .iter()
                .flat_map(|serial| self.certificate_digests(serial))
                .collect(),
            health_insurance_use: person.health_insurance_use,
            insured: Insured {
                insurer_connected: person.insurer_connected,
                consent: person.consent,
                record: kiban::record(person).to_string(),
            },
        }
    }

    pub(crate) fn certificate_digest(&self, certificate: &CertificateId) -> Vec<u8> {
        let CertificateId { issuer_key, serial } = certificate;
        qualification::certificate_digest(&self.keys.certificate, issuer_key, serial)
    }

    /// A serial number under each trusted root.
    pub(crate) fn certificate_digests(&self, serial: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        self.jlis.issuer_keys().map(move |issuer_key| {
            qualification::certificate_digest(&self.keys.certificate, &issuer_key, serial)
        })
    }
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Refusal::ServerFailed)?;
    Ok(bytes)
}

/// An identifier nobody can guess.
pub(crate) fn random_id() -> Result<String, Refusal> {
    Ok(base64url(&random::<16>()?))
}
