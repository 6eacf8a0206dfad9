//! Face by eye, then card with PIN (公的個人認証法 Art. 38).

use crate::message::Failure;
use crate::visit::bedside::{Bedside, Evidence, Proven, Seen};
use crate::visit::face::Confirmed;
use crate::visit::proof;

pub(in crate::visit) async fn card_pin<'a>(
    bedside: &Bedside<'a>,
    face: Confirmed,
) -> Result<Proven<'a>, Failure> {
    let uses = bedside.plan().uses();
    let signed = proof::signed_by_card(bedside, &bedside.expected(uses, None), face).await?;
    let seen = Seen {
        face: Some(signed.face.check),
        certificate: Some((signed.certificate, signed.verdict)),
        genuineness: None,
        birth: None,
    };
    Ok(Proven { evidence: Evidence::Card(signed.assertion), uses, subject: None, seen })
}
