//! What the authorities publish, as it leaves the house: as it should be, or wrong on purpose.

use super::authority::Authority;
use super::{Jlis, list, responder};
use crate::base::fault::OcspFault;
use crate::base::refusal::Refusal;

/// How old a stale answer is, and a stale list, in seconds.
const STALE_ANSWER: i64 = 7 * 24 * 60 * 60;
const STALE_LIST: i64 = 14 * 24 * 60 * 60;

/// The responder's answer (DER) to a request (DER).
pub(crate) async fn answer(jlis: &Jlis, request: &[u8]) -> Vec<u8> {
    let now = jlis.base.now();
    match jlis.base.faults.at_ocsp() {
        None => responder::answer(jlis, request, now).await,
        Some(OcspFault::Stale) => responder::answer(jlis, request, now - STALE_ANSWER).await,
        Some(OcspFault::TryLater) => responder::try_later(),
    }
}

/// The list of this name (DER); none if the authority does not publish it.
pub(crate) async fn list(
    jlis: &Jlis,
    issuer: &Authority,
    name: &[u8],
) -> Result<Option<Vec<u8>>, Refusal> {
    if jlis.base.faults.at_list() {
        return list::as_of(jlis, issuer, name, jlis.base.now() - STALE_LIST).await;
    }
    list::current(jlis, issuer, name).await
}
