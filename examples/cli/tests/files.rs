//! What the command writes may be personal: it is its owner's, and goes where it is told to and nowhere else.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Runs the command with these lines on its standard input.
fn run(arguments: &[&str], typed: &str) -> Output {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kaigotap"));
    command.timeout(Duration::from_mins(1)).args(arguments).write_stdin(typed).output().unwrap()
}

/// A command that writes a file there.
fn written(what: &str, file: &str) -> Output {
    let simulator = ["--reader", "simulator", "--json", "--pin-fd", "0"];
    let certificate = ["card", "certificate", "--purpose", "signature"];
    match what {
        "certificate" => {
            run(&[&certificate[..], &simulator, &["--out", file]].concat(), "ABC123\n")
        }
        "transcript" => {
            run(&[&certificate[..], &simulator, &["--record", file]].concat(), "ABC123\n")
        }
        "enrolment" => {
            let mut sandbox = Command::new(env!("CARGO_BIN_EXE_kaigotap"));
            sandbox.args(["sandbox", "--listen", "127.0.0.1:0", "--json", "--enrolment", file]);
            let mut sandbox =
                sandbox.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let mut said = String::new();
            let mut out = std::io::BufReader::new(sandbox.stdout.take().unwrap());
            // It has written the file when it says that it listens; or it has stopped.
            while !said.contains("listening")
                && std::io::BufRead::read_line(&mut out, &mut said).unwrap() > 0
            {}
            let _ = Command::new("kill").arg(sandbox.id().to_string()).status();
            sandbox.wait_with_output().unwrap()
        }
        other => panic!("{other}"),
    }
}

const ALL: [&str; 3] = ["certificate", "transcript", "enrolment"];

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_written_is_for_its_owner_only() {
    let folder = TempDir::new().unwrap();
    for what in ALL {
        let file = folder.path().join(what);
        let _ = written(what, file.to_str().unwrap());
        assert_eq!(mode(&file), 0o600, "{what}");
        // One that was there and was everybody's is replaced.
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        let _ = written(what, file.to_str().unwrap());
        assert_eq!(mode(&file), 0o600, "{what}");
    }
    let keys = "enrolment.keys";
    assert_eq!(names(folder.path()), ["certificate", "enrolment", keys, "transcript"]);
    assert_eq!(mode(&folder.path().join(keys)), 0o700);
}

#[test]
fn the_pictures_of_a_card_are_for_their_owner_only() {
    let folder = TempDir::new().unwrap();
    let face = folder.path().join("face");
    let arguments = ["card", "face", "--reader", "simulator", "--json", "--pin-fd", "0", "--out"];
    let out = run(&[&arguments[..], &[face.to_str().unwrap()]].concat(), "16050320350503\n");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    assert_eq!(mode(&face), 0o700);
    assert_eq!(names(&face).len(), 5);
    for name in names(&face) {
        assert_eq!(mode(&face.join(&name)), 0o600, "{name}");
    }
}

#[test]
fn a_link_is_replaced_and_not_followed() {
    let folder = TempDir::new().unwrap();
    for what in ALL {
        let (target, link) = (folder.path().join("target"), folder.path().join(what));
        fs::write(&target, "somebody's").unwrap();
        symlink(&target, &link).unwrap();
        let _ = written(what, link.to_str().unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"somebody's", "{what}");
        assert!(fs::symlink_metadata(&link).unwrap().is_file(), "{what}");
        // One that leads nowhere yet makes nothing there.
        let nowhere = folder.path().join("nowhere");
        fs::remove_file(&link).unwrap();
        symlink(&nowhere, &link).unwrap();
        let _ = written(what, link.to_str().unwrap());
        assert!(!nowhere.exists(), "{what}");
    }
}

/// A folder, a pipe or a device is not replaced by a file; and what was written beside is gone.
#[test]
fn what_is_no_file_stays_and_nothing_is_left_beside() {
    let folder = TempDir::new().unwrap();
    let (inner, pipe) = (folder.path().join("inner"), folder.path().join("pipe"));
    fs::create_dir(&inner).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for what in ALL {
        for place in [&inner, &pipe] {
            let out = written(what, place.to_str().unwrap());
            assert_eq!(out.status.code(), Some(2), "{what} {}", place.display());
            assert_eq!(names(folder.path()), ["inner", "pipe"], "{what}");
        }
        assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo(), "{what}");
        let nowhere = folder.path().join("nowhere/file");
        assert_eq!(written(what, nowhere.to_str().unwrap()).status.code(), Some(2), "{what}");
    }
}

#[test]
fn an_enrolment_that_others_may_write_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("visit.json");
    let enrolment = file.to_str().unwrap();
    let _ = written("enrolment", enrolment);
    let visit = || {
        let visit = ["visit", "--enrolment", enrolment, "--reader", "simulator"];
        let out = run(&[&visit[..], &["--face-confirmed", "--pin-fd", "0"]].concat(), "1234\n");
        (out.status.code(), String::from_utf8(out.stderr).unwrap())
    };
    for mode in [0o666, 0o620, 0o602] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let (code, told) = visit();
        assert!(
            told.ends_with("Code: enrolment_not_private\n") && told.contains("chmod 600"),
            "{told}"
        );
        assert_eq!(code, Some(2));
    }
    // The sandbox has stopped; that is as far as an enrolment of one's own leads.
    for mode in [0o600, 0o400, 0o644] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        assert!(visit().1.ends_with("Code: server_unreachable\n"), "{mode:o}");
    }
}

#[test]
fn this_machine_is_tried() {
    let folder = TempDir::new().unwrap();
    let store = folder.path().join("device");
    let check = |more: &[&str]| {
        let out = run(&[&["check", "--store", store.to_str().unwrap()], more].concat(), "");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (out.status.code(), text(out.stdout), text(out.stderr))
    };
    let (code, out, _) = check(&["--json"]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["outcome"], &told["signs"]), (Some(0), &"good".into(), &true.into()));
    assert_eq!(
        (mode(&store), names(&store)),
        (0o700, vec!["entries".to_owned(), "keys".to_owned()])
    );
    assert!(names(&store.join("entries")).is_empty());
    let key = fs::read(store.join("keys/device")).unwrap();
    // An entry that was there stays, and so does the key.
    fs::write(store.join("entries/visit-1"), "sealed").unwrap();
    let (code, out, _) = check(&[]);
    assert!(code == Some(0) && out.contains("Entries in it: 1"), "{out}");
    let (_, out, _) = check(&["--lang", "ja"]);
    assert!(out.contains("署名ができます") && out.contains("記録の件数： 1"), "{out}");
    assert_eq!(fs::read(store.join("entries/visit-1")).unwrap(), b"sealed");
    assert_eq!(fs::read(store.join("keys/device")).unwrap(), key);
    // Not where others can look in, and not with something else in the place of the key.
    fs::set_permissions(store.join("entries"), fs::Permissions::from_mode(0o755)).unwrap();
    let (code, _, told) = check(&[]);
    assert!(code == Some(17) && told.ends_with("Code: store_denied\n"), "{told}");
    fs::set_permissions(store.join("entries"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(store.join("keys/device"), "no key").unwrap();
    let (code, _, told) = check(&[]);
    assert!(code == Some(17) && told.ends_with("Code: device_key_failed\n"), "{told}");
    assert_eq!(run(&["check"], "").status.code(), Some(0), "without a folder, for a trial");
}
