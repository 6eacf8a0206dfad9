//! Signatures of the device's key.

use kaigotap::flow;

use crate::mirror;

mirror! {
    /// Why the device's key did not sign.
    SignError of flow::SignError {
        /// There is no such key, or no longer: the device has to be enrolled anew.
        Gone,
        /// The key is there and cannot be used now: the device is locked.
        Locked,
        /// The person at the device did not allow it.
        Refused,
        /// The key store failed in another way.
        Failed,
    }
}
