//! What a visit is begun with, as a transcript's header says it.

use base64ct::{Base64UrlUnpadded, Encoding};
use kaigotap::date::PartialDate;
use kaigotap::exchange::{self, ChallengeKey, Entropy, FacilityNumber, StaffToken, Subject, Use};
use kaigotap::kaigo::{ChosenPerson, Sex};
use kaigotap::message::{Code, Failure};
use kaigotap::pki::TrustAnchors;
use kaigotap::platform::ServerAddress;
use kaigotap::visit::{Environment, Plan, Registered};
use serde::{Deserialize, Serialize};

use crate::line::{DeviceKey, unhex};

/// What a visit is begun with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Base address of the platform.
    pub server: String,
    /// The token service's name for itself.
    pub issuer: String,
    /// Keys with which it may sign challenges (RFC 7517).
    pub challenge_keys: Vec<Jwk>,
    /// The device, as the platform knows it.
    pub device: Device,
    /// The staff member's token, where it may be written down: one of a sandbox that has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_token: Option<String>,
    /// What the confirmation shall open: `view`, `register`.
    pub uses: Vec<String>,
    /// Whose certificates count: `virtual`.
    pub anchors: String,
    /// Whom the nurse means to visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
    /// The name that an earlier visit gave for them, where this one is by a tap without PIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_as: Option<String>,
}

/// Somebody as the care software knows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Name in kana.
    pub name_kana: String,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<PartialDate>,
    /// Sex as registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
}

impl Person {
    fn chosen(&self) -> Result<ChosenPerson, Failure> {
        ChosenPerson::new(&self.name_kana, self.birth_date, self.sex)
    }
}

/// A device that is enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// What the platform calls it.
    pub id: String,
    /// Number of the facility (事業所番号).
    pub facility: String,
    /// Its key.
    pub key: DeviceKey,
}

impl Device {
    /// As the SDK knows it.
    pub(crate) fn parse(&self) -> Result<exchange::Device, Unusable> {
        let public = unhex(&self.key.public).ok_or(Unusable("the device's key"))?;
        let facility = FacilityNumber::parse(self.facility.as_str());
        let facility = facility.map_err(|_| Unusable("the facility's number"))?;
        let key = exchange::DeviceKey::new(self.key.name.as_str(), public);
        exchange::Device::new(self.id.as_str(), key, facility).map_err(|_| Unusable("the device"))
    }
}

/// A P-256 public key (RFC 7518 §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
}

impl Jwk {
    /// An uncompressed point, 65 bytes; `None` for what is none.
    pub fn of_point(point: &[u8]) -> Option<Self> {
        let (first, coordinates) = point.split_first()?;
        let (x, y) = coordinates.split_at_checked(32)?;
        let part = Base64UrlUnpadded::encode_string;
        let names = ["EC", "P-256"].map(str::to_owned);
        let [kty, crv] = names;
        (*first == 4 && y.len() == 32).then(|| Self { kty, crv, x: part(x), y: part(y) })
    }

    /// Its coordinate `x`, base64url.
    pub fn x(&self) -> &str {
        &self.x
    }

    /// Its coordinate `y`, base64url.
    pub fn y(&self) -> &str {
        &self.y
    }
}

/// A visit that cannot be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the enrolment cannot be used: {0}")]
pub struct Unusable(pub &'static str);

impl Visit {
    /// What the visit is for.
    pub fn plan(&self) -> Result<Plan, Failure> {
        let uses = self.uses.iter().map(|name| match name.as_str() {
            "view" => Ok(Use::View),
            "register" => Ok(Use::Register),
            _ => Err(Failure::from(Code::SetupInvalid).with_detail("uses")),
        });
        let plan = Plan::new(uses.collect::<Result<Vec<_>, _>>()?)?;
        let Some(person) = self.person.as_ref().map(Person::chosen).transpose()? else {
            return match self.registered_as {
                Some(_) => Err(Failure::from(Code::SetupInvalid).with_detail("registration")),
                None => Ok(plan),
            };
        };
        let Some(subject) = &self.registered_as else { return Ok(plan.with_person(person)) };
        Ok(plan.with_tap(Registered::new(person, Subject::parse(subject.as_str())?)?))
    }

    /// Whom to trust: roots (DER) of a test hierarchy that issues authentication certificates. Nothing under them is real.
    pub fn environment<'a>(
        &self,
        staff_token: &str,
        anchors: impl IntoIterator<Item = &'a [u8]>,
        entropy: Entropy,
    ) -> Result<Environment, Unusable> {
        let keys = self.challenge_keys.iter().map(|key| {
            if (key.kty.as_str(), key.crv.as_str()) != ("EC", "P-256") {
                return Err(Unusable("a challenge key that is not P-256"));
            }
            ChallengeKey::p256(&key.x, &key.y).map_err(|_| Unusable("a challenge key"))
        });
        let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
        let server = ServerAddress::parse(self.server.as_str())
            .map_err(|_| Unusable("the server's address"))?;
        let device = self.device.parse()?;
        let token =
            StaffToken::parse(staff_token, &device).map_err(|_| Unusable("the staff token"))?;
        let anchors = TrustAnchors::test(anchors, []).map_err(|_| Unusable("an anchor"))?;
        Environment::new(server, self.issuer.as_str(), keys, device, token, anchors, entropy)
            .map_err(|_| Unusable("the issuer, or no challenge key"))
    }
}
