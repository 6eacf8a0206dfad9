//! What a visit is begun with, as a transcript's header says it.

use kaigotap::exchange::{ChallengeKey, Entropy, FacilityNumber, StaffId, StaffToken, Use};
use kaigotap::message::{Code, Failure};
use kaigotap::pki::TrustAnchors;
use kaigotap::platform::ServerAddress;
use kaigotap::visit::{Environment, Plan};
use serde::{Deserialize, Serialize};

/// What a visit is begun with, but for the staff member's token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Base address of the platform.
    pub server: String,
    /// The token service's name for itself.
    pub issuer: String,
    /// Keys with which it may sign challenges (RFC 7517).
    pub challenge_keys: Vec<Jwk>,
    /// Number of the facility (事業所番号).
    pub facility: String,
    /// The staff member.
    pub staff: String,
    /// What the confirmation shall open: `view`, `register`.
    pub uses: Vec<String>,
    /// Whose certificates count: `virtual`.
    pub anchors: String,
}

/// A P-256 public key (RFC 7518 §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
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
        let facility = FacilityNumber::parse(self.facility.as_str())?;
        let staff = StaffId::parse(self.staff.as_str())?;
        Plan::new(facility, staff, uses.collect::<Result<Vec<_>, _>>()?)
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
        let token = StaffToken::parse(staff_token).map_err(|_| Unusable("the staff token"))?;
        let anchors = TrustAnchors::test(anchors, []).map_err(|_| Unusable("an anchor"))?;
        Environment::new(server, self.issuer.as_str(), keys, token, anchors, entropy)
            .map_err(|_| Unusable("the issuer, or no challenge key"))
    }
}
