//! Writing BER-TLV as the cards do, which is not always as BER would.

/// An object of one record. A length below 128 takes one byte, any other `82 xx xx`, even where `81 xx` would do:
/// measured.
pub(crate) fn tlv(tag: u16, value: &[u8]) -> Vec<u8> {
    match value.len() {
        0..=0x7F => minimal(tag, value),
        _ => long(tag, value),
    }
}

/// With the shortest length there is.
pub(crate) fn minimal(tag: u16, value: &[u8]) -> Vec<u8> {
    let [.., hi, lo] = value.len().to_be_bytes();
    match value.len() {
        0..=0x7F => object(tag, &[lo], value),
        0x80..=0xFF => object(tag, &[0x81, lo], value),
        _ => object(tag, &[0x82, hi, lo], value),
    }
}

/// With three bytes of length in any case.
pub(crate) fn long(tag: u16, value: &[u8]) -> Vec<u8> {
    let [.., hi, lo] = value.len().to_be_bytes();
    object(tag, &[0x82, hi, lo], value)
}

/// A file of objects behind a table with the place of each, counted from the beginning of the file to the object's
/// tag. `outer` is how the file's own object is written.
pub(crate) fn with_offsets(
    outer: fn(u16, &[u8]) -> Vec<u8>,
    tag: u16,
    table: u16,
    objects: &[Vec<u8>],
) -> Vec<u8> {
    let body = objects.concat();
    // The table is as long whatever stands in it, and so is what precedes the first object.
    let blank = minimal(table, &vec![0; 2 * objects.len()]);
    let mut position = outer(tag, &[&blank[..], &body].concat()).len() - body.len();
    let mut places = Vec::new();
    for object in objects {
        let [.., hi, lo] = position.to_be_bytes();
        places.extend([hi, lo]);
        position += object.len();
    }
    outer(tag, &[minimal(table, &places), body].concat())
}

/// The same object with another length in its header: 16 more or less.
pub(crate) fn lie(mut object: Vec<u8>) -> Vec<u8> {
    let wide = object.first().is_some_and(|tag| tag & 0x1F == 0x1F);
    let length = 1 + usize::from(wide);
    let least = match object.get(length) {
        Some(0x81) => length + 1,
        Some(0x82) => length + 2,
        _ => length,
    };
    if let Some(byte) = object.get_mut(least) {
        *byte ^= 0x10;
    }
    object
}

fn object(tag: u16, length: &[u8], value: &[u8]) -> Vec<u8> {
    let tag = tag.to_be_bytes();
    let tag = if tag[0] == 0 { &tag[1..] } else { &tag[..] };
    [tag, length, value].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_ways_to_write_a_length() {
        for (length, measured, shortest) in [
            (0, &[0xDF, 0x21, 0][..], &[0xDF, 0x21, 0][..]),
            (0x7F, &[0xDF, 0x21, 0x7F], &[0xDF, 0x21, 0x7F]),
            (0x80, &[0xDF, 0x21, 0x82, 0, 0x80], &[0xDF, 0x21, 0x81, 0x80]),
            (0x100, &[0xDF, 0x21, 0x82, 1, 0], &[0xDF, 0x21, 0x82, 1, 0]),
        ] {
            let value = vec![7; length];
            assert_eq!(tlv(0xDF21, &value), [measured, &value].concat());
            assert_eq!(minimal(0xDF21, &value), [shortest, &value].concat());
            assert_eq!(long(0x90, &value)[..2], [0x90, 0x82]);
        }
    }

    #[test]
    fn the_table_of_the_test_card() {
        // DF22 with 15, DF23 with 54, DF24 with 8, DF25 with 1 byte.
        let objects: Vec<_> = [(0xDF22, 15), (0xDF23, 54), (0xDF24, 8), (0xDF25, 1)]
            .map(|(tag, length)| tlv(tag, &vec![0; length]))
            .into();
        let file = with_offsets(minimal, 0xFF20, 0xDF21, &objects);
        assert_eq!(file.len(), 104);
        assert_eq!(
            file[..14],
            [0xFF, 0x20, 0x65, 0xDF, 0x21, 8, 0, 0x0E, 0, 0x20, 0, 0x59, 0, 0x64]
        );
        let file = with_offsets(long, 0xFF20, 0xDF21, &objects);
        assert_eq!(
            file[..16],
            [0xFF, 0x20, 0x82, 0, 0x65, 0xDF, 0x21, 8, 0, 0x10, 0, 0x22, 0, 0x5B, 0, 0x66]
        );
    }
}
