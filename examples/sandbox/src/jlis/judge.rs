//! Whether a leaf is good now: the SDK's validator, over what the authority itself says of revocation.

use jiff::{SignedDuration, Timestamp};
use kaigotap::pki::revocation::crl::Crl;
use kaigotap::pki::revocation::{NotChecked, Revocation, ocsp};
use kaigotap::pki::{self, Demand, Evidence, Purpose, Reason, Rejected, decide};

use super::authority::Authority;
use super::certificate::{Certificate, CertificateId};
use super::register::RevocationReason;
use super::{Jlis, published};
use crate::base::keys::random;
use crate::base::refusal::Refusal;

/// How far the issuer's clock may be off. Here it is the same, but it goes on while a leaf is judged.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// What is known of a leaf that is good.
pub(crate) struct Judged {
    pub(crate) leaf: Certificate,
    pub(crate) id: CertificateId,
}

impl Jlis {
    /// Judges a leaf (DER) for authentication, at a time in seconds since the epoch, revocation included.
    pub(crate) async fn judge(&self, der: &[u8], now: i64) -> Result<Judged, Refusal> {
        let leaf = Certificate::read(der)?;
        let presented = pki::Certificate::parse(der).map_err(|_| Refusal::CertificateMalformed)?;
        let at = Timestamp::from_second(now).map_err(|_| Refusal::ServerFailed)?;
        let demand = Demand::new(Purpose::Authentication, at)
            .with_policies(self.policies.iter().map(String::as_str))
            .map_err(|_| Refusal::CertificateUntrusted)?;
        let anchors = self.anchors();
        let weigh = |evidence: Evidence<'_>| {
            decide(&presented, &[], &anchors, &demand, &evidence.with_tolerance(SKEW))
        };

        let Some(issuer) = self.issuer_of(&leaf) else {
            let rejected = weigh(Evidence::none()).map(|_| Refusal::CertificateUntrusted);
            return Err(rejected.unwrap_or_else(|rejected| refusal(rejected.reason())));
        };
        let id = CertificateId { issuer_key: issuer.id.clone(), serial: leaf.serial().to_vec() };
        let (asked, answer) = ask(self, &presented, &issuer).await?;
        let mut verdict = weigh(Evidence::none().with_ocsp(&answer, Some(&asked)));
        if verdict.as_ref().is_err_and(is_put_off)
            && let Some(list) = list_of(self, &issuer, &leaf).await?
        {
            verdict = weigh(Evidence::none().with_crls(&[list]));
        }
        match verdict {
            Ok(_) => Ok(Judged { leaf, id }),
            Err(rejected) => Err(refused(self, &rejected, &id).await?),
        }
    }
}

/// Asks the responder, and reads what it answers.
async fn ask(
    jlis: &Jlis,
    leaf: &pki::Certificate,
    issuer: &Authority,
) -> Result<(ocsp::Request, ocsp::Response), Refusal> {
    let nonce: [u8; 32] = random()?;
    let asked = ocsp::Request::new(leaf, &issuer.anchor, ocsp::Hash::Sha256, Some(nonce));
    let answer = published::answer(jlis, asked.der()).await;
    let answer = ocsp::Response::parse(&answer).map_err(|_| Refusal::CertificateStatusUnknown)?;
    Ok((asked, answer))
}

/// The list that the leaf names, if the authority publishes it.
async fn list_of(
    jlis: &Jlis,
    issuer: &Authority,
    leaf: &Certificate,
) -> Result<Option<Crl>, Refusal> {
    let Some(name) = leaf.list_name() else { return Ok(None) };
    let list = published::list(jlis, issuer, &name).await?;
    Ok(list.and_then(|der| Crl::parse(der).ok()))
}

/// Whether the responder asked to be asked later: only then a list is as good. One that does not know a certificate
/// has said something.
fn is_put_off(rejected: &Rejected) -> bool {
    rejected.report().revocation() == Revocation::NotChecked { why: NotChecked::AnswerTryLater }
}

/// The refusal of a rejected certificate, told apart from one that has been renewed.
async fn refused(jlis: &Jlis, rejected: &Rejected, id: &CertificateId) -> Result<Refusal, Refusal> {
    let not_issued = Revocation::NotChecked { why: NotChecked::AnswerUnknown };
    let refusal = match rejected.reason() {
        Reason::RevocationUnknown if rejected.report().revocation() == not_issued => {
            Refusal::CertificateNotIssued
        }
        reason => refusal(reason),
    };
    if !matches!(refusal, Refusal::CertificateRevoked | Refusal::CertificateExpired) {
        return Ok(refusal);
    }
    let register = jlis.register();
    let status = register.status(&id.issuer_key, &id.serial).await?;
    let superseded = status
        .and_then(|status| status.revoked)
        .is_some_and(|revoked| revoked.reason == RevocationReason::Superseded);
    let renewed = superseded && register.is_replaced(id).await?;
    Ok(if renewed { Refusal::CertificateRenewed } else { refusal })
}

fn refusal(reason: Reason) -> Refusal {
    match reason {
        Reason::NotYetValid | Reason::Expired => Refusal::CertificateExpired,
        Reason::Revoked => Refusal::CertificateRevoked,
        Reason::RevocationUnknown => Refusal::CertificateStatusUnknown,
        _ => Refusal::CertificateUntrusted,
    }
}
