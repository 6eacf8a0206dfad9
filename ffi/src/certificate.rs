//! Certificates and the verdict over them.

use kaigotap::message::Code;
use kaigotap::pki::revocation::{self, crl::Crl, ocsp};
use kaigotap::pki::{self, Evidence, Reason};

use crate::failure::{KaigoTapError, Language, unusable};
use crate::{hidden, milliseconds, mirror, moment};

mirror! {
    /// Where a set of anchors comes from. Under a test hierarchy nothing says anything about a real person.
    Origin from pki::Origin, else Test {
        /// The hierarchy of real cards.
        Production,
        /// A test hierarchy.
        Test,
    }
}

mirror! {
    /// What a certificate is for.
    Purpose of pki::Purpose {
        /// 利用者証明用
        Authentication,
        /// 署名用
        Signature,
    }
}

/// Whom to trust: the authorities whose certificates are accepted. A value, and no object that could be used after it
/// was closed.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
#[uniffi::export(Debug, Display)]
pub enum TrustAnchors {
    /// The roots under which real cards are issued, those of J-LIS, of every generation.
    Production,
    /// Anchors of a test hierarchy, DER, by purpose.
    Test {
        /// For authentication.
        authentication: Vec<Vec<u8>>,
        /// For signatures.
        signature: Vec<Vec<u8>>,
    },
}

#[uniffi::export]
impl TrustAnchors {
    /// Where these anchors come from.
    pub fn origin(&self) -> Origin {
        match self {
            Self::Production => Origin::Production,
            Self::Test { .. } => Origin::Test,
        }
    }

    /// What this device can say of a certificate, DER. Whether it was revoked only the server knows, so there is no
    /// value called valid.
    pub fn judge(
        &self,
        certificate: Vec<u8>,
        demand: Demand,
    ) -> Result<CertificateVerdict, KaigoTapError> {
        judge(&self.to_core()?, &certificate, demand)
    }
}

impl TrustAnchors {
    pub(crate) fn to_core(&self) -> Result<pki::TrustAnchors, KaigoTapError> {
        match self {
            Self::Production => Ok(pki::TrustAnchors::production()),
            Self::Test { authentication, signature } => {
                of_test(authentication, signature).map_err(|_| unusable("an anchor"))
            }
        }
    }
}

impl std::fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TrustAnchors({:?})", self.origin())
    }
}

impl std::fmt::Display for TrustAnchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

fn of_test(
    authentication: &[Vec<u8>],
    signature: &[Vec<u8>],
) -> Result<pki::TrustAnchors, pki::Malformed> {
    pki::TrustAnchors::test(
        authentication.iter().map(Vec::as_slice),
        signature.iter().map(Vec::as_slice),
    )
}

/// What a certificate is judged for, and by what.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Demand {
    /// The purpose, whose usual policy is then required; any, if there is none.
    pub purpose: Option<Purpose>,
    /// At which time, in milliseconds since 1970.
    pub at_ms: u64,
    /// Intermediates, DER: the leaf's issuer first, at most two.
    pub intermediates: Vec<Vec<u8>>,
    /// Revocation lists (RFC 5280 §5), DER; only registered verifiers are given any (公的個人認証法 17条, 36条).
    pub revocation_lists: Vec<Vec<u8>>,
    /// A responder's answer (RFC 6960), DER.
    pub ocsp_answer: Option<Vec<u8>>,
}
hidden!(Demand);

/// What this device can say of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CertificateVerdict {
    /// The first thing that speaks against it: a stable code such as `expired`; `None` if nothing does.
    pub rejected_because: Option<String>,
    /// Under whose anchors.
    pub origin: Origin,
    /// What was looked at, in order.
    pub checks: Vec<CertificateCheck>,
    /// What is known of its revocation.
    pub revocation: Revocation,
    /// First moment of its validity, in milliseconds since 1970.
    pub not_before_ms: u64,
    /// Last moment of its validity, in milliseconds since 1970.
    pub not_after_ms: u64,
}

#[uniffi::export]
impl CertificateVerdict {
    /// Why it is rejected, in words; empty if it is not.
    pub fn text(&self, language: Language) -> String {
        let reason = self.rejected_because.as_deref().and_then(Reason::named);
        reason.map_or("", |reason| reason.text(language.into())).to_owned()
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CertificateCheck {
    /// Its stable name, such as `chain`.
    pub name: String,
    /// What was found.
    pub finding: Finding,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Finding {
    /// Nothing against it.
    Passed,
    /// The first thing against it.
    Failed {
        /// A stable code.
        reason: String,
    },
    /// Not looked at, because there is no chain of issuers whose word would count.
    NotReached,
}

/// What is known of a certificate's revocation. On a phone that is nothing, unless somebody handed it what they know.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Revocation {
    /// It was not revoked then.
    Good {
        /// When that was so, in milliseconds since 1970.
        as_of_ms: u64,
        /// Who said so: `crl` or `ocsp`.
        source: String,
        /// The number of the list, hexadecimal, if it was one that has a number. Keep the greatest that was seen of an
        /// issuer and distribution point: a list with a smaller one may be in time and hide a revocation.
        number: Option<String>,
    },
    /// It was revoked.
    Revoked {
        /// Since when, in milliseconds since 1970.
        at_ms: u64,
        /// Why: a stable code.
        reason: String,
        /// Who said so: `crl` or `ocsp`.
        source: String,
    },
    /// Nothing is known.
    NotChecked {
        /// Why nothing is known: a stable code.
        why: String,
    },
}

impl From<revocation::Revocation> for Revocation {
    fn from(known: revocation::Revocation) -> Self {
        match known {
            revocation::Revocation::Good { as_of, source, number, .. } => Self::Good {
                as_of_ms: milliseconds(as_of),
                source: source.code().to_owned(),
                number: number.map(|number| number.to_string()),
            },
            revocation::Revocation::Revoked { at, reason, source, .. } => Self::Revoked {
                at_ms: milliseconds(at),
                reason: reason.code().to_owned(),
                source: source.code().to_owned(),
            },
            revocation::Revocation::NotChecked { why } => {
                Self::NotChecked { why: why.code().to_owned() }
            }
        }
    }
}

fn judge(
    anchors: &pki::TrustAnchors,
    der: &[u8],
    demand: Demand,
) -> Result<CertificateVerdict, KaigoTapError> {
    let parse = |der: &[u8]| {
        pki::Certificate::parse(der).map_err(|_| KaigoTapError::from(Code::CertificateMalformed))
    };
    let at = moment(demand.at_ms).ok_or_else(|| unusable("the time"))?;
    let leaf = parse(der)?;
    let intermediates: Vec<pki::Certificate> =
        demand.intermediates.iter().map(|der| parse(der)).collect::<Result<_, _>>()?;
    let lists: Vec<Crl> = demand
        .revocation_lists
        .into_iter()
        .map(|der| Crl::parse(der).map_err(|_| unusable("a revocation list")))
        .collect::<Result<_, _>>()?;
    let answer = demand.ocsp_answer.as_deref().map(ocsp::Response::parse);
    let answer = answer.transpose().map_err(|_| unusable("the answer of a responder"))?;

    let asked = match demand.purpose {
        Some(purpose) => pki::Demand::new(purpose.into(), at),
        None => pki::Demand::any_purpose(at),
    };
    let mut evidence = Evidence::none().with_crls(&lists);
    if let Some(answer) = &answer {
        evidence = evidence.with_ocsp(answer, None);
    }
    let judged = pki::verify(&leaf, &intermediates, anchors, &asked, &evidence);
    let (rejected_because, report) = match &judged {
        Ok(verdict) => (None, verdict.report()),
        Err(rejected) => (Some(rejected.reason().code().to_owned()), rejected.report()),
    };
    let checks = report.findings().map(|(check, finding)| CertificateCheck {
        name: check.code().to_owned(),
        finding: match finding {
            pki::Finding::Passed => Finding::Passed,
            pki::Finding::Failed(reason) => Finding::Failed { reason: reason.code().to_owned() },
            pki::Finding::NotReached => Finding::NotReached,
        },
    });
    Ok(CertificateVerdict {
        rejected_because,
        origin: report.origin().into(),
        checks: checks.collect(),
        revocation: report.revocation().into(),
        not_before_ms: milliseconds(leaf.not_before()),
        not_after_ms: milliseconds(leaf.not_after()),
    })
}
