//! The head: which numbers were given, which of them are over, and what is kept beside them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the head says. The counter with which it is sealed is how often it was written.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// The number of the next entry.
    pub(super) next: u64,
    /// The numbers whose sending is over.
    pub(super) ended: Numbers,
    /// How many times in a row sending has failed.
    pub(super) failures: u32,
    /// What is kept beside the entries, by name.
    pub(super) beside: BTreeMap<String, Beside>,
}

/// One thing beside the entries.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Beside {
    /// The counter with which it was sealed last.
    pub(super) counter: u64,
    /// Whether it is there still. What was taken away stays known, so that it is noticed when it is put back.
    pub(super) there: bool,
}

/// Numbers, as ranges without their ends: in order, and none that touches the next.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    pub(super) fn contains(&self, number: u64) -> bool {
        let after = self.0.partition_point(|&(from, _)| from <= number);
        let range = after.checked_sub(1).and_then(|at| self.0.get(at));
        range.is_some_and(|&(_, to)| number < to)
    }

    pub(super) fn insert(&mut self, number: u64) {
        self.insert_all(number, number.saturating_add(1));
    }

    /// All from one number to the one before another.
    pub(super) fn insert_all(&mut self, mut from: u64, mut to: u64) {
        if from >= to {
            return;
        }
        self.0.retain(|&(start, end)| {
            let apart = end < from || to < start;
            if !apart {
                (from, to) = (from.min(start), to.max(end));
            }
            apart
        });
        let at = self.0.partition_point(|&(start, _)| start < from);
        self.0.insert(at, (from, to));
    }

    /// The numbers below this one that are not among them, in order.
    pub(super) fn without(&self, below: u64) -> impl Iterator<Item = u64> {
        let starts = self.0.iter().map(|&(start, _)| start).chain([below]);
        let ends = [0].into_iter().chain(self.0.iter().map(|&(_, end)| end));
        ends.zip(starts).flat_map(move |(from, to)| from..to.min(below))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_a_set(inserted in prop::collection::vec((0_u64..40, 0_u64..5), 0..30)) {
            let mut numbers = Numbers::default();
            let mut model = BTreeSet::new();
            for (from, length) in inserted {
                numbers.insert_all(from, from + length);
                model.extend(from..from + length);
                prop_assert!(numbers.0.windows(2).all(|pair| pair[0].1 < pair[1].0));
            }
            for number in 0..50 {
                prop_assert_eq!(numbers.contains(number), model.contains(&number));
            }
            for below in [0, 1, 20, 50] {
                let absent: Vec<u64> = (0..below).filter(|n| !model.contains(n)).collect();
                prop_assert_eq!(numbers.without(below).collect::<Vec<_>>(), absent);
            }
        }
    }
}
