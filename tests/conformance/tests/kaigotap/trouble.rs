//! What does not work: each trouble has its own code, and the card's counters move only for a PIN that was presented.

use kaigotap_conformance::{Slot, build, card::hanako, process::run};
use kaigotap_virtual_card::{Behaviour, Person, Purpose::Authentication, VirtualCard};
use rstest::rstest;

use crate::{
    house::{House, done, failed, unusable},
    stranger,
};

const PIN: &str = "1234";

#[test]
fn no_service() {
    let house = House::new();
    for command in ["readers", "card status", "card certificate"] {
        let mut command = house.kaigotap(command);
        command.arg("--json").env("PCSCLITE_CSOCK_NAME", house.pcscd.directory().join("nobody"));
        assert_eq!(failed(&run(&mut command))["code"], "reader_service_not_running");
    }
}

#[test]
fn told_to_people() {
    let house = House::new();
    house.pcscd.await_card(Slot::First, false);
    let said = run(&mut house.kaigotap("card status"));
    assert_eq!(said.status.code(), Some(10), "{said}");
    let lines: Vec<&str> = said.stderr.lines().collect();
    assert!(lines.len() == 3 && lines[2] == "Code: no_card_on_any_reader", "{said}");
    let japanese = run(&mut house.kaigotap("--lang ja card status"));
    assert!(japanese.stderr.ends_with("お問い合わせ番号：no_card_on_any_reader\n"), "{japanese}");
    assert!(japanese.stderr.contains('。'), "{japanese}");
}

#[test]
fn no_card() {
    let house = House::new();
    house.pcscd.await_card(Slot::First, false);
    assert_eq!(failed(&house.visit(None, PIN, ""))["code"], "no_card_on_any_reader");
    assert_eq!(failed(&house.visit(Some(Slot::First), PIN, ""))["code"], "no_card");
    let said = house.visit(None, PIN, "--reader nonesuch");
    assert_eq!(failed(&said)["code"], "reader_not_found");
}

/// After how many commands it is pulled, and what then is certain.
#[rstest]
#[case::before_anything("modern+torn-after:0", "card_removed", 0)]
#[case::certificate("modern+torn-after:1", "card_removed", 0)]
#[case::query("modern+torn-after:3", "card_removed", 0)]
#[case::before_it_compared("modern+torn-after:5", "card_removed_during_pin", 0)]
#[case::after_it_compared("modern+torn-answering:5", "card_removed_during_pin", 1)]
#[case::asked_again("modern+torn-after:4", "card_removed", 0)]
#[case::signature("modern+torn-after:6", "card_removed", 1)]
#[case::plain_certificate("plain+torn-after:4", "card_removed", 0)]
fn a_card_that_is_pulled(#[case] profile: &str, #[case] code: &str, #[case] presented: u64) {
    let house = House::new();
    let card = house.pcscd.plug(Slot::First, hanako(profile.parse().unwrap()));
    let said = failed(&house.visit(Some(Slot::First), PIN, ""));
    assert_eq!(said["code"], code, "{said}");
    let card = card.take_out();
    assert_eq!(card.meter().verify_attempts, presented);
    assert_eq!(card.tries_left(Authentication), 3);
}

#[test]
fn a_card_that_is_pulled_when_all_is_done() {
    let house = House::new();
    let card = house.pcscd.plug(Slot::First, hanako(Behaviour::modern().torn_after(7)));
    done(&house.visit(Some(Slot::First), PIN, ""));
    assert!(card.take_out().is_gone());
}

#[rstest]
#[case::wrong("modern", "0000", "pin_wrong", Some(2), 1)]
#[case::wrong_on_a_plain_card("plain", "0000", "pin_wrong", Some(2), 1)]
#[case::too_long("modern", "12345", "pin_malformed", Some(3), 0)]
#[case::letters("modern", "12E4", "pin_malformed", Some(3), 0)]
#[case::empty("modern", "", "pin_malformed", Some(3), 0)]
#[case::last("modern+authentication-tries:1", PIN, "pin_last_try", Some(1), 0)]
#[case::locked("locked", PIN, "pin_blocked", Some(0), 0)]
#[case::locked_otherwise("locked+blocked-6983", PIN, "pin_blocked", Some(0), 0)]
fn a_pin(
    #[case] profile: &str,
    #[case] pin: &str,
    #[case] code: &str,
    #[case] left: Option<u8>,
    #[case] presented: u64,
) {
    let house = House::new();
    let card = house.pcscd.plug(Slot::First, hanako(profile.parse().unwrap()));
    let said = failed(&house.visit(Some(Slot::First), pin, ""));
    assert_eq!((&said["code"], &said["tries_left"]), (&code.into(), &left.into()), "{said}");
    let card = card.take_out();
    assert_eq!(card.meter().verify_attempts, presented);
    assert_eq!(Some(card.tries_left(Authentication)), left);
}

#[rstest]
#[case::right(PIN, None, 3)]
#[case::wrong("0000", Some("pin_blocked"), 0)]
fn the_last_try_with_consent(#[case] pin: &str, #[case] code: Option<&str>, #[case] left: u8) {
    let house = House::new();
    let profile = Behaviour::modern().tries_left(Authentication, 1);
    let card = house.pcscd.plug(Slot::First, hanako(profile));
    let said = house.visit(None, pin, "--last-try");
    match code {
        None => drop(done(&said)),
        Some(code) => assert_eq!(failed(&said)["code"], code),
    }
    let card = card.take_out();
    assert_eq!((card.meter().verify_attempts, card.tries_left(Authentication)), (1, left));
}

#[test]
fn no_my_number_card() {
    let house = House::new();
    let card = house.pcscd.occupy(Slot::First, stranger::serve);
    assert_eq!(failed(&house.visit(None, PIN, ""))["code"], "not_my_number_card");
    let mut status = house.kaigotap("card status --json --reader");
    let said = run(status.arg(house.pcscd.reader(Slot::First)));
    assert_eq!(failed(&said)["code"], "not_my_number_card");
    let refused = card.take_out();
    assert!((2..=6).contains(&refused), "{refused} commands");
}

#[test]
fn two_cards() {
    let house = House::new();
    let _first = house.pcscd.plug(Slot::First, hanako(Behaviour::modern()));
    let second = house.pcscd.plug(Slot::Second, hanako(Behaviour::plain()));
    assert_eq!(failed(&house.visit(None, PIN, ""))["code"], "several_cards");
    assert_eq!(second.take_out().meter().verify_attempts, 0);
}

#[rstest]
#[case(Slot::First, Slot::Second)]
#[case(Slot::Second, Slot::First)]
fn two_cards_of_which_one_is_a_my_number_card(#[case] ours: Slot, #[case] theirs: Slot) {
    let house = House::new();
    let _stranger = house.pcscd.occupy(theirs, stranger::serve);
    let _ours = house.pcscd.plug(ours, hanako(Behaviour::modern()));
    done(&house.visit(None, PIN, ""));
}

#[test]
fn a_forgery() {
    let house = House::new();
    let forged = VirtualCard::new(Person::foreign_issuer(), Behaviour::modern()).unwrap();
    let card = house.pcscd.plug(Slot::First, forged);
    assert_eq!(failed(&house.visit(None, PIN, ""))["code"], "certificate_untrusted");
    assert_eq!(card.take_out().meter().verify_attempts, 0);
}

#[test]
fn no_platform() {
    let mut house = House::new();
    house.stop_sandbox();
    let card = house.pcscd.plug(Slot::First, hanako(Behaviour::modern()));
    assert_eq!(failed(&house.visit(None, PIN, ""))["code"], "server_unreachable");
    assert_eq!(card.take_out().meter().commands, 0, "nothing is signed for a server unknown");
}

#[test]
fn input_that_cannot_be_used() {
    let house = House::new();
    let enrolment = house.enrolment();
    for (arguments, code) in [
        ("visit --enrolment nonesuch.json", "enrolment_unusable"),
        ("visit --enrolment reader.conf", "enrolment_unusable"),
        ("visit --pin-fd 9 --reader simulator --enrolment enrolment.json", "pin_unreadable"),
        ("sandbox --database nonesuch:", "database_unknown"),
        ("virtual-card --vpcd 192.0.2.1:35963", "not_loopback"),
    ] {
        let said = run(house.kaigotap(arguments).arg("--json"));
        assert_eq!(unusable(&said)["code"], code, "{arguments}");
    }
    assert!(enrolment.exists());
    let said = run(std::process::Command::new(build::kaigotap()).arg("nonesuch"));
    assert_eq!(said.status.code(), Some(2), "{said}");
}
