//! The database: how it is opened, and how each room's tables come into it.
//!
//! Rooms speak to it through sqlx's `Any` driver, so that one text of a query runs on SQLite and on PostgreSQL: numbered
//! parameters, integers for switches, JSON as text, and no word that only one of them knows. What differs are the
//! types of columns, and with them the migrations, which lie side by side.
//!
//! Migrations are sqlx's own. They are put together here and not by its macro, which would have SQLite compiled a second
//! time for the compiler's sake.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, Instant};

use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Any, AnyConnection, AnyPool, SqlSafeStr, Transaction};

use super::failure::StartError;
use super::vault::{Vault, make_private};

pub(crate) type Result<T> = std::result::Result<T, sqlx::Error>;

/// Where the sandbox keeps its records and its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Database {
    /// Gone with the process, and so are the keys.
    #[default]
    Memory,
    /// An SQLite file, made if it is not there, readable by its owner only. Its keys stay, so an enrolment outlives a
    /// restart on the same address; several processes may share it. What opens them is in a file beside it, whose
    /// name ends in `.key`.
    File(PathBuf),
    /// A PostgreSQL database with nothing in it but what a sandbox put there, for many machines that are to agree.
    Postgres {
        /// `postgres://…`
        url: String,
        /// The file with what opens the keys, made if it is not there; the same on every machine.
        key_file: PathBuf,
    },
}

/// How long one waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// How one room's tables come to be: for either kind of database, each form made from the one before.
#[derive(Clone, Copy)]
pub(crate) struct Migrations {
    /// The room's name, with which its tables' names begin.
    pub(crate) room: &'static str,
    pub(crate) sqlite: &'static [&'static str],
    pub(crate) postgres: &'static [&'static str],
}

/// The base's own.
pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "base",
    sqlite: &[
        include_str!("migrations/sqlite/0001_secret.sql"),
        include_str!("migrations/sqlite/0002_once.sql"),
        include_str!("migrations/sqlite/0003_generation.sql"),
        include_str!("migrations/sqlite/0004_lease.sql"),
    ],
    postgres: &[
        include_str!("migrations/postgres/0001_secret.sql"),
        include_str!("migrations/postgres/0002_once.sql"),
        include_str!("migrations/postgres/0003_generation.sql"),
        include_str!("migrations/postgres/0004_lease.sql"),
    ],
};

/// Both speak SQL, not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// An open database with the tables of all rooms.
pub(crate) struct Store {
    pool: AnyPool,
    kind: Kind,
    /// Has a log that must be written back.
    is_file: bool,
    vault: Vault,
}

impl Store {
    pub(crate) async fn open(
        database: &Database,
        rooms: &[Migrations],
    ) -> std::result::Result<Self, StartError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let (options, url, vault) = match database {
            // One connection, never closed: with it the database would go.
            Database::Memory => {
                let options = AnyPoolOptions::new().max_connections(1);
                let options = options.idle_timeout(None).max_lifetime(None);
                (options, "sqlite::memory:".to_owned(), Vault::in_memory()?)
            }
            Database::File(path) => {
                make_private(path, b"")?;
                let options = AnyPoolOptions::new().max_connections(4);
                let options = options.after_connect(|connection, _| {
                    Box::pin(async move { prepare_file(connection).await })
                });
                let mut key_file = path.clone().into_os_string();
                key_file.push(".key");
                (options, url_of(path)?, Vault::in_file(Path::new(&key_file))?)
            }
            Database::Postgres { url, key_file } => {
                let options = AnyPoolOptions::new().max_connections(4);
                (options, url.clone(), Vault::in_file(key_file)?)
            }
        };
        let kind = match database {
            Database::Postgres { .. } => Kind::Postgres,
            _ => Kind::Sqlite,
        };
        let is_file = matches!(database, Database::File(_));
        let pool = options.acquire_timeout(PATIENCE).connect(&url).await?;
        let store = Self { pool, kind, is_file, vault };
        store.migrate(rooms).await?;
        if is_file {
            store.write_ahead().await?;
        }
        Ok(store)
    }

    /// Begins to keep a log. This is written into the file, so only once it is known to be a sandbox's.
    async fn write_ahead(&self) -> Result<()> {
        let started = Instant::now();
        loop {
            let log = sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&self.pool).await;
            // Another sandbox that starts now has the file for a moment. SQLite does not wait for that by itself.
            let is_busy = log.as_ref().err().and_then(sqlx::Error::as_database_error);
            let is_busy = is_busy.is_some_and(|error| error.code().as_deref() == Some("5"));
            if !is_busy || started.elapsed() > PATIENCE {
                return log.map(|_| ());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Has what was removed really gone: as long as it is in the log, it can be read.
    pub(crate) async fn settle(&self) -> Result<()> {
        if self.is_file {
            sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await?;
        }
        Ok(())
    }

    pub(super) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// For a room's own tables.
    pub(crate) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Begins something that happens at once or not at all, and that writes.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>> {
        match self.kind {
            // Otherwise SQLite finds out only at the first write that another was faster.
            Kind::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await,
            Kind::Postgres => self.pool.begin().await,
        }
    }

    /// The same, while no other sandbox begins something like it: what a start does.
    pub(crate) async fn begin_alone(&self) -> Result<Transaction<'static, Any>> {
        let mut transaction = self.begin().await?;
        if self.kind == Kind::Postgres {
            // SQLite has one writer at a time anyway.
            let lock = "SELECT count(*) FROM pg_advisory_xact_lock(5252)";
            sqlx::query(lock).execute(&mut *transaction).await?;
        }
        Ok(transaction)
    }

    /// Whether the database answers.
    pub(crate) async fn is_there(&self) -> Result<()> {
        sqlx::query("SELECT 1").fetch_all(&self.pool).await?;
        Ok(())
    }

    /// Whether this process is the one that does a piece of work in the background now, and for so many seconds.
    pub(crate) async fn leases(&self, name: &str, now: i64, seconds: i64) -> Result<bool> {
        // A lease that is longer than they are is one of a clock that was set back since.
        let taken = "INSERT INTO base_lease (name, until) VALUES ($1, $2) \
                     ON CONFLICT (name) DO UPDATE SET until = $2 \
                     WHERE base_lease.until <= $3 OR base_lease.until > $2 RETURNING until";
        let until = now.saturating_add(seconds);
        let rows = sqlx::query(taken).bind(name).bind(until).bind(now).fetch_all(&self.pool);
        Ok(!rows.await?.is_empty())
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    async fn migrate(&self, rooms: &[Migrations]) -> Result<()> {
        let mut transaction = self.begin_alone().await?;
        let tables = match self.kind {
            Kind::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table'",
            Kind::Postgres => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
                 WHERE table_schema = current_schema()"
            }
        };
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *transaction).await?;
        if !tables.is_empty() && !tables.contains(&table_of(MIGRATIONS.room)) {
            return Err(foreign("it belongs to another program or another version of the sandbox"));
        }
        for room in rooms {
            let migrator = room.migrator(self.kind);
            migrator.run_direct(None, &mut *transaction, false).await.map_err(unmigrated)?;
        }
        transaction.commit().await
    }
}

impl Migrations {
    fn migrator(self, kind: Kind) -> Migrator {
        let forms = match kind {
            Kind::Sqlite => self.sqlite,
            Kind::Postgres => self.postgres,
        };
        let migrations = (1..).zip(forms).map(|(version, sql)| {
            let kind = MigrationType::Simple;
            Migration::new(version, self.room.into(), kind, (*sql).into_sql_str(), false)
        });
        let mut migrator = Migrator::with_migrations(migrations.collect());
        migrator.dangerous_set_table_name(table_of(self.room));
        // The transaction around all of it is the lock.
        migrator.set_locking(false);
        migrator
    }
}

/// Where sqlx notes what it has done for a room.
fn table_of(room: &str) -> String {
    format!("{room}_migrations")
}

async fn prepare_file(connection: &mut AnyConnection) -> Result<()> {
    let settings = "PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON";
    sqlx::raw_sql(settings).execute(connection).await?;
    Ok(())
}

/// An SQLite file as sqlx takes it.
fn url_of(path: &Path) -> Result<String> {
    let path = std::path::absolute(path)?;
    let text = path.to_str().ok_or_else(|| foreign("its path is not UTF-8"))?;
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    // A form has `+` where a path has a blank.
    let encoded = encoded.replace("%2F", "/").replace('+', "%20");
    Ok(format!("sqlite://{encoded}?mode=rw"))
}

fn foreign(why: &'static str) -> sqlx::Error {
    sqlx::Error::Configuration(why.into())
}

fn unmigrated(error: MigrateError) -> sqlx::Error {
    match error {
        MigrateError::Execute(error) => error,
        MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => {
            foreign("it belongs to another version of the sandbox")
        }
        other => sqlx::Error::Migrate(Box::new(other)),
    }
}
