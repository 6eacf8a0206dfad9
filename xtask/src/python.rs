//! Python's tests: `bindings-python`, with the module that was generated and the library beside it.

use std::{env, fs, process::Command, time::Duration};

use crate::{bindings::Built, root, step, suites::Suite};

const LIMIT: Duration = Duration::from_mins(5);

/// Whether Python's tests can run here, or why not.
pub(crate) fn usable() -> Result<(), String> {
    if step::succeeds("python3", &["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]) {
        Ok(())
    } else {
        Err("there is no Python 3.9 or later (Debian: python3)".to_owned())
    }
}

/// Runs them.
pub(crate) fn test(built: &Built) -> Vec<Suite> {
    let module = built.bindings.join("python");
    let beside = built.library.file_name().map(|name| module.join(name)).unwrap_or_default();
    let mut suite = Suite { name: "python".to_owned(), ..Suite::default() };
    if let Err(error) = fs::copy(&built.library, beside) {
        println!("the library cannot be laid beside Python's module: {error}");
        return vec![Suite { failed: 1, ..suite }];
    }
    let mut command = Command::new("python3");
    command
        .args(["-B", "-m", "unittest", "discover", "--verbose", "-s", "bindings-python"])
        .current_dir(root())
        .env("PYTHONPATH", env::join_paths([&module]).unwrap_or_default())
        .env("KAIGOTAP_COMMAND", &built.program);
    let ended = step::run("python", command, LIMIT, |line| hear(&mut suite, line));
    suite.seconds = ended.took.as_secs_f64();
    if (!ended.passed && suite.failed == 0) || suite.passed + suite.failed == 0 {
        suite.failed += 1;
    }
    vec![suite]
}

/// `test_a_visit (test_kaigotap.Visits.test_a_visit) ... ok`
fn hear(suite: &mut Suite, line: &str) {
    match line.rsplit_once(" ... ").map(|(_, result)| result) {
        Some("ok") => suite.passed += 1,
        Some("FAIL" | "ERROR") => suite.failed += 1,
        Some(result) if result.starts_with("skipped") => suite.ignored += 1,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unittest_says() {
        let mut suite = Suite::default();
        let said = "test_one (t.A.test_one) ... ok\ntest_two (t.A.test_two) ... FAIL\n\
            test_three (t.A.test_three) ... ERROR\ntest_four (t.A.test_four) ... skipped 'why'\n\
            Ran 4 tests in 0.1s\nFAILED (failures=1)\n";
        said.lines().for_each(|line| hear(&mut suite, line));
        assert_eq!((suite.passed, suite.failed, suite.ignored), (1, 2, 1));
    }
}
