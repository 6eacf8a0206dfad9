//! What a device learns when it is enrolled, as a file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use kaigotap::exchange::{self, Entropy};
use kaigotap::flow::EntryName;
use kaigotap::link::device_key::FileKeys;
use kaigotap::message::Failure;
use kaigotap::pki::CardKey;
use kaigotap::pki::card_certificate::CardAuthorities;
use kaigotap::visit::{Environment, Plan};
use kaigotap_recorder::{Device, DeviceKey, Jwk, Parameters, Unusable, Visit, hex};
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::CardVerifiableAuthority;
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
    /// Whose page staff sign in at; the token service's own, if none is named.
    #[serde(default)]
    pub(crate) staff_issuer: Option<String>,
    /// Keys with which it may sign challenges (RFC 7517).
    pub(crate) challenge_keys: Vec<Jwk>,
    /// What the platform calls this device.
    pub(crate) device_id: String,
    /// The public half of its key (RFC 7517). The key itself lies in the folder beside this file.
    pub(crate) device_key: Jwk,
    /// Number of the facility (事業所番号).
    pub(crate) facility_id: String,
    /// The staff member's token, bound to the device's key.
    pub(crate) staff_token: Zeroizing<String>,
    /// Roots of a test hierarchy that issues authentication certificates: DER, base64. Nothing under them is real.
    pub(crate) test_anchors: Vec<String>,
}

impl Enrolment {
    /// Takes what a sandbox gives a device with this key, an uncompressed point.
    pub(crate) fn of(world: &World, key: &[u8]) -> Result<Self, Unusable> {
        let device_key = Jwk::of_point(key).ok_or(Unusable("the device's key"))?;
        let jwk = serde_json::to_value(&device_key).map_err(|_| Unusable("the device's key"))?;
        let given = world.enrol(&jwk).map_err(|_| Unusable("no staff"))?;
        let keys = serde_json::Value::Array(given.challenge_keys);
        Ok(Self {
            device_id: given.device_id.ok_or(Unusable("the device"))?,
            device_key,
            server: given.server,
            issuer: given.issuer,
            staff_issuer: Some(given.staff_issuer),
            challenge_keys: serde_json::from_value(keys).map_err(|_| Unusable("challenge keys"))?,
            facility_id: given.facility_id,
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
            .about(file.display())
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
        let anchors = anchors.iter().map(Vec::as_slice);
        let environment = self.visit().environment(&self.staff_token, anchors, entropy)?;
        Ok(environment.with_card_authorities(virtual_authorities()))
    }

    /// Where staff sign in.
    pub(crate) fn staff_issuer(&self) -> String {
        self.staff_issuer.clone().unwrap_or_else(|| format!("{}/staff", self.issuer))
    }

    /// This device, as the platform knows it.
    pub(crate) fn device(&self) -> Result<exchange::Device, Failure> {
        let facility = exchange::FacilityNumber::parse(self.facility_id.as_str())?;
        let key = exchange::DeviceKey::new(KEY, self.point());
        exchange::Device::new(self.device_id.as_str(), key, facility)
    }

    fn point(&self) -> Vec<u8> {
        let part = |part: &str| Base64UrlUnpadded::decode_vec(part).unwrap_or_default();
        [&[0x04], &*part(self.device_key.x()), &*part(self.device_key.y())].concat()
    }

    fn visit(&self) -> Visit {
        Visit {
            server: self.server.clone(),
            issuer: self.issuer.clone(),
            challenge_keys: self.challenge_keys.clone(),
            device: Device {
                id: self.device_id.clone(),
                facility: self.facility_id.clone(),
                key: DeviceKey { name: KEY.to_owned(), public: hex(&self.point()) },
            },
            staff_token: None,
            uses: ["view", "register"].map(str::to_owned).to_vec(),
            anchors: "virtual".to_owned(),
            person: None,
            registered_as: None,
        }
    }
}

/// Behind the records of the virtual cards.
pub(crate) fn virtual_authorities() -> CardAuthorities {
    let authority = |of: CardVerifiableAuthority| {
        Some((of.key_id().try_into().ok()?, CardKey::of_modulus(of.modulus())?))
    };
    let text = authority(CardVerifiableAuthority::text());
    let both = text.zip(authority(CardVerifiableAuthority::face()));
    both.map_or_else(CardAuthorities::jpki_test, |(text, face)| CardAuthorities::test(text, face))
}

/// The name of the device's key.
const KEY: &str = "device";

/// The keys of the device that is enrolled with this file: a folder beside it, readable by its owner only.
pub(crate) fn keys_of(file: &Path) -> Result<FileKeys, Stop> {
    let mut folder = file.as_os_str().to_owned();
    folder.push(".keys");
    FileKeys::open(Path::new(&folder)).map_err(|error| no_key(file, &error))
}

/// The public half of the key there, an uncompressed point; it is made if there is none.
pub(crate) fn key_of(file: &Path) -> Result<Vec<u8>, Stop> {
    let name = EntryName::parse(KEY).ok_or(Unusable("the key's name"))?;
    private_file::look(file)?;
    keys_of(file)?.public_key(&name).map_err(|error| no_key(file, &error))
}

fn no_key(file: &Path, error: &std::io::Error) -> Stop {
    Stop::input(
        "device_key_unusable",
        format!("{}.keys: {error}", file.display()),
        "See that the folder is yours alone (mode 0700), or choose another file.",
    )
}

/// Fresh randomness for one visit.
pub(crate) fn seed() -> Result<Zeroizing<[u8; 32]>, Unusable> {
    let mut seed = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(&mut *seed).map_err(|_| Unusable("no randomness on this machine"))?;
    Ok(seed)
}
