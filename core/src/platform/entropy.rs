//! Randomness from the host.

use std::fmt;

use ring::hmac;

use super::jws;

/// Randomness from the host: 32 bytes from its secure source, fresh for each conversation. Everything random inside is
/// derived from it, so that a recorded conversation can be replayed to the byte.
pub struct Entropy {
    key: hmac::Key,
    drawn: u64,
}

impl Entropy {
    /// Takes 32 fresh random bytes.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, seed), drawn: 0 }
    }

    /// Randomness for a part of the conversation, as if it were fresh.
    pub(crate) fn part(&mut self) -> Self {
        let tag = self.draw();
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, tag.as_ref()), drawn: 0 }
    }

    fn draw(&mut self) -> hmac::Tag {
        self.drawn = self.drawn.wrapping_add(1);
        hmac::sign(&self.key, &self.drawn.to_be_bytes())
    }

    /// 32 random bytes.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.draw().as_ref());
        bytes
    }

    /// 32 random bytes as one word of base64url, 43 characters.
    pub(crate) fn word(&mut self) -> String {
        jws::base64url(self.draw().as_ref())
    }

    /// A random UUID (RFC 9562 version 4) in its usual form.
    pub(crate) fn uuid(&mut self) -> String {
        let tag = self.draw();
        let mut hex = String::with_capacity(36);
        for (at, byte) in tag.as_ref().iter().take(16).enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                hex.push('-');
            }
            let byte = match at {
                6 => byte & 0x0F | 0x40,
                8 => byte & 0x3F | 0x80,
                _ => *byte,
            };
            for nibble in [byte >> 4, byte & 0x0F] {
                hex.extend(char::from_digit(nibble.into(), 16));
            }
        }
        hex
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_version_4_and_follow_from_the_seed() {
        let draw = |seed| {
            let mut entropy = Entropy::new(&[seed; 32]);
            (entropy.uuid(), entropy.uuid())
        };
        let (first, second) = draw(1);
        assert_eq!(draw(1), (first.clone(), second.clone()));
        assert!(first != second && draw(2).0 != first);
        assert_eq!((first.len(), &first[14..15]), (36, "4"));
        assert!(matches!(&first[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn a_part_repeats_nothing_of_the_whole() {
        let mut whole = Entropy::new(&[1; 32]);
        let mut part = whole.part();
        let drawn = [whole.uuid(), whole.uuid(), part.uuid(), part.uuid()];
        let others = Entropy::new(&[1; 32]).uuid();
        assert!(!drawn.contains(&others));
        assert_eq!(drawn.iter().collect::<std::collections::HashSet<_>>().len(), 4);
    }
}
