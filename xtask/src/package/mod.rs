//! What app developers download.

pub(crate) mod android;
mod elf;
mod native;
mod zip;
