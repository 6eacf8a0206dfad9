//! Another user of the same machine. To become one takes root; where this runs as somebody else, it says so.

use std::fs;
use std::path::{Path, PathBuf};

use kaigotap::flow::StoreError;
use kaigotap::link::Store;
use kaigotap::link::device_key::FileKeys;
use kaigotap::link::store::FileStore;

use super::{Scratch, child, entry, keep, kept, name, set_mode};

/// The user `nobody`, who is in no group.
const NOBODY: [&str; 4] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/// A copy of this program that everybody may run, in a place that everybody may look into.
fn program(scratch: &Scratch) -> Option<PathBuf> {
    set_mode(scratch.base(), 0o755).unwrap();
    let copy = scratch.base().join("program");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    set_mode(&copy, 0o755).unwrap();
    let nowhere = scratch.base().join("nowhere");
    let tried = child::of(&copy, &NOBODY, "recall", &nowhere).output().ok()?;
    let became = child::said(&tried).is_some();
    if !became {
        println!("skipped: only root becomes another user");
    }
    became.then_some(copy)
}

fn as_nobody(program: &Path, act: &str, folder: &Path) -> String {
    let output = child::of(program, &NOBODY, act, folder).output().unwrap();
    child::said(&output).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn another_user_reads_nothing_and_changes_nothing() {
    let scratch = Scratch::new();
    let Some(program) = program(&scratch) else { return };
    keep(&scratch.folder(), "one", b"sealed");
    assert_eq!(as_nobody(&program, "read", &scratch.folder()), "Err(PermissionDenied)");
    for act in ["list", "recall", "keep", "forget"] {
        assert_eq!(as_nobody(&program, act, &scratch.folder()), "Err(Denied)", "{act}");
    }
    assert!(as_nobody(&program, "key", &scratch.folder()).starts_with("Err("));
    assert_eq!(kept(&scratch.folder()).unwrap()["one"], b"sealed");
    // The other way round it would be read: the test can fail.
    set_mode(&scratch.folder(), 0o755).unwrap();
    set_mode(&scratch.folder().join("one"), 0o644).unwrap();
    assert!(as_nobody(&program, "read", &scratch.folder()).starts_with("Ok("));
}

#[test]
fn where_nothing_may_be_made_it_is_denied() {
    let scratch = Scratch::new();
    let Some(program) = program(&scratch) else { return };
    // A folder may not be made in one of root's.
    assert_eq!(as_nobody(&program, "keep", &scratch.folder()), "Err(Denied)");
    assert!(!scratch.folder().exists());
    // In one's own that is read-only, what is there can be read.
    keep(&scratch.folder(), "one", b"sealed");
    for path in [scratch.folder(), scratch.folder().join("one")] {
        std::os::unix::fs::chown(&path, Some(65534), Some(65534)).unwrap();
    }
    set_mode(&scratch.folder(), 0o500).unwrap();
    assert_eq!(as_nobody(&program, "recall", &scratch.folder()), "Ok(1)");
    assert_eq!(as_nobody(&program, "keep", &scratch.folder()), "Err(Denied)");
    assert_eq!(as_nobody(&program, "forget", &scratch.folder()), "Err(Denied)");
    set_mode(&scratch.folder(), 0o700).unwrap();
    assert_eq!(as_nobody(&program, "keep", &scratch.folder()), "Ok(())");
}

/// Where somebody else may write, an entry could be anybody's; root's own folder is not somebody else's.
#[test]
fn a_folder_of_another_user_is_not_used() {
    let scratch = Scratch::new();
    let Some(program) = program(&scratch) else { return };
    keep(&scratch.folder(), "one", b"sealed");
    let given_to = |user| std::os::unix::fs::chown(scratch.folder(), Some(user), None).unwrap();
    // This user may read it, being root, and must not.
    given_to(65534);
    assert_eq!(kept(&scratch.folder()), Err(StoreError::Denied));
    assert!(FileKeys::open(&scratch.folder()).is_err());
    // Its owner uses it, and no third one.
    std::os::unix::fs::chown(scratch.folder().join("one"), Some(65534), None).unwrap();
    assert_eq!(as_nobody(&program, "recall", &scratch.folder()), "Ok(1)");
    given_to(65533);
    assert_eq!(as_nobody(&program, "recall", &scratch.folder()), "Err(Denied)");
    assert_eq!(kept(&scratch.folder()), Err(StoreError::Denied));
    given_to(0);
    assert_eq!(kept(&scratch.folder()).unwrap()["one"], b"sealed");
}

/// The same without becoming anybody, for those who are not root; root may do anything.
#[test]
fn a_read_only_folder_is_denied() {
    let scratch = Scratch::new();
    let mut store = FileStore::open(&scratch.folder()).unwrap();
    set_mode(&scratch.folder(), 0o500).unwrap();
    if fs::write(scratch.folder().join("probe"), "").is_ok() {
        println!("skipped: root writes anywhere");
        return;
    }
    assert_eq!(store.keep(&entry("one", b"sealed")), Err(StoreError::Denied));
    assert_eq!(store.forget(&name("one")), Ok(()), "nothing was there");
    set_mode(&scratch.folder(), 0o700).unwrap();
}
