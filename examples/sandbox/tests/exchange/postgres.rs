//! All of these tests once more, on a PostgreSQL server of their own: a child process is told where it listens.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use kaigotap_sandbox::Database;
use sqlx::{Connection, PgConnection};

/// Tells the child in which folder the server's socket is.
const FOLDER: &str = "KAIGOTAP_POSTGRES";
/// Nobody and nogroup: the server will not run as root.
const NOBODY: u32 = 65_534;
const PATIENCE: Duration = Duration::from_mins(10);

/// Where a sandbox under test keeps its records: in memory, or in a schema of its own on the server.
pub(crate) async fn database() -> Database {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(folder) = std::env::var_os(FOLDER) else { return Database::Memory };
    let folder = PathBuf::from(folder);
    let schema = format!("world_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&url(&folder)).await.unwrap();
    let statement = format!("CREATE SCHEMA {schema}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let url = format!("{}&options=-c%20search_path%3D{schema}", url(&folder));
    Database::Postgres { url, key_file: folder.join("key") }
}

fn url(folder: &Path) -> String {
    format!("postgres://sandbox@localhost/postgres?host={}", folder.join("socket").display())
}

#[test]
fn everything_once_more_on_postgresql() {
    let server = match Server::start() {
        Ok(server) => server,
        Err(why) => {
            println!("SKIPPED: these tests did not run on PostgreSQL: {why}");
            return;
        }
    };
    let said = server.folder.join("said");
    let (out, err) = (File::create(&said).unwrap(), File::options().append(true).open(&said));
    let mut child = Command::new(std::env::current_exe().unwrap())
        // What is about files is the same there.
        .args(["--skip", "everything_once_more_on_postgresql", "--skip", "disk::"])
        .env(FOLDER, &server.folder)
        .stdout(out)
        .stderr(err.unwrap())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if started.elapsed() > PATIENCE => {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    let said = fs::read_to_string(&said).unwrap();
    assert!(status.is_some_and(|status| status.success()), "on PostgreSQL:\n{said}");
}

/// A server that nobody else can reach, and that is gone with this process, however it ends.
struct Server {
    folder: PathBuf,
    /// A shell that stops the server and removes its folder when its standard input ends.
    keeper: Child,
}

impl Server {
    fn start() -> Result<Self, String> {
        let programs = programs().ok_or("initdb and postgres were not found")?;
        let folder = std::env::temp_dir().join(format!("kaigotap-postgres-{}", std::process::id()));
        prepare(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let is_root = owner(&folder) == Some(0);
        let user: &[&str] = if is_root {
            &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        } else {
            &["env"]
        };
        if is_root {
            for part in ["data", "socket"] {
                let part = folder.join(part);
                std::os::unix::fs::chown(part, Some(NOBODY), Some(NOBODY)).map_err(said)?;
            }
        }
        let data = folder.join("data");
        let made = Command::new(user[0])
            .args(&user[1..])
            .arg(programs.join("initdb"))
            .args(["--auth=trust", "--username=sandbox", "--encoding=UTF8", "--no-locale"])
            .args(["--no-sync", "--pgdata"])
            .arg(&data)
            .current_dir("/")
            .output()
            .map_err(said)?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
        let serve = format!(
            "{} {}/postgres -D {} -k {} -c listen_addresses= -c fsync=off -c max_connections=300 \
             > {}/log 2>&1 & server=$!; read -r _; kill -INT $server; wait $server; rm -rf {}",
            user.join(" "),
            programs.display(),
            data.display(),
            folder.join("socket").display(),
            folder.display(),
            folder.display(),
        );
        let keeper = Command::new("sh")
            .args(["-c", &serve])
            .stdin(Stdio::piped())
            .current_dir("/")
            .spawn()
            .map_err(said)?;
        let server = Self { folder, keeper };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let runtime = tokio::runtime::Runtime::new().map_err(said)?;
        let started = Instant::now();
        loop {
            match runtime.block_on(PgConnection::connect(&url(&self.folder))) {
                Ok(connection) => return runtime.block_on(connection.close()).map_err(said),
                Err(error) if started.elapsed() > Duration::from_mins(1) => {
                    let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                    return Err(format!("{error}\n{log}"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The folder of the server's programs: Debian's, which are not on the path, or any on the path.
fn programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let both = |folder: &PathBuf| {
        ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
    };
    debian.chain(std::env::split_paths(&path)).find(both)
}

fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    for part in ["data", "socket"] {
        fs::create_dir(folder.join(part))?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(folder.join(part), mode)?;
    }
    Ok(())
}

fn owner(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|found| std::os::unix::fs::MetadataExt::uid(&found))
}
