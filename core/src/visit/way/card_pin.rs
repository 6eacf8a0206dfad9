//! Face by eye, then card with PIN (公的個人認証法 Art. 38).

use crate::exchange::Proof;
use crate::message::Failure;
use crate::platform::Platform;
use crate::visit::bedside::{Bedside, Seen};
use crate::visit::face::Confirmed;
use crate::visit::outcome::Ended;
use crate::visit::proof;

pub(in crate::visit) async fn card_pin(
    bedside: &Bedside<'_>,
    platform: &Platform<'_>,
    face: Confirmed,
) -> Result<Ended, Failure> {
    let expected = bedside.expected(bedside.plan.uses(), None);
    let environment = bedside.environment;
    let proven = proof::signed_by_card(platform, environment, &expected, &bedside.id, face).await?;
    let seen = Seen {
        face: Some(proven.face.check),
        certificate: Some((proven.certificate, proven.verdict)),
        genuineness: None,
        birth: None,
    };
    bedside.finish(platform, &expected, Proof::Card(&proven.assertion), seen).await
}
