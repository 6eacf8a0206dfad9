//! The licences of everything that ships, and where all that is built comes from.
//!
//! `tests/conformance` may run programs under any licence, because it ships nowhere; this shows that they stay there.
//! cargo-deny knows more (`deny.toml`), but to install it takes longer than most of what every test run does.

use std::{fs, path::Path};

use crate::step;

/// Permissive ones, and the MPL, whose copyleft ends with its files. `deny.toml` has the same.
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

/// Checks every package that is built into what ships, for whatever platform; and that every package of a lock file is
/// from the public registry, with its checksum.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
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
    let mut found = findings(&listed);
    for lock in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let text = fs::read_to_string(root.join(lock)).map_err(|e| format!("{lock}: {e}"))?;
        found.extend(strangers(&text).into_iter().map(|package| format!("{lock}: {package}")));
    }
    Ok(found)
}

/// Packages of a lock file that are neither of this repository nor of the public registry, or have no checksum.
fn strangers(lock: &str) -> Vec<String> {
    const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/";
    let packages = lock.split("[[package]]").skip(1);
    packages
        .filter(|package| package.contains("\nsource = "))
        .filter(|package| !package.contains(REGISTRY) || !package.contains("\nchecksum = \""))
        .map(|package| package.lines().nth(1).unwrap_or_default().to_owned())
        .collect()
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
    fn from_the_public_registry_or_from_here() {
        let package = |name: &str, source: &str, checksum: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n{source}{checksum}\n")
        };
        let public = "source = \"registry+https://github.com/rust-lang/index\"\n";
        let checksum = "checksum = \"00\"\n";
        let lock = [
            package("ours", "", ""),
            package("public", public, checksum),
            package("unchecked", public, ""),
            package("elsewhere", "source = \"git+https://example.com/x\"\n", ""),
            package("other", "source = \"registry+https://example.com/index\"\n", checksum),
        ];
        let names = ["unchecked", "elsewhere", "other"].map(|name| format!("name = \"{name}\""));
        assert_eq!(strangers(&lock.concat()), names);
    }

    #[test]
    fn cargo_deny_allows_the_same() {
        let deny = fs::read_to_string(crate::root().join("deny.toml")).unwrap();
        let (_, list) = deny.split_once("\nallow = [").unwrap();
        let list = list.split(']').next().unwrap();
        let licences: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
        assert_eq!(licences, ALLOWED);
    }

    #[test]
    fn packages_are_named_once() {
        let listed = "kaigotap v0.1.0 (here)\tMIT\njpki v0.4.3\tLGPL-2.1-or-later\n\
            \njpki v0.4.3\tLGPL-2.1-or-later (*)\nx v1.0.0\t\n";
        assert_eq!(findings(listed), ["jpki v0.4.3: LGPL-2.1-or-later", "x v1.0.0: no licence"]);
    }
}
