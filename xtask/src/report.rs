//! What is shown at the end.

use crate::{step::Ended, suites::Suite};

/// Shows findings; none is a pass.
pub(crate) fn findings(found: &Result<Vec<String>, String>) -> bool {
    match found {
        Ok(found) => {
            for finding in found {
                println!("{finding}");
            }
            found.is_empty()
        }
        Err(error) => {
            println!("{error}");
            false
        }
    }
}

/// Shows what passed, and as the very last line the sum of all suites.
pub(crate) fn summary(checks: &[Ended], suites: &[Suite], skipped: &[String]) {
    println!(
        "\n{:<52}{:>8}{:>8}{:>9}{:>10}",
        "check or suite", "passed", "failed", "ignored", "seconds"
    );
    for Ended { name, passed, took } in checks {
        let word = if *passed { "ok" } else { "FAILED" };
        println!("{name:<52}{word:>8}{:>27.1}", took.as_secs_f64());
    }
    for Suite { name, passed, failed, ignored, seconds } in suites {
        println!("{name:<52}{passed:>8}{failed:>8}{ignored:>9}{seconds:>10.1}");
    }
    for what in skipped {
        println!("SKIPPED: {what}");
    }
    let wrong: Vec<&str> =
        checks.iter().filter(|check| !check.passed).map(|check| &check.name[..]).collect();
    if !wrong.is_empty() {
        println!("FAILED: {}", wrong.join(", "));
    }
    if !suites.is_empty() {
        println!("{}", sum(suites));
    }
}

/// The sum of all suites, in words that other programs know.
fn sum(suites: &[Suite]) -> String {
    let passed: u32 = suites.iter().map(|suite| suite.passed).sum();
    let failed: u32 = suites.iter().map(|suite| suite.failed).sum();
    format!("{passed} passed, {failed} failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line() {
        let suite = |passed, failed| Suite { passed, failed, ..Suite::default() };
        assert_eq!(sum(&[suite(120, 0), suite(3, 2)]), "123 passed, 2 failed");
        assert_eq!(sum(&[]), "0 passed, 0 failed");
    }

    #[test]
    fn a_finding_or_an_error_fails() {
        assert!(findings(&Ok(Vec::new())));
        assert!(!findings(&Ok(vec!["x".to_owned()])));
        assert!(!findings(&Err("y".to_owned())));
    }
}
