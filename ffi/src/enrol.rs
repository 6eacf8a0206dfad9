//! How a device is enrolled, learns what changes, and changes its key.

use std::sync::Arc;

use kaigotap::exchange;
use kaigotap::platform::ServerAddress;
use zeroize::Zeroizing;

use crate::conversation::Conversation;
use crate::enrolment::{DeviceKey, Enrolment, fresh};
use crate::failure::KaigoTapError;
use crate::hidden;
use crate::outcome::Outcome;

/// How a device is to be enrolled. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct EnrolPlan {
    /// Base address of the platform, without a slash at its end: `https://…`; plain HTTP on this machine only.
    pub server: String,
    /// What somebody of the facility was given for this device, as it was typed or scanned. Good once.
    pub activation_code: String,
    /// The device's key, which signs by `Request.Sign`.
    pub key: DeviceKey,
    /// 32 bytes of the system's secure randomness, fresh for each enrolment.
    pub entropy: Vec<u8>,
    /// What the platform calls itself, if that is not its address.
    #[uniffi(default = None)]
    pub issuer: Option<String>,
}

hidden!(EnrolPlan);

/// Enrols a device. A code that cannot be one is refused at once, by its own code for each fault.
#[uniffi::export]
pub fn enrol(plan: EnrolPlan) -> Result<Arc<Conversation>, KaigoTapError> {
    let typed = Zeroizing::new(plan.activation_code);
    let code = exchange::ActivationCode::parse(&typed)?;
    let (server, entropy) = (ServerAddress::parse(plan.server)?, fresh(plan.entropy)?);
    let mut enrol = exchange::Enrol::new(server, code, plan.key.into_core(), entropy)?;
    if let Some(issuer) = plan.issuer {
        enrol = enrol.of_issuer(issuer)?;
    }
    Ok(Conversation::of(exchange::enrol(enrol), told))
}

/// Asks what has changed of an enrolment: the challenge keys above all. Keep what comes of it in the place of what was.
#[uniffi::export]
pub fn refresh_device(
    enrolment: Enrolment,
    staff_token: String,
    entropy: Vec<u8>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let enrolment = enrolment.into_core()?;
    let token = exchange::StaffToken::parse(staff_token, enrolment.device())?;
    Ok(Conversation::of(exchange::refresh_device(enrolment, token, fresh(entropy)?), told))
}

/// Gives a device another key, of another name. From then on the old one is dead, and staff sign in again.
#[uniffi::export]
pub fn roll_over_key(
    enrolment: Enrolment,
    staff_token: String,
    key: DeviceKey,
    entropy: Vec<u8>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let enrolment = enrolment.into_core()?;
    let token = exchange::StaffToken::parse(staff_token, enrolment.device())?;
    let entropy = fresh(entropy)?;
    let flow = exchange::roll_over_key(enrolment, token, key.into_core(), entropy)?;
    Ok(Conversation::of(flow, told))
}

fn told(enrolment: exchange::Enrolment) -> Outcome {
    Outcome::Enrolled { enrolment: enrolment.into() }
}
