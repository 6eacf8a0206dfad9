//! Systems, readers and drivers that do not keep to PC/SC, and states of theirs that pass.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use kaigotap_conformance::{
    Pcscd, Slot, build,
    card::hanako,
    process::{Finished, Recorded, Running, run},
};
use kaigotap_virtual_card::{Behaviour, VirtualCard};
use rstest::rstest;

use crate::{
    house::{done, failed},
    stranger,
};

/// Long enough for anything that is waited for here.
const WAIT: &str = "20";

fn modern() -> VirtualCard {
    hanako(Behaviour::modern())
}

/// `kaigotap card status --json` with these arguments.
fn status(pcscd: &Pcscd, arguments: &str) -> Command {
    let mut command = pcscd.client(build::kaigotap());
    command.args(["card", "status", "--json"]).args(arguments.split_whitespace());
    command
}

/// The same over a strange driver.
fn strange(pcscd: &Pcscd, arguments: &str, habits: &[(&str, &str)]) -> Command {
    let mut command = status(pcscd, arguments);
    command.env("LD_PRELOAD", build::strange_driver(pcscd.directory()));
    command.envs(habits.iter().copied());
    command
}

/// Another program holds the card there, for so long.
fn held(pcscd: &Pcscd, slot: Slot, time: Duration) -> Running {
    let mut command = pcscd.client(build::holder(pcscd.directory()));
    command.arg(pcscd.reader(slot)).arg(time.as_millis().to_string()).stdout(Stdio::piped());
    let mut holder = Running::start(&mut command);
    let said = BufReader::new(holder.output().expect("a pipe")).lines().next();
    assert_eq!(said.expect("a word").unwrap(), "held");
    holder
}

fn timed(command: &mut Command) -> (Finished, Duration) {
    let started = Instant::now();
    (run(command), started.elapsed())
}

/// Whatever number a driver gives for what it does not carry, short commands do the same; the card is not called pulled.
#[rstest]
#[case::not_transacted("0x80100016")]
#[case::data_lost("0x8010002F")]
#[case::internal("0x80100001")]
#[case::invalid("0x80100011")]
#[case::windows_only("0x80100022")]
#[case::between("0x80100050")]
#[case::not_pcsc("0x00000007")]
#[case::signed("0xFFFFFFFF80100016")]
fn extended_length_that_a_reader_does_not_carry(#[case] code: &str) {
    let pcscd = Pcscd::start();
    let card = pcscd.plug(Slot::First, modern());
    let said = done(&run(&mut strange(&pcscd, "", &[("EXTENDED_CODE", code)])));
    assert_eq!(said["pins"]["authentication"]["tries_left"], 3);
    assert!(card.take_out().meter().commands <= plain_commands(), "short ones, once");
}

/// What `card status` costs on a card that takes short commands only.
fn plain_commands() -> u64 {
    let pcscd = Pcscd::start();
    let card = pcscd.plug(Slot::First, hanako(Behaviour::plain()));
    done(&run(&mut status(&pcscd, "")));
    card.take_out().meter().commands
}

/// A number that nobody defined is shown, never a panic.
#[rstest]
#[case::transmit("TRANSMIT_CODE", "0x80100050", "reader_failed", "0x80100050")]
#[case::transmit_of_windows("TRANSMIT_CODE", "0x80100022", "reader_failed", "0x80100022")]
#[case::transmit_of_a_driver("TRANSMIT_CODE", "0x65", "reader_failed", "0x00000065")]
#[case::connect("CONNECT_CODE", "0x8010BEEF", "reader_failed", "0x8010BEEF")]
#[case::establish("ESTABLISH_CODE", "0x00000002", "reader_failed", "0x00000002")]
#[case::room("LIE", "1", "reader_failed", "0x80100008")]
fn a_number_that_nobody_defined(
    #[case] habit: &str,
    #[case] value: &str,
    #[case] code: &str,
    #[case] detail: &str,
) {
    let pcscd = Pcscd::start();
    let _card = pcscd.plug(Slot::First, modern());
    let said = run(&mut strange(&pcscd, "", &[(habit, value)]));
    assert!(!said.stderr.contains("panicked"), "{said}");
    let failure = failed(&said);
    assert_eq!((&failure["code"], &failure["detail"]), (&code.into(), &detail.into()), "{said}");
}

/// A protocol that nobody asked for is handed back as it was given.
#[test]
fn a_protocol_that_nobody_defined() {
    let pcscd = Pcscd::start();
    let _card = pcscd.plug(Slot::First, modern());
    let said = run(&mut strange(&pcscd, "", &[("PROTOCOL", "0x40")]));
    assert!(!said.stderr.contains("panicked"), "{said}");
    assert_eq!(failed(&said)["code"], "reader_failed");
}

/// No driver is asked for more than it can count.
#[rstest]
#[case("modern", "65535")]
#[case("plain", "258")]
fn no_more_room_than_is_needed(#[case] profile: &str, #[case] most: &str) {
    let pcscd = Pcscd::start();
    let _card = pcscd.plug(Slot::First, hanako(profile.parse().unwrap()));
    let habits = [("ROOM", most), ("EXTENDED_CODE", "0x80100011")];
    let habits = if profile == "plain" { &habits[..] } else { &habits[..1] };
    done(&run(&mut strange(&pcscd, "", habits)));
}

#[rstest]
#[case::at_the_service("ESTABLISH_CODE", "0x8010006A")]
#[case::at_the_card("CONNECT_CODE", "0x8010006A")]
#[case::access("ESTABLISH_CODE", "0x80100027")]
fn what_is_not_allowed_is_no_broken_reader(#[case] habit: &str, #[case] code: &str) {
    let pcscd = Pcscd::start();
    let _card = pcscd.plug(Slot::First, modern());
    let (said, took) = timed(&mut strange(&pcscd, "--wait 20", &[(habit, code)]));
    assert_eq!(failed(&said)["code"], "reader_not_allowed");
    assert!(took < Duration::from_secs(15), "waiting does not help");
}

#[test]
fn a_service_that_runs_only_while_a_reader_is_plugged_in() {
    let pcscd = Pcscd::start();
    let _card = pcscd.plug(Slot::First, modern());
    for code in ["0x8010001D", "0x8010001E"] {
        let habits = [("ESTABLISH_CODE", code), ("ESTABLISH_MS", "1500")];
        done(&run(strange(&pcscd, "--wait", &habits).arg(WAIT)));
        let said = failed(&run(&mut strange(&pcscd, "--wait 1", &habits[..1])));
        assert_eq!(said["code"], "reader_service_not_running");
        assert!(said["next_action"].as_str().unwrap().contains("Plug in"), "{said}");
    }
}

#[test]
fn another_program_that_uses_the_card_for_a_while() {
    let pcscd = Pcscd::start();
    let _card = pcscd.plug(Slot::First, modern());
    let holder = held(&pcscd, Slot::First, Duration::from_millis(1500));
    done(&run(status(&pcscd, "--wait").arg(WAIT)));
    drop(holder);
    let _holder = held(&pcscd, Slot::First, Duration::from_secs(20));
    let (said, took) = timed(&mut status(&pcscd, "--wait 1"));
    assert_eq!(failed(&said)["code"], "reader_busy");
    assert!(took >= Duration::from_secs(1), "{took:?}");
    assert_eq!(failed(&run(&mut status(&pcscd, "")))["code"], "reader_busy");
}

/// A security key that is always in: it is asked once, and let alone.
#[test]
fn a_strangers_card_does_not_end_the_wait() {
    let pcscd = Pcscd::start();
    let stranger = pcscd.occupy(Slot::Second, stranger::serve);
    let waiting = Recorded::start(status(&pcscd, "--wait").arg(WAIT));
    std::thread::sleep(Duration::from_millis(1500));
    let card = pcscd.plug(Slot::First, modern());
    done(&waiting.finish());
    drop(card);
    pcscd.await_card(Slot::First, false);
    let said = failed(&run(&mut status(&pcscd, "--wait 2")));
    assert_eq!(said["code"], "no_supported_card_on_any_reader");
    let asked = stranger.take_out();
    assert!((1..=2).contains(&asked), "{asked} commands");
}

#[test]
fn a_strangers_card_does_not_hide_a_busy_reader() {
    let pcscd = Pcscd::start();
    let _stranger = pcscd.occupy(Slot::Second, stranger::serve);
    let _card = pcscd.plug(Slot::First, modern());
    let holder = held(&pcscd, Slot::First, Duration::from_millis(2500));
    assert_eq!(failed(&run(&mut status(&pcscd, "")))["code"], "reader_busy");
    done(&run(status(&pcscd, "--wait").arg(WAIT)));
    drop(holder);
}

/// A name in Shift_JIS: shown with replacements, handed back to the system as it was.
#[test]
fn a_readers_name_that_is_not_utf8() {
    let pcscd = Pcscd::named(b"\x83\x65\x83\x58\x83\x67 \x83\x8A\x81\x5B\x83\x5F");
    let _card = pcscd.plug(Slot::First, modern());
    done(&run(&mut status(&pcscd, "")));
    let shown = pcscd.reader(Slot::First);
    done(&run(status(&pcscd, "--reader").arg(&shown)));
    let listed = done(&run(pcscd.client(build::kaigotap()).args(["readers", "--json"])));
    assert_eq!(listed["readers"][0]["name"], shown);
}

/// What a stranger's emulator answers behind the end of its files, and that it has one application only.
#[test]
fn a_plainer_card() {
    let pcscd = Pcscd::start();
    let _card = pcscd.plug(Slot::First, hanako("plain+jpki-only+short-token".parse().unwrap()));
    let said = done(&run(&mut status(&pcscd, "")));
    assert_eq!(said["pins"].as_object().map(serde_json::Map::len), Some(2));
}
