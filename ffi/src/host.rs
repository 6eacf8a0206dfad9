//! Whether an app answers as conversations need it.

use std::sync::Arc;

use kaigotap::host;

use crate::conversation::Conversation;
use crate::enrolment::DeviceKey;
use crate::outcome::Outcome;

/// Tries the app's own part: keeps an entry, keeps another in its place, forgets it, and looks each time what is there;
/// has the key sign, where one is given; and reads the clocks before and after. The first fault is the failure.
#[uniffi::export]
pub fn host_check(key: Option<DeviceKey>) -> Arc<Conversation> {
    let flow = host::check(key.map(DeviceKey::into_core));
    Conversation::of(flow, |report| Outcome::HostChecked { report: report.into() })
}
