//! The public API in Rust and in Kotlin, written down in a file beside each: a change of it is a change of a file that
//! people read. (Swift's is told by its compiler: `bindings-swift/api.txt`.)
//!
//! It is read from the sources. In Rust every `pub` counts, because the lint `unreachable_pub` sees to it that it can be
//! reached; of Kotlin both what is generated and what is written by hand.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{bindings, machine::Machine, root, step::Ended, target};

mod kotlin;
mod rust;

/// A language: where its sources lie, how they are read, and where its API is written down.
struct Api {
    /// The declarations of one file.
    read: fn(&str) -> Result<Vec<String>, syn::Error>,
    sources: Vec<PathBuf>,
    file: &'static str,
}

fn apis() -> [Api; 2] {
    let mut kotlin = vec![target().join("bindings/kotlin")];
    kotlin.extend(
        ["kaigotap", "kaigotap-desktop", "kaigotap-android"]
            .map(|module| root().join("bindings-kotlin").join(module).join("src/main/kotlin")),
    );
    [
        Api {
            read: rust::declarations,
            sources: vec![root().join("core/src")],
            file: "core/api.txt",
        },
        Api {
            read: |source| Ok(kotlin::declarations(source)),
            sources: kotlin,
            file: "bindings-kotlin/api.txt",
        },
    ]
}

/// Writes down what is there now, after generating what is generated; says whether that went well.
pub(crate) fn write(machine: &Machine) -> bool {
    let (_, built) = bindings::generate(machine);
    let written = |api: &Api| fs::write(root().join(api.file), text(api)?);
    built.is_some()
        && apis().iter().all(|api| match written(api) {
            Ok(()) => true,
            Err(error) => {
                println!("{}: {error}", api.file);
                false
            }
        })
}

/// Compares what is there with what was written down.
pub(crate) fn check() -> Ended {
    println!("\n=== public API");
    let started = Instant::now();
    let mut passed = true;
    for api in apis() {
        let now = text(&api).unwrap_or_default();
        let then = fs::read_to_string(root().join(api.file)).unwrap_or_default();
        if now.is_empty() || now != then {
            passed = false;
            println!("The public API is not that of {}:", api.file);
            for line in changes(&then, &now) {
                println!("  {line}");
            }
        }
    }
    if !passed {
        println!("If that is meant: cargo xtask api, and a line in CHANGELOG.md");
    }
    Ended { name: "public API as written down".to_owned(), passed, took: started.elapsed() }
}

/// What is gone and what is new; order does not matter here.
fn changes(then: &str, now: &str) -> Vec<String> {
    let lacks = |text: &str, line: &str| !text.lines().any(|other| other == line);
    let gone = then.lines().filter(|line| lacks(now, line)).map(|line| format!("- {line}"));
    let new = now.lines().filter(|line| lacks(then, line)).map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}

/// Declarations file by file.
fn text(api: &Api) -> io::Result<String> {
    let mut files = Vec::new();
    for folder in &api.sources {
        // A language without its sources would have an API without its declarations.
        collect(folder, &mut files)?;
    }
    let mut text = String::new();
    for (name, path) in files {
        let found = (api.read)(&fs::read_to_string(path)?).map_err(io::Error::other)?;
        if !found.is_empty() {
            let _ = writeln!(text, "## {name}\n{}", found.join("\n"));
        }
    }
    Ok(text)
}

/// Sources under a folder, by their names from there; tests are nobody's API.
fn collect(folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    let mut inside: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    inside.sort();
    for path in inside {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            let mut below = Vec::new();
            collect(&path, &mut below)?;
            files.extend(below.into_iter().map(|(inner, path)| (format!("{name}/{inner}"), path)));
        } else if name != "tests.rs"
            && path.extension().is_some_and(|kind| ["rs", "kt"].iter().any(|of| kind == *of))
        {
            files.push((name, path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_and_what_is_new() {
        assert_eq!(changes("a\nb\n", "b\nc\n"), ["- a", "+ c"]);
        assert!(changes("a\nb\n", "b\na\n").is_empty());
    }
}
