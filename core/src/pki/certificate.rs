//! What an X.509 certificate says.

use std::fmt;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use x509_parser::certificate::X509CertificateParser;
use x509_parser::nom::Parser;
use zeroize::Zeroizing;

use super::algorithm::{PublicKey, SignatureAlgorithm};
use super::der::{Reader, single, tag};
use super::extension::Extensions;
use super::name;

/// These bytes are not what they should be, or not as RFC 5280 lets them be written. What they hold is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed: {0}")]
pub struct Malformed(pub(crate) &'static str);

/// What a certificate of a person is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To authenticate its holder (利用者証明用電子証明書).
    Authentication,
    /// To sign in its holder's name (署名用電子証明書).
    Signature,
}

/// An X.509 certificate (RFC 5280), read once. It names or points to a person: `Debug` shows nothing of it.
pub struct Certificate {
    der: Zeroizing<Vec<u8>>,
    pub(super) signed: Zeroizing<Vec<u8>>,
    pub(super) signature: Vec<u8>,
    /// `None` for one that is not accepted.
    pub(super) algorithm: Option<SignatureAlgorithm>,
    pub(super) serial: Serial,
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Zeroizing<Vec<u8>>,
    pub(super) validity: RangeInclusive<Timestamp>,
    pub(super) public_key: PublicKey,
    pub(super) extensions: Extensions,
}

/// The serial number of a certificate, big-endian, at most 20 bytes. With its issuer it points to one person's card,
/// so `Debug` shows nothing and it is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct Serial(Zeroizing<Vec<u8>>);

/// SHA-256 over a certificate's DER.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Certificate {
    /// Reads one certificate from DER. Refused is what cannot be read in one way only or breaks the form that RFC 5280
    /// §4.1 prescribes: another version than 3, unique identifiers, a serial that is not positive or longer than 20
    /// bytes, an extension twice, two different signature algorithms, times in the wrong form, bytes left over.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
        let (_, x509) = parser.parse(der).map_err(|_| Malformed("not a certificate"))?;

        // Once more, strictly: x509-parser takes BER where one can live with it.
        let mut certificate = single(der, tag::SEQUENCE)?.contents();
        let signed = certificate.expect(tag::SEQUENCE)?;
        let outer = certificate.expect(tag::SEQUENCE)?;
        let signature = certificate.expect(tag::BIT_STRING)?.whole_bytes()?;
        certificate.end()?;

        let mut fields = signed.contents();
        let version = fields.optional(tag::inside(0))?.ok_or(Malformed("not version 3"))?;
        if single(version.value, tag::INTEGER)?.value != [2] {
            return Err(Malformed("not version 3"));
        }
        let serial = fields.expect(tag::INTEGER)?;
        if serial.value.len() > 20 {
            return Err(Malformed("a serial number too long"));
        }
        // §4.1.1.2: the algorithm stands twice, once unsigned, and must agree to the byte.
        if fields.expect(tag::SEQUENCE)?.raw != outer.raw {
            return Err(Malformed("two signature algorithms"));
        }
        let issuer = fields.expect(tag::SEQUENCE)?.raw;
        let mut validity = fields.sequence()?;
        let (not_before, not_after) = (validity.any()?.time()?, validity.any()?.time()?);
        validity.end()?;
        let subject = fields.expect(tag::SEQUENCE)?.raw;
        let public_key = PublicKey::read(&fields.expect(tag::SEQUENCE)?)?;
        if matches!(fields.rest().first(), Some(0x81 | 0x82)) {
            // §4.1.2.8: not by a CA of this profile.
            return Err(Malformed("unique identifiers"));
        }
        let extensions = fields.expect(tag::inside(3))?;
        fields.end()?;
        check_extensions(extensions.contents())?;
        let extensions = Extensions::read(x509.extensions())?;
        name::check(issuer)?;
        name::check(subject)?;
        // §4.1.2.4, §4.1.2.6: an issuer has a name, and so has a subject, here or in a critical subjectAltName.
        let named_elsewhere = extensions.alternative_names_critical == Some(true);
        if name::is_empty(issuer) || (name::is_empty(subject) && !named_elsewhere) {
            return Err(Malformed("no name"));
        }

        Ok(Self {
            signed: Zeroizing::new(signed.raw.to_vec()),
            signature: signature.to_vec(),
            algorithm: SignatureAlgorithm::read(outer.contents())?,
            serial: Serial(Zeroizing::new(serial.positive()?.to_vec())),
            issuer: issuer.to_vec(),
            subject: Zeroizing::new(subject.to_vec()),
            validity: not_before..=not_after,
            public_key,
            extensions,
            der: Zeroizing::new(der.to_vec()),
        })
    }

    /// The certificate as it was given, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its serial number.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// The first moment at which it is valid.
    pub fn not_before(&self) -> Timestamp {
        *self.validity.start()
    }

    /// The last moment at which it is valid. For a holder's certificate that is the end, in Japan, of the fifth birthday
    /// after its issue: day and month of birth, and so personal data.
    pub fn not_after(&self) -> Timestamp {
        *self.validity.end()
    }

    /// SHA-256 over it. Of a holder's certificate it is as personal as the certificate; of an authority's it is what is
    /// published.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, &self.der).as_ref());
        Fingerprint(bytes)
    }

    /// Whether this certificate's key made that RSASSA-PKCS1-v1_5 signature with SHA-256. Says nothing of the certificate.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public_key.verifies(SignatureAlgorithm::RsaSha256, message, signature)
    }

    /// Whether the card's key can sign with RSASSA-PKCS1-v1_5 and SHA-256, the one algorithm of assertions today.
    pub(crate) fn is_rsa_2048(&self) -> bool {
        self.public_key.is_rsa_2048()
    }

    /// Whether it is for this key: an uncompressed point on P-256.
    pub(crate) fn is_for(&self, point: &[u8]) -> bool {
        self.public_key.is_p256(point)
    }

    /// Whether the other names this certificate's subject as its issuer, and this certificate's key signed it.
    pub(crate) fn issued(&self, other: &Self) -> bool {
        name::same(&self.subject, &other.issuer) && self.signed(other)
    }

    /// Whether issuer and subject have the same name (§6.1, self-issued).
    pub(super) fn is_self_issued(&self) -> bool {
        name::same(&self.issuer, &self.subject)
    }

    /// Whether this certificate's key signed the other.
    pub(super) fn signed(&self, other: &Self) -> bool {
        other.algorithm.is_some_and(|algorithm| {
            self.public_key.verifies(algorithm, &other.signed, &other.signature)
        })
    }
}

/// SEQUENCE of SEQUENCE { OID, BOOLEAN DEFAULT FALSE, OCTET STRING }, at least one.
fn check_extensions(mut tagged: Reader<'_>) -> Result<(), Malformed> {
    let mut all = tagged.sequence()?;
    tagged.end()?;
    loop {
        let mut extension = all.sequence()?;
        extension.expect(tag::OID)?;
        extension.flag(tag::BOOLEAN)?;
        extension.expect(tag::OCTET_STRING)?;
        extension.end()?;
        if all.is_empty() {
            return Ok(());
        }
    }
}

impl Serial {
    /// Whether it is this INTEGER, contents as they stand in DER.
    pub(super) fn is(&self, integer: &[u8]) -> bool {
        let number = match integer {
            // A negative one is another.
            [0x80..=0xFF, ..] => return false,
            [0x00, rest @ ..] => rest,
            bytes => bytes,
        };
        self.0.as_slice() == number
    }

    /// The number, big-endian, without leading zeros.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Serial {
    /// The number in hexadecimal. Personal.
    pub fn to_hex(&self) -> Zeroizing<String> {
        use fmt::Write;
        let mut text = Zeroizing::new(String::with_capacity(self.0.len().saturating_mul(2)));
        for byte in self.0.iter() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Serial(..)")
    }
}

impl Fingerprint {
    /// The digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    /// Hexadecimal, lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    /// It may be a holder's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate(..)")
    }
}
