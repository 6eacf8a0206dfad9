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
