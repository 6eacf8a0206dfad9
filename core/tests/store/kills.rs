//! A process that is killed between any two steps, and in the middle of a write. `kill.c` does it, loaded before the C
//! library: the code that ships knows nothing of it.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use kaigotap::link::device_key::FileKeys;

use super::child::{self, NEW};
use super::{Scratch, files, has_parts, keep, kept, keys, name};

const OLD: &[u8] = &[b'o'; 5_000];

/// The compiled killer, or none where there is no compiler or nothing can be loaded before everything else.
fn killer(scratch: &Scratch) -> Option<PathBuf> {
    let library = scratch.base().join("kill.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/kill.c");
    let compiled = Command::new("cc")
        .args(["-Wall", "-Werror", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status();
    let ready = cfg!(target_os = "linux") && compiled.is_ok_and(|status| status.success());
    if !ready {
        println!("skipped: no C compiler, or not Linux");
    }
    ready.then_some(library)
}

/// Where a child was killed.
#[derive(Clone, Copy, Debug)]
struct Point {
    at: usize,
    how: &'static str,
}

/// Has a child do this in a fresh folder again and again, killed at every point; `judge` looks at what is left, and is
/// told which calls were over. Gives the calls of a child that is not killed.
fn killed_everywhere(
    act: &str,
    prepare: impl Fn(&Path),
    judge: impl Fn(&Path, &[String], Point),
) -> Option<Vec<String>> {
    let scratch = Scratch::new();
    let killer = killer(&scratch)?;
    let (folder, count) = (scratch.folder(), scratch.base().join("calls"));
    let run = |point: Point| {
        let _ = fs::remove_dir_all(&folder);
        let _ = fs::remove_file(&count);
        prepare(&folder);
        let mut command = child::command(&[], act, &folder);
        command.env("LD_PRELOAD", &killer).env("KILL_FOLDER", &folder).env("KILL_COUNT", &count);
        let output =
            command.env("KILL_AT", point.at.to_string()).env("KILL_HOW", point.how).output();
        let output = output.unwrap();
        let calls = fs::read_to_string(&count).unwrap_or_default();
        (output, calls.lines().map(str::to_owned).collect::<Vec<_>>())
    };
    let (whole, calls) = run(Point { at: 0, how: "after" });
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    assert!(child::said(&whole).unwrap().starts_with("Ok("), "{:?}", child::said(&whole));
    let mut points = 0;
    for (at, call) in (1..).zip(&calls) {
        for how in ["before", "half", "after"] {
            if how == "half" && call != "write" {
                continue;
            }
            let point = Point { at, how };
            let (output, made) = run(point);
            assert_eq!(output.status.signal(), Some(9), "{point:?} of {calls:?}");
            let over = if how == "after" { &made[..] } else { &made[..made.len() - 1] };
            judge(&folder, over, point);
            points += 1;
        }
    }
    println!("{act}: killed at {points} points of {calls:?}");
    assert!(points >= 2 * calls.len(), "{points}");
    Some(calls)
}

fn position(calls: &[String], call: &str) -> Option<usize> {
    calls.iter().position(|other| other == call)
}

/// What was left is no hindrance.
fn goes_on(folder: &Path) {
    keep(folder, "one", b"later");
    assert_eq!(kept(folder).unwrap()["one"], b"later");
    assert!(!has_parts(folder), "{:?}", files(folder));
}

#[test]
fn an_entry_that_is_replaced_is_the_old_one_or_the_new_one() {
    let prepare = |folder: &Path| {
        keep(folder, "one", OLD);
        keep(folder, "two", b"untouched");
    };
    let calls = killed_everywhere("keep", prepare, |folder, over, point| {
        let all = kept(folder).unwrap();
        let expected = if over.iter().any(|call| call == "rename") { NEW } else { OLD };
        assert!(all["one"] == expected, "{point:?}: {} bytes", all["one"].len());
        assert_eq!((all["two"].as_slice(), all.len()), (&b"untouched"[..], 2), "{point:?}");
        goes_on(folder);
    });
    let Some(calls) = calls else { return };
    // Written aside, synced, renamed, and the folder synced.
    let order = ["create", "write", "fsync", "rename"].map(|call| position(&calls, call).unwrap());
    assert!(order.is_sorted(), "{calls:?}");
    assert_eq!(calls.last().map(String::as_str), Some("fsync"), "{calls:?}");
    assert_eq!(calls.iter().filter(|call| *call == "fsync").count(), 2, "{calls:?}");
}

#[test]
fn the_first_entry_is_there_or_it_is_not() {
    killed_everywhere(
        "keep",
        |_| {},
        |folder, over, point| {
            let all = kept(folder).unwrap();
            let expected = usize::from(over.iter().any(|call| call == "rename"));
            assert_eq!(all.len(), expected, "{point:?}");
            assert!(all.values().all(|sealed| sealed == NEW), "{point:?}");
            goes_on(folder);
        },
    );
}

#[test]
fn an_entry_that_is_forgotten_is_there_or_gone() {
    let calls = killed_everywhere(
        "forget",
        |folder| keep(folder, "one", OLD),
        |folder, over, point| {
            let all = kept(folder).unwrap();
            let gone = over.iter().any(|call| call == "unlink");
            assert_eq!(all.get("one").map(Vec::as_slice), (!gone).then_some(OLD), "{point:?}");
            goes_on(folder);
        },
    );
    let Some(calls) = calls else { return };
    assert_eq!(calls, ["mkdir", "unlink", "open", "fsync"], "the folder is synced");
}

#[test]
fn a_key_is_whole_or_not_there() {
    killed_everywhere(
        "key",
        |_| {},
        |folder, over, point| {
            let made = over.iter().any(|call| call == "rename");
            let mut found = FileKeys::open(folder).unwrap();
            assert_eq!(keys::sign(&mut found).is_ok(), made, "{point:?}");
            let public = found.public_key(&name("device")).unwrap();
            assert!(keys::trial(&mut found, public).is_ok(), "{point:?}");
            assert_eq!(files(folder), ["device"], "{point:?}");
        },
    );
}
