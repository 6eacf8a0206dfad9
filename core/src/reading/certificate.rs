//! A certificate of the card.

use zeroize::Zeroizing;

use super::{Question, free, guarded};
use crate::card::{Credential, Guard, Holding, PinKind, Selected, TapError, Task};
use crate::flow::{Flow, Stage, Talk};
use crate::message::{Code, Failure};

type Der = Zeroizing<Vec<u8>>;

/// Reads a certificate, DER. The one for authentication is free; the one for signatures names the holder and opens
/// only with the signature password, which the flow asks for through the guard.
pub fn certificate(credential: Credential) -> Flow<Result<Der, Failure>> {
    Flow::new(move |talk| async move {
        match credential {
            Credential::Authentication => free(&talk, Authentication).await,
            Credential::Signature => guarded(&talk, PinKind::Signature, Signature).await,
        }
    })
}

struct Authentication;

impl Question for Authentication {
    type Answer = Der;

    async fn ask(&mut self, holding: &mut Holding) -> Result<Der, TapError> {
        holding.talk().stage(Stage::ReadCard);
        let mut jpki = Selected::jpki(holding).await?;
        read(&mut jpki, Credential::Authentication).await
    }
}

struct Signature;

impl Task for Signature {
    type Outcome = Der;

    async fn before_tap(&mut self, talk: &Talk, guard: &mut Guard) -> Result<(), Failure> {
        guard.before_tap(talk).await
    }

    async fn work(&mut self, holding: &mut Holding, guard: &mut Guard) -> Result<Der, TapError> {
        holding.talk().stage(Stage::ReadCard);
        let mut jpki = Selected::jpki(holding).await?;
        guard.meet_selected(&mut jpki).await?;
        guard.open(&mut jpki).await?;
        read(&mut jpki, Credential::Signature).await
    }
}

async fn read(jpki: &mut Selected<'_>, credential: Credential) -> Result<Der, TapError> {
    jpki.read(credential.certificate()).await?.ok_or_else(|| Code::CertificateMissing.into())
}
