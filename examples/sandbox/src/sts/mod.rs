//! The token service (本人確認トークンサービス): challenges out, assertions in, tokens out.

mod caller;
mod challenge;
mod devices;
mod domain;
mod evidence;
mod exchange;
mod grant;
mod issue;
mod keys;
mod lifecycle;
mod metadata;
mod offline;
mod opened;
mod own;
mod record;
mod routes;
mod sealed;
mod seen;
mod statements;
mod store;
mod tamper;
mod ticket;
mod tickets;
mod token;
mod users;

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use ring::hmac;
use serde_json::Value;

pub(crate) use caller::Caller;
pub(crate) use challenge::is_uuid;
pub(crate) use domain::Domain;
pub use evidence::{CardFaceAuthority, Disaster};
use evidence::{Disasters, Registrations};
pub(crate) use evidence::{ENTITLEMENT_READ, LONGEST_DISASTER, Method, is_birth_date};
pub(crate) use exchange::ANSWER_KEPT;
pub(crate) use keys::Keys;
pub(crate) use offline::{Confirmed, OfflineEvidence, Visit};
pub(crate) use opened::Opened;
pub use record::{ChallengeRecord, ChallengeState};
pub(crate) use routes::routes;
pub(crate) use seen::Item;
pub(crate) use store::{MIGRATIONS, TOKEN_KEPT, UNUSED_KEPT, USED_KEPT};
pub(crate) use ticket::{LONGEST_HOURS, MOST_TICKETS};
pub(crate) use tickets::Ticket;
pub(crate) use users::{Listed, Wanted};

use crate::audit::Audit;
use crate::base::Base;
use crate::base::database::Result as Stored;
use crate::base::failure::StartError;
use crate::base::refusal::Refusal;
use crate::device::Devices;
use crate::jlis::{CertificateId, Jlis, Judged};
use crate::kiban::Kiban;
use crate::pmh::Pmh;
use crate::qualification::Qualification;
use crate::staff::Staff;
use statements::Statements;
use store::Challenges;
use tickets::Tickets;

pub(crate) struct Sts {
    base: Arc<Base>,
    audit: Arc<Audit>,
    devices: Arc<Devices>,
    staff: Arc<Staff>,
    jlis: Arc<Jlis>,
    qualification: Arc<Qualification>,
    pmh: Arc<Pmh>,
    kiban: Arc<Kiban>,
    keys: Keys,
    /// From PMH-ID and facility to the pairwise subject.
    pairwise: hmac::Key,
    /// For what was read of an entitlement.
    seen: hmac::Key,
    /// How long a challenge can be used, in seconds.
    challenge_lifetime: i64,
    /// How long a registration lasts at first, and from each event on, in seconds.
    registration_lifetime: i64,
    /// Under which card faces are certified.
    card_faces: Vec<CardFaceAuthority>,
    /// How many unused tickets a device may have for places without coverage.
    offline_tickets: u8,
}

/// The rooms that the token service asks.
pub(crate) struct Neighbours {
    pub(crate) audit: Arc<Audit>,
    pub(crate) devices: Arc<Devices>,
    pub(crate) staff: Arc<Staff>,
    pub(crate) jlis: Arc<Jlis>,
    pub(crate) qualification: Arc<Qualification>,
    pub(crate) pmh: Arc<Pmh>,
    pub(crate) kiban: Arc<Kiban>,
}

impl Sts {
    pub(crate) async fn open(base: Arc<Base>, below: Neighbours) -> Result<Self, StartError> {
        let keys = Keys::open(&base.store).await?;
        let pairwise = base.store.mac_key("pairwise").await?;
        let seen = base.store.mac_key("sts.seen").await?;
        Ok(Self {
            base,
            audit: below.audit,
            devices: below.devices,
            staff: below.staff,
            jlis: below.jlis,
            qualification: below.qualification,
            pmh: below.pmh,
            kiban: below.kiban,
            keys,
            pairwise,
            seen,
            challenge_lifetime: 0,
            registration_lifetime: 0,
            card_faces: Vec::new(),
            offline_tickets: 0,
        })
    }

    pub(crate) fn with_challenge_lifetime(self, lifetime: Duration) -> Self {
        Self { challenge_lifetime: seconds(lifetime), ..self }
    }

    pub(crate) fn with_registration_lifetime(self, lifetime: Duration) -> Self {
        Self { registration_lifetime: seconds(lifetime), ..self }
    }

    pub(crate) fn with_card_faces(self, authorities: &[CardFaceAuthority]) -> Self {
        Self { card_faces: authorities.to_vec(), ..self }
    }

    pub(crate) fn with_offline_tickets(self, most: u8) -> Self {
        Self { offline_tickets: most.min(MOST_TICKETS), ..self }
    }

    fn statements(&self) -> Statements<'_> {
        Statements { store: &self.base.store, audit: &self.audit }
    }

    fn registrations(&self) -> Registrations<'_> {
        Registrations(&self.base.store)
    }

    fn disasters(&self) -> Disasters<'_> {
        Disasters(&self.base.store)
    }

    /// Puts the rules for disasters in force.
    pub(crate) async fn declare(&self, disaster: &Disaster) -> Stored<()> {
        self.disasters().declare(disaster).await
    }

    fn tickets(&self) -> Tickets<'_> {
        Tickets { store: &self.base.store, audit: &self.audit }
    }

    fn challenges(&self) -> Challenges<'_> {
        Challenges::of(&self.base.store, &self.audit)
    }

    /// The certificate (DER) of the card that signed something, if all of it holds now.
    pub(crate) async fn signer(
        &self,
        leaf: &[u8],
        signed: &str,
        signature: &[u8],
        now: i64,
    ) -> Result<CertificateId, Refusal> {
        let Judged { leaf, id } = self.jlis.judge(leaf, now).await?;
        let signed = leaf.signed(signed.as_bytes(), signature);
        if signed { Ok(id) } else { Err(Refusal::SignatureInvalid) }
    }

    /// Signs something that a card is to answer, as this type.
    pub(crate) fn challenge_of(&self, typ: &str, payload: &Value) -> Result<String, Refusal> {
        Ok(self.keys.challenge.sign(typ, payload)?)
    }

    /// The PMH-ID of the person who holds a certificate.
    pub(crate) async fn person(&self, certificate: &CertificateId) -> Result<String, Refusal> {
        let link_number = self.qualification.resolve(certificate).await?;
        self.pmh.identifier(&link_number).await?.ok_or(Refusal::PersonNotFound)
    }

    /// What is known of a person's medical insurance; null if nothing is.
    pub(crate) async fn medical(&self, pmh_id: &str) -> Result<Value, Refusal> {
        match self.pmh.link_number(pmh_id).await? {
            Some(link_number) => self.qualification.medical(&link_number).await,
            None => Ok(Value::Null),
        }
    }

    /// The name of a person at one facility (pairwise).
    fn subject(&self, pmh_id: &str, facility: &str) -> String {
        token::pairwise(&self.pairwise, pmh_id, facility)
    }

    /// What a facility is called.
    pub(crate) async fn facility_name(&self, id: &str) -> Stored<String> {
        Ok(self.staff.facility_name(id).await?.unwrap_or_default())
    }

    /// The key that signs challenges, and the one after it (RFC 7517).
    pub(crate) fn challenge_keys(&self) -> Vec<Value> {
        self.keys.challenge.pinned()
    }

    /// All challenges given out, the oldest first.
    pub(crate) async fn records(&self) -> Stored<Vec<ChallengeRecord>> {
        self.challenges().records().await
    }

    /// How many access tokens were issued.
    pub(crate) async fn tokens_issued(&self) -> Stored<u64> {
        self.challenges().tokens().await
    }

    /// Has the next keys sign challenges and tokens from now on. What the present ones signed is good until it ends, or the
    /// keys are rolled once more.
    pub(crate) async fn roll_keys(&self) -> Result<(), StartError> {
        self.keys.roll(&self.base.store, &self.audit).await
    }

    /// Looks whether another process has rolled the keys.
    pub(crate) async fn refresh_keys(&self) -> Result<(), StartError> {
        self.keys.refresh(&self.base.store).await
    }

    /// Removes what has been kept for long enough.
    pub(crate) async fn sweep(&self) -> Stored<()> {
        self.tickets().sweep(self.base.now()).await?;
        self.challenges().sweep(self.base.now()).await
    }
}

/// Whole seconds of a time that may be longer than any.
fn seconds(lifetime: Duration) -> i64 {
    SignedDuration::try_from(lifetime).map_or(i64::MAX / 2, |lifetime| lifetime.as_secs())
}
