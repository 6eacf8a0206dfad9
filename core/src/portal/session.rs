//! In with the card, over as many taps as it takes. Whatever has to be waited for comes before the PIN is presented.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::challenge;
use super::{Portal, assertion};
use crate::card::{Guard, Holding, PinKind, Selected, TapError, Task, over_taps};
use crate::exchange::Challenge;
use crate::exchange::Clock;
use crate::exchange::assertion::Assertion;
use crate::flow::{Method, Stage, Talk};
use crate::message::{Code, Failure};
use crate::pki::TrustAnchors;
use crate::platform::{Answered, Call, Content, Credential, Platform, Repeat, is_token};
use crate::reading::own_certificate;

/// The platform, whom this device trusts, and its key.
struct Door<'a> {
    platform: &'a Platform<'a>,
    portal: &'a Portal,
    thumbprint: String,
}

#[derive(Serialize)]
struct Asks {
    vsn: u32,
}

#[derive(Serialize)]
struct Begins<'a> {
    assertion: &'a str,
}

#[derive(Deserialize)]
struct Begun {
    access_token: Zeroizing<String>,
    token_type: String,
}

/// Has the card sign what the platform asks, and gives the token that comes of it.
pub(super) async fn come_in(
    platform: &Platform<'_>,
    portal: &Portal,
    id: &str,
) -> Result<Zeroizing<String>, Failure> {
    let talk = platform.talk;
    let door = Door { platform, portal, thumbprint: portal.signer.public.thumbprint() };
    let (challenge, clock) = door.challenge().await?;
    let mut signing = Signing { door: &door, challenge, clock, id };
    let mut guard = Guard::new(talk, PinKind::Authentication);
    let assertion = over_taps(talk, &mut guard, &mut signing).await?;
    talk.stage(Stage::Exchange);
    let content = json(&Begins { assertion: assertion.as_str() })?;
    // What the card signed counts once: sent again, it would be refused.
    let call = Call {
        method: Method::Post,
        path: "/portal/session",
        content,
        credential: Credential::Dpop { token: None },
        repeat: Repeat::Never,
        success: 201,
    };
    platform.call(&call, read_begun).await
}

/// Reads the token of a session.
fn read_begun(body: &[u8]) -> Result<Zeroizing<String>, Failure> {
    let invalid = || Failure::new(Code::ServerAnswerInvalid).with_detail("session");
    let begun: Begun = serde_json::from_slice(body).map_err(|_| invalid())?;
    let bound = begun.token_type.eq_ignore_ascii_case("dpop") && is_token(&begun.access_token);
    if bound { Ok(begun.access_token) } else { Err(invalid()) }
}

pub(super) fn json(body: &impl Serialize) -> Result<Content, Failure> {
    let body = serde_json::to_vec(body).map_err(|_| Failure::new(Code::InternalError))?;
    Ok(Content::Json(body.into()))
}

impl Door<'_> {
    fn names(&self) -> (&str, &str) {
        (&self.portal.issuer, &self.thumbprint)
    }

    async fn challenge(&self) -> Result<(Challenge, Clock), Failure> {
        self.platform.talk.stage(Stage::Challenge);
        let call = Call {
            method: Method::Post,
            path: "/portal/challenge",
            content: json(&Asks { vsn: challenge::VERSION })?,
            credential: Credential::Dpop { token: None },
            // Another sending would be another challenge.
            repeat: Repeat::Never,
            success: 201,
        };
        let answered = self.platform.ask(&call).await?;
        let device = self.platform.talk.clock().await;
        match answered {
            Answered::Done(body) => {
                challenge::verify(&body, &self.portal.challenge_keys, self.names(), device)
            }
            Answered::Refused(failure, _) => Err(failure),
        }
    }
}

struct Signing<'a> {
    door: &'a Door<'a>,
    challenge: Challenge,
    clock: Clock,
    id: &'a str,
}

impl Signing<'_> {
    /// Makes sure that the challenge will live until the proof arrives. No PIN is open on a card.
    async fn keep_fresh(&mut self) -> Result<(), Failure> {
        let now = self.door.platform.talk.clock().await;
        if !self.challenge.is_fresh(self.clock.server_time(now)) || self.clock.came_apart(now) {
            (self.challenge, self.clock) = self.door.challenge().await?;
        }
        Ok(())
    }
}

impl Task for Signing<'_> {
    type Outcome = Assertion;

    async fn before_tap(&mut self, talk: &Talk, guard: &mut Guard) -> Result<(), Failure> {
        guard.before_tap(talk).await?;
        if guard.asks_before_tap() { self.keep_fresh().await } else { Ok(()) }
    }

    async fn work(
        &mut self,
        holding: &mut Holding,
        guard: &mut Guard,
    ) -> Result<Assertion, TapError> {
        let talk = self.door.platform.talk;
        talk.stage(Stage::ReadCard);
        let mut jpki = Selected::jpki(holding).await?;
        let anchors: &TrustAnchors = &self.door.portal.anchors;
        let clock = self.clock;
        let read =
            own_certificate(&mut jpki, guard, anchors, |device| clock.server_time(device)).await?;
        let (certificate, _) = read;
        let unsigned = loop {
            let entry = guard.entry(&mut jpki).await?;
            self.keep_fresh().await?;
            let now = self.clock.server_time(talk.clock().await);
            let names = self.door.names();
            let unsigned = assertion::compose(&self.challenge, names, &certificate, self.id, now)?;
            if guard.present(&mut jpki, entry).await? {
                break unsigned;
            }
        };
        let signature = jpki.sign_as_holder(&unsigned.digest()).await?;
        Ok(unsigned.signed(&signature, &certificate)?)
    }
}
