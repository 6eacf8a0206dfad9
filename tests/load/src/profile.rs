//! Where a process's time goes: samples of its stacks, sorted by who is at work.

use std::collections::BTreeMap;

use pprof::{ProfilerGuard, ProfilerGuardBuilder};

use crate::Result;

/// Samples a second. Not a round number, so that it does not beat with timers.
const FREQUENCY: i32 = 397;

/// Who is at work, if one of these is on the stack; the first that fits counts.
const KINDS: [(&str, &[&str]); 6] = [
    ("TLS", &["rustls", "tokio_rustls"]),
    ("RSA", &["ring::rsa", "bn_mul", "bn_sqr", "rsaz", "ring::arithmetic::bigint"]),
    ("ECDSA", &["ring::ec", "p256", "ecp_nistz256"]),
    ("hashes and others of ring", &["ring::", "ring_core", "sha256_block"]),
    ("database", &["sqlx", "sqlite", "libsqlite3"]),
    ("certificates and JSON", &["x509", "der::", "serde", "kaigotap::pki", "base64ct"]),
];

/// Shares by name, in samples.
pub(crate) type Shares = BTreeMap<String, u64>;

/// Samples this process until it is stopped.
pub(crate) struct Profiler(ProfilerGuard<'static>);

impl Profiler {
    pub(crate) fn start() -> Result<Self> {
        let builder = ProfilerGuardBuilder::default().frequency(FREQUENCY);
        Ok(Self(builder.blocklist(&["libc", "libgcc", "pthread", "vdso"]).build()?))
    }

    pub(crate) fn stop(self) -> Result<Shares> {
        let report = self.0.report().build()?;
        let mut shares = Shares::new();
        for (frames, count) in &report.data {
            let names: Vec<String> =
                frames.frames.iter().flatten().map(pprof::Symbol::name).collect();
            let fits = |parts: &[&str]| {
                names.iter().any(|name| parts.iter().any(|part| name.contains(part)))
            };
            let kind = KINDS.iter().find(|(_, parts)| fits(parts)).map_or("rest", |(kind, _)| kind);
            *shares.entry(kind.to_owned()).or_default() += u64::try_from(*count)?;
        }
        Ok(shares)
    }
}
