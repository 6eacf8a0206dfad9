//! What `cargo test` says, added up.

/// One test program, or the documentation tests of one crate.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) ignored: u32,
    pub(crate) seconds: f64,
}

/// Hears the output of `cargo test` line by line.
#[derive(Default)]
pub(crate) struct Listener {
    /// Finished ones.
    suites: Vec<Suite>,
    /// The crate whose tests are running; cargo names it only in the lines for unit and documentation tests.
    crate_name: String,
    /// Started, without a result yet.
    running: Option<Suite>,
}

impl Listener {
    /// Hears one line.
    pub(crate) fn hear(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            let counted = counted(result);
            match &mut self.running {
                // Documentation tests come in several lots, with a result each.
                None => match self.suites.last_mut() {
                    Some(last) => last.add(&counted),
                    None => self.suites.push(counted),
                },
                Some(suite) => {
                    suite.add(&counted);
                    self.suites.extend(self.running.take());
                }
            }
        } else if let Some(name) = self.beginning(line.trim_start()) {
            self.give_up_running();
            self.running = Some(Suite { name, ..Suite::default() });
        }
    }

    /// Everything heard. `succeeded` is cargo's own word: if it failed and no test did, something else went wrong.
    pub(crate) fn finish(mut self, step: &str, succeeded: bool) -> Vec<Suite> {
        self.give_up_running();
        if !succeeded && self.suites.iter().all(|suite| suite.failed == 0) {
            self.suites.push(Suite {
                name: format!("{step}: cargo failed"),
                failed: 1,
                ..Suite::default()
            });
        }
        if self.suites.iter().all(|suite| suite.passed + suite.failed == 0) {
            self.suites.push(Suite {
                name: format!("{step}: no test ran"),
                failed: 1,
                ..Suite::default()
            });
        }
        self.suites.retain(|suite| suite.passed + suite.failed + suite.ignored > 0);
        self.suites
    }

    /// A test program that ended without a result has crashed.
    fn give_up_running(&mut self) {
        if let Some(mut suite) = self.running.take() {
            suite.name.push_str(": crashed");
            suite.failed += 1;
            self.suites.push(suite);
        }
    }

    /// The name of the suite that begins with this line.
    fn beginning(&mut self, line: &str) -> Option<String> {
        if let Some(name) = line.strip_prefix("Doc-tests ") {
            name.clone_into(&mut self.crate_name);
            return Some(format!("{name}, documentation"));
        }
        // `Running unittests src/lib.rs (target/debug/deps/kaigotap-0123456789abcdef)`
        let (source, program) =
            line.strip_prefix("Running ")?.strip_suffix(')')?.split_once(" (")?;
        if let Some(source) = source.strip_prefix("unittests ") {
            let program = program.rsplit(['/', '\\']).next()?;
            program.rsplit_once('-')?.0.clone_into(&mut self.crate_name);
            let part = if source == "src/lib.rs" { "" } else { ", program" };
            return Some(format!("{}{part}", self.crate_name));
        }
        let source = source.replace('\\', "/");
        let name = source.strip_prefix("tests/")?;
        let name = name.strip_suffix("/main.rs").or(name.strip_suffix(".rs"))?;
        Some(format!("{}, {name}", self.crate_name))
    }
}

impl Suite {
    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.seconds += other.seconds;
    }
}

/// `ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s`
fn counted(result: &str) -> Suite {
    let mut suite = Suite::default();
    let (_, counts) = result.split_once(". ").unwrap_or_default();
    for part in counts.split("; ") {
        if let Some(seconds) = part.strip_prefix("finished in ") {
            suite.seconds = seconds.trim_end_matches('s').parse().unwrap_or_default();
        } else if let Some((number, what)) = part.split_once(' ') {
            let number = number.parse().unwrap_or_default();
            match what {
                "passed" => suite.passed = number,
                "failed" => suite.failed = number,
                "ignored" => suite.ignored = number,
                _ => {}
            }
        }
    }
    suite
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(output: &str, succeeded: bool) -> Vec<Suite> {
        let mut listener = Listener::default();
        output.lines().for_each(|line| listener.hear(line));
        listener.finish("core", succeeded)
    }

    fn counts(suites: &[Suite]) -> Vec<(&str, u32, u32)> {
        suites.iter().map(|suite| (&suite.name[..], suite.passed, suite.failed)).collect()
    }

    #[test]
    fn names_and_numbers() {
        let suites = heard(
            "   Compiling kaigotap v0.1.0\n\
             \x20    Running unittests src/lib.rs (target/debug/deps/kaigotap-0123456789abcdef)\n\
             running 3 tests\n\
             test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.25s\n\
             \x20    Running tests/exchange/main.rs (target/debug/deps/exchange-0123456789abcdef)\n\
             test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n\
             \x20    Running unittests src/main.rs (target/debug/deps/empty-0123456789abcdef)\n\
             test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             \x20  Doc-tests kaigotap\n\
             test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.50s\n\
             test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.25s\n",
            false,
        );
        assert_eq!(
            counts(&suites),
            [("kaigotap", 3, 0), ("kaigotap, exchange", 2, 1), ("kaigotap, documentation", 5, 0)]
        );
        assert_eq!(suites[0].ignored, 1);
        assert!((suites[2].seconds - 0.75).abs() < 1e-9);
    }

    #[test]
    fn a_crash_is_a_failure() {
        let running = "     Running unittests src/lib.rs (target/debug/deps/a-1)\n";
        let passed = "test result: ok. 1 passed; 0 failed; 0 ignored; finished in 0.0s\n";
        let next = "     Running tests/b.rs (target/debug/deps/b-1)\n";
        let suites = heard(&format!("{running}running 9 tests\n{next}{passed}"), false);
        assert_eq!(counts(&suites), [("a: crashed", 0, 1), ("a, b", 1, 0)]);
        let suites = heard(&format!("{running}{passed}{next}"), false);
        assert_eq!(counts(&suites), [("a", 1, 0), ("a, b: crashed", 0, 1)]);
    }

    #[test]
    fn nothing_is_a_failure() {
        assert_eq!(
            counts(&heard("error: could not compile\n", false)),
            [("core: cargo failed", 0, 1)]
        );
        assert_eq!(counts(&heard("", true)), [("core: no test ran", 0, 1)]);
        let passed = "test result: ok. 1 passed; 0 failed; 0 ignored; finished in 0.0s\n";
        assert_eq!(counts(&heard(passed, false))[1], ("core: cargo failed", 0, 1));
    }
}
