//! Entries and keys as files, by real processes: killed between any two steps, on a full disk, in folders that are missing,
//! denied, read-only, or not what they seem, and before the eyes of another user.
#![cfg(unix)]

mod child;
mod folders;
mod full;
mod keys;
mod kills;
mod others;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use kaigotap::flow::{Entry, EntryName, StoreError};
use kaigotap::link::Store;
use kaigotap::link::store::FileStore;

/// A place for one test, with a folder in it that is not there yet.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn base(&self) -> &Path {
        self.0.path()
    }

    fn folder(&self) -> PathBuf {
        self.base().join("entries")
    }
}

fn name(name: &str) -> EntryName {
    EntryName::parse(name).unwrap()
}

fn entry(of: &str, sealed: &[u8]) -> Entry {
    Entry::new(name(of), sealed.to_vec()).unwrap()
}

/// All that is kept.
fn all(store: &mut FileStore) -> Result<Vec<Entry>, StoreError> {
    let names = store.list()?;
    store.recall(&names)
}

/// All that is kept, by name.
fn kept(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
    let entries = all(&mut FileStore::open(folder)?)?;
    Ok(entries.into_iter().map(|entry| (entry.name.as_str().to_owned(), entry.sealed)).collect())
}

fn keep(folder: &Path, of: &str, sealed: &[u8]) {
    FileStore::open(folder).unwrap().keep(&entry(of, sealed)).unwrap();
}

/// What lies in a folder, whatever it is.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Whether something lies there that is not whole.
fn has_parts(folder: &Path) -> bool {
    let is_part = |file: &String| Path::new(file).extension().is_some_and(|end| end == "part");
    files(folder).iter().any(is_part)
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}
