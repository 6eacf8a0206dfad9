//! Answers of a card.

use std::fmt;

use zeroize::Zeroizing;

use super::StatusWord;

/// A response APDU (ISO/IEC 7816-4 §5.1): data and status word. `Debug` shows how much data, not which.
pub(crate) struct Response {
    /// The data field; may be empty.
    pub(crate) data: Zeroizing<Vec<u8>>,
    /// How the command went.
    pub(crate) status: StatusWord,
}

impl Response {
    /// Takes an answer apart. `None` for fewer than two bytes: that is no answer. A card pulled in the middle of a
    /// command looks exactly so through PC/SC, which reports success with nothing in it.
    pub(crate) fn parse(mut bytes: Vec<u8>) -> Option<Self> {
        let at = bytes.len().checked_sub(2)?;
        let [high, low] = bytes.get(at..)?.try_into().ok()?;
        bytes.truncate(at);
        Some(Self {
            data: Zeroizing::new(bytes),
            status: StatusWord(u16::from_be_bytes([high, low])),
        })
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} bytes, {})", self.data.len(), self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_two_bytes_are_no_answer() {
        assert!(Response::parse(Vec::new()).is_none());
        assert!(Response::parse(vec![0x90]).is_none());
        let answer = Response::parse(vec![1, 2, 0x63, 0xC2]).unwrap();
        assert_eq!((answer.data.as_slice(), answer.status), (&[1, 2][..], StatusWord(0x63C2)));
        assert_eq!(format!("{answer:?}"), "Response(2 bytes, 63C2)");
    }
}
