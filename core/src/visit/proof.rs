//! From a challenge to an assertion that the card has signed, over as many taps as it takes.
//!
//! Whatever has to be waited for comes before the PIN is presented: the challenge, the clock, the holder, the device's key.
//! Between VERIFY and the way out there is only the card.

use super::bedside::Bedside;
use super::challenged::Challenged;
use super::face::Confirmed;
use crate::card::{Guard, Holding, PinKind, Selected, TapError, Task, over_taps};
use crate::exchange::Expected;
use crate::exchange::assertion::{Assertion, Unsigned};
use crate::flow::{Stage, Talk};
use crate::message::Failure;
use crate::pki::{Certificate, LocalVerdict};
use crate::reading::own_certificate;

/// What the card has proven.
pub(super) struct Signed {
    pub(super) assertion: Assertion,
    /// What this device makes of the certificate.
    pub(super) verdict: LocalVerdict,
    pub(super) certificate: Certificate,
    /// The face check that the assertion speaks of.
    pub(super) face: Confirmed,
}

/// Has the card sign an assertion for a challenge of the platform.
pub(super) async fn signed_by_card(
    bedside: &Bedside<'_>,
    expected: &Expected<'_>,
    face: Confirmed,
) -> Result<Signed, Failure> {
    let talk = bedside.talk();
    let challenged = Challenged::ask(bedside, expected, face).await?;
    let mut signing = Signing { challenged, assertion_id: bedside.id() };
    let mut guard = Guard::new(talk, PinKind::Authentication);
    over_taps(talk, &mut guard, &mut signing).await
}

struct Signing<'a> {
    challenged: Challenged<'a>,
    assertion_id: &'a str,
}

impl Task for Signing<'_> {
    type Outcome = Signed;

    async fn before_tap(&mut self, talk: &Talk, guard: &mut Guard) -> Result<(), Failure> {
        guard.before_tap(talk).await?;
        if guard.asks_before_tap() { self.challenged.keep_fresh().await } else { Ok(()) }
    }

    async fn work(&mut self, holding: &mut Holding, guard: &mut Guard) -> Result<Signed, TapError> {
        let talk = self.challenged.bedside.talk();
        talk.stage(Stage::ReadCard);
        let mut jpki = Selected::jpki(holding).await?;
        let (certificate, verdict) = read_certificate(&mut jpki, guard, &self.challenged).await?;

        let unsigned = loop {
            let entry = guard.entry(&mut jpki).await?;
            self.challenged.keep_fresh().await?;
            let Challenged { challenge, expected, time, face, .. } = &self.challenged;
            let now = time.at(talk.clock().await);
            let unsigned = Unsigned::compose(
                challenge,
                expected,
                &certificate,
                face.check,
                self.assertion_id,
                now,
            )?;
            if guard.present(&mut jpki, entry).await? {
                break unsigned;
            }
        };
        let signature = jpki.sign_as_holder(&unsigned.digest()).await?;
        let assertion = unsigned.signed(&signature, &certificate)?;
        Ok(Signed { assertion, verdict, certificate, face: self.challenged.face })
    }
}

/// Reads the authentication certificate of the card of this conversation, and judges it.
pub(super) async fn read_certificate(
    jpki: &mut Selected<'_>,
    guard: &mut Guard,
    challenged: &Challenged<'_>,
) -> Result<(Certificate, LocalVerdict), TapError> {
    let (time, anchors) = (challenged.time, &challenged.bedside.known.anchors);
    own_certificate(jpki, guard, anchors, |device| time.at(device)).await
}
