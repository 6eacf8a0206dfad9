//! Keys of the device as files.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;

use kaigotap::flow::{Flow, Reply, Request, SignError};
use kaigotap::host::{self, HostReport};
use kaigotap::link::device_key::FileKeys;
use kaigotap::link::store::FileStore;
use kaigotap::link::{DeviceKey, Drivers, Host, NoCard, NoHttp, NoScreen, run};
use kaigotap::message::{Code, Failure};

use super::{Scratch, files, kept, mode, name, set_mode};

/// Has the key sign what a trial of the host has it sign, and says what came of it.
pub(super) fn trial(keys: &mut FileKeys, public: Vec<u8>) -> Result<HostReport, Failure> {
    let scratch = Scratch::new();
    let mut store = FileStore::open(&scratch.folder()).unwrap();
    let (mut card, mut screen) = (NoCard, NoScreen);
    let mut http = NoHttp;
    let mut host =
        Drivers::new(&mut card, &mut http, &mut screen).with_key(keys).with_store(&mut store);
    let outcome =
        run(host::check(Some(host::DeviceKey::new("device", public))), &mut host).unwrap();
    assert!(kept(&scratch.folder()).unwrap().is_empty());
    outcome
}

#[test]
fn a_key_is_made_once_and_signs() {
    let scratch = Scratch::new();
    let mut keys = FileKeys::open(&scratch.folder()).unwrap();
    let public = keys.public_key(&name("device")).unwrap();
    assert_eq!((public.len(), public[0]), (65, 4));
    let report = trial(&mut keys, public.clone()).unwrap();
    assert!(report.signs && report.entries == 0);
    let mut again = FileKeys::open(&scratch.folder()).unwrap();
    assert_eq!(again.public_key(&name("device")).unwrap(), public);
    assert!(trial(&mut again, public).is_ok());
    assert_eq!(
        (files(&scratch.folder()), mode(&scratch.folder())),
        (vec!["device".to_owned()], 0o700)
    );
    assert_eq!(mode(&scratch.folder().join("device")), 0o600);
    // Another one has another key, and is found out.
    let other = keys.public_key(&name("other")).unwrap();
    assert_eq!(trial(&mut keys, other).unwrap_err().code(), Code::DeviceKeyFailed);
}

#[test]
fn a_key_that_is_not_there_is_gone_and_another_is_not_made_unasked() {
    let scratch = Scratch::new();
    let mut keys = FileKeys::open(&scratch.folder()).unwrap();
    let public = keys.public_key(&name("device")).unwrap();
    let file = scratch.folder().join("device");
    for damaged in [&b""[..], b"no key", &[0x30; 200]] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(sign(&mut keys), Err(SignError::Failed));
        assert!(keys.public_key(&name("device")).is_err(), "nor is it replaced");
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(sign(&mut keys), Err(SignError::Gone));
    assert_eq!(trial(&mut keys, public).unwrap_err().code(), Code::DeviceKeyGone);
    assert!(files(&scratch.folder()).is_empty());
    // A link to somebody's key is not one of ours.
    let elsewhere = scratch.base().join("elsewhere");
    fs::write(&elsewhere, "somebody's").unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert_eq!(sign(&mut keys), Err(SignError::Failed));
    assert_eq!(fs::read(elsewhere).unwrap(), b"somebody's");
}

#[test]
fn keys_in_a_folder_for_everybody_are_refused() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.folder()).unwrap();
    set_mode(&scratch.folder(), 0o755).unwrap();
    let error = FileKeys::open(&scratch.folder()).err().map(|error| error.kind());
    assert_eq!(error, Some(ErrorKind::PermissionDenied));
}

/// A signature, through the request that a flow makes.
pub(super) fn sign(keys: &mut FileKeys) -> Result<Vec<u8>, SignError> {
    struct Signs<'a>(&'a mut FileKeys, Option<Result<Vec<u8>, SignError>>);

    impl Host for Signs<'_> {
        fn answer(&mut self, request: Request) -> Option<Reply> {
            Some(match request {
                Request::Sign(to_sign) => {
                    self.1 = Some(self.0.sign(&to_sign));
                    return None;
                }
                Request::Clock => Reply::Clock(kaigotap::link::now()),
                Request::Keep(entry) => {
                    KEPT.set(vec![entry]);
                    Reply::Keep(Ok(()))
                }
                Request::Forget(_) => {
                    KEPT.set(Vec::new());
                    Reply::Forget(Ok(()))
                }
                Request::List => Reply::List(Ok(
                    KEPT.with_borrow(|kept| kept.iter().map(|e| e.name.clone()).collect())
                )),
                Request::Recall(_) => Reply::Recall(Ok(KEPT.with_borrow(Clone::clone))),
                other => unreachable!("{other:?}"),
            })
        }
    }

    thread_local! {
        static KEPT: std::cell::RefCell<Vec<kaigotap::flow::Entry>> =
            const { std::cell::RefCell::new(Vec::new()) };
    }
    let flow: Flow<Result<HostReport, Failure>> =
        host::check(Some(host::DeviceKey::new("device", vec![4; 65])));
    let mut signs = Signs(keys, None);
    let _ = run(flow, &mut signs);
    signs.1.unwrap()
}
