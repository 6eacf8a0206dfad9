//! The verdict over a path.

use jiff::{SignedDuration, Timestamp};

use super::anchors::{Origin, TrustAnchors, dotted, oid_from_dotted, policy as policy_of};
use super::extension::Oid;
use super::path::Path;
use super::reason::Reason;
use super::revocation::{Evidence, Freshness, NotChecked, Revocation, crl};
use super::{Certificate, Fingerprint, Malformed, Purpose, name, policy};
use crate::message::Failure;

/// What a certificate is judged for.
#[derive(Clone, Debug)]
pub struct Demand {
    purpose: Option<Purpose>,
    policies: Option<Vec<Oid>>,
    at: Timestamp,
    greatest_age: Option<SignedDuration>,
    least_number: Option<crl::Number>,
}

impl Demand {
    /// For a purpose, at a time, under the policy that certificates of that purpose have below these anchors. The leaf has
    /// to name the policy itself: RFC 5280 lets anyPolicy stand for it, or a mapping, but what tells the kinds of a
    /// person's certificates apart is the policy that J-LIS writes into each.
    pub fn new(purpose: Purpose, at: Timestamp) -> Self {
        Self { purpose: Some(purpose), ..Self::any_purpose(at) }
    }

    /// For any purpose and under any policy: the path alone.
    pub fn any_purpose(at: Timestamp) -> Self {
        Self { purpose: None, policies: None, at, greatest_age: None, least_number: None }
    }

    /// Under one of these policies, dotted (`1.2.392.…`), instead of the purpose's own; at least one. For any purpose a
    /// path may have one in every way of RFC 5280 §6.1.
    pub fn with_policies<'a>(
        self,
        policies: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Malformed> {
        let policies: Vec<Oid> =
            policies.into_iter().map(oid_from_dotted).collect::<Result<_, _>>()?;
        if policies.is_empty() {
            return Err(Malformed("no policy"));
        }
        Ok(Self { policies: Some(policies), ..self })
    }

    /// Under any policy or none, unless an authority of the path demands one.
    #[must_use]
    pub fn under_any_policy(self) -> Self {
        Self { policies: Some(Vec::new()), ..self }
    }

    /// With word of revocations, on each certificate of the path, that is not older than this, even if it says that it
    /// holds longer. It counts for answers without nextUpdate as well, in place of
    /// [`GREATEST_AGE`](super::revocation::GREATEST_AGE).
    #[must_use]
    pub fn with_greatest_age(self, age: SignedDuration) -> Self {
        Self { greatest_age: Some(age), ..self }
    }

    /// If a list speaks for the leaf, with one of at least this number: the greatest that was seen of that issuer and
    /// distribution point, as [`Revocation::Good`] has it. A list without a number does not do.
    #[must_use]
    pub fn with_least_list_number(self, number: crl::Number) -> Self {
        Self { least_number: Some(number), ..self }
    }

    fn required(&self, origin: Origin) -> Vec<Oid> {
        match (&self.policies, self.purpose) {
            (Some(policies), _) => policies.clone(),
            (None, Some(purpose)) => vec![policy_of(origin, purpose).into()],
            (None, None) => Vec::new(),
        }
    }
}

/// One thing that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// Algorithms and keys.
    Algorithms,
    /// Names, key identifiers and signatures up to an anchor.
    Chain,
    /// Critical extensions.
    Extensions,
    /// What authorities may do: basic constraints, path length, key usage, name constraints.
    Constraints,
    /// Key usage and extended key usage for the purpose.
    Usage,
    /// Certificate policies.
    Policy,
    /// Validity at the time.
    Validity,
}

impl Check {
    /// All of them, in the order in which a reason is told.
    pub const ALL: [Self; 7] = [
        Self::Algorithms,
        Self::Chain,
        Self::Extensions,
        Self::Constraints,
        Self::Usage,
        Self::Policy,
        Self::Validity,
    ];
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing against it.
    Passed,
    /// The first thing against it.
    Failed(Reason),
    /// Not looked at, because there is no chain of issuers whose word would count.
    NotReached,
}

impl From<Result<(), Reason>> for Finding {
    fn from(result: Result<(), Reason>) -> Self {
        result.map_or_else(Self::Failed, |()| Self::Passed)
    }
}

/// Everything that was looked at, and what was found. Part of every verdict and of every refusal.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    origin: Origin,
    purpose: Option<Purpose>,
    at: Timestamp,
    anchor: Option<Fingerprint>,
    certificates: usize,
    findings: [Finding; Check::ALL.len()],
    required_policies: Vec<Oid>,
    policies: Vec<Oid>,
    revocation: Revocation,
    /// The first certificate of the path whose revocation is not known or that is revoked is not the leaf.
    authority_revocation: bool,
}

impl Report {
    /// Under whose anchors.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// For which purpose, if for one.
    pub fn purpose(&self) -> Option<Purpose> {
        self.purpose
    }

    /// As of when.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The anchor that vouches, if one does.
    pub fn anchor(&self) -> Option<Fingerprint> {
        self.anchor
    }

    /// How many certificates stand below the anchor, the leaf included.
    pub fn certificates(&self) -> usize {
        self.certificates
    }

    /// What each check found.
    pub fn findings(&self) -> impl Iterator<Item = (Check, Finding)> {
        Check::ALL.into_iter().zip(self.findings)
    }

    /// Policies of which one was required; none if any would do.
    pub fn required_policies(&self) -> impl Iterator<Item = String> {
        self.required_policies.iter().map(|oid| dotted(oid))
    }

    /// Policies that the leaf asserts.
    pub fn policies(&self) -> impl Iterator<Item = String> {
        self.policies.iter().map(|oid| dotted(oid))
    }

    /// What is known of revocation: of the leaf, or of an authority above it if that is worse.
    pub fn revocation(&self) -> Revocation {
        self.revocation
    }

    fn failed(&self) -> Option<Reason> {
        self.findings.iter().find_map(|finding| match finding {
            Finding::Failed(reason) => Some(*reason),
            _ => None,
        })
    }

    fn revoked(&self) -> Option<Reason> {
        match self.revocation {
            Revocation::Revoked { .. } if self.authority_revocation => {
                Some(Reason::AuthorityRevoked)
            }
            Revocation::Revoked { .. } => Some(Reason::Revoked),
            _ => None,
        }
    }
}

/// What this device can say for a certificate: nothing speaks against it. Whether it still holds, the server knows.
#[derive(Clone, PartialEq, Eq)]
pub struct LocalVerdict(Report);

/// What a server can say for a certificate: nothing speaks against it, and it is known not to be revoked, nor is any
/// authority above it.
#[derive(Clone, PartialEq, Eq)]
pub struct Verdict(Report);

/// A certificate is not accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct Rejected {
    reason: Reason,
    report: Box<Report>,
}

/// Judges a leaf with its intermediates (its issuer first, at most two) under the given anchors, as a device can:
/// word of a revocation counts, but need not be there.
pub fn verify(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &TrustAnchors,
    demand: &Demand,
    evidence: &Evidence<'_>,
) -> Result<LocalVerdict, Rejected> {
    let report = examine(leaf, intermediates, anchors, demand, evidence);
    match report.failed().or(report.revoked()) {
        Some(reason) => Err(Rejected { reason, report: Box::new(report) }),
        None => Ok(LocalVerdict(report)),
    }
}

/// Judges a leaf as a server must: rejected unless everything holds and no certificate of the path is revoked, by
/// evidence for each of them that is authentic and fresh.
pub fn decide(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &TrustAnchors,
    demand: &Demand,
    evidence: &Evidence<'_>,
) -> Result<Verdict, Rejected> {
    let LocalVerdict(report) = verify(leaf, intermediates, anchors, demand, evidence)?;
    match report.revocation {
        Revocation::Good { .. } => Ok(Verdict(report)),
        _ => Err(Rejected { reason: Reason::RevocationUnknown, report: Box::new(report) }),
    }
}

fn examine(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &TrustAnchors,
    demand: &Demand,
    evidence: &Evidence<'_>,
) -> Report {
    let path = Path::new(leaf, intermediates, anchors, demand.purpose, demand.at);
    let required_policies = demand.required(anchors.origin());
    let findings = Check::ALL.map(|check| match check {
        // What authorities say counts only in an unbroken chain.
        Check::Constraints | Check::Policy if path.chain.is_err() => Finding::NotReached,
        Check::Algorithms => path.check_algorithms().into(),
        Check::Chain => path.chain.into(),
        Check::Extensions => path.check_extensions().into(),
        Check::Constraints => path.check_constraints().into(),
        Check::Usage => path.check_usage(demand.purpose).into(),
        Check::Policy => check_policy(&path, demand, &required_policies).into(),
        Check::Validity => path.check_validity(demand.at).into(),
    });
    let (revocation, authority_revocation) = revocation_of(&path, evidence, demand);
    Report {
        origin: anchors.origin(),
        purpose: demand.purpose,
        at: demand.at,
        anchor: path.anchor.ok().map(Certificate::fingerprint),
        certificates: path.certificates.len(),
        findings,
        required_policies,
        policies: leaf.extensions.policies.clone().unwrap_or_default(),
        revocation,
        authority_revocation,
    }
}

/// By RFC 5280 for the path, and for a purpose by what the leaf names.
fn check_policy(path: &Path<'_>, demand: &Demand, required: &[Oid]) -> Result<(), Reason> {
    policy::check(&path.certificates, required)?;
    match (demand.purpose, path.certificates.last()) {
        (Some(_), Some(leaf)) => policy::check_holder(leaf, required),
        _ => Ok(()),
    }
}

/// The worst that is known of any certificate below the anchor, and whether it is of an authority. Issuers count only
/// in a path whose signatures hold: evidence is checked with their keys.
fn revocation_of(path: &Path<'_>, evidence: &Evidence<'_>, demand: &Demand) -> (Revocation, bool) {
    let nothing = Revocation::NotChecked { why: NotChecked::NothingGiven };
    if path.chain.is_err() {
        return (nothing, false);
    }
    let mut worst = None;
    let last = path.certificates.len().saturating_sub(1);
    for (index, (issuer, certificate)) in path.links().enumerate() {
        // RFC 5280 §6.3.3 (f): the same authority under the same anchor, with a key before or after a roll-over.
        let above = path.authorities().take(index);
        let others: Vec<_> =
            above.filter(|above| name::same(&above.subject, &issuer.subject)).collect();
        let is_leaf = index == last;
        let wanted = Freshness {
            at: demand.at,
            tolerance: SignedDuration::ZERO,
            greatest_age: demand.greatest_age,
            least_number: demand.least_number.filter(|_| is_leaf),
        };
        let found = evidence.on(certificate, issuer, &others, wanted);
        if worst.is_none_or(|(known, _)| severity(found) >= severity(known)) {
            worst = Some((found, !is_leaf));
        }
    }
    worst.unwrap_or((nothing, false))
}

fn severity(revocation: Revocation) -> u8 {
    match revocation {
        Revocation::Good { .. } => 0,
        Revocation::NotChecked { .. } => 1,
        Revocation::Revoked { .. } => 2,
    }
}

impl LocalVerdict {
    /// What was looked at.
    pub fn report(&self) -> &Report {
        &self.0
    }
}

impl Verdict {
    /// What was looked at.
    pub fn report(&self) -> &Report {
        &self.0
    }
}

impl Rejected {
    /// The first rule that failed.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// What was looked at.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        rejected.reason.into()
    }
}

impl Origin {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Test => "test",
        }
    }
}

impl Purpose {
    /// As it stands in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Signature => "signature",
        }
    }
}
