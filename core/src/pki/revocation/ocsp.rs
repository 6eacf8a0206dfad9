//! Answers of a responder on one certificate (OCSP, RFC 6960; nonces by RFC 9654).
//!
//! Here are the question and the evaluation of the answer; who carries them is not this room's business.

use jiff::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};

use super::crl::each_extension;
use super::{NotChecked, Revocation, RevocationReason, Source, When};
use crate::pki::algorithm::SignatureAlgorithm;
use crate::pki::der::{Element, Reader, single, tag, write};
use crate::pki::extension::{KeyUsage, purpose};
use crate::pki::{Certificate, Malformed, name};

/// id-pkix-ocsp-basic, id-pkix-ocsp-nonce.
const BASIC: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x01\x01";
const NONCE: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x01\x02";
/// id-sha1, id-sha256.
const SHA1_OID: &[u8] = b"\x2B\x0E\x03\x02\x1A";
const SHA256_OID: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
/// Longest answer that is read, in bytes; one on one certificate is below 5,000.
const LONGEST: usize = 256 * 1024;

/// The digest by which a question names the issuer. It names, and protects nothing; many responders know SHA-1 only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1
    Sha1,
    /// SHA-256
    Sha256,
}

/// A question about one certificate. It points to a person's card: `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Request {
    der: Vec<u8>,
    nonce: Option<[u8; 32]>,
}

/// An answer, read once.
pub struct Response(Result<Basic, NotChecked>);

/// BasicOCSPResponse (RFC 6960 §4.2.1).
struct Basic {
    signed: Vec<u8>,
    signature: Vec<u8>,
    algorithm: Option<SignatureAlgorithm>,
    responder: Responder,
    produced_at: Timestamp,
    singles: Vec<Single>,
    nonce: Option<Vec<u8>>,
    unknown_critical: bool,
    certificates: Vec<Certificate>,
}

/// Who says that he answered.
enum Responder {
    Name(Vec<u8>),
    /// SHA-1 over his key's bits.
    Key(Vec<u8>),
}

/// What is said of one certificate.
struct Single {
    hash: Option<Hash>,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
    status: Status,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    unknown_critical: bool,
}

#[derive(Clone, Copy)]
enum Status {
    Good,
    Revoked { at: Timestamp, reason: RevocationReason },
    Unknown,
}

impl Hash {
    fn of(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
        };
        digest(algorithm, bytes).as_ref().to_vec()
    }

    fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => SHA1_OID,
            Self::Sha256 => SHA256_OID,
        }
    }
}

impl Request {
    /// Asks for one certificate of this issuer. With a nonce, 32 random bytes, only an answer to this very question is
    /// taken; without, one that was made before, for anybody, is taken while it is fresh.
    pub fn new(
        certificate: &Certificate,
        issuer: &Certificate,
        hash: Hash,
        nonce: Option<[u8; 32]>,
    ) -> Self {
        let octets = |bytes: &[u8]| write(tag::OCTET_STRING, bytes);
        let sequence = |parts: &[Vec<u8>]| write(tag::SEQUENCE, &parts.concat());
        let algorithm = sequence(&[write(tag::OID, hash.oid()), write(tag::NULL, &[])]);
        let serial = match certificate.serial.as_bytes() {
            high @ [0x80..=0xFF, ..] => [&[0], high].concat(),
            low => low.to_vec(),
        };
        let id = sequence(&[
            algorithm,
            octets(&hash.of(&certificate.issuer)),
            octets(&hash.of(issuer.public_key.bits())),
            write(tag::INTEGER, &serial),
        ]);
        let mut fields = vec![sequence(&[sequence(&[id])])];
        if let Some(nonce) = nonce {
            let extension = sequence(&[write(tag::OID, NONCE), octets(&octets(&nonce))]);
            fields.push(write(tag::inside(2), &sequence(&[extension])));
        }
        Self { der: sequence(&[sequence(&fields)]), nonce }
    }

    /// What is sent: `application/ocsp-request`.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

impl Response {
    /// Reads an answer, `application/ocsp-response`; nothing may follow it.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        if der.len() > LONGEST {
            return Err(Malformed("an answer too long"));
        }
        let mut response = single(der, tag::SEQUENCE)?.contents();
        let status = response.expect(tag::ENUMERATED)?;
        let bytes = response.optional(tag::inside(0))?;
        response.end()?;
        let why = match (status.value, bytes) {
            ([0], Some(bytes)) => return Ok(Self(Ok(Basic::read_typed(bytes)?))),
            ([3], None) => NotChecked::AnswerTryLater,
            ([6], None) => NotChecked::AnswerUnauthorized,
            ([1 | 2 | 5], None) => NotChecked::AnswerError,
            _ => return Err(Malformed("the status of an answer")),
        };
        Ok(Self(Err(why)))
    }

    /// What it says of a certificate.
    pub(super) fn on(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        asked: Option<&Request>,
        when: When,
    ) -> Revocation {
        let answer = match &self.0 {
            Err(why) => Err(*why),
            Ok(basic) => basic.on(certificate, issuer, asked, when),
        };
        answer.unwrap_or_else(|why| Revocation::NotChecked { why })
    }
}

impl Basic {
    /// ResponseBytes.
    fn read_typed(tagged: Element<'_>) -> Result<Self, Malformed> {
        let mut typed = single(tagged.value, tag::SEQUENCE)?.contents();
        if typed.expect(tag::OID)?.value != BASIC {
            return Err(Malformed("an answer of another type"));
        }
        let basic = typed.expect(tag::OCTET_STRING)?.value;
        typed.end()?;

        let mut basic = single(basic, tag::SEQUENCE)?.contents();
        let signed = basic.expect(tag::SEQUENCE)?;
        let algorithm = SignatureAlgorithm::read(basic.sequence()?)?;
        let signature = basic.expect(tag::BIT_STRING)?.whole_bytes()?.to_vec();
        let mut certificates = Vec::new();
        if let Some(all) = basic.optional(tag::inside(0))? {
            let mut all = single(all.value, tag::SEQUENCE)?.contents();
            while !all.is_empty() {
                // Those of another profile are not the responder's.
                certificates.extend(Certificate::parse(all.any()?.raw).ok());
            }
        }
        basic.end()?;

        let mut fields = signed.contents();
        // Version 1 is the only one, and DER leaves the default out.
        if fields.optional(tag::inside(0))?.is_some() {
            return Err(Malformed("the version of an answer"));
        }
        let responder = match fields.any()? {
            by if by.tag == tag::inside(1) => {
                name::check(by.value)?;
                Responder::Name(by.value.to_vec())
            }
            by if by.tag == tag::inside(2) => {
                Responder::Key(single(by.value, tag::OCTET_STRING)?.value.to_vec())
            }
            _ => return Err(Malformed("a responder")),
        };
        let produced_at = fields.any()?.generalized_time()?;
        let mut all = fields.sequence()?;
        let mut singles = Vec::new();
        while !all.is_empty() {
            singles.push(Single::read(all.sequence()?)?);
        }
        let mut nonce = None;
        let mut unknown_critical = false;
        if let Some(extensions) = fields.optional(tag::inside(1))? {
            each_extension(
                single(extensions.value, tag::SEQUENCE)?.contents(),
                |oid, critical, value| {
                    match oid {
                        NONCE => nonce = Some(single(value, tag::OCTET_STRING)?.value.to_vec()),
                        _ => unknown_critical |= critical,
                    }
                    Ok(())
                },
            )?;
        }
        fields.end()?;
        Ok(Self {
            signed: signed.raw.to_vec(),
            signature,
            algorithm,
            responder,
            produced_at,
            singles,
            nonce,
            unknown_critical,
            certificates,
        })
    }

    /// §3.2: the requirements for taking an answer.
    fn on(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        asked: Option<&Request>,
        when: When,
    ) -> Result<Revocation, NotChecked> {
        let mut about: Vec<_> =
            self.singles.iter().filter(|single| single.is_about(certificate, issuer)).collect();
        // First, because most answers are on one certificate of a path only.
        if about.is_empty() {
            return Err(NotChecked::AnswerMissing);
        }
        self.check_signer(issuer, when)?;
        if self.unknown_critical || about.iter().any(|single| single.unknown_critical) {
            return Err(NotChecked::AnswerCritical);
        }
        if let Some(nonce) = asked.and_then(|asked| asked.nonce)
            && self.nonce.as_deref() != Some(&nonce)
        {
            return Err(NotChecked::AnswerNonce);
        }
        // Several about one certificate: the newest, and of the same time the worst.
        about.sort_by_key(|single| (single.this_update, single.severity()));
        let newest = about.last().ok_or(NotChecked::AnswerMissing)?;
        let timely =
            |early| if early { NotChecked::AnswerFromFuture } else { NotChecked::AnswerStale };
        // Without nextUpdate newer word is always to be had (§4.2.2.1), so this one holds for its own moment only.
        let until = newest.next_update.unwrap_or(newest.this_update);
        when.check(newest.this_update, until).map_err(timely)?;
        when.check(self.produced_at, Timestamp::MAX).map_err(timely)?;
        match newest.status {
            Status::Good => {
                Ok(Revocation::Good { as_of: newest.this_update, source: Source::Ocsp })
            }
            Status::Revoked { at, reason } => {
                Ok(Revocation::Revoked { at, reason, source: Source::Ocsp })
            }
            Status::Unknown => Err(NotChecked::AnswerUnknown),
        }
    }

    /// §4.2.2.2: the issuer himself, or one whom this very issuer certified for it.
    fn check_signer(&self, issuer: &Certificate, when: When) -> Result<(), NotChecked> {
        let delegates =
            self.certificates.iter().filter(|delegate| may_answer_for(delegate, issuer, when));
        let mut unfit = true;
        for signer in std::iter::once(issuer).chain(delegates) {
            if !self.responder.is(signer) {
                continue;
            }
            unfit = false;
            let signed = self.algorithm.is_some_and(|algorithm| {
                signer.public_key.verifies(algorithm, &self.signed, &self.signature)
            });
            if signed {
                return Ok(());
            }
        }
        Err(if unfit { NotChecked::AnswerResponder } else { NotChecked::AnswerSignature })
    }
}

impl Responder {
    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => name::same(name, &certificate.subject),
            Self::Key(key) => *key == Hash::Sha1.of(certificate.public_key.bits()),
        }
    }
}

/// Whether an issuer lets this certificate's key answer for him: certified by him directly, for that, valid now, and not
/// itself to be asked about (id-pkix-ocsp-nocheck), since nobody could be.
fn may_answer_for(delegate: &Certificate, issuer: &Certificate, when: When) -> bool {
    let extensions = &delegate.extensions;
    let for_it = extensions
        .extended_key_usage
        .as_ref()
        .is_some_and(|purposes| purposes.iter().any(|purpose| **purpose == *purpose::OCSP_SIGNING));
    for_it
        && extensions.ocsp_no_check
        && extensions.key_usage.is_none_or(KeyUsage::digital_signature)
        && !extensions.key_usage.is_some_and(KeyUsage::sign_certificates)
        && !extensions.basic_constraints.is_some_and(|basic| basic.authority)
        && !extensions.unknown_critical
        && delegate.validity.contains(&when.at)
        && crate::pki::path::check_link(issuer, delegate).is_ok()
}

impl Single {
    /// SingleResponse.
    fn read(mut single_response: Reader<'_>) -> Result<Self, Malformed> {
        let mut id = single_response.sequence()?;
        let mut algorithm = id.sequence()?;
        let hash = match algorithm.expect(tag::OID)?.value {
            SHA1_OID => Some(Hash::Sha1),
            SHA256_OID => Some(Hash::Sha256),
            _ => None,
        };
        let issuer_name = id.expect(tag::OCTET_STRING)?.value.to_vec();
        let issuer_key = id.expect(tag::OCTET_STRING)?.value.to_vec();
        let serial = id.expect(tag::INTEGER)?.integer()?.to_vec();
        id.end()?;
        let status = match single_response.any()? {
            good if good.tag == tag::context(0) && good.value.is_empty() => Status::Good,
            unknown if unknown.tag == tag::context(2) && unknown.value.is_empty() => {
                Status::Unknown
            }
            revoked if revoked.tag == tag::inside(1) => revocation(revoked.contents())?,
            _ => return Err(Malformed("a status")),
        };
        let this_update = single_response.any()?.generalized_time()?;
        let next_update = single_response
            .optional(tag::inside(0))?
            .map(|tagged| single(tagged.value, tag::GENERALIZED_TIME)?.generalized_time())
            .transpose()?;
        let mut unknown_critical = false;
        if let Some(extensions) = single_response.optional(tag::inside(1))? {
            each_extension(
                single(extensions.value, tag::SEQUENCE)?.contents(),
                |_, critical, _| {
                    unknown_critical |= critical;
                    Ok(())
                },
            )?;
        }
        single_response.end()?;
        Ok(Self {
            hash,
            issuer_name,
            issuer_key,
            serial,
            status,
            this_update,
            next_update,
            unknown_critical,
        })
    }

    /// §4.1.1: the issuer's name as it stands in the certificate that is asked about, and the issuer's key.
    fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.hash.is_some_and(|hash| {
            certificate.serial.is(&self.serial)
                && self.issuer_key == hash.of(issuer.public_key.bits())
                && self.issuer_name == hash.of(&certificate.issuer)
        })
    }

    fn severity(&self) -> u8 {
        match self.status {
            Status::Good => 0,
            Status::Unknown => 1,
            Status::Revoked { .. } => 2,
        }
    }
}

/// RevokedInfo.
fn revocation(mut info: Reader<'_>) -> Result<Status, Malformed> {
    let at = info.any()?.generalized_time()?;
    let mut reason = RevocationReason::Unspecified;
    if let Some(tagged) = info.optional(tag::inside(0))? {
        let given = match single(tagged.value, tag::ENUMERATED)?.value {
            [number] => RevocationReason::of_number(*number),
            _ => None,
        };
        reason = given.ok_or(Malformed("a reason"))?;
    }
    info.end()?;
    Ok(Status::Revoked { at, reason })
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request(..)")
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Response(..)")
    }
}
