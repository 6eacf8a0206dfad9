//! Checks that read the code without running it.

use std::time::{Duration, Instant};

use crate::{
    licences, loops,
    machine::Machine,
    paths, quotes, report, rooms, root, rules,
    step::{self, Ended},
    words,
};

/// Enough for building everything on a slow machine.
pub(crate) const LIMIT: Duration = Duration::from_mins(25);

/// Runs every check and says whether all passed.
pub(crate) fn all(machine: &Machine) -> bool {
    let checks = checks(machine);
    report::summary(&checks, &[], &machine.skipped());
    checks.iter().all(|check| check.passed)
}

/// Runs every check, also after one has failed.
pub(crate) fn checks(machine: &Machine) -> Vec<Ended> {
    let mut clippy = step::cargo(["clippy", "--all-targets"]);
    clippy.args(scope(machine)).args(["--", "-D", "warnings"]);
    // Libraries only: the program `kaigotap` and the library of that name would share a page.
    let mut rustdoc = step::cargo(["doc", "--no-deps", "--lib"]);
    rustdoc.args(scope(machine)).env("RUSTDOCFLAGS", "-D warnings");
    let mut checks = fmt(&["--check"]);
    checks.extend([
        own("rooms", || rooms::check(&root())),
        own("rules of a visit", || rules::check(&root())),
        own("words", || words::check(&root())),
        own("licences and sources", || licences::check(&root())),
        own("code in the integration guides", || quotes::check(&root())),
        own("one loop a language", || loops::check(&root())),
        own("what documents point at", || paths::check(&root())),
        step::run("clippy", clippy, LIMIT, |_| {}),
        step::run("rustdoc", rustdoc, LIMIT, |_| {}),
    ]);
    checks
}

/// Formats all code, or checks that it is; the fuzz targets are a workspace of their own.
pub(crate) fn fmt(arguments: &[&str]) -> Vec<Ended> {
    let mut whole = step::cargo(["fmt", "--all", "--"]);
    whole.args(arguments);
    let mut fuzz = step::cargo(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--"]);
    fuzz.args(arguments);
    vec![
        step::run("fmt", whole, LIMIT, |_| {}),
        step::run("fmt of the fuzz targets", fuzz, LIMIT, |_| {}),
    ]
}

/// All that can be built here.
pub(crate) fn scope(machine: &Machine) -> &'static [&'static str] {
    if machine.pcsc.is_ok() { &["--workspace", "--all-features"] } else { &WITHOUT_READER }
}

/// All that can be built without PC/SC.
pub(crate) const WITHOUT_READER: [&str; 7] = [
    "--workspace",
    "--exclude",
    "kaigotap-conformance",
    "--exclude",
    "kaigotap-winscard",
    "--features",
    "kaigotap/link-http,kaigotap/resource-server,kaigotap-ffi/bindgen",
];

/// The same, for programs out of it: with a test among what is built, cargo chooses features as in a test run, so that
/// nothing is compiled again.
pub(crate) fn scope_of_programs(machine: &Machine) -> Vec<&'static str> {
    [scope(machine), &["--test", "cli"]].concat()
}

fn own(name: &str, check: impl FnOnce() -> Result<Vec<String>, String>) -> Ended {
    println!("\n=== {name}");
    let started = Instant::now();
    let passed = report::findings(&check());
    Ended { name: name.to_owned(), passed, took: started.elapsed() }
}
