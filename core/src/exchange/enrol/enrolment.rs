//! What an enrolment brings, and how a device keeps it.

use std::fmt;

use base64ct::{Base64, Encoding};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::{ChallengeKey, Device, DeviceKey, FacilityNumber};
use crate::message::{Code, Failure};
use crate::platform::{PublicKey, ServerAddress, jws};

/// Longest text of a label or a name, characters.
const LONGEST_TEXT: usize = 128;

/// A device's enrolment: for whom it works, and whom it trusts. Nothing in it is a secret, and nothing of it may be changed
/// by others: whoever may write it says whom to trust.
///
/// A host keeps it as it likes, for instance as JSON (`serde`), whose members are those of the platform's answer with
/// `server`, `device_key` and `device_key_name` beside them. Members that are not known are skipped.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Enrolment {
    server: ServerAddress,
    issuer: String,
    staff_issuer: ServerAddress,
    challenge_keys: Vec<ChallengeKey>,
    device: Device,
    label: String,
    facility_name: Option<String>,
    certificate_chain: Vec<Vec<u8>>,
    policy: Policy,
    as_of: Option<Timestamp>,
}

/// How the platform wants its devices to behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Policy {
    /// How many tickets a device may have for places without a network.
    #[serde(default)]
    pub offline_tickets: u32,
    /// Whether devices show their certificates.
    #[serde(default, rename = "mtls")]
    pub mutual_tls: MutualTls,
}

impl Policy {
    /// So many tickets, and certificates shown or not.
    pub fn new(offline_tickets: u32, mutual_tls: MutualTls) -> Self {
        Self { offline_tickets, mutual_tls }
    }
}

/// Whether devices show their certificates (RFC 8705).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MutualTls {
    /// They cannot.
    #[default]
    None,
    /// They may.
    Optional,
    /// They have to.
    Required,
}

impl Enrolment {
    /// That of this device, at the platform that is at this address and calls itself `issuer`, signs challenges with one of
    /// these keys, and whose staff sign in at `staff_issuer`. Without a key, or with an issuer that is no address,
    /// `setup_invalid`.
    pub fn new(
        server: ServerAddress,
        issuer: impl Into<String>,
        staff_issuer: ServerAddress,
        challenge_keys: impl Into<Vec<ChallengeKey>>,
        device: Device,
    ) -> Result<Self, Failure> {
        let (issuer, challenge_keys) = (issuer.into(), challenge_keys.into());
        let invalid = |what| Failure::new(Code::SetupInvalid).with_detail(what);
        ServerAddress::parse(issuer.as_str()).map_err(|_| invalid("issuer"))?;
        if challenge_keys.is_empty() {
            return Err(invalid("no challenge key"));
        }
        Ok(Self {
            server,
            issuer,
            staff_issuer,
            challenge_keys,
            device,
            label: String::new(),
            facility_name: None,
            certificate_chain: Vec::new(),
            policy: Policy::default(),
            as_of: None,
        })
    }

    /// Takes what [`to_json`](Self::to_json) gave; members that are not known are skipped. `setup_invalid` for what is none.
    pub fn from_json(json: &[u8]) -> Result<Self, Failure> {
        let written: Option<Written> = jws::object(json);
        let none = || Failure::new(Code::SetupInvalid).with_detail("enrolment");
        written.ok_or_else(none)?.try_into()
    }

    /// As one JSON object, for whoever keeps it as text.
    pub fn to_json(&self) -> String {
        // Strings, numbers and lists: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// With what people call the device, and the facility. A text of control characters, or a long one, is left out.
    #[must_use]
    pub fn with_names(mut self, label: &str, facility: Option<&str>) -> Self {
        let shown = |text: &&str| {
            text.chars().count() <= LONGEST_TEXT && !text.chars().any(char::is_control)
        };
        Some(label).filter(shown).unwrap_or_default().clone_into(&mut self.label);
        self.facility_name = facility.filter(shown).map(str::to_owned);
        self
    }

    /// With the certificate of its key and those above it, DER, its own first.
    #[must_use]
    pub fn with_certificates(mut self, chain: impl Into<Vec<Vec<u8>>>) -> Self {
        self.certificate_chain = chain.into();
        self
    }

    /// With how the platform wants it to behave.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// As the platform told it at that time, by its own clock.
    #[must_use]
    pub fn told_at(mut self, at: Timestamp) -> Self {
        self.as_of = Some(at);
        self
    }

    /// The same, with the platform at another address.
    #[must_use]
    pub fn at(mut self, server: ServerAddress) -> Self {
        self.server = server;
        self
    }

    /// Where the platform is.
    pub fn server(&self) -> &ServerAddress {
        &self.server
    }

    /// What it calls itself.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where staff sign in.
    pub fn staff_issuer(&self) -> &ServerAddress {
        &self.staff_issuer
    }

    /// Keys with which challenges may be signed: the one that is used, and the one after it.
    pub fn challenge_keys(&self) -> &[ChallengeKey] {
        &self.challenge_keys
    }

    /// The device, as the platform knows it.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What its administrator calls it. May be empty.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What the facility is called, where the platform tells it.
    pub fn facility_name(&self) -> Option<&str> {
        self.facility_name.as_deref()
    }

    /// The certificate of its key and those above it, DER, its own first: what it shows on a connection. Empty where the
    /// platform issued none.
    pub fn certificate_chain(&self) -> &[Vec<u8>] {
        &self.certificate_chain
    }

    /// How the platform wants its devices to behave.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// When the platform told all this, by its own clock.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolment(..)")
    }
}

/// A P-256 key as it is written (RFC 7518 §6.2.1).
#[derive(Serialize, Deserialize)]
pub(super) struct WrittenKey {
    crv: String,
    kty: String,
    x: String,
    y: String,
}

impl WrittenKey {
    fn of((x, y): (String, String)) -> Self {
        Self { crv: "P-256".to_owned(), kty: "EC".to_owned(), x, y }
    }

    /// A key with which challenges may be signed; `None` for what is none.
    pub(super) fn challenge_key(&self) -> Option<ChallengeKey> {
        self.is_p256().then(|| ChallengeKey::p256(&self.x, &self.y).ok()).flatten()
    }

    fn public(&self) -> Option<PublicKey> {
        self.is_p256().then(|| PublicKey::of_coordinates(&self.x, &self.y)).flatten()
    }

    fn is_p256(&self) -> bool {
        (self.kty.as_str(), self.crv.as_str()) == ("EC", "P-256")
    }
}

/// An enrolment as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    server: String,
    issuer: String,
    /// The platform's own, if none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    staff_issuer: Option<String>,
    challenge_keys: Vec<WrittenKey>,
    device_id: String,
    device_key: WrittenKey,
    #[serde(default = "name_of_key")]
    device_key_name: String,
    #[serde(default)]
    label: String,
    facility_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    facility_name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    certificate_chain: Vec<String>,
    #[serde(default)]
    policy: Policy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
}

fn name_of_key() -> String {
    "device".to_owned()
}

impl From<Enrolment> for Written {
    fn from(enrolment: Enrolment) -> Self {
        let keys = enrolment.challenge_keys.iter();
        let device = enrolment.device;
        let chain = enrolment.certificate_chain.iter();
        Self {
            server: enrolment.server.as_str().to_owned(),
            issuer: enrolment.issuer,
            staff_issuer: Some(enrolment.staff_issuer.as_str().to_owned()),
            challenge_keys: keys.map(|key| WrittenKey::of(key.coordinates())).collect(),
            device_id: device.client_id().to_owned(),
            device_key: WrittenKey::of(device.signer().public.coordinates()),
            device_key_name: device.key().name,
            label: enrolment.label,
            facility_id: device.facility().as_str().to_owned(),
            facility_name: enrolment.facility_name,
            certificate_chain: chain.map(|der| Base64::encode_string(der)).collect(),
            policy: enrolment.policy,
            as_of: enrolment.as_of,
        }
    }
}

impl TryFrom<Written> for Enrolment {
    type Error = Failure;

    fn try_from(written: Written) -> Result<Self, Failure> {
        let invalid = |what| move || Failure::new(Code::SetupInvalid).with_detail(what);
        let keys = written.challenge_keys.iter().map(WrittenKey::challenge_key);
        let keys: Vec<_> = keys.collect::<Option<_>>().ok_or_else(invalid("challenge key"))?;
        let point = written.device_key.public().ok_or_else(invalid("device key"))?.point;
        let key = DeviceKey::new(written.device_key_name, point);
        let facility = FacilityNumber::parse(written.facility_id)?;
        let device = Device::new(written.device_id, key, facility)?;
        let own = || [&written.issuer, "/staff"].concat();
        let staff = ServerAddress::parse(written.staff_issuer.unwrap_or_else(own))
            .map_err(|_| invalid("staff issuer")())?;
        let server = ServerAddress::parse(written.server)?;
        let chain = written.certificate_chain.iter().map(|der| Base64::decode_vec(der).ok());
        let chain: Vec<_> = chain.collect::<Option<_>>().ok_or_else(invalid("certificate"))?;
        let mut enrolment = Self::new(server, written.issuer, staff, keys, device)?
            .with_names(&written.label, written.facility_name.as_deref())
            .with_certificates(chain)
            .with_policy(written.policy);
        enrolment.as_of = written.as_of;
        Ok(enrolment)
    }
}
