//! A PIN and its retry counter.

use zeroize::Zeroizing;

use crate::Purpose;

/// Reference data with its counter and security status. No `Debug`: it holds the PIN.
#[derive(Clone)]
pub(crate) struct Pin {
    purpose: Purpose,
    value: Zeroizing<Vec<u8>>,
    left: u8,
    verified: bool,
}

/// How a presented PIN fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    Right,
    Wrong {
        left: u8,
    },
    Blocked,
    /// Of a length no such PIN has: not compared, costs nothing (assumed).
    Malformed,
}

impl Pin {
    pub(crate) fn new(purpose: Purpose, value: &str, left: u8) -> Self {
        let left = left.min(purpose.max_tries());
        Self { purpose, value: Zeroizing::new(value.as_bytes().to_vec()), left, verified: false }
    }

    pub(crate) fn left(&self) -> u8 {
        self.left
    }

    pub(crate) fn is_verified(&self) -> bool {
        self.verified
    }

    pub(crate) fn forget(&mut self) {
        self.verified = false;
    }

    /// A right PIN sets the counter back to its maximum (certain). A wrong one also ends an earlier verification
    /// (assumed, the harsher way). A blocked PIN stays blocked even for the right one (certain).
    pub(crate) fn present(&mut self, presented: &[u8]) -> Presented {
        if !self.has_right_length(presented) {
            return Presented::Malformed;
        }
        if self.left == 0 {
            return Presented::Blocked;
        }
        self.verified = *self.value == presented;
        if self.verified {
            self.left = self.purpose.max_tries();
            Presented::Right
        } else {
            self.left -= 1;
            Presented::Wrong { left: self.left }
        }
    }

    pub(crate) fn has_right_length(&self, pin: &[u8]) -> bool {
        match self.purpose {
            Purpose::Authentication => pin.len() == 4,
            Purpose::Signature => (6..=16).contains(&pin.len()),
        }
    }

    /// Digits only for authentication; capital letters and digits, at least one of each, for signature (certain).
    pub(crate) fn has_right_characters(&self, pin: &[u8]) -> bool {
        match self.purpose {
            Purpose::Authentication => pin.iter().all(u8::is_ascii_digit),
            Purpose::Signature => {
                pin.iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
                    && pin.iter().any(u8::is_ascii_digit)
                    && pin.iter().any(u8::is_ascii_uppercase)
            }
        }
    }

    /// The counter does not move (assumed).
    pub(crate) fn change(&mut self, new: &[u8]) {
        self.value = Zeroizing::new(new.to_vec());
    }
}
