//! `kaigotap sign-in` and `kaigotap sign-out`

use std::time::Duration;

use kaigotap::exchange::{self, Entropy};
use kaigotap::link::{Drivers, NoCard, NoScreen, run as drive};
use serde_json::json;
use zeroize::Zeroizing;

use super::device::bound;
use crate::arguments::{SignIn, SignOut};
use crate::browser::Desktop;
use crate::enrolment::{Enrolment, keys_of, seed};
use crate::report::{Report, Stop};

pub(crate) fn run(command: &SignIn, report: Report) -> Result<(), Stop> {
    let mut enrolment = Enrolment::read(&command.enrolment)?;
    let limit = Duration::from_secs(command.wait);
    let mut browser = Desktop::listen(report, command.no_browser, limit)?;
    let entropy = Entropy::new(&*seed()?);
    let mut plan = exchange::SignIn::on(&enrolment.told, browser.returns_to(), entropy)?
        .in_language(report.language);
    if command.again {
        plan = plan.anew();
    }
    if let Some(resource) = &command.resource {
        plan = plan.for_resource(resource);
    }
    let (mut card, mut screen) = (NoCard, NoScreen);
    let mut http = enrolment.client(&command.enrolment, command.authority.as_deref())?;
    let mut keys = keys_of(&command.enrolment)?;
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen)
        .with_browser(&mut browser)
        .with_key(&mut keys);
    let signed_in = drive(exchange::sign_in(plan), &mut drivers)??;

    enrolment.staff_token = Some(Zeroizing::new(signed_in.token.secret().to_owned()));
    enrolment.write(&command.enrolment)?;
    let (token, until) = (&signed_in.token, signed_in.until);
    let name = signed_in.name.as_deref();
    let who = format!("{} ({})", name.unwrap_or_default(), token.member().as_str());
    for (what, value) in [
        (report.text("Signed in  ", "ログイン中  "), who.trim_start().to_owned()),
        (report.text("Facility   ", "事業所番号  "), token.facility().as_str().to_owned()),
        (report.text("Until      ", "有効期限    "), until.to_string()),
        (
            report.text("Bound to   ", "端末の鍵    "),
            enrolment.told.device().thumbprint().to_owned(),
        ),
    ] {
        report.line(format!("{what} {value}"));
    }
    let mut object = json!({
        "outcome": "signed_in",
        "staff_id": token.member().as_str(),
        "name": name,
        "facility_id": token.facility().as_str(),
        "until": until,
    });
    object["token"] = bound(token);
    report.object(&object);
    Ok(())
}

pub(crate) fn run_out(command: &SignOut, report: Report) -> Result<(), Stop> {
    let enrolment = Enrolment::read(&command.enrolment)?;
    let (issuer, device) = (enrolment.told.staff_issuer().clone(), enrolment.told.device().clone());
    let token = enrolment.staff_token()?;
    let flow = exchange::sign_out(issuer, device, token, Entropy::new(&*seed()?));
    let (mut card, mut screen) = (NoCard, NoScreen);
    let mut http = enrolment.client(&command.enrolment, command.authority.as_deref())?;
    let mut keys = keys_of(&command.enrolment)?;
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut keys);
    drive(flow, &mut drivers)??;
    report
        .line(report.text("Signed out, on every device.", "すべての端末からログアウトしました。"));
    report.object(&json!({ "outcome": "signed_out" }));
    Ok(())
}
