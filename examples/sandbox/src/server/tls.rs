//! TLS 1.3 and nothing older (RFC 8446), by rustls with ring.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime,
};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, ServerConfig, version};
use tokio_rustls::TlsAcceptor;

use crate::base::Base;
use crate::base::failure::StartError;

/// What it is proved with that this is the server, and who its clients may be. `Debug` hides the key.
#[derive(Clone)]
pub struct Tls {
    /// The server's certificate and those above it, the server's first, in DER.
    pub certificate_chain: Vec<Vec<u8>>,
    /// The key of the first of them: PKCS#8 in DER. A secret.
    pub key: Vec<u8>,
    /// Whether clients have to show a certificate.
    pub client_certificates: ClientCertificates,
    /// The authorities under which facilities have their certificates, in DER; by default the sandbox's own.
    pub client_authorities: Vec<Vec<u8>>,
    /// Revocation lists of those authorities, in DER. With none, nothing is known to be revoked; with some, a
    /// certificate on whose fate they are silent is refused.
    pub revocation_lists: Vec<Vec<u8>>,
}

/// Whether clients have to show a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not asked for one.
    #[default]
    None,
    /// They are asked, and may have none. One that is shown has to be good.
    Optional,
    /// They are asked, and what a device does with its credentials is refused without one
    /// (`client_certificate_required`). The rest stays open: a device that enrols has none yet, and a browser that somebody
    /// signs in with never has one.
    Required,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("client_certificates", &self.client_certificates)
            .finish_non_exhaustive()
    }
}

/// The sandbox's clock, which its owner may have moved.
struct Now(Arc<Base>);

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Now")
    }
}

impl TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

impl Tls {
    /// What shakes hands with clients.
    pub(crate) fn acceptor(&self, base: Arc<Base>) -> Result<TlsAcceptor, StartError> {
        let unusable = |_| StartError::Tls("certificate and key do not belong together");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_details(provider, Arc::new(Now(base)))
            .with_protocol_versions(&[&version::TLS13])
            .map_err(unusable)?;
        let builder = match self.client_certificates {
            ClientCertificates::None => builder.with_no_client_auth(),
            // Whether one is missed is known when it is known what is asked for.
            ClientCertificates::Optional | ClientCertificates::Required => {
                builder.with_client_cert_verifier(self.verifier()?)
            }
        };
        let chain = self.certificate_chain.iter().cloned().map(CertificateDer::from).collect();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let mut config = builder.with_single_cert(chain, key).map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Nobody comes back without showing a certificate again: one may have been revoked meanwhile.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn verifier(&self) -> Result<Arc<dyn ClientCertVerifier>, StartError> {
        let mut roots = RootCertStore::empty();
        for authority in &self.client_authorities {
            let added = roots.add(CertificateDer::from(authority.clone()));
            added.map_err(|_| StartError::Tls("a client authority is no certificate"))?;
        }
        let lists = self.revocation_lists.iter().cloned().map(CertificateRevocationListDer::from);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .with_crls(lists)
            .only_check_end_entity_revocation()
            .allow_unauthenticated();
        let unusable = "there is no client authority, or a revocation list is none";
        builder.build().map_err(|_| StartError::Tls(unusable))
    }
}
