//! What the owner of a sandbox can have the authorities do.

use jiff::Timestamp;
use ring::signature::RsaKeyPair;

use super::application::{Application, CertificatePurpose};
use super::authority::{Authority, CertificateAuthority};
use super::certificate::{Certificate, CertificateId};
use super::register::{Revocation, Revoked};
use super::{Jlis, form};
use crate::base::failure::Failure;
use crate::base::keys::random;

/// How many serial numbers are tried until one is free.
const TRIES: usize = 16;
/// Validity of a root, in seconds.
const TEN_YEARS: i64 = 10 * 365 * 24 * 60 * 60;

impl Jlis {
    /// Roots of an authority, trusted or played, in DER, the newest generation last.
    pub(crate) fn roots(&self, purpose: CertificatePurpose) -> Vec<Vec<u8>> {
        self.of(purpose).map(|authority| authority.der.clone()).collect()
    }

    /// Issues a certificate by the newest generation of the authority, and gives it in DER.
    pub(crate) async fn issue(&self, application: &Application) -> Result<Vec<u8>, Failure> {
        Ok(self.issue_one(application).await?.1)
    }

    /// Issues a certificate in place of another (DER), which is superseded from now on. The two are linked: whoever
    /// held the old one is known under the new one.
    pub(crate) async fn renew(
        &self,
        old: &[u8],
        application: &Application,
    ) -> Result<Vec<u8>, Failure> {
        let read = Certificate::read(old).map_err(|_| Failure::Application)?;
        let issuer = self.issuer_of(&read).ok_or(Failure::Application)?;
        if issuer.purpose != application.purpose {
            return Err(Failure::Application);
        }
        let old = CertificateId { issuer_key: issuer.id.clone(), serial: read.serial().to_vec() };
        let (new, der) = self.issue_one(application).await?;
        let now = self.base.now();
        self.register().replace(&old, &new, now).await?;
        Ok(der)
    }

    /// Revokes the certificates for a purpose with this serial number (big-endian), in every generation. What was
    /// revoked before stays as it was.
    pub(crate) async fn revoke_as(
        &self,
        purpose: CertificatePurpose,
        serial: &[u8],
        revocation: Revocation,
    ) -> Result<(), Failure> {
        let serial = super::without_leading_zeros(serial);
        let revoked = Revoked {
            at: self.base.now(),
            reason: revocation.reason,
            invalid_since: revocation.invalid_since.map(Timestamp::as_second),
        };
        let register = self.register();
        for issuer in self.of(purpose) {
            let which = CertificateId { issuer_key: issuer.id.clone(), serial: serial.to_vec() };
            register.revoke(&which, revoked).await?;
        }
        Ok(())
    }

    /// Begins the next generation of an authority with this RSA-2048 key (PKCS#8 in DER): a new root of the same
    /// name, which is given in DER, is trusted, and issues from now on. The generation before signs its own lists
    /// and answers as before.
    pub(crate) fn roll(&self, purpose: CertificatePurpose, key: &[u8]) -> Result<Vec<u8>, Failure> {
        let last = self.of(purpose).filter(|a| a.office.is_some()).last();
        let last = last.ok_or(Failure::NotPlayed)?;
        let pair = RsaKeyPair::from_pkcs8(key).map_err(|_| Failure::Application)?;
        let now = self.base.now();
        let root = random::<4>()
            .ok()
            .and_then(|serial| {
                let valid = (now, now + TEN_YEARS);
                form::next_root(&last, &pair, &form::positive(serial), valid)
            })
            .ok_or(Failure::Signing)?;
        let given = CertificateAuthority { purpose, certificate: root.clone(), key: key.to_vec() };
        let next = Authority::played(&given).map_err(|_| Failure::Application)?;
        if self.by_id(&next.id).is_some() {
            return Err(Failure::Application);
        }
        self.add(next);
        Ok(root)
    }

    async fn issue_one(
        &self,
        application: &Application,
    ) -> Result<(CertificateId, Vec<u8>), Failure> {
        let issuer = self.of(application.purpose).filter(|a| a.office.is_some()).last();
        let issuer = issuer.ok_or(Failure::NotPlayed)?;
        let register = self.register();
        for _ in 0..TRIES {
            let serial = form::positive(random::<4>().map_err(|_| Failure::Signing)?);
            let der = application.certificate(&issuer, &serial).ok_or(Failure::Signing)?;
            let read = Certificate::read(&der).map_err(|_| Failure::Application)?;
            let new = CertificateId { issuer_key: issuer.id.clone(), serial: serial.to_vec() };
            if register.add(&new, read.list_name().as_deref()).await? {
                return Ok((new, der));
            }
        }
        Err(Failure::Signing)
    }
}
