//! The journal on a disk in memory, tried by force.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::*;
use crate::exchange::InsuranceDomain;
use crate::exchange::tests::device;
use crate::flow::tests::play;
use crate::flow::{Flow, Reply, Request};
use crate::platform::StaffId;

/// What is on the disk, by name.
type Disk = BTreeMap<String, Vec<u8>>;

fn key() -> JournalKey {
    JournalKey::new(&[7; 32]).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
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
    }
}

/// Whose it is, and whether it waits.
fn shown(kept: &Kept) -> (String, bool) {
    match kept {
        Kept::Waiting(Waiting::Visit { jti, .. } | Waiting::Note { jti, .. }) => {
            (jti.clone(), true)
        }
        Kept::Ended(ended) => (ended.jti.clone(), false),
    }
}

/// A disk that answers a flow.
fn answered(disk: &RefCell<Disk>, request: Request) -> Reply {
    let mut disk = disk.borrow_mut();
    match request {
        Request::List => Reply::List(Ok(disk
            .keys()
            .map(|name| EntryName::parse(name.as_str()).unwrap())
            .collect())),
        Request::Recall(names) => {
            assert!(names.len() <= MOST_RECALLED);
            let entry = |name: EntryName| {
                let sealed = disk.get(name.as_str())?.clone();
                Some(Entry::new(name, sealed).unwrap())
            };
            Reply::Recall(Ok(names.into_iter().filter_map(entry).collect()))
        }
        Request::Keep(entry) => {
            disk.insert(entry.name.as_str().into(), entry.sealed);
            Reply::Keep(Ok(()))
        }
        Request::Forget(name) => {
            disk.remove(name.as_str());
            Reply::Forget(Ok(()))
        }
        other => panic!("a journal has no use for {other:?}"),
    }
}

#[test]
fn what_is_appended_waits_ends_and_is_forgotten() {
    let disk = RefCell::new(Disk::new());
    let flow = Flow::new(|talk| async move {
        let (key, device) = (key(), device());
        let open = || Journal::open(&talk, &key, &device, Entropy::new(&[1; 32]));
        let (mut journal, findings) = open().await.unwrap();
        assert!(findings.is_empty() && journal.next() == 0);
        for of in ["a", "b", "c"] {
            journal.append(&visit(of)).await.unwrap();
        }
        assert_eq!((journal.waiting(), journal.mark()), (vec![0, 1, 2], 3));
        journal.end(1, &visit("b").ended(Sent::Confirmed, at(5))).await.unwrap();
        let Ok(Kept::Ended(result)) = &journal.read(&[1]).await.unwrap()[0].1 else { panic!() };
        assert_eq!(
            (result.what, result.made_by.as_str()),
            (What::Visit, visit("b").made_by().as_str())
        );
        assert!(journal.forget(0).await.is_err(), "it waits");
        assert!(journal.end(1, &visit("b").ended(Sent::Expired, at(5))).await.is_err());
        let ticket = EntryName::parse("t-00").unwrap();
        journal.put(&ticket, &"ticket").await.unwrap();
        journal.failed().await.unwrap();
        let (mut journal, findings) = open().await.unwrap();
        assert_eq!((findings, journal.failures(), journal.mark()), (vec![], 1, 6));
        assert_eq!((journal.waiting(), journal.ended()), (vec![0, 2], vec![1]));
        let read = journal.read(&[2, 1, 0]).await.unwrap();
        let read: Vec<_> =
            read.iter().map(|(n, kept)| (*n, shown(kept.as_ref().unwrap()))).collect();
        let expected = [(2, ("c".into(), true)), (1, ("b".into(), false)), (0, ("a".into(), true))];
        assert_eq!(read, expected);
        assert_eq!(
            journal.get::<String>(&[ticket.clone()]).await.unwrap()[0].1,
            Ok("ticket".into())
        );
        journal.remove(&ticket).await.unwrap();
        assert!(journal.get::<String>(&[ticket]).await.unwrap().is_empty());
        journal.forget(1).await.unwrap();
        journal.succeeded().await.unwrap();
        assert_eq!(journal.server_knows(3).await.unwrap(), None);
        let (mut journal, findings) = open().await.unwrap();
        assert_eq!((findings, journal.ended(), journal.failures()), (vec![], vec![], 0));
        assert_eq!(journal.server_knows(9).await.unwrap(), Some(Finding::RolledBack));
        assert_eq!(journal.append(&visit("d")).await.unwrap(), 9);
        assert_eq!(journal.waiting(), [0, 2, 9]);
        journal.wipe().await.unwrap();
    });
    play(flow, |request| answered(&disk, request));
    assert!(disk.borrow().is_empty());
}
