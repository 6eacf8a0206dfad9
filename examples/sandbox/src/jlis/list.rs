//! Revocation lists (RFC 5280 §5): one complete list for each municipality, named as its certificates name it.

use der::asn1::{BitString, GeneralizedTime, Uint};
use der::{Decode, Encode};
use x509_cert::certificate::Version;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::pkix::CrlNumber;
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::ObjectIdentifier;

use super::Jlis;
use super::authority::Authority;
use super::form::{self, SHA256_WITH_RSA};
use super::register::Revoked;
use crate::base::refusal::Refusal;

/// A list is good for a day, and written anew after an hour or when something on it changes. Real ones lag behind.
const GOOD_FOR: i64 = 24 * 60 * 60;
const REWRITTEN_AFTER: i64 = 60 * 60;

/// The crate's type has the OID of another extension.
const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
const INVALIDITY_DATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.24");

/// What is said on a list, and about it.
struct Draft<'a> {
    issuer: &'a Authority,
    name: Name,
    number: i64,
    this_update: i64,
    entries: &'a [(Vec<u8>, Revoked)],
}

/// The list of this name (DER) now; none if the authority is not played or has no such list.
pub(crate) async fn current(
    jlis: &Jlis,
    issuer: &Authority,
    name: &[u8],
) -> Result<Option<Vec<u8>>, Refusal> {
    let register = jlis.register();
    if !exists(jlis, issuer, name).await? {
        return Ok(None);
    }
    let now = jlis.base.now();
    if let Some(published) = register.published(&issuer.id, name).await? {
        let fresh = (published.this_update..published.this_update + REWRITTEN_AFTER).contains(&now);
        if let (Some(list), true) = (published.list, fresh) {
            return Ok(Some(list));
        }
    }
    // The number is taken before the register is read: a revocation in between takes it away again.
    let number = register.next_number(&issuer.id, name, now).await?;
    let list = written(jlis, issuer, name, number, now).await?;
    register.publish(&issuer.id, name, number, &list).await?;
    Ok(Some(list))
}

/// The list of this name as it would have been written then, with everything that is revoked now; it is not kept.
pub(crate) async fn as_of(
    jlis: &Jlis,
    issuer: &Authority,
    name: &[u8],
    then: i64,
) -> Result<Option<Vec<u8>>, Refusal> {
    if !exists(jlis, issuer, name).await? {
        return Ok(None);
    }
    let number = jlis.register().next_number(&issuer.id, name, jlis.base.now()).await?;
    Ok(Some(written(jlis, issuer, name, number, then).await?))
}

async fn exists(jlis: &Jlis, issuer: &Authority, name: &[u8]) -> Result<bool, Refusal> {
    let known = jlis.register().lists(&issuer.id).await?;
    Ok(issuer.office.is_some() && known.iter().any(|known| known == name))
}

async fn written(
    jlis: &Jlis,
    issuer: &Authority,
    name: &[u8],
    number: i64,
    this_update: i64,
) -> Result<Vec<u8>, Refusal> {
    let entries = jlis.register().revoked(&issuer.id, name).await?;
    let name = Name::from_der(name).map_err(|_| Refusal::ServerFailed)?;
    let draft = Draft { issuer, name, number, this_update, entries: &entries };
    draft.sign().ok_or(Refusal::ServerFailed)
}

impl Draft<'_> {
    fn sign(self) -> Option<Vec<u8>> {
        let point = IssuingDistributionPoint {
            distribution_point: Some(DistributionPointName::FullName(vec![
                GeneralName::DirectoryName(self.name),
            ])),
            only_contains_user_certs: true,
            only_contains_ca_certs: false,
            only_some_reasons: None,
            indirect_crl: false,
            only_contains_attribute_certs: false,
        };
        let number = Uint::new(&self.number.to_be_bytes()).ok()?;
        let revoked: Vec<RevokedCert> = self.entries.iter().map(entry).collect::<Option<_>>()?;
        let signature = form::algorithm(SHA256_WITH_RSA);
        let tbs_cert_list = TbsCertList {
            version: Version::V2,
            signature: signature.clone(),
            issuer: self.issuer.root.tbs.subject.clone(),
            this_update: form::time(self.this_update)?,
            next_update: Some(form::time(self.this_update + GOOD_FOR)?),
            revoked_certificates: (!revoked.is_empty()).then_some(revoked),
            crl_extensions: Some(vec![
                form::extension(false, &self.issuer.key_identifier()?)?,
                form::extension(false, &CrlNumber(number))?,
                form::extension_as(ISSUING_DISTRIBUTION_POINT, true, &point)?,
            ]),
        };
        let signed = self.issuer.office.as_ref()?.sign(&tbs_cert_list.to_der().ok()?)?;
        let signed = BitString::from_bytes(&signed).ok()?;
        let list =
            CertificateList { tbs_cert_list, signature_algorithm: signature, signature: signed };
        list.to_der().ok()
    }
}

fn entry((serial, revoked): &(Vec<u8>, Revoked)) -> Option<RevokedCert> {
    let mut extensions = Vec::new();
    if let Some(reason) = revoked.reason.written() {
        extensions.push(form::extension(false, &reason)?);
    }
    if let Some(since) = revoked.invalid_since {
        let since = GeneralizedTime::from_date_time(form::date(since)?);
        extensions.push(form::extension_as(INVALIDITY_DATE, false, &since)?);
    }
    Some(RevokedCert {
        serial_number: SerialNumber::new(serial).ok()?,
        revocation_date: form::time(revoked.at)?,
        crl_entry_extensions: (!extensions.is_empty()).then_some(extensions),
    })
}
