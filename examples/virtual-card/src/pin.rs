//! A PIN and its retry counter.

use zeroize::Zeroizing;

use crate::PinKind;

/// Reference data with its counter and security status. No `Debug`: it holds the PIN.
#[derive(Clone)]
pub(crate) struct Pin {
    kind: PinKind,
    value: Zeroizing<String>,
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
    pub(crate) fn new(kind: PinKind, value: String, left: u8) -> Self {
        let left = left.min(kind.max_tries());
        Self { kind, value: Zeroizing::new(value), left, verified: false }
    }

    pub(crate) fn value(&self) -> &str {
        &self.value
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
        if !has_right_length(self.kind, presented) {
            return Presented::Malformed;
        }
        if self.left == 0 {
            return Presented::Blocked;
        }
        self.verified = self.value.as_bytes() == presented;
        if self.verified {
            self.left = self.kind.max_tries();
            Presented::Right
        } else {
            self.left -= 1;
            Presented::Wrong { left: self.left }
        }
    }

    /// The counter does not move (assumed).
    pub(crate) fn change(&mut self, new: String) {
        self.value = Zeroizing::new(new);
    }
}

pub(crate) fn has_right_length(kind: PinKind, pin: &[u8]) -> bool {
    kind.lengths().contains(&pin.len())
}

/// Capital letters and digits, at least one of each, for signature; digits only for everything else (certain).
pub(crate) fn has_right_characters(kind: PinKind, pin: &[u8]) -> bool {
    if kind == PinKind::Signature {
        pin.iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
            && pin.iter().any(u8::is_ascii_digit)
            && pin.iter().any(u8::is_ascii_uppercase)
    } else {
        pin.iter().all(u8::is_ascii_digit)
    }
}
