//! Status words.

use std::fmt;

/// SW1 and SW2 (ISO/IEC 7816-4 §5.1.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StatusWord(pub(crate) u16);

impl StatusWord {
    /// `9000`: done.
    pub(crate) const SUCCESS: Self = Self(0x9000);
    /// `6282`: the file ended before the expected length; what was there is in the answer.
    pub(crate) const END_OF_FILE: Self = Self(0x6282);
    /// `6982`: security status not satisfied; a PIN has to be verified first.
    pub(crate) const NOT_ALLOWED: Self = Self(0x6982);
    /// `6700`: wrong length.
    pub(crate) const WRONG_LENGTH: Self = Self(0x6700);
    /// `6A82`: no such file or application.
    pub(crate) const NOT_FOUND: Self = Self(0x6A82);

    /// Whether the command was carried out without a warning.
    pub(crate) fn is_success(self) -> bool {
        self == Self::SUCCESS
    }

    /// Whether a command that wants no data was carried out: `9000`, or `61xx` where data waits all the same, such as the
    /// control information that some cards offer after any SELECT. It may be left.
    pub(crate) fn is_done(self) -> bool {
        self.is_success() || self.high() == 0x61
    }

    /// Whether an answer without data to READ BINARY says that the file ends where it was to be read: `9000` or `6282`
    /// with nothing, `6B00` or `6A86` (the offset lies outside), `6Cxx` (even the length that the card has named is too
    /// much).
    pub(crate) fn is_end_of_file(self) -> bool {
        matches!(self, Self::SUCCESS | Self::END_OF_FILE | Self(0x6B00 | 0x6A86))
            || self.high() == 0x6C
    }

    /// What an answer to VERIFY, or to its query form, says of the PIN's remaining tries.
    ///
    /// `63Cx` is x tries. `6983` (ISO) and `6984` (JICSAP) both say that the PIN is locked, as `63C0` does.
    /// Nothing else speaks of tries: the low digit of an arbitrary error is no counter.
    pub(crate) fn tries_left(self) -> Option<u8> {
        match self.0 {
            0x6983 | 0x6984 => Some(0),
            0x63C0..=0x63CF => Some(self.low() & 0x0F),
            _ => None,
        }
    }

    /// SW1.
    pub(crate) fn high(self) -> u8 {
        self.0.to_be_bytes()[0]
    }

    /// SW2.
    pub(crate) fn low(self) -> u8 {
        self.0.to_be_bytes()[1]
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_and_where_a_file_ends() {
        for status in [0x9000, 0x611A, 0x6100] {
            assert!(StatusWord(status).is_done());
        }
        for status in [0x9000, 0x6282, 0x6B00, 0x6A86, 0x6C00, 0x6C20] {
            assert!(StatusWord(status).is_end_of_file());
        }
        for status in [0x6982, 0x6A82, 0x6700, 0x6F00, 0x6283, 0x6B01] {
            assert!(!StatusWord(status).is_done() && !StatusWord(status).is_end_of_file());
        }
    }

    #[test]
    fn only_a_counter_is_a_counter() {
        assert_eq!(StatusWord(0x63C3).tries_left(), Some(3));
        for locked in [0x63C0, 0x6983, 0x6984] {
            assert_eq!(StatusWord(locked).tries_left(), Some(0));
        }
        // A reader that took the last digit of any error would show "2 left" for 6982 and "4 left" for 6984.
        for other in [0x9000, 0x6982, 0x6985, 0x6300, 0x6700, 0x63B3] {
            assert_eq!(StatusWord(other).tries_left(), None);
        }
    }
}
