//! What is measured, in which order.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::keycloak::{self, Keycloak};
use crate::postgres::Postgres;
use crate::profile::Shares;
use crate::scenario::{Place, Station};
use crate::volley::{self, Caller, Volley};
use crate::{Result, process};

/// How many ask at once.
pub(crate) const CALLERS: usize = 8;
/// How many used challenges are there when the cost of one more is first measured.
const FEWEST_USED: u64 = 10_000;

/// One arrangement of servers under load.
pub(crate) struct Measured {
    pub(crate) name: String,
    /// As fast as it goes.
    pub(crate) most: Volley,
    /// At half of that rate.
    pub(crate) half: Option<Volley>,
    /// Seconds of processor time an exchange costs: the server's, and the database server's.
    pub(crate) server: f64,
    pub(crate) database: f64,
    /// The most that one server process had resident, in bytes.
    pub(crate) resident: u64,
}

impl Measured {
    /// How many exchanges a second of processor time brings.
    pub(crate) fn per_second_of_processor(&self) -> f64 {
        1.0 / (self.server + self.database)
    }
}

/// How the cost of an exchange depends on how many there were before.
pub(crate) struct Grown {
    pub(crate) place: &'static str,
    pub(crate) used: u64,
    /// Seconds of processor time.
    pub(crate) cost: f64,
}

/// Everything that was measured.
pub(crate) struct Figures {
    pub(crate) seconds: u64,
    pub(crate) sandbox: Vec<Measured>,
    pub(crate) keycloak: Option<Measured>,
    pub(crate) shares: Shares,
    pub(crate) grown: Vec<Grown>,
    /// Bytes for each exchange, by table.
    pub(crate) kept: Vec<(String, f64)>,
}

pub(crate) fn measure(keycloak: Option<&Path>, seconds: u64, most_used: u64) -> Result<Figures> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let lasting = Duration::from_secs(seconds);
        let mut sandbox = Vec::new();

        let mut station = Station::start(Place::Sqlite, 1).await?;
        sandbox.push(under_load(&station, lasting).await?);
        station.sample().await?;
        let callers = station.callers(CALLERS).await?;
        volley::as_fast_as_it_goes(callers, lasting).await?;
        let shares = station.told().await?;
        station.stop().await?;

        let mut kept = Vec::new();
        for servers in [1, 3] {
            let station =
                Station::start(Place::Postgres(Postgres::start().await?), servers).await?;
            sandbox.push(under_load(&station, lasting).await?);
            kept = station.kept().await?;
            station.stop().await?;
        }

        let keycloak = match keycloak {
            Some(folder) => Some(beside(folder, lasting).await?),
            None => None,
        };

        let mut grown = Vec::new();
        for place in [Place::Sqlite, Place::Postgres(Postgres::start().await?)] {
            let name = place.name();
            let mut station = Station::start(place, 1).await?;
            for used in [FEWEST_USED, most_used] {
                station.fill(used).await?;
                let measured = under_load(&station, lasting).await?;
                let cost = measured.server + measured.database;
                println!("{name}, {used} used: {:.2} ms", cost * 1000.0);
                grown.push(Grown { place: name, used, cost });
            }
            station.stop().await?;
        }
        Ok(Figures { seconds, sandbox, keycloak, shares, grown, kept })
    })
}

async fn under_load(station: &Station, lasting: Duration) -> Result<Measured> {
    let callers = station.callers(CALLERS).await?;
    load(station.name(), callers, &station.server_ids(), station.database_id(), lasting).await
}

async fn beside(folder: &Path, lasting: Duration) -> Result<Measured> {
    let keycloak = Keycloak::start(folder, process::free_address()?).await?;
    let callers = keycloak.callers(CALLERS).await?;
    // A virtual machine compiles what it does often, and is to be judged when it has.
    let (_, callers) = volley::as_fast_as_it_goes(callers, keycloak::WARM_UP).await?;
    let ids = [keycloak.id()?];
    let measured = load("Keycloak".to_owned(), callers, &ids, None, lasting).await?;
    keycloak.stop().await?;
    Ok(measured)
}

async fn load<C: Caller>(
    name: String,
    callers: Vec<C>,
    servers: &[u32],
    database: Option<u32>,
    lasting: Duration,
) -> Result<Measured> {
    // Connections, caches and nonces are there before it counts.
    let (_, callers) = volley::as_fast_as_it_goes(callers, Duration::from_secs(2)).await?;
    let used = || servers.iter().map(|id| process::seconds(*id)).sum::<f64>();
    let of_database = || database.map_or(0.0, process::seconds);
    let before = (used(), of_database());
    let (most, callers) = volley::as_fast_as_it_goes(callers, lasting).await?;
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let done = most.done as f64;
    let (server, database) = ((used() - before.0) / done, (of_database() - before.1) / done);
    let (half, _) = volley::at_rate(callers, most.rate() / 2.0, lasting).await?;
    let resident = servers.iter().map(|id| process::most_resident(*id)).max().unwrap_or_default();
    println!(
        "{name}: {:.0}/s, {:.2} ms of processor, p99 {:.1} ms",
        most.rate(),
        (server + database) * 1000.0,
        half.percentile(99),
    );
    Ok(Measured { name, most, half: Some(half), server, database, resident })
}

/// A server's address, as seen by whoever calls it.
pub(crate) fn base_of(address: SocketAddr) -> String {
    format!("https://{address}")
}
