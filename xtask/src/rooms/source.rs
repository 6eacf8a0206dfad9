//! As much Rust as it takes to find the paths that begin at the root of the crate.

/// A path that begins at the root of the crate, without its `crate`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Used<'a> {
    pub(super) line: usize,
    pub(super) path: Vec<&'a str>,
}

/// What a file uses. `depth` is how many `super` lead from its top to the root.
pub(super) fn uses(text: &str, depth: usize) -> Vec<Used<'_>> {
    let tokens = tokens(text);
    let word = |at: usize| tokens.get(at).map_or("", |token: &Token<'_>| token.text);
    let mut found = Vec::new();
    let mut braces = 0_usize;
    // How many braces were open before each inline module that is open now.
    let mut inline = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.text {
            "{" => {
                if at >= 3 && word(at - 3) == "mod" {
                    inline.push(braces);
                }
                braces += 1;
            }
            "}" => {
                braces = braces.saturating_sub(1);
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
            }
            "crate" if word(at) == "::" => {
                at = leaves(&tokens, at + 1, &mut Vec::new(), token.line, &mut found);
            }
            "super" => {
                let mut climbed = 1;
                while word(at) == "::" && word(at + 1) == "super" {
                    climbed += 1;
                    at += 2;
                }
                if climbed >= depth + inline.len() && word(at) == "::" {
                    at = leaves(&tokens, at + 1, &mut Vec::new(), token.line, &mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// Collects every path of a tree such as `a::{b, c::d}`, and says what comes after it.
fn leaves<'a>(
    tokens: &[Token<'a>],
    mut at: usize,
    path: &mut Vec<&'a str>,
    line: usize,
    found: &mut Vec<Used<'a>>,
) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let before = path.len();
    loop {
        match word(at) {
            "{" => {
                at += 1;
                while !matches!(word(at), "}" | "") {
                    at = leaves(tokens, at, path, line, found);
                    // `, ` or `as name`
                    while !matches!(word(at), "," | "}" | "") {
                        at += 1;
                    }
                    if word(at) == "," {
                        at += 1;
                    }
                }
                at += 1;
                break;
            }
            part if part == "*" || part.starts_with(is_name) => {
                path.push(part);
                at += 1;
                if word(at) == "::" {
                    at += 1;
                    continue;
                }
            }
            // `::<` of a generic path, or no Rust.
            _ => {}
        }
        found.push(Used { line, path: path.clone() });
        break;
    }
    path.truncate(before);
    at
}

struct Token<'a> {
    line: usize,
    text: &'a str,
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Names and punctuation; no comments, strings, characters or lifetimes.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            '\'' => character(rest),
            'r' if raw_string(rest).is_some() => raw_string(rest).unwrap_or(1),
            _ => {
                let length = match first {
                    _ if is_name(first) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
                    ':' if rest.starts_with("::") => 2,
                    _ => first.len_utf8(),
                };
                if !first.is_whitespace() {
                    tokens.push(Token { line, text: &rest[..length] });
                }
                length
            }
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `r"…"`, `r#"…"#` and so on; a `b` or `c` before it is a name of its own to us.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix('r')?;
    let body = hashes.trim_start_matches('#');
    let end = format!("\"{}", "#".repeat(hashes.len() - body.len()));
    let body = body.strip_prefix('"')?;
    let start = text.len() - body.len();
    Some(body.find(&end).map_or(text.len(), |at| start + at + end.len()))
}

/// A character, or the quote of a lifetime.
fn character(text: &str) -> usize {
    let inside = &text[1..];
    if inside.starts_with('\\') {
        return inside.get(2..).and_then(|rest| rest.find('\'')).map_or(text.len(), |at| at + 4);
    }
    let mut characters = inside.chars();
    match (characters.next(), characters.next()) {
        (Some(c), Some('\'')) => 1 + c.len_utf8() + 1,
        _ => 1,
    }
}
