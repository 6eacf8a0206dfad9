//! What an earlier visit left opens the platform again, without the card.

use super::caller::Caller;
use super::information::InformationKind;
use crate::exchange::{
    AccessToken, Confirmation, EvidenceToken, InsuranceDomain, Proof, Use, Wanted, exchange,
};
use crate::flow::Flow;
use crate::kaigo::Entitlement;
use crate::kaigo::caller::{Question, Shown, ask};
use crate::kaigo::entitlement::read_entitlement;
use crate::message::Failure;
use crate::platform::Platform;

/// What the platform tells of the person whom the token of a visit is about, as it is now.
pub fn entitlement(caller: Caller, token: AccessToken) -> Flow<Result<Entitlement, Failure>> {
    ask(caller, Shown::Person(token), Ok(Question::get("/v1/qualification")), read_entitlement)
}

/// Another token for what a visit with a card left, within 24 hours, for its staff member on its device: for these uses
/// and kinds of information, as far as that visit was for them. After that, `reverify_required`.
pub fn reopen(
    caller: Caller,
    evidence: EvidenceToken,
    uses: impl Into<Vec<Use>>,
    kinds: impl IntoIterator<Item = InformationKind>,
) -> Flow<Result<Confirmation, Failure>> {
    reopen_for(caller, evidence, uses, kinds, InsuranceDomain::Care)
}

/// The same for one of the two insurances, whichever the visit was for: 訪問看護 that changes between them keeps what a card
/// has proved, and the person is registered once.
pub fn reopen_for(
    caller: Caller,
    evidence: EvidenceToken,
    uses: impl Into<Vec<Use>>,
    kinds: impl IntoIterator<Item = InformationKind>,
    domain: InsuranceDomain,
) -> Flow<Result<Confirmation, Failure>> {
    let (uses, reads) = (uses.into(), reads(kinds));
    Flow::new(move |talk| async move {
        let Caller { server, issuer, device, staff_token, entropy } = caller;
        let platform = Platform::new(&talk, &server, &issuer, &device, entropy);
        let reads = with_consent(reads, &uses);
        let (issuer, staff) = (issuer.as_str(), &staff_token);
        let wanted = Wanted { issuer, staff, uses: &uses, reads: &reads, domain, way: None };
        exchange(&platform, Proof::Evidence(&evidence), &wanted).await
    })
}

/// The scopes of these kinds.
pub(crate) fn reads(kinds: impl IntoIterator<Item = InformationKind>) -> Vec<&'static str> {
    kinds.into_iter().filter_map(|kind| kind.scope()).collect()
}

/// The same; who takes consent wants to see it.
pub(crate) fn with_consent(mut reads: Vec<&'static str>, uses: &[Use]) -> Vec<&'static str> {
    if uses.contains(&Use::Consent) {
        reads.push("consent:read");
    }
    reads
}
