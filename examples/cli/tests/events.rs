//! A program drives a visit from its first failure to its end: every question is an event, every answer a line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use kaigotap_virtual_card::{Behaviour, Person, PinKind, VirtualCard};
use serde_json::{Value, json};

/// A sandbox in a process of its own, and a visit that a program drives; both end with this.
struct Driven {
    sandbox: Child,
    visit: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    _folder: tempfile::TempDir,
}

impl Driven {
    fn visit(person: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let enrolment = folder.path().join("visit.json");
        let command = || Command::new(env!("CARGO_BIN_EXE_kaigotap"));
        let mut sandbox = command()
            .args(["--lang", "en", "sandbox", "--listen", "127.0.0.1:0", "--enrolment"])
            .arg(&enrolment)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(sandbox.stdout.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap().contains("Listening on")));
        std::thread::spawn(move || said.for_each(drop));
        let mut visit = command()
            .args(["visit", "--events", "--reader", "simulator", "--person", person, "--enrolment"])
            .arg(&enrolment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(visit.stdout.take().unwrap()).lines();
        Self { sandbox, visit, lines, _folder: folder }
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

    /// Waits for this question and answers it.
    fn asked(&mut self, question: &str, answer: impl std::fmt::Display) -> Value {
        let asked = self.next();
        assert_eq!(asked["question"], question, "{asked}");
        writeln!(self.visit.stdin.as_mut().unwrap(), "{answer}").unwrap();
        asked
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        for process in [&mut self.visit, &mut self.sandbox] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

#[test]
fn a_program_goes_from_a_locked_card_by_its_photo_to_the_entitlement() {
    let card = VirtualCard::new(Person::blocked(), Behaviour::modern()).unwrap();
    let number = card.reference_data(PinKind::FaceB).to_owned();
    let (birth, year, code) = (&number[..6], &number[6..10], &number[10..]);
    let mut driven = Driven::visit("blocked");
    driven.asked("confirm_face", "match");
    let choice = driven.asked("choose_way", "face_check");
    assert_eq!(choice["after"]["code"], "pin_blocked");
    assert_eq!(choice["answers"], json!(["face_check", "four_attributes", "stop"]));

    let printed = |code| json!({ "birth_date": birth, "expiry_year": year, "security_code": code });
    let first = driven.asked("enter_printed", printed("12"));
    assert!(first["tries_left"].is_u64() && first["fault"].is_null(), "{first}");
    let again = driven.asked("enter_printed", printed(code));
    assert_eq!(again["fault"], json!({ "field": "security_code", "faulty": "length" }));
    assert_eq!((&again["why"], &again["tries_left"]), (&"malformed".into(), &first["tries_left"]));
    let photo = driven.asked("confirm_photo", "match");
    assert_eq!(
        photo,
        json!({ "event": "ask", "question": "confirm_photo", "answers": ["match", "no_match"] })
    );

    let typed = |name: &str| {
        json!({
            "insurer_number": "990010", "insured_number": "0052592599", "name_kana": name,
            "birth_date": "1939-04-04", "sex": "female",
        })
    };
    let entry = driven.asked("enter_attributes", typed("12"));
    assert_eq!(entry["method"], "face_check");
    assert_eq!(entry["prefilled"], json!({ "birth_date": "1939-04-04", "sex": "female" }));
    let entry = driven.asked("enter_attributes", typed("みほん はるえ"));
    assert_eq!(entry["fault"], json!({ "field": "name_kana", "faulty": "characters" }));
    let read = driven.asked("confirm_birth_date", "yes");
    assert_eq!(
        (&read["birth_date"], &read["japanese"]),
        (&"1939-04-04".into(), &"昭和14年4月4日".into())
    );

    let end = driven.next();
    assert_eq!((&end["event"], &end["outcome"]), (&"end".into(), &"verified".into()), "{end}");
    assert_eq!((&end["method"], &end["face_basis"]), (&"face_check".into(), &"chip_photo".into()));
    assert_eq!(end["trust"], "no_certificate");
    assert!(driven.visit.wait().unwrap().success());
}

#[test]
fn a_program_that_stops_is_told_why_the_last_way_failed() {
    let mut driven = Driven::visit("blocked");
    driven.asked("confirm_face", "match");
    driven.asked("choose_way", "stop");
    let end = driven.next();
    assert_eq!((&end["event"], &end["code"]), (&"end".into(), &"pin_blocked".into()), "{end}");
}
