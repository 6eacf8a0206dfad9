//! What a nurse reads who speaks only Japanese, and what a program reads that drives the command.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

fn kaigotap(arguments: &[&str], lang: &str) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
    command.timeout(Duration::from_mins(1)).env("LC_ALL", lang).args(arguments);
    command
}

/// Exit code and all that is printed, where the system speaks Japanese.
fn japanese(arguments: &[&str]) -> (i32, String) {
    let output = kaigotap(arguments, "ja_JP.UTF-8").write_stdin("").output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code().unwrap(), text)
}

/// Words of the Latin alphabet in a text, without those that are typed or are names: commands, options, what stands in
/// backquotes, codes behind their title, addresses and files.
fn latin(text: &str) -> Vec<String> {
    const NAMES: &[&str] = &[
        "KaigoTap",
        "JSON",
        "PIN",
        "PEM",
        "DER",
        "J-LIS",
        "QR",
        "RFC",
        "Ctrl-C",
        "PostgreSQL",
        "TARO56",
        "ABC123",
        "Linux",
        "Windows",
        "Smart",
        "Card",
        "Debian",
        "Ubuntu",
        "macOS",
        "Android",
        "iPhone",
        "QRコード",
        "OCSP",
        "HTTP",
        "URL",
    ];
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.split("お問い合わせ番号：").next().unwrap_or_default();
        // A command or a choice stands before what is said of it.
        let named = line.trim_start().split_once("  ").filter(|_| line.starts_with("  "));
        let line = match named {
            Some((word, said)) if word.bytes().all(|c| c.is_ascii_lowercase() || c == b'-') => said,
            _ => line,
        };
        let prose: String = line.split('`').step_by(2).collect();
        let mut rest = prose.as_str();
        // A command is typed as it stands, to the end of what can be typed.
        let mut kept = String::new();
        while let Some((before, after)) = rest.split_once("kaigotap") {
            kept += before;
            rest = after.trim_start_matches(|c: char| c.is_ascii() && c != '\n');
        }
        kept += rest;
        let word = |c: char| c.is_ascii_alphanumeric() || "-_./:+".contains(c);
        for token in kept.split(|c: char| !word(c)) {
            let typed = token.starts_with('-') || token.contains(['_', '/', ':', '.', '+']);
            let letters = token.chars().filter(char::is_ascii_alphabetic).count();
            if letters > 1 && !typed && !NAMES.contains(&token) {
                found.push(token.to_owned());
            }
        }
    }
    found
}

/// What may be typed where a choice is offered, and how the people of the cast are called.
fn is_choice(word: &str) -> bool {
    const CHOICES: &[&str] = &[
        "en",
        "ja",
        "pin",
        "tap",
        "offline",
        "paper",
        "face",
        "disaster",
        "care",
        "medical",
        "show",
        "consent",
        "notice",
        "certification",
        "survey",
        "doctor-opinion",
        "housing",
        "care-plan",
        "life",
        "preventive",
        "authentication",
        "signature",
        "input-support",
        "number-b",
        "production",
        "jpki-test",
        "virtual",
        "any",
        "text",
        "json",
        "modern",
        "hanako",
        "taro",
        "simulator",
        "localhost",
        "memory",
        "sqlite",
        "postgres",
        "vpcd",
        "kaigotap",
        "pcscd",
        "issuer",
        "chmod",
        "sandbox",
        "help",
        "version",
        "debug",
        "plain",
        "FILE",
        "vsmartcard-vpcd",
        "ca-certificates",
    ];
    CHOICES.contains(&word)
}

#[test]
fn every_page_of_help_is_japanese() {
    let mut pages: Vec<Vec<&str>> = vec![vec![]];
    for command in [
        "demo",
        "readers",
        "people",
        "card",
        "certificate",
        "enrol",
        "device",
        "sign-in",
        "sign-out",
        "visit",
        "care",
        "own",
        "check",
        "sandbox",
    ] {
        pages.push(vec![command]);
    }
    for (command, below) in [
        ("card", &["status", "certificate", "holder", "face", "change-pin"][..]),
        ("certificate", &["verify", "show"]),
        ("care", &["list", "show", "consent", "file", "end"]),
        ("device", &["show", "refresh", "roll-over"]),
        ("sandbox", &["init", "activate", "devices", "audit"]),
    ] {
        pages.extend(below.iter().map(|below| vec![command, *below]));
    }
    for mut page in pages {
        page.push("--help");
        let (code, text) = japanese(&page);
        assert_eq!(code, 0, "{page:?}: {text}");
        assert!(text.contains("使い方：") && text.contains("オプション"), "{page:?}: {text}");
        let english: Vec<_> = latin(&text).into_iter().filter(|word| !is_choice(word)).collect();
        assert!(english.is_empty(), "{page:?}: {english:?} in {text}");
    }
}

#[test]
fn whatever_goes_wrong_is_told_in_japanese_with_the_code_at_its_end() {
    for (arguments, code) in [
        (&["demo", "--profile", "locked"][..], "pin_blocked"),
        (&["demo", "--person", "android"], "phone_not_taken"),
        (&["demo", "--person", "foreign-issuer"], "certificate_untrusted"),
        (&["demo", "--method", "guess"], "input_invalid"),
        (&["nonsense"], "input_invalid"),
        (&["visit"], "enrolment_missing"),
        (&["visit", "--enrolment", "/nonexistent/file"], "enrolment_unusable"),
        (&["sandbox", "--listen", "192.0.2.1:1"], "not_loopback"),
        (&["sandbox", "--database", "oracle"], "database_unknown"),
        (
            &["card", "certificate", "--purpose", "signature", "--reader", "simulator"],
            "no_terminal",
        ),
        (&["certificate", "show", "/nonexistent"], "file_not_read"),
    ] {
        let (exit, text) = japanese(arguments);
        assert!(exit != 0, "{arguments:?}: {text}");
        assert!(text.ends_with(&format!("お問い合わせ番号：{code}\n")), "{arguments:?}: {text}");
        assert!(text.contains("→ "), "{arguments:?}: {text}");
        let english: Vec<_> = latin(&text)
            .into_iter()
            .filter(|word| !is_choice(word) && !arguments.contains(&word.as_str()))
            .collect();
        assert!(english.is_empty(), "{arguments:?}: {english:?} in {text}");
    }
    assert!(japanese(&["demo", "--profile", "locked"]).1.contains("顔認証"));
}

#[test]
fn a_run_is_japanese_from_end_to_end() {
    for arguments in [
        &[][..],
        &["demo"],
        &["demo", "--method", "tap"],
        &["demo", "--method", "offline"],
        &["card", "status", "--reader", "simulator"],
        &["card", "status", "--reader", "simulator", "--person", "android"],
        &["check"],
    ] {
        let (code, text) = japanese(arguments);
        assert_eq!(code, 0, "{text}");
        let english: Vec<_> = latin(&text).into_iter().filter(|word| !is_choice(word)).collect();
        assert!(english.is_empty(), "{arguments:?}: {english:?} in {text}");
        for jargon in ["トークン", "署名中", "トラストアンカー", "チャレンジ", "照合番号B", "SDK"]
        {
            assert!(!text.contains(jargon), "{arguments:?}: {jargon} in {text}");
        }
    }
}

#[test]
fn the_flag_wins_and_stays_with_what_is_suggested() {
    let told = |lang: &str, arguments: &[&str]| {
        String::from_utf8(kaigotap(arguments, lang).output().unwrap().stdout).unwrap()
    };
    assert!(told("C.UTF-8", &["--lang", "ja"]).contains("kaigotap --lang ja card status"));
    assert!(told("ja_JP.UTF-8", &[]).contains("kaigotap card status"));
    assert!(told("ja_JP.UTF-8", &["--lang", "en"]).contains("Try first:"));
    assert!(told("ja_JP.UTF-8", &["--lang=en", "--help"]).contains("Usage:"));
}

#[test]
fn a_card_says_first_whether_it_can_be_used_today() {
    for (person, can, first) in [
        ("hanako", true, "このカードは、今日の確認に使えます"),
        (
            "expired",
            false,
            "このカードは、今日の確認に使えません。カードの電子証明書の有効期限が切れています。",
        ),
        ("android", false, "スマートフォン"),
        ("resident-card", false, "住基カード"),
        ("blocked", false, "ロックされています"),
    ] {
        let ask = ["card", "status", "--reader", "simulator", "--person", person];
        let (_, text) = japanese(&ask);
        let verdict = text.lines().find(|line| line.contains("今日の確認")).unwrap();
        assert!(verdict.contains(first), "{person}: {text}");
        let (_, object) = japanese(&[&ask[..], &["--json"]].concat());
        let object: Value = serde_json::from_str(&object).unwrap();
        assert_eq!(object["can_authenticate"], can, "{person}");
    }
    assert!(
        japanese(&["card", "status", "--reader", "simulator", "--person", "expired"])
            .1
            .contains("期限切れ")
    );
}

/// What the list promises of somebody is what happens.
#[test]
fn everybody_ends_as_the_list_says() {
    let (code, listed) = japanese(&["people", "--json"]);
    assert_eq!(code, 0);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let people = listed["people"].as_array().unwrap();
    assert!(people.len() > 15);
    for person in people {
        let (_, told) = japanese(&["demo", "--json", "--person", person["id"].as_str().unwrap()]);
        let told: Value = serde_json::from_str(&told).unwrap();
        let ended = told.get("code").unwrap_or(&told["outcome"]);
        assert_eq!(*ended, person["outcome"], "{}", person["id"]);
        assert_ne!(
            told["retry"], "same",
            "{}: what never gets better is not to be tried again",
            person["id"]
        );
    }
    let (_, text) = japanese(&["people"]);
    assert!(
        text.contains("昭和16年5月3日（85歳）") || text.contains("昭和16年5月3日（86歳）"),
        "{text}"
    );
}

#[test]
fn whoever_reads_only_the_beginning_gets_no_panic() {
    for arguments in
        [&["people"][..], &["demo"], &["card", "certificate", "--reader", "simulator"], &["--help"]]
    {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kaigotap"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::with_capacity(1, process.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let mut said = String::new();
        process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(process.wait().unwrap().success(), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    }
}

#[cfg(not(feature = "pcsc"))]
#[test]
fn a_mistyped_reader_is_called_one() {
    let (code, text) = japanese(&["card", "status", "--reader", "simulater"]);
    assert_eq!(code, 2);
    assert!(text.contains("--reader simulator") && text.ends_with("reader_unknown\n"), "{text}");
}

/// A program that drives it: it reads a question, and answers with a line.
struct Driven {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Driven {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kaigotap"))
            .args(arguments)
            .args(["--events", "--reader", "simulator"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// The next event that is no progress.
    fn next(&mut self) -> Value {
        loop {
            let line = self.lines.next().expect("an event").unwrap();
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["event"] != "progress" {
                return event;
            }
        }
    }

    fn answer(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

#[test]
fn a_program_is_told_the_tries_left_before_it_gives_a_pin() {
    let mut driven = Driven::start(&["card", "holder"]);
    let asked = driven.next();
    assert_eq!((&asked["question"], &asked["pin"]), (&"enter_pin".into(), &"input_support".into()));
    assert_eq!((&asked["tries_left"], &asked["why"]), (&3.into(), &"first".into()));
    driven.answer("9999");
    let again = driven.next();
    assert_eq!((&again["tries_left"], &again["why"]), (&2.into(), &"wrong".into()));
    // Digits of full width are digits.
    driven.answer("２３４５");
    let end = driven.next();
    assert_eq!((&end["event"], &end["name"]), (&"end".into(), &"介護　花子".into()));
    assert!(driven.process.wait().unwrap().success());
}

#[test]
fn a_program_that_stops_answering_ends_it() {
    let mut driven = Driven::start(&["card", "holder"]);
    assert_eq!(driven.next()["question"], "enter_pin");
    drop(driven.process.stdin.take());
    let end = driven.next();
    assert_eq!((&end["event"], &end["code"]), (&"end".into(), &"cancelled".into()));
    assert!(!driven.process.wait().unwrap().success());
}

#[test]
fn a_pin_comes_by_standard_input() {
    let ask = ["card", "holder", "--reader", "simulator", "--json", "--pin-stdin"];
    let output = kaigotap(&ask, "C.UTF-8").write_stdin("2345\r\n").output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["name"], "介護　花子");
}

/// A table that says something else than the command does misleads whoever writes a program.
#[test]
fn the_exit_codes_are_those_of_the_document() {
    let document = include_str!("../../../docs/cli.md");
    for (arguments, kind) in [
        (&["demo", "--profile", "torn-after:2"][..], "reader"),
        (&["demo", "--person", "other-country"], "card"),
        (&["demo", "--profile", "locked"], "pin"),
        (&["card", "holder", "--reader", "simulator", "--pin-stdin"], "person"),
        (&["demo", "--person", "foreign-issuer"], "trust"),
        (&["demo", "--person", "no-consent"], "refused"),
    ] {
        let (exit, told) = japanese(&[arguments, &["--json"]].concat());
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["kind"], kind, "{arguments:?}");
        assert!(document.contains(&format!("| {exit} | `{kind}`")), "{arguments:?}: {exit}");
    }
}

/// A sandbox keeps nobody in memory: who comes back with an old enrolment is told what to do.
#[test]
fn after_a_restart_an_old_enrolment_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let start = |name: &str| {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kaigotap"))
            .args(["--lang", "en", "sandbox", "--listen", &port, "--enrolment"])
            .arg(folder.path().join(name))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Listening on")), "it ended");
        std::thread::spawn(move || lines.for_each(drop));
        process
    };
    let end = |mut process: Child| {
        process.kill().unwrap();
        process.wait().unwrap();
    };
    end(start("old.json"));
    let second = start("new.json");
    let visit = |name: &str| {
        let file = folder.path().join(name);
        let arguments =
            ["visit", "--reader", "simulator", "--face-confirmed", "--pin-stdin", "--enrolment"];
        let output =
            kaigotap(&arguments, "ja_JP.UTF-8").arg(file).write_stdin("1234\n").output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let (old, new) = (visit("old.json"), visit("new.json"));
    end(second);
    assert!(old.contains("kaigotap sandbox --enrolment FILE") && old.contains("作り直し"), "{old}");
    for said in [
        "担当に登録しました",
        "昭和16年5月3日",
        "要介護3",
        "まで（あと",
        "次の方へ",
        "確認の有効期限",
    ] {
        assert!(new.contains(said), "{said}: {new}");
    }
}
