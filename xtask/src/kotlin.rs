//! Kotlin's tests, by Maven.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{bindings::Built, lint, machine::Machine, root, step, suites::Suite, target};

const LIMIT: Duration = Duration::from_mins(30);

/// Whether Kotlin's tests can run here, or why not.
pub(crate) fn usable() -> Result<(), String> {
    // It prints the version of the Java runtime, too, so without one it fails.
    if step::succeeds("mvn", &["--version"]) {
        Ok(())
    } else {
        Err("Maven with a JDK is missing (Debian: maven, openjdk-17-jdk-headless)".to_owned())
    }
}

/// Builds and tests all Kotlin modules; over a real pcscd too, where one can run.
pub(crate) fn suites(built: &Built, machine: &Machine) -> Vec<Suite> {
    let reader = if machine.conformance.is_ok() { with_reader(machine) } else { None };
    let output = output_folder();
    if let Err(error) = forget(&output) {
        println!("{}: {error}", output.display());
    }
    let passed = twice("kotlin", |offline| {
        let mut command = Command::new(reader.as_deref().unwrap_or(Path::new("mvn")));
        if reader.is_some() {
            command.args(["mvn", "-Dkaigotap.pcscd=1"]);
        }
        of(built, command, offline, &["test"])
    });
    let mut suites: Vec<Suite> = reports(&output).iter().filter_map(|text| suite(text)).collect();
    suites.sort_by(|one, other| one.name.cmp(&other.name));
    if suites.is_empty() || (!passed && suites.iter().all(|suite| suite.failed == 0)) {
        suites.push(Suite {
            name: "kotlin: maven failed".to_owned(),
            failed: 1,
            ..Suite::default()
        });
    }
    suites
}

/// What the boundary costs a Kotlin program, as tab-separated values; `None` if it could not be measured.
pub(crate) fn cost(built: &Built) -> Option<String> {
    let mut rows = Vec::new();
    let passed = heard_twice(
        "what the boundary costs in Kotlin",
        |offline| {
            let goals = ["--projects", "kaigotap", "test-compile", "exec:exec@ffi-cost"];
            of(built, Command::new("mvn"), offline, &goals)
        },
        |line| {
            // Maven resets colours that it was told not to use.
            let line = line.trim_start_matches("\u{1b}[0m").trim_start_matches("\u{1b}[m");
            if line.contains('\t') {
                rows.push(format!("{line}\n"));
            }
        },
    );
    passed.then(|| rows.concat())
}

/// The program that runs another beside a pcscd of its own.
fn with_reader(machine: &Machine) -> Option<PathBuf> {
    let mut build = step::cargo(["build", "--bin", "with-reader"]);
    build.args(lint::scope_of_programs(machine));
    let passed = step::run("a pcscd for Kotlin", build, LIMIT, |_| {}).passed;
    let program = format!("with-reader{}", std::env::consts::EXE_SUFFIX);
    passed.then(|| target().join("debug").join(program))
}

fn output_folder() -> PathBuf {
    target().join("maven")
}

/// Maven, or a program that runs it, over all modules.
fn of(built: &Built, mut command: Command, offline: bool, goals: &[&str]) -> Command {
    let property = |name: &str, path: &Path| format!("-Dkaigotap.{name}={}", path.display());
    let library = built.library.parent().unwrap_or(Path::new("."));
    command.current_dir(root().join("bindings-kotlin")).args(["--quiet", "--batch-mode"]);
    command.args(offline.then_some("--offline"));
    command.args([
        property("bindings", &built.bindings.join("kotlin")),
        property("library", library),
        property("command", &built.program),
        property("output", &output_folder()),
    ]);
    command.args(goals);
    command
}

/// Runs Maven offline first, and again if something has to be fetched; says whether it passed.
pub(crate) fn twice(name: &str, command: impl Fn(bool) -> Command) -> bool {
    heard_twice(name, command, |_| {})
}

/// Offline first; again if something has to be fetched.
fn heard_twice(name: &str, command: impl Fn(bool) -> Command, mut hear: impl FnMut(&str)) -> bool {
    let mut lacking = false;
    let offline = step::run(name, command(true), LIMIT, |line| {
        lacking |= line.contains("offline mode");
        hear(line);
    });
    if offline.passed || !lacking {
        return offline.passed;
    }
    step::run(&format!("{name}, with what has to be fetched"), command(false), LIMIT, hear).passed
}

/// The folders that Maven's test runner writes its reports to, one a module.
fn report_folders(output: &Path) -> io::Result<Vec<PathBuf>> {
    let modules = fs::read_dir(output)?.filter_map(Result::ok);
    Ok(modules
        .map(|module| module.path().join("surefire-reports"))
        .filter(|at| at.is_dir())
        .collect())
}

/// Takes away what earlier runs left: their reports, and classes whose sources are gone.
fn forget(output: &Path) -> io::Result<()> {
    match fs::remove_dir_all(output) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn reports(output: &Path) -> Vec<String> {
    let folders = report_folders(output).unwrap_or_default();
    let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    files
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "xml"))
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect()
}

/// What a report, `TEST-….xml`, says of its class.
fn suite(report: &str) -> Option<Suite> {
    let (_, head) = report.split_once("<testsuite ")?;
    let (head, _) = head.split_once('>')?;
    let attribute = |name: &str| {
        let (_, value) = head.split_once(&format!(" {name}=\""))?;
        value.split('"').next()
    };
    let count = |name: &str| attribute(name)?.parse::<u32>().ok();
    let failed = count("failures")? + count("errors")?;
    let ignored = count("skipped")?;
    Some(Suite {
        name: format!("kotlin, {}", attribute("name")?.rsplit('.').next()?),
        passed: count("tests")?.saturating_sub(failed + ignored),
        failed,
        ignored,
        // Thousands are set apart by commas.
        seconds: attribute("time")?.replace(',', "").parse().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read() {
        let report = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuite xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" version=\"3.0.2\" \
             name=\"kaigotap.desktop.PcscdTest\" time=\"1,234.5\" tests=\"9\" errors=\"1\" \
             skipped=\"2\" failures=\"3\">\n  <properties/>\n</testsuite>";
        let read = suite(report).unwrap();
        assert_eq!(read.name, "kotlin, PcscdTest");
        assert_eq!((read.passed, read.failed, read.ignored), (3, 4, 2));
        assert!((read.seconds - 1234.5).abs() < 1e-9);
        assert_eq!(suite("<testsuite name=\"a\" tests=\"x\">"), None);
        assert_eq!(suite(""), None);
    }

    #[test]
    fn reports_are_found_and_forgotten() {
        let output = root().join("target/xtask-kotlin-test");
        let folder = output.join("module/surefire-reports");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("TEST-a.xml"), "<testsuite ").unwrap();
        fs::write(folder.join("a.txt"), "no report").unwrap();
        assert_eq!(reports(&output), ["<testsuite "]);
        forget(&output).unwrap();
        assert!(reports(&output).is_empty());
        forget(&output).unwrap();
    }
}
