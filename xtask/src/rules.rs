//! `docs/rules.md`: every rule of a visit, and the tests that prove it.

use std::{fs, path::Path};

/// How many rules there are: R01 to R38.
const RULES: usize = 38;
/// What a rule without a test says instead.
const INSTEAD: [&str; 2] = ["*Not built:* ", "*No rule for software:* "];

/// Prints every rule, and what is wrong with the table.
pub(crate) fn print(root: &Path) -> Result<Vec<String>, String> {
    let text = read(root)?;
    for row in rows(&text) {
        let [number, status, rule, _, place, tests] = row[..] else { continue };
        println!("{number} {status:9} {rule}\n    in: {place}\n    by: {tests}");
    }
    let count = |what: &str| rows(&text).filter(|row| row.iter().any(|c| c.contains(what))).count();
    println!("\n{} with tests, {} not or not wholly built", count(".rs::"), count(INSTEAD[0]));
    check(root)
}

/// What is wrong with the table.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    Ok(findings(root, &read(root)?))
}

fn read(root: &Path) -> Result<String, String> {
    fs::read_to_string(root.join("docs/rules.md"))
        .map_err(|error| format!("docs/rules.md: {error}"))
}

/// The cells of each rule.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rules = text.lines().filter(|line| line.starts_with("| R"));
    rules.map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
}

fn findings(root: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut numbers = Vec::new();
    for row in rows(text) {
        let [number, status, _, source, _, tests] = row[..] else {
            found.push(format!("{row:?} has not six cells"));
            continue;
        };
        numbers.push(number.to_owned());
        if !["fixed", "planned", "discussed", "finding"].contains(&status) || source.is_empty() {
            found.push(format!("{number} has no status or source"));
        }
        let named: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        let named: Vec<_> = named.iter().filter_map(|code| code.split_once(".rs::")).collect();
        if named.is_empty() && !INSTEAD.iter().any(|reason| tests.starts_with(reason)) {
            found.push(format!("{number} names no test"));
        }
        for (file, name) in named {
            let source = fs::read_to_string(root.join(format!("{file}.rs"))).unwrap_or_default();
            if !source.contains(&format!("fn {name}(")) {
                found.push(format!("{number}: there is no {file}.rs::{name}"));
            }
        }
    }
    if numbers != (1..=RULES).map(|number| format!("R{number:02}")).collect::<Vec<_>>() {
        found.push(format!("not R01 to R{RULES}, each once and in order"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_tests_or_says_why_not() {
        assert_eq!(check(&crate::root()), Ok(Vec::new()));
    }

    #[test]
    fn what_is_missing_is_found() {
        let root = crate::root();
        let text = read(&root).unwrap();
        let first = |text: &str| findings(&root, text).into_iter().next();
        let lost = text.replace("no_face_no_card", "no_such_test");
        let named = "R02: there is no tests/e2e/tests/bad_input.rs::no_such_test";
        assert_eq!(first(&lost), Some(named.into()));
        let bare = text.replace("*No rule for software:* money", "money");
        assert_eq!(first(&bare), Some("R19 names no test".into()));
        let fewer = text.replace("| R38 |", "| Q38 |");
        assert_eq!(first(&fewer), Some("not R01 to R38, each once and in order".into()));
        let open = text.replace("| R19 | fixed |", "| R19 | perhaps |");
        assert_eq!(first(&open), Some("R19 has no status or source".into()));
    }
}
