//! Servers that take the platform's access tokens, in four languages: each is installed, started on loopback, and asked
//! the same by `tests/resource-servers`.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    kotlin, lint,
    machine::Machine,
    npm, root,
    step::{self, Ended},
    suites::Suite,
    target, venv,
};

const LIMIT: Duration = Duration::from_mins(10);
/// Where they are, one folder each.
const SOURCES: &str = "examples/resource-servers";
/// Asks them.
const JUDGE: &str = "kaigotap-resource-servers";
/// The one with the SDK's own verifier.
const OURS: &str = "kaigotap-resource-server";

/// One that nobody here has written the checks of.
struct Other {
    name: &'static str,
    usable: fn() -> Result<(), String>,
    /// Lays what it needs into a folder; says whether that went well.
    install: fn(&Path) -> bool,
    /// What starts it from there.
    start: fn(&Path) -> Vec<PathBuf>,
}

const OTHERS: [Other; 3] = [
    Other {
        name: "node",
        usable: npm::usable,
        install: npm::install,
        start: |folder| vec!["node".into(), folder.join("serve.js")],
    },
    Other {
        name: "python",
        usable: venv::usable,
        install: venv::install,
        start: |folder| vec![venv::program(folder, "python"), folder.join("serve.py")],
    },
    Other {
        name: "java",
        usable: kotlin::usable,
        install: |folder| {
            let fetched = kotlin::twice("mvn package", |offline| {
                let mut maven = Command::new("mvn");
                maven.current_dir(folder).args(["--quiet", "--batch-mode"]);
                maven.args(offline.then_some("--offline")).arg("package");
                maven
            });
            let mut javac = Command::new("javac");
            javac.current_dir(folder).args(["-Xlint:all", "-Werror", "-cp", "target/dependency/*"]);
            javac.args(["-d", "target/classes", "Server.java", "Serve.java"]);
            fetched && passes("javac", javac)
        },
        start: |folder| {
            let libraries = [folder.join("target/dependency/*"), folder.join("target/classes")];
            let path = env::join_paths(libraries).unwrap_or_default();
            vec!["java".into(), "-cp".into(), path.into(), "Serve".into()]
        },
    },
];

/// Runs all that can run here; says what came of them, and which could not.
pub(crate) fn test(machine: &Machine) -> (Vec<Ended>, Vec<Suite>, Vec<String>) {
    let mut programs = step::cargo(["build", "--bin", JUDGE, "--bin", OURS]);
    programs.args(lint::scope_of_programs(machine));
    let built = step::run("resource servers", programs, LIMIT, |_| {});
    let (mut suites, mut skipped) = (Vec::new(), Vec::new());
    let mut judge = Command::new(program(JUDGE));
    judge.current_dir(root()).arg("axum").arg(program(OURS));
    for Other { name, usable, install, start } in &OTHERS {
        if let Err(why) = usable() {
            skipped.push(format!("the resource server in {name}, because {why}"));
            continue;
        }
        match npm::lay(&format!("{SOURCES}/{name}")) {
            Ok(folder) if install(&folder) => {
                judge.args(["--", name]).args(start(&folder));
            }
            laid => suites.push(Suite {
                name: format!("resource server, {name}: not installed, {:?}", laid.err()),
                failed: 1,
                ..Suite::default()
            }),
        }
    }
    let asked = step::run("requests to resource servers", judge, LIMIT, |line| {
        suites.extend(suite(line));
    });
    (vec![built, asked], suites, skipped)
}

fn program(name: &str) -> PathBuf {
    target().join("debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

fn passes(name: &str, command: Command) -> bool {
    step::run(name, command, LIMIT, |_| {}).passed
}

/// `resource server axum: 62 passed, 0 failed`
fn suite(line: &str) -> Option<Suite> {
    let (name, counts) = line.strip_prefix("resource server ")?.split_once(": ")?;
    let (passed, failed) = counts.strip_suffix(" failed")?.split_once(" passed, ")?;
    Some(Suite {
        name: format!("resource server, {name}"),
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
        ..Suite::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_heard() {
        let heard = suite("resource server axum: 60 passed, 2 failed").unwrap();
        assert_eq!((&*heard.name, heard.passed, heard.failed), ("resource server, axum", 60, 2));
        assert_eq!(suite("  axum: a good one: Granted expected, answered 401"), None);
    }
}
