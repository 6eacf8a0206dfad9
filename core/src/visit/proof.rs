//! From a challenge to an assertion that the card has signed, over as many taps as it takes.
//!
//! Whatever has to be waited for comes before the PIN is presented: the challenge, the clock, the holder, the device's key. Between VERIFY and
//! the way out there is only the card.

use super::Environment;
use super::face::{self, Confirmed};
use crate::card::{
    Credential, Guard, Holding, Identity, PinKind, Selected, TapError, Task, over_taps,
};
use crate::exchange::assertion::{Assertion, Unsigned};
use crate::exchange::{Challenge, Clock, Expected, fresh_challenge};
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
    let granted = ask_challenge(platform, environment, expected, face).await?;
    let mut signing = Signing { platform, environment, expected, assertion_id, face, granted };
    let mut guard = Guard::new(talk, PinKind::Authentication);
    over_taps(talk, &mut guard, &mut signing).await
}

/// A challenge, and the server's time with it.
type Granted = (Challenge, Clock);

async fn ask_challenge(
    platform: &Platform<'_>,
    environment: &Environment,
    expected: &Expected<'_>,
    face: Confirmed,
) -> Result<Granted, Failure> {
    platform.talk.stage(Stage::Challenge);
    fresh_challenge(platform, &environment.challenge_keys, expected, face.check).await
}

struct Signing<'a> {
    platform: &'a Platform<'a>,
    environment: &'a Environment,
    expected: &'a Expected<'a>,
    assertion_id: &'a str,
    face: Confirmed,
    granted: Granted,
}

impl Signing<'_> {
    /// Makes sure that the challenge will live until the proof arrives: finding a PIN takes an old person longer than a
    /// challenge lives. No PIN is open on a card.
    async fn keep_fresh(&mut self) -> Result<(), Failure> {
        let (challenge, clock) = &self.granted;
        let now = self.platform.talk.clock().await;
        if challenge.is_fresh(clock.server_time(now)) && !clock.came_apart(now) {
            return Ok(());
        }
        if self.face.is_old(now.monotonic) {
            self.face = face::confirm(self.platform.talk).await?;
        }
        self.granted =
            ask_challenge(self.platform, self.environment, self.expected, self.face).await?;
        Ok(())
    }
}

impl Task for Signing<'_> {
    type Outcome = Proven;

    async fn before_tap(&mut self, talk: &Talk, guard: &mut Guard) -> Result<(), Failure> {
        guard.before_tap(talk).await?;
        if guard.asks_before_tap() { self.keep_fresh().await } else { Ok(()) }
    }

    async fn work(&mut self, holding: &mut Holding, guard: &mut Guard) -> Result<Proven, TapError> {
        let talk = self.platform.talk;
        talk.stage(Stage::ReadCard);
        let mut jpki = Selected::jpki(holding).await?;
        let file = Credential::Authentication.certificate();
        let certificate = jpki.read(file).await?.ok_or(Code::CertificateMissing)?;
        guard.recognise(Identity::of(&certificate))?;
        let certificate = Certificate::parse(&certificate)
            .map_err(|_| Failure::new(Code::CertificateMalformed))?;
        let now = self.granted.1.server_time(talk.clock().await);
        let demand = Demand::new(Purpose::Authentication, now);
        // What is known of revocations, the server knows.
        let anchors = &self.environment.anchors;
        let verdict = pki::verify(&certificate, &[], anchors, &demand, &Evidence::none())
            .map_err(Failure::from)?;
        if !certificate.is_rsa_2048() {
            // RS256 is the one algorithm of assertions; a next-generation card needs another before it needs a PIN.
            return Err(Failure::new(Code::CertificateUntrusted).with_detail("key").into());
        }

        let unsigned = loop {
            let entry = guard.entry(&mut jpki).await?;
            self.keep_fresh().await?;
            let (challenge, clock) = &self.granted;
            let now = clock.server_time(talk.clock().await);
            let unsigned = Unsigned::compose(
                challenge,
                self.expected,
                &certificate,
                self.face.check,
                self.assertion_id,
                now,
            )?;
            if guard.present(&mut jpki, entry).await? {
                break unsigned;
            }
        };
        let signature = jpki.sign_as_holder(&unsigned.digest()).await?;
        let assertion = unsigned.signed(&signature, &certificate)?;
        Ok(Proven { assertion, verdict, certificate, face: self.face })
    }
}
