//! Answers as no card should give them.

use sha2::{Digest, Sha256};

/// What becomes of one answer. The card has acted as usual before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Only the first half of it arrives; of a bare status word one byte.
    Truncated,
    /// 300 bytes stand between its data and its status word: more than any command asked for.
    Oversized,
    /// One byte of data is missing, or, where none was due, one is there. The status word is right.
    WrongLength,
    /// 1 to 300 bytes of noise in its place, the same ones for the same seed.
    Random,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Truncated, Self::Oversized, Self::WrongLength, Self::Random];

    /// In behaviour strings, before the number of commands that are answered as usual.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Oversized => "oversized",
            Self::WrongLength => "wrong-length",
            Self::Random => "random",
        }
    }

    /// Never empty: that would mean that the card is gone.
    pub(crate) fn apply(self, mut response: Vec<u8>, seed: u64, command: u64) -> Vec<u8> {
        let data = response.len().saturating_sub(2);
        match self {
            Self::Truncated => response.truncate((response.len() / 2).max(1)),
            Self::Oversized => drop(response.splice(data..data, noise(seed, command).take(300))),
            Self::WrongLength if data == 0 => response.insert(0, 0x00),
            Self::WrongLength => drop(response.remove(data - 1)),
            Self::Random => {
                let mut noise = noise(seed, command);
                let length = u16::from_be_bytes([0, 0].map(|_: u8| noise.next().unwrap_or(0)));
                response = noise.take(1 + usize::from(length) % 300).collect();
            }
        }
        response
    }
}

/// Bytes that look like chance and can be had again.
fn noise(seed: u64, command: u64) -> impl Iterator<Item = u8> {
    (0_u64..).flat_map(move |block| {
        let input = [seed, command, block].map(u64::to_be_bytes).concat();
        <[u8; 32]>::from(Sha256::digest(input))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_an_answer() {
        let answer = [1, 2, 3, 4, 0x90, 0x00].to_vec();
        let bare = [0x90, 0x00].to_vec();
        let apply = |fault: Fault, answer: &[u8]| fault.apply(answer.to_vec(), 0, 5);
        assert_eq!(apply(Fault::Truncated, &answer), [1, 2, 3]);
        assert_eq!(apply(Fault::Truncated, &bare), [0x90]);
        assert_eq!(apply(Fault::WrongLength, &answer), [1, 2, 3, 0x90, 0x00]);
        assert_eq!(apply(Fault::WrongLength, &bare), [0x00, 0x90, 0x00]);
        let oversized = apply(Fault::Oversized, &answer);
        assert_eq!(
            (oversized.len(), &oversized[..4], &oversized[304..]),
            (306, &answer[..4], &bare[..])
        );
        for seed in 0..200 {
            let noise = Fault::Random.apply(answer.clone(), seed, 5);
            assert!((1..=300).contains(&noise.len()));
            assert_eq!(noise, Fault::Random.apply(bare.clone(), seed, 5));
            assert_ne!(noise, Fault::Random.apply(bare.clone(), seed + 1, 5));
        }
    }
}
