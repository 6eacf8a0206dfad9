//! What is asked of an authority: a certificate for a key, from a time to a time.

use std::fmt;

use der::{Decode, Encode};
use jiff::{SignedDuration, Timestamp};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::authority::Authority;
use super::certificate::Certificate;
use super::form;
use crate::base::failure::Failure;

/// Which of the two certificates of a card, and which of the two authorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificatePurpose {
    /// 利用者証明用
    Authentication,
    /// 署名用
    Signature,
}

impl CertificatePurpose {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Signature => "signature",
        }
    }
}

/// A certificate that was issued before the sandbox started, by whichever generation. `Debug` shows only what it is for.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// What it is for.
    pub purpose: CertificatePurpose,
    /// Its serial number, big-endian.
    pub serial: Vec<u8>,
    /// Where its holder lived, in Latin letters as the name of its revocation list has them.
    pub prefecture: String,
    /// The same, within the prefecture.
    pub municipality: String,
}

/// An application for a certificate (発行申請). `Debug` shows only what it is for.
#[derive(Clone, PartialEq, Eq)]
pub struct Application {
    /// What the certificate is for.
    pub purpose: CertificatePurpose,
    /// First second of its validity.
    pub valid_from: Timestamp,
    /// Last second of its validity.
    pub valid_until: Timestamp,
    pub(crate) key: SubjectPublicKeyInfoOwned,
    pub(crate) subject: Name,
    pub(crate) content: Content,
}

/// What the certificate says beyond name, key and time.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// What a certificate for authentication says of somebody who lives there.
    Resident { prefecture: String, municipality: String },
    /// What another certificate says.
    Like(Vec<Extension>),
}

impl Application {
    /// An authentication certificate for an RSA-2048 key (SubjectPublicKeyInfo in DER) of somebody who lives in this
    /// prefecture and municipality, written in Latin letters; good for five years from now.
    pub fn authentication(
        key: &[u8],
        prefecture: &str,
        municipality: &str,
    ) -> Result<Self, Failure> {
        let now = Timestamp::now();
        Ok(Self {
            purpose: CertificatePurpose::Authentication,
            valid_from: now,
            valid_until: now + SignedDuration::from_hours(5 * 365 * 24),
            key: SubjectPublicKeyInfoOwned::from_der(key).map_err(|_| Failure::Application)?,
            subject: form::opaque_name().ok_or(Failure::Signing)?,
            content: Content::Resident {
                prefecture: prefecture.to_owned(),
                municipality: municipality.to_owned(),
            },
        })
    }

    /// A certificate like this one (DER): same holder, key and list, and by the time it says.
    pub fn like(certificate: &[u8]) -> Result<Self, Failure> {
        let read = Certificate::read(certificate).map_err(|_| Failure::Application)?;
        let tbs = read.tbs;
        let time = |time: x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs())
                .ok()
                .and_then(|seconds| Timestamp::from_second(seconds).ok())
                .ok_or(Failure::Application)
        };
        let mut extensions = tbs.extensions.unwrap_or_default();
        // These two speak of the keys, and are written anew.
        extensions.retain(|extension| !form::speaks_of_keys(extension));
        Ok(Self {
            purpose: form::purpose_of(&extensions),
            valid_from: time(tbs.validity.not_before)?,
            valid_until: time(tbs.validity.not_after)?,
            key: tbs.subject_public_key_info,
            subject: tbs.subject,
            content: Content::Like(extensions),
        })
    }

    /// For another key (SubjectPublicKeyInfo in DER).
    pub fn with_key(mut self, key: &[u8]) -> Result<Self, Failure> {
        self.key = SubjectPublicKeyInfoOwned::from_der(key).map_err(|_| Failure::Application)?;
        Ok(self)
    }

    /// With another validity.
    #[must_use]
    pub fn valid(mut self, from: Timestamp, until: Timestamp) -> Self {
        (self.valid_from, self.valid_until) = (from, until);
        self
    }

    /// The certificate that an authority issues to it, under a serial number.
    pub(crate) fn certificate(&self, issuer: &Authority, serial: &[u8]) -> Option<Vec<u8>> {
        let mut extensions = match &self.content {
            Content::Like(extensions) => extensions.clone(),
            Content::Resident { prefecture, municipality } => {
                form::resident(issuer, prefecture, municipality)?
            }
        };
        let key_id = form::key_id(self.key.subject_public_key.as_bytes()?);
        extensions.push(form::extension(false, &issuer.key_identifier()?)?);
        extensions.push(form::extension(false, &form::subject_key(&key_id)?)?);
        let (from, until) = (self.valid_from.as_second(), self.valid_until.as_second());
        let tbs = form::template(
            form::Subject {
                name: self.subject.clone(),
                key: self.key.clone(),
                serial,
                valid: (from, until),
            },
            issuer,
            extensions,
        )?;
        let signature = issuer.office.as_ref()?.sign(&tbs.to_der().ok()?)?;
        form::signed(tbs, &signature)
    }
}

impl Authority {
    /// Key id, issuer and serial number of the root, as the measured certificates have it.
    pub(crate) fn key_identifier(&self) -> Option<AuthorityKeyIdentifier> {
        let root = &self.root.tbs;
        Some(AuthorityKeyIdentifier {
            key_identifier: Some(form::subject_key(&self.key_id)?.0),
            authority_cert_issuer: Some(vec![GeneralName::DirectoryName(root.issuer.clone())]),
            authority_cert_serial_number: Some(root.serial_number.clone()),
        })
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issued({:?}, …)", self.purpose)
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application({:?}, …)", self.purpose)
    }
}
