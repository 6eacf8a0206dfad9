//! TLS as this client speaks it: rustls with ring, whom it trusts, and with which key it says who it is.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ring::digest::{SHA256, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore,
    SignatureAlgorithm, SignatureScheme, version,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::SetupError;
use crate::flow::ToSign;
use crate::link::DeviceKey;

/// SHA-256 of a server's `SubjectPublicKeyInfo` in DER.
pub type Pin = [u8; 32];

/// A certificate of this device, and the key in its store.
pub(super) struct Identity {
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) key: Box<dyn DeviceKey + Send>,
    pub(super) name: String,
}

/// Whom to trust, and how.
pub(super) struct Trust {
    /// Authorities in DER; with none given, those of the system.
    pub(super) roots: Option<Vec<Vec<u8>>>,
    pub(super) pins: Option<[Pin; 2]>,
    pub(super) only_tls13: bool,
}

/// The whole configuration of a client.
pub(super) fn config(
    trust: &Trust,
    identity: Option<Identity>,
) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions: &[_] =
        if trust.only_tls13 { &[&version::TLS13] } else { rustls::DEFAULT_VERSIONS };
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(verifier(trust, provider)?);
    let Some(Identity { chain, key, name }) = identity else {
        return Ok(builder.with_no_client_auth());
    };
    let chain: Vec<_> = chain.into_iter().map(CertificateDer::from).collect();
    if chain.is_empty() {
        return Err(unusable(Error::NoCertificatesPresented));
    }
    let key = StoredKey { key: Arc::new(Mutex::new(key)), name };
    let resolver = SingleCertAndKey::from(CertifiedKey::new(chain, Arc::new(key)));
    let mut config = builder.with_client_cert_resolver(Arc::new(resolver));
    // Each connection says anew who this is.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

pub(super) fn unusable(error: Error) -> SetupError {
    SetupError(error.into())
}

fn verifier(
    trust: &Trust,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, SetupError> {
    let judged: Arc<dyn ServerCertVerifier> = match &trust.roots {
        Some(roots) if roots.is_empty() => Arc::new(Nobody(provider)),
        Some(roots) => {
            let mut store = RootCertStore::empty();
            for root in roots {
                store.add(CertificateDer::from(root.clone())).map_err(unusable)?;
            }
            let built = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider);
            built.build().map_err(|error| SetupError(error.into()))?
        }
        None => Arc::new(rustls_platform_verifier::Verifier::new(provider).map_err(unusable)?),
    };
    Ok(match trust.pins {
        Some(pins) => Arc::new(Pinned { judged, pins }),
        None => judged,
    })
}

/// Trusts nobody: for clients that speak to this machine only.
#[derive(Debug)]
struct Nobody(Arc<CryptoProvider>);

/// Judges as always, and then asks for one of two keys.
#[derive(Debug)]
struct Pinned {
    judged: Arc<dyn ServerCertVerifier>,
    pins: [Pin; 2],
}

impl Pinned {
    /// Only the server's own certificate: what else it sends along is its choice.
    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        X509Certificate::from_der(certificate).is_ok_and(|(_, read)| {
            let seen = digest(&SHA256, read.tbs_certificate.subject_pki.raw);
            self.pins.iter().any(|pin| pin == seen.as_ref())
        })
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let good = self.judged.verify_server_cert(certificate, above, name, ocsp, now)?;
        if self.is_pinned(certificate) {
            Ok(good)
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judged.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judged.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judged.supported_verify_schemes()
    }
}

impl ServerCertVerifier for Nobody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(CertificateError::UnknownIssuer.into())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A P-256 key that stays where it is.
#[derive(Clone)]
struct StoredKey {
    key: Arc<Mutex<Box<dyn DeviceKey + Send>>>,
    name: String,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredKey")
    }
}

impl SigningKey for StoredKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SignatureScheme::ECDSA_NISTP256_SHA256).then(|| {
            let signer: Box<dyn Signer> = Box::new(self.clone());
            signer
        })
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for StoredKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let to_sign = ToSign::new(&self.name, message.to_vec());
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let signed = key.sign(&to_sign);
        Ok(as_der(signed.map_err(|error| Error::General(error.to_string()))?))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}

/// A signature as TLS has it (RFC 8446 §4.2.3): DER. Key stores give that, or `r‖s` of 64 bytes.
fn as_der(signature: Vec<u8>) -> Vec<u8> {
    let is_der = signature.first() == Some(&0x30)
        && signature.get(1).is_some_and(|&rest| usize::from(rest) + 2 == signature.len());
    let Some((r, s)) = signature.split_at_checked(32).filter(|(_, s)| s.len() == 32 && !is_der)
    else {
        return signature;
    };
    let (r, s) = (integer(r), integer(s));
    // At most 2 × 35 bytes.
    let length = u8::try_from(r.len().saturating_add(s.len())).unwrap_or_default();
    [&[0x30, length][..], &r, &s].concat()
}

/// An unsigned number of at most 32 bytes as a DER INTEGER.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let sign: &[u8] = if digits.first().is_none_or(|&first| first >= 0x80) { &[0] } else { &[] };
    let length = u8::try_from(digits.len().saturating_add(sign.len())).unwrap_or_default();
    [&[0x02, length][..], sign, digits].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_der_whatever_the_store_gives() {
        let mut raw = [0; 64];
        (raw[0], raw[31], raw[33], raw[63]) = (0x80, 1, 0x7f, 2);
        let der = as_der(raw.to_vec());
        assert_eq!(der[..5], [0x30, 0x44, 0x02, 0x21, 0x00]);
        assert_eq!(der[36..40], [0x01, 0x02, 0x1f, 0x7f]);
        assert_eq!(der.len(), 70);
        assert_eq!(as_der(der.clone()), der);
        assert_eq!(as_der(vec![0; 64]), [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00]);
    }
}
