//! `kaigotap sandbox roll-keys`

use kaigotap_sandbox::KeyBook;
use serde_json::json;

use crate::arguments::SandboxRollKeys;
use crate::report::{Report, Stop};

pub(super) fn run(command: &SandboxRollKeys, report: Report) -> Result<(), Stop> {
    let runtime = super::runtime()?;
    let database = super::kept(&command.store)?;
    let book = runtime.block_on(KeyBook::open(&database)).map_err(|error| {
        Stop::input(error.code(), error.to_string(), "Give the database of a sandbox.")
    })?;
    runtime.block_on(book.roll()).map_err(|failure| {
        Stop::input(
            "database_unavailable",
            failure.to_string(),
            "See that the database can be used.",
        )
    })?;
    let kid = book.challenge_key();
    report.line(report.text(
        "Other keys sign from now on. Devices follow when they next ask: kaigotap device refresh",
        "署名鍵を切り替えました。端末は次の更新で追従します：kaigotap device refresh",
    ));
    report.object(&json!({ "rolled": true, "challenge_key": kid }));
    Ok(())
}
