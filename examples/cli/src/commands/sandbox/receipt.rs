//! `kaigotap sandbox receipt`

use kaigotap_sandbox::{ClaimDesk, Config};
use serde_json::json;

use crate::arguments::SandboxReceipt;
use crate::report::{Report, Stop};

/// A claim comes in, and a registration lasts longer.
pub(super) fn run(command: &SandboxReceipt, report: Report) -> Result<(), Stop> {
    let runtime = super::runtime()?;
    let person = &command.person;
    let config = Config { database: super::kept(&person.store)?, ..Config::default() };
    let received = runtime.block_on(async {
        let desk = ClaimDesk::open(&config).await.map_err(|error| {
            Stop::input(error.code(), error.to_string(), "Give the database of a sandbox.")
        })?;
        let received = desk.receipt(&command.facility, &person.insurer, &person.insured).await;
        received.map_err(|failure| {
            let next_action = "See whether it is used elsewhere, and try again.";
            Stop::input("database_unavailable", failure.to_string(), next_action)
        })
    });
    let until = received?.ok_or_else(|| {
        Stop::input(
            "not_registered",
            "Nobody with these numbers is registered with this facility now.",
            "Check the numbers; a registration begins with a visit, and what is over begins anew.",
        )
    })?;
    report.line(format!("{} {until}", report.text("Registered until", "利用者登録の期限：")));
    report.object(&json!({ "registered_until": until }));
    Ok(())
}
