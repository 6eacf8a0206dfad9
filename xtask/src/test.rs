//! `cargo xtask test`

use std::{env, process::Command, time::Duration};

use crate::{
    agreement, foreign, fuzz,
    languages::{self, Language},
    lint,
    machine::{self, Machine},
    report, resource_servers, root,
    step::{self, Ended},
    suites::{Listener, Suite},
    target,
};

const LIMIT: Duration = Duration::from_mins(30);

/// Tests only these languages; says whether all of it passed.
pub(crate) fn only(asked: &[Language], install: bool) -> bool {
    if install {
        machine::prepare();
    }
    let begun = languages::begin(asked);
    let languages::Tested { mut checks, suites, skipped } =
        languages::test(&machine::look(), asked, begun);
    if skipped.is_empty() && agreement::has_rust() {
        checks.push(languages::compare(asked));
    }
    report::summary(&checks, &suites, &skipped);
    skipped.is_empty() && passed(&checks, &suites)
}

/// Tests the examples of servers that take access tokens; says whether all of it passed.
pub(crate) fn servers() -> bool {
    let (checks, suites, skipped) = resource_servers::test(&machine::look());
    report::summary(&checks, &suites, &skipped);
    skipped.is_empty() && passed(&checks, &suites)
}

/// Tests the sandbox with software of other people's; says whether all of it passed.
pub(crate) fn foreign() -> bool {
    let (suites, skipped) = foreign::test(&machine::look());
    report::summary(&[], &suites, &skipped);
    skipped.is_empty() && passed(&[], &suites)
}

/// Lints and tests everything; says whether all of it passed.
pub(crate) fn everything(install: bool) -> bool {
    if install {
        machine::prepare();
    }
    let machine = machine::look();
    let begun = languages::begin(&languages::ALL);
    agreement::forget();
    let mut checks = lint::checks(&machine);
    let mut suites = workspace(&machine);
    if machine.pcsc.is_ok() {
        suites.extend(without_reader());
    }
    if machine.conformance.is_ok() {
        let (build, tests) = conformance(&machine);
        checks.push(build);
        suites.extend(tests);
    }
    if machine.node.is_ok() {
        let (install, tests) = foreign_issuer();
        checks.push(install);
        suites.extend(tests);
    }
    if machine.openssl.is_ok() {
        checks.push(few_chains(&machine));
    }
    let others = languages::test(&machine, &languages::ALL, begun);
    checks.extend(others.checks);
    suites.extend(others.suites);
    let mut skipped = machine.skipped();
    let (steps, servers, without) = resource_servers::test(&machine);
    checks.extend(steps);
    suites.extend(servers);
    skipped.extend(without);
    let (asked, without) = foreign::test(&machine);
    suites.extend(asked);
    skipped.extend(without);
    if others.skipped.is_empty() {
        checks.push(languages::compare(&languages::ALL));
    }
    skipped.extend(others.skipped);
    let may_skip = skipped.is_empty() || env::var_os("CI").is_none();
    match fuzz::usable() {
        Ok(()) => checks.extend(fuzz::targets(None, fuzz::SMOKE)),
        // Anywhere: the corpora were run as ordinary tests all the same.
        Err(why) => skipped.push(format!("the fuzz targets, because {why}")),
    }
    report::summary(&checks, &suites, &skipped);
    passed(&checks, &suites) && may_skip
}

fn passed(checks: &[Ended], suites: &[Suite]) -> bool {
    checks.iter().all(|check| check.passed) && suites.iter().all(|suite| suite.failed == 0)
}

/// Unit, integration and documentation tests of everything that needs no reader.
fn workspace(machine: &Machine) -> Vec<Suite> {
    let mut command = step::cargo(["test", "--no-fail-fast"]);
    command.args(lint::scope(machine));
    if machine.pcsc.is_ok() {
        command.args(["--exclude", CONFORMANCE]);
    }
    tests("tests", command)
}

/// The command as it is built on a machine that has no PC/SC, as the demo is.
fn without_reader() -> Vec<Suite> {
    let mut command = step::cargo(["test", "--no-fail-fast", "--test", "cli"]);
    command.args(lint::WITHOUT_READER);
    let mut suites = tests("without a reader", command);
    for suite in &mut suites {
        "kaigotap without a reader".clone_into(&mut suite.name);
    }
    suites
}

const CONFORMANCE: &str = "kaigotap-conformance";

/// Other people's clients, and ours, on a real pcscd.
fn conformance(machine: &Machine) -> (Ended, Vec<Suite>) {
    // Alone the tests build these themselves; here their time is not theirs.
    let mut programs = step::cargo(["build", "--bin", "kaigotap", "--examples"]);
    programs.args(lint::scope_of_programs(machine));
    let ended = step::run("kaigotap with its PC/SC driver, and clients", programs, LIMIT, |_| {});
    let mut command = step::cargo(["test", "--no-fail-fast"]);
    command.args(lint::scope(machine));
    command.args(["--test", "crates", "--test", "kaigotap", "--test", "opensc"]);
    let programs = target().join("debug");
    command.env("KAIGOTAP_BIN", programs.join("kaigotap"));
    command.env("KAIGOTAP_CLIENTS", programs.join("examples"));
    // They mostly wait for the reader, which looks for a card every 400 ms.
    command.args(["--", "--test-threads", "8"]);
    (ended, tests("conformance", command))
}

/// Staff sign in at an OpenID provider from npm, and visit with its tokens.
fn foreign_issuer() -> (Ended, Vec<Suite>) {
    let mut install = Command::new("npm");
    install
        .args(["ci", "--no-progress", "--ignore-scripts"])
        .current_dir(root().join("tests/oidc"));
    let ended = step::run("npm ci in tests/oidc", install, LIMIT, |_| {});
    if !ended.passed {
        return (ended, Vec::new());
    }
    let mut command = step::cargo(["test", "--package", "kaigotap-cli"]);
    command.args(["--test", "foreign_issuer", "--", "--ignored"]);
    (ended, tests("a foreign OpenID provider", command))
}

/// What runs beside OpenSSL.
const DIFFERENTIAL: &str = "kaigotap-differential";

/// Some chains with every test run; a full run has twenty thousand.
fn few_chains(machine: &Machine) -> Ended {
    const CHAINS: &str = "1500";
    let name = format!("{CHAINS} chains beside OpenSSL");
    let mut build = step::cargo(["build", "--bin", DIFFERENTIAL]);
    build.args(lint::scope_of_programs(machine));
    let ended = step::run(DIFFERENTIAL, build, LIMIT, |_| {});
    if !ended.passed {
        return Ended { name, ..ended };
    }
    let program = format!("{DIFFERENTIAL}{}", env::consts::EXE_SUFFIX);
    let mut command = Command::new(target().join("debug").join(program));
    command.current_dir(root()).args(["--chains", CHAINS]);
    step::run(&name, command, LIMIT, |_| {})
}

/// Mutated certificate chains, lists and answers, judged beside OpenSSL.
pub(crate) fn differential(chains: u32, seed: Option<u64>, case: Option<u64>) -> Ended {
    let mut command = step::cargo(["run", "--quiet", "--package", DIFFERENTIAL, "--"]);
    command.args(["--chains", &chains.to_string()]);
    if let Some(seed) = seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if let Some(case) = case {
        command.args(["--case", &case.to_string(), "--write", "target/differential"]);
        return step::run(&format!("case {case} beside OpenSSL"), command, LIMIT, |_| {});
    }
    step::run(&format!("{chains} chains beside OpenSSL"), command, LIMIT, |_| {})
}

fn tests(name: &str, command: Command) -> Vec<Suite> {
    let mut listener = Listener::default();
    let ended = step::run(name, command, LIMIT, |line| listener.hear(line));
    listener.finish(name, ended.passed)
}
