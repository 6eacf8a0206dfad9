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

/// What has no name of an entry was never kept here, and is passed over.
pub(crate) fn into_core(entries: Vec<Entry>) -> Result<Vec<flow::Entry>, flow::StoreError> {
    let named = |entry: Entry| Some((flow::EntryName::parse(entry.name)?, entry.sealed));
    let named = entries.into_iter().filter_map(named);
    named.map(|(name, sealed)| flow::Entry::new(name, sealed)).collect()
}

/// What is no name of an entry was never kept here, and is passed over.
pub(crate) fn names_into_core(names: Vec<String>) -> Vec<flow::EntryName> {
    names.into_iter().filter_map(flow::EntryName::parse).collect()
}
