//! The journal, tried by force.

mod cuts;
pub(in crate::visit) mod disk;
#[cfg(all(feature = "link-store", unix))]
mod killed;
mod many;
mod model;
mod tampered;

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::Sender;
use std::time::Duration;

use disk::{Disk, Power};
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::*;
use crate::exchange::InsuranceDomain;
use crate::exchange::tests::device;
use crate::flow::{DeviceTime, Flow};
use crate::platform::StaffId;
use crate::visit::counted::Since;

fn key() -> JournalKey {
    JournalKey::new(&[7; 32]).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn ticket(name: &str) -> EntryName {
    EntryName::parse(name).unwrap()
}

fn visit(of: &str) -> Waiting {
    Waiting::Visit {
        evidence: Zeroizing::new(format!("evidence of {of}")),
        kind: "urn:x-kaigo:token-type:offline-card-assertion".into(),
        domain: InsuranceDomain::Care,
        jti: of.into(),
        made_by: StaffId::parse("nurse-01").unwrap(),
        label: Zeroizing::new(format!("label of {of}")),
        claimed_at: at(1_000),
        expires: at(2_000),
        ticket: "ticket".into(),
        since: Since::new(at(900), DeviceTime::new(at(900), Duration::ZERO)),
    }
}

fn result(of: &str) -> Ended {
    visit(of).ended(Sent::Confirmed, at(1_500))
}

/// What is done with a journal. Entries are called by what they are of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Act {
    Append(String),
    End(String),
    Forget(String),
    Put(&'static str, String),
    Remove(&'static str),
    Failed,
    Succeeded,
}

/// What is kept, as anybody who opens the journal sees it: in the order of numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    waiting: Vec<String>,
    ended: Vec<String>,
    beside: BTreeMap<String, String>,
    failures: u32,
}

impl Seen {
    /// What an act makes of it.
    fn after(&self, act: &Act) -> Self {
        let mut seen = self.clone();
        match act {
            Act::Append(of) => seen.waiting.push(of.clone()),
            Act::End(of) if seen.waiting.contains(of) => {
                seen.waiting.retain(|other| other != of);
                seen.ended.push(of.clone());
            }
            Act::Forget(of) => seen.ended.retain(|other| other != of),
            Act::Put(name, value) => {
                seen.beside.insert((*name).into(), value.clone());
            }
            Act::Remove(name) => {
                seen.beside.remove(*name);
            }
            Act::Failed => seen.failures += 1,
            Act::Succeeded => seen.failures = 0,
            Act::End(_) => {}
        }
        seen.ended.sort();
        seen
    }
}

/// A look into the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Look {
    seen: Seen,
    findings: Vec<Finding>,
    numbers: BTreeMap<u64, String>,
    mark: u64,
}

const BESIDE: [&str; 3] = ["t-00", "t-01", "shift"];

async fn look(journal: &mut Journal<'_>, findings: Vec<Finding>) -> Result<Look, Failure> {
    let mut look = Look { findings, mark: journal.mark(), ..Look::default() };
    look.seen.failures = journal.failures();
    let mut numbers = journal.waiting();
    numbers.extend(journal.ended());
    for window in numbers.chunks(MOST_RECALLED) {
        for (number, kept) in journal.read(window).await? {
            let (of, list) = match kept {
                Ok(Kept::Waiting(Waiting::Visit { jti, .. } | Waiting::Note { jti, .. })) => {
                    (jti, &mut look.seen.waiting)
                }
                Ok(Kept::Ended(ended)) => (ended.jti, &mut look.seen.ended),
                Err(finding) => {
                    look.findings.push(finding);
                    continue;
                }
            };
            list.push(of.clone());
            look.numbers.insert(number, of);
        }
    }
    look.seen.ended.sort();
    for (name, value) in journal.get::<String>(&BESIDE.map(ticket)).await? {
        match value {
            Ok(value) => drop(look.seen.beside.insert(name.as_str().into(), value)),
            Err(finding) => look.findings.push(finding),
        }
    }
    Ok(look)
}

async fn act_on(
    journal: &mut Journal<'_>,
    numbers: &HashMap<String, u64>,
    act: &Act,
) -> Result<(), Failure> {
    let number = |of: &String| numbers.get(of).copied();
    let over = |journal: &Journal<'_>, number| journal.head.ended.contains(number);
    match act {
        Act::Append(of) => journal.append(&visit(of)).await.map(drop),
        Act::End(of) => match number(of) {
            Some(number) if !over(journal, number) => journal.end(number, &result(of)).await,
            _ => Ok(()),
        },
        Act::Forget(of) => match number(of) {
            Some(number) if over(journal, number) => journal.forget(number).await,
            _ => Ok(()),
        },
        Act::Put(name, value) => journal.put(&ticket(name), value).await,
        Act::Remove(name) => journal.remove(&[ticket(name)]).await,
        Act::Failed => journal.failed().await,
        Act::Succeeded => journal.succeeded().await,
    }
}

/// Said of an act when it is begun, and when its answer has come.
type Said = (Act, Option<Result<(), Code>>);

/// Opens the journal with its mark and does all of this.
fn doing(mark: u64, seed: u8, acts: Vec<Act>, told: Sender<Said>) -> Flow<Result<u64, Failure>> {
    Flow::new(move |talk| async move {
        let (key, device) = (key().at_least(mark), device());
        let (mut journal, findings) =
            Journal::open(&talk, &key, &device, Entropy::new(&[seed; 32])).await?;
        let numbers = look(&mut journal, findings).await?.numbers;
        let mut numbers: HashMap<String, u64> =
            numbers.into_iter().map(|(number, of)| (of, number)).collect();
        for act in acts {
            told.send((act.clone(), None)).unwrap();
            let done = act_on(&mut journal, &numbers, &act).await;
            if let (Act::Append(of), Ok(())) = (&act, &done) {
                numbers.insert(of.clone(), journal.next() - 1);
            }
            told.send((act, Some(done.map_err(|failure| failure.code())))).unwrap();
        }
        Ok(journal.mark())
    })
}

fn looking(mark: u64) -> Flow<Result<Look, Failure>> {
    Flow::new(move |talk| async move {
        let (key, device) = (key().at_least(mark), device());
        let (mut journal, findings) =
            Journal::open(&talk, &key, &device, Entropy::new(&[9; 32])).await?;
        look(&mut journal, findings).await
    })
}

/// What a run leaves to those who come after it.
struct Ran {
    /// Acts that were answered with success, in order.
    done: Vec<Act>,
    /// The one that was begun last and not answered, or that failed.
    open: Option<Act>,
    /// The mark that the flow ended with, if it came to its end.
    mark: Option<u64>,
}

fn run(disk: &mut Disk, power: Power, mark: u64, seed: u8, acts: &[Act]) -> Ran {
    let (told, said) = std::sync::mpsc::channel();
    let ended = disk.play(doing(mark, seed, acts.to_vec(), told), power);
    let (mut done, mut open) = (Vec::new(), None);
    for (act, answer) in said {
        match answer {
            None => open = Some(act),
            Some(Ok(())) => {
                open = None;
                done.push(act);
            }
            Some(Err(_)) => {}
        }
    }
    Ran { done, open, mark: ended.map(Result::unwrap) }
}

#[test]
fn what_is_appended_waits_ends_and_is_forgotten() {
    let mut disk = Disk::default();
    let flow = Flow::new(|talk| async move {
        let (key, device) = (key(), device());
        let open = || Journal::open(&talk, &key, &device, Entropy::new(&[1; 32]));
        let (mut journal, findings) = open().await.unwrap();
        assert!(findings.is_empty() && journal.next() == 0);
        for of in ["a", "b", "c"] {
            journal.append(&visit(of)).await.unwrap();
        }
        assert_eq!((journal.waiting(), journal.mark()), (vec![0, 1, 2], 3));
        journal.end(1, &result("b")).await.unwrap();
        let Ok(Kept::Ended(told)) = &journal.read(&[1]).await.unwrap()[0].1 else { panic!() };
        assert_eq!(
            (told.what, told.made_by.as_str()),
            (What::Visit, visit("b").made_by().as_str())
        );
        assert!(journal.forget(0).await.is_err(), "it waits");
        assert!(journal.end(1, &result("b")).await.is_err(), "it is over");
        journal.failed().await.unwrap();
        let (mut journal, findings) = open().await.unwrap();
        assert_eq!((findings, journal.failures(), journal.mark()), (vec![], 1, 5));
        assert_eq!((journal.waiting(), journal.ended()), (vec![0, 2], vec![1]));
        let read = journal.read(&[2, 1, 0]).await.unwrap();
        assert_eq!(read.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 1, 0]);
        journal.forget(1).await.unwrap();
        journal.succeeded().await.unwrap();
        journal.put(&ticket("t-00"), &"ticket").await.unwrap();
        assert!(journal.put(&ticket("v-0"), &"ticket").await.is_err(), "that is no ticket");
        assert_eq!(journal.server_knows(3).await.unwrap(), None);
        let (mut journal, findings) = open().await.unwrap();
        assert_eq!((findings, journal.ended(), journal.failures()), (vec![], vec![], 0));
        // More than was ever given: no number is given twice, and no ticket is used twice.
        assert_eq!(journal.server_knows(9).await.unwrap(), Some(Finding::RolledBack));
        assert!(journal.server_knows(u64::MAX).await.is_err());
        assert!(journal.get::<String>(&[ticket("t-00")]).await.unwrap().is_empty());
        assert_eq!(journal.append(&visit("d")).await.unwrap(), 9);
        assert_eq!(journal.waiting(), [0, 2, 9]);
        journal.wipe().await.unwrap();
    });
    disk.play(flow, Power::Stays).unwrap();
    assert!(disk.kept.is_empty());
}
