//! Entries that the host keeps.

use kaigotap::flow;

use crate::{hidden, mirror};

/// What is kept under a name. Bytes and no more: whoever asks for it to be kept has sealed it.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Entry {
    /// Under which name.
    pub name: String,
    /// The bytes.
    pub sealed: Vec<u8>,
}
hidden!(Entry);

mirror! {
    /// Why the store did not do what was asked. What was there before is there still.
    StoreError of flow::StoreError {
        /// No room is left.
        Full,
        /// The system does not allow it.
        Denied,
        /// The place where entries are kept is not there.
        Missing,
        /// The entry is longer than one may be.
        TooLong,
        /// This host keeps nothing.
        NoStore,
        /// The store failed in another way.
        Failed,
    }
}

/// A name that no entry can have was never kept here: such a store has failed.
pub(crate) fn into_core(entries: Vec<Entry>) -> Result<Vec<flow::Entry>, flow::StoreError> {
    let entry = |entry: Entry| {
        let name = flow::EntryName::parse(entry.name).ok_or(flow::StoreError::Failed)?;
        flow::Entry::new(name, entry.sealed)
    };
    entries.into_iter().map(entry).collect()
}
