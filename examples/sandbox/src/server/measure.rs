//! What is counted, for whoever looks after a sandbox. Labels are routes, statuses and codes: never who or what.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper ends of what is told apart, in seconds.
const SECONDS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// Everything that is counted in this process.
pub(crate) struct Measures {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    connections: Gauge,
    handshakes_failed: Counter<u64, AtomicU64>,
}

impl Measures {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("kaigotap");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let seconds = Family::new_with_constructor(histogram);
        let took = "How long a request took, from its header to its answer";
        registry.register_with_unit("http_request", took, Unit::Seconds, seconds.clone());
        let connections = Gauge::default();
        registry.register("connections", "Connections that are open", connections.clone());
        let handshakes_failed = Counter::default();
        let failed = "TLS handshakes that failed";
        registry.register("tls_handshakes_failed", failed, handshakes_failed.clone());
        Self { registry, requests, seconds, connections, handshakes_failed }
    }

    /// A request was answered: on which route (its pattern, not its path), how, and in which time.
    pub(crate) fn answered(
        &self,
        route: &str,
        method: &'static str,
        (status, code): (u16, &'static str),
        took: Duration,
    ) {
        let route = route.to_owned();
        self.seconds.get_or_create(&Route { route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answered { route, method, status, code }).inc();
    }

    /// One more connection, until the guard is dropped.
    pub(crate) fn connected(&self) -> Connected {
        self.connections.inc();
        Connected(self.connections.clone())
    }

    pub(crate) fn handshake_failed(&self) {
        self.handshakes_failed.inc();
    }

    /// In the text form of OpenMetrics, which Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// An open connection, as long as this lives.
pub(crate) struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}
