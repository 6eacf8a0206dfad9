//! OAuth software of other people's, as a client of the sandbox.

use crate::{
    lint,
    machine::Machine,
    npm, step,
    suites::{Listener, Suite},
};

/// The client, with its own `package-lock.json`.
const FOLDER: &str = "tests/foreign";

/// Runs it, if it can run here; otherwise says why not.
pub(crate) fn test(machine: &Machine) -> Result<Vec<Suite>, String> {
    npm::usable().map_err(|why| format!("the foreign client of the sandbox, because {why}"))?;
    let mut listener = Listener::default();
    let mut tried = None;
    let passed = match npm::lay(FOLDER) {
        Ok(folder) if npm::install(&folder) => {
            let mut command = step::cargo(["test", "--test", "exchange"]);
            command.args(lint::scope(machine)).env("KAIGOTAP_FOREIGN", folder);
            command.args(["--", "--ignored", "--nocapture", "foreign::"]);
            let ended = step::run("a foreign client", command, lint::LIMIT, |line| {
                listener.hear(line);
                tried = suite(line).or(tried.take());
            });
            ended.passed
        }
        laid => {
            println!("{FOLDER}: {laid:?}");
            false
        }
    };
    let mut suites = listener.finish("a foreign client", passed);
    suites.extend(tried);
    Ok(suites)
}

/// `foreign client oauth4webapi: 17 passed, 0 failed`
fn suite(line: &str) -> Option<Suite> {
    let (name, counts) = line.strip_prefix("foreign client ")?.split_once(": ")?;
    let (passed, failed) = counts.strip_suffix(" failed")?.split_once(" passed, ")?;
    Some(Suite {
        name: format!("sandbox, asked by {name}"),
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
        ..Suite::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_tried_is_heard() {
        let heard = suite("foreign client oauth4webapi: 17 passed, 0 failed").unwrap();
        assert_eq!((heard.passed, heard.failed), (17, 0));
        assert_eq!(suite("ok metadata (RFC 8414)"), None);
    }
}
