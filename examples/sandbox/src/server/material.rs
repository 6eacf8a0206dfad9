//! What a sandbox with TLS begins with, newly made.

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use super::tls::{ClientCertificates, Tls};
use crate::base::facility_authority::FacilityAuthority;
use crate::base::failure::StartError;

/// How long server and authority are valid. Phones take no server's certificate that is valid for longer.
const LIFETIME: Duration = Duration::days(820);

/// Certificates and keys of a sandbox of one's own.
#[derive(Debug, Clone)]
pub struct Material {
    /// The authority above the server, for its clients to trust, in DER. Nobody has its key any more: whoever trusts it
    /// trusts this one server.
    pub authority: Vec<u8>,
    /// The server's certificate and key. Clients may show a certificate of the facilities' authority.
    pub tls: Tls,
    /// The authority for client certificates.
    pub facility_authority: FacilityAuthority,
}

impl Material {
    /// New keys, and a server's certificate for these names and addresses.
    pub fn generate(names: &[String]) -> Result<Self, StartError> {
        let made = certificates(names);
        let (authority, server, key) =
            made.map_err(|_| StartError::Tls("no certificate can be made for these names"))?;
        let now = Timestamp::now().as_second();
        let facility_authority = FacilityAuthority::generate(now).map_err(|_| StartError::Keys)?;
        let tls = Tls {
            certificate_chain: vec![server.der().to_vec()],
            key: key.serialize_der(),
            client_certificates: ClientCertificates::Optional,
            client_authorities: vec![facility_authority.certificate.clone()],
            revocation_lists: Vec::new(),
        };
        Ok(Self { authority: authority.der().to_vec(), tls, facility_authority })
    }
}

/// Authority, server and the server's key.
fn certificates(names: &[String]) -> Result<(Certificate, Certificate, KeyPair), rcgen::Error> {
    let mut above = valid(CertificateParams::new(Vec::new())?);
    above.distinguished_name.push(DnType::CommonName, "KaigoTap sandbox server CA");
    above.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    above.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let above = CertifiedIssuer::self_signed(above, KeyPair::generate()?)?;
    let mut server = valid(CertificateParams::new(names)?);
    server.distinguished_name.push(DnType::CommonName, "KaigoTap sandbox");
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let server = server.signed_by(&key, &above)?;
    Ok((above.as_ref().clone(), server, key))
}

fn valid(mut params: CertificateParams) -> CertificateParams {
    let now = OffsetDateTime::now_utc();
    params.distinguished_name.remove(DnType::CommonName);
    params.not_before = now - Duration::minutes(5);
    params.not_after = now + LIFETIME;
    params
}
