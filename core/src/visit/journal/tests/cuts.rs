//! The power cut, or the disk failing, at every request: what was answered is there, what was not is there or is not, and
//! nothing is there twice.

use super::disk::{Disk, Power};
use super::*;
use crate::flow::StoreError;

fn acts() -> Vec<Act> {
    let of = |name: &str| name.to_owned();
    vec![
        Act::Append(of("a")),
        Act::Put("t-00", of("first")),
        Act::Append(of("b")),
        Act::Append(of("c")),
        Act::End(of("b")),
        Act::Put("shift", of("held")),
        Act::Failed,
        Act::Forget(of("b")),
        Act::Put("t-00", of("second")),
        Act::End(of("a")),
        Act::Succeeded,
        Act::Remove("t-00"),
        Act::Append(of("d")),
        Act::Forget(of("a")),
        Act::Put("t-00", of("third")),
    ]
}

/// What comes after: something of each kind.
fn more() -> Vec<Act> {
    let of = |name: &str| name.to_owned();
    vec![
        Act::Append(of("e")),
        Act::End(of("c")),
        Act::Forget(of("a")),
        Act::Forget(of("b")),
        Act::Remove("t-00"),
        Act::Put("t-01", of("another")),
    ]
}

/// Looks at what a run has left, and holds it against what it was answered.
fn held(disk: &mut Disk, before: &Seen, mark: u64, ran: &Ran, why: &str) -> Look {
    let answered = ran.done.iter().fold(before.clone(), |seen, act| seen.after(act));
    let look = disk.play(looking(ran.mark.unwrap_or(mark)), Power::Stays).unwrap().unwrap();
    assert_eq!(look.findings, [], "{why}");
    let begun = ran.open.as_ref().map(|act| answered.after(act));
    assert!(
        look.seen == answered || Some(&look.seen) == begun.as_ref(),
        "{why}: {:?}, answered {answered:?}, begun {:?}",
        look.seen,
        ran.open
    );
    let mut all: Vec<&String> = look.numbers.values().collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), look.numbers.len(), "{why}: twice");
    look
}

#[test]
fn a_power_cut_at_any_request_loses_and_doubles_nothing() {
    let mut whole = Disk::default();
    assert_eq!(run(&mut whole, Power::Stays, 0, 1, &acts()).done, acts());
    let (mut points, mut pairs) = (0, 0);
    for cut in (0..whole.requests).flat_map(|at| [Power::Before(at), Power::After(at)]) {
        let mut disk = Disk::default();
        let ran = run(&mut disk, cut, 0, 1, &acts());
        // The host may not have taken down the mark of what was answered last.
        let first = held(&mut disk, &Seen::default(), 0, &ran, &format!("{cut:?}"));
        points += 1;
        // And cut again, in what comes after.
        let mut undisturbed = disk.clone();
        assert_eq!(run(&mut undisturbed, Power::Stays, first.mark, 2, &more()).done, more());
        for again in (0..undisturbed.requests).flat_map(|at| [Power::Before(at), Power::After(at)])
        {
            let mut disk = disk.clone();
            let ran = run(&mut disk, again, first.mark, 2, &more());
            let why = format!("{cut:?}, {again:?}");
            let second = held(&mut disk, &first.seen, first.mark, &ran, &why);
            let ran = run(&mut disk, Power::Stays, second.mark, 3, &[Act::Append("z".into())]);
            let third = held(&mut disk, &second.seen, second.mark, &ran, &why);
            assert_eq!(third.numbers.values().last().map(String::as_str), Some("z"), "{why}");
            pairs += 1;
        }
    }
    println!("cut at {points} points, and again at {pairs} pairs of points");
    assert!(points > 50 && pairs > 1_400, "{points} {pairs}");
}

#[test]
fn a_disk_that_fails_at_any_request_loses_and_doubles_nothing() {
    let mut whole = Disk::default();
    run(&mut whole, Power::Stays, 0, 1, &acts());
    let mut points = 0;
    for at in 0..whole.requests {
        for error in [StoreError::Full, StoreError::Denied, StoreError::Missing, StoreError::Failed]
        {
            let mut disk = Disk::default();
            let (told, said) = std::sync::mpsc::channel();
            let ended = disk.play(doing(0, 1, acts(), told), Power::Fails(at, error));
            let said: Vec<Said> = said.into_iter().collect();
            let failed: Vec<&Act> = said
                .iter()
                .filter(|(_, a)| matches!(a, Some(Err(_))))
                .map(|(act, _)| act)
                .collect();
            let why = format!("{at} {error:?} {failed:?}");
            points += 1;
            let Ok(mark) = ended.unwrap() else {
                assert!(disk.kept.is_empty() && said.is_empty(), "{why}: before anything was done");
                continue;
            };
            // What failed was done or not; all others were.
            let done = |with: bool| {
                let done = said.iter().filter(|(_, answer)| match answer {
                    None => false,
                    Some(answer) => with || answer.is_ok(),
                });
                done.fold(Seen::default(), |seen, (act, _)| seen.after(act))
            };
            let look = disk.play(looking(mark), Power::Stays).unwrap().unwrap();
            assert_eq!(look.findings, [], "{why}");
            assert!([done(true), done(false)].contains(&look.seen), "{why}: {:?}", look.seen);
            // An entry that was refused is not sent behind the nurse's back.
            if let [Act::Append(of)] = failed[..] {
                assert!(!look.seen.waiting.contains(of), "{why}");
            }
        }
    }
    println!("failed at {points} points");
    assert!(points > 100, "{points}");
}
