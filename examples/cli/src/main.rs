//! `kaigotap`, the command: its commands are one module each.

mod arguments;
mod browser;
mod commands;
mod dates;
mod der_file;
mod enrolment;
mod evidence;
mod http;
mod input;
mod interrupt;
mod journal;
mod printable;
mod private_file;
mod registration;
mod report;
mod terminal;

use std::io::IsTerminal;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use arguments::spoken::{self, Said, Spoken};
use arguments::{Arguments, Command, LogFormat};
use report::Report;

/// Runs the command that the arguments name.
///
/// Exit codes: 0 done; 1 the answer is no; 2 the input cannot be used; 10 to 18 the conversation failed, by kind.
fn main() -> ExitCode {
    let system = spoken::of_system(|name| std::env::var(name).ok());
    let Spoken { arguments, language, flag } =
        match spoken::read(std::env::args_os().collect(), system) {
            Ok(read) => read,
            Err(said) => return tell(&said),
        };
    log(&arguments);
    let report = Report::new(language, arguments.json, arguments.events, flag);
    let result = match arguments.command {
        None => {
            commands::welcome(report);
            Ok(())
        }
        Some(Command::Demo(command)) => commands::demo::run(&command, report),
        Some(Command::People) => commands::people::run(report),
        Some(Command::Readers) => commands::readers::run(report),
        Some(Command::Card(command)) => commands::card::run(&command, report),
        Some(Command::Certificate(command)) => commands::certificate::run(&command, report),
        Some(Command::Visit(command)) => commands::visit::run(&command, report),
        Some(Command::Own(command)) => commands::own::run(&command, report),
        Some(Command::Tickets(command)) => commands::tickets::run(&command, report),
        Some(Command::Journal(command)) => commands::journal::run(&command, report),
        Some(Command::Care(command)) => commands::care::run(&command, report),
        Some(Command::Enrol(command)) => commands::enrol::run(&command, report),
        Some(Command::Device(command)) => commands::device::run(&command, report),
        Some(Command::SignIn(command)) => commands::sign_in::run(&command, report),
        Some(Command::SignOut(command)) => commands::sign_in::run_out(&command, report),
        Some(Command::Check(command)) => commands::check::run(&command, report),
        Some(Command::Sandbox(command)) => commands::sandbox::run(&command, report),
        Some(Command::VirtualCard(command)) => commands::virtual_card::run(&command, report),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => report.stop(&stop),
    }
}

/// Help goes where it can be read page by page, what is wrong goes elsewhere.
fn tell(said: &Said) -> ExitCode {
    let text = said.text.trim_end();
    if said.asked_for {
        report::say(text);
        return ExitCode::SUCCESS;
    }
    report::note(text);
    ExitCode::from(2)
}

/// Silent unless asked: KAIGOTAP_LOG=debug, or kaigotap=trace. Never a PIN, a certificate, a serial or a name.
fn log(arguments: &Arguments) {
    let is_json = matches!(
        &arguments.command,
        Some(Command::Sandbox(sandbox)) if sandbox.log_format == LogFormat::Json
    );
    let silent = if is_json { "info" } else { "off" };
    let filter = EnvFilter::try_from_env("KAIGOTAP_LOG");
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|_| EnvFilter::new(silent)))
        .with_writer(std::io::stderr);
    if is_json {
        log.json().flatten_event(true).init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).init();
    }
}
