import Foundation

#if canImport(Glibc)
    import Glibc
#endif

extension Reply {
    /// What time it is on this device: by its clock, which a person may set, and by one that nobody sets and that runs
    /// while the device sleeps.
    static func now() -> Self {
        .clock(wallMs: UInt64(max(0, Date().timeIntervalSince1970 * 1_000)), monotonicMs: monotonic())
    }

    /// In milliseconds, from any moment: only differences count.
    private static func monotonic() -> UInt64 {
        #if canImport(Darwin)
            // `mach_continuous_time`, by another name.
            return clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW) / 1_000_000
        #else
            var since = timespec()
            clock_gettime(CLOCK_BOOTTIME, &since)
            return UInt64(since.tv_sec) * 1_000 + UInt64(since.tv_nsec) / 1_000_000
        #endif
    }
}
