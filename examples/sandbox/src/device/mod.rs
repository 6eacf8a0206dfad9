//! Devices and servers as clients: activation codes, enrolment, keys and certificates, and the end of a device.

mod client;
mod code;
mod csr;
mod store;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

pub(crate) use client::Client;
pub use client::RegisteredClient;
pub use store::DeviceRecord;
pub(crate) use store::MIGRATIONS;

use crate::audit::{Audit, Event, What, Who};
use crate::base::Base;
use crate::base::database::Result as Stored;
use crate::base::dpop::Proven;
use crate::base::facility_authority::FacilityAuthority;
use crate::base::failure::StartError;
use crate::base::jwk::PublicKey;
use crate::base::keys::random_id;
use crate::base::peer::PeerCertificate;
use crate::base::refusal::Refusal;
use store::{Books, Entered, Found};

/// A label is for people to read.
const LONGEST_LABEL: usize = 64;

/// All clients, and the authority for their certificates.
pub(crate) struct Devices {
    base: Arc<Base>,
    audit: Arc<Audit>,
    authority: FacilityAuthority,
    servers: HashMap<String, Client>,
    mutual_tls: MutualTls,
}

/// Whether devices are to show their certificates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum MutualTls {
    #[default]
    None,
    Optional,
    Required,
}

impl MutualTls {
    /// As devices are told.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

/// An activation code, to be shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationCode {
    /// 26 digits in groups. A secret until it is used.
    pub code: String,
    /// How long it can be used.
    pub lifetime: std::time::Duration,
}

impl Devices {
    /// With this authority, or else one that is kept in the database.
    pub(crate) async fn open(
        base: Arc<Base>,
        audit: Arc<Audit>,
        authority: Option<&FacilityAuthority>,
        servers: &[RegisteredClient],
    ) -> Result<Self, StartError> {
        let authority = match authority {
            Some(authority) => authority.clone(),
            None => base.store.facility_authority(base.now()).await?,
        };
        let mut known = HashMap::new();
        for (index, server) in servers.iter().enumerate() {
            let key = PublicKey::read(&server.jwk).ok_or(StartError::Client { index })?;
            let client = Client {
                id: server.id.clone(),
                key,
                facility_id: None,
                label: String::new(),
                certificate: server.certificate.clone(),
                scopes: server.scopes.clone(),
            };
            if known.insert(server.id.clone(), client).is_some() {
                return Err(StartError::Client { index });
            }
        }
        Ok(Self { base, audit, authority, servers: known, mutual_tls: MutualTls::default() })
    }

    pub(crate) fn with_mutual_tls(self, mutual_tls: MutualTls) -> Self {
        Self { mutual_tls, ..self }
    }

    /// Whether clients are to show their certificates.
    pub(crate) fn mutual_tls(&self) -> MutualTls {
        self.mutual_tls
    }

    /// Whether a connection may be one without a certificate, if it is.
    pub(crate) fn admits(&self, peer: Option<&PeerCertificate>) -> Result<(), Refusal> {
        if peer.is_none() && self.mutual_tls == MutualTls::Required {
            return Err(Refusal::ClientCertificateRequired);
        }
        Ok(())
    }

    /// The authority's certificate in DER.
    pub(crate) fn authority(&self) -> &[u8] {
        &self.authority.certificate
    }

    fn books(&self) -> Books<'_> {
        Books::of(&self.base.store)
    }

    /// A code with which one device of a facility can enrol under this label.
    pub(crate) async fn activate(
        &self,
        facility_id: &str,
        label: &str,
    ) -> Result<ActivationCode, Refusal> {
        if label.is_empty() || label.chars().count() > LONGEST_LABEL {
            return Err(Refusal::RequestMalformed);
        }
        let (written, code) = code::generate(facility_id, label, self.base.now())?;
        self.books().add_code(&code).await?;
        let lifetime = std::time::Duration::from_secs(code::LIFETIME.unsigned_abs());
        Ok(ActivationCode { code: written, lifetime })
    }

    /// Enrols the device whose key is proven, with a certificate if it asks for one.
    pub(crate) async fn enrol(
        &self,
        code: &str,
        proven: &Proven,
        csr: Option<&str>,
    ) -> Result<Client, Refusal> {
        let digest = code::digest(code).ok_or(Refusal::ActivationCodeInvalid)?;
        if csr.is_some_and(|csr| !csr::asks_for(csr, &proven.key)) {
            return Err(Refusal::RequestMalformed);
        }
        let (id, now) = (random_id()?, self.base.now());
        let issued = |facility: &str| {
            csr.map(|_| self.authority.issue(&proven.key.point(), &id, facility, now)).transpose()
        };
        match self.books().enrol(&digest, &id, &proven.key, issued, now).await? {
            Entered::Now(client) => {
                self.record(What::DeviceEnrolled, &client.id, client.facility_id.as_deref())
                    .await?;
                Ok(client)
            }
            Entered::Nothing => Err(Refusal::ActivationCodeInvalid),
            Entered::KeyKnown => Err(Refusal::DeviceKeyKnown),
        }
    }

    /// Enrols a device without a code. One that has this key already stays as it is.
    pub(crate) async fn enrol_key(
        &self,
        facility_id: &str,
        jwk: &Value,
    ) -> Result<Client, Refusal> {
        let key = PublicKey::read(jwk).filter(|key| key.algorithm() == "ES256");
        let key = key.ok_or(Refusal::RequestMalformed)?;
        let jkt = key.thumbprint();
        match self.with_key(&jkt).await {
            Ok(known) if known.facility_id.as_deref() == Some(facility_id) => Ok(known),
            Err(Refusal::ClientUnknown) => {
                let activation = self.activate(facility_id, "sandbox").await?;
                self.enrol(&activation.code, &Proven { key, jkt }, None).await
            }
            Ok(_) => Err(Refusal::DeviceKeyKnown),
            Err(refusal) => Err(refusal),
        }
    }

    /// Gives a device another key, which its holder must have proved to have; the one before is dead from then on.
    pub(crate) async fn roll(
        &self,
        client: &Client,
        key: &PublicKey,
        csr: Option<&str>,
    ) -> Result<Client, Refusal> {
        if csr.is_some_and(|csr| !csr::asks_for(csr, key)) {
            return Err(Refusal::RequestMalformed);
        }
        let facility = client.facility_id.as_deref().ok_or(Refusal::RequestMalformed)?;
        let certificate = csr
            .map(|_| self.authority.issue(&key.point(), &client.id, facility, self.base.now()))
            .transpose()?;
        match self.books().roll(client, key, certificate).await? {
            Entered::Now(client) => {
                self.record(What::DeviceKey, &client.id, client.facility_id.as_deref()).await?;
                Ok(client)
            }
            Entered::Nothing => Err(Refusal::DeviceRevoked),
            Entered::KeyKnown => Err(Refusal::DeviceKeyKnown),
        }
    }

    /// A client by its name.
    pub(crate) async fn named(&self, id: &str) -> Result<Client, Refusal> {
        match self.servers.get(id) {
            Some(server) => Ok(server.clone()),
            None => alive(self.books().named(id).await?),
        }
    }

    /// The device that has this key, by its thumbprint.
    pub(crate) async fn with_key(&self, jkt: &str) -> Result<Client, Refusal> {
        alive(self.books().with_key(jkt).await?)
    }

    /// The device that has this certificate.
    pub(crate) async fn with_certificate(&self, peer: &PeerCertificate) -> Result<Client, Refusal> {
        alive(self.books().with_certificate(peer.der()).await?)
    }

    /// A client's certificate and those above it, in DER, its own first.
    pub(crate) fn chain(&self, client: &Client) -> Option<Vec<Vec<u8>>> {
        let own = client.certificate.clone()?;
        Some(vec![own, self.authority.certificate.clone()])
    }

    /// Refuses a device from now on, of this facility if one is named. False if there is none.
    pub(crate) async fn kill(&self, facility: Option<&str>, id: &str) -> Stored<bool> {
        let killed = self.books().kill(facility, id, self.base.now()).await?;
        if killed {
            self.record(What::DeviceKilled, id, facility).await?;
        }
        Ok(killed)
    }

    async fn record(&self, what: What, device: &str, facility: Option<&str>) -> Stored<()> {
        let facility = facility.unwrap_or_default();
        let who = Who { device, facility, ..Who::default() };
        self.audit.add(&Event { what, outcome: "ok", note: "", who }).await
    }

    /// All devices, or those of a facility, the oldest first.
    pub(crate) async fn records(&self, facility: Option<&str>) -> Stored<Vec<DeviceRecord>> {
        self.books().records(facility).await
    }

    /// Removes what can no longer be used.
    pub(crate) async fn sweep(&self) -> Stored<()> {
        self.books().sweep(self.base.now()).await
    }
}

fn alive(found: Found) -> Result<Client, Refusal> {
    match found {
        Found::Alive(client) => Ok(client),
        Found::Killed => Err(Refusal::DeviceRevoked),
        Found::Nobody => Err(Refusal::ClientUnknown),
    }
}
