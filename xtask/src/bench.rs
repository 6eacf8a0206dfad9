//! `cargo xtask bench`

mod ffi;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use clap::ValueEnum;

use crate::{machine, root, step, target};

/// A build for release, and some minutes of measuring.
const LIMIT: Duration = Duration::from_mins(20);

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum What {
    /// Commands, bytes and time of what is asked of a card
    Card,
    /// Certificates, revocation lists and OCSP answers
    Pki,
    /// The boundary to Kotlin and to Swift
    Ffi,
    /// Round trips of each way of a visit, and how a municipality's insured persons are brought in
    Visit,
    /// Whole exchanges against the sandbox under load
    Exchange,
}

/// Measures, and writes the figures down if they are wanted and complete.
pub(crate) fn run(what: What, write: bool, with_keycloak: bool) -> bool {
    match what {
        What::Ffi => return ffi::run(write),
        What::Exchange => return exchange(write, with_keycloak),
        What::Visit => return visit(write),
        What::Card | What::Pki => {}
    }
    let machine = machine::look();
    if let What::Pki = what {
        let mut command =
            step::cargo(["run", "--release", "--package", "kaigotap-bench", "--", "pki"]);
        if write {
            command.arg("--write").arg(root().join("docs/benchmarks/pki.md"));
        }
        return step::run("bench pki", command, LIMIT, |_| {}).passed;
    }
    let mut command = step::cargo(["run", "--release", "--package", "kaigotap-bench"]);
    if machine.pcsc.is_ok() {
        command.args(["--features", "pcsc"]);
    }
    command.args(["--", "card"]);
    if let Err(why) = &machine.conformance {
        command.args(["--without-peers", why]);
    }
    if !step::succeeds("valgrind", &["--version"]) {
        println!("SKIPPED: instructions, because valgrind is missing");
        command.arg("--without-valgrind");
    }
    if write {
        let directory = root().join("docs/benchmarks");
        if let Err(error) = fs::create_dir_all(&directory) {
            println!("{} cannot be made: {error}", directory.display());
            return false;
        }
        command.arg("--write").arg(directory.join("card.md"));
    }
    step::run("bench card", command, LIMIT, |_| {}).passed
}

/// The token service whose figures stand beside ours.
const KEYCLOAK: &str = "26.4.7";

fn exchange(write: bool, with_keycloak: bool) -> bool {
    let mut command = step::cargo(["run", "--release", "--package", "kaigotap-load"]);
    command.args(["--", "exchange"]);
    if with_keycloak {
        let Some(folder) = keycloak() else { return false };
        command.arg("--keycloak").arg(folder);
    }
    if write {
        command.arg("--write").arg(root().join("docs/benchmarks/exchange.md"));
    }
    step::run("bench exchange", command, LIMIT, |_| {}).passed
}

/// Programs, each of which prints its part of the document.
fn visit(write: bool) -> bool {
    let parts = [
        ("kaigotap-e2e", vec!["--bin", "visit-cost"], vec![]),
        ("kaigotap-load", vec![], vec!["--", "lists"]),
        ("kaigotap-load", vec![], vec!["--", "import"]),
    ];
    let mut document =
        "# A visit, and what comes before it\n\nMade by\n\n```\ncargo xtask bench visit\n```\n\n"
            .to_owned();
    for (package, before, behind) in parts {
        let mut command = step::cargo(["run", "--quiet", "--release", "--package", package]);
        command.args(before).args(behind);
        let output = match command.stderr(Stdio::inherit()).output() {
            Ok(output) if output.status.success() => output,
            _ => return false,
        };
        document.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    print!("{document}");
    !write || fs::write(root().join("docs/benchmarks/visit.md"), document).is_ok()
}

/// The folder of an unpacked Keycloak.
fn keycloak() -> Option<PathBuf> {
    let folder = target().join("keycloak");
    let unpacked = folder.join(format!("keycloak-{KEYCLOAK}"));
    if !unpacked.exists() {
        let mut maven = Command::new("mvn");
        // It leaves a marker in the folder in which it runs.
        maven.current_dir(target());
        maven.args(["-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack"]);
        maven.arg(format!("-Dartifact=org.keycloak:keycloak-quarkus-dist:{KEYCLOAK}:zip"));
        maven.arg(format!("-DoutputDirectory={}", folder.display()));
        if !step::run("Keycloak", maven, LIMIT, |_| {}).passed {
            return None;
        }
    }
    Some(unpacked)
}
