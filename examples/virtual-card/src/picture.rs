//! The pictures of the card face: text as it is printed, and drawn portraits.

use serde::{Deserialize, Serialize};

/// What is printed, and how wide its field is at least: measured on a test card, where one digit is 6 pixels wide and
/// one kanji 12.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    Name,
    Address,
    MyNumber,
    SecurityCode,
}

/// A drawn face with SAMPLE written under it. See `data/draw.py`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Portrait {
    /// An old woman with glasses.
    #[default]
    Woman,
    /// An old man.
    Man,
    /// A child.
    Child,
}

impl Portrait {
    /// The photo as the card holds it: JPEG 2000 in a JP2 file, greyscale, 378 by 472 pixels.
    pub const fn jpeg_2000(self) -> &'static [u8] {
        match self {
            Self::Woman => include_bytes!("../data/portrait-woman.jp2"),
            Self::Man => include_bytes!("../data/portrait-man.jp2"),
            Self::Child => include_bytes!("../data/portrait-child.jp2"),
        }
    }
}

const HEIGHT: usize = 12;
/// Three bytes of code point, eighteen of 12 by 12 pixels; sorted.
const GLYPHS: &[u8] = include_bytes!("../data/glyphs.bin");
const GLYPH_LENGTH: usize = 21;
/// What is printed in place of a character that the small font lacks.
const MISSING: char = '〓';

/// A line of text as a PNG of one bit a pixel, black on white.
pub(crate) fn text(field: Field, text: &str) -> Vec<u8> {
    let least = match field {
        Field::Name => 216,
        Field::Address => 288,
        Field::MyNumber => 72,
        Field::SecurityCode => 24,
    };
    let mut rows = vec![Vec::new(); HEIGHT];
    for character in text.chars() {
        let width = if character.is_ascii() { 6 } else { 12 };
        let glyph = glyph(character).or_else(|| glyph(MISSING)).unwrap_or_default();
        for (row, pixels) in rows.iter_mut().zip(0..) {
            row.extend((0..width).map(|column| ink(glyph, pixels * 12 + column)));
        }
    }
    let width = rows[0].len().max(least);
    png(width, &rows)
}

fn glyph(character: char) -> Option<&'static [u8]> {
    let [_, code @ ..] = u32::from(character).to_be_bytes();
    let (glyphs, _) = GLYPHS.as_chunks::<GLYPH_LENGTH>();
    let at = glyphs.binary_search_by(|glyph| glyph[..3].cmp(&code)).ok()?;
    Some(&glyphs[at][3..])
}

fn ink(glyph: &[u8], bit: usize) -> bool {
    glyph.get(bit / 8).is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1)
}

/// PNG (ISO/IEC 15948) without compression, which at this size is not worth a dependency.
fn png(width: usize, rows: &[Vec<bool>]) -> Vec<u8> {
    let mut scanlines = Vec::new();
    for row in rows {
        scanlines.push(0); // no filter
        for byte in 0..width.div_ceil(8) {
            let white = |bit| !row.get(byte * 8 + bit).copied().unwrap_or(false);
            scanlines.push((0..8).fold(0, |byte, bit| byte << 1 | u8::from(white(bit))));
        }
    }
    let [.., w1, w0] = width.to_be_bytes();
    let [.., h1, h0] = rows.len().to_be_bytes();
    let header = [0, 0, w1, w0, 0, 0, h1, h0, 1, 0, 0, 0, 0];
    [
        &b"\x89PNG\r\n\x1A\n"[..],
        &chunk(*b"IHDR", &header),
        &chunk(*b"IDAT", &stored(&scanlines)),
        &chunk(*b"IEND", &[]),
    ]
    .concat()
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let [.., l3, l2, l1, l0] = data.len().to_be_bytes();
    let body = [&kind[..], data].concat();
    [&[l3, l2, l1, l0], &body[..], &crc(&body).to_be_bytes()].concat()
}

/// A zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4).
fn stored(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(0xFFFF).peekable();
    while let Some(block) = blocks.next() {
        let [.., hi, lo] = block.len().to_be_bytes();
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend([lo, hi, !lo, !hi]);
        stream.extend(block);
    }
    let (a, b) = data.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

fn crc(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measured_sizes() {
        for (field, line, width) in [
            (Field::Name, "介護　花子", [0, 216]),
            (Field::Address, "架空県試験市見本町一丁目２－３", [1, 32]),
            (Field::MyNumber, "990000001008", [0, 72]),
            (Field::SecurityCode, "0503", [0, 24]),
        ] {
            let png = text(field, line);
            assert_eq!(png[..16], *b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR");
            assert_eq!(png[16..29], [0, 0, width[0], width[1], 0, 0, 0, 12, 1, 0, 0, 0, 0]);
        }
        assert_eq!(crc(b"IEND"), 0xAE42_6082);
    }

    #[test]
    fn characters_outside_the_font_are_marked() {
        assert!(glyph('花').is_some() && glyph('𠮷').is_none());
        assert_eq!(text(Field::Name, "𠮷"), text(Field::Name, "〓"));
        assert_ne!(text(Field::Name, "花"), text(Field::Name, "〓"));
        let sorted = GLYPHS.chunks(GLYPH_LENGTH).is_sorted_by(|a, b| a[..3] < b[..3]);
        assert!(sorted && GLYPHS.len().is_multiple_of(GLYPH_LENGTH));
    }
}
