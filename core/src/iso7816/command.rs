//! Commands to a card.

use std::fmt;

use zeroize::Zeroizing;

use crate::flow::CommandBytes;

/// How much data a command expects back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// None: no Le field (cases 1 and 3).
    Nothing,
    /// Up to this many bytes, 1 to 65,536 (cases 2 and 4). 256 is written as the short Le `00`.
    UpTo(usize),
}

/// A command that no APDU can carry: data over 65,535 bytes, or an expectation of 0 or over 65,536 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the command does not fit an APDU")]
pub(crate) struct TooLong;

/// A command APDU (ISO/IEC 7816-4 §5.1), all four cases, short and extended.
///
/// `Debug` shows the header only: the data may be a PIN.
pub(crate) struct Command {
    /// CLA
    pub(crate) class: u8,
    /// INS
    pub(crate) instruction: u8,
    /// P1
    pub(crate) p1: u8,
    /// P2
    pub(crate) p2: u8,
    /// Data field; empty for cases 1 and 2.
    pub(crate) data: Zeroizing<Vec<u8>>,
    /// Le
    pub(crate) expect: Expect,
}

/// Most data bytes of a short command.
const SHORT_DATA: usize = 255;
/// Most bytes a short command can expect.
pub(crate) const SHORT_EXPECT: usize = 256;
/// Most bytes an extended command can expect.
pub(crate) const EXTENDED_EXPECT: usize = 65_536;

impl Command {
    /// A command of class `00`.
    fn interindustry(instruction: u8, p1: u8, p2: u8, data: &[u8], expect: Expect) -> Self {
        Self { class: 0, instruction, p1, p2, data: Zeroizing::new(data.to_vec()), expect }
    }

    /// SELECT by application identifier, no answer data wanted (ISO/IEC 7816-4 §11.2.2; P2 `0C`).
    pub(crate) fn select_application(aid: &[u8]) -> Self {
        Self::interindustry(0xA4, 0x04, 0x0C, aid, Expect::Nothing)
    }

    /// SELECT of the master file (P1 `00`): a way out of the only application of a card.
    pub(crate) fn select_master_file() -> Self {
        Self::interindustry(0xA4, 0x00, 0x0C, b"\x3F\x00", Expect::Nothing)
    }

    /// SELECT of an elementary file of the current application (P1 `02`).
    pub(crate) fn select_file(id: u16) -> Self {
        Self::interindustry(0xA4, 0x02, 0x0C, &id.to_be_bytes(), Expect::Nothing)
    }

    /// READ BINARY of the current file from `offset`, 15 bits (§11.3.3).
    pub(crate) fn read_binary(offset: u16, count: usize) -> Self {
        let [high, low] = offset.to_be_bytes();
        Self::interindustry(0xB0, high & 0x7F, low, &[], Expect::UpTo(count))
    }

    /// READ BINARY from the start of a file named by its short identifier, the low five bits of its id (§11.3.3).
    pub(crate) fn read_binary_short_id(id: u16, count: usize) -> Self {
        Self::interindustry(0xB0, short_id(id), 0, &[], Expect::UpTo(count))
    }

    /// VERIFY without data for the current PIN: asks for the tries left, and costs none (§11.6.6).
    ///
    /// Exactly four bytes on the wire: with a fifth (Le) real cards answer `6700`.
    pub(crate) fn verify_query() -> Self {
        Self::interindustry(0x20, 0, 0x80, &[], Expect::Nothing)
    }

    /// VERIFY of the current PIN. An empty `pin` would be a query, so none is made of it.
    pub(crate) fn verify(pin: &[u8]) -> Option<Self> {
        (!pin.is_empty()).then(|| Self::interindustry(0x20, 0, 0x80, pin, Expect::Nothing))
    }

    /// CHANGE REFERENCE DATA, new data only, after VERIFY of the old (§11.6.7; P1 `01`).
    pub(crate) fn change_reference_data(pin: &[u8]) -> Self {
        Self::interindustry(0x24, 0x01, 0x80, pin, Expect::Nothing)
    }

    /// GET RESPONSE (§11.7.1).
    pub(crate) fn get_response(count: usize) -> Self {
        Self::interindustry(0xC0, 0, 0, &[], Expect::UpTo(count))
    }

    /// Whether this carries a secret of a person: VERIFY and CHANGE REFERENCE DATA with data.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self.instruction, 0x20 | 0x24) && !self.data.is_empty()
    }

    /// The same command with another expectation.
    pub(super) fn expecting(&self, count: usize) -> Self {
        Self { expect: Expect::UpTo(count), data: self.data.clone(), ..*self }
    }

    /// Whether this is READ BINARY, which changes nothing and may be sent again.
    pub(super) fn is_read(&self) -> bool {
        self.instruction == 0xB0
    }

    /// Whether the short form carries it (§5.1).
    pub(super) fn is_short(&self) -> bool {
        let fits = match self.expect {
            Expect::Nothing => true,
            Expect::UpTo(count) => count <= SHORT_EXPECT,
        };
        fits && self.data.len() <= SHORT_DATA
    }

    /// The bytes on the wire: short form where it fits, extended form otherwise.
    pub(crate) fn encode(&self) -> Result<CommandBytes, TooLong> {
        let expect = match self.expect {
            Expect::Nothing => None,
            Expect::UpTo(count @ 1..=EXTENDED_EXPECT) => Some(count),
            Expect::UpTo(_) => return Err(TooLong),
        };
        let count = u16::try_from(self.data.len()).map_err(|_| TooLong)?;
        let short = self.is_short();

        // Sized once, so that no reallocation leaves a PIN behind.
        let mut bytes = Vec::with_capacity(self.data.len().saturating_add(9));
        bytes.extend_from_slice(&[self.class, self.instruction, self.p1, self.p2]);
        if !self.data.is_empty() {
            let [high, low] = count.to_be_bytes();
            if !short {
                bytes.extend_from_slice(&[0, high]);
            }
            bytes.push(low);
            bytes.extend_from_slice(&self.data);
        } else if !short {
            bytes.push(0);
        }
        if let Some(expect) = expect {
            // The largest expectation of each form is written as zeros: drop the carry.
            let [.., high, low] = expect.to_be_bytes();
            if !short {
                bytes.push(high);
            }
            bytes.push(low);
        }
        Ok(CommandBytes::new(bytes))
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, instruction, p1, p2, expect, .. } = self;
        write!(f, "Command({class:02X} {instruction:02X} {p1:02X} {p2:02X} .. {expect:?})")
    }
}

/// P1 or P2 that addresses a file by its short identifier.
pub(crate) fn short_id(id: u16) -> u8 {
    0x80 | (id.to_be_bytes()[1] & 0x1F)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn wire(data: usize, expect: Expect) -> Vec<u8> {
        let command = Command {
            class: 0x80,
            instruction: 0x2A,
            p1: 0,
            p2: 0x80,
            data: vec![0xAB; data].into(),
            expect,
        };
        command.encode().unwrap().bytes().to_vec()
    }

    #[rstest]
    #[case(0, Expect::Nothing, "", "")] // 1
    #[case(0, Expect::UpTo(4), "", "04")] // 2 short
    #[case(0, Expect::UpTo(256), "", "00")] // 2 short, largest
    #[case(0, Expect::UpTo(257), "", "000101")] // 2 extended
    #[case(0, Expect::UpTo(65_536), "", "000000")] // 2 extended, largest
    #[case(2, Expect::Nothing, "02", "")] // 3 short
    #[case(255, Expect::Nothing, "FF", "")] // 3 short, largest
    #[case(256, Expect::Nothing, "000100", "")] // 3 extended
    #[case(51, Expect::UpTo(256), "33", "00")] // 4 short
    #[case(51, Expect::UpTo(257), "000033", "0101")] // 4 extended by Le
    #[case(300, Expect::UpTo(1), "00012C", "0001")] // 4 extended by Lc
    fn all_cases(#[case] data: usize, #[case] expect: Expect, #[case] lc: &str, #[case] le: &str) {
        let expected = format!("802A0080{lc}{}{le}", "AB".repeat(data));
        let byte = |at: usize| u8::from_str_radix(&expected[at..at + 2], 16).unwrap();
        let expected: Vec<u8> = (0..expected.len()).step_by(2).map(byte).collect();
        assert_eq!(wire(data, expect), expected);
    }

    #[test]
    fn what_no_apdu_carries_is_refused() {
        let big = |data: usize, expect| Command {
            class: 0,
            instruction: 0,
            p1: 0,
            p2: 0,
            data: vec![0; data].into(),
            expect,
        };
        assert!(big(65_536, Expect::Nothing).encode().is_err());
        assert!(big(0, Expect::UpTo(0)).encode().is_err());
        assert!(big(0, Expect::UpTo(65_537)).encode().is_err());
        assert!(big(65_535, Expect::UpTo(65_536)).encode().is_ok());
    }

    #[test]
    fn the_query_is_four_bytes_and_an_empty_pin_is_no_query() {
        assert_eq!(Command::verify_query().encode().unwrap().bytes(), [0x00, 0x20, 0x00, 0x80]);
        assert!(Command::verify(b"").is_none());
        let verify = Command::verify(b"1234").unwrap();
        assert_eq!(verify.encode().unwrap().bytes(), b"\x00\x20\x00\x80\x041234");
        assert!(verify.is_secret() && !Command::verify_query().is_secret());
        assert_eq!(format!("{verify:?}"), "Command(00 20 00 80 .. Nothing)");
    }
}
