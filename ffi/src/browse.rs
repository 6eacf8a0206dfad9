//! Pages that a person sees in the system's browser.

use kaigotap::flow;

use crate::mirror;

mirror! {
    /// Why a browser did not come back.
    BrowseError of flow::BrowseError {
        /// The person closed the page.
        Cancelled,
        /// There is no browser on this device, or none can be opened.
        NoBrowser,
        /// It did not come back in time.
        TimedOut,
        /// It failed in another way.
        Failed,
    }
}
