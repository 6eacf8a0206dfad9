//! What was done without coverage and waits to be sent, sealed, on [`Request::Keep`](crate::flow::Request::Keep) and its
//! kin.
//!
//! A head and numbered entries. An entry is kept first and then the head that counts it, so that a device which dies
//! between the two has one entry that the head does not know of: it is adopted. Where sending is over, the result takes the
//! entry's place first, and then the head says so. What the head says was over is never sent again, whatever lies there.
//!
//! How often the head was written is its counter, and the host keeps it as a mark beside the key: an older copy that is put
//! back is known by it.

mod entry;
mod finding;
mod head;
mod key;
mod names;
mod open;
mod seal;
#[cfg(test)]
pub(super) mod tests;
mod verify;

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

pub(crate) use entry::{Ended, Kept, Sent, Waiting, What, staff};
pub use finding::Finding;
use head::{Beside, Head};
pub use key::JournalKey;
use seal::{Sealer, Unsealed};
pub use verify::{JournalReport, verify_journal};

use crate::flow::{Entry, EntryName, MOST_RECALLED, Talk};
use crate::message::{Code, Failure};
use crate::platform::Entropy;

/// The counter of an entry that waits, and that of a result.
const WAITING: u64 = 0;
const ENDED: u64 = 1;

/// The journal of this device, open.
pub(crate) struct Journal<'a> {
    talk: &'a Talk,
    entropy: Entropy,
    sealer: Sealer,
    head: Head,
    /// How often the head was written.
    counter: u64,
    /// The entries that are on the disk.
    present: BTreeSet<u64>,
    /// Whether the head here knows more than the one on the disk.
    behind: bool,
    /// What is to be forgotten once the head on the disk knows of it.
    stale: BTreeSet<EntryName>,
}

impl Journal<'_> {
    /// How often the head was written: the host's mark, which it keeps beside the key and never lowers.
    pub(crate) fn mark(&self) -> u64 {
        self.counter
    }

    /// The number of the next entry.
    pub(crate) fn next(&self) -> u64 {
        self.head.next
    }

    /// How many times in a row sending has failed.
    pub(crate) fn failures(&self) -> u32 {
        self.head.failures
    }

    /// The numbers whose sending is not over, in order.
    pub(crate) fn waiting(&self) -> Vec<u64> {
        let numbers = self.present.range(..self.head.next).copied();
        numbers.filter(|number| !self.head.ended.contains(*number)).collect()
    }

    /// The numbers whose sending is over and that are still there, in order: their makers were not told yet.
    pub(crate) fn ended(&self) -> Vec<u64> {
        let numbers = self.present.range(..self.head.next).copied();
        numbers.filter(|number| self.head.ended.contains(*number)).collect()
    }

    /// What is kept under these numbers, at most 64, in their order. One that waits no more because a device died before it
    /// could say so is counted among those that are over from here on.
    pub(crate) async fn read(
        &mut self,
        numbers: &[u64],
    ) -> Result<Vec<(u64, Result<Kept, Finding>)>, Failure> {
        if numbers.len() > MOST_RECALLED {
            return Err(Failure::new(Code::InternalError).with_detail("too many at once"));
        }
        let names = numbers.iter().map(|number| names::entry(*number)).collect::<Result<_, _>>()?;
        let entries = self.talk.recall(names).await?;
        let mut read = Vec::new();
        for &number in numbers {
            let name = names::entry(number)?;
            let entry = entries.iter().find(|entry| entry.name == name);
            if let Some(kept) = self.judged(number, entry) {
                read.push((number, kept));
            }
        }
        Ok(read)
    }

    /// Takes a new entry, under the number that is given back. It is on the disk then.
    pub(crate) async fn append(&mut self, waiting: &Waiting) -> Result<u64, Failure> {
        // No more than one entry may be ahead of the head.
        if self.behind {
            self.save().await?;
        }
        let mut number = self.head.next;
        // What lies there and was never counted is somebody else's: it is not written over.
        while self.present.contains(&number) {
            self.head.ended.insert(number);
            number = number.saturating_add(1);
            self.head.next = number;
        }
        let name = names::entry(number)?;
        let next = number.checked_add(1).ok_or(Code::InternalError)?;
        self.keep(name.clone(), WAITING, waiting).await?;
        self.head.next = next;
        self.present.insert(number);
        if let Err(failure) = self.save().await {
            // It was not taken, so it must not be found.
            self.head.next = number;
            self.present.remove(&number);
            let _ = self.talk.forget(name).await;
            return Err(failure);
        }
        Ok(number)
    }

    /// Puts a result in the place of what waited.
    pub(crate) async fn end(&mut self, number: u64, result: &Ended) -> Result<(), Failure> {
        if number >= self.head.next || self.head.ended.contains(number) {
            return Err(Failure::new(Code::InternalError).with_detail("nothing waits there"));
        }
        self.keep(names::entry(number)?, ENDED, result).await?;
        self.present.insert(number);
        self.head.ended.insert(number);
        self.behind = true;
        self.save().await
    }

    /// Forgets a result whose maker was told, or what is lost: an entry that is missing or does not open. What waits is
    /// not forgotten.
    pub(crate) async fn forget(&mut self, number: u64) -> Result<(), Failure> {
        if number < self.head.next && !self.head.ended.contains(number) {
            for (_, kept) in self.read(&[number]).await? {
                if let Ok(Kept::Waiting(_)) = kept {
                    return Err(Failure::new(Code::InternalError).with_detail("it waits"));
                }
            }
            self.head.ended.insert(number);
            self.behind = true;
        }
        // The head first: what it does not know to be over may not be gone.
        if self.behind {
            self.save().await?;
        }
        self.talk.forget(names::entry(number)?).await?;
        self.present.remove(&number);
        Ok(())
    }

    /// Counts a sending that failed.
    pub(crate) async fn failed(&mut self) -> Result<(), Failure> {
        self.head.failures = self.head.failures.saturating_add(1);
        self.save().await
    }

    /// A sending has not failed: the count begins anew.
    pub(crate) async fn succeeded(&mut self) -> Result<(), Failure> {
        if self.head.failures == 0 {
            return Ok(());
        }
        self.head.failures = 0;
        self.save().await
    }

    /// The server knows all numbers below this one. Where that is more than were given here, an older copy was put back:
    /// no number is given a second time, and what is kept beside the entries is not used again.
    pub(crate) async fn server_knows(&mut self, next: u64) -> Result<Option<Finding>, Failure> {
        if next <= self.head.next {
            return Ok(None);
        }
        if names::entry(next).is_err() {
            return Err(Failure::new(Code::ServerAnswerInvalid).with_detail("number of entries"));
        }
        self.head.ended.insert_all(self.head.next, next);
        self.head.next = next;
        // No number above the mark was ever given: so it stays.
        self.counter = self.counter.max(next);
        self.drop_beside();
        self.save().await?;
        Ok(Some(Finding::RolledBack))
    }

    /// Keeps something beside the entries. It is on the disk when this returns, and an older one of its name opens no more.
    pub(crate) async fn put<T: Serialize>(
        &mut self,
        name: &EntryName,
        value: &T,
    ) -> Result<(), Failure> {
        if !names::is_beside(name) {
            return Err(Failure::new(Code::InternalError).with_detail("no name of its kind"));
        }
        let counter = self.counter.checked_add(1).ok_or(Code::InternalError)?;
        self.keep(name.clone(), counter, value).await?;
        self.head.beside.insert(name.as_str().to_owned(), Beside { counter, there: true });
        self.stale.remove(name);
        self.behind = true;
        self.save().await
    }

    /// What is kept beside the entries under these names, at most 64; what was never put, or was removed, is left out.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        names: &[EntryName],
    ) -> Result<Vec<(EntryName, Result<T, Finding>)>, Failure> {
        if names.len() > MOST_RECALLED {
            return Err(Failure::new(Code::InternalError).with_detail("too many at once"));
        }
        let entries = self.talk.recall(names.to_vec()).await?;
        let mut got = Vec::new();
        for name in names {
            let entry = entries.iter().find(|entry| entry.name == *name);
            let known = self.head.beside.get(name.as_str()).filter(|beside| beside.there);
            let value = match (known, entry) {
                (None, _) => continue,
                (Some(_), None) => Err(Finding::Damaged { number: None }),
                (Some(known), Some(entry)) => {
                    self.opened(entry, None).and_then(|(counter, plain)| {
                        if counter == known.counter {
                            parsed(&plain, None)
                        } else {
                            Err(Finding::RolledBack)
                        }
                    })
                }
            };
            got.push((name.clone(), value));
        }
        Ok(got)
    }

    /// Takes away what is kept beside the entries under these names: with one writing of the head it is gone.
    pub(crate) async fn remove(&mut self, names: &[EntryName]) -> Result<(), Failure> {
        for name in names {
            if let Some(beside) = self.head.beside.get_mut(name.as_str()) {
                beside.there = false;
                self.behind = true;
            }
        }
        // The head first: what it does not know to be gone may not be gone.
        if self.behind {
            self.save().await?;
        }
        for name in names {
            self.talk.forget(name.clone()).await?;
        }
        Ok(())
    }

    /// Takes away all that is kept beside the entries: with one writing of the head it is gone, whatever comes after.
    pub(crate) async fn remove_all(&mut self) -> Result<(), Failure> {
        self.drop_beside();
        self.save().await
    }

    /// What the platform said, as it is; a device that was killed forgets everything first.
    pub(crate) async fn unless_killed<T>(
        &mut self,
        said: Result<T, Failure>,
    ) -> Result<T, Failure> {
        if said.as_ref().is_err_and(|failure| failure.code() == Code::DeviceRevoked) {
            self.wipe().await?;
        }
        said
    }

    /// Forgets everything, the head last: this device was killed. Its key is of no use any more, and neither is the mark.
    pub(crate) async fn wipe(&mut self) -> Result<(), Failure> {
        self.head.ended.insert_all(0, self.head.next);
        self.drop_beside();
        // Where there is no room for that, the rest is done all the same.
        let _ = self.save().await;
        let listed = self.talk.list().await?;
        let (heads, others): (Vec<_>, Vec<_>) = listed
            .into_iter()
            .filter(names::is_ours)
            .partition(|name| name.as_str() == names::HEAD);
        for name in others.into_iter().chain(heads) {
            self.talk.forget(name).await?;
        }
        self.present.clear();
        (self.head, self.counter, self.behind) = (Head::default(), 0, false);
        Ok(())
    }

    /// What is kept beside the entries is not used again, and forgotten once the head on the disk says so.
    fn drop_beside(&mut self) {
        for (name, beside) in &mut self.head.beside {
            beside.there = false;
            self.stale.extend(EntryName::parse(name.as_str()));
        }
        self.behind = true;
    }

    /// What an entry is, given what the head says of its number; `None` for one that is over and gone.
    fn judged(&mut self, number: u64, entry: Option<&Entry>) -> Option<Result<Kept, Finding>> {
        let over = self.head.ended.contains(number);
        let Some(entry) = entry else {
            return (!over).then_some(Err(Finding::Missing { number }));
        };
        let kept = self.opened(entry, Some(number)).and_then(|opened| match opened {
            (WAITING, _) if over => Err(Finding::RolledBack),
            (WAITING, plain) => parsed(&plain, Some(number)).map(Kept::Waiting),
            (ENDED, plain) => parsed(&plain, Some(number)).map(Kept::Ended),
            _ => Err(Finding::Damaged { number: Some(number) }),
        });
        if let Ok(Kept::Ended(_)) = kept
            && !over
        {
            self.head.ended.insert(number);
            self.behind = true;
        }
        Some(kept)
    }

    fn opened(
        &self,
        entry: &Entry,
        number: Option<u64>,
    ) -> Result<(u64, Zeroizing<Vec<u8>>), Finding> {
        self.sealer.open(entry.name.as_str(), &entry.sealed).map_err(|why| match why {
            Unsealed::Damaged => Finding::Damaged { number },
            Unsealed::Foreign => Finding::Foreign { number },
        })
    }

    /// Writes the head, and then forgets what it says is gone.
    async fn save(&mut self) -> Result<(), Failure> {
        let counter = self.counter.checked_add(1).ok_or(Code::InternalError)?;
        let head = self.head.clone();
        self.keep(names::head()?, counter, &head).await?;
        self.counter = counter;
        self.behind = false;
        for name in std::mem::take(&mut self.stale) {
            // What stays is known to be gone, and told when it is found.
            let _ = self.talk.forget(name).await;
        }
        Ok(())
    }

    async fn keep<T: Serialize>(
        &mut self,
        name: EntryName,
        counter: u64,
        value: &T,
    ) -> Result<(), Failure> {
        // Long enough for evidence, so that nothing is left where a shorter one was.
        let mut plain = Zeroizing::new(Vec::with_capacity(32 * 1024));
        serde_json::to_writer(&mut *plain, value).map_err(|_| Code::InternalError)?;
        let sealed = self.sealer.seal(name.as_str(), counter, &self.entropy.bytes(), plain)?;
        self.talk.keep(Entry::new(name, sealed)?).await?;
        Ok(())
    }
}

fn parsed<T: DeserializeOwned>(plain: &[u8], number: Option<u64>) -> Result<T, Finding> {
    serde_json::from_slice(plain).map_err(|_| Finding::Damaged { number })
}
