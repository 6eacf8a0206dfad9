//! The visit, step by step.

use jiff::Timestamp;

use super::{Environment, Outcome, Plan};
use crate::card::{Credential, Desk, Holding, PinKind, Selected, TapError, Taps};
use crate::exchange::assertion::{Assertion, Unsigned};
use crate::exchange::http::body_of;
use crate::exchange::token::{read_token, token_request};
use crate::exchange::{
    Challenge, Clock, Expected, Method, challenge_request, granted, verify_challenge,
};
use crate::flow::{Answer, FaceCheck, HttpError, HttpRequest, HttpResponse, Prompt, Stage, Talk};
use crate::kaigo::{entitlement_request, read_entitlement};
use crate::message::{Code, Failure};
use crate::pki::{self, Certificate, Demand, Evidence, Purpose};

/// How often a request that may be repeated is sent when no answer comes.
const MAX_SENDS: usize = 3;

/// Face, card with PIN, token, entitlement.
pub(super) async fn card_pin(
    talk: &Talk,
    plan: &Plan,
    mut environment: Environment,
) -> Result<Outcome, Failure> {
    let face_confirmed_at = confirm_face(talk).await?;

    let visit = environment.entropy.uuid();
    let assertion_id = environment.entropy.uuid();
    let environment = environment;
    let expected = Expected {
        issuer: &environment.issuer,
        facility: &plan.facility,
        staff: &plan.staff,
        visit: &visit,
        uses: &plan.uses,
        method: Method::CardPin,
    };
    let mut proof = Proof {
        talk,
        environment: &environment,
        expected,
        face_confirmed_at,
        assertion_id,
        granted: None,
        desk: Desk::new(PinKind::Authentication),
    };
    proof.fresh_challenge().await?;
    let assertion = proof.tap_until_signed().await?;

    talk.stage(Stage::Exchange);
    let server = &environment.server;
    let answer = send(talk, || token_request(server, &assertion, &environment.staff_token)).await?;
    let confirmation = read_token(body_of(&answer, 200)?, Method::CardPin)?;

    talk.stage(Stage::Entitlement);
    let answer = send(talk, || entitlement_request(server, &confirmation.token)).await?;
    let entitlement = read_entitlement(body_of(&answer, 200)?)?;
    Ok(Outcome { confirmation, face_confirmed_at, entitlement })
}

async fn confirm_face(talk: &Talk) -> Result<Timestamp, Failure> {
    talk.stage(Stage::FaceCheck);
    match talk.ask(Prompt::ConfirmFace).await {
        Answer::Face(FaceCheck::Match) => Ok(talk.clock().await.wall),
        Answer::Face(FaceCheck::NoMatch) => Err(Code::FaceNotConfirmed.into()),
        _ => Err(Code::Cancelled.into()),
    }
}

/// Sends a request that may be sent again, until an answer comes. The platform answers the same bytes the same way.
async fn send(talk: &Talk, request: impl Fn() -> HttpRequest) -> Result<HttpResponse, Failure> {
    let mut last = HttpError::Failed;
    for _ in 0..MAX_SENDS {
        match talk.send(request()).await {
            Ok(response) => return Ok(response),
            Err(error @ (HttpError::NoAnswer | HttpError::Unreachable)) => last = error,
            Err(error) => return Err(error.into()),
        }
    }
    Err(last.into())
}

/// The way from a challenge to an assertion that the card has signed, over as many taps as it takes.
struct Proof<'a> {
    talk: &'a Talk,
    environment: &'a Environment,
    expected: Expected<'a>,
    face_confirmed_at: Timestamp,
    assertion_id: String,
    granted: Option<(Challenge, Clock)>,
    desk: Desk,
}

impl Proof<'_> {
    /// Asks for a challenge and verifies it.
    async fn fresh_challenge(&mut self) -> Result<(), Failure> {
        self.talk.stage(Stage::Challenge);
        let Environment { server, staff_token, challenge_keys, .. } = self.environment;
        let request =
            challenge_request(server, staff_token, &self.expected, self.face_confirmed_at)?;
        let answer = self.talk.send(request).await?;
        let device_time = self.talk.clock().await;
        let body = granted(&answer, device_time)?;
        self.granted = Some(verify_challenge(body, challenge_keys, &self.expected, device_time)?);
        Ok(())
    }

    async fn tap_until_signed(&mut self) -> Result<Assertion, Failure> {
        let mut taps = Taps::new(self.talk);
        loop {
            let mut holding = taps.next().await.map_err(|failure| self.desk.explain(failure))?;
            let assertion = self.sign(&mut holding).await;
            if let Some(outcome) = taps.end(holding, assertion, true).await {
                return outcome.map_err(|failure| self.desk.explain(failure));
            }
        }
    }

    async fn sign(&mut self, holding: &mut Holding) -> Result<Assertion, TapError> {
        self.talk.stage(Stage::ReadCard);
        let mut jpki = Selected::jpki(holding).await?;
        let file = Credential::Authentication.certificate();
        let certificate = jpki.read(file).await?.ok_or(Code::CertificateMissing)?;
        let certificate = Certificate::parse(&certificate)
            .map_err(|_| Failure::new(Code::CertificateMalformed))?;
        let now = self.server_time().await?;
        let demand = Demand::new(Purpose::Authentication, now);
        // What is known of revocations, the server knows.
        pki::verify(&certificate, &[], &self.environment.anchors, &demand, &Evidence::none())
            .map_err(Failure::from)?;
        if !certificate.is_rsa_2048() {
            // RS256 is the one algorithm of assertions; a next-generation card needs another before it needs a PIN.
            return Err(Failure::new(Code::CertificateUntrusted).with_detail("key").into());
        }

        self.desk.open(&mut jpki).await?;

        // Finding the PIN may have taken longer than a challenge lives.
        let mut now = self.server_time().await?;
        if !self.granted.as_ref().is_some_and(|(challenge, _)| challenge.is_fresh(now)) {
            self.fresh_challenge().await?;
            now = self.server_time().await?;
        }
        let (challenge, _) = self.granted.as_ref().ok_or(Code::SetupInvalid)?;
        self.talk.stage(Stage::Sign);
        let unsigned =
            Unsigned::compose(challenge, &self.expected, &certificate, &self.assertion_id, now)?;
        let signature = jpki.sign_as_holder(&unsigned.digest()).await?;
        Ok(unsigned.signed(&signature, &certificate)?)
    }

    async fn server_time(&self) -> Result<Timestamp, Failure> {
        let (_, clock) = self.granted.as_ref().ok_or(Code::SetupInvalid)?;
        Ok(clock.server_time(self.talk.clock().await))
    }
}
