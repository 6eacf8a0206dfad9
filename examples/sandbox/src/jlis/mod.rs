//! J-LIS, the issuer of the card's certificates: roots, certificates, revocation lists and an OCSP responder.
//!
//! An authority is known by its root. One whose key was given too is *played*: it issues, revokes, renews, publishes one
//! list per municipality, and answers for each certificate. All generations of an authority have one name; they
//! are told apart by their keys.
//!
//! What it has issued is on record with its serial number ([`register`]): an issuer must know it. Everybody else here
//! knows certificates by keyed digests.

mod admin;
mod application;
mod authority;
mod certificate;
mod form;
mod judge;
mod list;
mod published;
mod register;
mod responder;
mod routes;

use std::sync::{Arc, PoisonError, RwLock};

use der::Encode;
use kaigotap::pki::TrustAnchors;
use x509_cert::spki::ObjectIdentifier;

pub use application::{Application, CertificatePurpose, Issued};
use authority::Authority;
pub use authority::CertificateAuthority;
pub(crate) use certificate::{Certificate, CertificateId, without_leading_zeros};
pub(crate) use judge::Judged;
pub(crate) use register::MIGRATIONS;
pub use register::{Revocation, RevocationReason};
pub(crate) use routes::routes;

use crate::base::Base;
use crate::base::database::Result as Stored;
use crate::base::failure::StartError;
use register::Register;

/// The authorities, and the policies under which authentication certificates are accepted.
pub(crate) struct Jlis {
    base: Arc<Base>,
    /// The newest generation of each last.
    authorities: RwLock<Vec<Arc<Authority>>>,
    /// Their roots as the validator takes them.
    anchors: RwLock<Arc<TrustAnchors>>,
    /// Dotted.
    policies: Vec<String>,
}

/// Roots that are trusted, and authorities that are played.
pub(crate) struct Authorities(Vec<Arc<Authority>>);

impl Authorities {
    /// Those of a configuration: those played after those merely trusted.
    pub(crate) fn new(
        anchors: &[Vec<u8>],
        played: &[CertificateAuthority],
    ) -> Result<Self, StartError> {
        let trusted = anchors.iter().enumerate().map(|(index, der)| {
            let purpose = CertificatePurpose::Authentication;
            Authority::trusted(purpose, der).map_err(|_| StartError::Anchor { index })
        });
        let played = played.iter().enumerate().map(|(index, given)| {
            Authority::played(given)
                .map_err(|why| StartError::Authority { index, reason: why.reason() })
        });
        let mut authorities: Vec<Arc<Authority>> = Vec::new();
        for authority in trusted.chain(played) {
            let authority = authority?;
            // One that is both trusted and played is there once.
            authorities.retain(|known| known.id != authority.id);
            authorities.push(Arc::new(authority));
        }
        Ok(Self(authorities))
    }
}

impl Jlis {
    pub(crate) fn new(
        base: Arc<Base>,
        authorities: Authorities,
        policies: &[String],
    ) -> Result<Self, StartError> {
        for policy in policies {
            ObjectIdentifier::new(policy).map_err(|_| StartError::Policy(policy.clone()))?;
        }
        Ok(Self {
            base,
            anchors: RwLock::new(Arc::new(trust_anchors(&authorities.0))),
            authorities: RwLock::new(authorities.0),
            policies: policies.to_vec(),
        })
    }

    fn register(&self) -> Register<'_> {
        Register::of(&self.base.store)
    }

    /// Puts on record what was issued before: certificates with their lists, then mere numbers of authentication
    /// certificates.
    pub(crate) async fn record<'a>(
        &self,
        issued: &[Issued],
        holders: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), StartError> {
        let mut known = Vec::new();
        for (index, issued) in issued.iter().enumerate() {
            let serial = without_leading_zeros(&issued.serial);
            for issuer in self.of(issued.purpose) {
                let name = &issuer.root.tbs.subject;
                let list = form::list_name(name, &issued.prefecture, &issued.municipality)
                    .and_then(|list| list.to_der().ok())
                    .ok_or(StartError::Issued { index })?;
                known.push((issuer.id.clone(), serial.to_vec(), Some(list)));
            }
        }
        for serial in holders {
            let issuers = self.of(CertificatePurpose::Authentication);
            for issuer in issuers.filter(|issuer| issuer.office.is_some()) {
                known.push((issuer.id.clone(), without_leading_zeros(serial).to_vec(), None));
            }
        }
        Ok(self.register().add_known(&known).await?)
    }

    /// The certificates that this one was issued in place of (対応証明書の発行の番号), the latest first.
    pub(crate) async fn predecessors(
        &self,
        certificate: &CertificateId,
    ) -> Stored<Vec<CertificateId>> {
        self.register().predecessors(certificate).await
    }

    /// Digests of the keys that issue authentication certificates.
    pub(crate) fn issuer_keys(&self) -> impl Iterator<Item = Vec<u8>> {
        self.of(CertificatePurpose::Authentication).map(|authority| authority.id.clone())
    }

    /// All generations for a purpose, the newest last.
    fn of(&self, purpose: CertificatePurpose) -> impl Iterator<Item = Arc<Authority>> {
        self.all().into_iter().filter(move |authority| authority.purpose == purpose)
    }

    fn all(&self) -> Vec<Arc<Authority>> {
        self.authorities.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn anchors(&self) -> Arc<TrustAnchors> {
        self.anchors.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, authority: Authority) {
        let mut authorities = self.authorities.write().unwrap_or_else(PoisonError::into_inner);
        authorities.push(Arc::new(authority));
        let anchors = Arc::new(trust_anchors(&authorities));
        *self.anchors.write().unwrap_or_else(PoisonError::into_inner) = anchors;
    }

    /// The authority with this key.
    fn by_id(&self, id: &[u8]) -> Option<Arc<Authority>> {
        self.all().into_iter().find(|authority| authority.id == id)
    }

    /// The authority of any purpose that issued a certificate: by key id and signature, because all generations
    /// have one name.
    fn issuer_of(&self, certificate: &Certificate) -> Option<Arc<Authority>> {
        self.all().into_iter().find(|authority| authority.issued(certificate))
    }
}

/// All roots by purpose. A sandbox has no other hierarchy than a test one.
fn trust_anchors(authorities: &[Arc<Authority>]) -> TrustAnchors {
    let of = |purpose| {
        let wanted = authorities.iter().filter(move |authority| authority.purpose == purpose);
        wanted.map(|authority| authority.der.as_slice())
    };
    let (authentication, signature) =
        (of(CertificatePurpose::Authentication), of(CertificatePurpose::Signature));
    // Each was read before; should one not be, none is trusted.
    TrustAnchors::test(authentication, signature)
        .unwrap_or_else(|_| TrustAnchors::production().only(&[]))
}
