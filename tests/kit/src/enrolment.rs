//! What a device knows of a sandbox that it is enrolled at.

use kaigotap::exchange::Entropy;
use kaigotap::visit::{Environment, Plan};
use kaigotap_recorder::{Unusable, Visit};
use kaigotap_sandbox::world::World;
use ring::rand::{SecureRandom, SystemRandom};

/// An enrolment for the seeded nurse.
pub struct Enrolment {
    /// All of it that a transcript says.
    pub visit: Visit,
    /// The nurse's token.
    pub staff_token: String,
    /// Roots of the sandbox's certificates, DER.
    pub anchors: Vec<Vec<u8>>,
}

impl Enrolment {
    /// Enrols a device.
    pub fn of(world: &World) -> Self {
        let given = world.enrolment().expect("the seeded nurse");
        let keys = serde_json::Value::Array(given.challenge_keys);
        Self {
            visit: Visit {
                server: given.server,
                issuer: given.issuer,
                challenge_keys: serde_json::from_value(keys).expect("keys"),
                facility: given.facility_id,
                staff: given.staff_id,
                uses: ["view", "register"].map(str::to_owned).to_vec(),
                anchors: "virtual".to_owned(),
            },
            staff_token: given.staff_token,
            anchors: world.roots(),
        }
    }

    /// A visit to view someone's entitlement and register them with the facility.
    pub fn plan(&self) -> Plan {
        self.visit.plan().expect("a plan")
    }

    /// Whom to trust on this visit, with fresh randomness.
    pub fn environment(&self) -> Result<Environment, Unusable> {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).expect("randomness");
        self.environment_with(Entropy::new(&seed))
    }

    /// Whom to trust on this visit, with given randomness.
    pub fn environment_with(&self, entropy: Entropy) -> Result<Environment, Unusable> {
        let anchors = self.anchors.iter().map(Vec::as_slice);
        self.visit.environment(&self.staff_token, anchors, entropy)
    }
}
