//! The server's time where nobody can be asked: counted on from the moment in which it was told, over a restart of the app and
//! of the device.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::flow::DeviceTime;

/// Most by which the two clocks of a device come apart in a day without anybody having set one.
const MOST_APART: SignedDuration = SignedDuration::from_mins(5);

/// A moment of which the server told the time, and from which it is counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Since {
    server: Timestamp,
    wall: Timestamp,
    /// By the clock that nobody sets, milliseconds.
    monotonic: u64,
}

impl Since {
    pub(super) fn new(server: Timestamp, device: DeviceTime) -> Self {
        Self { server, wall: device.wall, monotonic: milliseconds(device.monotonic) }
    }

    /// The server's time, as far as this device can tell, and whether its date was set since: by the clock that nobody
    /// sets, or, where the device was started anew, by the other.
    pub(super) fn now(&self, device: DeviceTime) -> (Timestamp, bool) {
        let by_wall = device.wall.duration_since(self.wall);
        let counted = milliseconds(device.monotonic).checked_sub(self.monotonic);
        let counted = counted.and_then(|passed| i64::try_from(passed).ok());
        let (passed, set) = match counted.map(SignedDuration::from_millis) {
            Some(passed) => (passed, by_wall.saturating_sub(passed).abs() > MOST_APART),
            None => (by_wall.max(SignedDuration::ZERO), by_wall < SignedDuration::ZERO),
        };
        (self.server.saturating_add(passed).unwrap_or(self.server), set)
    }
}

fn milliseconds(of: Duration) -> u64 {
    u64::try_from(of.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn device(wall: i64, monotonic: u64) -> DeviceTime {
        let wall = Timestamp::from_second(1_800_000_000 + wall).unwrap();
        DeviceTime::new(wall, Duration::from_secs(monotonic))
    }

    #[test]
    fn the_servers_time_is_counted_on_and_a_date_that_is_set_changes_nothing() {
        let server = Timestamp::from_second(1_800_000_000).unwrap();
        let since = Since::new(server, device(-100, 5_000));
        let after = |wall, monotonic| {
            let (at, set) = since.now(device(wall, monotonic));
            (at.as_second() - 1_800_000_000, set)
        };
        assert_eq!(after(-100 + 3_600, 5_000 + 3_600), (3_600, false));
        assert_eq!(after(-100 + 3_600 + 299, 5_000 + 3_600), (3_600, false));
        for set in [DAY, -DAY, 301, -301] {
            assert_eq!(after(-100 + 3_600 + set, 5_000 + 3_600), (3_600, true), "{set}");
        }
        // Started anew: the clock that nobody sets began anew, too.
        assert_eq!(after(-100 + 3_600, 60), (3_600, false));
        // And set back before that: no time is known, and none goes back.
        assert_eq!(after(-100 - DAY, 60), (0, true));
    }

    #[test]
    fn it_is_kept_over_a_restart() {
        let since = Since::new(Timestamp::UNIX_EPOCH, device(0, 7));
        let kept = serde_json::to_string(&since).unwrap();
        assert_eq!(serde_json::from_str::<Since>(&kept).unwrap(), since);
    }
}
