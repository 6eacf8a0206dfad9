//! Folders and files that are not as they should be.

use std::fs;
use std::os::unix::fs::symlink;

use kaigotap::flow::StoreError;
use kaigotap::link::Store;
use kaigotap::link::store::FileStore;
use rstest::rstest;

use super::{Scratch, all, entry, files, keep, kept, mode, name, set_mode};

#[test]
fn an_entry_is_there_or_it_is_not() {
    let scratch = Scratch::new();
    let folder = scratch.folder();
    let mut store = FileStore::open(&folder).unwrap();
    assert_eq!(all(&mut store), Ok(Vec::new()));
    store.keep(&entry("one", b"first")).unwrap();
    store.keep(&entry("two", b"")).unwrap();
    store.keep(&entry("one", b"second")).unwrap();
    assert_eq!(kept(&folder).unwrap()["one"], b"second");
    // Another process, or the same one later.
    assert_eq!(kept(&folder).unwrap().len(), 2);
    // One is brought back without the others, and what is not there is left out.
    let asked = store.recall(&[name("two"), name("three")]).unwrap();
    assert_eq!(asked, [entry("two", b"")]);
    store.forget(&name("one")).unwrap();
    store.forget(&name("one")).unwrap();
    assert_eq!((kept(&folder).unwrap().len(), files(&folder)), (1, vec!["two".to_owned()]));
    // What has no name of an entry is none of ours.
    fs::write(folder.join("README.txt"), "hello").unwrap();
    assert_eq!(kept(&folder).unwrap().len(), 1);
}

#[test]
fn nobody_else_can_look_into_what_is_made() {
    let scratch = Scratch::new();
    keep(&scratch.folder(), "one", b"sealed");
    assert_eq!((mode(&scratch.folder()), mode(&scratch.folder().join("one"))), (0o700, 0o600));
    keep(&scratch.folder(), "one", b"sealed anew");
    assert_eq!(mode(&scratch.folder().join("one")), 0o600);
}

#[rstest]
fn a_folder_that_others_can_look_into_is_refused(
    #[values(0o755, 0o750, 0o701, 0o770, 0o777, 0o1777)] mode: u32,
) {
    let scratch = Scratch::new();
    fs::create_dir(scratch.folder()).unwrap();
    set_mode(&scratch.folder(), mode).unwrap();
    assert_eq!(FileStore::open(&scratch.folder()).err(), Some(StoreError::Denied));
}

#[test]
fn a_folder_that_is_missing_is_told_as_that() {
    let scratch = Scratch::new();
    assert_eq!(
        FileStore::open(&scratch.folder().join("below")).err(),
        Some(StoreError::Missing),
        "only the last folder is made"
    );
    let mut store = FileStore::open(&scratch.folder()).unwrap();
    fs::remove_dir(scratch.folder()).unwrap();
    assert_eq!(store.keep(&entry("one", b"sealed")), Err(StoreError::Missing));
    assert_eq!(store.forget(&name("one")), Err(StoreError::Missing));
    assert_eq!(store.list(), Err(StoreError::Missing));
    assert_eq!(store.recall(&[name("one")]), Err(StoreError::Missing));
}

#[test]
fn a_folder_that_is_none_is_refused() {
    let scratch = Scratch::new();
    fs::write(scratch.folder(), "a file").unwrap();
    assert_eq!(FileStore::open(&scratch.folder()).err(), Some(StoreError::Missing));
    // Nor is a link to one followed, whoever has laid it there.
    let (elsewhere, link) = (scratch.base().join("elsewhere"), scratch.base().join("link"));
    fs::create_dir(&elsewhere).unwrap();
    set_mode(&elsewhere, 0o700).unwrap();
    symlink(&elsewhere, &link).unwrap();
    assert_eq!(FileStore::open(&link).err(), Some(StoreError::Missing));
    assert!(files(&elsewhere).is_empty());
}

#[test]
fn links_are_not_followed() {
    let scratch = Scratch::new();
    let (folder, target) = (scratch.folder(), scratch.base().join("target"));
    fs::write(&target, "somebody's").unwrap();
    for (link, part) in [("one", false), ("one.part", true)] {
        keep(&folder, "two", b"two");
        symlink(&target, folder.join(link)).unwrap();
        // A link where an entry lies is not read as one.
        let recalled = kept(&folder).map(|all| all.len());
        assert_eq!(recalled, if part { Ok(1) } else { Err(StoreError::Failed) }, "{link}");
        keep(&folder, "one", b"sealed");
        assert_eq!(fs::read(&target).unwrap(), b"somebody's", "{link}");
        assert_eq!(kept(&folder).unwrap()["one"], b"sealed");
        assert_eq!(files(&folder), ["one", "two"]);
        FileStore::open(&folder).unwrap().forget(&name("one")).unwrap();
    }
    // Forgetting takes the link away, and not what it leads to.
    symlink(&target, folder.join("one")).unwrap();
    FileStore::open(&folder).unwrap().forget(&name("one")).unwrap();
    assert_eq!((fs::read(&target).unwrap().len(), files(&folder)), (10, vec!["two".to_owned()]));
}

#[test]
fn what_is_longer_than_an_entry_is_none() {
    let scratch = Scratch::new();
    keep(&scratch.folder(), "one", &vec![b'x'; 1024 * 1024]);
    assert_eq!(kept(&scratch.folder()).unwrap()["one"].len(), 1024 * 1024);
    fs::write(scratch.folder().join("one"), vec![b'x'; 1024 * 1024 + 1]).unwrap();
    assert_eq!(kept(&scratch.folder()), Err(StoreError::TooLong));
    fs::write(scratch.folder().join("one"), vec![b'x'; 3 * 1024 * 1024]).unwrap();
    assert_eq!(kept(&scratch.folder()), Err(StoreError::Failed));
}
