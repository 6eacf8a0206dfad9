//! Serves it: TLS 1.3, a client certificate where the client has one.

mod plans;

use std::env::var;
use std::error::Error;
use std::sync::{Arc, Mutex};

use axum::{Extension, Router, routing::get};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use kaigotap::platform::ServerAddress;
use kaigotap::resource::{KeySet, Pace, RecentProofs, Verifier};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, version::TLS13};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let address = |name| Ok::<_, Box<dyn Error>>(ServerAddress::parse(var(name)?)?);
    let (issuer, here) = (address("ISSUER")?, address("ADDRESS")?);
    let verifier = Verifier::new(&issuer, var("AUDIENCE")?, &here, keys().await?)?;
    let pace = Pace::fetched(Timestamp::now());
    let kept = (verifier, RecentProofs::with_room_for(1_000_000), pace);
    let app = Router::new().route("/v1/plans", get(plans::plans));
    let app = app.with_state(Arc::new(Mutex::new(kept)));

    let mut clients = RootCertStore::empty();
    clients.add(CertificateDer::from_pem_file(var("CLIENT_CA")?)?)?;
    let clients = WebPkiClientVerifier::builder(clients.into()).allow_unauthenticated().build()?;
    let own = vec![CertificateDer::from_pem_file(var("CERTIFICATE")?)?];
    let tls = ServerConfig::builder_with_protocol_versions(&[&TLS13])
        .with_client_cert_verifier(clients)
        .with_single_cert(own, PrivateKeyDer::from_pem_file(var("KEY")?)?)?;
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(acceptor.clone(), stream, app.clone()));
    }
}

async fn keys() -> Result<KeySet, Box<dyn Error>> {
    Ok(KeySet::parse(&reqwest::get(var("JWKS")?).await?.bytes().await?)?)
}

async fn connection(acceptor: TlsAcceptor, stream: TcpStream, app: Router) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let certificate = plans::Certificate(shown.map(|leaf| leaf.to_vec()));
    let service = TowerToHyperService::new(app.layer(Extension(certificate)));
    let mut http = hyper::server::conn::http1::Builder::new();
    let _ = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}
