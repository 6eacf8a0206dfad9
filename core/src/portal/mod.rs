//! What a person sees of themselves (マイナポータル): with their own card and PIN, on a device of their own, which is no
//! facility's. The wire form is in `docs/portal.md`.
//!
//! The order is that of a visit: the challenge is verified before the card is touched, the certificate is judged before a PIN
//! is presented, and the card is left clean and let go before anything is asked.

mod assertion;
mod challenge;
mod session;
#[cfg(test)]
mod tests;
mod view;

use std::fmt;

pub use view::{Access, OwnConsent, OwnView, StaffRole, Viewed, own_view, withdraw_own_consent};

use crate::exchange::{ChallengeKey, DeviceKey, Entropy};
use crate::message::{Code, Failure};
use crate::pki::TrustAnchors;
use crate::platform::{ServerAddress, Signer};

/// The platform, and whom this device of a person trusts. Not shown.
pub struct Portal {
    server: ServerAddress,
    issuer: String,
    challenge_keys: Vec<ChallengeKey>,
    signer: Signer,
    anchors: TrustAnchors,
    entropy: Entropy,
}

impl Portal {
    /// The platform is at this address, calls itself `issuer` and signs its challenges with one of these keys; what it gives is
    /// bound to this key of the device, which it does not have to know; cards are issued under these anchors. `setup_invalid`
    /// without a challenge key, for an issuer that is no address, or a key that is none.
    pub fn new(
        server: ServerAddress,
        issuer: impl Into<String>,
        challenge_keys: impl Into<Vec<ChallengeKey>>,
        key: DeviceKey,
        anchors: TrustAnchors,
        entropy: Entropy,
    ) -> Result<Self, Failure> {
        let (issuer, challenge_keys) = (issuer.into(), challenge_keys.into());
        let invalid = |what| Failure::new(Code::SetupInvalid).with_detail(what);
        ServerAddress::parse(issuer.as_str()).map_err(|_| invalid("issuer"))?;
        if challenge_keys.is_empty() {
            return Err(invalid("no challenge key"));
        }
        let signer = Signer::parse(key)?;
        Ok(Self { server, issuer, challenge_keys, signer, anchors, entropy })
    }
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Portal(..)")
    }
}
