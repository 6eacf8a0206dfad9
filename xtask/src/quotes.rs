//! Code in the integration guides is compiled: each block of it stands, word for word, in a source file that the tests
//! build, which a comment above the block names.

use std::{fs, path::Path};

const GUIDES: [&str; 3] =
    ["docs/integrate-android.md", "docs/integrate-ios.md", "docs/resource-server.md"];
/// Blocks in these languages are code of an app or a server.
const LANGUAGES: [&str; 4] = ["kotlin", "rust", "swift", "xml"];

/// Blocks that are no quotations.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let read = |name: &str| fs::read_to_string(root.join(name)).map_err(|e| format!("{name}: {e}"));
    let mut findings = Vec::new();
    for guide in GUIDES {
        for (line, source, block) in blocks(&read(guide)?) {
            let finding = match source.as_deref().map(|name| (name, read(name))) {
                None => "no comment above the block says where it is from".to_owned(),
                Some((_, Ok(text))) if quoted(&text, &block) => continue,
                Some((name, Ok(_))) => format!("{name} does not say this"),
                Some((_, Err(error))) => error,
            };
            findings.push(format!("{guide}:{line}: {finding}"));
        }
    }
    Ok(findings)
}

/// Blocks of code, each with the number of its first line and the file that the comment above it names.
fn blocks(guide: &str) -> Vec<(usize, Option<String>, Vec<String>)> {
    let mut found = Vec::new();
    let mut before = "";
    let mut lines = (1..).zip(guide.lines());
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<String> = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| *line != "```")
                .map(str::to_owned)
                .collect();
            if LANGUAGES.contains(&language) {
                let source =
                    before.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
                found.push((number + 1, source.map(str::to_owned), block));
            }
        }
        before = line;
    }
    found
}

/// Whether these lines follow each other in the text; how deep they are indented as a whole does not matter.
fn quoted(text: &str, block: &[String]) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let block: Vec<&str> = block.iter().map(String::as_str).collect();
    !block.is_empty()
        && lines.windows(block.len()).any(|window| outdented(window) == outdented(&block))
}

fn outdented<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let least = lines.iter().filter(|line| !line.trim().is_empty()).map(indentation).min();
    lines.iter().map(|line| line.get(least.unwrap_or(0)..).unwrap_or_default().trim_end()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_found_wherever_it_is_indented() {
        let guide = "text\n<!-- a.kt -->\n```kotlin\nif (x) {\n    y()\n}\n```\n```sh\nls\n```\n```swift\nz\n```\n";
        let blocks = blocks(guide);
        assert_eq!(blocks.len(), 2);
        let (line, source, block) = &blocks[0];
        assert_eq!((*line, source.as_deref()), (4, Some("a.kt")));
        assert!(quoted("fun f() {\n    if (x) {\n        y()\n    }\n}\n", block));
        assert!(!quoted("fun f() {\n    if (x) {\n      y()\n    }\n}\n", block));
        assert!(!quoted("fun f() {\n    if (x) {\n    }\n}\n", block));
        assert_eq!(blocks[1].1, None);
    }
}
