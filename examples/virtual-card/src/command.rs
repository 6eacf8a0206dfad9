//! Reading a command APDU (ISO/IEC 7816-4, 5.1) and writing the response.

/// A well-formed command. No `Debug`: the data field may be a PIN.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Command<'a> {
    pub(crate) class: u8,
    pub(crate) instruction: u8,
    pub(crate) p1: u8,
    pub(crate) p2: u8,
    pub(crate) data: &'a [u8],
    /// How many bytes the client is ready to take, 1 to 65,536; `None` when the command has no Le field.
    pub(crate) expected: Option<usize>,
    pub(crate) extended: bool,
}

impl<'a> Command<'a> {
    /// `None` when the length fields do not add up. An Le of zero means all that its form can say: 256 or 65,536.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&[class, instruction, p1, p2], body) = bytes.split_first_chunk()?;
        let with = |data, expected, extended| {
            Some(Self { class, instruction, p1, p2, data, expected, extended })
        };
        match *body {
            [] => with(&[][..], None, false),
            [le] => with(&[], Some(short(le)), false),
            [0, hi, lo] => with(&[], Some(extended(hi, lo)), true),
            [0, hi, lo, ref rest @ ..] => {
                let (data, le) =
                    rest.split_at_checked(usize::from(u16::from_be_bytes([hi, lo])))?;
                match *le {
                    _ if data.is_empty() => None,
                    [] => with(data, None, true),
                    [hi, lo] => with(data, Some(extended(hi, lo)), true),
                    _ => None,
                }
            }
            [0, ..] => None,
            [lc, ref rest @ ..] => {
                let (data, le) = rest.split_at_checked(usize::from(lc))?;
                match *le {
                    [] => with(data, None, false),
                    [le] => with(data, Some(short(le)), false),
                    _ => None,
                }
            }
        }
    }
}

fn short(le: u8) -> usize {
    if le == 0 { 256 } else { usize::from(le) }
}

fn extended(hi: u8, lo: u8) -> usize {
    match u16::from_be_bytes([hi, lo]) {
        0 => 65_536,
        le => usize::from(le),
    }
}

/// Status words (ISO/IEC 7816-4, 5.6) that this card uses.
pub(crate) mod status {
    pub(crate) const OK: u16 = 0x9000;
    /// Or'ed with the number of bytes waiting; zero for 256 and more.
    pub(crate) const BYTES_WAIT: u16 = 0x6100;
    pub(crate) const END_OF_FILE: u16 = 0x6282;
    /// Or'ed with the tries left.
    pub(crate) const TRIES_LEFT: u16 = 0x63C0;
    pub(crate) const WRONG_LENGTH: u16 = 0x6700;
    pub(crate) const NO_SUCH_CHANNEL: u16 = 0x6881;
    pub(crate) const NOT_THIS_KIND_OF_FILE: u16 = 0x6981;
    pub(crate) const NOT_VERIFIED: u16 = 0x6982;
    pub(crate) const BLOCKED: u16 = 0x6983;
    pub(crate) const REFERENCE_DATA_LOCKED: u16 = 0x6984;
    pub(crate) const CONDITIONS_NOT_SATISFIED: u16 = 0x6985;
    pub(crate) const NO_CURRENT_FILE: u16 = 0x6986;
    pub(crate) const WRONG_DATA: u16 = 0x6A80;
    pub(crate) const NOT_FOUND: u16 = 0x6A82;
    pub(crate) const RECORD_NOT_FOUND: u16 = 0x6A83;
    pub(crate) const WRONG_PARAMETERS: u16 = 0x6A86;
    pub(crate) const OUTSIDE_FILE: u16 = 0x6B00;
    /// Or'ed with the right Le; zero for 256.
    pub(crate) const RIGHT_LENGTH_IS: u16 = 0x6C00;
    pub(crate) const NO_SUCH_INSTRUCTION: u16 = 0x6D00;
    pub(crate) const NO_SUCH_CLASS: u16 = 0x6E00;
    pub(crate) const NO_DIAGNOSIS: u16 = 0x6F00;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(bytes: &[u8]) -> Option<(usize, Option<usize>, bool)> {
        Command::parse(bytes).map(|c| (c.data.len(), c.expected, c.extended))
    }

    #[test]
    fn the_four_cases_in_both_forms() {
        assert_eq!(shape(&[0, 0xB0, 0, 0]), Some((0, None, false)));
        assert_eq!(shape(&[0, 0xB0, 0, 0, 4]), Some((0, Some(4), false)));
        assert_eq!(shape(&[0, 0xB0, 0, 0, 0]), Some((0, Some(256), false)));
        assert_eq!(shape(&[0, 0x20, 0, 0, 2, 1, 2]), Some((2, None, false)));
        assert_eq!(shape(&[0, 0x2A, 0, 0, 2, 1, 2, 0]), Some((2, Some(256), false)));
        assert_eq!(shape(&[0, 0xB0, 0, 0, 0, 0, 0]), Some((0, Some(65_536), true)));
        assert_eq!(shape(&[0, 0xB0, 0, 0, 0, 8, 1]), Some((0, Some(0x801), true)));
        assert_eq!(shape(&[0, 0x20, 0, 0, 0, 0, 2, 1, 2]), Some((2, None, true)));
        assert_eq!(shape(&[0, 0x2A, 0, 0, 0, 0, 2, 1, 2, 1, 0]), Some((2, Some(256), true)));
    }

    #[test]
    fn lengths_that_do_not_add_up() {
        for malformed in [
            &[][..],
            &[0, 0x20, 0],
            &[0, 0x20, 0, 0, 4, 1, 2, 3],
            &[0, 0x20, 0, 0, 1, 1, 2, 3],
            &[0, 0x20, 0, 0, 0, 0],
            &[0, 0x20, 0, 0, 0, 0, 0, 0],
            &[0, 0x20, 0, 0, 0, 0, 0, 1, 0],
            &[0, 0x20, 0, 0, 0, 0, 2, 1],
            &[0, 0x20, 0, 0, 0, 0, 1, 1, 0],
        ] {
            assert_eq!(shape(malformed), None, "{malformed:02X?}");
        }
    }
}
