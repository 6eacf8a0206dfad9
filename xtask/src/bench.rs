//! `cargo xtask bench`

mod ffi;

use std::{fs, time::Duration};

use clap::ValueEnum;

use crate::{machine, root, step};

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
}

/// Measures, and writes the figures down if they are wanted and complete.
pub(crate) fn run(what: What, write: bool) -> bool {
    if let What::Ffi = what {
        return ffi::run(write);
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
