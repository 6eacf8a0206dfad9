//! Seen again without a card: the handle of an earlier registration (利用者登録) opens a view.

use crate::exchange::{Proof, Use};
use crate::message::{Code, Failure};
use crate::platform::Platform;
use crate::visit::bedside::{Bedside, Seen};
use crate::visit::face::Confirmed;
use crate::visit::outcome::Ended;

pub(in crate::visit) async fn registered(
    bedside: &Bedside<'_>,
    platform: &Platform<'_>,
    face: Option<Confirmed>,
) -> Result<Ended, Failure> {
    let handle = bedside.plan.handle().ok_or(Code::RegistrationExpired)?;
    let subject = bedside.plan.tapped().map(|person| &person.subject);
    let expected = bedside.expected(&[Use::View], subject);
    let seen = Seen {
        face: face.map(|face| face.check),
        certificate: None,
        genuineness: None,
        birth: None,
    };
    bedside.finish(platform, &expected, Proof::Registration(handle), seen).await
}
