//! The server's time.

use jiff::{SignedDuration, Timestamp};

use crate::flow::DeviceTime;

/// Most by which the clocks of device and server may differ.
const MAX_CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);
/// Most by which the two clocks of a device may come apart in one conversation without anybody having touched them.
const MAX_DRIFT: SignedDuration = SignedDuration::from_secs(2);

/// The server's time, carried on by the clock of the device that nobody sets. Whether something has expired is asked of
/// this clock only; the device's own date may be wrong, and may be set at any moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    server: Timestamp,
    device: DeviceTime,
}

impl Clock {
    /// The server said its time when the device had this one.
    pub(crate) fn new(server: Timestamp, device: DeviceTime) -> Self {
        Self { server, device }
    }

    pub(crate) fn server_time(self, device: DeviceTime) -> Timestamp {
        let passed = device.monotonic.saturating_sub(self.device.monotonic);
        self.server.saturating_add(passed).unwrap_or(self.server)
    }

    /// Whether the device's two clocks have come apart since: somebody has set its date, or the one that nobody sets did
    /// not run while the device slept. What rests on time is then asked for anew.
    pub(crate) fn came_apart(self, device: DeviceTime) -> bool {
        let by_wall = device.wall.duration_since(self.device.wall);
        let passed = device.monotonic.saturating_sub(self.device.monotonic);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        by_wall.saturating_sub(passed).abs() > MAX_DRIFT
    }
}

/// Whether the device's date is so far from the server's that nothing which rests on it can be right.
pub(crate) fn is_off(server: Timestamp, device: DeviceTime) -> bool {
    server.duration_since(device.wall).abs() > MAX_CLOCK_DIFFERENCE
}
