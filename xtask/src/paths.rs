//! What documents point at exists: the target of every link to a file, and every path that the page about the
//! architecture names as code.

use std::{fs, path::Path};

use crate::step;

/// Names where things are, path by path; what it names has to be there.
const ARCHITECTURE: &str = "docs/architecture.md";
/// What a word ends in that names a file, also without a folder before it.
const FILES: [&str; 9] = [".rs", ".kt", ".swift", ".py", ".md", ".toml", ".txt", ".sql", ".yaml"];

/// What is pointed at and is not there.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let listed = step::output(
        "git",
        &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
    )
    .ok_or("git cannot list the documents of this repository")?;
    let mut found = Vec::new();
    for document in listed.split('\0').filter(|document| !document.is_empty()) {
        // What was deleted points at nothing.
        let Ok(text) = fs::read_to_string(root.join(document)) else { continue };
        found.extend(findings(root, document, &text));
    }
    Ok(found)
}

/// What one document points at that is not there.
fn findings(root: &Path, document: &str, text: &str) -> Vec<String> {
    let folder = Path::new(document).parent().unwrap_or(Path::new(""));
    let links = links(text).map(|(line, target)| (line, folder.join(target)));
    let named = (document == ARCHITECTURE).then(|| paths(text)).into_iter().flatten();
    links
        .chain(named.map(|(line, path)| (line, path.into())))
        .filter(|(_, path)| !root.join(path).exists())
        .map(|(line, path)| format!("{document}:{line}: there is no {}", path.display()))
        .collect()
}

/// Lines that are no code, by their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// Where links lead that stay in the repository: `[text](target)`, without the place in the target.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(number, line)| {
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets
            .map(|target| target.split('#').next().unwrap_or_default())
            .filter(|target| !target.is_empty() && !target.contains("://"))
            .filter(|target| !target.starts_with("mailto:"))
            .map(move |target| (number, target))
    })
}

/// Paths between backticks, and in blocks of code the words that end like a file in a folder. `file.rs:12` and
/// `file.rs::item` name the file.
fn paths(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    (1..).zip(text.lines()).flat_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        let words: Vec<&str> = if code {
            let words = line.split(|c: char| c.is_whitespace() || "\"'()[]{}<>|,;`".contains(c));
            words.map(place).filter(|word| word.contains('/') && is_file(word)).collect()
        } else {
            let spans = line.split('`').skip(1).step_by(2).map(place);
            spans.filter(|span| is_path(span)).collect()
        };
        words.into_iter().map(move |word| (number, word))
    })
}

/// A path without what follows it.
fn place(word: &str) -> &str {
    word.split(':').next().unwrap_or_default().trim_end_matches('.')
}

fn is_path(span: &str) -> bool {
    let characters = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let inner = span.trim_end_matches('/').contains('/') || span.ends_with('/');
    span.chars().all(characters) && !span.starts_with('/') && (inner || is_file(span))
}

fn is_file(word: &str) -> bool {
    FILES.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_within_the_repository() {
        let text = "see [a](docs/a.md#part), [b](https://example.com/x) and\n\
                    [c](../c) [here](#here)\n```\n[no](link.md)\n```\n";
        assert_eq!(links(text).collect::<Vec<_>>(), [(1, "docs/a.md"), (2, "../c")]);
    }

    #[test]
    fn paths_that_are_named_as_code() {
        let text = "`core/src/card/pin.rs:12` calls `Request::Connect`, `card` and `xtask/`; `README.md`.\n\
                    `POST /oauth/token`, `/etc`, `https://x/y`, `a → b/c`, `*.rs`, `core/src/lib.rs::start`\n\
                    ```text\n  x[core/src/a.rs] --> y (b.rs) and/or z\n```\n`docs/adr`";
        assert_eq!(
            paths(text).collect::<Vec<_>>(),
            [
                (1, "core/src/card/pin.rs"),
                (1, "xtask/"),
                (1, "README.md"),
                (2, "core/src/lib.rs"),
                (4, "core/src/a.rs"),
                (6, "docs/adr"),
            ]
        );
    }

    #[test]
    fn what_is_not_there_is_told() {
        let text =
            "[here](adr) and [gone](adr/none.md); `core/src/lib.rs`\nfrom `core/src/none.rs:3` on";
        let found = |document| findings(&crate::root(), document, text);
        assert_eq!(found("docs/other.md"), ["docs/other.md:1: there is no docs/adr/none.md"]);
        assert_eq!(
            found(ARCHITECTURE),
            [
                "docs/architecture.md:1: there is no docs/adr/none.md",
                "docs/architecture.md:2: there is no core/src/none.rs"
            ]
        );
    }

    #[test]
    fn this_repository_points_at_what_it_has() {
        assert_eq!(check(&crate::root()), Ok(Vec::new()));
    }
}
