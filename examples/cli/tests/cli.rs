//! The command as a person or a program meets it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command as Process, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::Value;

fn kaigotap() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kaigotap"));
    // Whatever this machine speaks.
    command.env("LC_ALL", "C.UTF-8");
    command.timeout(Duration::from_mins(1));
    command
}

/// Runs it; gives exit code, standard output, standard error.
fn run(arguments: &[&str], input: &str) -> (i32, String, String) {
    let output = kaigotap().args(arguments).write_stdin(input).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(arguments: &[&str], input: &str) -> (i32, Value) {
    let (code, out, err) = run(arguments, input);
    let object = serde_json::from_str(&out);
    (code, object.unwrap_or_else(|_| panic!("{arguments:?} printed {out:?} and {err:?}")))
}

/// A folder of this test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A sandbox in a process of its own.
struct Sandbox(Child);

impl Sandbox {
    fn start(enrolment: &str) -> Self {
        let mut process = Process::new(env!("CARGO_BIN_EXE_kaigotap"))
            .args(["sandbox", "--listen", "127.0.0.1:0", "--enrolment", enrolment])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(
            lines.any(|line| line.unwrap().contains("Listening on")),
            "the sandbox ended early"
        );
        // The rest is read, so that the sandbox never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self(process)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn alone_it_says_what_to_try_first() {
    let (code, out, _) = run(&[], "");
    assert_eq!(code, 0);
    assert!(out.contains("Try first:") && out.contains("kaigotap demo"));
    let (_, out, _) = run(&["--lang", "ja"], "");
    assert!(out.contains("まず試す"));
}

#[test]
fn help_teaches() {
    for (arguments, expected) in [
        (&["--help"][..], "kaigotap demo"),
        (&["demo", "--help"], "hanako"),
        (&["visit", "--help"], "--face-confirmed"),
        (&["visit", "--help"], "Never give a PIN as an argument"),
        (&["card", "--help"], "Costs no try"),
        (&["virtual-card", "--help"], "torn-after:N"),
        (&["sandbox", "--help"], "sqlite:FILE"),
        (&["certificate", "verify", "--help"], "--greatest-age"),
        (&["certificate", "verify", "--help"], "--least-list-number"),
    ] {
        let (code, out, _) = run(arguments, "");
        let flat = out.split_whitespace().collect::<Vec<_>>().join(" ");
        let flat_lower = flat.to_lowercase();
        assert_eq!(code, 0);
        assert!(flat_lower.contains(&expected.to_lowercase()), "{arguments:?}: {flat}");
    }
}

#[test]
fn the_demo_reaches_the_entitlement_with_a_new_token_each_time() {
    let (code, first) = json(&["demo", "--json"], "");
    assert_eq!(code, 0);
    assert_eq!((&first["outcome"], &first["method"]), (&"verified".into(), &"card_pin".into()));
    assert_eq!(first["entitlement"]["person"]["name_kana"], "カイゴ　ハナコ");
    assert_eq!(first["entitlement"]["periodic"]["care_level"]["code"], "care_3");
    // Seven commands and the way out: the counter is read again after the holder had to think. 1,590 bytes of
    // certificate come in the 2,048 of its file.
    assert_eq!((&first["apdus"], &first["sandbox"]), (&8.into(), &true.into()));
    for phase in ["card_read", "card_signs", "token", "entitlement", "total"] {
        assert!(first["milliseconds"][phase].is_number(), "{phase}");
    }
    let (_, second) = json(&["demo", "--json", "--profile", "plain"], "");
    assert_eq!(second["apdus"], 16);
    assert_eq!(second["entitlement"]["person"], first["entitlement"]["person"]);
    assert_ne!(second["access_token"], first["access_token"]);

    // The second visit alone is counted: certificate, age record and card-verifiable certificate are read, and the card
    // signs for both of its applications.
    let (code, tap) = json(&["demo", "--json", "--method", "tap"], "");
    assert_eq!((code, &tap["method"], &tap["apdus"]), (0, &"card_tap".into(), &10.into()));

    // The same card work without a network, and what is known of the person once it was sent.
    let (code, away) = json(&["demo", "--json", "--method", "offline"], "");
    assert_eq!((code, &away["method"], &away["offline"]), (0, &"card_pin".into(), &true.into()));
    assert_eq!(away["apdus"], 8);
    assert_eq!(away["entitlement"]["person"], first["entitlement"]["person"]);
    let arguments = ["demo", "--json", "--method", "offline", "--profile", "torn-answering:5"];
    assert_eq!(json(&arguments, "").1["code"], "card_removed_during_pin");

    let (code, out, _) = run(&["demo", "--lang", "ja"], "");
    assert_eq!(code, 0);
    for expected in ["カイゴ　ハナコ", "要介護3", "1割", "第2段階", "990010", "残り3回", "試験用"]
    {
        assert!(out.contains(expected), "{expected} is missing in {out}");
    }
    assert!(!out.contains("eyJ"), "people are shown no token");
}

#[test]
fn a_failure_is_a_code_a_sentence_and_a_next_action() {
    for (profile, expected, exit) in [
        ("locked", "pin_blocked", 12),
        ("torn-after:2", "card_removed", 10),
        ("torn-answering:5", "card_removed_during_pin", 10),
        ("authentication-tries:1", "pin_last_try", 12),
    ] {
        let (code, told) = json(&["demo", "--json", "--profile", profile], "");
        assert_eq!(
            (code, &told["outcome"], &told["code"]),
            (exit, &"failed".into(), &expected.into())
        );
        let (code, _, err) = run(&["demo", "--profile", profile], "");
        assert_eq!(code, exit);
        // The sentence first; the code last, for whoever is called.
        assert!(err.contains("\n→ ") && err.ends_with(&format!("\nCode: {expected}\n")), "{err}");
    }
    let (code, told) = json(&["demo", "--json", "--person", "foreign-issuer"], "");
    assert_eq!((code, &told["code"]), (15, &"certificate_untrusted".into()));
}

#[test]
fn input_that_cannot_be_used_ends_with_2() {
    for arguments in [
        &["demo", "--profile", "nonsense"][..],
        &["demo", "--method", "guess"],
        &["nonsense"],
        &["visit", "--enrolment", "/nonexistent/file", "--reader", "simulator"],
        &["sandbox", "--listen", "192.0.2.1:1"],
        &["sandbox", "--database", "oracle"],
        &["virtual-card", "--vpcd", "192.0.2.1:1"],
        &["card", "status", "--reader", "simulator", "--wait", "99999"],
    ] {
        let (code, out, err) = run(arguments, "");
        assert_eq!(code, 2, "{arguments:?}: {out} {err}");
        assert!(!err.is_empty());
    }
}

#[test]
fn a_broken_enrolment_is_not_quoted() {
    let folder = Folder::new("broken");
    let file = folder.file("visit.json");
    std::fs::write(&file, r#"{"staff_token": "eyJsecret", "server": 7"#).unwrap();
    let (code, out, err) = run(&["visit", "--enrolment", &file, "--reader", "simulator"], "");
    assert_eq!(code, 2);
    assert!(
        err.contains("enrolment_unusable") && !err.contains("secret") && !out.contains("secret")
    );
}

#[test]
fn the_card_is_asked_without_a_pin() {
    let (code, status) = json(&["card", "status", "--reader", "simulator", "--json"], "");
    assert_eq!((code, &status["pins"]["authentication"]["tries_left"]), (0, &3.into()));
    let locked = ["card", "status", "--reader", "simulator", "--json", "--profile", "locked"];
    assert_eq!(json(&locked, "").1["pins"]["authentication"]["locked"], true);

    let (code, pem, _) = run(&["card", "certificate", "--reader", "simulator"], "");
    assert_eq!(code, 0);
    assert!(
        pem.starts_with("-----BEGIN CERTIFICATE-----\n")
            && pem.ends_with("-----END CERTIFICATE-----\n")
    );
    let folder = Folder::new("certificate");
    let file = folder.file("leaf.der");
    let (code, _, _) = run(&["card", "certificate", "--reader", "simulator", "--out", &file], "");
    assert_eq!((code, std::fs::metadata(&file).unwrap().len()), (0, 1590));
}

#[test]
fn the_signature_certificate_wants_its_password() {
    let ask = |pin: &str| {
        let arguments = [
            "card",
            "certificate",
            "--purpose",
            "signature",
            "--reader",
            "simulator",
            "--json",
            "--pin-fd",
            "0",
        ];
        json(&arguments, pin)
    };
    assert_eq!(ask("ABC123\n").0, 0);
    let (code, told) = ask("WRONG1\n");
    assert_eq!((code, &told["code"], &told["tries_left"]), (12, &"pin_wrong".into(), &4.into()));
    let (code, told) = ask("x\n");
    assert_eq!(
        (code, &told["code"], &told["tries_left"]),
        (12, &"pin_malformed".into(), &5.into())
    );
    let closed = [
        "card",
        "certificate",
        "--purpose",
        "signature",
        "--reader",
        "simulator",
        "--json",
        "--pin-fd",
        "77",
    ];
    let (code, told) = json(&closed, "");
    assert_eq!((code, &told["code"]), (2, &"pin_unreadable".into()));
}

#[test]
fn the_card_says_who_holds_it_and_shows_its_face() {
    let simulator = ["--reader", "simulator", "--json", "--pin-fd", "0"];
    let ask =
        |question: &[&str], typed: &str| json(&[&["card"], question, &simulator].concat(), typed);
    let (code, holder) = ask(&["holder"], "2345\n");
    assert_eq!((code, &holder["name"]), (0, &"介護　花子".into()));
    assert_eq!(
        (&holder["genuineness"]["attributes"], &holder["genuineness"]["present"]),
        (&"signed".into(), &"live".into())
    );
    // The test authority counts for nothing where real cards are expected.
    let (code, told) = ask(&["holder", "--trust", "production"], "2345\n");
    assert_eq!((code, &told["code"]), (15, &"card_not_genuine".into()));

    let folder = Folder::new("face");
    let (code, face) = ask(&["face", "--out", &folder.file("face")], "16050320350503\n");
    assert_eq!(
        (code, &face["genuineness"]["photo"], &face["genuineness"]["expiry"]),
        (0, &"signed".into(), &"not_signed".into())
    );
    let pixels = std::fs::read(folder.file("face/photo.pgm")).unwrap();
    assert!(pixels.starts_with(b"P5 378 472 255\n"));
    let (code, told) = ask(&["face"], "16050320350504\n");
    assert_eq!((code, &told["code"], &told["tries_left"]), (12, &"pin_wrong".into(), &9.into()));
}

#[test]
fn a_person_of_ones_own() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../virtual-card/data/person-example.toml");
    let (code, told) = json(&["demo", "--json", "--person", file], "");
    assert_eq!((code, &told["entitlement"]["person"]["name_kana"]), (0, &"ミホン　ツルコ".into()));
    for (person, expected) in [
        ("revoked", "certificate_revoked"),
        ("expired", "certificate_expired"),
        ("face-card", "pin_blocked"),
        ("other-country", "not_my_number_card"),
        ("android", "phone_not_taken"),
        ("resident-card", "old_resident_card"),
    ] {
        assert_eq!(json(&["demo", "--json", "--person", person], "").1["code"], expected);
    }
    assert_eq!(run(&["demo", "--person", "nobody"], "").0, 2);
    assert_eq!(run(&["demo", "--person", "/nonexistent.toml"], "").0, 2);
}

/// The old PIN stands in the first line: were the new one taken for it, that would cost a try.
#[test]
fn a_pin_is_changed_from_a_descriptor() {
    let change = |pins: &str| {
        let which = ["card", "change-pin", "authentication"];
        json(&[&which[..], &["--reader", "simulator", "--json", "--pin-fd", "0"]].concat(), pins)
    };
    let (code, told) = change("1234\n4321\n");
    assert_eq!((code, &told["outcome"]), (0, &"changed".into()));
    let (code, told) = change("9999\n4321\n");
    assert_eq!((code, &told["code"], &told["tries_left"]), (12, &"pin_wrong".into(), &2.into()));
    // One line is not enough, and is not shown to the card.
    assert_eq!(change("1234\n").1["code"], "cancelled");
}

#[test]
fn a_conversation_is_recorded() {
    let folder = Folder::new("recorded");
    let file = folder.file("holder.jsonl");
    let simulated = ["card", "holder", "--reader", "simulator", "--json", "--pin-fd", "0"];
    let arguments = [&simulated[..], &["--record", &file]].concat();
    let (code, told) = json(&arguments, "9999\n2345\n");
    assert_eq!((code, &told["name"]), (0, &"介護　花子".into()));
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&lines[0]["flow"], &lines[0]["card"]["person"]),
        (&"holder".into(), &"hanako".into())
    );
    assert_eq!(lines[0]["outcome"]["value"]["name"], told["name"]);
    for expected in ["00200080<input_support-refused>", "00200080<input_support>", "<withheld:331>"]
    {
        assert_eq!(text.matches(expected).count(), 1, "{expected}: {text}");
    }
    for typed in ["9999", "2345", "39393939", "32333435"] {
        assert!(!lines.iter().any(|line| line["tx"].as_str().unwrap_or("").contains(typed)));
    }
    // A failure is recorded, too, and told as ever.
    assert_eq!(json(&arguments, "9999\n").1["code"], "pin_wrong");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(r#""outcome":{"result":"failed","code":"pin_wrong","tries_left":2}"#));

    let real = ["card", "status", "--json", "--record", &folder.file("real.jsonl")];
    let (code, told) = json(&real, "");
    assert_eq!((code, &told["code"]), (2, &"recording_refused".into()));
    let nowhere =
        ["card", "status", "--reader", "simulator", "--json", "--record", "/nonexistent/x"];
    let (code, told) = json(&nowhere, "");
    assert_eq!((code, &told["code"]), (2, &"file_not_written".into()));
    let (code, _, _) = run(&["card", "status", "--record-real-card"], "");
    assert_eq!(code, 2);
}

#[cfg(not(feature = "pcsc"))]
#[test]
fn without_real_readers_it_says_how_to_get_them() {
    let (code, out, _) = run(&["readers"], "");
    assert_eq!(code, 0);
    assert!(
        out.contains("--features pcsc")
            && out.contains("libpcsclite-dev")
            && out.contains("simulator")
    );
    let (code, told) = json(&["card", "status", "--json"], "");
    assert_eq!((code, &told["code"]), (2, &"pcsc_not_built_in".into()));
}

#[test]
fn a_visit_between_two_processes() {
    let folder = Folder::new("visit");
    let enrolment = folder.file("visit.json");
    let sandbox = Sandbox::start(&enrolment);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&enrolment).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "the enrolment holds a token");
    }
    let visit = |more: &[&str], pin: &str| {
        let arguments = [
            &[
                "visit",
                "--enrolment",
                &enrolment,
                "--reader",
                "simulator",
                "--json",
                "--pin-fd",
                "0",
            ],
            more,
        ];
        json(&arguments.concat(), pin)
    };
    let (code, told) = visit(&["--face-confirmed"], "1234\n");
    assert_eq!((code, &told["outcome"], &told["trust"]), (0, &"verified".into(), &"test".into()));
    assert_eq!(told["entitlement"]["insured_number"], "0001234567");
    assert!(told.get("access_token").is_none());
    // From the second visit on, the card is held to the reader, and nobody enters anything.
    let tap = ["--face-confirmed", "--method", "tap"];
    let (code, told) = visit(&tap, "");
    assert_eq!(
        (code, &told["outcome"], &told["method"]),
        (0, &"verified".into(), &"card_tap".into())
    );
    let kept = format!("{enrolment}.registration");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&kept).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it names somebody");
    }
    let another = [&tap[..], &["--person", "taro"]].concat();
    assert_eq!(visit(&another, "").1["code"], "another_person");
    let nobody = folder.file("nobody.json");
    let (code, told) = visit(&[&tap[..], &["--registration", &nobody]].concat(), "");
    assert_eq!((code, &told["code"]), (2, &"registration_unusable".into()));

    let file = folder.file("visit.jsonl");
    assert_eq!(visit(&["--face-confirmed", "--record", &file], "1234\n").0, 0);
    let recorded = std::fs::read_to_string(&file).unwrap();
    let given: Value = serde_json::from_slice(&std::fs::read(&enrolment).unwrap()).unwrap();
    assert!(!recorded.contains(given["staff_token"].as_str().unwrap()));
    assert!(recorded.contains("DPoP <staff-token>") && recorded.contains("<access-token>"));
    assert_eq!(visit(&["--face-confirmed"], "0000\n").1["code"], "pin_wrong");
    assert_eq!(visit(&["--face-confirmed"], "12\n").1["code"], "pin_malformed");
    assert_eq!(visit(&["--face-confirmed", "--person", "taro"], "5678\n").1["outcome"], "verified");
    // Nobody said that the face matches.
    assert_eq!(visit(&[], "1234\n").1["code"], "cancelled");
    let last = ["--face-confirmed", "--profile", "authentication-tries:1"];
    assert_eq!(visit(&last, "1234\n").1["code"], "pin_last_try");
    let consented = [&last[..], &["--last-try"]].concat();
    assert_eq!(visit(&consented, "1234\n").1["outcome"], "verified");
    assert_eq!(
        visit(&["--face-confirmed", "--server", "http://192.0.2.1"], "1234\n").1["code"],
        "server_unusable"
    );
    drop(sandbox);
    assert_eq!(visit(&["--face-confirmed"], "1234\n").1["code"], "server_unreachable");
}

#[cfg(unix)]
#[test]
fn a_sandbox_stops_when_asked() {
    let folder = Folder::new("stops");
    let mut sandbox = Sandbox::start(&folder.file("visit.json"));
    let asked = Process::new("kill").arg(sandbox.0.id().to_string()).status().unwrap();
    assert!(asked.success());
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(status) = sandbox.0.try_wait().unwrap() {
            assert_eq!(status.code(), Some(0));
            break;
        }
        assert!(Instant::now() < deadline, "it did not stop");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What runs with pipes may still fail where a person sits: the PIN is asked for, hidden, and asked for again.
#[cfg(target_os = "linux")]
#[test]
fn a_visit_at_a_terminal() {
    use std::io::{Read, Write};

    let folder = Folder::new("terminal");
    let enrolment = folder.file("visit.json");
    let _sandbox = Sandbox::start(&enrolment);
    let command = format!(
        "{} visit --enrolment {enrolment} --reader simulator",
        env!("CARGO_BIN_EXE_kaigotap")
    );
    // util-linux's `script` gives it a terminal.
    let mut terminal = Process::new("script")
        .args(["-qefc", &command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // A question that never comes must not keep the test for ever.
    let watched = terminal.id();
    let (over, watch) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        if watch.recv_timeout(Duration::from_mins(1)).is_err() {
            let _ = Process::new("kill").arg(watched.to_string()).status();
        }
    });
    let (mut typing, mut screen) =
        (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let mut seen = String::new();
    let mut read_until = |expected: &str| {
        let mut bytes = [0; 1024];
        let mut new = String::new();
        while !new.contains(expected) {
            let count = screen.read(&mut bytes).unwrap();
            assert!(count > 0, "no {expected:?} in {seen}{new}");
            new += &String::from_utf8_lossy(&bytes[..count]);
        }
        seen += &new;
    };
    for (expected, typed) in [
        ("[y/n] ", "\n"),
        ("[y/n] ", "maybe\n"),
        ("[y/n] ", "Yes.\n"),
        ("3 tries left: ", "\r"),
        ("3 tries left: ", "9999\r"),
        ("2 tries left: ", "12\r"),
        ("2 tries left: ", "1234\r"),
    ] {
        read_until(expected);
        typing.write_all(typed.as_bytes()).unwrap();
    }
    read_until("Limit certificate");
    drop(typing);
    let _ = over.send(());
    assert!(terminal.wait().unwrap().success());
    assert!(
        seen.contains("The PIN was wrong.") && seen.contains("was not shown to the card"),
        "{seen}"
    );
    assert!(!seen.contains("9999") && !seen.contains(" 1234"), "typed PINs are hidden: {seen}");
}
