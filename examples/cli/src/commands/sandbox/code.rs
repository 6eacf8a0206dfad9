//! `kaigotap sandbox code`

use kaigotap_sandbox::Mailbox;
use serde_json::json;

use crate::arguments::SandboxCode;
use crate::report::{Report, Stop};

pub(super) fn run(command: &SandboxCode, report: Report) -> Result<(), Stop> {
    let runtime = super::runtime()?;
    let database = super::kept(&command.store)?;
    let mailbox = runtime.block_on(Mailbox::open(&database)).map_err(|error| {
        Stop::input(error.code(), error.to_string(), "Give the database of a sandbox.")
    })?;
    let code = runtime.block_on(mailbox.one_time_code(&command.staff));
    let Some(code) = code.map_err(super::municipality::failed)? else {
        return Err(Stop::input(
            "no_code_sent",
            "No code was sent to them that is still good.",
            "Begin to sign in, with user and password, and ask again.",
        ));
    };
    report.line(&code);
    report.object(&json!({ "one_time_code": code }));
    Ok(())
}
