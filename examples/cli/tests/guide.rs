//! The guide to the sandbox does what it says: its blocks are run in their order, in an empty folder.
#![cfg(unix)]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The guide's blocks for a shell, with free ports in place of those that are named.
fn script() -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sandbox.md");
    let guide = fs::read_to_string(guide).unwrap();
    let blocks = guide.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let blocks: Vec<&str> = blocks.collect();
    assert!(blocks.len() >= 8, "{}", blocks.len());
    let mut script = blocks.concat();
    let free = || TcpListener::bind("127.0.0.1:0").unwrap();
    let (door, admin) = (free(), free());
    for (named, listener) in [("8443", &door), ("9443", &admin)] {
        let port = listener.local_addr().unwrap().port().to_string();
        script = script.replace(named, &port);
    }
    // A command that fails ends it, and with it whatever still runs.
    format!("set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{script}")
}

/// A newcomer at a browser, which the system opens: signs in as the sandbox's nurse, and follows wherever that leads.
const BROWSER: &str = r#"#!/bin/bash
set -euo pipefail
at() { curl --silent --location --cacert demo/authority.pem --cookie-jar jar --cookie jar "$@"; }
page=$(at "$1")
said() { sed -n "s/.* name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" <<< "$page" | head -n 1; }
typed=()
for field in client_id request_uri form; do typed+=(--data-urlencode "$field=$(said "$field")"); done
at "${typed[@]}" --data staff_id=nurse-01 --data password=sandbox-nurse-01 "${1%%/staff/*}/staff/login"
"#;

#[test]
fn the_guide_to_the_sandbox_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_kaigotap")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let out = fs::File::create(folder.path().join("said")).unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["xdg-open", "open"] {
        fs::write(bin.join(name), BROWSER).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut shell = Command::new("bash")
        .args(["-c", &script()])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{}:{path}", bin.display(), program.display()))
        .env_remove("KAIGOTAP_LOG")
        .stdin(Stdio::null())
        .stderr(out.try_clone().unwrap())
        .stdout(out)
        .spawn()
        .unwrap();
    let mut status = None;
    for _ in 0..600 {
        status = shell.try_wait().unwrap();
        if status.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    if status.is_none() {
        // Its trap ends what it has started.
        let _ = Command::new("kill").arg(shell.id().to_string()).status();
        let _ = shell.wait();
    }
    let said = fs::read_to_string(folder.path().join("said")).unwrap();
    assert!(status.is_some_and(|status| status.success()), "{status:?}\n{said}");
    for part in [
        "\"keys\"",
        "refused\n",
        "This device is enrolled.",
        "(nurse-01)",
        "  bound to         the key ",
        "exchange ok",
        "the chain holds",
        "kaigotap_http_requests_total{",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}
