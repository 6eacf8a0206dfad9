//! A certificate of the card.

use zeroize::Zeroizing;

use super::{Question, over_taps};
use crate::card::{Credential, Desk, Holding, PinKind, Selected, TapError};
use crate::flow::{Flow, Stage};
use crate::message::{Code, Failure};

/// Reads a certificate, DER. The one for authentication is free; the one for signatures names the holder and opens
/// only with the signature password, which the flow asks for through the guard.
pub fn certificate(credential: Credential) -> Flow<Result<Zeroizing<Vec<u8>>, Failure>> {
    Flow::new(move |talk| async move {
        over_taps(&talk, PinKind::Signature, Certificate(credential)).await
    })
}

struct Certificate(Credential);

impl Question for Certificate {
    type Answer = Zeroizing<Vec<u8>>;

    async fn ask(
        &mut self,
        holding: &mut Holding,
        desk: &mut Desk,
    ) -> Result<Self::Answer, TapError> {
        holding.talk().stage(Stage::ReadCard);
        let mut jpki = Selected::jpki(holding).await?;
        if self.0 == Credential::Signature {
            desk.open(&mut jpki).await?;
        }
        jpki.read(self.0.certificate()).await?.ok_or_else(|| Code::CertificateMissing.into())
    }
}
