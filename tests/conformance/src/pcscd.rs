//! A real `pcscd` that nobody else sees, with a virtual reader.
//!
//! The daemon takes a listening socket as file descriptor 3 (systemd's protocol: `LISTEN_FDS`, `LISTEN_PID`) instead of
//! the one compiled in, and clients find it by `PCSCLITE_CSOCK_NAME`. The socket listens before the daemon runs, so a
//! client that comes early waits.
//!
//! `vpcd` listens on two ports of every interface; only test keys are at stake. Run by root, the daemon also writes and
//! removes `/run/pcscd/pcscd.pid`, which a service of the system, if there is one, takes for its own.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::{fd::OwnedFd, unix::net::UnixListener},
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread::{self, JoinHandle},
};

use kaigotap_virtual_card::{
    VirtualCard,
    plug::{self, PlugError, StopFlag, Unplugged},
};
use tempfile::TempDir;

use crate::process::{Running, run, until};

/// Where the distribution has the daemon and the reader's driver.
const DAEMON: &str = "/usr/sbin/pcscd";
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// The daemon insists on this directory, whatever socket it is given.
const RUN_DIRECTORY: &str = "/run/pcscd";
const READER: &str = "KaigoTap Test";
const VARIABLE: &str = "PCSCLITE_CSOCK_NAME";

/// Moves the socket from standard input to descriptor 3 and becomes the daemon, which must end with its parent.
const BECOME_DAEMON: &str = r#"
    exec 3<&0 0</dev/null
    LISTEN_PID=$$ LISTEN_FDS=1 exec setpriv --pdeathsig KILL "$1" --foreground --config "$2"
"#;

/// One of the two places for a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The reader listed first.
    First,
    /// The other one.
    Second,
}

/// A running reader service with two empty slots. Dropping it ends the service.
#[derive(Debug)]
pub struct Pcscd {
    directory: TempDir,
    socket: UnixListener,
    port: u16,
    name: Vec<u8>,
    daemon: Option<Running>,
}

impl Pcscd {
    /// Starts the service.
    pub fn start() -> Self {
        Self::named(READER.as_bytes())
    }

    /// Starts the service with a reader of that name, in whichever encoding.
    pub fn named(name: &[u8]) -> Self {
        for file in [DAEMON, DRIVER] {
            assert!(
                Path::new(file).exists(),
                "{file} is missing: apt-get install pcscd vsmartcard-vpcd, or run cargo xtask test"
            );
        }
        if let Err(error) = fs::create_dir_all(RUN_DIRECTORY) {
            panic!("pcscd needs {RUN_DIRECTORY}, which root has to make once: {error}");
        }
        // Not below the build directory: a socket's path has to stay under 108 bytes.
        let directory = tempfile::Builder::new().prefix("kaigotap").tempdir().unwrap();
        let socket = UnixListener::bind(directory.path().join("pcscd.comm")).unwrap();
        let port = two_free_ports();
        let rest = format!("\"\nDEVICENAME /dev/null:{port}\nLIBPATH {DRIVER}\nCHANNELID {port}\n");
        let configuration = [b"FRIENDLYNAME \"", name, rest.as_bytes()].concat();
        fs::write(directory.path().join("reader.conf"), configuration).unwrap();
        let mut pcscd = Self { directory, socket, port, name: name.to_vec(), daemon: None };
        pcscd.resume();
        pcscd
    }

    /// Kills the service, as a crash would. Cards in its slots find the reader gone; clients wait for its return.
    pub fn kill(&mut self) {
        self.daemon = None;
    }

    /// Starts the service again after [`Pcscd::kill`].
    pub fn resume(&mut self) {
        let log = File::create(self.log()).unwrap();
        let socket = OwnedFd::from(self.socket.try_clone().unwrap());
        let mut command = Command::new("sh");
        command
            .args(["-c", BECOME_DAEMON, "sh", DAEMON])
            .arg(self.directory.path().join("reader.conf"))
            .stdin(Stdio::from(socket))
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        self.daemon = Some(Running::start(&mut command));
    }

    /// A directory of the test's own, gone at its end.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The name of a slot, as clients show it.
    pub fn reader(&self, slot: Slot) -> String {
        format!("{} 00 0{}", String::from_utf8_lossy(&self.name), slot as u8)
    }

    /// Where a card for that slot connects to.
    pub fn address(&self, slot: Slot) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port + slot as u16).into()
    }

    /// A program that will talk to this service and to no other.
    pub fn client(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env(VARIABLE, self.directory.path().join("pcscd.comm"))
            // OpenSC's caches and settings.
            .env("HOME", self.directory.path())
            .env_remove("OPENSC_CONF")
            .env_remove("OPENSC_DRIVER")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(self.directory.path())
            .stdin(Stdio::null());
        command
    }

    /// Waits until clients see a card there, or an empty slot.
    pub fn await_card(&self, slot: Slot, present: bool) {
        let reader = self.reader(slot);
        until(&format!("{reader} holds a card: {present}"), || {
            let listed = run(self.client("opensc-tool").arg("--list-readers")).succeeded().text();
            let line = listed.lines().find(|line| line.ends_with(&reader))?;
            let seen = line.split_whitespace().nth(1) == Some("Yes");
            (seen == present).then_some(())
        });
    }

    /// Puts a card into an empty slot, and waits until clients see it.
    pub fn plug(&self, slot: Slot, card: VirtualCard) -> Plugged<VirtualCard> {
        self.occupy(slot, move |address, stop| {
            let mut card = card;
            match plug::run(&mut card, address, stop) {
                Ok(Unplugged::Stopped | Unplugged::Torn) | Err(PlugError::ReaderClosed) => card,
                Err(error) => panic!("{error}"),
            }
        })
    }

    /// Puts anything that speaks to `vpcd` into an empty slot, and waits until clients see it.
    ///
    /// A slot that is filled again before the service noticed that it was empty stays empty to clients, so that is
    /// waited for first.
    pub fn occupy<T: Send + 'static>(
        &self,
        slot: Slot,
        occupant: impl FnOnce(SocketAddr, &StopFlag) -> T + Send + 'static,
    ) -> Plugged<T> {
        self.await_card(slot, false);
        let stop = StopFlag::default();
        let (flag, address) = (stop.clone(), self.address(slot));
        let thread = thread::spawn(move || occupant(address, &flag));
        let plugged = Plugged { stop, thread: Some(thread) };
        self.await_card(slot, true);
        plugged
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("pcscd.log")
    }
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        // Asked to end, it also takes its pid file away.
        if let Some(daemon) = self.daemon.take() {
            daemon.stop();
        }
        if thread::panicking() {
            eprintln!("--- pcscd said\n{}", fs::read_to_string(self.log()).unwrap_or_default());
        }
    }
}

/// A card in a slot, served by a thread. Dropping it takes the card out.
#[derive(Debug)]
pub struct Plugged<T> {
    stop: StopFlag,
    thread: Option<JoinHandle<T>>,
}

impl<T> Plugged<T> {
    /// Takes the card out. What clients did to it can be seen on it.
    pub fn take_out(mut self) -> T {
        self.stop.stop();
        let thread = self.thread.take().unwrap();
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl<T> Drop for Plugged<T> {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An even port and its successor, both free, below the range that the system hands out.
fn two_free_ports() -> u16 {
    const FROM: u16 = 20_000;
    const PAIRS: u16 = 6_000;
    static TURN: AtomicU16 = AtomicU16::new(0);

    let start = u16::try_from(process::id() % u32::from(PAIRS)).unwrap();
    let free = |port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok();
    (0..PAIRS)
        .map(|_| FROM + 2 * ((start + TURN.fetch_add(1, Ordering::Relaxed)) % PAIRS))
        .find(|&port| free(port) && free(port + 1))
        .expect("two free ports")
}
