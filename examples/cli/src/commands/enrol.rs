//! `kaigotap enrol`

use std::io::{BufRead, IsTerminal, Write};

use kaigotap::exchange::{self, ActivationCode, DeviceKey, Entropy};
use kaigotap::link::{Drivers, NoCard, NoScreen, run as drive};
use zeroize::Zeroizing;

use super::device;
use crate::arguments::Enrol;
use crate::enrolment::{Enrolment, KEY, key_of, keys_of, next_key, seed};
use crate::http;
use crate::report::{Report, Stop};
use crate::terminal;

pub(crate) fn run(command: &Enrol, report: Report) -> Result<(), Stop> {
    let file = &command.enrolment;
    if !command.force && std::fs::symlink_metadata(file).is_ok() {
        return Err(Stop::input(
            "enrolment_exists",
            format!("{} is there already.", file.display()),
            "Choose another file; or enrol this device anew with --force.",
        )
        .about(file.display()));
    }
    let server = http::server(&command.server)?;
    let code = ActivationCode::parse(&typed(command.code_fd, report)?)?;
    // A key is enrolled once: whoever enrols anew does so with a new one.
    let name = if command.force { next_key(file) } else { KEY.to_owned() };
    let key = DeviceKey::new(name.as_str(), key_of(file, &name)?);
    let mut plan = exchange::Enrol::new(server, code, key, Entropy::new(&*seed()?))?;
    if let Some(issuer) = &command.issuer {
        plan = plan.of_issuer(issuer.as_str())?;
    }
    let (mut card, mut screen) = (NoCard, NoScreen);
    let mut http = http::client(command.authority.as_deref())?;
    let mut keys = keys_of(file)?;
    let mut drivers = Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut keys);
    let told = drive(exchange::enrol(plan), &mut drivers)??;
    let enrolment = Enrolment::new(told);
    enrolment.write(file)?;
    report.line(report.text("This device is enrolled.", "この端末を登録しました。"));
    device::show(&enrolment, report);
    report.line("");
    report.line(format!(
        "{} kaigotap sign-in --enrolment {}",
        report.text("Next:", "次に："),
        file.display()
    ));
    let mut object = device::as_json(&enrolment);
    object["outcome"] = "enrolled".into();
    report.object(&object);
    Ok(())
}

/// The code, as it was typed.
fn typed(descriptor: Option<u32>, report: Report) -> Result<Zeroizing<String>, Stop> {
    if let Some(descriptor) = descriptor {
        return terminal::first_line(descriptor);
    }
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Stop::input(
            "no_activation_code",
            "There is nobody to ask for the activation code.",
            "Give it through an open file descriptor: echo CODE | kaigotap enrol … --code-fd 0",
        ));
    }
    eprint!("{}", report.text("Activation code: ", "登録コード： "));
    let _ = std::io::stderr().flush();
    let mut line = Zeroizing::new(String::with_capacity(512));
    let _ = stdin.lock().read_line(&mut line);
    Ok(line)
}
