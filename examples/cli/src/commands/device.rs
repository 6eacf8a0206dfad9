//! `kaigotap device`

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use kaigotap::exchange::{self, DeviceKey, Entropy, StaffToken};
use kaigotap::flow::Flow;
use kaigotap::link::{Drivers, NoCard, NoScreen, run as drive};
use kaigotap::message::Failure;
use kaigotap::pki::Certificate;
use serde_json::{Value, json};

use crate::arguments::{Device, DeviceQuestion, DeviceServer};
use crate::enrolment::{Enrolment, key_of, keys_of, next_key, seed};
use crate::report::{Report, Stop};

pub(crate) fn run(command: &Device, report: Report) -> Result<(), Stop> {
    match &command.question {
        DeviceQuestion::Show { enrolment } => {
            let enrolment = Enrolment::read(enrolment)?;
            tell(&enrolment, report, "shown");
            Ok(())
        }
        DeviceQuestion::Refresh(command) => {
            let mut enrolment = Enrolment::read(&command.enrolment)?;
            let token = enrolment.staff_token()?;
            let entropy = Entropy::new(&*seed()?);
            let flow = exchange::refresh_device(enrolment.told.clone(), token, entropy);
            enrolment.told = converse(command, &enrolment, flow)?;
            enrolment.write(&command.enrolment)?;
            tell(&enrolment, report, "refreshed");
            Ok(())
        }
        DeviceQuestion::RollOver(command) => {
            let mut enrolment = Enrolment::read(&command.enrolment)?;
            let token = enrolment.staff_token()?;
            let name = next_key(&command.enrolment);
            let key = DeviceKey::new(name.as_str(), key_of(&command.enrolment, &name)?);
            let entropy = Entropy::new(&*seed()?);
            let flow = exchange::roll_over_key(enrolment.told.clone(), token, key, entropy)?;
            enrolment.told = converse(command, &enrolment, flow)?;
            // It was bound to the old key.
            enrolment.staff_token = None;
            enrolment.write(&command.enrolment)?;
            tell(&enrolment, report, "rolled_over");
            Ok(())
        }
    }
}

fn converse(
    command: &DeviceServer,
    enrolment: &Enrolment,
    flow: Flow<Result<exchange::Enrolment, Failure>>,
) -> Result<exchange::Enrolment, Stop> {
    let (mut card, mut screen) = (NoCard, NoScreen);
    let mut http = enrolment.client(&command.enrolment, command.authority.as_deref())?;
    let mut keys = keys_of(&command.enrolment)?;
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut keys);
    Ok(drive(flow, &mut drivers)??)
}

fn tell(enrolment: &Enrolment, report: Report, outcome: &str) {
    show(enrolment, report);
    let mut object = as_json(enrolment);
    object["outcome"] = outcome.into();
    report.object(&object);
}

/// For people: the device, the platform, and who has signed in.
pub(super) fn show(enrolment: &Enrolment, report: Report) {
    let (told, r) = (&enrolment.told, report);
    let device = told.device();
    let none = r.text("none", "なし").to_owned();
    let certificate = until(told).map_or_else(
        || none.clone(),
        |end| format!("{} {end}", r.text("this key's, until", "この鍵のもの、期限")),
    );
    let mut rows = vec![
        (r.text("Device", "端末"), format!("{} {}", device.client_id(), told.label())),
        (
            r.text("Facility", "事業所番号"),
            format!("{} {}", device.facility().as_str(), told.facility_name().unwrap_or_default()),
        ),
        (r.text("Platform", "介護情報基盤"), told.issuer().to_owned()),
        (r.text("Key", "端末の鍵"), device.thumbprint().to_owned()),
        (r.text("Certificate", "証明書"), certificate),
        (r.text("Platform's keys", "基盤の鍵"), told.challenge_keys().len().to_string()),
    ];
    match enrolment.staff_token() {
        Ok(token) => {
            let said = bound(&token);
            let text = |member: &str| said[member].as_str().unwrap_or_default().to_owned();
            rows.extend([
                (r.text("Signed in", "ログイン中"), token.member().as_str().to_owned()),
                (r.text("  token is for", "　トークンの宛先"), text("audience")),
                (r.text("  until", "　有効期限"), text("until")),
                (
                    r.text("  bound to", "　結び付き"),
                    format!("{} {}", r.text("the key", "端末の鍵"), text("bound_to")),
                ),
            ]);
        }
        Err(_) => rows.push((r.text("Signed in", "ログイン中"), none)),
    }
    for (name, value) in rows {
        let wide = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
        let line = format!("{name}{} {value}", " ".repeat(18_usize.saturating_sub(wide)));
        r.line(line.trim_end());
    }
}

/// For programs.
pub(super) fn as_json(enrolment: &Enrolment) -> Value {
    let told = &enrolment.told;
    let device = told.device();
    let keys: Vec<_> = told.challenge_keys().iter().map(exchange::ChallengeKey::id).collect();
    json!({
        "device_id": device.client_id(),
        "label": told.label(),
        "facility_id": device.facility().as_str(),
        "facility_name": told.facility_name(),
        "issuer": told.issuer(),
        "key": device.thumbprint(),
        "certificate_until": until(told),
        "challenge_keys": keys,
        "policy": told.policy(),
        "as_of": told.as_of(),
        "staff_id": enrolment.staff_token().ok().map(|token| token.member().as_str().to_owned()),
        "token": enrolment.staff_token().ok().as_ref().map(bound),
    })
}

/// How long the device's certificate is good.
fn until(told: &exchange::Enrolment) -> Option<Timestamp> {
    let own = told.certificate_chain().first()?;
    Some(Certificate::parse(own).ok()?.not_after())
}

/// What a token says of itself: for whom it is, until when, and to which key it is bound. Never the token.
pub(super) fn bound(token: &StaffToken) -> Value {
    let payload = token.secret().split('.').nth(1);
    let payload = payload.and_then(|part| Base64UrlUnpadded::decode_vec(part).ok());
    let said: Value =
        payload.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let end = said["exp"].as_i64().and_then(|end| Timestamp::from_second(end).ok());
    let lifetime = said["exp"].as_i64().zip(said["iat"].as_i64());
    json!({
        "audience": said["aud"],
        "until": end,
        "lifetime_seconds": lifetime.map(|(end, start)| end.saturating_sub(start)),
        "bound_to": said["cnf"]["jkt"],
    })
}
