//! What an enrolment brings: a device, its key, and whom it trusts.

use kaigotap::exchange;
use kaigotap::platform::ServerAddress;
use zeroize::Zeroizing;

use crate::failure::{KaigoTapError, unusable};
use crate::{hidden, milliseconds, moment};

/// A key of the device, and what its signatures are verified with.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct DeviceKey {
    /// The name under which the device keeps it.
    pub name: String,
    /// The public key: an uncompressed point on P-256, 65 bytes (SEC 1 §2.3.3).
    pub public: Vec<u8>,
}

/// This device as the platform knows it since its enrolment. Everything that is said to the platform is bound to its key.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct EnrolledDevice {
    /// What the platform calls it (`device_id`).
    pub id: String,
    /// Number of the facility (事業所番号) that it works for, 10 digits.
    pub facility: String,
    /// Its key, which signs by `Request.Sign`.
    pub key: DeviceKey,
}

/// A P-256 public key as a JWK has it (RFC 7518 §6.2.1): its members `x` and `y`, base64url.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ChallengeKey {
    /// `x`
    pub x: String,
    /// `y`
    pub y: String,
}

/// A device's enrolment: for whom it works, and whom it trusts. Nothing in it is a secret, and nothing of it may be changed
/// by others: keep it where only the app writes. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Enrolment {
    /// Base address of the platform, without a slash at its end.
    pub server: String,
    /// What it calls itself.
    pub issuer: String,
    /// Where staff sign in.
    pub staff_issuer: String,
    /// Keys with which challenges may be signed: the one that is used, and the one after it.
    pub challenge_keys: Vec<ChallengeKey>,
    /// The device, as the platform knows it.
    pub device: EnrolledDevice,
    /// What its administrator calls it. May be empty.
    #[uniffi(default = "")]
    pub label: String,
    /// What the facility is called, where the platform tells it.
    #[uniffi(default = None)]
    pub facility_name: Option<String>,
    /// The certificate of its key and those above it, DER, its own first: what it shows on a connection. Empty where the
    /// platform issued none.
    #[uniffi(default = [])]
    pub certificate_chain: Vec<Vec<u8>>,
    /// How many tickets it may have for places without a network.
    #[uniffi(default = 0)]
    pub offline_tickets: u32,
    /// Whether it shows its certificate.
    pub mutual_tls: MutualTls,
    /// When the platform told all this, by its own clock, in milliseconds since 1970.
    #[uniffi(default = None)]
    pub as_of_ms: Option<u64>,
}
hidden!(DeviceKey EnrolledDevice Enrolment);

/// Whether devices show their certificates (RFC 8705).
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum MutualTls {
    /// They cannot.
    None,
    /// They may.
    Optional,
    /// They have to.
    Required,
}

impl DeviceKey {
    pub(crate) fn into_core(self) -> exchange::DeviceKey {
        exchange::DeviceKey::new(self.name, self.public)
    }
}

impl EnrolledDevice {
    pub(crate) fn into_core(self) -> Result<exchange::Device, KaigoTapError> {
        let facility = exchange::FacilityNumber::parse(self.facility)?;
        Ok(exchange::Device::new(self.id, self.key.into_core(), facility)?)
    }
}

impl Enrolment {
    pub(crate) fn into_core(self) -> Result<exchange::Enrolment, KaigoTapError> {
        let server = ServerAddress::parse(self.server)?;
        let staff = ServerAddress::parse(self.staff_issuer)?;
        let keys = pinned(&self.challenge_keys)?;
        let mutual_tls = match self.mutual_tls {
            MutualTls::None => exchange::MutualTls::None,
            MutualTls::Optional => exchange::MutualTls::Optional,
            MutualTls::Required => exchange::MutualTls::Required,
        };
        let device = self.device.into_core()?;
        let enrolment = exchange::Enrolment::new(server, self.issuer, staff, keys, device)?
            .with_names(&self.label, self.facility_name.as_deref())
            .with_certificates(self.certificate_chain)
            .with_policy(exchange::Policy::new(self.offline_tickets, mutual_tls));
        Ok(match self.as_of_ms.and_then(moment) {
            Some(at) => enrolment.told_at(at),
            None => enrolment,
        })
    }
}

impl From<exchange::Enrolment> for Enrolment {
    fn from(enrolment: exchange::Enrolment) -> Self {
        let device = enrolment.device();
        let keys = enrolment.challenge_keys().iter().map(|key| {
            let (x, y) = key.coordinates();
            ChallengeKey { x, y }
        });
        let key = device.key();
        Self {
            server: enrolment.server().as_str().to_owned(),
            issuer: enrolment.issuer().to_owned(),
            staff_issuer: enrolment.staff_issuer().as_str().to_owned(),
            challenge_keys: keys.collect(),
            device: EnrolledDevice {
                id: device.client_id().to_owned(),
                facility: device.facility().as_str().to_owned(),
                key: DeviceKey { name: key.name, public: key.public },
            },
            label: enrolment.label().to_owned(),
            facility_name: enrolment.facility_name().map(str::to_owned),
            certificate_chain: enrolment.certificate_chain().to_vec(),
            offline_tickets: enrolment.policy().offline_tickets,
            mutual_tls: match enrolment.policy().mutual_tls {
                exchange::MutualTls::None => MutualTls::None,
                exchange::MutualTls::Optional => MutualTls::Optional,
                exchange::MutualTls::Required => MutualTls::Required,
            },
            as_of_ms: enrolment.as_of().map(milliseconds),
        }
    }
}

/// An enrolment as one JSON object, for whoever keeps it as text.
#[uniffi::export]
pub fn enrolment_to_json(enrolment: Enrolment) -> Result<String, KaigoTapError> {
    Ok(enrolment.into_core()?.to_json())
}

/// Takes what `enrolment_to_json` gave; members that are not known are skipped.
#[uniffi::export]
pub fn enrolment_from_json(json: String) -> Result<Enrolment, KaigoTapError> {
    Ok(exchange::Enrolment::from_json(json.as_bytes())?.into())
}

/// Keys with which challenges may be signed.
pub(crate) fn pinned(keys: &[ChallengeKey]) -> Result<Vec<exchange::ChallengeKey>, KaigoTapError> {
    let key = |key: &ChallengeKey| {
        exchange::ChallengeKey::p256(&key.x, &key.y).map_err(|_| unusable("a challenge key"))
    };
    keys.iter().map(key).collect()
}

/// Randomness for one conversation.
pub(crate) fn fresh(entropy: Vec<u8>) -> Result<exchange::Entropy, KaigoTapError> {
    let seed = Zeroizing::new(entropy);
    let seed = <&[u8; 32]>::try_from(seed.as_slice()).map_err(|_| unusable("the entropy"))?;
    Ok(exchange::Entropy::new(seed))
}
