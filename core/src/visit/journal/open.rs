//! Opening the journal, and putting right what a device that died has left.

use std::collections::BTreeSet;

use super::head::{Beside, Head};
use super::key::JournalKey;
use super::seal::Sealer;
use super::{Finding, Journal, names};
use crate::flow::{Entry, EntryName, MOST_RECALLED, Talk};
use crate::message::Failure;
use crate::platform::{Device, Entropy};

/// Most numbers that are passed over where a mark says that so many were given since.
const MOST_PASSED_OVER: u64 = 1_000_000;

impl<'a> Journal<'a> {
    /// Opens the journal of this device. What a device that died has left is put right. What else is not as it was
    /// left is found and told, and never a failure; nothing is written because of it before something else is.
    pub(crate) async fn open(
        talk: &'a Talk,
        key: &JournalKey,
        device: &Device,
        entropy: Entropy,
    ) -> Result<(Self, Vec<Finding>), Failure> {
        let listed = talk.list().await?;
        let mut journal = Self {
            talk,
            entropy,
            sealer: Sealer::new(key, device),
            head: Head::default(),
            counter: 0,
            present: listed.iter().filter_map(names::number).collect(),
            behind: false,
            stale: BTreeSet::new(),
        };
        let mut findings = Vec::new();
        let head = journal.find_head().await?;
        let beyond = journal.authentic(journal.head.next, &mut findings).await?;
        let (first, later) = (beyond.contains(&journal.head.next), beyond.len() > 1);
        match head {
            Ok(()) if journal.counter >= key.mark && !later && (first || beyond.is_empty()) => {
                // One that was kept by a device which died before it could count it.
                journal.count(&beyond);
                let beside = listed.into_iter().filter(names::is_beside).collect();
                journal.look_beside(beside, &mut findings).await?;
                if journal.behind && findings.is_empty() {
                    // From here on it is known by the mark. Where there is no room, the next head says the same.
                    let _ = journal.save().await;
                }
            }
            found => {
                findings.insert(0, found.err().unwrap_or(Finding::RolledBack));
                journal.rebuild(key.mark, &beyond, listed);
            }
        }
        let absent = |number: &u64| !journal.present.contains(number);
        let missing = journal.head.ended.without(journal.head.next).filter(absent);
        findings.extend(missing.map(|number| Finding::Missing { number }));
        Ok((journal, findings))
    }

    /// Reads the head, if there is one.
    async fn find_head(&mut self) -> Result<Result<(), Finding>, Failure> {
        let found = self.talk.recall(vec![names::head()?]).await?;
        let Some(sealed) = found.first() else { return Ok(Ok(())) };
        Ok(self.opened(sealed, None).and_then(|(counter, plain)| {
            self.head = super::parsed(&plain, None)?;
            self.counter = counter;
            Ok(())
        }))
    }

    /// The numbers from this one on whose entries open. Where a number stands in a name only, it says nothing.
    async fn authentic(
        &mut self,
        from: u64,
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<u64>, Failure> {
        let numbers: Vec<u64> = self.present.range(from..).copied().collect();
        let mut authentic = Vec::new();
        for window in numbers.chunks(MOST_RECALLED) {
            for (number, kept) in self.read(window).await? {
                match kept {
                    Ok(_) => authentic.push(number),
                    Err(finding) => findings.push(finding),
                }
            }
        }
        Ok(authentic)
    }

    /// Counts entries of which the head on the disk does not know.
    fn count(&mut self, beyond: &[u64]) {
        for number in beyond {
            self.head.next = number.saturating_add(1);
            self.behind = true;
        }
    }

    /// Compares what is kept beside the entries with what the head says of it.
    async fn look_beside(
        &mut self,
        listed: Vec<EntryName>,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Failure> {
        let gone = |name: &&String| !listed.iter().any(|other| other.as_str() == name.as_str());
        let there = self.head.beside.iter().filter(|(_, beside)| beside.there);
        let lost = there.map(|(name, _)| name).filter(gone).count();
        findings.extend((lost > 0).then_some(Finding::Damaged { number: None }));
        for names in listed.chunks(MOST_RECALLED) {
            for entry in self.talk.recall(names.to_vec()).await? {
                if let Err(finding) = self.look_at(&entry)
                    && !findings.contains(&finding)
                {
                    findings.push(finding);
                }
            }
        }
        Ok(())
    }

    fn look_at(&mut self, entry: &Entry) -> Result<(), Finding> {
        let known = self.head.beside.get(entry.name.as_str()).copied();
        let (counter, _) = self.opened(entry, None)?;
        match known {
            Some(known) if counter == known.counter && known.there => Ok(()),
            // Taken away by a device that died before it could forget it.
            Some(known) if counter == known.counter => {
                self.stale.insert(entry.name.clone());
                Ok(())
            }
            // Put by a device that died before the head knew of it.
            _ if counter.checked_sub(1) == Some(self.counter) => {
                let name = entry.name.as_str().to_owned();
                self.head.beside.insert(name, Beside { counter, there: true });
                self.behind = true;
                Ok(())
            }
            _ => {
                self.stale.insert(entry.name.clone());
                if let Some(known) = self.head.beside.get_mut(entry.name.as_str()) {
                    known.there = false;
                }
                self.behind = true;
                Err(Finding::RolledBack)
            }
        }
    }

    /// Makes a head of the entries that are there, where there is none that can be relied on. No number that may have been
    /// given is given again, and nothing beside the entries is used again: it may have been used up since.
    fn rebuild(&mut self, mark: u64, beyond: &[u64], listed: Vec<EntryName>) {
        // Each number was given by one writing of the head, and one may have been ahead of it: however many copies were put
        // back, no number above the mark was ever given.
        let mut from = self.head.next;
        let given = mark.saturating_add(1).min(from.saturating_add(MOST_PASSED_OVER));
        let after = beyond.last().map_or(0, |last| last.saturating_add(1));
        self.head.next = from.max(given).max(after);
        for &number in beyond {
            self.head.ended.insert_all(from, number);
            from = number.saturating_add(1);
        }
        self.head.ended.insert_all(from, self.head.next);
        self.drop_beside();
        self.stale.extend(listed.into_iter().filter(names::is_beside));
        self.counter = self.counter.max(mark).max(self.head.next);
    }
}
