use super::*;
use houses::Room;

/// A house in which no two crates' rooms would be confused.
const MADE_UP: House = House {
    sources: "made-up/src",
    rooms: &[
        ("cellar", &[]),
        ("ground", &["cellar"]),
        ("left", &["ground"]),
        ("right", &["ground"]),
        ("roof", &["left", "right"]),
    ],
    ground: &["shared"],
    of_core: Some(&["pki"]),
};

/// The findings for one file, in a house that is otherwise in order.
fn found_in(house: &House, path: &str, text: &str) -> Vec<String> {
    let others: Vec<String> =
        house.rooms.iter().map(|(room, _)| format!("{room}/other.rs")).collect();
    house.violations(others.iter().map(|other| (&other[..], "")).chain([(path, text)]))
}

fn core() -> &'static House {
    HOUSES.iter().find(|house| house.sources == "core/src").unwrap()
}

#[test]
fn downward_is_allowed() {
    for (path, text) in [
        ("visit/mod.rs", "use crate::exchange::Token; use crate::{card::Pin, message::Code};"),
        ("card/jpki.rs", "use super::pin::Pin; use crate::iso7816::{Command, tlv};"),
        ("kaigo/mod.rs", "fn f() { let x = crate::exchange::y::<u8>(); }"),
        ("link/pcsc.rs", "use crate::link::CardLink; use crate::{flow, message::Code};"),
        ("lib.rs", "pub use crate::visit::start;"),
    ] {
        assert_eq!(found_in(core(), path, text), [""; 0], "{path}: {text}");
    }
}

#[test]
fn upward_and_sideways_are_not() {
    for (path, text) in [
        ("message/mod.rs", "use crate::flow::LinkError;"),
        ("message/mod.rs", "use crate::card::Pin;"),
        ("iso7816/tlv.rs", "use crate::card::Pin;"),
        ("card/jpki.rs", "use crate::pki::Certificate;"),
        ("pki/mod.rs", "use crate::card::Pin;"),
        ("pki/mod.rs", "use crate::card::*;"),
        ("reading/mod.rs", "use crate::exchange::Token;"),
        ("exchange/mod.rs", "fn f(x: crate::kaigo::Entitlement) {}"),
        ("visit/mod.rs", "use crate::link::run;"),
        ("reading/mod.rs", "use crate::visit::Plan;"),
        ("link/mod.rs", "use crate::{flow::Flow, visit};"),
        // The long way round, from every depth.
        ("card/mod.rs", "use super::pki::Certificate;"),
        ("card/jpki.rs", "use super::super::pki::Certificate;"),
        ("card/jpki.rs", "mod tests { use super::super::super::pki::Certificate; }"),
        // Through the root, which hides the room.
        ("iso7816/mod.rs", "use crate::Flow;"),
        ("iso7816/mod.rs", "use crate::*;"),
        ("iso7816/mod.rs", "use crate::{self as all};"),
        // In macros, defined or called.
        ("flow/mod.rs", "macro_rules! m { () => { $crate::visit::start() } }"),
        ("flow/mod.rs", "fn f() { assert_eq!(1, { crate::visit::start() }); }"),
    ] {
        assert_eq!(found_in(core(), path, text).len(), 1, "{path}: {text}");
    }
}

#[test]
fn what_is_used_there_may_be_used_too() {
    assert_eq!(MADE_UP.below("roof"), BTreeSet::from(["left", "right", "ground", "cellar"]));
    assert_eq!(MADE_UP.below("left"), BTreeSet::from(["ground", "cellar"]));
    assert_eq!(found_in(&MADE_UP, "roof.rs", "use crate::cellar::x;"), [""; 0]);
    assert_eq!(found_in(&MADE_UP, "left.rs", "use crate::right::x;").len(), 1);
}

#[test]
fn what_stands_in_the_root_for_all() {
    assert_eq!(found_in(&MADE_UP, "left.rs", "use crate::shared;"), [""; 0]);
    assert_eq!(found_in(&MADE_UP, "left.rs", "use super::{shared, other};").len(), 1);
}

#[test]
fn of_the_core_only_what_is_named() {
    for allowed in ["use kaigotap::pki::Verdict;", "use kaigotap::{pki};"] {
        assert_eq!(found_in(&MADE_UP, "left.rs", allowed), [""; 0], "{allowed}");
    }
    for refused in
        ["use kaigotap::visit::Plan;", "use kaigotap::*;", "fn f() { x!(kaigotap::card::y) }"]
    {
        assert_eq!(found_in(&MADE_UP, "left.rs", refused).len(), 1, "{refused}");
        assert_eq!(found_in(&MADE_UP, "lib.rs", refused).len(), 1, "{refused}");
    }
}

/// Every house has an order that goes one way only, and a `use` against it is found.
#[test]
fn a_planted_use_of_the_floor_above_is_found_in_every_house() {
    for house in &HOUSES {
        assert!(crate::root().join(house.sources).is_dir(), "{}", house.sources);
        let mut planted = 0;
        for (at, (room, uses)) in house.rooms.iter().enumerate() {
            let standing: Vec<&str> =
                house.rooms[..at].iter().map(|(room, _): &Room| *room).collect();
            assert!(uses.iter().all(|used| standing.contains(used)), "{}: {room}", house.sources);
            assert!(!standing.contains(room), "{}: {room} twice", house.sources);
            for used in *uses {
                let (path, text) = (format!("{used}/inner.rs"), format!("use crate::{room}::X;"));
                assert_eq!(
                    found_in(house, &path, &text).len(),
                    1,
                    "{}: {path}: {text}",
                    house.sources
                );
                planted += 1;
            }
        }
        assert!(planted > 0, "{}", house.sources);
    }
}

#[test]
fn says_where() {
    assert_eq!(
        found_in(core(), "card/jpki.rs", "//! Text.\n\nuse crate::pki::{self, Anchors};"),
        [
            "core/src/card/jpki.rs:3: room `card` must not use `crate::pki::self`",
            "core/src/card/jpki.rs:3: room `card` must not use `crate::pki::Anchors`"
        ]
    );
}

#[test]
fn a_module_may_be_called_like_a_room() {
    let findings = |path, text| found_in(core(), path, text).len();
    assert_eq!(findings("iso7816/mod.rs", "mod exchange; use exchange::Channel;"), 0);
    assert_eq!(findings("iso7816/tlv.rs", "use super::exchange::Channel;"), 0);
    assert_eq!(findings("iso7816/mod.rs", "mod tests { use super::exchange::Channel; }"), 0);
    assert_eq!(findings("iso7816/mod.rs", "mod tests {} use super::exchange::Channel;"), 1);
}

#[test]
fn what_is_no_code_does_not_count() {
    for text in [
        "/// See [`crate::visit`].\nstruct A;",
        "//! crate::visit::start",
        "/* crate::visit /* crate::visit */ crate::visit */",
        r##"const A: &str = "crate::visit"; const B: &str = r#"" crate::visit"#;"##,
        r#"const A: char = '"'; // crate::visit"#,
        "const A: &str = \"\\\" crate::visit\";",
        "pub(crate) fn f() {} pub(super) fn g() {}",
    ] {
        assert_eq!(found_in(core(), "flow/mod.rs", text), [""; 0], "{text}");
    }
    for text in [
        r#"const A: &str = "https://x"; use crate::visit;"#,
        "fn f<'a>(x: &'a str) { crate::visit::start(); }",
        r"const A: char = '\''; use crate::visit;",
        "/* */ use crate::visit;",
    ] {
        assert_eq!(found_in(core(), "flow/mod.rs", text).len(), 1, "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    assert_eq!(found_in(core(), "flow/mod.rs", "fn f( {"), ["core/src/flow/mod.rs: it is no Rust"]);
}

#[test]
fn a_room_is_known_and_exists() {
    assert_eq!(found_in(core(), "attic/mod.rs", "").len(), 1);
    assert_eq!(MADE_UP.violations([("cellar/mod.rs", "")]).len(), MADE_UP.rooms.len() - 1);
}

#[test]
fn roots_know_all_rooms() {
    for root in ["lib.rs", "main.rs", "bin/tool.rs"] {
        assert_eq!(module_of(root), [""; 0]);
    }
    assert_eq!(module_of("visit/script.rs"), ["visit", "script"]);
    assert_eq!(module_of("visit/mod.rs"), ["visit"]);
}
