//! How a device is enrolled, learns what changes, and changes its key: with an activation code, a proof of its key, and a
//! request for the facility's client certificate, signed by that key. Nothing that comes back is believed unjudged.

mod code;
mod csr;
mod enrolment;
#[cfg(test)]
mod tests;
mod told;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use code::ActivationCode;
pub use enrolment::{Enrolment, MutualTls, Policy};

use super::{DeviceKey, Entropy, StaffToken, numeric_date};
use crate::flow::{Flow, Method, Talk};
use crate::message::{Code, Failure};
use crate::platform::{
    Answered, Call, Content, Credential, Jwk, Platform, Repeat, ServerAddress, Signer, is_off, jws,
    open,
};
use told::{Told, untrusted};

/// Where a platform says what it calls itself (RFC 8414 §3).
const METADATA: &str = "/.well-known/oauth-authorization-server";
/// What a new key signs to take over from another.
const ROLL_OVER: &str = "kaigo-key-rollover+jwt";

/// How a device is to be enrolled.
pub struct Enrol {
    server: ServerAddress,
    issuer: String,
    code: ActivationCode,
    signer: Signer,
    entropy: Entropy,
}

impl Enrol {
    /// At the platform at this address, which calls itself by it, with a code that somebody of the facility was given for
    /// this device, and a key that never leaves its store. `setup_invalid` for what is no key.
    pub fn new(
        server: ServerAddress,
        code: ActivationCode,
        key: DeviceKey,
        entropy: Entropy,
    ) -> Result<Self, Failure> {
        let (signer, issuer) = (Signer::parse(key)?, server.as_str().to_owned());
        Ok(Self { server, issuer, code, signer, entropy })
    }

    /// The platform calls itself otherwise than its address, namely so: behind a gateway, for instance.
    pub fn of_issuer(mut self, issuer: impl Into<String>) -> Result<Self, Failure> {
        let issuer = ServerAddress::parse(issuer);
        let issuer = issuer.map_err(|_| Failure::new(Code::SetupInvalid).with_detail("issuer"))?;
        issuer.as_str().clone_into(&mut self.issuer);
        Ok(self)
    }
}

impl fmt::Debug for Enrol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrol(..)")
    }
}

/// Enrols a device. The code is shown to the platform of the expected name only, and once.
pub fn enrol(plan: Enrol) -> Flow<Result<Enrolment, Failure>> {
    Flow::new(|talk| async move { enrolled(&talk, plan).await })
}

/// Asks what has changed of an enrolment: the challenge keys above all. A platform that has none of the keys any more that
/// are pinned is not followed (`challenge_keys_replaced`).
pub fn refresh_device(
    enrolment: Enrolment,
    staff_token: StaffToken,
    entropy: Entropy,
) -> Flow<Result<Enrolment, Failure>> {
    Flow::new(|talk| async move {
        let device = enrolment.device();
        let platform =
            Platform::new(&talk, enrolment.server(), enrolment.issuer(), device, entropy);
        let call = Call {
            method: Method::Get,
            path: "/v1/devices/self",
            content: Content::None,
            credential: Credential::Dpop { token: Some(staff_token.as_str()) },
            repeat: Repeat::Unanswered,
            success: 200,
        };
        let told = platform.call(&call, Told::read).await?;
        told.following(&enrolment, device.key())
    })
}

/// Gives a device another key, of another name; with a certificate if it had one. The old key proves that it is this device
/// that asks, the new one that it is there. From then on the old key is dead, and with it what is bound to it: staff sign in
/// again. Where no answer comes (`server_no_answer`), either of the two may be the device's: a sign-in tells which.
/// `setup_invalid` for what is no key, or for the same one.
pub fn roll_over_key(
    enrolment: Enrolment,
    staff_token: StaffToken,
    key: DeviceKey,
    mut entropy: Entropy,
) -> Result<Flow<Result<Enrolment, Failure>>, Failure> {
    let signer = Signer::parse(key)?;
    let (old, new) = (enrolment.device().key(), signer.key());
    if old.public == new.public || old.name == new.name {
        return Err(Failure::new(Code::SetupInvalid).with_detail("the same key"));
    }
    Ok(Flow::new(|talk| async move {
        let device = enrolment.device();
        let csr = if enrolment.certificate_chain().is_empty() {
            None
        } else {
            Some(jws::base64url(&csr::signed(&talk, &signer).await?))
        };
        let now = talk.clock().await;
        let id = entropy.uuid();
        let claims = TakeOver {
            iss: device.client_id(),
            aud: enrolment.issuer(),
            old: device.thumbprint(),
            iat: numeric_date(now.wall),
            jti: &id,
        };
        let header = Header { alg: "ES256", typ: ROLL_OVER };
        let input = jws::signing_input(&header, &claims).ok_or(Code::InternalError)?;
        let proof = signer.jws(&talk, input.into()).await?;
        let ask = RollOver { jwk: signer.public.jwk(), proof, csr };
        let body = serde_json::to_vec(&ask).map_err(|_| Failure::new(Code::InternalError))?;
        let platform =
            Platform::new(&talk, enrolment.server(), enrolment.issuer(), device, entropy);
        let call = Call {
            method: Method::Post,
            path: "/v1/devices/self/key",
            content: Content::Json(body.into()),
            credential: Credential::Dpop { token: Some(staff_token.as_str()) },
            // Once it is done, the key that asks is dead.
            repeat: Repeat::Never,
            success: 201,
        };
        match platform.ask(&call).await? {
            Answered::Done(body) => Told::read(&body)?.following(&enrolment, signer.key()),
            // The new key's statement has its time from this device's clock.
            Answered::Refused(failure, Some(at))
                if failure.code() == Code::Refused && is_off(at, now) =>
            {
                Err(Code::ClockOff.into())
            }
            Answered::Refused(failure, _) => Err(failure),
        }
    }))
}

async fn enrolled(talk: &Talk, plan: Enrol) -> Result<Enrolment, Failure> {
    let Enrol { server, issuer, code, signer, entropy } = plan;
    // A code that is shown to somebody else is lost.
    let body = open(talk, &[server.as_str(), METADATA].concat()).await?;
    let said: Metadata = jws::object(&body).ok_or(Code::ServerAnswerInvalid)?;
    if said.issuer != issuer {
        return Err(untrusted("another platform"));
    }
    let csr = jws::base64url(&csr::signed(talk, &signer).await?);
    let ask = Ask { activation_code: code.as_str(), jwk: signer.public.jwk(), csr };
    let body = serde_json::to_vec(&ask).map_err(|_| Failure::new(Code::InternalError))?;
    let platform = Platform::for_key(talk, &server, &issuer, &signer, entropy);
    let call = Call {
        method: Method::Post,
        path: "/v1/devices",
        content: Content::Json(body.into()),
        credential: Credential::Dpop { token: None },
        // It is good once.
        repeat: Repeat::Never,
        success: 201,
    };
    let told = platform.call(&call, Told::read).await?;
    told.enrolment(&server, &issuer, signer.key())
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
}

#[derive(Serialize)]
struct Ask<'a> {
    activation_code: &'a str,
    jwk: Jwk,
    csr: String,
}

#[derive(Serialize)]
struct RollOver {
    jwk: Jwk,
    proof: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    csr: Option<String>,
}

#[derive(Serialize)]
struct Header {
    alg: &'static str,
    typ: &'static str,
}

#[derive(Serialize)]
struct TakeOver<'a> {
    iss: &'a str,
    aud: &'a str,
    old: &'a str,
    iat: i64,
    jti: &'a str,
}
