//! `kaigotap check`: whether this machine keeps entries, signs and tells the time as conversations need it.

use std::path::Path;

use kaigotap::flow::{EntryName, SignError};
use kaigotap::host::{self, DeviceKey, HostReport};
use kaigotap::link::device_key::FileKeys;
use kaigotap::link::store::FileStore;
use kaigotap::link::{Drivers, NoCard, NoHttp, NoScreen, run as drive};
use kaigotap::message::Failure;
use serde_json::json;

use crate::arguments::Check;
use crate::private_file;
use crate::report::{Report, Stop};

/// The key of this device.
const KEY: &str = "device";

pub(crate) fn run(command: &Check, report: Report) -> Result<(), Stop> {
    let scratch = match &command.store {
        Some(_) => None,
        None => Some(tempfile::tempdir().map_err(|error| no_place(&std::env::temp_dir(), &error))?),
    };
    let folder = command.store.as_deref().or(scratch.as_ref().map(tempfile::TempDir::path));
    let folder = folder.unwrap_or(Path::new("."));
    private_file::folder(folder)?;
    let HostReport { entries, signs, .. } = check(folder)?;
    let kept = match (entries, &command.store) {
        (0, None) => String::new(),
        (count, _) => format!("{} {count}", report.text("Entries in it:", "記録の件数：")),
    };
    for (what, how) in [
        (
            report.text("Store ", "保存    "),
            report.text("keeps, replaces and forgets.", "保存・置換・削除ができます。"),
        ),
        (report.text("Key   ", "鍵      "), report.text("signs.", "署名ができます。")),
        (report.text("Clocks", "時計    "), report.text("go forward.", "正しく進んでいます。")),
    ] {
        report.line(format!("{what}  {how}"));
    }
    if !kept.is_empty() {
        report.line(kept);
    }
    report.object(&json!({
        "outcome": "good",
        "entries": entries,
        "signs": signs,
        "store": command.store,
    }));
    Ok(())
}

fn check(folder: &Path) -> Result<HostReport, Stop> {
    let mut store = FileStore::open(&folder.join("entries")).map_err(Failure::from)?;
    // Where there is no key for this reason or that, there is none to sign with.
    let failed = |_| Failure::from(SignError::Failed);
    let mut keys = FileKeys::open(&folder.join("keys")).map_err(failed)?;
    let name = EntryName::parse(KEY).ok_or(SignError::Gone).map_err(Failure::from)?;
    let public = keys.public_key(&name).map_err(failed)?;
    let (mut card, mut http, mut screen) = (NoCard, NoHttp, NoScreen);
    let mut drivers =
        Drivers::new(&mut card, &mut http, &mut screen).with_key(&mut keys).with_store(&mut store);
    Ok(drive(host::check(Some(DeviceKey::new(KEY, public))), &mut drivers)??)
}

fn no_place(folder: &Path, error: &std::io::Error) -> Stop {
    Stop::input(
        "file_not_written",
        format!("{}: {error}", folder.display()),
        "Give a folder: --store FOLDER.",
    )
}
