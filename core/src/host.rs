//! Whether an app answers as flows need it: its clocks, its store and its key, tried once before a nurse relies on them.

use std::fmt;

use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use crate::flow::{Entry, EntryName, Flow, Talk};
use crate::message::{Code, Failure};

/// A key of the device, and what its signatures are verified with.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceKey {
    /// The name under which the device keeps it.
    pub name: String,
    /// The public key: an uncompressed point on P-256, 65 bytes (SEC 1 §2.3.3).
    pub public: Vec<u8>,
}

impl DeviceKey {
    /// A key of this name.
    pub fn new(name: impl Into<String>, public: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), public: public.into() }
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

/// What was found of a host that answers as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostReport {
    /// How many entries it keeps; nothing was changed about them.
    pub entries: usize,
    /// Whether a key was tried.
    pub signs: bool,
}

/// Tries the host: keeps an entry, keeps another in its place, forgets it, and looks each time what is there; has the key,
/// where one is given, sign; and reads the clocks before and after. The first fault is the outcome.
///
/// That an entry survives a power cut cannot be seen from here: `docs/architecture.md` says what a store has to do.
pub fn check(key: Option<DeviceKey>) -> Flow<Result<HostReport, Failure>> {
    Flow::new(move |talk| async move {
        let before = talk.clock().await;
        let entries = check_store(&talk).await?;
        if let Some(key) = &key {
            check_key(&talk, key).await?;
        }
        if talk.clock().await.monotonic < before.monotonic {
            return Err(Code::DeviceClockInvalid.into());
        }
        Ok(HostReport { entries, signs: key.is_some() })
    })
}

/// The entry that is kept and forgotten.
const TRIED: &str = "host-check";

async fn check_store(talk: &Talk) -> Result<usize, Failure> {
    let name = || EntryName::parse(TRIED).ok_or(Code::InternalError);
    let wrong = |what| Failure::new(Code::StoreFailed).with_detail(what);
    for content in [&b"first"[..], b"second, in place of the first"] {
        let entry = Entry::new(name()?, content.to_vec()).map_err(Failure::from)?;
        talk.keep(entry.clone()).await?;
        if !talk.recall().await?.contains(&entry) {
            return Err(wrong("what was kept is not recalled"));
        }
    }
    for _ in 0..2 {
        // Forgetting what is not there is no fault either.
        talk.forget(name()?).await?;
    }
    let entries = talk.recall().await?;
    if entries.iter().any(|entry| entry.name.as_str() == TRIED) {
        return Err(wrong("what was forgotten is recalled"));
    }
    Ok(entries.len())
}

async fn check_key(talk: &Talk, key: &DeviceKey) -> Result<(), Failure> {
    const MESSAGE: &[u8] = b"kaigotap: is this key here?";
    let signature = talk.sign(&key.name, MESSAGE.to_vec()).await?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.public)
        .verify(MESSAGE, &signature)
        .map_err(|_| Failure::new(Code::DeviceKeyFailed).with_detail("another key has signed"))
}
