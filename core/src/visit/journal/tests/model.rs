//! Any sequence of acts, power cuts and older copies, against a plain model.

use proptest::prelude::*;

use super::disk::{Disk, Power};
use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// Acts in one conversation, of which the power may cut off the rest.
    Acts(Vec<u8>, Option<(usize, bool)>),
    /// An older copy is put back.
    PutBack(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let acts = prop::collection::vec(any::<u8>(), 1..5);
    prop_oneof![
        6 => (acts, prop::option::weighted(0.4, (0_usize..14, any::<bool>())))
            .prop_map(|(acts, cut)| Step::Acts(acts, cut)),
        1 => any::<usize>().prop_map(Step::PutBack),
    ]
}

/// An act that can be carried out in this state, chosen by a byte.
fn act(byte: u8, seen: &Seen, made: &mut usize) -> Act {
    let choose = |from: &[String]| from.get(usize::from(byte / 8) % from.len().max(1)).cloned();
    match (byte % 8, choose(&seen.waiting), choose(&seen.ended)) {
        (0, Some(of), _) => Act::End(of),
        (1, _, Some(of)) => Act::Forget(of),
        (2, ..) => Act::Put(BESIDE[usize::from(byte) % 3], format!("value {byte}")),
        (3, ..) => Act::Remove(BESIDE[usize::from(byte) % 3]),
        (4, ..) => Act::Failed,
        (5, ..) => Act::Succeeded,
        _ => {
            *made += 1;
            Act::Append(format!("{made:04}"))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_journal_is_what_was_done_to_it(steps in prop::collection::vec(step(), 1..25)) {
        let mut disk = Disk::default();
        let (mut seen, mut mark, mut made) = (Seen::default(), 0, 0);
        let mut copies = vec![(disk.clone(), seen.clone(), 0)];
        let mut given: BTreeMap<u64, String> = BTreeMap::new();
        for (seed, step) in (1..).zip(steps) {
            match step {
                Step::Acts(bytes, cut) => {
                    let mut planned = seen.clone();
                    let acts: Vec<Act> = bytes.iter().map(|byte| {
                        let act = act(*byte, &planned, &mut made);
                        planned = planned.after(&act);
                        act
                    }).collect();
                    let power = match cut {
                        None => Power::Stays,
                        Some((at, false)) => Power::Before(at),
                        Some((at, true)) => Power::After(at),
                    };
                    let ran = run(&mut disk, power, mark, seed, &acts);
                    let answered = ran.done.iter().fold(seen.clone(), |seen, act| seen.after(act));
                    let begun = ran.open.as_ref().map(|act| answered.after(act));
                    let look = disk.play(looking(ran.mark.unwrap_or(mark)), Power::Stays).unwrap().unwrap();
                    prop_assert_eq!(&look.findings, &[]);
                    prop_assert!(look.seen == answered || Some(&look.seen) == begun.as_ref(),
                        "{:?}\nanswered {:?}\nbegun {:?}", look.seen, answered, begun);
                    for (number, of) in &look.numbers {
                        prop_assert_eq!(given.entry(*number).or_insert_with(|| of.clone()), of);
                    }
                    (seen, mark) = (look.seen, look.mark);
                    copies.push((disk.clone(), seen.clone(), mark));
                }
                Step::PutBack(which) => {
                    let (copy, was, written) = copies[which % copies.len()].clone();
                    disk = copy;
                    let look = disk.play(looking(mark), Power::Stays).unwrap().unwrap();
                    prop_assert_eq!(&look.seen.waiting, &was.waiting);
                    if written < mark {
                        prop_assert_eq!(look.findings.first(), Some(&Finding::RolledBack));
                        prop_assert!(look.seen.beside.is_empty());
                        // What follows is written, so that the copy is one of today.
                        let ran = run(&mut disk, Power::Stays, mark, seed, &[Act::Failed]);
                        mark = ran.mark.unwrap();
                        let look = disk.play(looking(mark), Power::Stays).unwrap().unwrap();
                        prop_assert!(look.findings.is_empty(), "{:?}", look.findings);
                        seen = look.seen;
                    } else {
                        prop_assert_eq!(&look.findings, &[]);
                        (seen, mark) = (look.seen, mark.max(look.mark));
                    }
                    copies.push((disk.clone(), seen.clone(), mark));
                }
            }
        }
    }
}
