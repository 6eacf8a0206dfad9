//! Words that only mean something on somebody's machine, or outside this repository.

use std::{fs, path::Path};

use crate::step;

/// A word that no file may have.
struct Forbidden {
    word: &'static str,
    why: &'static str,
    /// Files that may.
    except: fn(&str) -> bool,
}

const MACHINE: &str = "a path of somebody's machine";
const REGISTRY: &str = "the host of a package registry";

const fn never(word: &'static str, why: &'static str) -> Forbidden {
    Forbidden { word, why, except: |_| false }
}

const fn registry(word: &'static str) -> Forbidden {
    Forbidden {
        word,
        why: REGISTRY,
        except: |file| file == "Cargo.lock" || file.ends_with("/Cargo.lock"),
    }
}

/// Written in two pieces each, so that this file has none of them.
const FORBIDDEN: [Forbidden; 17] = [
    never(concat!("/wo", "rk/"), MACHINE),
    never(concat!("/ho", "me/"), MACHINE),
    never(concat!("/ro", "ot/"), MACHINE),
    never(concat!("/Us", "ers/"), MACHINE),
    never(concat!("../sha", "red"), MACHINE),
    Forbidden { word: concat!("/t", "mp/"), why: MACHINE, except: is_test },
    registry(concat!("crates", ".io")),
    registry(concat!("pypi", ".org")),
    registry(concat!("python", "hosted.org")),
    registry(concat!("proxy.go", "lang.org")),
    registry(concat!("npm", "js.org")),
    registry(concat!("npm", "js.com")),
    registry(concat!("maven", ".org")),
    registry(concat!("maven.apache", ".org")),
    registry(concat!("maven.goo", "gle.com")),
    registry(concat!("deb.deb", "ian.org")),
    registry(concat!("security.deb", "ian.org")),
];

/// Checks every file that git tracks or would track.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let listed =
        step::output("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .ok_or("git cannot list the files of this repository")?;
    let mut found = Vec::new();
    for file in listed.split('\0').filter(|file| !file.is_empty()) {
        // What is no text, or was deleted, has no words.
        if let Ok(text) = fs::read_to_string(root.join(file)) {
            found.extend(findings(file, &text));
        }
    }
    Ok(found)
}

fn findings(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for Forbidden { word, why, except } in &FORBIDDEN {
            if !except(file) && begins(line, word) {
                found.push(format!("{file}:{number}: `{word}`: {why}"));
            }
        }
        if names_an_issue(line) {
            found.push(format!("{file}:{number}: the number of an issue"));
        }
    }
    found
}

/// Whether the word is in the line and not the rest of a longer one: `net/home/` is no path of a machine.
fn begins(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !word.starts_with(['/', '.'])
            || before.is_none_or(|c| !c.is_alphanumeric() && !"_-.}/".contains(c))
    })
}

fn is_test(file: &str) -> bool {
    file.split('/').any(|part| part == "tests" || part == "tests.rs")
}

/// The word and a number, with or without `#`.
fn names_an_issue(line: &str) -> bool {
    line.to_lowercase().split("issue").skip(1).any(|rest| {
        let rest = rest.strip_prefix(' ').unwrap_or_default();
        rest.strip_prefix('#').unwrap_or(rest).starts_with(|c: char| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found() {
        for Forbidden { word, .. } in &FORBIDDEN {
            let text = format!("first\nsee `{word}x`, please");
            let found = findings("README.md", &text);
            assert_eq!(found.len(), 1, "{word}: {found:?}");
            assert!(found[0].starts_with("README.md:2: "));
        }
    }

    #[test]
    fn what_only_looks_like_one_is_not() {
        for text in [
            "https://example.com/home/page",
            "src/home/mod.rs",
            "issues are welcome",
            "the issue is 7 bytes",
            "an issuer 1",
        ] {
            assert_eq!(findings("README.md", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn exceptions() {
        let lock =
            format!("source = \"https://github.com/rust-lang/{}-index\"", concat!("crates", ".io"));
        assert_eq!(findings("Cargo.lock", &lock).len(), 0);
        assert_eq!(findings("Cargo.toml", &lock).len(), 1);
        let path = concat!("/t", "mp/x");
        assert_eq!(findings("tests/e2e/src/lib.rs", path).len(), 0);
        assert_eq!(findings("core/src/lib.rs", path).len(), 1);
    }

    #[test]
    fn numbers_of_issues() {
        for number in [7, 12] {
            assert_eq!(findings("a.rs", &format!("// see Issue #{number}")).len(), 1);
            assert_eq!(findings("a.rs", &format!("// see issue {number}.")).len(), 1);
        }
    }
}
