//! Processes of one's own: how they are started, told what to do and stopped, and what they use.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Result;
use crate::serve::Order;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_mins(2);

/// A server that stops when its standard input ends.
pub(crate) struct Server {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) async fn start(
        address: SocketAddr,
        issuer: &str,
        material: &Path,
        database: &str,
        key_file: Option<&Path>,
    ) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--issuer", issuer, "--database", database, "--listen"]);
        command.arg(address.to_string()).arg("--material").arg(material);
        if let Some(key_file) = key_file {
            command.arg("--key-file").arg(key_file);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let orders = child.stdin.take().ok_or("no pipe")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no pipe")?).lines();
        let mut server = Self { child, orders, answers, address };
        server.answer().await?;
        Ok(server)
    }

    /// Has something done, and brings back what is said of it.
    pub(crate) async fn order(&mut self, order: &Order) -> Result<Value> {
        let line = format!("{}\n", serde_json::to_string(order)?);
        self.orders.write_all(line.as_bytes()).await?;
        self.orders.flush().await?;
        self.answer().await
    }

    async fn answer(&mut self) -> Result<Value> {
        let line = tokio::time::timeout(PATIENCE, self.answers.next_line()).await??;
        Ok(serde_json::from_str(&line.ok_or("a server has ended")?)?)
    }

    /// Ends it at once, in the middle of whatever it does.
    pub(crate) async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    pub(crate) async fn stop(self) -> Result<()> {
        let Self { mut child, orders, .. } = self;
        drop(orders);
        tokio::time::timeout(PATIENCE, child.wait()).await??;
        Ok(())
    }
}

/// A port of loopback that nobody listens on now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Seconds of processor time that a process and those it started have used.
pub(crate) fn seconds(root: u32) -> f64 {
    let ticks: u64 = family(root).into_iter().filter_map(ticks).sum();
    #[expect(clippy::cast_precision_loss, reason = "some thousand ticks")]
    let ticks = ticks as f64;
    ticks / hertz()
}

/// The most memory that a process, or one below it, has had resident, in bytes.
pub(crate) fn most_resident(root: u32) -> u64 {
    family(root).into_iter().map(resident).max().unwrap_or_default()
}

fn resident(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes.and_then(|number| number.trim().parse::<u64>().ok()).unwrap_or_default() * 1024
}

/// A process and all below it, itself first.
pub(crate) fn family(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&id) = found.get(next) {
        next += 1;
        let Ok(tasks) = fs::read_dir(format!("/proc/{id}/task")) else { continue };
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
    }
    found
}

fn ticks(id: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name stands in parentheses and may hold anything; time in user and system mode are the 14th and 15th field.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(field(11)? + field(12)?)
}

fn hertz() -> f64 {
    u32::try_from(rustix::param::clock_ticks_per_second()).map_or(100.0, f64::from)
}
