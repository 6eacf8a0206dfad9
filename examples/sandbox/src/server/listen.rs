//! The door: how many may be inside, and how long each may take.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// No connection stays longer, whatever it does.
const LONGEST_STAY: Duration = Duration::from_mins(10);
/// How long the door stays shut when the system has no descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// What a client may take of a server that has others to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many connections are served at a time; more of them wait. At least one.
    pub connections: usize,
    /// How long the header of a request may take, counted from when the last answer was sent.
    pub header: Duration,
    /// How long a body may take.
    pub body: Duration,
}

impl Default for Limits {
    /// 256 connections, ten seconds each for header and body.
    fn default() -> Self {
        let ten = Duration::from_secs(10);
        Self { connections: 256, header: ten, body: ten }
    }
}

/// Serves until `stopped`; then finishes what is under way.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stopped: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(limits.connections.max(1)));
    let guests = GracefulShutdown::new();
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.header);
    let welcome = async {
        // The room is never closed.
        while let Ok(place) = room.clone().acquire_owned().await {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let service = TowerToHyperService::new(router.clone());
            let guest = guests.watch(server.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                let _ = tokio::time::timeout(LONGEST_STAY, guest).await;
                drop(place);
            });
        }
    };
    tokio::select! {
        () = stopped => {}
        () = welcome => {}
    }
    drop(listener);
    guests.shutdown().await;
}
