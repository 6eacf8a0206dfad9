//! A sandbox's folder: certificates, keys and what it is started with.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use kaigotap_sandbox::{ClientCertificates, Config, FacilityAuthority, Rate, Rates, Tls, world};
use serde::Deserialize;

use crate::der_file;
use crate::report::Stop;

/// The file that says what else there is.
pub(super) const CONFIGURATION: &str = "sandbox.toml";

/// No certificate, key or configuration comes near this many bytes.
const LONGEST: u64 = 64 * 1024;

/// What the configuration says. Paths are within the folder, unless they are absolute.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    listen: SocketAddr,
    issuer: Option<String>,
    #[serde(default)]
    names: Vec<String>,
    database: String,
    database_key: Option<PathBuf>,
    admin: Option<SocketAddr>,
    #[serde(default)]
    limits: Limits,
    server: Server,
    facilities: Facilities,
}

/// Requests a second, and at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    address_each_second: u32,
    address_burst: u32,
    device_each_second: u32,
    device_burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            address_each_second: 100,
            address_burst: 400,
            device_each_second: 10,
            device_burst: 60,
        }
    }
}

impl Limits {
    fn rates(&self) -> Rates {
        let rate = |burst, each_second| Some(Rate { burst, each_second });
        Rates {
            address: rate(self.address_burst, self.address_each_second),
            device: rate(self.device_burst, self.device_each_second),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facilities {
    certificate: PathBuf,
    key: PathBuf,
    client_certificates: Asked,
    #[serde(default)]
    revocation_lists: Vec<PathBuf>,
    /// How many unused tickets each of their devices may have; as many as can be if it is not said.
    offline_tickets: Option<u8>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Asked {
    None,
    Optional,
    Required,
}

impl From<Asked> for ClientCertificates {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::None => Self::None,
            Asked::Optional => Self::Optional,
            Asked::Required => Self::Required,
        }
    }
}

/// What the sandbox of a folder is started with.
pub(super) fn read(folder: &Path) -> Result<Config, Stop> {
    let file = folder.join(CONFIGURATION);
    let text = fs::read_to_string(&file).map_err(|error| unusable(&file, &error.to_string()))?;
    let read: Configuration =
        toml::from_str(&text).map_err(|error| unusable(&file, error.message()))?;
    let database_key = read.database_key.map(|key| folder.join(key));
    let database = match read.database.strip_prefix("sqlite:") {
        Some(file) => format!("sqlite:{}", folder.join(file).display()),
        None => read.database,
    };
    let database = world::database(&database, database_key.as_deref())
        .ok_or_else(|| unusable(&file, "the database is not one of those it could be"))?;
    let certificates = |file: &Path| der_file::read(&folder.join(file), LONGEST, "CERTIFICATE");
    let authority = FacilityAuthority {
        certificate: certificates(&read.facilities.certificate)?.swap_remove(0),
        key: key(&folder.join(&read.facilities.key))?,
    };
    let most = Config::default().offline_tickets;
    let offline_tickets = read.facilities.offline_tickets.unwrap_or(most);
    if offline_tickets > most {
        return Err(unusable(&file, "offline_tickets is 20 at most"));
    }
    let lists = read.facilities.revocation_lists.iter();
    let lists: Vec<_> = lists
        .map(|file| der_file::read(&folder.join(file), LONGEST, "X509 CRL"))
        .collect::<Result<_, _>>()?;
    let tls = Tls {
        certificate_chain: certificates(&read.server.certificate)?,
        key: key(&folder.join(&read.server.key))?,
        client_certificates: read.facilities.client_certificates.into(),
        client_authorities: vec![authority.certificate.clone()],
        revocation_lists: lists.concat(),
    };
    Ok(Config {
        listen: read.listen,
        issuer: read.issuer,
        hosts: read.names,
        database,
        tls: Some(tls),
        facility_authority: Some(authority),
        rates: read.limits.rates(),
        admin: read.admin,
        offline_tickets,
        ..Config::default()
    })
}

/// A key that is its owner's alone.
fn key(file: &Path) -> Result<Vec<u8>, Stop> {
    #[cfg(unix)]
    {
        let mode = fs::metadata(file).map(|found| std::os::unix::fs::MetadataExt::mode(&found));
        if mode.is_ok_and(|mode| mode & 0o077 != 0) {
            return Err(Stop::input(
                "key_exposed",
                format!("{} can be read by others.", file.display()),
                "See that nobody has read it, and then: chmod 600",
            ));
        }
    }
    Ok(der_file::read(file, LONGEST, "PRIVATE KEY")?.swap_remove(0))
}

fn unusable(file: &Path, why: &str) -> Stop {
    Stop::input(
        "sandbox_unusable",
        format!("{}: {why}", file.display()),
        "Make a folder with `kaigotap sandbox init FOLDER`, or mend its sandbox.toml.",
    )
}
