//! `docs/threats.md` names a test for every threat.

#[cfg(test)]
mod tests {
    use std::fs;

    /// Tests that are named as `path/of/the/file.rs::name`.
    fn named(line: &str) -> impl Iterator<Item = (&str, &str)> {
        line.split('`').skip(1).step_by(2).filter_map(|code| code.split_once(".rs::"))
    }

    #[test]
    fn every_threat_names_tests_that_exist() {
        let text = fs::read_to_string(crate::root().join("docs/threats.md")).unwrap();
        let rows = text.lines().filter(|line| line.starts_with("| T"));
        let mut threats = 0;
        for (number, row) in (1..).zip(rows) {
            threats = number;
            assert!(row.starts_with(&format!("| T{number} |")), "{row}");
            assert!(named(row).next().is_some(), "T{number} names no test");
            for (file, name) in named(row) {
                let source = fs::read_to_string(crate::root().join(format!("{file}.rs")));
                let source = source.unwrap_or_else(|_| panic!("T{number}: no {file}.rs"));
                assert!(source.contains(&format!("fn {name}(")), "T{number}: {file}.rs::{name}");
            }
        }
        assert_eq!(threats, 16);
    }
}
