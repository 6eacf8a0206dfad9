//! The virtual card and the SDK, judged by clients that nobody here wrote, over a real `pcscd`.
//!
//! [`Pcscd`] is a reader service of a test's own: a real `pcscd` with a private socket and the virtual reader `vpcd`,
//! which has two slots. [`Pcscd::plug`] puts a card into one. Whatever talks to the card is another process, made by
//! [`Pcscd::client`]: OpenSC's tools, the programs under `examples/`, or `kaigotap` itself; [`build`] makes the latter
//! two. [`card`] is the card under test, [`openssl`] judges signatures, [`process`] keeps everything within bounds.
//!
//! Linux with Debian's `pcscd`, `vsmartcard-vpcd`, `opensc` and `openssl`; `cargo xtask test` installs them.
#![allow(clippy::missing_panics_doc, reason = "a harness panics: that is how a test fails")]

pub mod build;
pub mod card;
pub mod openssl;
pub mod pcscd;
pub mod process;

pub use pcscd::{Pcscd, Plugged, Slot};
