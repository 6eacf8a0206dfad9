//! Every transcript is replayed, is what would be recorded today, and holds nothing that it must not.

use std::fs;
use std::path::PathBuf;

use base64ct::{Base64UrlUnpadded, Encoding};
use kaigotap::flow::{Reply, Request};
use kaigotap::link::Host;
use kaigotap_e2e::scenes;
use kaigotap_kit::conversation::{Holder, begin};
use kaigotap_kit::replay::{replay, replay_without_card};
use kaigotap_kit::table::Table;
use kaigotap_recorder::{About, Card, Outcome, Parameters, Recorder, Recording, hex};
use kaigotap_virtual_card::{Behaviour, Person, PinKind, VirtualCard};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors/transcripts")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn table() -> Table {
    serde_json::from_str(&read("table.json")).unwrap()
}

/// All transcripts with their names.
fn all() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|kind| kind == "jsonl") {
            all.push((name.clone(), read(&name)));
        }
    }
    all
}

#[test]
fn every_transcript_is_replayed_to_the_byte() {
    let table = table();
    let all = all();
    assert_eq!(all.len(), scenes::all().len());
    let mut turns = 0;
    for (name, text) in all {
        let header = replay(&text, &table).unwrap_or_else(|mismatch| panic!("{name}: {mismatch}"));
        assert_eq!(header.version, 4);
        turns += text.lines().count() - 1;
    }
    assert!(turns > 500, "{turns} turns");
}

/// What a card alone has a part in is recorded the same way every time. To change it: `cargo xtask transcripts`.
#[test]
fn what_is_recorded_today_is_what_was_recorded() {
    let table = Table::of_virtual_cards();
    assert_eq!(read("table.json"), table.to_json());
    let scenes = scenes::all();
    for scene in scenes.iter().filter(|scene| !scene.has_platform()) {
        let then = read(&format!("{}.jsonl", scene.name));
        let now = scene.record(&table);
        let differs = (1..).zip(then.lines().zip(now.lines())).find(|(_, (then, now))| then != now);
        assert_eq!(differs, None, "{}", scene.name);
        assert_eq!(then.len(), now.len(), "{}", scene.name);
    }
}

/// A visit that is recorded anew can be replayed, whatever the platform says this time.
#[test]
fn a_new_visit_is_replayed_too() {
    let table = table();
    let scene = scenes::all().into_iter().find(|scene| scene.name == "visit-modern").unwrap();
    let text = scene.record(&table);
    replay(&text, &table).unwrap();
    assert_ne!(text, read("visit-modern.jsonl"));
}

#[test]
fn nothing_in_a_transcript_is_secret() {
    let hanako = || VirtualCard::new(Person::hanako(), Behaviour::modern()).unwrap();
    let everything =
        all().into_iter().map(|(_, text)| text).collect::<String>() + &read("table.json");
    for line in everything
        .lines()
        .filter(|line| line.contains("\"tx\":\"0020") || line.contains("\"tx\":\"0024"))
    {
        let tx = line.split('"').nth(7).unwrap();
        assert!(tx == "00200080" || (&tx[8..9] == "<" && tx.ends_with('>')), "{line}");
    }
    // The digest that is the 個人番号, of everybody who has one, and the number itself.
    for person in Person::all() {
        let mut card = VirtualCard::new(person.clone(), Behaviour::modern()).unwrap();
        let record = integrity_record(&mut card);
        if let Some(at) = record.windows(3).position(|header| header == [0xDF, 0x31, 0x20]) {
            assert!(!everything.contains(&hex(&record[at + 3..at + 35])), "{person:?}");
        }
        assert!(!everything.contains(person.my_number));
        assert!(!everything.contains(&hex(person.my_number.as_bytes())));
    }
    for kind in [PinKind::Signature, PinKind::InputSupportB, PinKind::FaceB] {
        let secret = hanako().reference_data(kind).to_owned();
        assert!(!everything.contains(&secret) && !everything.contains(&hex(secret.as_bytes())));
    }
    // A token that is shown opens nothing without the device's key, which is in no transcript.
    let mut shown = 0;
    for line in everything.lines().filter(|line| line.contains("\"type\":\"send\"")) {
        assert!(!line.contains("Bearer ") && !line.contains("\"Bearer"), "{line}");
        for token in line.split("DPoP ").skip(1) {
            let payload = token.split('.').nth(1).expect("a JWS");
            let payload = Base64UrlUnpadded::decode_vec(payload).expect("base64url");
            let payload: serde_json::Value = serde_json::from_slice(&payload).expect("claims");
            assert_eq!(payload["cnf"]["jkt"].as_str().map(str::len), Some(43), "{line}");
            shown += 1;
        }
    }
    assert!(shown > 10);
}

fn integrity_record(card: &mut VirtualCard) -> Vec<u8> {
    let number_b = card.reference_data(PinKind::InputSupportB).as_bytes().to_vec();
    card.transmit(b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08");
    card.transmit(b"\x00\xA4\x02\x0C\x02\x00\x15");
    card.transmit(&[b"\x00\x20\x00\x80\x0E", &number_b[..]].concat());
    card.transmit(b"\x00\xB0\x83\x00\x00\x00\x00")
}

/// A replay that differs says where, and how.
#[test]
fn a_difference_is_found_and_told() {
    let table = table();
    let text = read("holder-wrong-then-right.jsonl");
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        replay(&text.replacen(from, to, 1), &table).unwrap_err()
    };
    let told = changed("00b08200000000", "00b08201000000");
    assert_eq!(told.line, 14);
    assert!(told.what.contains("differ at byte 3"), "{told}");
    let told =
        changed(r#""tx":"00200080<input_support>""#, r#""tx":"00200080<input_support-refused>""#);
    assert_eq!(told.line, 13);
    assert!(told.what.contains("another command, or PIN"), "{told}");
    let told = changed(r#""tries_left":2"#, r#""tries_left":1"#);
    assert_eq!(told.line, 11);
    assert!(told.what.contains("the question"), "{told}");
    let told = changed(r#""attributes":"signed""#, r#""attributes":"absent""#);
    assert_eq!(told.line, 1);
    assert!(told.what.contains("the outcome"), "{told}");
    // The card says something else: the flow goes another way.
    let told = changed(r#""rx":"63c3""#, r#""rx":"63c0""#);
    assert_eq!(told.line, 8);
    assert!(told.what.contains("the flow asks for"), "{told}");

    let lines: Vec<&str> = text.lines().collect();
    let told = replay(&lines[..lines.len() - 1].join("\n"), &table).unwrap_err();
    assert!(told.line == lines.len() && told.what.contains("the transcript has ended"), "{told}");
    let told = replay(&[&lines[..], &[r#"{"type":"disconnect"}"#]].concat().join("\n"), &table);
    let told = told.unwrap_err();
    assert!(told.line == lines.len() + 1 && told.what.contains("the flow has ended"), "{told}");
    let told = replay("{\"type\":\"nonsense\"}", &table).unwrap_err();
    assert_eq!(told.line, 1);
}

/// A replayer that has no virtual card to read the withheld record from goes through all turns, to a known end. Those of
/// the other languages are such replayers: what came of each transcript is written down, to be laid beside theirs.
#[test]
fn a_replayer_without_the_withheld_record_ends_as_described() {
    let table = table();
    let mut rows = Vec::new();
    for (name, text) in all() {
        let outcome = replay_without_card(&text, &table).unwrap_or_else(|m| panic!("{name}: {m}"));
        let row = match outcome {
            Outcome::Done { .. } => "done".to_owned(),
            Outcome::Failed { code, tries_left: Some(tries) } => format!("{code}\t{tries}"),
            Outcome::Failed { code, tries_left: None } => code,
        };
        rows.push(format!("{name}\t{row}\n"));
    }
    rows.sort();
    for name in ["holder-pin-modern", "holder-pin-plain", "holder-over-t0"] {
        assert!(rows.contains(&format!("{name}.jsonl\tcard_record_invalid\n")), "{name}");
    }
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/transcripts");
    fs::create_dir_all(&target).unwrap();
    fs::write(target.join("rust.tsv"), rows.concat()).unwrap();
}

/// The body of a request counts to the byte, too.
#[test]
fn a_difference_in_a_body_is_found() {
    let text = read("visit-modern.jsonl");
    let told = replay(&text.replace("grant_type", "grant-type"), &table()).unwrap_err();
    assert!(told.what.contains("the body differs at byte 5"), "{told}");
    let told = replay(&text.replacen("a5a5", "a5a6", 1), &table()).unwrap_err();
    assert!(told.what.contains("what is to be signed"), "{told}");
}

/// What a visit without PIN and a sign-in ask for counts to the byte, too.
#[test]
fn a_difference_in_a_tap_or_a_sign_in_is_found() {
    let found = |name: &str, from: &str, to: &str, what: &str| {
        let text = read(name);
        assert!(text.contains(from), "{name}: {from}");
        let told = replay(&text.replacen(from, to, 1), &table()).unwrap_err();
        assert!(told.what.contains(what), "{told}");
    };
    let tap = "visit-tap-modern.jsonl";
    found(tap, "\"payload\":\"65", "\"payload\":\"66", "what is to be signed");
    found(tap, "\"1941-05-03\"", "\"1941-05-04\"", "another command, or PIN");
    found(tap, "\"signed\"", "\"absent\"", "the outcome");
    found("sign-in.jsonl", "\"address\":\"http", "\"address\":\"https", "the address");
    found("sign-in.jsonl", "?code=", "?code=x", "the body differs");
    found("sign-in-cancelled.jsonl", "\"cancelled\"}", "\"no_browser\"}", "the outcome");
}

/// Of a real card lengths and status words are written down; and what a replay can do with these.
#[test]
fn a_real_card_tells_nothing_of_its_holder() {
    let table = table();
    for flow in ["status", "certificate", "holder", "face", "age", "information"] {
        let parameters = Parameters {
            credential: Some("signature".to_owned()),
            key: Some("pin".to_owned()),
            authorities: Some("virtual".to_owned()),
            ..Parameters::default()
        };
        let types = match flow {
            "certificate" => "ABC123",
            "holder" => "2345",
            "face" => "16050320350503",
            _ => "160503",
        };
        let card = VirtualCard::new(Person::hanako(), Behaviour::plain()).unwrap();
        let holder = Holder { types: vec![types], ..Holder::of(card) };
        let about = About {
            flow,
            parameters: parameters.clone(),
            challenge: Some([7; 32]),
            entropy: None,
            card: Some(Card::Real),
        };
        let mut recorder = Recorder::new(about);
        let mut heard = Heard { holder, answers: Vec::new() };
        let conversation = begin(flow, &parameters, Some([7; 32]), None, &table).unwrap();
        let done = conversation(&mut Recording::new(&mut heard, &mut recorder)).unwrap();
        let answers = heard.answers;
        assert!(matches!(done, Outcome::Done { .. }), "{flow}: {done:?}");
        let text = recorder.finish(&Ok::<(), _>(()));
        for answer in answers.iter().filter(|answer| answer.len() > 10) {
            let data = &answer[5..answer.len() - 2];
            for piece in data.windows(8).filter(|piece| piece.iter().any(|b| *b != piece[0])) {
                assert!(!text.contains(&hex(piece)), "{flow}: {}", hex(piece));
            }
        }
        assert!(text.contains("<withheld:256>9000") || flow == "information", "{flow}: {text}");
    }
}

/// A holder whose card's answers are remembered.
struct Heard {
    holder: Holder,
    answers: Vec<Vec<u8>>,
}

impl Host for Heard {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        let reply = self.holder.answer(request)?;
        if let Reply::Transmit(Ok(answer)) = &reply {
            self.answers.push(answer.clone());
        }
        Some(reply)
    }
}
