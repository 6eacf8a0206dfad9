//! What a device learns when it is enrolled, as a file.

use base64ct::{Base64, Encoding};
use kaigotap::exchange::{ChallengeKey, Entropy, FacilityNumber, StaffId, StaffToken, Use};
use kaigotap::message::Failure;
use kaigotap::pki::TrustAnchors;
use kaigotap::platform::ServerAddress;
use kaigotap::visit::{Environment, Plan};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::record::{Parameters, Visit};

/// An enrolment: whom this device works for, whom it trusts, and the staff member's token. Never shown.
#[derive(Clone, Serialize, Deserialize)]
pub struct Enrolment {
    /// Base address of the platform.
    pub server: String,
    /// The token service's name for itself.
    pub issuer: String,
    /// Keys with which it may sign challenges (RFC 7517).
    pub challenge_keys: Vec<Jwk>,
    /// Number of the facility (事業所番号).
    pub facility_id: String,
    /// The staff member.
    pub staff_id: String,
    /// The staff member's token.
    pub staff_token: Zeroizing<String>,
    /// Roots of a test hierarchy that issues authentication certificates: DER, base64. Nothing under them is real.
    pub test_anchors: Vec<String>,
}

/// A P-256 public key (RFC 7518 §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
}

/// An enrolment that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the enrolment cannot be used: {0}")]
pub struct Unusable(pub(crate) &'static str);

impl Enrolment {
    /// Takes what a sandbox gives its devices, and the roots of the virtual cards.
    pub fn of_sandbox(
        given: &kaigotap_sandbox::Enrolment,
        anchors: &[&[u8]],
    ) -> Result<Self, Unusable> {
        let keys = serde_json::Value::Array(given.challenge_keys.clone());
        Ok(Self {
            server: given.server.clone(),
            issuer: given.issuer.clone(),
            challenge_keys: serde_json::from_value(keys).map_err(|_| Unusable("challenge keys"))?,
            facility_id: given.facility_id.clone(),
            staff_id: given.staff_id.clone(),
            staff_token: Zeroizing::new(given.staff_token.clone()),
            test_anchors: anchors.iter().map(|der| Base64::encode_string(der)).collect(),
        })
    }

    /// A visit to view someone's entitlement and register them with the facility.
    pub fn plan(&self) -> Result<Plan, Failure> {
        let facility = FacilityNumber::parse(self.facility_id.as_str())?;
        let staff = StaffId::parse(self.staff_id.as_str())?;
        Plan::new(facility, staff, [Use::View, Use::Register])
    }

    /// What a transcript says of it: all but the token.
    pub fn recorded(&self) -> Parameters {
        let visit = Visit {
            server: self.server.clone(),
            issuer: self.issuer.clone(),
            challenge_keys: self.challenge_keys.clone(),
            facility: self.facility_id.clone(),
            staff: self.staff_id.clone(),
            uses: vec!["view".to_owned(), "register".to_owned()],
            anchors: "virtual".to_owned(),
        };
        Parameters { visit: Some(visit), ..Parameters::default() }
    }

    /// What a transcript says of it, with what it does not: the token and the roots.
    pub fn of_recorded(visit: &Visit, staff_token: &str, test_anchors: Vec<String>) -> Self {
        Self {
            server: visit.server.clone(),
            issuer: visit.issuer.clone(),
            challenge_keys: visit.challenge_keys.clone(),
            facility_id: visit.facility.clone(),
            staff_id: visit.staff.clone(),
            staff_token: Zeroizing::new(staff_token.to_owned()),
            test_anchors,
        }
    }

    /// Whom to trust on this visit, with fresh randomness.
    pub fn environment(&self) -> Result<Environment, Unusable> {
        self.environment_with(Entropy::new(&*seed()?))
    }

    /// Whom to trust on this visit, with given randomness.
    pub fn environment_with(&self, entropy: Entropy) -> Result<Environment, Unusable> {
        let keys = self.challenge_keys.iter().map(|key| {
            if (key.kty.as_str(), key.crv.as_str()) != ("EC", "P-256") {
                return Err(Unusable("a challenge key that is not P-256"));
            }
            ChallengeKey::p256(&key.x, &key.y).map_err(|_| Unusable("a challenge key"))
        });
        let anchors: Vec<Vec<u8>> = self
            .test_anchors
            .iter()
            .map(|anchor| Base64::decode_vec(anchor).map_err(|_| Unusable("an anchor")))
            .collect::<Result<_, _>>()?;
        let anchors = TrustAnchors::test(anchors.iter().map(Vec::as_slice), [])
            .map_err(|_| Unusable("an anchor"))?;
        let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
        let server = ServerAddress::parse(self.server.as_str())
            .map_err(|_| Unusable("the server's address"))?;
        let token = StaffToken::parse(self.staff_token.as_str())
            .map_err(|_| Unusable("the staff token"))?;
        Environment::new(server, self.issuer.as_str(), keys, token, anchors, entropy)
            .map_err(|_| Unusable("the issuer, or no challenge key"))
    }
}

/// Fresh randomness for one visit.
pub(crate) fn seed() -> Result<Zeroizing<[u8; 32]>, Unusable> {
    let mut seed = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(&mut *seed).map_err(|_| Unusable("no randomness on this machine"))?;
    Ok(seed)
}
