//! What app developers download.

pub(crate) mod android;
mod elf;
pub(crate) mod native;
mod zip;

/// What can be packed.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum What {
    /// An AAR with its POM, laid out as a Maven repository
    Android,
}
