//! Command APDUs, read.
//!
//! Nothing here is shared with the room that writes them, so that one can be held against the other.

/// A command, taken apart (ISO/IEC 7816-4 §5.1). It may hold a PIN, so there is no `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Apdu<'a> {
    pub(super) class: u8,
    pub(super) instruction: u8,
    pub(super) p1: u8,
    pub(super) p2: u8,
    pub(super) data: &'a [u8],
    /// How many bytes may come back, 1 to 65,536; `None` without an Le field.
    pub(super) expected: Option<usize>,
}

impl<'a> Apdu<'a> {
    /// `None` where the lengths do not add up.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&[class, instruction, p1, p2], body) = bytes.split_first_chunk()?;
        let (data, expected) = lengths(body)?;
        Some(Self { class, instruction, p1, p2, data, expected })
    }

    /// Whether a person's secret is in it: VERIFY or CHANGE REFERENCE DATA with data.
    pub(super) fn is_secret(&self) -> bool {
        matches!(self.instruction, 0x20 | 0x24) && !self.data.is_empty()
    }
}

fn lengths(body: &[u8]) -> Option<(&[u8], Option<usize>)> {
    let (data, expected) = match *body {
        [] => return Some((&[], None)),
        [short] => return Some((&[], Some(expectation(&[short], 256)))),
        [0, high, low] => return Some((&[], Some(expectation(&[high, low], 65_536)))),
        [0, high, low, ref rest @ ..] => {
            rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?
        }
        [short, ref rest @ ..] => rest.split_at_checked(usize::from(short))?,
    };
    let extended = body.first() == Some(&0);
    match *expected {
        _ if data.is_empty() => None,
        [] => Some((data, None)),
        [low] if !extended => Some((data, Some(expectation(&[low], 256)))),
        [high, low] if extended => Some((data, Some(expectation(&[high, low], 65_536)))),
        _ => None,
    }
}

/// A number of bytes, where zero means the most that the form can say.
fn expectation(bytes: &[u8], most: usize) -> usize {
    let number = bytes.iter().fold(0, |number, &byte| number << 8 | usize::from(byte));
    if number == 0 { most } else { number }
}
