//! Face by eye, then a tap without PIN (かざし利用, 公的個人認証法 Art. 38-4).

use crate::message::{Code, Failure};
use crate::visit::bedside::{Bedside, Evidence, Proven, Seen};
use crate::visit::face::Confirmed;
use crate::visit::tap;

pub(in crate::visit) async fn card_tap<'a>(
    bedside: &Bedside<'a>,
    face: Confirmed,
) -> Result<Proven<'a>, Failure> {
    let person = bedside.plan().tapped().ok_or(Code::FirstPinRequired)?;
    let (uses, subject) = (bedside.plan().uses(), Some(&person.subject));
    let tapped =
        tap::shown_by_card(bedside, &bedside.expected(uses, subject), face, person).await?;
    let seen = Seen {
        face: Some(tapped.face.check),
        certificate: Some((tapped.certificate, tapped.verdict)),
        genuineness: Some(tapped.genuineness),
        birth: Some(person.birth),
    };
    Ok(Proven { evidence: Evidence::Tap(tapped.evidence), uses, subject, seen })
}
