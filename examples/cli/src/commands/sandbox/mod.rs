//! `kaigotap sandbox`

mod audit;
mod code;
mod devices;
mod directory;
mod import;
mod init;
mod meeting;
mod municipality;
mod policy;
mod receipt;
mod roll_keys;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::Path;

use kaigotap_sandbox::world::{self, NoWorld, World};
use kaigotap_sandbox::{Config, Database, NOTICE};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::arguments::{Kept, Sandbox, SandboxCommand};
use crate::enrolment::{Enrolment, KEY, key_of};
use crate::interrupt::Signals;
use crate::report::{Report, Stop};

/// Where it listens unless it is told otherwise.
const LISTEN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8443));

pub(crate) fn run(command: &Sandbox, report: Report) -> Result<(), Stop> {
    match &command.command {
        Some(SandboxCommand::Init(command)) => return init::run(command, report),
        Some(SandboxCommand::Audit(command)) => return audit::run(command, report),
        Some(SandboxCommand::Activate(command)) => return devices::activate(command, report),
        Some(SandboxCommand::Devices(command)) => return devices::run(command, report),
        Some(SandboxCommand::Municipality(command)) => return municipality::run(command, report),
        Some(SandboxCommand::Code(command)) => return code::run(command, report),
        Some(SandboxCommand::Policy(command)) => return policy::run(command, report),
        Some(SandboxCommand::Receipt(command)) => return receipt::run(command, report),
        Some(SandboxCommand::Import(command)) => return import::run(command, report),
        Some(SandboxCommand::RollKeys(command)) => return roll_keys::run(command, report),
        None => {}
    }
    let config = config(command)?;
    let world = World::start_with(world::config(config, &command.guests)).map_err(|error| {
        let code = match &error {
            NoWorld::Sandbox(error) => error.code(),
            NoWorld::Runtime(_) => "no_runtime",
        };
        let next_action = match code {
            "address_in_use" => "End what uses it, or take a free one: --listen 127.0.0.1:0",
            "not_loopback" => {
                "Give an address of this machine, or make a folder for TLS: kaigotap sandbox init FOLDER"
            }
            "address_unavailable" => "Give --listen an address of this machine.",
            _ => "See what it names, and start again.",
        };
        Stop::input(code, error.to_string(), next_action)
    })?;
    // Whoever reads that it listens may stop it.
    let mut signals = world
        .wait(async { Signals::listen() })
        .map_err(|error| Stop::input("no_runtime", error.to_string(), "Try on another machine."))?;
    let url = world.sandbox().url().to_owned();
    if let Some(file) = &command.enrolment {
        Enrolment::of(&world, &key_of(file, KEY)?)?.write(file)?;
    }
    report.line(report.text(
        NOTICE,
        "これは練習・開発用の模擬基盤で、国の介護情報基盤ではありません。実在の方の情報は入れないでください。",
    ));
    report.line("");
    report.line(format!("{} {url}", report.text("Listening on", "待ち受け中：")));
    if let Some(file) = &command.enrolment {
        report.line(format!(
            "{} kaigotap visit --enrolment {} --reader simulator",
            report.text("Now, in another terminal:", "別の端末で："),
            file.display()
        ));
    } else {
        report.line(report.text(
            "With --enrolment FILE it also writes what `kaigotap visit` needs.",
            "--enrolment FILE を付けると、kaigotap visit に必要なファイルも書き出します。",
        ));
    }
    let authority = format!("{url}/jlis");
    report.line(format!(
        "{} {authority}",
        report.text(
            "Its certificate authority (roots, revocation lists, OCSP):",
            "模擬認証局（ルート証明書、失効リスト、OCSP）："
        )
    ));
    report.line(report.text("Ctrl-C stops it.", "Ctrl-Cで終了します。"));
    report.object(&json!({
        "listening": url,
        "admin": world.sandbox().admin(),
        "sandbox": true,
        "authority": authority,
        "enrolment": command.enrolment,
    }));
    world.wait(signals.next());
    world.stop();
    Ok(())
}

/// As the folder says, if there is one, and otherwise as it was typed.
fn config(command: &Sandbox) -> Result<Config, Stop> {
    let mut config = match &command.directory {
        Some(folder) => directory::read(folder)?,
        None => Config { listen: LISTEN, ..Config::default() },
    };
    config.admin = command.admin.or(config.admin);
    if let Some(listen) = command.listen {
        config.listen = listen;
    }
    if let Some(typed) = &command.database {
        config.database = database(typed, command.database_key.as_deref())?;
    }
    Ok(config)
}

/// For what is done beside a sandbox that others may run.
fn runtime() -> Result<Runtime, Stop> {
    Runtime::new()
        .map_err(|error| Stop::input("no_runtime", error.to_string(), "Try on another machine."))
}

/// The database of a sandbox that others may run.
fn kept(store: &Kept) -> Result<Database, Stop> {
    match &store.directory {
        Some(folder) => Ok(directory::read(folder)?.database),
        None => database(store.database.as_deref().unwrap_or(""), store.database_key.as_deref()),
    }
}

fn database(typed: &str, key_file: Option<&Path>) -> Result<Database, Stop> {
    world::database(typed, key_file).ok_or_else(|| {
        Stop::input(
            "database_unknown",
            "The database is not one of: memory, sqlite:FILE, postgres://… with --database-key FILE.",
            "Choose one of these.",
        )
    })
}
