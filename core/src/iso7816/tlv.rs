//! BER-TLV as cards write it.
//!
//! Cards of one family write lengths minimally, others in long form (`82 00 9F`), and a card can claim any length.
//! So this reader borrows, never allocates, never recurses, and takes a length only if the bytes are there. The crate
//! `iso7816-tlv` builds owned trees by recursion as deep as the input likes; it is the oracle in the tests instead.

/// One object: tag, contents, and both together as they stood.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    /// Tag of one to three bytes, as a number: `FF 20` is `0xFF20`.
    pub(crate) tag: u32,
    /// Contents.
    pub(crate) value: &'a [u8],
    /// Tag, length and contents as they stood: what signatures run over.
    pub(crate) raw: &'a [u8],
}

/// Why bytes are no TLV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TlvError {
    /// The bytes end inside an object.
    #[error("the object is cut short")]
    Truncated,
    /// A tag of more than three bytes.
    #[error("the tag is too long")]
    TagTooLong,
    /// An indefinite length, or one of more than four bytes.
    #[error("the length is of a form that cards do not use")]
    LengthForm,
}

impl<'a> Tlv<'a> {
    /// Reads the first object, and gives what follows it.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), TlvError> {
        let (tag, header, length) = read_header(bytes)?;
        let end = header.checked_add(length).ok_or(TlvError::Truncated)?;
        let (raw, rest) = bytes.split_at_checked(end).ok_or(TlvError::Truncated)?;
        let value = raw.get(header..).ok_or(TlvError::Truncated)?;
        Ok((Self { tag, value, raw }, rest))
    }

    /// The objects inside this one, in order.
    pub(crate) fn children(&self) -> Objects<'a> {
        Objects(self.value)
    }
}

/// Objects in a row. Ends after the first error, or at the end of the bytes; filler is skipped: `00` between objects,
/// and the `FF` with which files are padded behind the last one (ISO/IEC 7816-4 §5.2.2.1).
#[derive(Clone)]
pub(crate) struct Objects<'a>(&'a [u8]);

impl<'a> Objects<'a> {
    /// Reads objects from these bytes.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl<'a> Iterator for Objects<'a> {
    type Item = Result<Tlv<'a>, TlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        // `FF` also begins the card's own tags (FF 20): it is filler only where no such tag can follow.
        while let [0x00, rest @ ..] = self.0 {
            self.0 = rest;
        }
        if let [0xFF] | [0xFF, 0x00 | 0xFF, ..] = self.0 {
            self.0 = &[];
        }
        if self.0.is_empty() {
            return None;
        }
        let read = Tlv::read(self.0);
        self.0 = read.as_ref().map_or(&[], |(_, rest)| rest);
        Some(read.map(|(object, _)| object))
    }
}

/// What the header of an object claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Tag.
    pub(crate) tag: u32,
    /// Length of the whole object, header and contents; `None` where that is no number.
    pub(crate) whole: Option<usize>,
}

/// Reads the header of the first object. The header is enough input.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, TlvError> {
    let (tag, header, length) = read_header(bytes)?;
    Ok(Header { tag, whole: header.checked_add(length) })
}

/// Tag, length of the header, claimed length of the contents.
fn read_header(bytes: &[u8]) -> Result<(u32, usize, usize), TlvError> {
    let mut at = bytes.iter().copied();
    let mut next = || at.next().ok_or(TlvError::Truncated);
    let mut header = 2_usize;

    let first = next()?;
    let mut tag = u32::from(first);
    if first & 0x1F == 0x1F {
        loop {
            let more = next()?;
            header = header.saturating_add(1);
            tag = tag << 8 | u32::from(more);
            if more & 0x80 == 0 {
                break;
            }
            if tag > 0xFFFF {
                return Err(TlvError::TagTooLong);
            }
        }
    }
    let first = next()?;
    if first < 0x80 {
        return Ok((tag, header, usize::from(first)));
    }
    let count = usize::from(first & 0x7F);
    if !(1..=4).contains(&count) {
        return Err(TlvError::LengthForm);
    }
    let mut length = 0_usize;
    for _ in 0..count {
        length = length << 8 | usize::from(next()?);
    }
    Ok((tag, header.saturating_add(count), length))
}

impl std::fmt::Debug for Tlv<'_> {
    /// Tag and size: the contents may be personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tlv({:X}, {} bytes)", self.tag, self.value.len())
    }
}

#[cfg(test)]
mod tests {
    use iso7816_tlv::ber;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(b"\xDF\x25\x01\x31", 0xDF25, b"1")]
    #[case(b"\xFF\x10\x0Cabcdefghijkl", 0xFF10, b"abcdefghijkl")]
    #[case(b"\x90\x81\x01x", 0x90, b"x")] // long form for what would fit the short one
    #[case(b"\xFF\x40\x82\x00\x02xy", 0xFF40, b"xy")]
    #[case(b"\x91\x84\x00\x00\x00\x01z", 0x91, b"z")]
    #[case(b"\x7F\x21\x00", 0x7F21, b"")]
    fn lengths_need_not_be_minimal(#[case] bytes: &[u8], #[case] tag: u32, #[case] value: &[u8]) {
        let (object, rest) = Tlv::read(bytes).unwrap();
        assert_eq!((object.tag, object.value, object.raw), (tag, value, bytes));
        assert!(rest.is_empty());
        assert_eq!(header(bytes), Ok(Header { tag, whole: Some(bytes.len()) }));
    }

    #[rstest]
    #[case(b"", TlvError::Truncated)]
    #[case(b"\xDF", TlvError::Truncated)]
    #[case(b"\x90", TlvError::Truncated)]
    #[case(b"\x90\x02x", TlvError::Truncated)]
    #[case(b"\x90\x84\xFF\xFF\xFF\xFFx", TlvError::Truncated)] // claims 4 GiB
    #[case(b"\x90\x80", TlvError::LengthForm)]
    #[case(b"\x90\x85\x00\x00\x00\x00\x01x", TlvError::LengthForm)]
    #[case(b"\x5F\x81\x81\x81\x01\x00", TlvError::TagTooLong)]
    fn claims_are_not_believed(#[case] bytes: &[u8], #[case] error: TlvError) {
        assert_eq!(Tlv::read(bytes).unwrap_err(), error);
    }

    #[test]
    fn children_and_filler() {
        let (outer, rest) =
            Tlv::read(b"\xFF\x20\x81\x09\xDF\x24\x01a\x00\xDF\x25\x01b\xFF\xFF").unwrap();
        assert_eq!(outer.children().map(|c| c.unwrap().tag).collect::<Vec<_>>(), [0xDF24, 0xDF25]);
        assert_eq!(outer.children().last().unwrap().unwrap().value, b"b");
        assert_eq!(Objects::new(rest).count(), 0);
        assert_eq!(Objects::new(b"\x90\x05a").collect::<Vec<_>>(), [Err(TlvError::Truncated)]);
    }

    proptest! {
        #[test]
        fn never_panics_and_never_reads_past_the_end(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            for object in Objects::new(&bytes).flatten() {
                prop_assert!(object.raw.len() <= bytes.len());
                let _ = object.children().count();
            }
        }

        #[test]
        fn agrees_with_iso7816_tlv(
            tag in prop::sample::select(vec![0x90_u32, 0x91, 0x5F37, 0x5F4E, 0xDF22, 0x04]),
            value in prop::collection::vec(any::<u8>(), 0..700),
        ) {
            let other = ber::Tlv::new(
                ber::Tag::try_from(tag).unwrap(),
                ber::Value::Primitive(value.clone()),
            ).unwrap();
            let bytes = other.to_vec();
            let (ours, rest) = Tlv::read(&bytes).unwrap();
            prop_assert_eq!((ours.tag, ours.value), (tag, value.as_slice()));
            prop_assert!(rest.is_empty());
        }
    }
}
