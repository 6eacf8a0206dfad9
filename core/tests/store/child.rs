//! This program again, as a process of its own that does one thing with a folder.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kaigotap::link::Store;
use kaigotap::link::device_key::FileKeys;
use kaigotap::link::store::FileStore;

use super::{all, entry, full, name};

/// What a child keeps in place of what was there.
pub(super) const NEW: &[u8] = &[b'n'; 10_000];

const ACT: &str = "STORE_ACT";
const FOLDER: &str = "STORE_FOLDER";

/// The child that does this. A program before it, such as `setpriv`, may change how it runs.
pub(super) fn command(before: &[&str], act: &str, folder: &Path) -> Command {
    of(&env::current_exe().unwrap(), before, act, folder)
}

/// The same of a copy of this program.
pub(super) fn of(program: &Path, before: &[&str], act: &str, folder: &Path) -> Command {
    let mut command = match before {
        [] => Command::new(program),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    };
    command.args(["--exact", "child::child", "--nocapture", "--test-threads=1"]);
    command.env(ACT, act).env(FOLDER, folder);
    command
}

/// What a child said, `None` if it did not come to say anything.
pub(super) fn said(output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| Some(line.split_once("says ")?.1.to_owned()))
}

/// Not a test, but what a child does.
#[test]
fn child() {
    let (Ok(act), Some(folder)) = (env::var(ACT), env::var_os(FOLDER).map(PathBuf::from)) else {
        return;
    };
    let store = || FileStore::open(&folder);
    let says = match act.as_str() {
        "keep" => format!("{:?}", store().and_then(|mut store| store.keep(&entry("one", NEW)))),
        "forget" => format!("{:?}", store().and_then(|mut store| store.forget(&name("one")))),
        "list" => format!("{:?}", store().and_then(|mut store| store.list()).map(|all| all.len())),
        "recall" => {
            format!("{:?}", store().and_then(|mut store| all(&mut store)).map(|all| all.len()))
        }
        "read" => format!("{:?}", std::fs::read(folder.join("one")).map_err(|error| error.kind())),
        "key" => {
            let key = FileKeys::open(&folder).and_then(|mut keys| keys.public_key(&name("device")));
            format!("{:?}", key.map(|key| key.len()).map_err(|error| error.kind()))
        }
        "fill" => {
            full::fill(&folder);
            "Ok(())".to_owned()
        }
        other => panic!("{other}"),
    };
    println!("says {says}");
}
