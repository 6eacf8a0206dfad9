//! What a device knows of a sandbox that it is enrolled at.

use crate::table::Table;
use base64ct::{Base64UrlUnpadded, Encoding};
use kaigotap::exchange::Entropy;
use kaigotap::link::device_key::MemoryKey;
use kaigotap::visit::{Environment, Plan};
use kaigotap_recorder::{Device, DeviceKey, Unusable, Visit, hex};
use kaigotap_sandbox::STAFF_ID;
use kaigotap_sandbox::world::World;
use ring::rand::{SecureRandom, SystemRandom};

/// An enrolment of a device on which somebody of the staff has signed in.
pub struct Enrolment {
    /// All of it that a transcript says.
    pub visit: Visit,
    /// Whose page staff sign in at.
    pub staff_issuer: String,
    /// The nurse's token, bound to the device's key.
    pub staff_token: String,
    /// Roots of the sandbox's certificates, DER.
    pub anchors: Vec<Vec<u8>>,
}

impl Enrolment {
    /// Enrols a device with this key for the seeded nurse.
    pub fn of(world: &World, key: &MemoryKey) -> Self {
        Self::for_staff(world, STAFF_ID, key)
    }

    /// Enrols a device with this key for a member of the staff.
    pub fn for_staff(world: &World, staff: &str, key: &MemoryKey) -> Self {
        let given = world.enrol_for(staff, &jwk(key.public_key())).expect("one of the staff");
        let keys = serde_json::Value::Array(given.challenge_keys);
        Self {
            visit: Visit {
                server: given.server,
                issuer: given.issuer,
                challenge_keys: serde_json::from_value(keys).expect("keys"),
                device: Device {
                    id: given.device_id.expect("a device"),
                    facility: given.facility_id,
                    key: DeviceKey { name: "device".to_owned(), public: hex(key.public_key()) },
                },
                staff_token: None,
                uses: ["view", "register"].map(str::to_owned).to_vec(),
                anchors: "virtual".to_owned(),
                person: None,
                registered_as: None,
            },
            staff_issuer: given.staff_issuer,
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
        let faces = Table::of_virtual_cards().authorities("virtual");
        let environment = self.visit.environment(&self.staff_token, anchors, entropy)?;
        Ok(environment.with_card_authorities(faces.expect("the authorities of virtual cards")))
    }
}

/// An uncompressed point on P-256 as JSON has it (RFC 7518 §6.2.1).
pub fn jwk(point: &[u8]) -> serde_json::Value {
    let part = Base64UrlUnpadded::encode_string;
    let (x, y) = (part(&point[1..33]), part(&point[33..]));
    serde_json::json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
}
