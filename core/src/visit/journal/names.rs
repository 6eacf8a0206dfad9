//! Under which names the journal keeps what it keeps.

use crate::flow::EntryName;
use crate::message::{Code, Failure};

/// The head.
pub(super) const HEAD: &str = "journal";
const ENTRY: &str = "v-";
const TICKET: &str = "t-";
const SHIFT: &str = "shift";

pub(super) fn head() -> Result<EntryName, Failure> {
    EntryName::parse(HEAD).ok_or(Code::InternalError.into())
}

/// Entry of a number: sixteen digits, so that the order of names is that of numbers.
pub(super) fn entry(number: u64) -> Result<EntryName, Failure> {
    let name = format!("{ENTRY}{number:016}");
    let fits = name.len() == 18;
    fits.then(|| EntryName::parse(name)).flatten().ok_or(Code::InternalError.into())
}

/// The number of an entry of this name, if it is one.
pub(super) fn number(name: &EntryName) -> Option<u64> {
    let digits = name.as_str().strip_prefix(ENTRY)?;
    let fits = digits.len() == 16 && digits.bytes().all(|c| c.is_ascii_digit());
    fits.then(|| digits.parse().ok()).flatten()
}

/// Whether it names something beside the entries: a ticket (`t-00`), or the shift (`shift`).
pub(super) fn is_beside(name: &EntryName) -> bool {
    name.as_str() == SHIFT || name.as_str().starts_with(TICKET)
}

pub(super) fn is_ours(name: &EntryName) -> bool {
    name.as_str() == HEAD || number(name).is_some() || is_beside(name)
}
