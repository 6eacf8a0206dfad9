//! A disk in memory, whose power may be cut at any request.

use std::collections::BTreeMap;

use crate::flow::{Entry, EntryName, Flow, MOST_RECALLED, Reply, Request, Step, StoreError};

/// What is on the disk, by name: what was kept survives, whole or not at all.
#[derive(Clone, Default)]
pub(in crate::visit) struct Disk {
    pub(in crate::visit) kept: BTreeMap<String, Vec<u8>>,
    /// How many requests came, and how many bytes went either way.
    pub(in crate::visit) requests: usize,
    pub(in crate::visit) bytes: usize,
    /// Longest record that was kept.
    pub(in crate::visit) longest: usize,
}

/// What becomes of the power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::visit) enum Power {
    /// It stays.
    Stays,
    /// It is cut before the request of this number is done.
    Before(usize),
    /// It is cut when it is done, and before it is answered.
    After(usize),
    /// It stays; the request of this number fails.
    Fails(usize, StoreError),
}

impl Disk {
    /// Plays a flow to its end, or to where the power is cut.
    pub(in crate::visit) fn play<T>(&mut self, mut flow: Flow<T>, power: Power) -> Option<T> {
        self.requests = 0;
        let mut step = flow.start().unwrap();
        loop {
            let request = match step {
                Step::Need(request) => request,
                Step::Done(outcome) => return Some(outcome),
            };
            let number = self.requests;
            self.requests += 1;
            if power == Power::Before(number) {
                return None;
            }
            let reply = match power {
                Power::Fails(at, error) if at == number => fails(&request, error),
                _ => self.answer(request),
            };
            if power == Power::After(number) {
                return None;
            }
            step = flow.resume(reply).unwrap();
        }
    }

    fn answer(&mut self, request: Request) -> Reply {
        match request {
            Request::List => Reply::List(Ok(self.kept.keys().map(|name| named(name)).collect())),
            Request::Recall(names) => {
                assert!(names.len() <= MOST_RECALLED, "{} at once", names.len());
                let mut entries = Vec::new();
                for name in names {
                    if let Some(sealed) = self.kept.get(name.as_str()) {
                        self.bytes += sealed.len();
                        entries.push(Entry::new(name, sealed.clone()).unwrap());
                    }
                }
                Reply::Recall(Ok(entries))
            }
            Request::Keep(entry) => {
                self.bytes += entry.sealed.len();
                self.longest = self.longest.max(entry.sealed.len());
                self.kept.insert(entry.name.as_str().into(), entry.sealed);
                Reply::Keep(Ok(()))
            }
            Request::Forget(name) => {
                self.kept.remove(name.as_str());
                Reply::Forget(Ok(()))
            }
            other => panic!("a journal has no use for {other:?}"),
        }
    }
}

fn named(name: &str) -> EntryName {
    EntryName::parse(name).unwrap()
}

fn fails(request: &Request, error: StoreError) -> Reply {
    match request {
        Request::List => Reply::List(Err(error)),
        Request::Recall(_) => Reply::Recall(Err(error)),
        Request::Keep(_) => Reply::Keep(Err(error)),
        Request::Forget(_) => Reply::Forget(Err(error)),
        other => panic!("a journal has no use for {other:?}"),
    }
}
