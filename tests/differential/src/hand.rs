//! What a mutation is, and what it may use.

use crate::chain::{Case, Draft};
use crate::keys::Key;
use crate::random::Random;

/// Everything a mutation may use.
pub(crate) struct Hand<'a> {
    pub(crate) case: &'a mut Case,
    pub(crate) random: &'a mut Random,
    pub(crate) keys: &'a [Key],
}

impl Hand<'_> {
    /// Any certificate of the path.
    pub(crate) fn any(&mut self) -> &mut Draft {
        let at = self.random.below(self.case.path.len());
        &mut self.case.path[at]
    }

    /// Any certificate, the anchor included.
    pub(crate) fn any_or_anchor(&mut self) -> &mut Draft {
        if self.random.below(4) == 0 { &mut self.case.anchors[0] } else { self.any() }
    }

    /// An authority: an intermediate, or the anchor where there is none.
    pub(crate) fn authority(&mut self) -> &mut Draft {
        let count = self.case.path.len();
        if count == 1 {
            return &mut self.case.anchors[0];
        }
        let at = 1 + self.random.below(count - 1);
        &mut self.case.path[at]
    }

    pub(crate) fn leaf(&mut self) -> &mut Draft {
        &mut self.case.path[0]
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.random.coin()
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        self.random.pick(from).clone()
    }
}

/// A name, and what it does.
pub(crate) type Mutation = (&'static str, fn(&mut Hand<'_>));
