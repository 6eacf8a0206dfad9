//! `cargo xtask fuzz`: the fuzz targets of `fuzz/`, built and run without any other tool than a nightly toolchain.

use std::{
    env, fs,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    report, root,
    step::{self, Ended},
    target,
};

/// How long each target runs where it only has to be seen running.
pub(crate) const SMOKE: Duration = Duration::from_secs(2);

const BUILD_LIMIT: Duration = Duration::from_mins(15);
/// What a target may take beyond its time: to start, to run its seeds, to end.
const SLACK: Duration = Duration::from_mins(2);

/// Coverage for libFuzzer, as `cargo fuzz` asks for it.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0";
/// Where the address sanitizer works, it watches the code that is not ours.
const SANITIZED: [&str; 3] =
    ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin"];

pub(crate) fn minutes(minutes: u16) -> Duration {
    Duration::from_secs(60 * u64::from(minutes))
}

/// Whether the targets can be built here, or why not.
pub(crate) fn usable() -> Result<(), String> {
    if host().is_none() {
        return Err("there is no nightly toolchain (rustup toolchain install nightly)".to_owned());
    }
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    if !step::succeeds(&compiler, &["--version"]) {
        return Err(format!("there is no C++ compiler ({compiler})"));
    }
    Ok(())
}

/// Runs one target or all; says whether none found anything.
pub(crate) fn run(target: Option<&str>, time: Duration) -> bool {
    if let Err(why) = usable() {
        println!("The fuzz targets cannot be built: {why}.");
        return false;
    }
    let ended = targets(target, time);
    report::summary(&ended, &[], &[]);
    ended.iter().all(|ended| ended.passed)
}

/// Writes the seeds anew.
pub(crate) fn seeds() -> bool {
    let command = step::cargo(["run", "--package", "kaigotap-fuzz-seeds", "--", "fuzz/corpus"]);
    step::run("seeds", command, BUILD_LIMIT, |_| {}).passed
}

/// Builds the targets and runs them one after the other.
pub(crate) fn targets(only: Option<&str>, time: Duration) -> Vec<Ended> {
    let Some(host) = host() else { return Vec::new() };
    let sanitizer = if SANITIZED.contains(&&host[..]) { " -Zsanitizer=address" } else { "" };
    let mut build = step::nightly_cargo(["build", "--manifest-path", "fuzz/Cargo.toml"]);
    // With a target named, build scripts and macros are built without the coverage.
    build
        .args(["--release", "--bins", "--target", &host, "--target-dir"])
        .arg(directory())
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", format!("{FLAGS}{sanitizer}"));
    let mut ended = vec![step::run("build of the fuzz targets", build, BUILD_LIMIT, |_| {})];
    if !ended[0].passed {
        return ended;
    }
    let known = names();
    let chosen: Vec<_> =
        known.iter().filter(|name| only.is_none_or(|only| only == *name)).collect();
    if chosen.is_empty() {
        println!("There is no such target, but: {}", known.join(", "));
        ended.push(Ended { name: "fuzz".to_owned(), passed: false, took: Duration::ZERO });
    }
    ended.extend(chosen.into_iter().map(|name| one(name, &host, time)));
    ended
}

fn one(name: &str, host: &str, time: Duration) -> Ended {
    let learnt = directory().join("corpus").join(name);
    let artifacts = directory().join("artifacts");
    for directory in [&learnt, &artifacts] {
        if let Err(error) = fs::create_dir_all(directory) {
            println!("{}: {error}", directory.display());
            return Ended { name: name.to_owned(), passed: false, took: Duration::ZERO };
        }
    }
    let mut command = Command::new(directory().join(host).join("release").join(name));
    command
        .current_dir(root())
        .arg(format!("-max_total_time={}", time.as_secs()))
        .arg(format!("-artifact_prefix={}/{name}-", artifacts.display()))
        .args(["-dict=fuzz/dictionaries/card.dict", "-max_len=16384", "-timeout=20"])
        .args(["-rss_limit_mb=1024", "-malloc_limit_mb=64", "-print_final_stats=1"])
        .args(["-verbosity=0"])
        // The smoke goes the same way each time: what is new is looked for where somebody waits for it.
        .arg(format!("-seed={}", u8::from(time == SMOKE)))
        .arg(learnt)
        .arg(format!("fuzz/corpus/{name}"));
    let mut runs = String::new();
    let started = Instant::now();
    let ended = step::run(&format!("fuzz {name}"), command, time + SLACK, |line| {
        if let Some(number) = line.strip_prefix("stat::number_of_executed_units:") {
            number.trim().clone_into(&mut runs);
        }
    });
    let name = format!("fuzz {name}, {runs} runs");
    // A target that ended without a word of its runs did not run.
    Ended { name, passed: ended.passed && !runs.is_empty(), took: started.elapsed() }
}

/// Names of the targets.
fn names() -> Vec<String> {
    let sources = fs::read_dir(root().join("fuzz/fuzz_targets")).into_iter().flatten();
    let name = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<_> = sources.filter_map(|source| name(source.ok()?.path())).collect();
    names.sort();
    names
}

/// Beside the other things that cargo builds.
fn directory() -> PathBuf {
    target().join("fuzz")
}

/// The nightly toolchain's own platform; `None` without that toolchain.
fn host() -> Option<String> {
    let said = step::output("rustup", &["run", "nightly", "rustc", "-vV"])?;
    said.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}
