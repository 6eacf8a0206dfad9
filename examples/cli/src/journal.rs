//! The journal of this device: its store, and its key with the mark, both beside the enrolment and apart from each other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use kaigotap::link::Store as _;
use kaigotap::link::store::FileStore;
use kaigotap::message::Failure;
use kaigotap::visit::{Finding, JournalKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::enrolment::seed;
use crate::private_file;
use crate::report::{Report, Stop, note};

/// A journal that is open.
pub(crate) struct DeviceJournal {
    pub(crate) store: FileStore,
    file: PathBuf,
    written: Written,
}

/// The key as it is kept: a file for its owner only, outside the journal's folder.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    key: Zeroizing<String>,
    mark: u64,
}

impl DeviceJournal {
    /// That of the device that is enrolled with this file. Its key is made if there is none.
    pub(crate) fn open(enrolment: &Path) -> Result<Self, Stop> {
        let beside = |ending: &str| -> PathBuf {
            let mut name = enrolment.as_os_str().to_owned();
            name.push(ending);
            name.into()
        };
        let (folder, file) = (beside(".journal"), beside(".journal-key"));
        let mut store = FileStore::open(&folder).map_err(Failure::from)?;
        let written = match fs::read(&file).map(Zeroizing::new) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| unusable(&file, "not a key"))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Another key would open nothing of what is there.
                if !store.list().map_err(Failure::from)?.is_empty() {
                    return Err(unusable(&file, "missing"));
                }
                let key = Zeroizing::new(Base64::encode_string(&*seed()?));
                let written = Written { key, mark: 0 };
                write(&file, &written)?;
                written
            }
            Err(error) => return Err(unusable(&file, &error.to_string())),
        };
        Ok(Self { store, file, written })
    }

    /// Its key.
    pub(crate) fn key(&self) -> Result<JournalKey, Stop> {
        let secret = Base64::decode_vec(&self.written.key).map(Zeroizing::new);
        let secret = secret.map_err(|_| unusable(&self.file, "not a key"))?;
        Ok(JournalKey::new(&secret)?.at_least(self.written.mark))
    }

    /// It was written so often.
    pub(crate) fn marked(&mut self, mark: u64) -> Result<(), Stop> {
        if mark <= self.written.mark {
            return Ok(());
        }
        self.written.mark = mark;
        write(&self.file, &self.written)
    }
}

fn write(file: &Path, written: &Written) -> Result<(), Stop> {
    let text = serde_json::to_vec(written).map(Zeroizing::new);
    private_file::write(file, &text.map_err(|_| unusable(file, "no JSON"))?)
}

fn unusable(file: &Path, why: &str) -> Stop {
    Stop::input(
        "journal_key_unusable",
        format!("{}: {why}", file.display()),
        "See that the file is as this computer wrote it; without it nothing that waits can be read.",
    )
    .about(file.display())
}

/// Tells what was noticed of the store.
pub(crate) fn tell(findings: &[Finding], report: Report) {
    for finding in findings {
        let failure = Failure::from(*finding);
        note(&format!(
            "{} {}",
            failure.message(report.language),
            failure.next_action(report.language)
        ));
    }
}

/// The same for programs.
pub(crate) fn found(findings: &[Finding]) -> Value {
    findings.iter().map(|finding| json!(finding.code().as_str())).collect()
}
