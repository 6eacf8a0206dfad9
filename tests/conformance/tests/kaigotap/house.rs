//! A reader service, a sandbox, and `kaigotap` in front of both.

use std::{
    io::{Write, pipe},
    path::PathBuf,
    process::{Command, Stdio},
};

use kaigotap_conformance::{
    Pcscd, Slot, build,
    process::{Finished, Recorded, run, until},
};
use serde_json::Value;

/// Gives a program standard input as descriptor 3.
const PIN_ON_3: &str = r#"exec "$@" 3<&0 0</dev/null"#;

/// A nurse's machine at the bedside, and the platform.
pub(crate) struct House {
    pub(crate) pcscd: Pcscd,
    sandbox: Option<Recorded>,
}

impl House {
    pub(crate) fn new() -> Self {
        let pcscd = Pcscd::start();
        let mut house = Self { pcscd, sandbox: None };
        house.sandbox = Some(Recorded::start(
            house.kaigotap("sandbox --listen 127.0.0.1:0 --enrolment").arg(house.enrolment()),
        ));
        until("the sandbox writes an enrolment", || house.enrolment().exists().then_some(()));
        house
    }

    pub(crate) fn enrolment(&self) -> PathBuf {
        self.pcscd.directory().join("enrolment.json")
    }

    /// The platform goes away.
    pub(crate) fn stop_sandbox(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            let _ = sandbox.stop().succeeded();
        }
    }

    /// `kaigotap` with these arguments, and the ones added to it.
    pub(crate) fn kaigotap(&self, arguments: &str) -> Command {
        let mut command = self.pcscd.client(build::kaigotap());
        command.args(arguments.split_whitespace());
        command
    }

    /// `kaigotap visit` by a nurse who has looked at the face; on that reader, or whichever.
    pub(crate) fn visit(&self, slot: Option<Slot>, pin: &str, more: &str) -> Finished {
        let mut command = with_pin(&self.pcscd, pin);
        command
            .args(["visit", "--pin-fd", "3", "--face-confirmed", "--enrolment"])
            .arg(self.enrolment());
        if let Some(slot) = slot {
            command.arg("--reader").arg(self.pcscd.reader(slot));
        }
        run(command.args(more.split_whitespace()))
    }
}

/// `kaigotap --json` with a PIN on descriptor 3; a command that reads it is to be added.
pub(crate) fn with_pin(pcscd: &Pcscd, pin: &str) -> Command {
    let (reader, mut writer) = pipe().unwrap();
    writeln!(writer, "{pin}").unwrap();
    let mut command = pcscd.client("sh");
    command.args(["-c", PIN_ON_3, "sh"]).arg(build::kaigotap()).stdin(Stdio::from(reader));
    command.arg("--json");
    command
}

/// The one object that a program wrote.
pub(crate) fn object(said: &Finished) -> Value {
    serde_json::from_slice(&said.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"))
}

/// What a success said.
pub(crate) fn done(said: &Finished) -> Value {
    assert_eq!(said.status.code(), Some(0), "{said}");
    object(said)
}

/// What a failed conversation said: a code, words, and what to do.
pub(crate) fn failed(said: &Finished) -> Value {
    let code = said.status.code();
    assert!(code.is_some_and(|code| (10..=18).contains(&code)), "{said}");
    told(said)
}

/// What unusable input is told.
pub(crate) fn unusable(said: &Finished) -> Value {
    assert_eq!(said.status.code(), Some(2), "{said}");
    told(said)
}

fn told(said: &Finished) -> Value {
    let object = object(said);
    assert_eq!(object["outcome"], "failed", "{said}");
    for text in ["code", "message", "next_action"] {
        assert!(object[text].as_str().is_some_and(|text| !text.is_empty()), "{text}: {said}");
    }
    object
}
