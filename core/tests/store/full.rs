//! A disk on which no room is left: a small file system in memory, mounted where only a child sees it.

use std::io;
use std::path::Path;
use std::process::Command;

use kaigotap::flow::StoreError;
use kaigotap::link::Store;
use kaigotap::link::device_key::FileKeys;
use kaigotap::link::store::FileStore;

use super::{Scratch, child, entry, files, has_parts, kept, name};

/// Mounts 256 KiB on the folder and goes on as what follows.
const MOUNTED: &str =
    r#"mount -t tmpfs -o size=256k,mode=0700 tmpfs "$STORE_FOLDER" && exec "$0" "$@""#;

#[test]
fn a_full_disk_keeps_what_it_has() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.folder()).unwrap();
    let unshare = ["unshare", "--user", "--map-root-user", "--mount"];
    let mut trial = Command::new(unshare[0]);
    trial.args(&unshare[1..]).args(["sh", "-c", MOUNTED, "true"]);
    let allowed = trial.env("STORE_FOLDER", scratch.folder()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        println!("skipped: this system mounts nothing for a test");
        return;
    }
    let before = [&unshare[..], &["sh", "-c", MOUNTED]].concat();
    let output = child::command(&before, "fill", &scratch.folder()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}");
    assert_eq!(child::said(&output).as_deref(), Some("Ok(())"), "{shown}");
    assert!(files(&scratch.folder()).is_empty(), "it was seen by the child only");
}

/// What the child does there.
pub(super) fn fill(folder: &Path) {
    let mut store = FileStore::open(folder).unwrap();
    store.keep(&entry("first", &[b'1'; 1_000])).unwrap();
    let mut more = 0;
    let full = loop {
        match store.keep(&entry(&format!("more-{more}"), &vec![b'm'; 40_000])) {
            Ok(()) => more += 1,
            Err(error) => break error,
        }
    };
    assert!(full == StoreError::Full && (4..7).contains(&more), "{full:?} after {more}");
    // In place of another there is no room either, and the other stays.
    assert_eq!(store.keep(&entry("first", &vec![b'2'; 100_000])), Err(StoreError::Full));
    assert!(!has_parts(folder), "{:?}", files(folder));
    let all = kept(folder).unwrap();
    assert_eq!((all.len(), all["first"].as_slice()), (more + 1, &[b'1'; 1_000][..]));
    assert!(all.iter().filter(|(name, _)| *name != "first").all(|(_, m)| m.len() == 40_000));
    // A key is not half made.
    store.keep(&entry("filler", &vec![b'f'; room(folder)])).unwrap();
    let mut keys = FileKeys::open(folder).unwrap();
    let error = keys.public_key(&name("device")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(!files(folder).iter().any(|file| file.starts_with("device")));
    // With room again it goes on.
    store.forget(&name("more-0")).unwrap();
    store.keep(&entry("first", &[b'2'; 10_000])).unwrap();
    assert_eq!(kept(folder).unwrap()["first"], [b'2'; 10_000]);
    assert_eq!(keys.public_key(&name("device")).unwrap().len(), 65);
}

/// How much one more file can hold: what is left, in whole pages.
fn room(folder: &Path) -> usize {
    let probe = folder.join("probe");
    let mut room = 0;
    while std::fs::write(&probe, vec![0; room + 4_096]).is_ok() {
        room += 4_096;
    }
    std::fs::remove_file(probe).unwrap();
    room
}
