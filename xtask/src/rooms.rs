//! The rooms of core depend downward only.
//!
//! A module of the core is a room. What it uses is read from its source: every path that begins with `crate::`, or
//! with as many `super::` as lead there. Comments and strings do not count.

mod source;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every room with what it may use, from the ground floor up.
const ROOMS: [(&str, &[&str]); 13] = [
    ("date", &[]),
    ("flow", &[]),
    ("message", &["flow"]),
    ("iso7816", &["message", "flow"]),
    ("card", &["iso7816", "message", "flow", "date"]),
    ("pki", &["iso7816", "message", "flow", "date"]),
    ("reading", &["pki", "card", "iso7816", "message", "flow", "date"]),
    ("exchange", &["pki", "card", "iso7816", "message", "flow", "date"]),
    ("kaigo", &["exchange", "pki", "card", "iso7816", "message", "flow", "date"]),
    ("visit", &["kaigo", "exchange", "pki", "card", "iso7816", "message", "flow", "date"]),
    // Drivers answer requests and know nothing above them.
    ("link", &["flow"]),
    // Above all of them, and in no program that ships: what fuzzers call, and what must not compile elsewhere.
    (
        "fuzzing",
        &[
            "link", "visit", "kaigo", "exchange", "reading", "pki", "card", "iso7816", "message",
            "flow", "date",
        ],
    ),
    ("boundary", &["reading", "card"]),
];

/// Checks the core of the repository.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let source = root.join("core").join("src");
    let mut files = Vec::new();
    collect(&source, &mut files).map_err(|error| format!("{}: {error}", source.display()))?;
    let mut sources = Vec::new();
    for file in files {
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let path = file.strip_prefix(&source).unwrap_or(&file);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        sources.push((parts.join("/"), text));
    }
    Ok(violations(sources.iter().map(|(path, text)| (&path[..], &text[..]))))
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(directory)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// What is wrong in these files, given by their path below `core/src` and their text.
fn violations<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for (path, text) in files {
        let module = module_of(path);
        // The root only names the rooms.
        let Some(room) = module.first() else { continue };
        seen.push(*room);
        let Some((_, may_use)) = ROOMS.iter().find(|(name, _)| name == room) else {
            found.push(format!(
                "{path}: `{room}` is a new room: say in the list of rooms what it may use"
            ));
            continue;
        };
        for used in source::uses(text, module.len()) {
            let allowed = used.path.first() == Some(room)
                || used.path.first().is_some_and(|other| may_use.contains(other));
            if !allowed {
                let line = used.line;
                let used = used.path.join("::");
                found.push(format!("{path}:{line}: room `{room}` must not use `crate::{used}`"));
            }
        }
    }
    for (room, _) in ROOMS {
        if !seen.contains(&room) {
            found.push(format!("room `{room}` is in the list of rooms but not in core"));
        }
    }
    found
}

/// `visit/script.rs` is module `visit::script`, `visit/mod.rs` and `visit.rs` are `visit`, `lib.rs` is the root.
fn module_of(path: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    if matches!(parts.last(), Some(&"mod" | &"lib")) {
        parts.pop();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The findings for one file, in a house that is otherwise in order.
    fn found_in(path: &str, text: &str) -> Vec<String> {
        let others = ROOMS.map(|(room, _)| format!("{room}/other.rs"));
        violations(others.iter().map(|other| (&other[..], "")).chain([(path, text)]))
    }

    fn allowed(path: &str, text: &str) -> bool {
        found_in(path, text).is_empty()
    }

    #[test]
    fn downward_is_allowed() {
        for (path, text) in [
            ("visit/mod.rs", "use crate::exchange::Token; use crate::{card::Pin, message::Code};"),
            ("card/jpki.rs", "use super::pin::Pin; use crate::iso7816::{Command, tlv};"),
            ("kaigo/mod.rs", "fn f() { let x = crate::exchange::y::<u8>(); }"),
            ("link/pcsc.rs", "use crate::link::CardLink;"),
            ("lib.rs", "pub use crate::visit::start;"),
        ] {
            assert_eq!(found_in(path, text), [""; 0], "{path}: {text}");
        }
    }

    #[test]
    fn upward_and_sideways_are_not() {
        for (path, text) in [
            ("flow/mod.rs", "use crate::message::Code;"),
            ("message/mod.rs", "use crate::card::Pin;"),
            ("iso7816/tlv.rs", "use crate::card::Pin;"),
            ("card/jpki.rs", "use crate::pki::Certificate;"),
            ("pki/mod.rs", "use crate::card::Pin;"),
            ("pki/mod.rs", "use crate::card::*;"),
            ("exchange/mod.rs", "fn f(x: crate::kaigo::Entitlement) {}"),
            ("visit/mod.rs", "use crate::link::run;"),
            ("link/mod.rs", "use crate::{flow::Flow, visit};"),
            // The long way round, from every depth.
            ("card/mod.rs", "use super::pki::Certificate;"),
            ("card/jpki.rs", "use super::super::pki::Certificate;"),
            ("card/jpki.rs", "mod tests { use super::super::super::pki::Certificate; }"),
            // Through the root, which hides the room.
            ("iso7816/mod.rs", "use crate::Flow;"),
            ("iso7816/mod.rs", "use crate::*;"),
        ] {
            assert_eq!(found_in(path, text).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn says_where() {
        assert_eq!(
            found_in("card/jpki.rs", "//! Text.\n\nuse crate::pki::{self, Anchors};"),
            [
                "card/jpki.rs:3: room `card` must not use `crate::pki::self`",
                "card/jpki.rs:3: room `card` must not use `crate::pki::Anchors`"
            ]
        );
    }

    #[test]
    fn a_module_may_be_called_like_a_room() {
        assert!(allowed("iso7816/mod.rs", "mod exchange; use exchange::Channel;"));
        assert!(allowed("iso7816/tlv.rs", "use super::exchange::Channel;"));
        assert!(allowed("iso7816/mod.rs", "mod tests { use super::exchange::Channel; }"));
        assert!(!allowed("iso7816/mod.rs", "mod tests {} use super::exchange::Channel;"));
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
            assert_eq!(found_in("flow/mod.rs", text), [""; 0], "{text}");
        }
        for text in [
            r#"const A: &str = "https://x"; use crate::visit;"#,
            "fn f<'a>(x: &'a str) { crate::visit::start(); }",
            r"const A: char = '\''; use crate::visit;",
            "/* */ use crate::visit;",
        ] {
            assert_eq!(found_in("flow/mod.rs", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_room_is_known_and_exists() {
        assert_eq!(found_in("cellar/mod.rs", "").len(), 1);
        assert_eq!(violations([("flow/mod.rs", "")]).len(), ROOMS.len() - 1);
    }
}
