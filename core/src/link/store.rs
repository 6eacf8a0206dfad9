//! Entries as files: one entry, one file, in a folder that only its owner can look into.

use std::io;
use std::path::Path;

use super::Store;
use super::place::Place;
use crate::flow::{Entry, EntryName, StoreError};

/// Entries in a folder. A write goes aside, is synced and renamed, and the folder is synced: after a crash an entry is
/// there as it was before or as it is now.
pub struct FileStore(Place);

impl FileStore {
    /// The store in this folder, which is made (mode 0700) if it is not there; its parent has to be. A folder that others
    /// can look into, or that is neither this user's nor root's, is [`StoreError::Denied`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Place::open(folder).map(Self).map_err(|error| kind_of(&error))
    }
}

impl Store for FileStore {
    fn keep(&mut self, entry: &Entry) -> Result<(), StoreError> {
        self.0.put(entry.name.as_str(), &entry.sealed).map_err(|error| kind_of(&error))
    }

    fn forget(&mut self, name: &EntryName) -> Result<(), StoreError> {
        self.0.remove(name.as_str()).map_err(|error| kind_of(&error))
    }

    fn list(&mut self) -> Result<Vec<EntryName>, StoreError> {
        let names = self.0.names().map_err(|error| kind_of(&error))?;
        // What has no name of an entry is none of ours.
        Ok(names.into_iter().filter_map(EntryName::parse).collect())
    }

    fn recall(&mut self, names: &[EntryName]) -> Result<Vec<Entry>, StoreError> {
        self.0.check().map_err(|error| kind_of(&error))?;
        let mut entries = Vec::new();
        for name in names {
            match self.0.get(name.as_str()) {
                Ok(sealed) => entries.push(Entry::new(name.clone(), sealed)?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(kind_of(&error)),
            }
        }
        Ok(entries)
    }
}

fn kind_of(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => StoreError::Denied,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StoreError::Missing,
        _ => StoreError::Failed,
    }
}
