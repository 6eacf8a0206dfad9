//! One process of the sandbox, which its parent tells what to do on standard input and which answers each line with one.

use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use kaigotap_sandbox::world::{self, World};
use kaigotap_sandbox::{Config, Database, Material, STAFF_ID, Tls};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Result;
use crate::profile::Profiler;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Its certificate and key, as its parent made them
    #[arg(long)]
    material: PathBuf,
    /// How it is called, whoever answers
    #[arg(long)]
    issuer: String,
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    database: String,
    #[arg(long)]
    key_file: Option<PathBuf>,
}

/// What a parent asks for.
#[derive(Serialize, Deserialize)]
pub(crate) enum Order {
    /// Enrol a device with this key
    Enrol(Value),
    /// Begin to sample where the time goes
    Sample,
    /// Say what was sampled
    Told,
}

/// Certificates for all processes of one run.
#[derive(Serialize, Deserialize)]
pub(crate) struct Certificates {
    pub(crate) authority: String,
    certificate: String,
    key: String,
}

impl Certificates {
    pub(crate) fn generate() -> Result<Self> {
        let material = Material::generate(&["127.0.0.1".to_owned()])?;
        let certificate = material.tls.certificate_chain.first().ok_or("no certificate")?;
        Ok(Self {
            authority: Base64::encode_string(&material.authority),
            certificate: Base64::encode_string(certificate),
            key: Base64::encode_string(&material.tls.key),
        })
    }

    fn read(file: &Path) -> Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(file)?)?)
    }

    fn tls(&self) -> Result<Tls> {
        let mut tls = Material::generate(&["127.0.0.1".to_owned()])?.tls;
        tls.certificate_chain = vec![Base64::decode_vec(&self.certificate)?];
        tls.key = Base64::decode_vec(&self.key)?;
        Ok(tls)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Some(database) = world::database(&arguments.database, arguments.key_file.as_deref()) else {
        return Err("what database is this?".into());
    };
    let world = start(arguments, database)?;
    let (mut out, mut profiler) = (std::io::stdout().lock(), None);
    writeln!(out, "{}", json!({ "ready": true }))?;
    for line in std::io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?)? {
            Order::Enrol(jwk) => {
                let enrolled = world.wait(world.sandbox().enrol(STAFF_ID, &jwk))?;
                serde_json::to_value(enrolled)?
            }
            Order::Sample => {
                profiler = Some(Profiler::start()?);
                Value::Null
            }
            Order::Told => match profiler.take() {
                Some(profiler) => serde_json::to_value(profiler.stop()?)?,
                None => Value::Null,
            },
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    world.stop();
    Ok(())
}

fn start(arguments: &Arguments, database: Database) -> Result<World> {
    let config = Config {
        listen: arguments.listen,
        issuer: Some(arguments.issuer.clone()),
        tls: Some(Certificates::read(&arguments.material)?.tls()?),
        database,
        ..Config::default()
    };
    Ok(World::start_with(world::config(config, &[]))?)
}
