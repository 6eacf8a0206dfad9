//! Runs a command beside a `pcscd` of its own, whose two slots are empty: `with-reader COMMAND [ARGUMENT …]`.
//!
//! The command finds the service by its environment, as every client of libpcsclite does, and in `KAIGOTAP_VPCD` the
//! addresses that cards for the two slots connect to, separated by a space. This ends as the command does.

use std::{env, process::ExitCode};

use kaigotap_conformance::{Pcscd, Slot};

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("with-reader COMMAND [ARGUMENT …]");
        return ExitCode::from(2);
    };
    let pcscd = Pcscd::start();
    let slots = [Slot::First, Slot::Second].map(|slot| pcscd.address(slot).to_string());
    let mut command = pcscd.client(program);
    command.args(arguments).env("KAIGOTAP_VPCD", slots.join(" "));
    for kept in ["HOME", "PWD"] {
        command.envs(env::var_os(kept).map(|value| (kept, value)));
    }
    if let Ok(here) = env::current_dir() {
        command.current_dir(here);
    }
    let passed = match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("{command:?} does not start: {error}");
            false
        }
    };
    // Ended here, so that the service is.
    drop(pcscd);
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
