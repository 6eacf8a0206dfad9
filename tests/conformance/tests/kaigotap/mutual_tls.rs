//! A whole acquaintance over a real reader, where every connection has to show the device's certificate: the device enrols,
//! the nurse signs in, the first visit is with PIN and the second by a tap.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
};

use kaigotap_conformance::{
    Pcscd, Slot,
    card::hanako,
    process::{Recorded, run, until},
};
use kaigotap_virtual_card::{Behaviour, Purpose};
use serde_json::json;

use crate::house::{done, with_pin};

/// A nurse at a browser, which the system opens: signs in, and follows wherever that leads.
const BROWSER: &str = r#"#!/bin/bash
set -euo pipefail
cd "$(dirname "$0")"
at() { curl --silent --location --cacert ../platform/authority.pem --cookie-jar jar --cookie jar "$@"; }
page=$(at "$1")
said() { sed -n "s/.* name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" <<< "$page" | head -n 1; }
typed=()
for field in client_id request_uri form; do typed+=(--data-urlencode "$field=$(said "$field")"); done
at "${typed[@]}" --data staff_id=nurse-01 --data password=sandbox-nurse-01 "${1%%/staff/*}/staff/login"
"#;

/// A platform that wants certificates, and a device with a reader.
struct Scene {
    pcscd: Pcscd,
    server: String,
    _sandbox: Recorded,
}

impl Scene {
    fn new() -> Self {
        let pcscd = Pcscd::start();
        let folder = pcscd.directory().join("platform");
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut init = kaigotap(&pcscd, "sandbox init --listen");
        let _ = run(init.arg(free.to_string()).arg(&folder)).succeeded();
        let file = folder.join("sandbox.toml");
        let asked = fs::read_to_string(&file).unwrap();
        let (before, after) = ["optional", "required"]
            .map(|policy| format!("client_certificates = \"{policy}\""))
            .into();
        assert!(asked.contains(&before));
        fs::write(&file, asked.replace(&before, &after)).unwrap();
        let mut serve = kaigotap(&pcscd, "sandbox --directory");
        let sandbox = Recorded::start(serve.arg(&folder));
        until("the sandbox listens", || TcpStream::connect(free).ok());
        let server = format!("https://localhost:{}", free.port());
        Self { pcscd, server, _sandbox: sandbox }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.pcscd.directory().join(name)
    }

    /// Adds whose word is taken, and who this device is.
    fn as_device<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.arg("--authority").arg(self.file("platform/authority.pem"));
        command.arg("--enrolment").arg(self.file("device.json"))
    }

    fn enrol(&self) {
        let mut activate = kaigotap(&self.pcscd, "sandbox activate --json --directory");
        let code = done(&run(activate.arg(self.file("platform"))))["code"].take();
        let mut enrol = with_pin(&self.pcscd, code.as_str().unwrap());
        enrol.args(["enrol", "--server", &self.server, "--code-fd", "3"]);
        done(&run(self.as_device(&mut enrol)));
    }

    fn sign_in(&self) {
        let bin = self.file("bin");
        fs::create_dir(&bin).unwrap();
        let browser = bin.join("xdg-open");
        fs::write(&browser, BROWSER).unwrap();
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut sign_in = kaigotap(&self.pcscd, "sign-in --json");
        sign_in.env("PATH", format!("{}:{path}", bin.display()));
        done(&run(self.as_device(&mut sign_in)));
    }
}

fn kaigotap(pcscd: &Pcscd, arguments: &str) -> Command {
    let mut command = pcscd.client(kaigotap_conformance::build::kaigotap());
    command.args(arguments.split_whitespace());
    command
}

#[test]
fn first_with_pin_and_then_by_a_tap() {
    let scene = Scene::new();
    scene.enrol();
    scene.sign_in();
    let card = scene.pcscd.plug(Slot::First, hanako(Behaviour::modern()));

    let mut first = with_pin(&scene.pcscd, "1234");
    first.args(["visit", "--virtual-card", "--face-confirmed", "--pin-fd", "3"]);
    let first = done(&run(scene.as_device(&mut first)));
    assert_eq!((&first["outcome"], &first["method"]), (&json!("verified"), &json!("card_pin")));

    let mut second =
        kaigotap(&scene.pcscd, "visit --json --virtual-card --face-confirmed --method tap");
    let second = done(&run(scene.as_device(&mut second)));
    assert_eq!((&second["outcome"], &second["method"]), (&json!("verified"), &json!("card_tap")));
    assert_eq!(first["entitlement"]["person"], second["entitlement"]["person"]);

    let card = card.take_out();
    let meter = card.meter();
    println!("with PIN and by tap: {meter:?}");
    // The date of birth opens the face records; the PIN was shown once.
    assert_eq!((meter.verify_attempts, card.tries_left(Purpose::Authentication)), (2, 3));
}
