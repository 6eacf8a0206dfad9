//! The token service (本人確認トークンサービス): challenges out, assertions in, tokens out.

mod caller;
mod challenge;
mod devices;
mod evidence;
mod exchange;
mod grant;
mod issue;
mod record;
mod routes;
mod sealed;
mod statements;
mod store;
mod tamper;
mod token;

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use ring::hmac;
use serde_json::{Value, json};

pub use evidence::{CardFaceAuthority, Disaster};
use evidence::{Disasters, NEEDS, Registrations};
pub use record::{ChallengeRecord, ChallengeState};
pub(crate) use routes::routes;
pub(crate) use store::MIGRATIONS;
pub(crate) use token::ENTITLEMENT_READ;

use crate::audit::Audit;
use crate::base::database::Result as Stored;
use crate::base::failure::StartError;
use crate::base::jws::SigningKey;
use crate::base::peer::PeerCertificate;
use crate::base::refusal::Refusal;
use crate::base::reply::{Reply, Shown};
use crate::base::sender::Sender;
use crate::base::{Base, NOTICE};
use crate::device::{Devices, MutualTls};
use crate::jlis::{CertificateId, Jlis};
use crate::kiban::Kiban;
use crate::pmh::Pmh;
use crate::qualification::Qualification;
use crate::staff::Staff;
use statements::Statements;
use store::Challenges;
use token::AccessClaims;

pub(crate) struct Sts {
    base: Arc<Base>,
    audit: Arc<Audit>,
    devices: Arc<Devices>,
    mutual_tls: MutualTls,
    staff: Arc<Staff>,
    jlis: Arc<Jlis>,
    qualification: Arc<Qualification>,
    pmh: Arc<Pmh>,
    kiban: Arc<Kiban>,
    challenge_key: SigningKey,
    token_key: SigningKey,
    /// From PMH-ID and facility to the pairwise subject.
    pairwise: hmac::Key,
    /// How long a challenge can be used, in seconds.
    challenge_lifetime: i64,
    /// How long a registration lasts at first, and from each event on, in seconds.
    registration_lifetime: i64,
    /// Under which card faces are certified.
    card_faces: Vec<CardFaceAuthority>,
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
        let challenge_key = base.store.signing_key("sts.challenge").await?;
        let token_key = base.store.signing_key("sts.token").await?;
        let pairwise = base.store.mac_key("pairwise").await?;
        Ok(Self {
            base,
            mutual_tls: MutualTls::default(),
            audit: below.audit,
            devices: below.devices,
            staff: below.staff,
            jlis: below.jlis,
            qualification: below.qualification,
            pmh: below.pmh,
            kiban: below.kiban,
            challenge_key,
            token_key,
            pairwise,
            challenge_lifetime: 0,
            registration_lifetime: 0,
            card_faces: Vec::new(),
        })
    }

    pub(crate) fn with_challenge_lifetime(self, lifetime: Duration) -> Self {
        Self { challenge_lifetime: seconds(lifetime), ..self }
    }

    pub(crate) fn with_registration_lifetime(self, lifetime: Duration) -> Self {
        Self { registration_lifetime: seconds(lifetime), ..self }
    }

    pub(crate) fn with_mutual_tls(self, mutual_tls: MutualTls) -> Self {
        Self { mutual_tls, ..self }
    }

    pub(crate) fn with_card_faces(self, authorities: &[CardFaceAuthority]) -> Self {
        Self { card_faces: authorities.to_vec(), ..self }
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

    /// Makes a registration last for another while, as the receipt of a claim does (レセプト). `false` if there is none.
    pub(crate) async fn extend_registration(&self, facility: &str, subject: &str) -> Stored<bool> {
        let until = self.base.now() + self.registration_lifetime;
        self.registrations().extend(facility, subject, until).await
    }

    /// Ends a registration, as the end of a contract does. `false` if there is none.
    pub(crate) async fn end_registration(&self, facility: &str, subject: &str) -> Stored<bool> {
        self.registrations().end(facility, subject).await
    }

    /// Puts the rules for disasters in force.
    pub(crate) async fn declare(&self, disaster: &Disaster) -> Stored<()> {
        self.disasters().declare(disaster).await
    }

    fn challenges(&self) -> Challenges<'_> {
        Challenges::of(&self.base.store, &self.audit)
    }

    /// The PMH-ID of the person who holds a certificate.
    async fn person(&self, certificate: &CertificateId) -> Result<String, Refusal> {
        let link_number = self.qualification.resolve(certificate).await?;
        self.pmh.identifier(&link_number).await?.ok_or(Refusal::PersonNotFound)
    }

    /// The name of a person at one facility (pairwise).
    fn subject(&self, pmh_id: &str, facility: &str) -> String {
        token::pairwise(&self.pairwise, pmh_id, facility)
    }

    /// The keys that sign challenges (RFC 7517).
    pub(crate) fn challenge_keys(&self) -> Vec<Value> {
        vec![self.challenge_key.jwk()]
    }

    /// The PMH-ID of the person for whom the access token of a request was issued, if it opens this scope now.
    pub(crate) async fn opened(
        &self,
        sender: &Sender,
        scope: &'static str,
    ) -> Result<String, Refusal> {
        let (token, jkt) = match sender.shown().ok_or(Refusal::TokenMissing)? {
            Shown::Bearer(token) => (token, None),
            Shown::Bound(token) => {
                let proven = sender.proven(&self.base, Some(token)).await;
                (token, Some(proven.map_err(Refusal::at_opening)?.jkt))
            }
        };
        let claims = AccessClaims::open(self, token).ok_or(Refusal::TokenInvalid)?;
        let x5t = sender.peer.as_ref().map(PeerCertificate::thumbprint);
        if claims.jkt() != jkt.as_deref()
            || claims.x5t().is_some() && claims.x5t() != x5t.as_deref()
        {
            return Err(Refusal::TokenInvalid);
        }
        if claims.jkt().is_some() {
            // A device that has been killed since then opens nothing any more.
            self.devices.named(&claims.client_id).await?;
        }
        if self.base.now() >= claims.exp {
            return Err(Refusal::TokenExpired);
        }
        if !claims.allows(scope) {
            return Err(Refusal::ScopeMissing(scope));
        }
        self.challenges().holder(&claims.jti).await?.ok_or(Refusal::TokenInvalid)
    }

    /// All challenges given out, the oldest first.
    pub(crate) async fn records(&self) -> Stored<Vec<ChallengeRecord>> {
        self.challenges().records().await
    }

    /// How many access tokens were issued.
    pub(crate) async fn tokens_issued(&self) -> Stored<u64> {
        self.challenges().tokens().await
    }

    /// Removes what has been kept for long enough.
    pub(crate) async fn sweep(&self) -> Stored<()> {
        self.challenges().sweep(self.base.now()).await
    }

    /// `GET /.well-known/jwks.json` (RFC 7517 §5).
    fn jwks(&self) -> Reply {
        Reply::ok(json!({ "keys": [self.challenge_key.jwk(), self.token_key.jwk()] }))
    }

    /// `GET /.well-known/oauth-authorization-server` (RFC 8414 §2): the platform's name, by whichever it was called,
    /// and what it offers.
    fn metadata(&self) -> Reply {
        let issuer = &self.base.issuer;
        Reply::ok(json!({
            "issuer": issuer,
            "token_endpoint": format!("{issuer}/v1/token"),
            "x-kaigo-challenge-endpoint": format!("{issuer}/v1/challenges"),
            "x-kaigo-resource": format!("{issuer}/"),
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "scopes_supported": NEEDS.map(|(scope, _)| scope),
            "response_types_supported": [],
            "grant_types_supported": [exchange::GRANT_TYPE],
            "token_endpoint_auth_methods_supported": ["none"],
            "x-kaigo-sandbox": true,
            "x-kaigo-notice": NOTICE,
        }))
    }
}

/// Whole seconds of a time that may be longer than any.
fn seconds(lifetime: Duration) -> i64 {
    SignedDuration::try_from(lifetime).map_or(i64::MAX / 2, |lifetime| lifetime.as_secs())
}
