//! Face by eye, then a tap without PIN (かざし利用, 公的個人認証法 Art. 38-4).

use crate::exchange::Proof;
use crate::message::{Code, Failure};
use crate::platform::Platform;
use crate::visit::bedside::{Bedside, Seen};
use crate::visit::face::Confirmed;
use crate::visit::outcome::Ended;
use crate::visit::tap;

pub(in crate::visit) async fn card_tap(
    bedside: &Bedside<'_>,
    platform: &Platform<'_>,
    face: Confirmed,
) -> Result<Ended, Failure> {
    let person = bedside.plan.tapped().ok_or(Code::FirstPinRequired)?;
    let expected = bedside.expected(bedside.plan.uses(), Some(&person.subject));
    let environment = bedside.environment;
    let tapped =
        tap::shown_by_card(platform, environment, &expected, &bedside.id, face, person).await?;
    let seen = Seen {
        face: Some(tapped.face.check),
        certificate: Some((tapped.certificate, tapped.verdict)),
        genuineness: Some(tapped.genuineness),
        birth: Some(person.birth),
    };
    bedside.finish(platform, &expected, Proof::Tap(&tapped.evidence), seen).await
}
