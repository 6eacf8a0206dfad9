//! The paths in a source file that begin at the root of its crate, or with the name of the core.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// How other crates call the core.
const CORE: &str = "kaigotap";

/// A path, without where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) line: usize,
    pub(super) from: From,
    pub(super) path: Vec<String>,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// `crate`, or as many `super` as lead there.
    Root,
    /// The core, from another crate.
    Core,
}

/// What a file uses, in macros too. `depth` is how many `super` lead from its top to the root.
pub(super) fn uses(text: &str, depth: usize) -> Result<Vec<Used>, String> {
    let tokens: TokenStream = text.parse().map_err(|_| "it is no Rust".to_owned())?;
    let mut found = Vec::new();
    walk(&trees(tokens), depth, &mut found);
    Ok(found)
}

fn trees(tokens: TokenStream) -> Vec<TokenTree> {
    tokens.into_iter().collect()
}

fn walk(tokens: &[TokenTree], depth: usize, found: &mut Vec<Used>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let first = at;
        at += 1;
        match token {
            TokenTree::Group(group) => {
                let module = first >= 2
                    && group.delimiter() == Delimiter::Brace
                    && is_word(tokens, first - 2, "mod");
                walk(&trees(group.stream()), depth + usize::from(module), found);
            }
            TokenTree::Ident(_) => {
                let from = if is_word(tokens, first, "crate") {
                    From::Root
                } else if is_word(tokens, first, CORE) {
                    From::Core
                } else if is_word(tokens, first, "super") {
                    let mut climbed = 1;
                    while is_separator(tokens, at) && is_word(tokens, at + 2, "super") {
                        climbed += 1;
                        at += 3;
                    }
                    if climbed < depth {
                        continue;
                    }
                    From::Root
                } else {
                    continue;
                };
                if is_separator(tokens, at) {
                    let line = token.span().start().line;
                    let mut leaf = |path: &[String]| {
                        found.push(Used { line, from, path: path.to_vec() });
                    };
                    at = leaves(tokens, at + 2, &mut Vec::new(), &mut leaf);
                }
            }
            _ => {}
        }
    }
}

/// Tells every path of a tree such as `a::{b, c::d}`, and returns what comes after it.
fn leaves(
    tokens: &[TokenTree],
    mut at: usize,
    path: &mut Vec<String>,
    leaf: &mut impl FnMut(&[String]),
) -> usize {
    let before = path.len();
    loop {
        match tokens.get(at) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inside = trees(group.stream());
                for branch in inside.split(|token| is_punctuation(Some(token), ',')) {
                    if !branch.is_empty() {
                        leaves(branch, 0, path, leaf);
                    }
                }
                at += 1;
                break;
            }
            Some(TokenTree::Ident(word)) => path.push(word.to_string()),
            Some(token) if is_punctuation(Some(token), '*') => path.push("*".to_owned()),
            // `::<` of a generic path.
            _ => {
                leaf(path);
                break;
            }
        }
        at += 1;
        if !is_separator(tokens, at) {
            leaf(path);
            break;
        }
        at += 2;
    }
    path.truncate(before);
    at
}

fn is_word(tokens: &[TokenTree], at: usize, word: &str) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Ident(name)) if name == word)
}

/// `::`
fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    is_punctuation(tokens.get(at), ':') && is_punctuation(tokens.get(at + 1), ':')
}

fn is_punctuation(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punctuation)) if punctuation.as_char() == character)
}
