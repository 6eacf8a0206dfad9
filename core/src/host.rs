//! Whether an app answers as flows need it: its clocks, its store and its key, tried once before a nurse relies on them.

use crate::flow::{Entry, EntryName, Flow, Talk};
use crate::message::{Code, Failure};
pub use crate::platform::DeviceKey;
use crate::platform::PublicKey;

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
        if talk.recall(vec![name()?]).await? != [entry] {
            return Err(wrong("what was kept is not recalled"));
        }
    }
    if !talk.list().await?.contains(&name()?) {
        return Err(wrong("what was kept is not listed"));
    }
    for _ in 0..2 {
        // Forgetting what is not there is no fault either.
        talk.forget(name()?).await?;
    }
    if !talk.recall(vec![name()?]).await?.is_empty() {
        return Err(wrong("what was forgotten is recalled"));
    }
    let names = talk.list().await?;
    if names.contains(&name()?) {
        return Err(wrong("what was forgotten is listed"));
    }
    Ok(names.len())
}

async fn check_key(talk: &Talk, key: &DeviceKey) -> Result<(), Failure> {
    const MESSAGE: &[u8] = b"kaigotap: is this key here?";
    // What it is verified with is looked at last: that the key is gone is told first.
    let signature = talk.sign(&key.name, MESSAGE.to_vec()).await?;
    let public = PublicKey::of_point(&key.public);
    if public.is_some_and(|public| public.verifies(MESSAGE, &signature)) {
        Ok(())
    } else {
        Err(Failure::new(Code::DeviceKeyFailed).with_detail("another key has signed"))
    }
}
