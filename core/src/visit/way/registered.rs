//! Seen again without a card: the handle of an earlier registration (利用者登録) opens a view.

use crate::exchange::Use;
use crate::message::{Code, Failure};
use crate::visit::bedside::{Bedside, Evidence, Proven, Seen};
use crate::visit::face::Confirmed;

pub(in crate::visit) fn registered<'a>(
    bedside: &Bedside<'a>,
    face: Option<Confirmed>,
) -> Result<Proven<'a>, Failure> {
    let handle = bedside.plan().handle().ok_or(Code::RegistrationExpired)?;
    let subject = bedside.plan().tapped().map(|person| &person.subject);
    let seen = Seen {
        face: face.map(|face| face.check),
        certificate: None,
        genuineness: None,
        birth: None,
    };
    Ok(Proven { evidence: Evidence::Registration(handle), uses: &[Use::View], subject, seen })
}
