//! Whether an app answers as conversations need it.

use std::sync::Arc;

use kaigotap::host;

use crate::conversation::{Conversation, Outcome};
use crate::hidden;

/// A key of the device, and what its signatures are verified with.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct DeviceKey {
    /// The name under which the device keeps it.
    pub name: String,
    /// The public key: an uncompressed point on P-256, 65 bytes (SEC 1 §2.3.3).
    pub public: Vec<u8>,
}
hidden!(DeviceKey);

/// What was found of an app that answers as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct HostReport {
    /// How many entries it keeps; nothing was changed about them.
    pub entries: u32,
    /// Whether a key was tried.
    pub signs: bool,
}

/// Tries the app's own part: keeps an entry, keeps another in its place, forgets it, and looks each time what is there;
/// has the key sign, where one is given; and reads the clocks before and after. The first fault is the failure.
#[uniffi::export]
pub fn host_check(key: Option<DeviceKey>) -> Arc<Conversation> {
    let flow = host::check(key.map(|key| host::DeviceKey::new(key.name, key.public)));
    Conversation::of(flow, |report| Outcome::HostChecked {
        report: HostReport {
            entries: u32::try_from(report.entries).unwrap_or(u32::MAX),
            signs: report.signs,
        },
    })
}
