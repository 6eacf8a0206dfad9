//! What went over the link, in figures, and how long it might have taken.

use std::{collections::VecDeque, time::Duration};

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
    /// Signatures that were made, of any key.
    pub signatures: u64,
    /// Delays that the behaviour asked for.
    pub delayed: Duration,
}

/// How fast bytes travel between card and reader (ISO/IEC 14443-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// 106 kbit/s, which everybody speaks.
    Kbit106,
    /// 212 kbit/s.
    Kbit212,
    /// 424 kbit/s.
    Kbit424,
    /// 848 kbit/s.
    Kbit848,
}

/// What things cost, in a model of a tap. No measured figures of real cards are published: all of these are assumed,
/// and good for comparing clients with each other only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// For a command and its response, whatever they do: the stacks of phone and reader, the frames around the bytes,
    /// the card's own start. 15 ms.
    pub per_command: Duration,
    /// For the card to sign. 250 ms.
    pub per_signature: Duration,
    /// For the card to compare a PIN and write its counter. 20 ms.
    pub per_verify: Duration,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            per_command: Duration::from_millis(15),
            per_signature: Duration::from_millis(250),
            per_verify: Duration::from_millis(20),
        }
    }
}

impl Rate {
    /// All of them, slowest first.
    pub const ALL: [Self; 4] = [Self::Kbit106, Self::Kbit212, Self::Kbit424, Self::Kbit848];

    /// Time of so many bytes. Each takes 10 elementary time units on a card of type B, eight bits between a start and a
    /// stop (certain); a unit is 128 periods of the 13.56 MHz carrier, or a half, a quarter or an eighth of it.
    pub const fn time(self, bytes: u64) -> Duration {
        let periods = match self {
            Self::Kbit106 => 128,
            Self::Kbit212 => 64,
            Self::Kbit424 => 32,
            Self::Kbit848 => 16,
        };
        // A period is 1,000/13.56 nanoseconds.
        Duration::from_nanos(bytes * 10 * periods * 100_000 / 1_356)
    }
}

impl Meter {
    /// How long all of it might have taken at that rate, with the usual [`Costs`].
    pub fn modelled(&self, rate: Rate) -> Duration {
        self.modelled_with(rate, &Costs::default())
    }

    /// The same with other costs.
    pub fn modelled_with(&self, rate: Rate, costs: &Costs) -> Duration {
        let times = |cost: Duration, count| cost * u32::try_from(count).unwrap_or(u32::MAX);
        times(costs.per_command, self.commands)
            + times(costs.per_signature, self.signatures)
            + times(costs.per_verify, self.verify_attempts)
            + rate.time(self.bytes_to_card + self.bytes_from_card)
            + self.delayed
    }

    /// What was added since an earlier reading of the same card.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            commands: self.commands.saturating_sub(earlier.commands),
            bytes_to_card: self.bytes_to_card.saturating_sub(earlier.bytes_to_card),
            bytes_from_card: self.bytes_from_card.saturating_sub(earlier.bytes_from_card),
            verify_attempts: self.verify_attempts.saturating_sub(earlier.verify_attempts),
            signatures: self.signatures.saturating_sub(earlier.signatures),
            delayed: self.delayed.saturating_sub(earlier.delayed),
        }
    }

    pub(crate) fn arrived(&mut self, command: &[u8], delay: Duration) {
        self.commands += 1;
        self.bytes_to_card += command.len() as u64;
        self.delayed += delay;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tap_in_the_model() {
        // 1,356 bytes of 10 units of 128 periods: 128 ms, and half of it at twice the rate.
        for (rate, micros) in Rate::ALL.into_iter().zip([128_000, 64_000, 32_000, 16_000]) {
            assert_eq!(rate.time(1_356), Duration::from_micros(micros));
        }
        let meter = Meter {
            commands: 6,
            bytes_to_card: 356,
            bytes_from_card: 1_000,
            verify_attempts: 1,
            signatures: 1,
            delayed: Duration::from_millis(7),
        };
        let rest = Duration::from_millis(6 * 15 + 250 + 20 + 7);
        assert_eq!(meter.modelled(Rate::Kbit106), rest + Duration::from_millis(128));
        assert_eq!(meter.modelled(Rate::Kbit848), rest + Duration::from_millis(16));
        let free = Costs { per_signature: Duration::ZERO, ..Costs::default() };
        assert_eq!(meter.modelled_with(Rate::Kbit424, &free), Duration::from_millis(117 + 32));
        assert_eq!(meter.since(&meter), Meter::default());
        assert_eq!(meter.since(&Meter::default()), meter);
    }
}
