//! What a sign-in is begun with, as a transcript's header says it.

use kaigotap::exchange::{self, Entropy};
use kaigotap::message::Language;
use serde::{Deserialize, Serialize};

use crate::visit::{Device, Unusable};

/// What a sign-in is begun with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// What the paths of the requests come behind.
    pub server: String,
    /// Whose page it is.
    pub issuer: String,
    /// The device, as the platform knows it.
    pub device: Device,
    /// Where the browser is to end.
    pub returns_to: String,
    /// Whether the password is typed now, whoever is still signed in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anew: bool,
    /// The language of the page: `ja` or `en`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl SignIn {
    /// As the SDK begins it.
    pub fn plan(&self, entropy: Entropy) -> Result<exchange::SignIn, Unusable> {
        let device = self.device.parse()?;
        let plan = exchange::SignIn::new(&self.issuer, device, self.returns_to.as_str(), entropy)
            .map_err(|_| Unusable("the staff issuer, or where the browser ends"))?;
        let plan = if self.anew { plan.anew() } else { plan };
        match self.language.as_deref() {
            None => Ok(plan),
            Some("ja") => Ok(plan.in_language(Language::Japanese)),
            Some("en") => Ok(plan.in_language(Language::English)),
            Some(_) => Err(Unusable("the language")),
        }
    }
}
