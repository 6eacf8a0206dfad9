//! What a device learns when it is enrolled, as a file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64ct::{Base64, Encoding};
use kaigotap::exchange::Entropy;
use kaigotap::message::Failure;
use kaigotap::visit::{Environment, Plan};
use kaigotap_recorder::{Jwk, Parameters, Unusable, Visit};
use kaigotap_sandbox::world::World;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::private_file;
use crate::report::Stop;

/// An enrolment: whom this device works for, whom it trusts, and the staff member's token. Never shown.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Enrolment {
    /// Base address of the platform.
    pub(crate) server: String,
    /// The token service's name for itself.
    pub(crate) issuer: String,
    /// Keys with which it may sign challenges (RFC 7517).
    pub(crate) challenge_keys: Vec<Jwk>,
    /// Number of the facility (事業所番号).
    pub(crate) facility_id: String,
    /// The staff member.
    pub(crate) staff_id: String,
    /// The staff member's token.
    pub(crate) staff_token: Zeroizing<String>,
    /// Roots of a test hierarchy that issues authentication certificates: DER, base64. Nothing under them is real.
    pub(crate) test_anchors: Vec<String>,
}

impl Enrolment {
    /// Takes what a sandbox gives its devices.
    pub(crate) fn of(world: &World) -> Result<Self, Unusable> {
        let given = world.enrolment().map_err(|_| Unusable("no staff"))?;
        let keys = serde_json::Value::Array(given.challenge_keys);
        Ok(Self {
            server: given.server,
            issuer: given.issuer,
            challenge_keys: serde_json::from_value(keys).map_err(|_| Unusable("challenge keys"))?,
            facility_id: given.facility_id,
            staff_id: given.staff_id,
            staff_token: Zeroizing::new(given.staff_token),
            test_anchors: world.roots().iter().map(|der| Base64::encode_string(der)).collect(),
        })
    }

    /// Reads the file. One that others may write says whom to trust at their pleasure, and is refused.
    pub(crate) fn read(file: &Path) -> Result<Self, Stop> {
        let unusable = |what: String| {
            Stop::input(
                "enrolment_unusable",
                format!("{}: {what}", file.display()),
                "Give the file that `kaigotap sandbox --enrolment FILE` writes.",
            )
        };
        let unread = |error: std::io::Error| unusable(error.to_string());
        let mut opened = File::open(file).map_err(unread)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;

            let mode = opened.metadata().map_err(unread)?.permissions().mode();
            if mode & 0o022 != 0 {
                return Err(Stop::input(
                    "enrolment_not_private",
                    format!("{}: others may write it.", file.display()),
                    "Enrol this device again, or see that the file is as it was, and then: chmod 600",
                ));
            }
        }
        let mut text = Zeroizing::new(Vec::new());
        opened.read_to_end(&mut text).map_err(unread)?;
        // The parser's own words could quote the token.
        serde_json::from_slice(&text).map_err(|_| unusable("not an enrolment".to_owned()))
    }

    /// Writes it as a file, which holds a token.
    pub(crate) fn write(&self, file: &Path) -> Result<(), Stop> {
        let text = serde_json::to_vec_pretty(self).map_err(|_| Unusable("it is no JSON"))?;
        private_file::write(file, &Zeroizing::new(text))
    }

    /// A visit to view someone's entitlement and register them with the facility.
    pub(crate) fn plan(&self) -> Result<Plan, Failure> {
        self.visit().plan()
    }

    /// What a transcript says of it: all but the token.
    pub(crate) fn recorded(&self) -> Parameters {
        Parameters { visit: Some(self.visit()), ..Parameters::default() }
    }

    /// Whom to trust on this visit, with randomness of its own.
    pub(crate) fn environment(&self, entropy: Entropy) -> Result<Environment, Unusable> {
        let anchors = self.test_anchors.iter();
        let anchors: Vec<Vec<u8>> = anchors
            .map(|anchor| Base64::decode_vec(anchor).map_err(|_| Unusable("an anchor")))
            .collect::<Result<_, _>>()?;
        self.visit().environment(&self.staff_token, anchors.iter().map(Vec::as_slice), entropy)
    }

    fn visit(&self) -> Visit {
        Visit {
            server: self.server.clone(),
            issuer: self.issuer.clone(),
            challenge_keys: self.challenge_keys.clone(),
            facility: self.facility_id.clone(),
            staff: self.staff_id.clone(),
            uses: ["view", "register"].map(str::to_owned).to_vec(),
            anchors: "virtual".to_owned(),
        }
    }
}

/// Fresh randomness for one visit.
pub(crate) fn seed() -> Result<Zeroizing<[u8; 32]>, Unusable> {
    let mut seed = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(&mut *seed).map_err(|_| Unusable("no randomness on this machine"))?;
    Ok(seed)
}
