//! Whether an app answers as conversations need it.

use std::sync::Arc;

use kaigotap::host;

use crate::conversation::Conversation;
use crate::hidden;
use crate::outcome::Outcome;

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

impl DeviceKey {
    pub(crate) fn into_core(self) -> host::DeviceKey {
        host::DeviceKey::new(self.name, self.public)
    }
}

/// Tries the app's own part: keeps an entry, keeps another in its place, forgets it, and looks each time what is there;
/// has the key sign, where one is given; and reads the clocks before and after. The first fault is the failure.
#[uniffi::export]
pub fn host_check(key: Option<DeviceKey>) -> Arc<Conversation> {
    let flow = host::check(key.map(DeviceKey::into_core));
    Conversation::of(flow, |report| Outcome::HostChecked { report: report.into() })
}
