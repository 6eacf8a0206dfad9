//! Ten thousand entries: work grows with their number and no faster, and no answer holds more than 64 of them.

use super::disk::{Disk, Power};
use super::*;
use crate::visit::verify_journal;

/// What so many entries cost: requests and bytes to append them, to look through them, and to end and forget them.
fn cost(entries: usize) -> [(usize, usize); 3] {
    let mut disk = Disk::default();
    let mut spent = |acts: Vec<Act>| {
        let before = disk.bytes;
        let ran = run(&mut disk, Power::Stays, 0, 1, &acts);
        assert_eq!(ran.done.len(), acts.len());
        (disk.requests, disk.bytes - before)
    };
    let names: Vec<String> = (0..entries).map(|number| format!("{number:05}")).collect();
    let appended = spent(names.iter().cloned().map(Act::Append).collect());
    let over = names.iter().cloned().flat_map(|of| [Act::End(of.clone()), Act::Forget(of)]);
    let mut looked = disk.clone();
    looked.bytes = 0;
    let flow = verify_journal(key(), device(), Entropy::new(&[3; 32]));
    let report = looked.play(flow, Power::Stays).unwrap().unwrap();
    assert_eq!((report.waiting, report.ended, report.findings), (entries as u64, 0, vec![]));
    assert_eq!(looked.kept, disk.kept, "a look changes nothing");
    let mut spent = |acts: Vec<Act>| {
        let before = disk.bytes;
        let ran = run(&mut disk, Power::Stays, 0, 2, &acts);
        assert_eq!(ran.done.len(), acts.len());
        (disk.requests, disk.bytes - before)
    };
    let ended = spent(over.collect());
    assert!(disk.longest < 1_000, "a record of {} bytes", disk.longest);
    assert_eq!(disk.kept.len(), 1, "the head alone is left");
    [appended, (looked.requests, looked.bytes), ended]
}

#[test]
fn ten_thousand_entries_cost_ten_times_what_a_thousand_do() {
    let (thousand, ten) = (cost(1_000), cost(10_000));
    println!("1,000: {thousand:?}; 10,000: {ten:?} (requests, bytes: append, look, end)");
    for ((requests, bytes), (more_requests, more_bytes)) in thousand.into_iter().zip(ten) {
        assert!(more_requests <= 10 * requests, "{more_requests} after {requests}");
        assert!(more_bytes <= 10 * bytes + bytes / 2, "{more_bytes} after {bytes}");
    }
    assert!(ten[1].0 <= 10_000 / 64 + 4, "{} requests for one look", ten[1].0);
}

fn note(of: &str, visit: &str) -> Waiting {
    Waiting::Note {
        note: Zeroizing::new(format!("note {of}")),
        kind: "consent".into(),
        jti: of.into(),
        visit: visit.into(),
        made_by: StaffId::parse("nurse-02").unwrap(),
        label: Zeroizing::new(String::new()),
        claimed_at: at(1_001),
    }
}

/// One day of a phone: twenty tickets, twelve visits with a note each, the last of the day before sent first; what was sent is
/// told and forgotten, and the tickets that are left are taken away.
fn day(mark: u64, day: u8) -> Flow<Result<u64, Failure>> {
    Flow::new(move |talk| async move {
        let (key, device) = (key().at_least(mark), device());
        let (mut journal, findings) =
            Journal::open(&talk, &key, &device, Entropy::new(&[day; 32])).await?;
        assert_eq!(findings, [], "day {day}");
        let tickets: Vec<EntryName> = (0..20).map(|n| ticket(&format!("t-{n:02}"))).collect();
        for name in &tickets {
            journal.put(name, &name.as_str()).await?;
        }
        let mut waits = journal.waiting();
        for (of, used) in tickets.iter().enumerate().take(12) {
            let jti = format!("{day}-{of}");
            waits.push(journal.append(&visit(&jti)).await?);
            waits.push(journal.append(&note(&format!("note of {jti}"), &jti)).await?);
            journal.remove(std::slice::from_ref(used)).await?;
        }
        let read = journal.read(&waits).await?;
        for (at, (number, kept)) in read.into_iter().enumerate() {
            let Ok(Kept::Waiting(waiting)) = kept else { panic!("day {day}: {number}") };
            assert_eq!((matches!(waiting, Waiting::Note { .. }), number), (at % 2 == 1, waits[at]));
            // The last two wait until tomorrow.
            if at < waits.len() - 2 {
                let ended = waiting.ended(Sent::Refused("person_not_found".into()), super::at(9));
                journal.end(number, &ended).await?;
                assert!(journal.read(&[number]).await?[0].1 == Ok(Kept::Ended(ended)));
                journal.forget(number).await?;
            }
        }
        journal.remove_all().await?;
        Ok(journal.mark())
    })
}

#[test]
fn a_month_of_a_phone_leaves_no_more_than_a_day() {
    let mut disk = Disk::default();
    let (mut mark, mut requests) = (0, Vec::new());
    for number in 1..=30 {
        mark = disk.play(day(mark, number), Power::Stays).unwrap().unwrap();
        requests.push(disk.requests);
        assert_eq!(disk.kept.len(), 3, "the head, a visit and its note");
    }
    println!(
        "a month: {} requests, the last day {:?}",
        requests.iter().sum::<usize>(),
        requests.last()
    );
    assert_eq!(requests[1], requests[29], "no day costs more than another");
    assert!(disk.longest < 1_500, "{}", disk.longest);
}
