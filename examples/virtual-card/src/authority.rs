//! The test CA. Its certificates have the profile measured on certificates of JPKI test cards; what is fictional
//! says so: `O=KAIGOTAP-TEST`, hosts under `.example`, municipalities that do not exist.

use std::time::{Duration, SystemTime};

use der::{
    Any, DateTime, Decode, Encode, Tag,
    asn1::{BitString, GeneralizedTime, Ia5String, ObjectIdentifier, OctetString, UtcTime},
    oid::{AssociatedOid, db::rfc5280, db::rfc5912},
};
use rsa::{
    RsaPrivateKey, RsaPublicKey,
    pkcs1v15::SigningKey,
    pkcs8::DecodePrivateKey,
    signature::{SignatureEncoding, Signer},
};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use x509_cert::{
    Certificate, TbsCertificate, Version,
    ext::{
        Extension,
        pkix::{
            AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier,
            CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage, IssuerAltName, KeyUsage,
            KeyUsages, SubjectAltName, SubjectKeyIdentifier,
            certpolicy::{PolicyInformation, PolicyQualifierInfo},
            crl::dp::DistributionPoint,
            name::{DistributionPointName, GeneralName, OtherName},
        },
    },
    name::Name,
    serial_number::SerialNumber,
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
    time::{Time, Validity},
};

use crate::{Calendar, Error, Issuer, Person, Purpose, names::NameBuilder};

pub(crate) const DAY: Duration = Duration::from_hours(24);
const JAPAN_IS_AHEAD: Duration = Duration::from_hours(9);
const CPS: &str = "http://cps.kaigotap.example/";
const OCSP: &str = "http://ocsp-a.kaigotap.example";
const CPS_QUALIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");

/// An authority that issues both kinds of certificate, each under its own self-signed root.
///
/// The roots are valid from 2020-04-01 to 2040-03-31 and stored as `data/*authority-*.cer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority(Issuer);

/// A date of issue for which a certificate is surely valid now: midnight UTC, 400 days ago. The same all day long, and
/// so are the certificates.
pub fn usual_issue_date() -> SystemTime {
    let today =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
            / DAY.as_secs();
    SystemTime::UNIX_EPOCH + DAY * u32::try_from(today.saturating_sub(400)).unwrap_or(u32::MAX)
}

impl Authority {
    /// The authority everybody in the sandbox trusts.
    pub const fn test() -> Self {
        Self(Issuer::Test)
    }

    /// An authority of the same names and serials with other keys. It must never be trusted; that is its use.
    pub const fn foreign() -> Self {
        Self(Issuer::Foreign)
    }

    /// The authority that issues this person's certificates.
    pub const fn of(person: &Person) -> Self {
        Self(person.issuer)
    }

    /// The self-signed root in DER.
    pub const fn root(self, purpose: Purpose) -> &'static [u8] {
        match (self.0, purpose) {
            (Issuer::Test, Purpose::Authentication) => {
                include_bytes!("../data/authority-authentication.cer")
            }
            (Issuer::Test, Purpose::Signature) => include_bytes!("../data/authority-signature.cer"),
            (Issuer::Foreign, Purpose::Authentication) => {
                include_bytes!("../data/foreign-authority-authentication.cer")
            }
            (Issuer::Foreign, Purpose::Signature) => {
                include_bytes!("../data/foreign-authority-signature.cer")
            }
        }
    }

    /// The root's private key, for whoever plays the authority further and signs revocation data.
    pub fn key(self, purpose: Purpose) -> Result<RsaPrivateKey, Error> {
        Ok(RsaPrivateKey::from_pkcs8_der(self.key_der(purpose))?)
    }

    /// The same key in PKCS#8, DER.
    pub const fn key_der(self, purpose: Purpose) -> &'static [u8] {
        match (self.0, purpose) {
            (Issuer::Test, Purpose::Authentication) => {
                include_bytes!("../data/authority-authentication.p8")
            }
            (Issuer::Test, Purpose::Signature) => include_bytes!("../data/authority-signature.p8"),
            (Issuer::Foreign, Purpose::Authentication) => {
                include_bytes!("../data/foreign-authority-authentication.p8")
            }
            (Issuer::Foreign, Purpose::Signature) => {
                include_bytes!("../data/foreign-authority-signature.p8")
            }
        }
    }

    /// 利用者証明用電子証明書 of a person, in DER, issued at that moment. The same moment gives the same bytes.
    pub fn issue_authentication(
        self,
        person: &Person,
        issued: SystemTime,
    ) -> Result<Vec<u8>, Error> {
        self.issue(Purpose::Authentication, person, issued)
    }

    /// 署名用電子証明書 of a person, in DER, issued at that moment. The same moment gives the same bytes.
    pub fn issue_signature(self, person: &Person, issued: SystemTime) -> Result<Vec<u8>, Error> {
        self.issue(Purpose::Signature, person, issued)
    }

    /// Either of the two.
    pub fn issue(
        self,
        purpose: Purpose,
        person: &Person,
        issued: SystemTime,
    ) -> Result<Vec<u8>, Error> {
        let root = Certificate::from_der(self.root(purpose))?.tbs_certificate;
        let key = SubjectPublicKeyInfoOwned::from_key(RsaPublicKey::from(person.key(purpose)?))
            .map_err(|error| Error::TestKey(error.into()))?;
        let extensions = Extensions { root: &root, purpose, person, key: &key }.build()?;
        let algorithm = AlgorithmIdentifierOwned {
            oid: rfc5912::SHA_256_WITH_RSA_ENCRYPTION,
            parameters: Some(Any::null()),
        };
        let tbs_certificate = TbsCertificate {
            version: Version::V3,
            serial_number: SerialNumber::new(der_integer(person.serial(purpose)).as_slice())?,
            signature: algorithm.clone(),
            issuer: root.subject.clone(),
            validity: Validity {
                not_before: time(DateTime::from_system_time(issued)?)?,
                not_after: time(expiry(person, issued)?)?,
            },
            subject: subject(purpose, person, issued)?,
            subject_public_key_info: key,
            issuer_unique_id: None,
            subject_unique_id: None,
            extensions: Some(extensions),
        };
        let signature =
            SigningKey::<Sha256>::new(self.key(purpose)?).try_sign(&tbs_certificate.to_der()?);
        let signature = signature.map_err(|_| rsa::Error::Internal)?;
        let signature = BitString::from_bytes(&signature.to_vec())?;
        Ok(Certificate { tbs_certificate, signature_algorithm: algorithm, signature }.to_der()?)
    }
}

/// The end of the holder's fifth birthday after the issue or of the card's last day, in Japan: 14:59:59 UTC.
fn expiry(person: &Person, issued: SystemTime) -> Result<DateTime, Error> {
    let (birth, today) = (person.birth_date.earliest(), in_japan(issued)?);
    let first_is_this_year = (birth.month, birth.day) > (today.month(), today.day());
    let year = today.year() + if first_is_this_year { 4 } else { 5 };
    // Somebody born on 29 February has no birthday in most years.
    let end = |year, month, day| DateTime::new(year, month, day, 14, 59, 59);
    let birthday = end(year, birth.month, birth.day).or_else(|_| end(year, birth.month, 28))?;
    let card = person.card_expiry.date(issued)?;
    let card = end(card.year, card.month, card.day)?;
    let outlives = card.unix_duration() > DateTime::from_system_time(issued)?.unix_duration();
    Ok(if outlives { birthday.min(card) } else { birthday })
}

/// What calendar and clock in Japan show at that moment.
pub(crate) fn in_japan(moment: SystemTime) -> der::Result<DateTime> {
    DateTime::from_unix_duration(
        DateTime::from_system_time(moment)?.unix_duration() + JAPAN_IS_AHEAD,
    )
}

/// RFC 5280, 4.1.2.5: two-digit years through 2049.
fn time(date: DateTime) -> Result<Time, Error> {
    Ok(if date.year() < 2050 {
        Time::UtcTime(UtcTime::from_date_time(date)?)
    } else {
        Time::GeneralTime(GeneralizedTime::from_date_time(date))
    })
}

/// Big endian, without leading zeros.
fn der_integer(number: u32) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    bytes.into_iter().skip_while(|byte| *byte == 0).collect()
}

/// Names say where somebody lives at most, never who they are.
fn subject(purpose: Purpose, person: &Person, issued: SystemTime) -> Result<Name, Error> {
    let name = match purpose {
        Purpose::Authentication => {
            let common_name =
                format!("{}{}003A", person.common_name_prefix, person.municipality_code);
            NameBuilder::japan().common_name(&common_name)
        }
        Purpose::Signature => {
            let at = in_japan(issued)?;
            let (date, clock) =
                ((at.year(), at.month(), at.day()), (at.hour(), at.minutes(), at.seconds()));
            let common_name = format!(
                "{:04}{:02}{:02}{:02}{:02}{:02}00134{}003A",
                date.0, date.1, date.2, clock.0, clock.1, clock.2, person.municipality_code
            );
            NameBuilder::japan()
                .locality(person.prefecture)
                .locality(person.municipality)
                .common_name(&common_name)
        }
    };
    Ok(name.build()?)
}

/// The extensions of one certificate, in the order of the measured ones.
struct Extensions<'a> {
    root: &'a TbsCertificate,
    purpose: Purpose,
    person: &'a Person,
    key: &'a SubjectPublicKeyInfoOwned,
}

impl Extensions<'_> {
    fn build(&self) -> Result<Vec<Extension>, Error> {
        let policy = |last| format!("1.2.392.200149.8.5.1.0.{last}");
        let mut extensions = Vec::new();
        match self.purpose {
            Purpose::Authentication => {
                push(&mut extensions, true, &KeyUsage(KeyUsages::DigitalSignature.into()))?;
                push(&mut extensions, false, &ExtendedKeyUsage(vec![rfc5280::ID_KP_CLIENT_AUTH]))?;
                push(&mut extensions, true, &policies(&policy(30))?)?;
            }
            Purpose::Signature => {
                let usage = KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation);
                push(&mut extensions, true, &usage)?;
                push(&mut extensions, false, &self.holder()?)?;
                push(&mut extensions, true, &policies(&policy(20))?)?;
            }
        }
        push(
            &mut extensions,
            false,
            &IssuerAltName(vec![GeneralName::DirectoryName(self.japanese_name()?)]),
        )?;
        push(&mut extensions, false, &self.distribution_point()?)?;
        if self.purpose == Purpose::Authentication {
            push(&mut extensions, false, &ocsp()?)?;
        }
        push(&mut extensions, false, &self.authority_key()?)?;
        push(&mut extensions, false, &key_identifier(self.key)?)?;
        Ok(extensions)
    }

    fn japanese_name(&self) -> Result<Name, Error> {
        let service = match self.purpose {
            Purpose::Authentication => "カイゴタップ試験用認証局利用者証明用",
            Purpose::Signature => "カイゴタップ試験用認証局署名用",
        };
        let name = NameBuilder::japan().organization("カイゴタップ試験用認証局").unit(service);
        Ok(name.unit("架空地方公共団体").build()?)
    }

    /// A directory name and no URL: the list of a municipality is found in a directory.
    fn distribution_point(&self) -> Result<CrlDistributionPoints, Error> {
        let unit = match self.purpose {
            Purpose::Authentication => "JPKI for user authentication",
            Purpose::Signature => "JPKI for digital signature",
        };
        let name = NameBuilder::japan()
            .organization("KAIGOTAP-TEST")
            .unit(unit)
            .unit("CRL Distribution Points")
            .unit(self.person.prefecture)
            .common_name(&format!("{} CRLDP", self.person.municipality))
            .build()?;
        Ok(CrlDistributionPoints(vec![DistributionPoint {
            distribution_point: Some(DistributionPointName::FullName(vec![
                GeneralName::DirectoryName(name),
            ])),
            reasons: None,
            crl_issuer: None,
        }]))
    }

    fn authority_key(&self) -> Result<AuthorityKeyIdentifier, Error> {
        Ok(AuthorityKeyIdentifier {
            key_identifier: Some(key_identifier(&self.root.subject_public_key_info)?.0),
            authority_cert_issuer: Some(vec![GeneralName::DirectoryName(self.root.issuer.clone())]),
            authority_cert_serial_number: Some(self.root.serial_number.clone()),
        })
    }

    /// The four attributes of the holder, in the order of the sample: name, birth date, sex, address, then one digit
    /// per character of name and address for substituted characters. The digit before the birth date is `3` in the
    /// sample, whose holder was born in 昭和; that it counts the eras, and is `0` where the card prints Western years, is
    /// assumed.
    fn holder(&self) -> Result<SubjectAltName, Error> {
        let person = self.person;
        let era = match person.printed_calendar {
            Calendar::Japanese => person.birth_date.era_number(),
            Calendar::Western => 0,
        };
        let no_substitutes = |text: &str| "0".repeat(text.chars().count());
        let name_substitutes =
            person.name_substitutes.map_or_else(|| no_substitutes(person.name), str::to_owned);
        let attributes = [
            (1, person.name.to_owned()),
            (4, format!("{era}{}", person.birth_date.digits())),
            (3, person.sex.code().to_string()),
            (5, person.address.to_owned()),
            (2, name_substitutes),
            (6, no_substitutes(person.address)),
        ];
        let names = attributes.into_iter().map(|(last, value)| {
            Ok(GeneralName::OtherName(OtherName {
                type_id: oid(&format!("1.2.392.200149.8.5.5.{last}"))?,
                value: Any::new(Tag::Utf8String, value.into_bytes())?,
            }))
        });
        Ok(SubjectAltName(names.collect::<Result<_, Error>>()?))
    }
}

fn push<T: AssociatedOid + Encode>(
    to: &mut Vec<Extension>,
    critical: bool,
    value: &T,
) -> Result<(), Error> {
    let extn_value = OctetString::new(value.to_der()?)?;
    to.push(Extension { extn_id: T::OID, critical, extn_value });
    Ok(())
}

fn policies(policy: &str) -> Result<CertificatePolicies, Error> {
    let cps = PolicyQualifierInfo {
        policy_qualifier_id: CPS_QUALIFIER,
        qualifier: Some(Any::new(Tag::Ia5String, CPS.as_bytes())?),
    };
    let policy_identifier = oid(policy)?;
    Ok(CertificatePolicies(vec![PolicyInformation {
        policy_identifier,
        policy_qualifiers: Some(vec![cps]),
    }]))
}

fn ocsp() -> Result<AuthorityInfoAccessSyntax, Error> {
    Ok(AuthorityInfoAccessSyntax(vec![AccessDescription {
        access_method: rfc5280::ID_AD_OCSP,
        access_location: GeneralName::UniformResourceIdentifier(Ia5String::new(OCSP)?),
    }]))
}

/// SHA-1 over the key's bits (RFC 5280, 4.2.1.2, method 1): a name, not a protection.
fn key_identifier(key: &SubjectPublicKeyInfoOwned) -> Result<SubjectKeyIdentifier, Error> {
    let bits = key.subject_public_key.raw_bytes();
    Ok(SubjectKeyIdentifier(OctetString::new(Sha1::digest(bits).to_vec())?))
}

fn oid(dotted: &str) -> Result<ObjectIdentifier, Error> {
    ObjectIdentifier::new(dotted).map_err(|error| Error::Encoding(error.into()))
}
