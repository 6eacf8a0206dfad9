//! Two servers on one PostgreSQL, killed and started again at random under load, and the database with them once.
//!
//! Whoever asks ends with one token for each challenge, however often the same assertion was sent and whoever answered;
//! or with an error that has a name. Afterwards every token is known, and the record of what happened holds.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding};
use kaigotap_sandbox::{AuditLog, Database};
use tokio::sync::Mutex;

use crate::Result;
use crate::card::Card;
use crate::connection::Trust;
use crate::device::{Device, Key};
use crate::figures::base_of;
use crate::postgres::Postgres;
use crate::process::{Server, free_address};
use crate::serve::{Certificates, Order};

const SERVERS: usize = 2;
const DEVICES: usize = 6;
/// How often an assertion is sent before its sender gives up.
const SENDINGS: u32 = 40;
/// How long between two sendings.
const PAUSE: Duration = Duration::from_millis(250);

/// What all of them came to.
#[derive(Default)]
struct Tally {
    challenges: u64,
    tokens: u64,
    /// Answers to an assertion after the first one.
    again: u64,
    /// Connections that broke, or could not be made.
    broken: u64,
    /// How challenges and assertions ended that brought no token, by code.
    refused: BTreeMap<String, u64>,
}

pub(crate) fn run(seconds: u64, seed: Option<u64>) -> Result<()> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let seed = seed.unwrap_or(u64::from(since.subsec_nanos()));
    println!("seed {seed}");
    tokio::runtime::Runtime::new()?.block_on(endure(Duration::from_secs(seconds), seed))
}

/// Where servers are started, again and again.
struct Ground {
    folder: tempfile::TempDir,
    addresses: [SocketAddr; SERVERS],
    url: String,
    key_file: std::path::PathBuf,
}

impl Ground {
    async fn start(&self, number: usize) -> Result<Server> {
        let material = self.folder.path().join("material");
        let issuer = base_of(self.addresses[0]);
        let address = self.addresses[number];
        Server::start(address, &issuer, &material, &self.url, Some(&self.key_file)).await
    }
}

async fn endure(lasting: Duration, seed: u64) -> Result<()> {
    let mut postgres = Postgres::start().await?;
    let folder = tempfile::Builder::new().prefix("kaigotap-load-").tempdir()?;
    let certificates = Certificates::generate()?;
    std::fs::write(folder.path().join("material"), serde_json::to_vec(&certificates)?)?;
    let ground = Ground {
        folder,
        addresses: [free_address()?, free_address()?],
        url: postgres.url(),
        key_file: postgres.folder().join("key"),
    };
    let trust = Trust::only(&Base64::decode_vec(&certificates.authority)?)?;

    let mut servers = Vec::new();
    for number in 0..SERVERS {
        servers.push(ground.start(number).await?);
    }
    let (stop, tally) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Tally::default())));
    let mut callers = Vec::new();
    for number in 0..DEVICES {
        let key = Key::generate()?;
        let at = number % SERVERS;
        let enrolment = servers[at].order(&Order::Enrol(key.jwk())).await?;
        let card = Card::hanako()?;
        let address = ground.addresses[at];
        let device = Device::connect(key, &enrolment, address, Some(&trust), card).await?;
        let caller = Caller {
            device,
            trust: trust.clone(),
            addresses: ground.addresses,
            at,
            stop: stop.clone(),
            tally: tally.clone(),
            tokens: Vec::new(),
        };
        callers.push(tokio::spawn(caller.work()));
    }

    let (killed, of_database) = kill(&ground, servers, &mut postgres, lasting, seed).await?;
    stop.store(true, Ordering::Relaxed);
    let mut devices = Vec::new();
    for caller in callers {
        devices.push(caller.await??);
    }
    let tally = tally.lock().await;
    println!(
        "{killed} servers and {of_database} database killed; {} challenges, {} tokens, {} answers to what was sent \
         again, {} broken connections; without a token: {:?}",
        tally.challenges, tally.tokens, tally.again, tally.broken, tally.refused,
    );
    if tally.tokens == 0 || tally.again == 0 || killed == 0 || of_database != 1 {
        return Err("that was no trial".into());
    }
    for (mut device, tokens) in devices {
        // Those who came to an end first have had their connections closed.
        device.reconnect(ground.addresses[0], &trust).await?;
        for token in &tokens {
            if !device.is_known(token).await? {
                return Err("a token that was given out is not known any more".into());
            }
        }
    }
    let database =
        Database::Postgres { url: ground.url.clone(), key_file: ground.key_file.clone() };
    let report = AuditLog::open(&database).await?.verify(None).await?;
    println!("{} records, {} findings", report.records, report.findings.len());
    if !report.findings.is_empty() || report.records < tally.tokens {
        return Err("the record of what happened does not hold".into());
    }
    Ok(())
}

/// Kills one after the other, never both for long, and the database in the middle. All run again afterwards; how many were
/// killed, and how often the database was.
async fn kill(
    ground: &Ground,
    mut servers: Vec<Server>,
    postgres: &mut Postgres,
    lasting: Duration,
    seed: u64,
) -> Result<(u64, u64)> {
    let mut random = Random(AtomicU64::new(seed | 1));
    let (started, mut killed, mut of_database) = (Instant::now(), 0, 0);
    while started.elapsed() < lasting {
        tokio::time::sleep(Duration::from_millis(500 + random.below(2500))).await;
        let at = usize::try_from(random.below(SERVERS as u64))?;
        servers.swap_remove(at).kill().await?;
        killed += 1;
        if of_database == 0 && started.elapsed() > lasting / 2 {
            postgres.kill_and_restart().await?;
            of_database += 1;
        }
        tokio::time::sleep(Duration::from_millis(random.below(1000))).await;
        let missing = (0..SERVERS)
            .find(|number| servers.iter().all(|one| one.address != ground.addresses[*number]));
        servers.push(ground.start(missing.unwrap_or(at)).await?);
    }
    // They serve until their standard input ends; whoever asks comes to an end before.
    KEPT.lock().await.extend(servers);
    Ok((killed, of_database))
}

/// What serves until this process ends.
static KEPT: Mutex<Vec<Server>> = Mutex::const_new(Vec::new());

/// A small generator, so that what happened can be had again.
struct Random(AtomicU64);

impl Random {
    /// A number below this one (xorshift).
    fn below(&mut self, end: u64) -> u64 {
        let state = self.0.get_mut();
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state % end
    }
}

struct Caller {
    device: Device,
    trust: Trust,
    addresses: [SocketAddr; SERVERS],
    at: usize,
    stop: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
    /// Those it was given.
    tokens: Vec<String>,
}

impl Caller {
    /// Until it is told to stop.
    async fn work(mut self) -> Result<(Device, Vec<String>)> {
        while !self.stop.load(Ordering::Relaxed) {
            match self.device.challenged().await {
                Ok(Ok(assertion)) => {
                    self.tally.lock().await.challenges += 1;
                    self.confirm(&assertion).await?;
                }
                Ok(Err(answer)) => {
                    self.refused(&answer.json["kaigo_error"]).await?;
                    tokio::time::sleep(PAUSE).await;
                }
                Err(_) => self.elsewhere().await,
            }
        }
        Ok((self.device, self.tokens))
    }

    /// Sends an assertion until there is a token or a reason, and then once more.
    async fn confirm(&mut self, assertion: &str) -> Result<()> {
        let mut token: Option<String> = None;
        for _ in 0..SENDINGS {
            let Ok(answer) = self.device.submit(assertion).await else {
                self.elsewhere().await;
                continue;
            };
            match (answer.json["access_token"].as_str(), &token) {
                (Some(given), None) => {
                    self.tally.lock().await.tokens += 1;
                    self.tokens.push(given.to_owned());
                    token = Some(given.to_owned());
                    // From whoever answers there.
                    self.elsewhere().await;
                }
                (Some(given), Some(before)) if given == before => {
                    self.tally.lock().await.again += 1;
                    return Ok(());
                }
                (Some(_), Some(_)) => return Err("two tokens for one challenge".into()),
                (None, _) if answer.status >= 500 => tokio::time::sleep(PAUSE).await,
                (None, Some(_)) => return Err("no answer to what had one".into()),
                (None, None) => return self.refused(&answer.json["kaigo_error"]).await,
            }
        }
        match token {
            Some(_) => Ok(()),
            None => self.refused(&"server_failed".into()).await,
        }
    }

    /// Notes a refusal, which must have a name.
    async fn refused(&self, code: &serde_json::Value) -> Result<()> {
        let code = code.as_str().ok_or("an error without a code")?;
        *self.tally.lock().await.refused.entry(code.to_owned()).or_default() += 1;
        Ok(())
    }

    /// Goes to the next server that there is.
    async fn elsewhere(&mut self) {
        self.tally.lock().await.broken += 1;
        for _ in 0..SENDINGS {
            self.at = (self.at + 1) % SERVERS;
            let address = self.addresses[self.at];
            if self.device.reconnect(address, &self.trust).await.is_ok() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
