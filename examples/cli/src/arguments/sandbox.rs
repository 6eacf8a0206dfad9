//! What can be typed by whoever looks after a sandbox.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use kaigotap_sandbox::Anchor;
use kaigotap_virtual_card::Person;

use super::card::person;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,

    /// Serve TLS as this folder says, which `kaigotap sandbox init FOLDER` made
    #[arg(long, value_name = "FOLDER")]
    pub(crate) directory: Option<PathBuf>,

    /// Address to listen on; without --directory this machine only, because it is plain HTTP. Port 0 takes a free one
    /// [default: 127.0.0.1:8443, or as the folder says]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,

    /// Where to keep the data: memory, sqlite:FILE, or postgres://… (with --database-key) [default: memory, or as the
    /// folder says]
    #[arg(long, value_name = "DATABASE")]
    pub(crate) database: Option<String>,

    /// The file with the key that opens the keys in a PostgreSQL database; made, readable by you only, if it is not there
    #[arg(long, value_name = "FILE", requires = "database")]
    pub(crate) database_key: Option<PathBuf>,

    /// Tell whether it lives (/health/live), whether it can serve (/health/ready) and what it counts (/metrics, for
    /// Prometheus) on this address of this machine
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) admin: Option<SocketAddr>,

    /// How the log is written, to standard error: text, or one JSON object a line, at level info and above unless
    /// KAIGOTAP_LOG says otherwise. Nobody is named in it
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,

    /// Know this person of your own, too (a file that ends in .toml); may be given several times
    #[arg(long = "person", value_name = "FILE", value_parser = person)]
    pub(crate) guests: Vec<Person>,

    /// Write a device's enrolment for `kaigotap visit` to this file (it holds a staff token; readable by you only)
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Subcommand)]
pub(crate) enum SandboxCommand {
    /// Make a folder with all that a sandbox with TLS needs: certificates, keys, configuration
    Init(SandboxInit),
    /// Get a code with which one device of a facility can enrol, as text and as a QR code
    Activate(SandboxActivate),
    /// The devices that are enrolled, and the end of one
    #[command(subcommand)]
    Devices(SandboxDevices),
    /// What happened in a sandbox, and whether the record of it was tampered with
    Audit(SandboxAudit),
}

#[derive(Args)]
pub(crate) struct SandboxInit {
    /// The folder; new, or empty. Readable by you only
    pub(crate) folder: PathBuf,

    /// A name by which other machines call it; the first is its own. May be given several times [default: localhost]
    #[arg(long = "name", value_name = "HOST", value_parser = host)]
    pub(crate) names: Vec<String>,

    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
}

/// A name in small letters that needs no quoting anywhere.
fn host(text: &str) -> Result<String, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if !text.is_empty() && text.bytes().all(is_plain) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a name of letters, digits, hyphens and dots, or an IPv4 address")
    }
}

#[derive(Args)]
pub(crate) struct SandboxAudit {
    #[command(subcommand)]
    pub(crate) question: SandboxAuditQuestion,
}

#[derive(Subcommand)]
pub(crate) enum SandboxAuditQuestion {
    /// Go through the whole chain: what was changed, removed, moved or cut off is found, and where
    #[command(
        after_help = "Exit codes: 0 the chain holds; 1 it does not; 2 the input cannot be used."
    )]
    Verify {
        #[command(flatten)]
        store: Kept,
        /// The end of an earlier time, as it was printed then: what was there must still be there
        #[arg(long, value_name = "ANCHOR")]
        anchor: Option<Anchor>,
    },
    /// Show the records, the oldest first. Nobody is named: digests are the same for the same
    List {
        #[command(flatten)]
        store: Kept,
        /// Only those after this one
        #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
        after: u64,
    },
}

#[derive(Args)]
pub(crate) struct SandboxActivate {
    /// The facility whose device it will be
    #[arg(long, default_value = kaigotap_sandbox::FACILITY_ID, value_name = "NUMBER")]
    pub(crate) facility: String,

    /// What people call the device
    #[arg(long, default_value = "sandbox", value_name = "TEXT")]
    pub(crate) label: String,

    /// Draw the QR code into this file, too
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) store: Kept,
}

#[derive(Subcommand)]
pub(crate) enum SandboxDevices {
    /// Show them all, the oldest first
    List {
        #[command(flatten)]
        store: Kept,
    },
    /// End one, which is lost or stolen: whatever it has is refused from now on
    Kill {
        /// Its name, as the list shows it
        device: String,

        #[command(flatten)]
        store: Kept,
    },
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Kept {
    /// The folder of the sandbox
    #[arg(long, value_name = "FOLDER", conflicts_with = "database")]
    pub(crate) directory: Option<PathBuf>,

    /// Its database: sqlite:FILE, or postgres://… (with --database-key)
    #[arg(long, value_name = "DATABASE")]
    pub(crate) database: Option<String>,

    /// The file with the key that opens the keys in a PostgreSQL database
    #[arg(long, value_name = "FILE", requires = "database")]
    pub(crate) database_key: Option<PathBuf>,
}
