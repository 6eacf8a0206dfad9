//! The clocks of this device.

use std::time::Duration;

use crate::flow::DeviceTime;

/// What time it is here, by the wall and by a clock that nobody sets.
pub fn now() -> DeviceTime {
    DeviceTime::new(jiff::Timestamp::now(), monotonic())
}

/// The time since this machine was started, its sleep included.
#[cfg(target_os = "linux")]
fn monotonic() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let since = clock_gettime(ClockId::Boottime);
    let part = |of: i64| u64::try_from(of).unwrap_or_default();
    Duration::from_secs(part(since.tv_sec))
        .saturating_add(Duration::from_nanos(part(since.tv_nsec)))
}

/// The time since this was first asked. Whether it runs while the machine sleeps is the system's choice; where it does
/// not, the wall clock shows that it fell behind.
#[cfg(not(target_os = "linux"))]
fn monotonic() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;

    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}
