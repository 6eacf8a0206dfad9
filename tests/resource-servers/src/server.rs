//! A server as a process of its own.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::platform::Platform;

/// How long it may take to start.
const START: Duration = Duration::from_mins(1);

/// Lives as long as this does.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts it, and waits until it says where it listens.
    pub(crate) fn start(
        program: &str,
        arguments: &[String],
        platform: &Platform,
    ) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(program)
            .args(arguments)
            .envs(platform.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut server = Self { process, port: 0 };
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        server.port = receiver.recv_timeout(START)?.trim().parse()?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
