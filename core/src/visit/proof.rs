//! From a challenge to an assertion that the card has signed, over as many taps as it takes.
//!
//! Whatever has to be waited for comes before the PIN is presented: the challenge, the clock, the holder, the device's key.
//! Between VERIFY and the way out there is only the card.

use super::Environment;
use super::challenged::Challenged;
use super::face::Confirmed;
use crate::card::{
    Credential, Guard, Holding, Identity, PinKind, Selected, TapError, Task, Token, jpki, over_taps,
};
use crate::exchange::Expected;
use crate::exchange::assertion::{Assertion, Unsigned};
use crate::flow::{Stage, Talk};
use crate::message::{Code, Failure};
use crate::pki::{self, Certificate, Demand, Evidence, LocalVerdict, Purpose};
use crate::platform::Platform;

/// What the card has proven.
pub(super) struct Proven {
    pub(super) assertion: Assertion,
    /// What this device makes of the certificate.
    pub(super) verdict: LocalVerdict,
    pub(super) certificate: Certificate,
    /// The face check that the assertion speaks of.
    pub(super) face: Confirmed,
}

/// Has the card sign an assertion for a challenge of the platform.
pub(super) async fn signed_by_card(
    platform: &Platform<'_>,
    environment: &Environment,
    expected: &Expected<'_>,
    assertion_id: &str,
    face: Confirmed,
) -> Result<Proven, Failure> {
    let talk = platform.talk;
    let challenged = Challenged::ask(platform, environment, expected, face).await?;
    let mut signing = Signing { challenged, assertion_id };
    let mut guard = Guard::new(talk, PinKind::Authentication);
    over_taps(talk, &mut guard, &mut signing).await
}

struct Signing<'a> {
    challenged: Challenged<'a>,
    assertion_id: &'a str,
}

impl Task for Signing<'_> {
    type Outcome = Proven;

    async fn before_tap(&mut self, talk: &Talk, guard: &mut Guard) -> Result<(), Failure> {
        guard.before_tap(talk).await?;
        if guard.asks_before_tap() { self.challenged.keep_fresh().await } else { Ok(()) }
    }

    async fn work(&mut self, holding: &mut Holding, guard: &mut Guard) -> Result<Proven, TapError> {
        let talk = self.challenged.platform.talk;
        talk.stage(Stage::ReadCard);
        let mut jpki = Selected::jpki(holding).await?;
        let (certificate, verdict) = read_certificate(&mut jpki, guard, &self.challenged).await?;

        let unsigned = loop {
            let entry = guard.entry(&mut jpki).await?;
            self.challenged.keep_fresh().await?;
            let Challenged { challenge, expected, clock, face, .. } = &self.challenged;
            let now = clock.server_time(talk.clock().await);
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
        Ok(Proven { assertion, verdict, certificate, face: self.challenged.face })
    }
}

/// Why this card shows no certificate: it may be none of those that do. A card that can prove something is not asked.
async fn without_certificate(jpki: &mut Selected<'_>, otherwise: Code) -> TapError {
    let token = match jpki.read(jpki::TOKEN).await {
        Ok(information) => information.map(|information| Token::of_label(&information)),
        Err(error @ TapError::Link(_)) => return error,
        Err(_) => None,
    };
    TapError::Final(Failure::new(match token {
        Some(Token::AndroidPhone | Token::Iphone) => Code::PhoneNotTaken,
        Some(Token::ResidentRegisterCard) => Code::OldResidentCard,
        _ => otherwise,
    }))
}

/// Reads the authentication certificate of the card of this conversation, and judges it.
pub(super) async fn read_certificate(
    jpki: &mut Selected<'_>,
    guard: &mut Guard,
    challenged: &Challenged<'_>,
) -> Result<(Certificate, LocalVerdict), TapError> {
    let file = Credential::Authentication.certificate();
    let certificate = match jpki.read(file).await {
        Ok(Some(certificate)) => certificate,
        Ok(None) => return Err(without_certificate(jpki, Code::CertificateMissing).await),
        Err(TapError::Final(failure)) if failure.code() == Code::CardDataProtected => {
            return Err(without_certificate(jpki, failure.code()).await);
        }
        Err(error) => return Err(error),
    };
    guard.recognise(Identity::of(&certificate))?;
    let certificate =
        Certificate::parse(&certificate).map_err(|_| Failure::new(Code::CertificateMalformed))?;
    let now = challenged.clock.server_time(jpki.talk().clock().await);
    let demand = Demand::new(Purpose::Authentication, now);
    // What is known of revocations, the server knows.
    let anchors = &challenged.environment.anchors;
    let verdict = pki::verify(&certificate, &[], anchors, &demand, &Evidence::none())
        .map_err(Failure::from)?;
    if !certificate.is_rsa_2048() {
        // RS256 is the one algorithm of assertions; a next-generation card needs another before it needs a PIN.
        return Err(Failure::new(Code::CertificateUntrusted).with_detail("key").into());
    }
    Ok((certificate, verdict))
}
