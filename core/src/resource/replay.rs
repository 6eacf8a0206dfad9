//! Proofs that were seen, so that none is taken twice.

use std::collections::{HashSet, VecDeque};
use std::fmt;

use jiff::Timestamp;
use ring::digest;

/// What is known of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It was not seen before, and is noted now.
    First,
    /// It was.
    Again,
    /// It cannot be noted, so whether it comes again could not be told.
    NoRoom,
}

/// The memory of proofs. Where several processes answer, they share one: a table with a unique key does it.
pub trait ReplayCache {
    /// Notes the proof of this name by the key with this thumbprint, until a time, and says what was known of it before:
    /// in one step, so that of two requests at once one is the first.
    fn see(&mut self, key: &str, id: &str, now: Timestamp, until: Timestamp) -> Seen;
}

/// A memory for one process, with room for so many proofs: 32 bytes each, and twice that for finding them.
pub struct RecentProofs {
    room: usize,
    known: HashSet<[u8; 32]>,
    /// The oldest first.
    order: VecDeque<(Timestamp, [u8; 32])>,
}

impl RecentProofs {
    /// With room for this many: those of fifteen minutes, for as many requests a second as there will be at most.
    pub fn with_room_for(proofs: usize) -> Self {
        Self { room: proofs, known: HashSet::new(), order: VecDeque::new() }
    }

    fn forget_until(&mut self, now: Timestamp) {
        while let Some((until, proof)) = self.order.front() {
            if *until > now {
                return;
            }
            self.known.remove(proof);
            self.order.pop_front();
        }
    }
}

impl ReplayCache for RecentProofs {
    fn see(&mut self, key: &str, id: &str, now: Timestamp, until: Timestamp) -> Seen {
        self.forget_until(now);
        let mut context = digest::Context::new(&digest::SHA256);
        // A thumbprint has one length, so that no two pairs are written the same.
        context.update(key.as_bytes());
        context.update(id.as_bytes());
        let mut proof = [0; 32];
        proof.copy_from_slice(context.finish().as_ref());
        if self.known.contains(&proof) {
            return Seen::Again;
        }
        if self.known.len() >= self.room {
            return Seen::NoRoom;
        }
        self.known.insert(proof);
        self.order.push_back((until, proof));
        Seen::First
    }
}

impl fmt::Debug for RecentProofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecentProofs({} of {})", self.known.len(), self.room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_first_once_until_it_is_forgotten() {
        let at = |seconds: i64| Timestamp::from_second(1_700_000_000 + seconds).unwrap();
        let mut proofs = RecentProofs::with_room_for(2);
        assert_eq!(proofs.see("k", "a", at(0), at(10)), Seen::First);
        assert_eq!(proofs.see("k", "a", at(1), at(11)), Seen::Again);
        assert_eq!(proofs.see("l", "a", at(1), at(11)), Seen::First);
        assert_eq!(proofs.see("k", "b", at(2), at(12)), Seen::NoRoom, "rather than forget one");
        assert_eq!(proofs.see("k", "a", at(2), at(12)), Seen::Again);
        assert_eq!(proofs.see("k", "b", at(10), at(20)), Seen::First, "one was forgotten");
        assert_eq!(proofs.see("k", "a", at(11), at(21)), Seen::First);
    }
}
