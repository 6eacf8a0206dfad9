//! The door: how many may be inside, and how long each may take.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::measure::Measures;
use crate::base::peer::{PeerAddress, PeerCertificate};

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

/// The door, open.
pub(crate) struct Door {
    pub(crate) listener: TcpListener,
    /// With none, it is plain HTTP.
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    pub(crate) measures: Arc<Measures>,
}

/// Serves until `stopped`; then finishes what is under way.
pub(crate) async fn serve(door: Door, stopped: impl Future<Output = ()>) {
    let Door { listener, tls, router, limits, measures } = door;
    let room = Arc::new(Semaphore::new(limits.connections.max(1)));
    let guests = GracefulShutdown::new();
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.header);
    let welcome = async {
        // The room is never closed.
        while let Ok(place) = room.clone().acquire_owned().await {
            let Ok((stream, address)) = listener.accept().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let guest = Guest {
                address: address.ip(),
                certificate: None,
                server: server.clone(),
                router: router.clone(),
                watcher: guests.watcher(),
                measures: measures.clone(),
            };
            let tls = tls.clone();
            let connected = measures.connected();
            tokio::spawn(async move {
                let stay = guest.stay(stream, tls, limits.header);
                let _ = tokio::time::timeout(LONGEST_STAY, stay).await;
                drop(connected);
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

/// One connection.
struct Guest {
    address: IpAddr,
    certificate: Option<PeerCertificate>,
    server: http1::Builder,
    router: Router,
    watcher: Watcher,
    measures: Arc<Measures>,
}

impl Guest {
    /// From the handshake, which may take as long as a header, to the last answer.
    async fn stay(mut self, stream: TcpStream, tls: Option<TlsAcceptor>, patience: Duration) {
        let Some(tls) = tls else {
            return self.serve(TokioIo::new(stream)).await;
        };
        // Whoever fails is told by an alert and nobody else: there is nothing here to be kept.
        let Ok(Ok(stream)) = tokio::time::timeout(patience, tls.accept(stream)).await else {
            self.measures.handshake_failed();
            return;
        };
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        self.certificate = shown.map(|shown| PeerCertificate::verified(shown));
        self.serve(TokioIo::new(stream)).await;
    }

    async fn serve(self, stream: impl Read + Write + Unpin + 'static) {
        let Self { address, certificate, server, router, watcher, measures: _ } = self;
        let router = TowerToHyperService::new(router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(PeerAddress(address));
            if let Some(certificate) = &certificate {
                request.extensions_mut().insert(certificate.clone());
            }
            router.call(request)
        });
        let _ = watcher.watch(server.serve_connection(stream, service)).await;
    }
}
