//! The project's own commands: `cargo xtask --help`.

mod agreement;
mod api;
mod bench;
mod bindings;
mod foreign;
mod fuzz;
mod kotlin;
mod languages;
mod licences;
mod lint;
mod loops;
mod machine;
mod npm;
mod package;
mod paths;
mod python;
mod quotes;
mod report;
mod resource_servers;
mod rooms;
mod rules;
mod size;
mod step;
mod suites;
mod swift;
mod test;
mod threats;
mod venv;
mod words;

use std::{env, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Before you send a change:  cargo xtask fmt && cargo xtask test"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything: installs what it needs, lints, tests, and clients of other people's on a real pcscd
    ///
    /// On Debian, as root, missing packages are installed. Elsewhere it says what is missing and what it therefore
    /// skips; where CI is set in the environment, skipping fails. The last line sums up all suites.
    Test {
        /// Only these languages, after generating what they call the library by
        #[arg(value_enum)]
        languages: Vec<languages::Language>,
        /// Install nothing; say what is missing
        #[arg(long)]
        no_install: bool,
    },
    /// The sandbox, asked by software of other people's: an OAuth client, and requests made of the document of its API
    Foreign,
    /// Servers that take the platform's access tokens, in Rust, Node.js, Python and Java: one table of requests to each
    ResourceServers,
    /// Build the library as an app gets it, and generate what Kotlin, Swift and Python call it by
    ///
    /// They lie in `target/bindings`, one folder a language; the library in `target/mobile`.
    Bindings,
    /// Write down the public API in Rust and Kotlin, which every test run compares
    Api,
    /// Figures beside other people's clients, written to docs/benchmarks
    ///
    /// What cannot be measured here is named, and then nothing is written.
    Bench {
        /// What is measured
        #[arg(value_enum)]
        what: bench::What,
        /// Only show the figures
        #[arg(long)]
        no_write: bool,
        /// With `exchange`: beside Keycloak, too, which Maven brings (160 MB)
        #[arg(long)]
        with_keycloak: bool,
    },
    /// Certificate chains with something wrong in them, judged by the SDK and by OpenSSL
    ///
    /// Any disagreement that docs/divergences.md does not name is a failure, with its seed and number.
    Differential {
        /// How many
        #[arg(long, default_value_t = 20_000, value_name = "N")]
        chains: u32,
        /// Which ones
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
        /// Only this one, put into target/differential for OpenSSL's own commands
        #[arg(long, value_name = "N")]
        case: Option<u64>,
    },
    /// Formatting, rooms, words, licences, clippy, rustdoc: each without a complaint
    Lint,
    /// Run the fuzz targets, each from its seeds; needs a nightly toolchain and a C++ compiler
    ///
    /// What they find lies in `target/fuzz/artifacts`, what they learn in `target/fuzz/corpus`. See fuzz/README.md.
    Fuzz {
        /// This one only
        target: Option<String>,
        /// For how long, each
        #[arg(long, default_value_t = 10, value_name = "N")]
        minutes: u16,
        /// For a few seconds, each
        #[arg(long, conflicts_with = "minutes")]
        smoke: bool,
        /// Run nothing: write the seeds anew, from the virtual card and the test card's data
        #[arg(long, conflicts_with_all = ["target", "minutes", "smoke"])]
        seeds: bool,
    },
    /// What app developers download: the AAR for Android, in target/package; the XCFramework for iOS
    Package {
        /// For what
        #[arg(value_enum)]
        what: package::What,
        /// Pack what there is, for inspection only: nothing that may be published
        #[arg(long)]
        allow_missing: bool,
    },
    /// What the library weighs on a phone, with and without its parts, and by crate
    ///
    /// Needs clang and llvm, and rustup's targets aarch64-linux-android and aarch64-apple-ios.
    Size {
        /// Only show the figures
        #[arg(long)]
        no_write: bool,
    },
    /// Format all code
    Fmt,
    /// Record the conversations of tests/vectors/transcripts anew, with the virtual card
    Transcripts,
    /// Prove that the rooms of core use only rooms below them
    Rooms,
    /// Every rule of a visit: where it is enforced, and the tests that prove it
    Rules,
    /// Find words that only mean something on somebody's machine: paths, package hosts, numbers of issues
    Words,
    /// Prove that everything that ships is under a permissive licence or the MPL, and comes from the public registry
    Licences,
}

fn main() -> ExitCode {
    let passed = match Arguments::parse().command {
        Command::Test { languages, no_install } if languages.is_empty() => {
            test::everything(!no_install)
        }
        Command::Test { languages, no_install } => test::only(&languages, !no_install),
        Command::Foreign => test::foreign(),
        Command::ResourceServers => test::servers(),
        Command::Bindings => {
            let (steps, built) = bindings::generate(&machine::look());
            report::summary(&steps, &[], &[]);
            built.is_some()
        }
        Command::Api => api::write(&machine::look()),
        Command::Bench { what, no_write, with_keycloak } => {
            bench::run(what, !no_write, with_keycloak)
        }
        Command::Differential { chains, seed, case } => {
            test::differential(chains, seed, case).passed
        }
        Command::Lint => lint::all(&machine::look()),
        Command::Fuzz { seeds: true, .. } => fuzz::seeds(),
        Command::Fuzz { target, minutes, smoke, .. } => {
            fuzz::run(target.as_deref(), if smoke { fuzz::SMOKE } else { fuzz::minutes(minutes) })
        }
        Command::Package { what: package::What::Android, allow_missing } => {
            package::android::run(allow_missing)
        }
        Command::Package { what: package::What::Ios, .. } => package::ios::run(),
        Command::Size { no_write } => size::run(!no_write),
        Command::Fmt => lint::fmt(&[]).iter().all(|ended| ended.passed),
        Command::Transcripts => {
            let recording =
                step::cargo(["run", "--package", "kaigotap-e2e", "--bin", "transcripts"]);
            step::run("transcripts", recording, lint::LIMIT, |_| {}).passed
        }
        Command::Rooms => report::findings(&rooms::check(&root())),
        Command::Rules => report::findings(&rules::print(&root())),
        Command::Words => report::findings(&words::check(&root())),
        Command::Licences => report::findings(&licences::check(&root())),
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The top of the repository.
fn root() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map(PathBuf::from).unwrap_or(manifest)
}

/// Where cargo puts what it builds.
fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}
