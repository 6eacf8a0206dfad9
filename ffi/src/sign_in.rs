//! Staff sign in and out.

use std::sync::Arc;

use kaigotap::exchange;
use kaigotap::platform::ServerAddress;

use crate::conversation::Conversation;
use crate::enrolment::{EnrolledDevice, fresh};
use crate::failure::{KaigoTapError, Language};
use crate::outcome::Outcome;
use crate::signed_in::SignedIn;
use crate::{hidden, milliseconds};

/// How a staff member is to sign in. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct SignInPlan {
    /// Whose page it is (`staff_issuer` of the device's enrolment), without a slash at its end.
    pub issuer: String,
    /// This device, as the platform knows it.
    pub device: EnrolledDevice,
    /// Where the browser ends: an address of the app's own scheme, or of a port of this machine.
    pub returns_to: String,
    /// 32 bytes of the system's secure randomness, fresh for each sign-in.
    pub entropy: Vec<u8>,
    /// The password is typed now, even if somebody is still signed in with the browser: what a shared device wants.
    #[uniffi(default = false)]
    pub anew: bool,
    /// The language of the page; `None` is the browser's.
    #[uniffi(default = None)]
    pub language: Option<Language>,
    /// What the token is for (RFC 8707), for an issuer that has tokens for others, too.
    #[uniffi(default = None)]
    pub resource: Option<String>,
}

hidden!(SignInPlan);

/// Signs a staff member in, in the system's browser.
#[uniffi::export]
pub fn sign_in(plan: SignInPlan) -> Result<Arc<Conversation>, KaigoTapError> {
    let SignInPlan { issuer, device, returns_to, entropy, anew, language, resource } = plan;
    let device = device.into_core()?;
    let mut plan = exchange::SignIn::new(&issuer, device, returns_to, fresh(entropy)?)?;
    if anew {
        plan = plan.anew();
    }
    if let Some(language) = language {
        plan = plan.in_language(language.into());
    }
    if let Some(resource) = resource {
        plan = plan.for_resource(resource);
    }
    Ok(Conversation::of(exchange::sign_in(plan), |signed_in| Outcome::SignedIn {
        staff: signed_in.into(),
    }))
}

/// Signs a staff member out, on every device.
#[uniffi::export]
pub fn sign_out(
    issuer: String,
    device: EnrolledDevice,
    staff_token: String,
    entropy: Vec<u8>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let device = device.into_core()?;
    let token = exchange::StaffToken::parse(staff_token, &device)?;
    let flow = exchange::sign_out(ServerAddress::parse(issuer)?, device, token, fresh(entropy)?);
    Ok(Conversation::of(flow, |()| Outcome::SignedOut))
}

impl From<exchange::SignedIn> for SignedIn {
    fn from(signed_in: exchange::SignedIn) -> Self {
        let token = signed_in.token;
        Self {
            staff_token: token.secret().to_owned(),
            staff_id: token.member().as_str().to_owned(),
            facility: token.facility().as_str().to_owned(),
            name: signed_in.name,
            until_ms: milliseconds(signed_in.until),
        }
    }
}
