//! A page that a person is to see in the system's browser.

use std::fmt;

/// A page of a server at which a person signs in, and what it comes back with. Only the system's browser shows it, never a
/// view inside an app: there the app could read the password along (RFC 8252 §8.12).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The address to open: HTTPS, or HTTP on this machine.
    pub address: String,
    /// Where the browser ends: whoever listens there has the whole address, with its query. A scheme of the app's own, or
    /// a port of this machine.
    pub returns_to: String,
}

impl Page {
    pub(crate) fn new(address: String, returns_to: String) -> Self {
        Self { address, returns_to }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Page(..)")
    }
}

/// Why a browser did not come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BrowseError {
    /// The person closed the page.
    #[error("the page was closed")]
    Cancelled,
    /// There is no browser on this device, or none can be opened.
    #[error("no browser")]
    NoBrowser,
    /// It did not come back in time.
    #[error("the browser did not come back in time")]
    TimedOut,
    /// It failed in another way.
    #[error("the browser failed")]
    Failed,
}
