//! What PC/SC functions answer.

use std::fmt;

use pcsc_sys as sys;

/// Why a function failed: one of PC/SC's numbers, or any other that a system or driver gives. `Debug` and `Display` show
/// it as PC/SC's documents write it, `0x80100016`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(pub u32);

macro_rules! codes {
    ($($name:ident = $number:literal $doc:literal)*) => {
        impl Code { $(
            #[doc = concat!("`", stringify!($number), "`: ", $doc)]
            pub const $name: Self = Self($number);
        )* }
    };
}

codes! {
    INVALID_HANDLE = 0x8010_0003 "the handle is not valid any more"
    INVALID_PARAMETER = 0x8010_0004 "a value that cannot be interpreted"
    INSUFFICIENT_BUFFER = 0x8010_0008 "the answer does not fit the room for it"
    UNKNOWN_READER = 0x8010_0009 "no reader of this name"
    TIMEOUT = 0x8010_000A "nothing in time"
    SHARING_VIOLATION = 0x8010_000B "another program holds the card"
    NO_SMARTCARD = 0x8010_000C "no card in the reader"
    PROTO_MISMATCH = 0x8010_000F "the card speaks none of the protocols"
    INVALID_VALUE = 0x8010_0011 "a value that cannot be carried"
    COMM_ERROR = 0x8010_0013 "no talking to the service"
    READER_UNAVAILABLE = 0x8010_0017 "the reader went away"
    CARD_UNSUPPORTED = 0x8010_001C "a card that the reader cannot use"
    NO_SERVICE = 0x8010_001D "the service does not run"
    SERVICE_STOPPED = 0x8010_001E "the service has ended"
    UNSUPPORTED_FEATURE = 0x8010_001F "not supported (pcsc-lite)"
    UNSUPPORTED_FEATURE_WINDOWS = 0x8010_0022 "not supported (Windows)"
    NO_ACCESS = 0x8010_0027 "access is denied"
    NO_READERS_AVAILABLE = 0x8010_002E "no reader is there"
    SERVER_TOO_BUSY = 0x8010_0031 "the service has too much to do"
    UNSUPPORTED_CARD = 0x8010_0065 "the reader cannot talk to the card"
    UNRESPONSIVE_CARD = 0x8010_0066 "the card does not answer"
    UNPOWERED_CARD = 0x8010_0067 "the card has no power"
    RESET_CARD = 0x8010_0068 "the card was reset"
    REMOVED_CARD = 0x8010_0069 "the card was removed"
    SECURITY_VIOLATION = 0x8010_006A "not allowed"
}

impl Code {
    /// Systems write these numbers with a sign or without, in 32 or 64 bits; the lower 32 are what is meant.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is meant")]
    pub(crate) fn check(code: sys::LONG) -> Result<(), Self> {
        if code == sys::SCARD_S_SUCCESS { Ok(()) } else { Err(Self(code as u32)) }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010X}", self.0)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Code {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_is_a_code() {
        assert_eq!(Code::check(0), Ok(()));
        for number in [7_i32, 0x5010_0016, -1, i32::MIN, 0x8010_0016_u32.cast_signed()] {
            let code = Code::check(number.into()).unwrap_err();
            assert_eq!(code.0, number.cast_unsigned());
        }
        assert_eq!(Code(0x8010_0016).to_string(), "0x80100016");
        assert_eq!(format!("{:?}", Code(7)), "0x00000007");
    }
}
