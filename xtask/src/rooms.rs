//! Rooms depend downward only.
//!
//! A top-level module of a crate is a room. What it uses is read from its source: every path that begins with `crate::`,
//! or with as many `super::` as lead there. Comments and strings do not count. [`houses`] says which way is down.

mod houses;
mod source;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use houses::{HOUSES, House};
use source::From;

/// Checks every house of the repository.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for house in &HOUSES {
        let files = sources(&root.join(house.sources))?;
        found.extend(house.violations(files.iter().map(|(path, text)| (&path[..], &text[..]))));
    }
    Ok(found)
}

/// The files below a folder, each by its path from there, with its text.
fn sources(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let mut files = Vec::new();
    collect(folder, &mut files).map_err(|error| format!("{}: {error}", folder.display()))?;
    let read = |file: PathBuf| {
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let path = file.strip_prefix(folder).unwrap_or(&file);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        Ok((parts.join("/"), text))
    };
    files.into_iter().map(read).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(directory)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

impl House {
    /// What is wrong in these files, given by their path below the sources and their text.
    fn violations<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
        let sources = self.sources;
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for (path, text) in files {
            let module = module_of(path);
            let room = module.first().copied();
            if let Some(room) = room {
                seen.insert(room);
                if !self.rooms.iter().any(|(name, _)| *name == room) {
                    found.push(format!(
                        "{sources}/{path}: `{room}` is a new room: say in the list of rooms what it uses"
                    ));
                    continue;
                }
            }
            let uses = match source::uses(text, module.len()) {
                Ok(uses) => uses,
                Err(why) => {
                    found.push(format!("{sources}/{path}: {why}"));
                    continue;
                }
            };
            for used in uses {
                let first = used.path.first().map_or("", |first| first);
                let (allowed, start) = match used.from {
                    // Tests of a room may drive it.
                    From::Root => {
                        (self.may_use(room, first) || is_test(&module) && first == "link", "crate")
                    }
                    From::Core => {
                        (self.of_core.is_none_or(|rooms| rooms.contains(&first)), "kaigotap")
                    }
                };
                if !allowed {
                    let who = room.map_or("the root".to_owned(), |room| format!("room `{room}`"));
                    let (line, what) = (used.line, used.path.join("::"));
                    found.push(format!(
                        "{sources}/{path}:{line}: {who} must not use `{start}::{what}`"
                    ));
                }
            }
        }
        for (room, _) in self.rooms {
            if !seen.contains(room) {
                found.push(format!("room `{room}` is in the list of rooms but not in {sources}"));
            }
        }
        found
    }

    /// Whether a room may name this, the first part of a path that begins at the root. The root itself knows all rooms.
    fn may_use(&self, room: Option<&str>, first: &str) -> bool {
        let Some(room) = room else { return true };
        first == room || self.ground.contains(&first) || self.below(room).contains(first)
    }

    /// All rooms below one.
    fn below(&self, room: &str) -> BTreeSet<&'static str> {
        let mut below = BTreeSet::new();
        let mut open = vec![room];
        while let Some(room) = open.pop() {
            for (_, uses) in self.rooms.iter().filter(|(name, _)| *name == room) {
                for used in *uses {
                    if below.insert(*used) {
                        open.push(*used);
                    }
                }
            }
        }
        below
    }
}

/// `visit/script.rs` is module `visit::script`, `visit/mod.rs` and `visit.rs` are `visit`; `lib.rs`, `main.rs` and
/// everything in `bin` are a root.
fn module_of(path: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    if matches!(parts[..], ["bin", ..] | ["lib" | "main"]) {
        parts.clear();
    } else if parts.last() == Some(&"mod") {
        parts.pop();
    }
    parts
}

fn is_test(module: &[&str]) -> bool {
    module.iter().skip(1).any(|part| *part == "tests")
}

#[cfg(test)]
mod tests;
