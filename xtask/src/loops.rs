//! Each language has one loop that answers the requests of a conversation. A second one would be where a new kind of
//! request is forgotten.

use std::{collections::BTreeMap, fs, path::Path};

use crate::step;

const LANGUAGES: [&str; 4] = ["rs", "kt", "swift", "py"];
/// They hand on what a loop answers.
const BETWEEN: [&str; 2] =
    ["ffi/src/conversation.rs", "bindings-swift/Sources/KaigoTap/Typed.swift"];
/// What else is resumed: what waits for an answer of a person, a reader or the network.
const WAITING: [&str; 4] = ["continuation", "waiting?", "asked", "task"];

/// Languages with no loop, or with several.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let listed =
        step::output("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .ok_or("git cannot list the files of this repository")?;
    let sources = listed.split('\0').filter(|file| ships(file)).filter_map(|file| {
        let text = fs::read_to_string(root.join(file)).ok()?;
        Some((file.to_owned(), text))
    });
    Ok(findings(sources))
}

/// Whether this is a source of what ships or of an example, and no test.
fn ships(file: &str) -> bool {
    let parts: Vec<&str> = file.split('/').collect();
    let name = parts.last().copied().unwrap_or_default();
    let test = |part: &&str| ["test", "tests", "Tests", "fuzz", "fuzzing"].contains(part);
    LANGUAGES.iter().any(|language| name.ends_with(&format!(".{language}")))
        && !parts.iter().any(test)
        && parts.first() != Some(&"xtask")
        && name != "tests.rs"
        && !name.starts_with("test_")
        && !BETWEEN.contains(&file)
}

fn findings(sources: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let mut loops: BTreeMap<&str, Vec<String>> =
        LANGUAGES.iter().map(|language| (*language, Vec::new())).collect();
    for (file, text) in sources {
        let Some(language) = LANGUAGES.iter().find(|end| file.ends_with(&format!(".{end}"))) else {
            continue;
        };
        if resumes(&text) {
            loops.entry(language).or_default().push(file);
        }
    }
    let wrong = loops.into_iter().filter(|(_, files)| files.len() != 1);
    wrong
        .map(|(language, files)| {
            format!(
                "one loop that answers requests in .{language}, not {}: {}",
                files.len(),
                files.join(", ")
            )
        })
        .collect()
}

/// Whether the code goes on with a conversation; its unit tests do not count.
fn resumes(text: &str) -> bool {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        line.match_indices(".resume(").any(|(at, _)| {
            let before = line.get(..at).unwrap_or_default();
            !WAITING.iter().any(|waiting| before.ends_with(waiting))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sources: &[(&str, &str)]) -> Vec<String> {
        findings(sources.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())))
    }

    const ONE_EACH: [(&str, &str); 4] = [
        ("core/src/link/mod.rs", "step = flow.resume(reply)?"),
        ("a/Loop.kt", "is Request.Clock -> talk.resume(now)"),
        ("a/Loop.swift", "try talk.resume(reply: .disconnected)"),
        ("a/host.py", "return talk.resume(reply)"),
    ];

    #[test]
    fn one_in_each_language() {
        assert_eq!(found(&ONE_EACH), [""; 0]);
        let second = [&ONE_EACH[..], &[("b/More.kt", "while (true) talk.resume(x)")]].concat();
        assert_eq!(
            found(&second),
            ["one loop that answers requests in .kt, not 2: a/Loop.kt, b/More.kt"]
        );
        assert_eq!(found(&ONE_EACH[1..]), ["one loop that answers requests in .rs, not 0: "]);
    }

    #[test]
    fn this_repository_has_one_in_each() {
        assert_eq!(check(&crate::root()), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_loop_of_a_conversation() {
        for text in [
            "continuation.resume(returning: 1)",
            "waiting?.resume(with: x)",
            "//! flow.resume(reply)",
            "#[cfg(test)]\nmod tests { fn f() { flow.resume(reply); } }",
        ] {
            assert!(!resumes(text), "{text}");
        }
        assert!(resumes("let a = talk\n    .resume(reply)"));
        for test in [
            "core/src/flow/tests.rs",
            "tests/e2e/src/a.rs",
            "a/src/test/kotlin/A.kt",
            "a/test_a.py",
        ] {
            assert!(!ships(test), "{test}");
        }
        assert!(ships("core/src/link/mod.rs"));
    }
}
