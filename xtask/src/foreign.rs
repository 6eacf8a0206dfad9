//! The sandbox, asked by software of other people's: an OAuth client, and a program that makes requests of the document
//! of its API.

use std::path::Path;

use crate::{
    lint,
    machine::Machine,
    npm, step,
    suites::{Listener, Suite},
    venv,
};

/// One of them.
struct Stranger {
    name: &'static str,
    /// Its folder in this repository.
    folder: &'static str,
    usable: fn() -> Result<(), String>,
    install: fn(&Path) -> bool,
    /// By which the sandbox's test is told where it was laid.
    variable: &'static str,
    /// The test.
    test: &'static str,
}

const STRANGERS: [Stranger; 2] = [
    Stranger {
        name: "oauth4webapi",
        folder: "tests/foreign",
        usable: npm::usable,
        install: npm::install,
        variable: "KAIGOTAP_FOREIGN",
        test: "foreign::oauth4webapi",
    },
    Stranger {
        name: "Schemathesis",
        folder: "tests/schemathesis",
        usable: venv::usable,
        install: venv::install,
        variable: "KAIGOTAP_SCHEMATHESIS",
        test: "foreign::schemathesis",
    },
];

/// Runs those that can run here; says what came of them, and which could not.
pub(crate) fn test(machine: &Machine) -> (Vec<Suite>, Vec<String>) {
    let (mut suites, mut skipped) = (Vec::new(), Vec::new());
    for Stranger { name, folder, usable, install, variable, test } in &STRANGERS {
        if let Err(why) = usable() {
            skipped.push(format!("the sandbox asked by {name}, because {why}"));
            continue;
        }
        let mut listener = Listener::default();
        let mut tried = None;
        let passed = match npm::lay(folder) {
            Ok(laid) if install(&laid) => {
                let mut command = step::cargo(["test", "--test", "exchange"]);
                command.args(lint::scope(machine)).env(variable, laid);
                command.args(["--", "--ignored", "--nocapture", test]);
                let ended = step::run(name, command, lint::LIMIT, |line| {
                    listener.hear(line);
                    tried = suite(line).or(tried.take());
                });
                ended.passed
            }
            laid => {
                println!("{folder}: {laid:?}");
                false
            }
        };
        suites.extend(listener.finish(name, passed));
        suites.extend(tried);
    }
    (suites, skipped)
}

/// `foreign client oauth4webapi: 17 passed, 0 failed`, and what Schemathesis says at its end.
fn suite(line: &str) -> Option<Suite> {
    let number = |text: &str| text.trim().parse::<u32>().ok();
    if let Some((name, counts)) =
        line.strip_prefix("foreign client ").and_then(|rest| rest.split_once(": "))
    {
        let (passed, failed) = counts.strip_suffix(" failed")?.split_once(" passed, ")?;
        let name = format!("sandbox, asked by {name}");
        return Some(Suite {
            name,
            passed: number(passed)?,
            failed: number(failed)?,
            ..Suite::default()
        });
    }
    let (made, found) = line.trim().split_once(" generated, ")?;
    let (counted, _) = found.split_once(' ')?;
    let failed = if found.ends_with("passed") { 0 } else { number(counted)? };
    let name = "sandbox, requests that Schemathesis made".to_owned();
    Some(Suite { name, passed: number(made)?.saturating_sub(failed), failed, ..Suite::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_they_tried_is_heard() {
        let counts = |line| suite(line).map(|suite| (suite.passed, suite.failed));
        assert_eq!(counts("foreign client oauth4webapi: 17 passed, 0 failed"), Some((17, 0)));
        assert_eq!(counts("  1791 generated, 18 found 18 unique failures"), Some((1773, 18)));
        assert_eq!(counts("  1791 generated, 1791 passed"), Some((1791, 0)));
        assert_eq!(counts("ok metadata (RFC 8414)"), None);
    }
}
