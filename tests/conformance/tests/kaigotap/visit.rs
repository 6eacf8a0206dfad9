//! What works.

use std::path::PathBuf;

use kaigotap_conformance::{
    Slot, build,
    card::{certificate, from_pem, hanako},
    process::{Recorded, run},
};
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};
use rstest::rstest;
use serde_json::{Value, json};

use crate::house::{House, done, object, with_pin};

const PIN: &str = "1234";

/// Without the moment it was asked for.
fn entitlement(mut said: Value) -> Value {
    assert_eq!((&said["outcome"], &said["method"]), (&json!("verified"), &json!("card_pin")));
    let mut entitlement = said["entitlement"].take();
    let as_of = entitlement["periodic"]["as_of"].take();
    assert!(as_of.is_string(), "{entitlement}");
    // To the second, and the two are not of the same.
    let until = entitlement["registered_until"].take();
    assert!(until.is_string(), "{entitlement}");
    entitlement
}

#[test]
fn a_visit_over_a_real_reader_is_what_the_demo_shows() {
    let house = House::new();
    house.pcscd.await_card(Slot::First, false);
    let card = Recorded::start(
        house
            .kaigotap("virtual-card --json --vpcd")
            .arg(house.pcscd.address(Slot::First).to_string()),
    );
    house.pcscd.await_card(Slot::First, true);
    let visit = done(&house.visit(Some(Slot::First), PIN, ""));
    let demo = done(&run(house.kaigotap("demo --json").env_clear()));

    assert_eq!(visit["entitlement"]["person"]["name_kana"], "カイゴ　ハナコ");
    let (apdus, entitled) = (demo["apdus"].clone(), entitlement(demo));
    assert_eq!(entitlement(visit), entitled);
    let card = done(&card.stop());
    assert_eq!((&card["apdus"], &card["verify_attempts"]), (&apdus, &json!(1)));
}

/// The budget: select, certificate, query, PIN, signature; one more query after the PIN was typed, because the card lies
/// on a desk meanwhile; and one to leave the card clean.
#[rstest]
#[case(Behaviour::modern(), 6 + 1 + 1)]
#[case(Behaviour::plain(), 15 + 1 + 1)]
#[case("modern+t0".parse().unwrap(), 16 + 1 + 1)]
#[case("modern+first-command-6f00".parse().unwrap(), 7 + 1 + 1)]
fn few_commands_and_a_clean_card(#[case] profile: Behaviour, #[case] budget: u64) {
    let house = House::new();
    let card = house.pcscd.plug(Slot::First, hanako(profile));
    done(&house.visit(None, PIN, ""));
    let card = card.take_out();
    let meter = card.meter();
    println!("{}: {meter:?}", card.behaviour());
    assert!(meter.commands <= budget, "{meter:?}");
    assert_eq!((meter.verify_attempts, card.tries_left(Purpose::Authentication)), (1, 3));
    assert_eq!(card.trace().last(), Some(&[0x00, 0xA4, 0x04, 0x0C]), "the last is a SELECT");
    assert!(!card.is_verified(Purpose::Authentication));
}

#[test]
fn the_service_is_restarted_between_two_visits() {
    let mut house = House::new();
    let card = house.pcscd.plug(Slot::First, hanako(Behaviour::modern()));
    done(&house.visit(None, PIN, ""));
    house.pcscd.kill();
    let card = card.take_out();
    house.pcscd.resume();
    let card = house.pcscd.plug(Slot::First, card);
    done(&house.visit(None, PIN, ""));
    assert_eq!(card.take_out().meter().commands, 2 * 8);
}

#[test]
fn readers_and_what_is_on_them() {
    let house = House::new();
    let _card = house.pcscd.plug(Slot::Second, hanako(Behaviour::modern()));
    let said = done(&run(&mut house.kaigotap("readers --json")));
    let reader = |slot| house.pcscd.reader(slot);
    assert_eq!(
        said["readers"],
        json!([
            { "name": reader(Slot::First), "holds": "nothing" },
            { "name": reader(Slot::Second), "holds": "card" },
        ])
    );
    let said = run(&mut house.kaigotap("readers")).succeeded().text();
    assert!(said.contains(&reader(Slot::First)) && said.contains(&reader(Slot::Second)), "{said}");
}

#[rstest]
#[case("plain", 3, 5)]
#[case("modern+authentication-tries:2+signature-tries:1", 2, 1)]
#[case("locked", 0, 5)]
#[case("locked+query-blocked-63c0", 0, 5)]
#[case("locked+blocked-6983", 0, 5)]
fn status_costs_nothing(#[case] profile: &str, #[case] authentication: u8, #[case] signature: u8) {
    let house = House::new();
    let card = house.pcscd.plug(Slot::First, hanako(profile.parse().unwrap()));
    let mut command = house.kaigotap("card status --json --reader");
    let said = done(&run(command.arg(house.pcscd.reader(Slot::First))));
    for (pin, left) in [("authentication", authentication), ("signature", signature)] {
        let state = if left == 0 { "locked" } else { "usable" };
        let expected = json!({ "tries_left": left, "locked": left == 0, "state": state });
        assert_eq!(said["pins"][pin], expected, "{pin}");
    }
    assert_eq!(said["pins"].as_object().map(serde_json::Map::len), Some(6));
    let card = card.take_out();
    assert_eq!(card.meter().verify_attempts, 0);
    assert_eq!(card.tries_left(Purpose::Authentication), authentication);
}

#[rstest]
fn certificates(#[values(Behaviour::plain(), Behaviour::modern())] profile: Behaviour) {
    let house = House::new();
    let card = house.pcscd.plug(Slot::First, hanako(profile));
    let reader = house.pcscd.reader(Slot::First);
    let free = certificate(Purpose::Authentication);

    let said = run(house.kaigotap("card certificate --reader").arg(&reader)).succeeded();
    assert_eq!(from_pem(&said.text()), free);
    let said = run(house.kaigotap("card certificate --json --reader").arg(&reader));
    assert_eq!(done(&said)["bytes"], free.len());

    let mut command = with_pin(&house.pcscd, "ABC123");
    command.args(["card", "certificate", "--purpose", "signature", "--pin-fd", "3"]);
    done(&run(command.args(["--out", "certificate", "--reader", &reader])));
    let written = std::fs::read(house.pcscd.directory().join("certificate")).unwrap();
    assert_eq!(written, certificate(Purpose::Signature));
    assert_eq!(card.take_out().meter().verify_attempts, 1);
}

#[test]
fn each_of_two_cards_by_its_reader() {
    let house = House::new();
    let taro = Person::taro();
    let pin = taro.pin(Purpose::Authentication);
    let other = VirtualCard::new(taro, Behaviour::modern()).unwrap();
    let _first = house.pcscd.plug(Slot::First, hanako(Behaviour::modern()));
    let _second = house.pcscd.plug(Slot::Second, other);
    for (slot, pin, name) in
        [(Slot::First, PIN, "カイゴ　ハナコ"), (Slot::Second, pin, "カイゴ　タロウ")]
    {
        let said = done(&house.visit(Some(slot), pin, ""));
        assert_eq!(said["entitlement"]["person"]["name_kana"], name);
    }
}

#[test]
fn the_demo_needs_no_reader_at_all() {
    let program: PathBuf = build::kaigotap();
    let demo = |profile| {
        let mut command = std::process::Command::new(&program);
        let said = run(command.args(["demo", "--json", "--profile", profile]).env_clear());
        object(&said)
    };
    assert_eq!(entitlement(demo("modern")), entitlement(demo("plain")));
}
