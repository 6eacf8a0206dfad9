//! Entries that the host keeps: a small durable store, one entry one file.

use std::fmt;

/// Longest entry in bytes.
const MOST: usize = 1024 * 1024;

/// Most names of one [`Request::Recall`](super::Request::Recall): memory stays flat however much is kept.
pub const MOST_RECALLED: usize = 64;

/// The name of an entry: 1 to 64 of `a`–`z`, `0`–`9`, `-` and `_`, so that it is a file's name everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName(String);

impl EntryName {
    /// Takes a name; `None` where it is none.
    pub fn parse(name: impl Into<String>) -> Option<Self> {
        let name = name.into();
        let fits = (1..=64).contains(&name.len())
            && name.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        fits.then_some(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is kept under a name. Whoever asks for it to be kept has sealed it: the host stores bytes, and knows nothing of
/// them. At most 1 MiB.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Under which name.
    pub name: EntryName,
    /// The bytes.
    pub sealed: Vec<u8>,
}

impl Entry {
    /// An entry; [`StoreError::TooLong`] where it is longer than one may be.
    pub fn new(name: EntryName, sealed: Vec<u8>) -> Result<Self, StoreError> {
        if sealed.len() > MOST { Err(StoreError::TooLong) } else { Ok(Self { name, sealed }) }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({} ..)", self.name.as_str())
    }
}

/// Why the store did not do what was asked. What was there before is there still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No room is left.
    #[error("the store is full")]
    Full,
    /// The system does not allow it.
    #[error("the store may not be used")]
    Denied,
    /// The place where entries are kept is not there.
    #[error("the store is missing")]
    Missing,
    /// The entry is longer than one may be.
    #[error("the entry is too long")]
    TooLong,
    /// This host keeps nothing.
    #[error("there is no store")]
    NoStore,
    /// The store failed in another way.
    #[error("the store failed")]
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_on_every_disk() {
        for good in ["a", "visit-0001", "0_9", &"x".repeat(64)] {
            assert_eq!(EntryName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a/b", "a\\b", "A", "a.b", "a b", "あ", "con:", &"x".repeat(65)]
        {
            assert_eq!(EntryName::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_entry_shows_its_name_only() {
        let entry = Entry::new(EntryName::parse("a").unwrap(), b"sealed".to_vec()).unwrap();
        assert_eq!(format!("{entry:?}"), "Entry(a ..)");
        let long = Entry::new(EntryName::parse("a").unwrap(), vec![0; MOST + 1]);
        assert_eq!(long.unwrap_err(), StoreError::TooLong);
    }
}
