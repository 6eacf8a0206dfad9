//! A PostgreSQL server of one's own, that nobody else can reach and that is gone with this process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};

use crate::Result;

/// Nobody and nogroup: the server will not run as root.
const NOBODY: u32 = 65_534;

pub(crate) struct Postgres {
    folder: tempfile::TempDir,
    /// What the shell does.
    serve: String,
    /// A shell that stops the server when its standard input ends.
    keeper: Child,
}

impl Postgres {
    /// One that syncs to the disk, as one in earnest does.
    pub(crate) async fn start() -> Result<Self> {
        let programs = programs().ok_or("initdb and postgres were not found")?;
        let folder = tempfile::Builder::new().prefix("kaigotap-load-").tempdir()?;
        let (data, socket) = (folder.path().join("data"), folder.path().join("socket"));
        let is_root = {
            use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

            for part in [&data, &socket] {
                fs::create_dir(part)?;
            }
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
            fs::set_permissions(&data, fs::Permissions::from_mode(0o700))?;
            let is_root = fs::metadata(folder.path())?.uid() == 0;
            if is_root {
                chown(&data, Some(NOBODY), Some(NOBODY))?;
                chown(&socket, Some(NOBODY), Some(NOBODY))?;
            }
            is_root
        };
        let user: &[&str] = if is_root {
            &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        } else {
            &["env"]
        };
        let made = Command::new(user[0])
            .args(&user[1..])
            .arg(programs.join("initdb"))
            .args(["--auth=trust", "--username=sandbox", "--encoding=UTF8", "--no-locale"])
            .arg("--pgdata")
            .arg(&data)
            .current_dir("/")
            .output()?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into());
        }
        let serve = format!(
            "{} {}/postgres -D {} -k {} -c listen_addresses= -c max_connections=100 -c max_wal_size=4GB \
             >/dev/null 2>&1 & server=$!; read -r _; kill -INT $server; wait $server",
            user.join(" "),
            programs.display(),
            data.display(),
            socket.display(),
        );
        let keeper = kept(&serve)?;
        let server = Self { folder, serve, keeper };
        server.answers().await?;
        Ok(server)
    }

    async fn answers(&self) -> Result<()> {
        let started = Instant::now();
        while let Err(error) = PgConnection::connect(&self.url()).await {
            if started.elapsed() > Duration::from_secs(30) {
                return Err(error.into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Kills the server, with all its processes at once, and starts it again on what it had written.
    pub(crate) async fn kill_and_restart(&mut self) -> Result<()> {
        for id in crate::process::family(self.keeper.id()).into_iter().skip(1) {
            if let Some(id) = rustix::process::Pid::from_raw(i32::try_from(id)?) {
                // One may have ended meanwhile, because another did.
                let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
            }
        }
        drop(self.keeper.stdin.take());
        self.keeper.wait()?;
        self.keeper = kept(&self.serve)?;
        self.answers().await
    }

    pub(crate) fn url(&self) -> String {
        let socket = self.folder.path().join("socket");
        format!("postgres://sandbox@localhost/postgres?host={}", socket.display())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process above all of it.
    pub(crate) fn id(&self) -> u32 {
        self.keeper.id()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn kept(serve: &str) -> Result<Child> {
    let mut shell = Command::new("sh");
    Ok(shell.args(["-c", serve]).stdin(Stdio::piped()).current_dir("/").spawn()?)
}

/// The folder of the server's programs: Debian's, which are not on the path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let mut folders = versions.map(|version| version.path().join("bin"));
    folders.find(|folder| folder.join("initdb").exists())
}
