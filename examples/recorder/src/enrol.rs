//! What an enrolment is begun with, as a transcript's header says it.

use kaigotap::exchange::{self, ActivationCode, Entropy};
use kaigotap::platform::ServerAddress;
use serde::{Deserialize, Serialize};

use crate::line::{DeviceKey, unhex};
use crate::visit::Unusable;

/// What an enrolment is begun with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// Base address of the platform.
    pub server: String,
    /// What it calls itself.
    pub issuer: String,
    /// The code, used since, or one that never was any.
    pub activation_code: String,
    /// The device's key.
    pub key: DeviceKey,
}

impl Enrol {
    /// As the SDK begins it.
    pub fn plan(&self, entropy: Entropy) -> Result<exchange::Enrol, Unusable> {
        let server = ServerAddress::parse(self.server.as_str())
            .map_err(|_| Unusable("the server's address"))?;
        let code = ActivationCode::parse(&self.activation_code);
        let code = code.map_err(|_| Unusable("the activation code"))?;
        let public = unhex(&self.key.public).ok_or(Unusable("the device's key"))?;
        let key = exchange::DeviceKey::new(self.key.name.as_str(), public);
        exchange::Enrol::new(server, code, key, entropy)
            .and_then(|plan| plan.of_issuer(self.issuer.as_str()))
            .map_err(|_| Unusable("the device's key, or the issuer"))
    }
}
