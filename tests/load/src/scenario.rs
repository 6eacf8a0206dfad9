//! An arrangement of sandbox processes over one database.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64ct::{Base64, Encoding};
use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, Connection};

use crate::Result;
use crate::card::Card;
use crate::connection::Trust;
use crate::device::{Device, Key};
use crate::figures::base_of;
use crate::postgres::Postgres;
use crate::process::{Server, free_address};
use crate::profile::Shares;
use crate::serve::{Certificates, Order};
use crate::volley::Caller;

/// Where records are kept.
pub(crate) enum Place {
    Sqlite,
    Postgres(Postgres),
}

impl Place {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

/// Servers, and what they need.
pub(crate) struct Station {
    place: Place,
    folder: tempfile::TempDir,
    servers: Vec<tokio::sync::Mutex<Server>>,
    addresses: Vec<std::net::SocketAddr>,
    ids: Vec<u32>,
    trust: Trust,
    next: AtomicUsize,
}

impl Station {
    pub(crate) async fn start(place: Place, count: usize) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("kaigotap-load-").tempdir()?;
        let certificates = Certificates::generate()?;
        let material = folder.path().join("material");
        std::fs::write(&material, serde_json::to_vec(&certificates)?)?;
        let (database, key_file) = reached(&place, &folder);
        let mut servers = Vec::new();
        // Behind one name, as behind one balancer.
        let first = free_address()?;
        for number in 0..count {
            let address = if number == 0 { first } else { free_address()? };
            let key_file = key_file.as_deref();
            let server =
                Server::start(address, &base_of(first), &material, &database, key_file).await?;
            servers.push(server);
        }
        Ok(Self {
            ids: servers.iter().filter_map(Server::id).collect(),
            addresses: servers.iter().map(|server| server.address).collect(),
            trust: Trust::only(&Base64::decode_vec(&certificates.authority)?)?,
            servers: servers.into_iter().map(tokio::sync::Mutex::new).collect(),
            place,
            folder,
            next: AtomicUsize::new(0),
        })
    }

    pub(crate) fn name(&self) -> String {
        let processes = match self.servers.len() {
            1 => "1 process".to_owned(),
            count => format!("{count} processes"),
        };
        format!("{}, {processes}", self.place.name())
    }

    pub(crate) fn server_ids(&self) -> Vec<u32> {
        self.ids.clone()
    }

    pub(crate) fn database_id(&self) -> Option<u32> {
        match &self.place {
            Place::Sqlite => None,
            Place::Postgres(postgres) => Some(postgres.id()),
        }
    }

    /// Devices, spread over the servers.
    pub(crate) async fn callers(&self, count: usize) -> Result<Vec<Device>> {
        let card = Card::hanako()?;
        let mut callers = Vec::new();
        for _ in 0..count {
            let at = self.next.fetch_add(1, Ordering::Relaxed) % self.servers.len();
            let key = Key::generate()?;
            let enrolment = self.servers[at].lock().await.order(&Order::Enrol(key.jwk())).await?;
            let trust = Some(&self.trust);
            callers.push(
                Device::connect(key, &enrolment, self.addresses[at], trust, card.clone()).await?,
            );
        }
        Ok(callers)
    }

    /// Begins to sample the first server.
    pub(crate) async fn sample(&mut self) -> Result<()> {
        self.servers[0].lock().await.order(&Order::Sample).await?;
        Ok(())
    }

    /// What was sampled.
    pub(crate) async fn told(&mut self) -> Result<Shares> {
        Ok(serde_json::from_value(self.servers[0].lock().await.order(&Order::Told).await?)?)
    }

    /// Sees that there are this many used challenges, of the last weeks.
    pub(crate) async fn fill(&mut self, used: u64) -> Result<()> {
        install_default_drivers();
        let url = match &self.place {
            Place::Sqlite => format!("sqlite://{}?mode=rw", self.file().display()),
            Place::Postgres(postgres) => postgres.url(),
        };
        let mut connection = AnyConnection::connect(&url).await?;
        let is_sqlite = matches!(self.place, Place::Sqlite);
        let have: i64 = sqlx::query_scalar("SELECT count(*) FROM sts_challenge")
            .fetch_one(&mut connection)
            .await?;
        let missing = i64::try_from(used)?.saturating_sub(have);
        if missing > 0 {
            let statement = filling(is_sqlite);
            sqlx::query(statement).bind(have).bind(have + missing).execute(&mut connection).await?;
            if !is_sqlite {
                sqlx::raw_sql("ANALYZE").execute(&mut connection).await?;
            }
        }
        Ok(connection.close().await?)
    }

    /// What PostgreSQL keeps, by table: bytes with its indexes, for each challenge that there is.
    pub(crate) async fn kept(&self) -> Result<Vec<(String, f64)>> {
        install_default_drivers();
        let Place::Postgres(postgres) = &self.place else { return Ok(Vec::new()) };
        let mut connection = AnyConnection::connect(&postgres.url()).await?;
        let challenges: i64 = sqlx::query_scalar("SELECT count(*) FROM sts_challenge")
            .fetch_one(&mut connection)
            .await?;
        let tables: Vec<(String, i64)> = sqlx::query_as(
            "SELECT CAST(relname AS TEXT), pg_total_relation_size(pg_class.oid) FROM pg_class \
             JOIN pg_namespace ON pg_namespace.oid = relnamespace \
             WHERE relkind = 'r' AND nspname = 'public' ORDER BY 2 DESC",
        )
        .fetch_all(&mut connection)
        .await?;
        connection.close().await?;
        #[expect(clippy::cast_precision_loss, reason = "some hundred million")]
        let each = |bytes: i64| bytes as f64 / challenges.max(1) as f64;
        let kept = tables.into_iter().map(|(table, bytes)| (table, each(bytes)));
        Ok(kept.filter(|(_, bytes)| *bytes >= 50.0).collect())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("sandbox.db")
    }

    pub(crate) async fn stop(self) -> Result<()> {
        for server in self.servers {
            server.into_inner().stop().await?;
        }
        Ok(())
    }
}

/// Used challenges of the last eighty days, numbered from the first parameter to the second.
fn filling(is_sqlite: bool) -> &'static str {
    if is_sqlite {
        "WITH RECURSIVE numbers(n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < $2) \
         INSERT INTO sts_challenge (digest, jti, nonce, facility_id, staff_id, purpose, visit_id, basis, checked_at, \
         issued_at, expires_at, state, used_at, used_by, assertion, result) \
         SELECT randomblob(32), hex(randomblob(11)), hex(randomblob(16)), '1370000001', 'nurse-' || (n % 1000), '[\"view\"]', \
         hex(randomblob(18)), 'printed_photo', '2026-11-01T00:00:00Z', unixepoch() - 600 - n % 6912000, \
         unixepoch() - 480 - n % 6912000, 'used', unixepoch() - 500 - n % 6912000, 'nurse-' || (n % 1000), \
         randomblob(32), 'verified' FROM numbers"
    } else {
        "INSERT INTO sts_challenge (digest, jti, nonce, facility_id, staff_id, purpose, visit_id, basis, checked_at, \
         issued_at, expires_at, state, used_at, used_by, assertion, result) \
         SELECT sha256(CAST('d' || n AS bytea)), md5('j' || n), md5('n' || n), '1370000001', 'nurse-' || (n % 1000), \
         '[\"view\"]', md5('v' || n), 'printed_photo', '2026-11-01T00:00:00Z', \
         CAST(extract(epoch FROM now()) AS bigint) - 600 - n % 6912000, \
         CAST(extract(epoch FROM now()) AS bigint) - 480 - n % 6912000, 'used', \
         CAST(extract(epoch FROM now()) AS bigint) - 500 - n % 6912000, 'nurse-' || (n % 1000), \
         sha256(CAST('a' || n AS bytea)), 'verified' FROM generate_series($1, $2 - 1) AS numbers(n)"
    }
}

/// As the servers are told where the database is.
fn reached(place: &Place, folder: &tempfile::TempDir) -> (String, Option<PathBuf>) {
    match place {
        Place::Sqlite => (format!("sqlite:{}", folder.path().join("sandbox.db").display()), None),
        Place::Postgres(postgres) => (postgres.url(), Some(postgres.folder().join("key"))),
    }
}

impl Caller for Device {
    async fn call(&mut self) -> Result<()> {
        self.exchange().await
    }
}
