//! `cargo xtask bench exchange`: whole exchanges against whole processes of the sandbox, and against Keycloak's token
//! exchange, on one machine and in one run.
//!
//! A client's exchange is complete: a challenge, an assertion signed with a card's RSA key, a token. Clients and servers
//! share the processors, as they do wherever this is run again; what a server costs is told in its own processor time.

mod card;
mod connection;
mod device;
mod document;
mod endure;
mod figures;
mod import;
mod keycloak;
mod lists;
mod postgres;
mod process;
mod profile;
mod scenario;
mod serve;
mod volley;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The exchange under load.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure, and write the document
    Exchange {
        /// Where the document goes
        #[arg(long)]
        write: Option<PathBuf>,
        /// An unpacked Keycloak, to be measured beside
        #[arg(long)]
        keycloak: Option<PathBuf>,
        /// How long each load lasts
        #[arg(long, default_value_t = 15)]
        seconds: u64,
        /// How many used challenges there are at most in the database while the cost of one more is measured
        #[arg(long, default_value_t = 5_000_000)]
        most_used: u64,
    },
    /// Kill servers under load, and see that nothing that was confirmed is lost
    Endure {
        /// How long
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// What decides when whom is killed [default: another each time]
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Bring a municipality's insured persons in, and tell what it took
    Import {
        /// How many
        #[arg(long, default_value_t = 2_000_000)]
        persons: u64,
    },
    /// Read long lists, and tell what a part of them takes
    Lists,
    /// One file of them
    #[command(hide = true)]
    Bring(import::Bring),
    /// One server, told on its standard input what to do
    #[command(hide = true)]
    Serve(serve::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Import { persons } => import::measure(persons),
        Command::Lists => lists::measure(),
        Command::Bring(arguments) => import::bring(&arguments),
        Command::Endure { seconds, seed } => endure::run(seconds, seed),
        Command::Exchange { write, keycloak, seconds, most_used } => {
            figures::measure(keycloak.as_deref(), seconds, most_used)
                .and_then(|figures| document::show(&figures, write.as_deref()))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Why it could not be measured.
type Failed = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Failed>;
