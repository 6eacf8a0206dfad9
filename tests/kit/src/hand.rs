//! A hand on every turn.

use kaigotap::flow::{Progress, Reply, Request};
use kaigotap::link::Host;

/// What is done at one turn in place of answering it.
#[derive(Debug)]
pub enum Hand {
    /// Answer it as it should be.
    Off,
    /// Answer this, without doing what was asked.
    Instead(Reply),
    /// Do what was asked, then answer this.
    After(Reply),
    /// Stop: the flow is dropped.
    Stop,
}

/// A host with a hand on every turn.
pub struct WithHand<'a, H> {
    host: &'a mut dyn Host,
    hand: H,
    index: usize,
}

impl<'a, H: FnMut(usize, &Request) -> Hand> WithHand<'a, H> {
    /// Shows every request, with its index, to the hand before the host.
    pub fn new(host: &'a mut dyn Host, hand: H) -> Self {
        Self { host, hand, index: 0 }
    }
}

impl<H: FnMut(usize, &Request) -> Hand> Host for WithHand<'_, H> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        let hand = (self.hand)(self.index, &request);
        self.index += 1;
        match hand {
            Hand::Off => self.host.answer(request),
            Hand::Instead(reply) => Some(reply),
            Hand::After(reply) => self.host.answer(request).map(|_| reply),
            Hand::Stop => None,
        }
    }

    fn show(&mut self, progress: Progress) {
        self.host.show(progress);
    }

    fn release(&mut self) {
        self.host.release();
    }
}
