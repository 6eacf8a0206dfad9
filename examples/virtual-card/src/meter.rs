//! What went over the link, in figures.

use std::collections::VecDeque;

/// CLA, INS, P1 and P2 of a command. The data field, which may be a PIN, is never kept.
pub type Header = [u8; 4];

/// Figures of a card since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// Command APDUs that reached the card.
    pub commands: u64,
    /// Bytes of those commands.
    pub bytes_to_card: u64,
    /// Bytes of the responses that left the card, status words included.
    pub bytes_from_card: u64,
    /// How often a PIN was presented and compared, right or wrong; queries and malformed ones do not count.
    pub verify_attempts: u64,
}

impl Meter {
    pub(crate) fn arrived(&mut self, command: &[u8]) {
        self.commands += 1;
        self.bytes_to_card += command.len() as u64;
    }

    pub(crate) fn left(&mut self, response: &[u8]) {
        self.bytes_from_card += response.len() as u64;
    }
}

/// The headers of the latest commands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(VecDeque<Header>);

impl Trace {
    const MAX: usize = 1024;

    pub(crate) fn record(&mut self, command: &[u8]) {
        let Some(header) = command.first_chunk() else { return };
        if self.0.len() == Self::MAX {
            self.0.pop_front();
        }
        self.0.push_back(*header);
    }

    pub(crate) fn headers(&self) -> Vec<Header> {
        self.0.iter().copied().collect()
    }
}
