//! The OCSP responder (RFC 6960): a delegated one for each authority, with a key that lives as long as the process.

use der::asn1::{Any, BitString, GeneralizedTime, OctetString};
use der::{Decode, Encode};
use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RsaKeyPair};
use x509_cert::Certificate as X509;
use x509_cert::ext::Extension;
use x509_cert::spki::{AlgorithmIdentifierOwned, ObjectIdentifier, SubjectPublicKeyInfoOwned};
use x509_ocsp::{
    AsResponseBytes, BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspRequest,
    OcspResponse, ResponderId, ResponseData, RevokedInfo, SingleResponse, Version,
};

use super::authority::Authority;
use super::certificate::without_leading_zeros;
use super::register::Revoked;
use super::{Jlis, form};
use crate::base::refusal::Refusal;

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const SHA1_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");

/// No request comes near this many bytes, or asks about this many certificates.
const LONGEST_REQUEST: usize = 8 * 1024;
const MOST_QUESTIONS: usize = 16;
/// RFC 9654 §2.1.
const LONGEST_NONCE: usize = 128;
/// An answer is good for this long, in seconds.
const GOOD_FOR: i64 = 60 * 60;

/// Its key and certificate. P-256 and not RSA: a key is made in no time, and so is a signature.
pub(crate) struct Responder {
    key: EcdsaKeyPair,
    random: SystemRandom,
    certificate: X509,
}

impl Responder {
    /// A new one, certified by an authority.
    pub(crate) fn new(issuer: &Authority, issuer_key: &RsaKeyPair) -> Option<Self> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).ok()?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).ok()?;
        let info = SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned {
                oid: EC_PUBLIC_KEY,
                parameters: Some(Any::encode_from(&P256).ok()?),
            },
            subject_public_key: BitString::from_bytes(key.public_key().as_ref()).ok()?,
        };
        let certificate = form::responder(issuer, issuer_key, info)?;
        Some(Self { certificate: X509::from_der(&certificate).ok()?, key, random })
    }

    /// Its certificate in DER.
    pub(crate) fn certificate(&self) -> Option<Vec<u8>> {
        self.certificate.to_der().ok()
    }

    fn sign(
        &self,
        responses: Vec<SingleResponse>,
        nonce: Option<Extension>,
        now: i64,
    ) -> Option<OcspResponse> {
        let key_hash = form::key_id(self.key.public_key().as_ref());
        let tbs_response_data = ResponseData {
            version: Version::V1,
            responder_id: ResponderId::ByKey(OctetString::new(key_hash).ok()?),
            produced_at: time(now)?,
            responses,
            response_extensions: nonce.map(|nonce| vec![nonce]),
        };
        let signed = tbs_response_data.to_der().ok()?;
        let signature = self.key.sign(&self.random, &signed).ok()?;
        let response = BasicOcspResponse {
            tbs_response_data,
            signature_algorithm: AlgorithmIdentifierOwned {
                oid: ECDSA_WITH_SHA256,
                parameters: None,
            },
            signature: BitString::from_bytes(signature.as_ref()).ok()?,
            certs: Some(vec![self.certificate.clone()]),
        };
        let response_bytes = response.to_response_bytes().ok()?;
        Some(OcspResponse {
            response_status: x509_ocsp::OcspResponseStatus::Successful,
            response_bytes: Some(response_bytes),
        })
    }
}

/// The answer (DER) to a request (DER), whatever it is, as of a time in seconds since the epoch.
pub(crate) async fn answer(jlis: &Jlis, request: &[u8], at: i64) -> Vec<u8> {
    let response = respond(jlis, request, at).await;
    let response = response.unwrap_or_else(|failed| failed);
    response.to_der().unwrap_or_default()
}

/// What it answers (DER) when it has no time.
pub(crate) fn try_later() -> Vec<u8> {
    OcspResponse::try_later().to_der().unwrap_or_default()
}

async fn respond(jlis: &Jlis, request: &[u8], at: i64) -> Result<OcspResponse, OcspResponse> {
    let internal = |_: Refusal| OcspResponse::internal_error();
    let (questions, nonce) = read(request).ok_or_else(OcspResponse::malformed_request)?;
    let authorities = jlis.all();
    // One response has one signer: the responder of the first authority that is asked about.
    let signer = questions
        .iter()
        .find_map(|asked| authorities.iter().find(|a| a.office.is_some() && names(asked, a)));
    let Some((signer, office)) = signer.and_then(|a| Some((a, a.office.as_ref()?))) else {
        return Err(OcspResponse::unauthorized());
    };
    let mut responses = Vec::with_capacity(questions.len());
    for asked in questions {
        let status = if names(&asked, signer) {
            status(jlis, signer, &asked).await.map_err(internal)?
        } else {
            CertStatus::unknown()
        };
        let single = single(asked, status, at);
        responses.push(single.ok_or_else(OcspResponse::internal_error)?);
    }
    office.responder.sign(responses, nonce, at).ok_or_else(OcspResponse::internal_error)
}

/// What is asked, and the nonce. Nothing if it is not a request of the one form, or more than anybody asks.
fn read(request: &[u8]) -> Option<(Vec<CertId>, Option<Extension>)> {
    if request.len() > LONGEST_REQUEST {
        return None;
    }
    // A signature on it is not asked for, and not looked at.
    let request = OcspRequest::from_der(request).ok()?.tbs_request;
    let mut nonce = None;
    for extension in request.request_extensions.unwrap_or_default() {
        if extension.extn_id == NONCE {
            let value = OctetString::from_der(extension.extn_value.as_bytes()).ok()?;
            let fits = (1..=LONGEST_NONCE).contains(&value.as_bytes().len());
            if !fits || nonce.replace(Extension { critical: false, ..extension }).is_some() {
                return None;
            }
        } else if extension.critical {
            return None;
        }
    }
    let mut questions = Vec::with_capacity(request.request_list.len());
    for question in request.request_list {
        let extensions = question.single_request_extensions.unwrap_or_default();
        if extensions.iter().any(|extension| extension.critical) {
            return None;
        }
        questions.push(question.req_cert);
    }
    (1..=MOST_QUESTIONS).contains(&questions.len()).then_some((questions, nonce))
}

/// Whether a question is about a certificate of this authority, by both digests (RFC 6960 §4.1.1).
fn names(asked: &CertId, authority: &Authority) -> bool {
    let algorithm = match asked.hash_algorithm.oid {
        SHA1_ID => &SHA1_FOR_LEGACY_USE_ONLY,
        SHA256_ID => &SHA256,
        _ => return false,
    };
    let is = |hash: &OctetString, bytes: &[u8]| {
        hash.as_bytes() == digest::digest(algorithm, bytes).as_ref()
    };
    let name = authority.root.tbs.subject.to_der().unwrap_or_default();
    is(&asked.issuer_key_hash, &authority.root.key) && is(&asked.issuer_name_hash, &name)
}

async fn status(jlis: &Jlis, issuer: &Authority, asked: &CertId) -> Result<CertStatus, Refusal> {
    let serial = without_leading_zeros(asked.serial_number.as_bytes());
    let known = jlis.register().status(&issuer.id, serial).await?;
    Ok(match known.map(|known| known.revoked) {
        None => CertStatus::unknown(),
        Some(None) => CertStatus::good(),
        Some(Some(revoked)) => {
            CertStatus::Revoked(revoked_info(revoked).ok_or(Refusal::ServerFailed)?)
        }
    })
}

fn revoked_info(revoked: Revoked) -> Option<RevokedInfo> {
    Some(RevokedInfo {
        revocation_time: time(revoked.at)?,
        revocation_reason: revoked.reason.written(),
    })
}

fn single(cert_id: CertId, cert_status: CertStatus, this_update: i64) -> Option<SingleResponse> {
    Some(SingleResponse {
        cert_id,
        cert_status,
        this_update: time(this_update)?,
        next_update: Some(time(this_update + GOOD_FOR)?),
        single_extensions: None,
    })
}

fn time(seconds: i64) -> Option<OcspGeneralizedTime> {
    form::date(seconds).map(|date| OcspGeneralizedTime(GeneralizedTime::from_date_time(date)))
}
