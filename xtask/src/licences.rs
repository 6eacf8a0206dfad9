//! The licences of everything that ships.
//!
//! `tests/conformance` may run programs under any licence, because it ships nowhere; this shows that they stay there.

use crate::step;

/// Permissive ones, and the MPL, whose copyleft ends with its files.
const ALLOWED: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// Checks every package that is built into what ships, for whatever platform.
pub(crate) fn check() -> Result<Vec<String>, String> {
    let mut tree = step::cargo(["tree", "--workspace", "--all-features", "--target", "all"]);
    tree.args(["--exclude", "kaigotap-conformance", "--exclude", "xtask"]).args([
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}\t{l}",
    ]);
    let listed = step::output_of(&mut tree).ok_or("cargo cannot list the dependencies")?;
    Ok(findings(&listed))
}

fn findings(listed: &str) -> Vec<String> {
    let mut found: Vec<String> = listed
        .lines()
        .filter_map(|line| line.trim_end_matches(" (*)").split_once('\t'))
        .filter(|(_, licence)| !is_allowed(licence))
        .map(|(package, licence)| {
            let licence = if licence.is_empty() { "no licence" } else { licence };
            format!("{package}: {licence}")
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Whether an SPDX expression leaves a choice that is allowed. `A OR B AND C` is read as `(A OR B) AND C`, which is
/// stricter than its meaning.
fn is_allowed(expression: &str) -> bool {
    expression
        .replace(['(', ')'], "")
        .replace('/', " OR ")
        .split(" AND ")
        .all(|part| part.split(" OR ").any(|licence| ALLOWED.contains(&licence.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices() {
        for allowed in [
            "MIT",
            "MIT OR GPL-3.0",
            "Unlicense/MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in ["", "LGPL-2.1-or-later", "MIT AND GPL-3.0", "(MIT OR ISC) AND LGPL-2.1"] {
            assert!(!is_allowed(refused), "{refused}");
        }
    }

    #[test]
    fn packages_are_named_once() {
        let listed = "kaigotap v0.1.0 (here)\tMIT\njpki v0.4.3\tLGPL-2.1-or-later\n\
            \njpki v0.4.3\tLGPL-2.1-or-later (*)\nx v1.0.0\t\n";
        assert_eq!(findings(listed), ["jpki v0.4.3: LGPL-2.1-or-later", "x v1.0.0: no licence"]);
    }
}
