//! What a device learns when it is enrolled, as a file.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use kaigotap::exchange::{self, Entropy, Use};
use kaigotap::flow::EntryName;
use kaigotap::link::device_key::FileKeys;
use kaigotap::link::http::HttpClient;
use kaigotap::message::Failure;
use kaigotap::pki::card_certificate::CardAuthorities;
use kaigotap::pki::{CardKey, TrustAnchors};
use kaigotap::portal::Portal;
use kaigotap::visit::{Environment, JournalKey, OfflineEnvironment, Plan};
use kaigotap_recorder::{Device, DeviceKey, Jwk, Parameters, Unusable, Visit, hex};
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Authority, CardVerifiableAuthority, Purpose};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::http;
use crate::private_file;
use crate::report::Stop;

/// An enrolment as a file: for whom this device works, whom it trusts, and who has signed in on it. Never shown.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Enrolment {
    /// What the platform told.
    #[serde(flatten)]
    pub(crate) told: exchange::Enrolment,
    /// The staff member's token, bound to the device's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) staff_token: Option<Zeroizing<String>>,
    /// Roots of a test hierarchy that issues authentication certificates: DER, base64. Nothing under them is real.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    test_anchors: Vec<String>,
}

impl Enrolment {
    /// What this device was told when it enrolled itself.
    pub(crate) fn new(told: exchange::Enrolment) -> Self {
        Self { told, staff_token: None, test_anchors: Vec::new() }
    }

    /// Takes what a sandbox gives a device with this key, an uncompressed point.
    pub(crate) fn of(world: &World, key: &[u8]) -> Result<Self, Unusable> {
        let device_key = Jwk::of_point(key).ok_or(Unusable("the device's key"))?;
        let jwk = serde_json::to_value(&device_key).map_err(|_| Unusable("the device's key"))?;
        let given = world.enrol(&jwk).map_err(|_| Unusable("no staff"))?;
        let told = json!({
            "server": given.server,
            "issuer": given.issuer,
            "staff_issuer": given.staff_issuer,
            "challenge_keys": given.challenge_keys,
            "device_id": given.device_id,
            "device_key": device_key,
            "device_key_name": KEY,
            "label": "sandbox",
            "facility_id": given.facility_id,
        });
        Ok(Self {
            told: serde_json::from_value(told).map_err(|_| Unusable("what the sandbox gives"))?,
            staff_token: Some(Zeroizing::new(given.staff_token)),
            test_anchors: world.roots().iter().map(|der| Base64::encode_string(der)).collect(),
        })
    }

    /// Reads the file. One that others may write says whom to trust at their pleasure, and is refused.
    pub(crate) fn read(file: &Path) -> Result<Self, Stop> {
        let unusable = |what: String| {
            Stop::input(
                "enrolment_unusable",
                format!("{}: {what}", file.display()),
                "Give the file that `kaigotap enrol` or `kaigotap sandbox --enrolment FILE` writes.",
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
    pub(crate) fn plan() -> Result<Plan, Failure> {
        Plan::new([Use::View, Use::Register])
    }

    /// What a transcript says of it: all but the token.
    pub(crate) fn recorded(&self) -> Result<Parameters, Unusable> {
        let device = self.told.device();
        let key = device.key();
        let keys = serde_json::to_value(&self.told).ok();
        let keys = keys.and_then(|mut told| told.get_mut("challenge_keys").map(Value::take));
        let keys = keys.and_then(|keys| serde_json::from_value(keys).ok());
        let visit = Visit {
            server: self.told.server().as_str().to_owned(),
            issuer: self.told.issuer().to_owned(),
            challenge_keys: keys.ok_or(Unusable("challenge keys"))?,
            device: Device {
                id: device.client_id().to_owned(),
                facility: device.facility().as_str().to_owned(),
                key: DeviceKey { name: key.name, public: hex(&key.public) },
            },
            staff_token: None,
            uses: ["view", "register"].map(str::to_owned).to_vec(),
            anchors: "virtual".to_owned(),
            person: None,
            registered_as: None,
        };
        Ok(Parameters { visit: Some(visit), ..Parameters::default() })
    }

    /// Whom to trust on this visit, with randomness of its own: authorities of virtual cards where the enrolment names them,
    /// or where the card is one; otherwise those of real ones.
    pub(crate) fn environment(
        &self,
        is_virtual: bool,
        entropy: Entropy,
    ) -> Result<Environment, Stop> {
        let token = self.staff_token()?;
        let Some(anchors) = self.anchors(is_virtual)? else {
            return Ok(Environment::of(&self.told, token, TrustAnchors::production(), entropy)?);
        };
        let environment = Environment::of(&self.told, token, anchors, entropy)?;
        Ok(environment.with_card_authorities(virtual_authorities()))
    }

    /// The same where there is no network: by who has signed in last.
    pub(crate) fn offline(
        &self,
        is_virtual: bool,
        key: JournalKey,
        entropy: Entropy,
    ) -> Result<OfflineEnvironment, Stop> {
        let member = self.staff_token()?.member().clone();
        Ok(match self.anchors(is_virtual)? {
            None => {
                let anchors = TrustAnchors::production();
                OfflineEnvironment::of(&self.told, member, anchors, key, entropy)
            }
            Some(anchors) => OfflineEnvironment::of(&self.told, member, anchors, key, entropy)
                .with_card_authorities(virtual_authorities()),
        })
    }

    /// The platform as a person's own device knows it, which has this key.
    pub(crate) fn portal(
        &self,
        is_virtual: bool,
        key: exchange::DeviceKey,
        entropy: Entropy,
    ) -> Result<Portal, Stop> {
        let anchors = self.anchors(is_virtual)?.unwrap_or_else(TrustAnchors::production);
        let (server, issuer) = (self.told.server().clone(), self.told.issuer());
        Ok(Portal::new(server, issuer, self.told.challenge_keys(), key, anchors, entropy)?)
    }

    /// Anchors of virtual cards where the enrolment names them, or where the card is one.
    fn anchors(&self, is_virtual: bool) -> Result<Option<TrustAnchors>, Stop> {
        let anchors = self.test_anchors.iter();
        let mut anchors: Vec<Vec<u8>> = anchors
            .map(|anchor| Base64::decode_vec(anchor).map_err(|_| Unusable("an anchor")))
            .collect::<Result<_, _>>()?;
        if anchors.is_empty() && is_virtual {
            anchors.push(Authority::test().root(Purpose::Authentication).to_vec());
        }
        if anchors.is_empty() {
            return Ok(None);
        }
        let anchors = TrustAnchors::test(anchors.iter().map(Vec::as_slice), []);
        Ok(Some(anchors.map_err(|_| Unusable("an anchor"))?))
    }

    /// Who has signed in on this device.
    pub(crate) fn staff_token(&self) -> Result<exchange::StaffToken, Stop> {
        let Some(token) = &self.staff_token else {
            return Err(Stop::input(
                "not_signed_in",
                "Nobody has signed in on this device.",
                "Sign in first: kaigotap sign-in --enrolment FILE",
            ));
        };
        Ok(exchange::StaffToken::parse(token.as_str(), self.told.device())?)
    }

    /// A client that trusts this authority, or those of the system, and shows the certificate of this device, if it has one.
    pub(crate) fn client(&self, file: &Path, authority: Option<&Path>) -> Result<HttpClient, Stop> {
        let chain: Vec<_> = self.told.certificate_chain().iter().map(Vec::as_slice).collect();
        let builder = http::builder(authority)?;
        if chain.is_empty() {
            return http::build(builder);
        }
        let name = entry(&self.told.device().key().name)?;
        http::build(builder.identified(&chain, keys_of(file)?, &name))
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

/// The name of a device's first key.
pub(crate) const KEY: &str = "device";

/// The keys of the device that is enrolled with this file: a folder beside it, readable by its owner only.
pub(crate) fn keys_of(file: &Path) -> Result<FileKeys, Stop> {
    FileKeys::open(&folder_of(file)).map_err(|error| no_key(file, &error))
}

fn folder_of(file: &Path) -> PathBuf {
    let mut folder = file.as_os_str().to_owned();
    folder.push(".keys");
    folder.into()
}

/// The public half of a key there, an uncompressed point; it is made if there is none.
pub(crate) fn key_of(file: &Path, name: &str) -> Result<Vec<u8>, Stop> {
    private_file::look(file)?;
    keys_of(file)?.public_key(&entry(name)?).map_err(|error| no_key(file, &error))
}

/// A name that no key there has: of the key that takes over from one of this name.
pub(crate) fn next_key(file: &Path) -> String {
    let folder = folder_of(file);
    let mut names = (2_u32..).map(|number| format!("{KEY}-{number}"));
    names.find(|name| !folder.join(name).exists()).unwrap_or_default()
}

fn entry(name: &str) -> Result<EntryName, Unusable> {
    EntryName::parse(name).ok_or(Unusable("the key's name"))
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
