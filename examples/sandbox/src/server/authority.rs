//! What the owner of a sandbox can have its authorities do.

use super::sandbox::Sandbox;
use crate::base::failure::Failure;
use crate::jlis::{Application, CertificatePurpose, Revocation};

impl Sandbox {
    /// Roots of an authority, trusted or played, in DER, the newest generation last.
    pub fn roots(&self, purpose: CertificatePurpose) -> Vec<Vec<u8>> {
        self.rooms.jlis.roots(purpose)
    }

    /// Issues a certificate by the newest generation of the authority, and gives it in DER.
    pub async fn issue(&self, application: &Application) -> Result<Vec<u8>, Failure> {
        self.rooms.jlis.issue(application).await
    }

    /// Issues a certificate in place of another (DER), which is superseded from now on. The two are linked: whoever
    /// held the old one is known under the new one.
    pub async fn renew(&self, old: &[u8], application: &Application) -> Result<Vec<u8>, Failure> {
        self.rooms.jlis.renew(old, application).await
    }

    /// Revokes the certificates with this serial number (big-endian) under every root for authentication.
    pub async fn revoke(&self, serial: &[u8]) -> Result<(), Failure> {
        self.revoke_as(CertificatePurpose::Authentication, serial, Revocation::default()).await
    }

    /// Revokes the certificates for a purpose with this serial number (big-endian), in every generation. What was
    /// revoked before stays as it was.
    pub async fn revoke_as(
        &self,
        purpose: CertificatePurpose,
        serial: &[u8],
        revocation: Revocation,
    ) -> Result<(), Failure> {
        self.rooms.jlis.revoke_as(purpose, serial, revocation).await
    }

    /// Begins the next generation of an authority with this RSA-2048 key (PKCS#8 in DER): a new root of the same
    /// name, which is given in DER, is trusted, and issues from now on. The generation before signs its own lists
    /// and answers as before. Not kept in the database: name it in [`crate::Config::authorities`] at the next start.
    pub fn roll(&self, purpose: CertificatePurpose, key: &[u8]) -> Result<Vec<u8>, Failure> {
        self.rooms.jlis.roll(purpose, key)
    }
}
