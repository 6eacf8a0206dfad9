//! Answers (RFC 6960 §4.2).

use std::fmt;

use jiff::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use zeroize::Zeroizing;

use super::{Hash, NONCE, Request};
use crate::pki::algorithm::SignatureAlgorithm;
use crate::pki::der::{Element, Reader, single, tag};
use crate::pki::extension::{KeyUsage, purpose};
use crate::pki::path::check_link;
use crate::pki::revocation::element::{extensions, integer, reason};
use crate::pki::revocation::{
    Freshness, NotChecked, Revocation, RevocationReason, Said, Source, require,
};
use crate::pki::{Certificate, Malformed, name};

/// A longer answer is not honest.
const MOST_BYTES: usize = 256 * 1024;
/// More answers in one, or more certificates, are not honest.
const MOST_ANSWERS: usize = 64;
const MOST_CERTIFICATES: usize = 8;

/// id-pkix-ocsp-basic: 1.3.6.1.5.5.7.48.1.1
const BASIC: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x01\x01";

/// An answer of a responder. It points to a person: `Debug` shows nothing of it.
pub struct Response(Result<Basic, NotChecked>);

/// BasicOCSPResponse.
struct Basic {
    signed: Zeroizing<Vec<u8>>,
    signature: Vec<u8>,
    /// `None` for one that is not accepted.
    algorithm: Option<SignatureAlgorithm>,
    responder: Responder,
    produced_at: Timestamp,
    answers: Vec<Single>,
    nonce: Option<Vec<u8>>,
    /// A critical extension that is not processed here.
    critical: bool,
    /// Those that can be read; another cannot be the responder's.
    certificates: Vec<Certificate>,
}

/// ResponderID.
enum Responder {
    /// Its subject, DER.
    Name(Vec<u8>),
    /// SHA-1 over its key.
    Key(Vec<u8>),
}

/// SingleResponse.
struct Single {
    /// `None` for one that is not known here.
    hash: Option<Hash>,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    /// Contents of the INTEGER.
    serial: Zeroizing<Vec<u8>>,
    status: Status,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    /// A critical extension that is not processed here.
    critical: bool,
}

/// CertStatus.
#[derive(Clone, Copy)]
enum Status {
    Good,
    Revoked { at: Timestamp, reason: RevocationReason },
    Unknown,
}

impl Response {
    /// Reads one answer from DER, of at most 256 KiB. Refused is what cannot be read in one way only or breaks the form
    /// that RFC 6960 §4.2.1 prescribes: another type than id-pkix-ocsp-basic, an error with an answer or success
    /// without, an extension twice, times in the wrong form, bytes left over. An error of the responder is an answer.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        if der.len() > MOST_BYTES {
            return Err(Malformed("an answer too long"));
        }
        let mut response = single(der, tag::SEQUENCE)?.contents();
        let status = response.expect(tag::ENUMERATED)?.small()?;
        let bytes = response.optional(tag::inside(0))?;
        response.end()?;
        let error = match (status, bytes) {
            (0, Some(bytes)) => return Ok(Self(Ok(Basic::read(bytes.value)?))),
            (3, None) => NotChecked::AnswerTryLater,
            (6, None) => NotChecked::AnswerUnauthorized,
            // malformedRequest, internalError, sigRequired.
            (1 | 2 | 5, None) => NotChecked::AnswerError,
            _ => return Err(Malformed("a status")),
        };
        Ok(Self(Err(error)))
    }

    /// What it says of a certificate.
    pub(in crate::pki::revocation) fn on(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        asked: Option<&Request>,
        wanted: Freshness,
    ) -> Said {
        let (found, of) = match &self.0 {
            Ok(basic) => {
                let newest = basic.newest_on(certificate, issuer);
                (
                    basic.judge(certificate, issuer, asked, wanted),
                    newest.map_or(Timestamp::MAX, |answer| answer.this_update),
                )
            }
            Err(why) => (Err(*why), Timestamp::MAX),
        };
        Said { word: found.unwrap_or_else(|why| Revocation::NotChecked { why }), of }
    }
}

impl Basic {
    /// Reads a ResponseBytes.
    fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut bytes = single(bytes, tag::SEQUENCE)?.contents();
        let kind = bytes.expect(tag::OID)?.value;
        let basic = bytes.expect(tag::OCTET_STRING)?.value;
        bytes.end()?;
        if kind != BASIC {
            return Err(Malformed("another type of answer"));
        }
        let mut basic = single(basic, tag::SEQUENCE)?.contents();
        let signed = basic.expect(tag::SEQUENCE)?;
        let algorithm = SignatureAlgorithm::read(basic.sequence()?)?;
        let signature = basic.expect(tag::BIT_STRING)?.whole_bytes()?.to_vec();
        let certificates = basic.optional(tag::inside(0))?;
        basic.end()?;
        let certificates =
            certificates.map_or_else(|| Ok(Vec::new()), |all| read_certificates(&all))?;

        // Version 1 is the default, which DER leaves out, and there is no other.
        let mut fields = signed.contents();
        let responder = Responder::read(&fields.any()?)?;
        let produced_at = fields.any()?.generalized_time()?;
        let mut reader = fields.sequence()?;
        let own_extensions = fields.optional(tag::inside(1))?;
        fields.end()?;
        let mut answers = Vec::new();
        while !reader.is_empty() {
            if answers.len() >= MOST_ANSWERS {
                return Err(Malformed("too many answers"));
            }
            answers.push(Single::read(reader.sequence()?)?);
        }
        let (mut nonce, mut critical) = (None, false);
        if let Some(tagged) = own_extensions {
            let all = single(tagged.value, tag::SEQUENCE)?.contents();
            extensions(all, |extension| {
                if extension.oid == NONCE {
                    nonce = Some(single(extension.value, tag::OCTET_STRING)?.value.to_vec());
                } else {
                    critical |= extension.critical;
                }
                Ok(())
            })?;
        }
        Ok(Self {
            signed: Zeroizing::new(signed.raw.to_vec()),
            signature,
            algorithm,
            responder,
            produced_at,
            answers,
            nonce,
            critical,
            certificates,
        })
    }

    fn judge(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        asked: Option<&Request>,
        wanted: Freshness,
    ) -> Result<Revocation, NotChecked> {
        let answer = self.newest_on(certificate, issuer).ok_or(NotChecked::AnswerMissing)?;
        if let Some(nonce) = asked.and_then(|request| request.nonce) {
            // RFC 9654 §2.1; an answer without one may be an old one.
            require(self.nonce.as_deref() == Some(&nonce), NotChecked::AnswerNonce)?;
        }
        let critical = self.critical || self.on(certificate, issuer).any(|answer| answer.critical);
        require(!critical, NotChecked::AnswerCritical)?;
        self.check_signature(issuer, wanted.at)?;

        // §4.2.2.1, §3.2 (5) and (6).
        let from_future =
            wanted.is_before(self.produced_at) || wanted.is_before(answer.this_update);
        require(!from_future, NotChecked::AnswerFromFuture)?;
        let is_over = wanted.is_over(answer.this_update, answer.next_update);
        require(!is_over, NotChecked::AnswerStale)?;
        let (source, as_of) = (Source::Ocsp, answer.this_update);
        match answer.status {
            Status::Good => Ok(Revocation::Good { as_of, source, number: None }),
            Status::Revoked { at, reason } => Ok(Revocation::Revoked { at, reason, source }),
            Status::Unknown => Err(NotChecked::AnswerUnknown),
        }
    }

    /// All that it says of a certificate.
    fn on(&self, certificate: &Certificate, issuer: &Certificate) -> impl Iterator<Item = &Single> {
        self.answers.iter().filter(|answer| answer.is_about(certificate, issuer))
    }

    /// Of several the newest, and of several as new the worst.
    fn newest_on(&self, certificate: &Certificate, issuer: &Certificate) -> Option<&Single> {
        self.on(certificate, issuer).max_by_key(|answer| (answer.this_update, answer.status.rank()))
    }

    /// §4.2.2.2: signed by the issuer, or by whom the issuer authorised in a certificate that comes with the answer.
    fn check_signature(&self, issuer: &Certificate, at: Timestamp) -> Result<(), NotChecked> {
        let delegates =
            self.certificates.iter().filter(|delegate| is_delegate(delegate, issuer, at));
        let mut authorised = std::iter::once(issuer)
            .chain(delegates)
            .filter(|signer| self.responder.is(signer))
            .peekable();
        require(authorised.peek().is_some(), NotChecked::AnswerResponder)?;
        let holds = authorised.any(|signer| {
            self.algorithm.is_some_and(|algorithm| {
                signer.public_key.verifies(algorithm, &self.signed, &self.signature)
            })
        });
        require(holds, NotChecked::AnswerSignature)
    }
}

/// Whether the issuer itself authorised this one to answer for it (§4.2.2.2), now, in a certificate that need not be
/// checked in turn (§4.2.2.2.1). The purpose must be named: any purpose is not enough.
fn is_delegate(delegate: &Certificate, issuer: &Certificate, at: Timestamp) -> bool {
    let extensions = &delegate.extensions;
    let purposes = extensions.extended_key_usage.iter().flatten();
    let usage = extensions.key_usage;
    let is_authority = extensions.basic_constraints.is_some_and(|basic| basic.authority)
        || usage.is_some_and(KeyUsage::sign_certificates);
    purposes.into_iter().any(|purpose| **purpose == *purpose::OCSP_SIGNING)
        && usage.is_none_or(KeyUsage::digital_signature)
        && extensions.ocsp_no_check
        && !is_authority
        && !extensions.unknown_critical
        && !extensions.wrong_criticality
        && delegate.validity.contains(&at)
        && check_link(issuer, delegate).is_ok()
}

fn read_certificates(all: &Element<'_>) -> Result<Vec<Certificate>, Malformed> {
    let mut reader = single(all.value, tag::SEQUENCE)?.contents();
    let mut certificates = Vec::new();
    for _ in 0..MOST_CERTIFICATES {
        if reader.is_empty() {
            break;
        }
        certificates.extend(Certificate::parse(reader.expect(tag::SEQUENCE)?.raw));
    }
    reader.end()?;
    Ok(certificates)
}

impl Responder {
    fn read(id: &Element<'_>) -> Result<Self, Malformed> {
        if id.tag == tag::inside(1) {
            name::check(id.value)?;
            Ok(Self::Name(id.value.to_vec()))
        } else if id.tag == tag::inside(2) {
            Ok(Self::Key(single(id.value, tag::OCTET_STRING)?.value.to_vec()))
        } else {
            Err(Malformed("a responder"))
        }
    }

    fn is(&self, signer: &Certificate) -> bool {
        match self {
            Self::Name(name) => name::same(name, &signer.subject),
            Self::Key(hash) => {
                digest(&SHA1_FOR_LEGACY_USE_ONLY, signer.public_key.bits()).as_ref() == hash
            }
        }
    }
}

impl Single {
    /// Reads the contents of a SingleResponse.
    fn read(mut answer: Reader<'_>) -> Result<Self, Malformed> {
        let mut id = answer.sequence()?;
        let mut algorithm = id.sequence()?;
        let oid = algorithm.expect(tag::OID)?.value;
        // Parameters are absent or NULL, and say nothing.
        let plain = matches!(algorithm.rest(), [] | [tag::NULL, 0]);
        let hash = Hash::ALL.into_iter().find(|hash| plain && hash.oid() == oid);
        let issuer_name = id.expect(tag::OCTET_STRING)?.value.to_vec();
        let issuer_key = id.expect(tag::OCTET_STRING)?.value.to_vec();
        let serial = Zeroizing::new(id.expect(tag::INTEGER)?.integer()?.to_vec());
        id.end()?;
        let status = Status::read(&answer.any()?)?;
        let this_update = answer.any()?.generalized_time()?;
        let next_update = answer.optional(tag::inside(0))?;
        let next_update = next_update
            .map(|next| single(next.value, tag::GENERALIZED_TIME)?.generalized_time())
            .transpose()?;
        let own_extensions = answer.optional(tag::inside(1))?;
        answer.end()?;
        let mut critical = false;
        if let Some(tagged) = own_extensions {
            let all = single(tagged.value, tag::SEQUENCE)?.contents();
            extensions(all, |extension| {
                critical |= extension.critical;
                Ok(())
            })?;
        }
        Ok(Self {
            hash,
            issuer_name,
            issuer_key,
            serial,
            status,
            this_update,
            next_update,
            critical,
        })
    }

    fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.serial == integer(certificate.serial())
            && self.hash.is_some_and(|hash| {
                let [name, key] = hash.of_issuer(certificate, issuer);
                self.issuer_name == name.as_ref() && self.issuer_key == key.as_ref()
            })
    }
}

impl Status {
    fn read(status: &Element<'_>) -> Result<Self, Malformed> {
        match (status.tag, status.value) {
            (0x80, []) => Ok(Self::Good),
            (0x82, []) => Ok(Self::Unknown),
            (0xA1, _) => {
                let mut revoked = status.contents();
                let at = revoked.any()?.generalized_time()?;
                let given = revoked.optional(tag::inside(0))?;
                revoked.end()?;
                let reason = match given {
                    None => RevocationReason::Unspecified,
                    Some(given) => reason(&single(given.value, tag::ENUMERATED)?)?
                        .ok_or(Malformed("a reason"))?,
                };
                Ok(Self::Revoked { at, reason })
            }
            _ => Err(Malformed("a status of a certificate")),
        }
    }

    /// The worse the greater.
    fn rank(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Unknown => 1,
            Self::Revoked { .. } => 2,
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Response(..)")
    }
}
