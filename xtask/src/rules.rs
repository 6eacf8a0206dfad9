//! `docs/rules.md`: every rule of a visit, and the tests that prove it; `docs/systems.md`: every system around one, and a
//! test that uses it.

use std::{fs, path::Path};

const RULES_FILE: &str = "docs/rules.md";
const SYSTEMS_FILE: &str = "docs/systems.md";
/// How many rules there are: R01 to R38.
const RULES: usize = 38;
/// How many systems there are.
const SYSTEMS: usize = 17;
/// What a system without a test says instead.
const NO_PART: &str = "*No part for software here:* ";
/// What a rule without a test says instead.
const INSTEAD: [&str; 2] = ["*Not built:* ", "*No rule for software:* "];

/// Prints every rule, and what is wrong with the table.
pub(crate) fn print(root: &Path) -> Result<Vec<String>, String> {
    let text = read(root, RULES_FILE)?;
    for row in rows(&text) {
        let [number, status, rule, _, place, tests] = row[..] else { continue };
        println!("{number} {status:9} {rule}\n    in: {place}\n    by: {tests}");
    }
    let count = |what: &str| rows(&text).filter(|row| row.iter().any(|c| c.contains(what))).count();
    println!("\n{} with tests, {} not or not wholly built", count(".rs::"), count(INSTEAD[0]));
    check(root)
}

/// What is wrong with the tables.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut found = findings(root, &read(root, RULES_FILE)?);
    found.extend(unused(root, &read(root, SYSTEMS_FILE)?));
    Ok(found)
}

fn read(root: &Path, file: &str) -> Result<String, String> {
    fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))
}

/// The cells of each rule.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| line.starts_with("| R")).map(cells)
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// The tests that a cell names, and which of them are not there.
fn named(root: &Path, cell: &str) -> (usize, Vec<String>) {
    let named: Vec<_> = cell.split('`').skip(1).step_by(2).collect();
    let named: Vec<_> = named.iter().filter_map(|code| code.split_once(".rs::")).collect();
    let is_missing = |(file, name): &&(&str, &str)| {
        let source = fs::read_to_string(root.join(format!("{file}.rs"))).unwrap_or_default();
        !source.contains(&format!("fn {name}("))
    };
    let missing = named.iter().filter(is_missing);
    (named.len(), missing.map(|(file, name)| format!("there is no {file}.rs::{name}")).collect())
}

/// What is wrong with the table of systems.
fn unused(root: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut numbers = Vec::new();
    let is_row = |line: &&str| {
        line.strip_prefix("| ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    for row in text.lines().filter(is_row).map(cells) {
        let [number, _, _, _, _, tests] = row[..] else {
            found.push(format!("{row:?} has not six cells"));
            continue;
        };
        numbers.push(number.to_owned());
        let (count, missing) = named(root, tests);
        if count == 0 && !tests.starts_with(NO_PART) {
            found.push(format!("system {number} names no test"));
        }
        found.extend(missing.into_iter().map(|missing| format!("system {number}: {missing}")));
    }
    if numbers != (1..=SYSTEMS).map(|number| number.to_string()).collect::<Vec<_>>() {
        found.push(format!("not the systems 1 to {SYSTEMS}, each once and in order"));
    }
    found
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
        let (count, missing) = named(root, tests);
        if count == 0 && !INSTEAD.iter().any(|reason| tests.starts_with(reason)) {
            found.push(format!("{number} names no test"));
        }
        found.extend(missing.into_iter().map(|missing| format!("{number}: {missing}")));
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
        let text = read(&root, RULES_FILE).unwrap();
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

    #[test]
    fn a_system_without_a_test_is_found() {
        let root = crate::root();
        let text = read(&root, SYSTEMS_FILE).unwrap();
        let first = |text: &str| unused(&root, text).into_iter().next();
        assert_eq!(first(&text), None);
        let lost = text.replace("a_plan_goes_to_one_office_and_once", "no_such_test");
        let named =
            "system 9: there is no examples/sandbox/tests/exchange/standard.rs::no_such_test";
        assert_eq!(first(&lost), Some(named.into()));
        let bare = text.replacen(NO_PART, "nothing: ", 1);
        assert_eq!(first(&bare), Some("system 6 names no test".into()));
        let fewer = text.replace("| 17 |", "| seventeen |");
        assert_eq!(first(&fewer), Some("not the systems 1 to 17, each once and in order".into()));
    }
}
