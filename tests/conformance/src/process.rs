//! Other programs, within bounds: everything here ends by itself.

use std::{
    fmt,
    io::Read,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long a client may take.
pub const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(10);

/// Polls until there is an answer; panics when there is none in time.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        thread::sleep(GLANCE);
    }
}

/// A program that is killed, by its id, when this is dropped.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}")))
    }

    /// What it writes to standard output, where that is a pipe; once.
    pub fn output(&mut self) -> Option<ChildStdout> {
        self.0.stdout.take()
    }

    /// Asks it to end, and kills it if it does not.
    pub fn stop(mut self) {
        if self.ask_to_end() {
            self.wait(Duration::from_secs(5));
        }
    }

    /// SIGTERM.
    fn ask_to_end(&self) -> bool {
        let id = self.0.id().to_string();
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &id]).status();
        asked.is_ok_and(|status| status.success())
    }

    /// How it ended, or `None` if it still runs after this time.
    pub fn wait(&mut self, at_most: Duration) -> Option<ExitStatus> {
        let started = Instant::now();
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if started.elapsed() < at_most => thread::sleep(GLANCE),
                _ => return None,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A process that has ended is past killing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program said and how it ended.
#[derive(Debug)]
pub struct Finished {
    /// The command.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Finished {
    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Panics with everything it said unless it succeeded.
    #[must_use]
    pub fn succeeded(self) -> Self {
        assert!(self.status.success(), "{self}");
        self
    }
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, status, stderr, .. } = self;
        write!(f, "{command}\n{status}\n--- out\n{}\n--- err\n{stderr}", self.text())
    }
}

/// Runs a program to its end, at most [`PATIENCE`].
pub fn run(command: &mut Command) -> Finished {
    Recorded::start(command).finish()
}

/// A program whose words are being kept.
#[derive(Debug)]
pub struct Recorded {
    command: String,
    program: Running,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
}

impl Recorded {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let mut program = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        Self {
            command: format!("{command:?}"),
            stdout: collect(program.0.stdout.take()),
            stderr: collect(program.0.stderr.take()),
            program,
        }
    }

    /// Asks it to end, and waits for that.
    pub fn stop(self) -> Finished {
        self.program.ask_to_end();
        self.finish()
    }

    /// Waits for its end, at most [`PATIENCE`].
    pub fn finish(mut self) -> Finished {
        let status = self.program.wait(PATIENCE);
        drop(self.program);
        let stdout = self.stdout.join().unwrap_or_default();
        let stderr = self.stderr.join().unwrap_or_default();
        let stderr = String::from_utf8_lossy(&stderr).into_owned();
        let command = self.command;
        let Some(status) = status else {
            let stdout = String::from_utf8_lossy(&stdout);
            panic!("no end in {PATIENCE:?}: {command}\n--- out\n{stdout}\n--- err\n{stderr}");
        };
        Finished { command, status, stdout, stderr }
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still worth showing.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}
