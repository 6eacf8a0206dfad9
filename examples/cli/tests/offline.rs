//! Visits without coverage at a terminal: tickets, the visit that waits, the sending, and what is told when something is not
//! as it was left.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

/// A computer, with a sandbox in a process of its own.
struct Desk {
    sandbox: Child,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sandbox = Command::new(env!("CARGO_BIN_EXE_kaigotap"))
            .args(["--lang", "en", "sandbox", "--listen", "127.0.0.1:0", "--enrolment"])
            .arg(folder.path().join("visit.json"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(sandbox.stdout.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap().contains("Listening on")));
        std::thread::spawn(move || said.for_each(drop));
        Self { sandbox, folder }
    }

    fn file(&self, ending: &str) -> std::path::PathBuf {
        self.folder.path().join(format!("visit.json{ending}"))
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
        command.args(arguments).arg("--enrolment").arg(self.file(""));
        command.write_stdin("1234\n").output().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Value {
        let output = self.output(&[arguments, &["--json", "--lang", "en"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// What somebody reads who reads Japanese, and the exit code.
    fn said(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let Output { stdout, stderr, status } =
            self.output(&[arguments, &["--lang", "ja"]].concat());
        (String::from_utf8([stdout, stderr].concat()).unwrap(), status.code())
    }

    fn visit(&self, more: &[&str]) -> Value {
        let visit =
            ["visit", "--offline", "--reader", "simulator", "--face-confirmed", "--pin-fd", "0"];
        self.run(&[&visit, more].concat())
    }

    fn gone(&mut self) {
        let _ = self.sandbox.kill();
        let _ = self.sandbox.wait();
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.gone();
    }
}

#[test]
fn a_visit_waits_is_sent_and_its_maker_is_told() {
    let mut desk = Desk::new();
    assert_eq!(desk.visit(&[])["code"], "ticket_missing");
    let (said, exit) = desk.said(&["tickets", "list"]);
    assert_eq!((said.trim(), exit), ("持ち出しはありません。", Some(0)));
    let held = desk.run(&["tickets", "fetch", "--count", "3", "--hours", "8"]);
    assert_eq!((&held["outcome"], held["tickets"].as_array().unwrap().len()), (&json!("held"), 3));
    assert!(desk.said(&["tickets", "list"]).0.contains("持ち出し 3枚"));

    let waits = desk.visit(&["--label", "hanako"]);
    assert_eq!((&waits["outcome"], &waits["number"]), (&json!("waiting"), &json!(0)), "{waits}");
    assert_eq!((&waits["method"], &waits["clock_set"]), (&json!("card_pin"), &json!(false)));
    let (said, exit) = desk.said(&["journal", "list"]);
    assert!(said.contains("hanako") && said.contains("送信待ち") && exit == Some(0), "{said}");
    let sent = desk.run(&["journal", "send"]);
    assert_eq!(
        (&sent["confirmed"], &sent["refused"], &sent["waiting"], &sent["held_up"]),
        (&json!(1), &json!(0), &json!(0), &Value::Null)
    );
    let (said, _) = desk.said(&["journal", "list"]);
    assert!(said.contains("確認済み") && said.contains("--seen"), "{said}");
    assert_eq!(desk.run(&["journal", "list", "--seen"])["entries"][0]["state"], "confirmed");
    assert_eq!(desk.run(&["journal", "list"])["entries"], json!([]));
    assert_eq!(desk.run(&["journal", "verify"])["outcome"], "good");
    assert_eq!(desk.run(&["tickets", "return"])["tickets"], json!([]));

    desk.run(&["tickets", "fetch", "--count", "1"]);
    assert_eq!(desk.visit(&[])["number"], 1);
    desk.gone();
    let output = desk.output(&["journal", "send", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["waiting"], &told["held_up"]), (&json!(1), &json!("server_unreachable")));
    assert_eq!(output.status.code(), Some(14));
    assert_eq!(desk.run(&["journal", "list"])["entries"][0]["state"], "waiting");
}

#[test]
fn what_is_not_as_it_was_left_is_told_and_not_sent() {
    let desk = Desk::new();
    desk.run(&["tickets", "fetch", "--count", "2"]);
    assert_eq!(desk.visit(&["--label", "hanako"])["outcome"], "waiting");
    let entry = desk.file(".journal").join("v-0000000000000000");
    let whole = fs::read(&entry).unwrap();
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&entry, &changed).unwrap();
    let (said, exit) = desk.said(&["journal", "verify"]);
    assert!(exit == Some(1) && said.contains("保存したままではない"), "{said} {exit:?}");
    let sent = desk.run(&["journal", "send"]);
    assert_eq!((&sent["confirmed"], &sent["findings"]), (&json!(0), &json!(["journal_damaged"])));
    fs::write(&entry, &whole).unwrap();

    // Another key opens nothing, and what cannot be one is not written over.
    let key = desk.file(".journal-key");
    let own = fs::read(&key).unwrap();
    fs::write(&key, "torn").unwrap();
    let told = desk.run(&["journal", "send"]);
    assert_eq!(told["code"], "journal_key_unusable");
    assert_eq!(fs::read(&key).unwrap(), b"torn");
    fs::remove_file(&key).unwrap();
    assert_eq!(desk.run(&["journal", "list"])["code"], "journal_key_unusable");
    fs::write(&key, &own).unwrap();
    assert_eq!(desk.run(&["journal", "send"])["confirmed"], 1);

    // What is over is not sent again, whatever lies there.
    assert_eq!(desk.visit(&[])["outcome"], "waiting");
    fs::write(&entry, &whole).unwrap();
    assert_eq!(desk.run(&["journal", "verify"])["findings"], json!(["journal_rolled_back"]));
    let sent = desk.run(&["journal", "send"]);
    assert_eq!((&sent["confirmed"], &sent["again"]), (&json!(1), &json!(0)));
}

#[test]
fn a_tap_waits_with_a_ticket_for_the_person() {
    let desk = Desk::new();
    let visit = ["visit", "--reader", "simulator", "--face-confirmed"];
    let first = [&visit[..], &["--pin-fd", "0"]].concat();
    assert_eq!(desk.run(&first)["outcome"], "verified");
    desk.run(&["tickets", "fetch", "--count", "1"]);
    let tap = [&visit[..], &["--offline", "--method", "tap"]].concat();
    let output = desk.output(&[&tap[..], &["--json"]].concat());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["code"], output.status.code()), (&json!("ticket_missing"), Some(17)));
    desk.run(&["tickets", "fetch", "--count", "0", "--last"]);
    assert_eq!(desk.run(&tap)["method"], "card_tap");
    assert_eq!(desk.run(&["journal", "send"])["confirmed"], 1);
}

#[test]
fn consent_and_notices_wait_behind_their_visit() {
    let desk = Desk::new();
    desk.run(&["tickets", "fetch", "--count", "1"]);
    assert_eq!(desk.visit(&["--for", "consent", "--for", "notice"])["number"], 0);
    let note = |more: &[&str]| desk.run(&[&["journal", "note"], more].concat());
    assert_eq!(note(&["--visit", "7", "--explained-and-agreed"])["code"], "offline_visit_missing");
    let notice = ["--visit", "0", "--kind", "care-plan", "--start-on", "2026-12-01"];
    assert_eq!(note(&notice)["code"], "assent_missing");
    assert_eq!(note(&["--visit", "0", "--explained-and-agreed"])["number"], 1);
    assert_eq!(note(&[&notice[..], &["--assent"]].concat())["number"], 2);
    let (said, _) = desk.said(&["journal", "list"]);
    assert_eq!(said.matches("送信待ち").count(), 3, "{said}");
    // Who visits by home nursing takes no consent and files no notice: the visit is confirmed all the same.
    let sent = desk.run(&["journal", "send"]);
    assert_eq!(
        (&sent["confirmed"], &sent["refused"], &sent["waiting"]),
        (&json!(1), &json!(2), &json!(0))
    );
    let entries = desk.run(&["journal", "list"])["entries"].clone();
    assert_eq!(
        (&entries[1]["what"], &entries[1]["code"]),
        (&json!("note"), &json!("facility_kind_not_allowed"))
    );
}
