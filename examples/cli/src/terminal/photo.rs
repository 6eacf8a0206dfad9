//! A photo on a terminal: as a picture where the terminal draws pictures, else of half blocks (▀).
//!
//! Nothing is asked of the terminal: what it can do is told by its environment, or by whoever sits there.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding};
use kaigotap::card::record::Photo;
use zeroize::Zeroizing;

/// How a terminal draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Graphics {
    /// Kitty's graphics protocol (kitty, Ghostty, Konsole).
    Kitty,
    /// iTerm2's inline images (iTerm2, WezTerm).
    Iterm,
    /// Sixel (DEC STD 070).
    Sixel,
    /// Half blocks, with 24-bit colours, or with the 24 greys of 256 colours.
    Blocks {
        /// 24-bit colours.
        true_colour: bool,
    },
    /// Not at all.
    None,
}

impl Graphics {
    /// Of a stream that is a terminal or not, with these variables of the environment.
    pub(super) fn of(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let is = |name: &str, value: &str| variable(name).as_deref() == Some(value);
        let blocks = || {
            let colour = variable("COLORTERM").unwrap_or_default();
            Self::Blocks { true_colour: matches!(colour.as_str(), "truecolor" | "24bit") }
        };
        match variable("KAIGOTAP_PHOTO").as_deref() {
            _ if !is_terminal => return Self::None,
            Some("kitty") => return Self::Kitty,
            Some("iterm") => return Self::Iterm,
            Some("sixel") => return Self::Sixel,
            Some("blocks") => return blocks(),
            Some("none") => return Self::None,
            _ => {}
        }
        let terminal = variable("TERM").unwrap_or_default();
        let within = variable("TMUX").is_some() || terminal.starts_with("screen");
        // What runs terminals inside one lets no pictures through.
        if within {
            return blocks();
        }
        if terminal == "xterm-kitty"
            || terminal == "xterm-ghostty"
            || variable("KITTY_WINDOW_ID").is_some()
        {
            Self::Kitty
        } else if is("TERM_PROGRAM", "iTerm.app") || is("TERM_PROGRAM", "WezTerm") {
            Self::Iterm
        } else if terminal.contains("sixel")
            || ["foot", "foot-direct", "mlterm", "yaft-256color"].contains(&terminal.as_str())
        {
            Self::Sixel
        } else if terminal == "dumb" {
            Self::None
        } else {
            blocks()
        }
    }

    /// What draws the photo, for a screen so many characters wide and high; nothing where nothing can be drawn.
    pub(super) fn draw(self, photo: &Photo, size: (usize, usize)) -> Option<Zeroizing<String>> {
        let usable = photo.width > 0
            && photo.height > 0
            && Some(photo.grey.len()) == side(photo.width).checked_mul(side(photo.height));
        let drawn = match self {
            _ if !usable => return None,
            Self::Kitty => kitty(photo),
            Self::Iterm => iterm(photo),
            Self::Sixel => sixel(photo),
            Self::Blocks { true_colour } => blocks(photo, size, true_colour),
            Self::None => return None,
        };
        Some(Zeroizing::new(drawn))
    }
}

fn side(pixels: u32) -> usize {
    usize::try_from(pixels).unwrap_or(usize::MAX)
}

/// Most characters of base64 in one escape sequence of kitty's protocol.
const CHUNK: usize = 4096;

/// The file in base64, in pieces: shown at once, and no answer wanted.
fn kitty(photo: &Photo) -> String {
    let encoded = Zeroizing::new(Base64::encode_string(&png(photo)));
    let mut drawn = String::with_capacity(encoded.len() + encoded.len() / 64);
    let mut rest = encoded.as_str();
    let mut first = true;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.len().min(CHUNK));
        rest = behind;
        let more = u8::from(!rest.is_empty());
        let control = if first { "a=T,f=100,q=2," } else { "" };
        let _ = write!(drawn, "\x1b_G{control}m={more};{piece}\x1b\\");
        first = false;
    }
    drawn
}

/// The file in base64, in one escape sequence.
fn iterm(photo: &Photo) -> String {
    let png = png(photo);
    let encoded = Zeroizing::new(Base64::encode_string(&png));
    format!("\x1b]1337;File=inline=1;size={};preserveAspectRatio=1:{}\x07", png.len(), *encoded)
}

/// Shades of a sixel picture.
const SHADES: usize = 32;

/// Bands of six rows, in each of them one shade after the other.
fn sixel(photo: &Photo) -> String {
    let (width, height) = (side(photo.width), side(photo.height));
    let mut drawn = format!("\x1bP0;1q\"1;1;{width};{height}");
    for shade in 0..SHADES {
        let percent = shade * 100 / (SHADES - 1);
        let _ = write!(drawn, "#{shade};2;{percent};{percent};{percent}");
    }
    let rows: Vec<&[u8]> = photo.grey.chunks(width).collect();
    for band in rows.chunks(6) {
        let shade_of = |grey: u8| usize::from(grey) * (SHADES - 1) / 255;
        for shade in 0..SHADES {
            let columns: Vec<u8> = (0..width)
                .map(|x| {
                    (0..).zip(band).fold(0, |bits, (row, line)| {
                        let here = line.get(x).is_some_and(|&grey| shade_of(grey) == shade);
                        bits | u8::from(here) << row
                    })
                })
                .collect();
            if columns.iter().all(|&bits| bits == 0) {
                continue;
            }
            let _ = write!(drawn, "#{shade}");
            for run in columns.chunk_by(|one, two| one == two) {
                let sixel = char::from(63 + run.first().copied().unwrap_or_default());
                match run.len() {
                    short @ 1..4 => drawn.extend(std::iter::repeat_n(sixel, short)),
                    long => {
                        let _ = write!(drawn, "!{long}{sixel}");
                    }
                }
            }
            // Back to the beginning of the band.
            drawn.push('$');
        }
        drawn.push('-');
    }
    drawn.push_str("\x1b\\");
    drawn
}

/// Most columns of a picture of half blocks: large, and still a picture.
const WIDEST: usize = 72;

/// Two pixels a character, one above the other.
fn blocks(photo: &Photo, (columns, lines): (usize, usize), true_colour: bool) -> String {
    let (width, height) = (side(photo.width), side(photo.height));
    // A character is about twice as high as wide, so that these pixels are square. The question stands below.
    let most_rows = (lines.saturating_sub(4) * 2).max(16);
    let wide = columns.saturating_sub(2).clamp(8, WIDEST).min(width);
    let wide = wide.min((most_rows * width / height).max(8));
    let high = (height * wide / width).max(2).next_multiple_of(2);
    let mean = |x: usize, y: usize| {
        let across = x * width / wide..((x + 1) * width / wide).max(x * width / wide + 1);
        let down = y * height / high..((y + 1) * height / high).max(y * height / high + 1);
        let (mut sum, mut count) = (0_usize, 0_usize);
        for row in down {
            for column in across.clone() {
                if let Some(&grey) = photo.grey.get(row * width + column) {
                    sum += usize::from(grey);
                    count += 1;
                }
            }
        }
        u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX)
    };
    let mut drawn = String::new();
    for y in (0..high).step_by(2) {
        for x in 0..wide {
            let (above, below) = (mean(x, y), mean(x, y + 1));
            let _ = if true_colour {
                write!(
                    drawn,
                    "\x1b[38;2;{above};{above};{above}m\x1b[48;2;{below};{below};{below}m▀"
                )
            } else {
                write!(drawn, "\x1b[38;5;{}m\x1b[48;5;{}m▀", of_256(above), of_256(below))
            };
        }
        drawn.push_str("\x1b[0m\n");
    }
    drawn.pop();
    drawn
}

/// The nearest of black, the 24 greys of the 256 colours (8, 18, …, 238), and white.
fn of_256(grey: u8) -> u8 {
    match grey {
        0..=3 => 16,
        247.. => 231,
        grey => 232 + (grey.saturating_sub(3) / 10).min(23),
    }
}

/// The photo as a file (PNG, RFC 2083): 8 bits of grey, not compressed.
fn png(photo: &Photo) -> Zeroizing<Vec<u8>> {
    let width = side(photo.width);
    let mut pixels = Zeroizing::new(Vec::with_capacity(photo.grey.len() + side(photo.height)));
    for row in photo.grey.chunks(width) {
        // No filter.
        pixels.push(0);
        pixels.extend_from_slice(row);
    }
    // zlib (RFC 1950) around stored blocks (RFC 1951 §3.2.4).
    let mut packed = Zeroizing::new(Vec::with_capacity(pixels.len() + pixels.len() / 1000 + 64));
    packed.extend_from_slice(&[0x78, 0x01]);
    let mut blocks = pixels.chunks(0xFFFF).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        packed.push(u8::from(blocks.peek().is_none()));
        packed.extend_from_slice(&length.to_le_bytes());
        packed.extend_from_slice(&(!length).to_le_bytes());
        packed.extend_from_slice(block);
    }
    packed.extend_from_slice(&adler32(&pixels).to_be_bytes());

    let mut file = Zeroizing::new(Vec::with_capacity(packed.len() + 64));
    file.extend_from_slice(b"\x89PNG\r\n\x1a\n");
    let mut header = Vec::with_capacity(13);
    header.extend_from_slice(&photo.width.to_be_bytes());
    header.extend_from_slice(&photo.height.to_be_bytes());
    // 8 bits, grey; the one compression, the one kind of filters, not interlaced.
    header.extend_from_slice(&[8, 0, 0, 0, 0]);
    for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", &packed[..]), (b"IEND", &[])] {
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        file.extend_from_slice(&length.to_be_bytes());
        let from = file.len();
        file.extend_from_slice(kind);
        file.extend_from_slice(data);
        let sum = crc32(file.get(from..).unwrap_or_default());
        file.extend_from_slice(&sum.to_be_bytes());
    }
    file
}

/// Of zlib (RFC 1950 §8.2).
fn adler32(bytes: &[u8]) -> u32 {
    let (one, two) = bytes.iter().fold((1_u32, 0_u32), |(one, two), &byte| {
        let one = (one + u32::from(byte)) % 65_521;
        (one, (two + one) % 65_521)
    });
    two << 16 | one
}

/// Of PNG (RFC 2083 §3.4).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Darker to the left, a white row at the bottom.
    fn photo(width: u32, height: u32) -> Photo {
        let shade = |x: u32| u8::try_from(x * 255 / width).unwrap();
        let grey = (0..height)
            .flat_map(|y| (0..width).map(move |x| if y + 1 == height { 255 } else { shade(x) }));
        Photo { width, height, grey: grey.collect::<Vec<u8>>().into() }
    }

    /// What a program that reads PNG would see.
    fn pixels(png: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap();
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap());
        let (mut size, mut packed, mut ended) = ((0, 0), Vec::new(), false);
        while !rest.is_empty() {
            let length = number(&rest[..4]) as usize;
            let (kind, data) = (&rest[4..8], &rest[8..8 + length]);
            assert_eq!(number(&rest[8 + length..12 + length]), crc32(&rest[4..8 + length]));
            match kind {
                b"IHDR" => {
                    assert_eq!(data[8..], [8, 0, 0, 0, 0]);
                    size = (number(&data[..4]), number(&data[4..8]));
                }
                b"IDAT" => packed.extend_from_slice(data),
                b"IEND" => ended = true,
                _ => panic!("{kind:?}"),
            }
            rest = &rest[12 + length..];
        }
        assert!(ended);
        let (mut stored, mut unpacked) = (&packed[2..packed.len() - 4], Vec::new());
        loop {
            let length = u16::from_le_bytes([stored[1], stored[2]]);
            assert_eq!(u16::from_le_bytes([stored[3], stored[4]]), !length);
            let behind = 5 + usize::from(length);
            unpacked.extend_from_slice(&stored[5..behind]);
            let last = stored[0] == 1;
            stored = &stored[behind..];
            if last {
                break;
            }
        }
        assert!(stored.is_empty());
        assert_eq!(number(&packed[packed.len() - 4..]), adler32(&unpacked));
        let rows = unpacked.chunks(size.0 as usize + 1);
        let grey = rows.flat_map(|row| {
            assert_eq!(row[0], 0);
            row[1..].to_vec()
        });
        (size.0, size.1, grey.collect())
    }

    #[test]
    fn the_sums_are_those_of_the_standards() {
        assert_eq!((crc32(b"123456789"), adler32(b"Wikipedia")), (0xCBF4_3926, 0x11E6_0398));
        assert_eq!(crc32(b"IEND"), 0xAE42_6082);
    }

    #[test]
    fn kitty_gets_the_photo_in_pieces() {
        let photo = photo(378, 472);
        let drawn = Graphics::Kitty.draw(&photo, (80, 24)).unwrap();
        let pieces: Vec<&str> = drawn.split_terminator("\x1b\\").collect();
        let mut encoded = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            let (control, data) =
                piece.strip_prefix("\x1b_G").unwrap().split_once(';').expect("a payload");
            let last = at + 1 == pieces.len();
            assert!(control.ends_with(if last { "m=0" } else { "m=1" }), "{control}");
            assert_eq!(control.starts_with("a=T,f=100"), at == 0);
            assert!(data.len() <= 4096 && (last || data.len() % 4 == 0));
            encoded += data;
        }
        assert!(pieces.len() > 10);
        let png = Base64::decode_vec(&encoded).unwrap();
        assert_eq!(pixels(&png), (378, 472, photo.grey.to_vec()));
    }

    #[test]
    fn iterm_gets_the_photo_at_once() {
        let photo = photo(30, 40);
        let drawn = Graphics::Iterm.draw(&photo, (80, 24)).unwrap();
        let inside = drawn.strip_prefix("\x1b]1337;File=").unwrap().strip_suffix('\x07').unwrap();
        let (control, data) = inside.split_once(':').unwrap();
        let png = Base64::decode_vec(data).unwrap();
        assert!(control.contains("inline=1") && control.contains(&format!("size={};", png.len())));
        assert_eq!(pixels(&png), (30, 40, photo.grey.to_vec()));
    }

    /// Draws what a sixel terminal would.
    fn drawn(sixel: &str, width: usize, height: usize) -> Vec<Option<u8>> {
        let body = sixel.strip_prefix("\x1bP0;1q").unwrap().strip_suffix("\x1b\\").unwrap();
        let mut body = body.strip_prefix(&format!("\"1;1;{width};{height}")).unwrap();
        let mut seen = vec![None; width * height];
        let (mut shades, mut shade) = (std::collections::HashMap::new(), 0_usize);
        let (mut x, mut band) = (0, 0);
        let number = |body: &mut &str| {
            let end = body.find(|c: char| !c.is_ascii_digit()).unwrap_or(body.len());
            let (digits, rest) = body.split_at(end);
            *body = rest;
            digits.parse::<usize>().unwrap()
        };
        while let Some(first) = body.chars().next() {
            body = &body[1..];
            match first {
                '#' => {
                    shade = number(&mut body);
                    if body.starts_with(";2;") {
                        body = &body[3..];
                        shades.insert(shade, number(&mut body));
                        for _ in 0..2 {
                            body = &body[1..];
                            assert_eq!(number(&mut body), shades[&shade]);
                        }
                    }
                }
                '$' => x = 0,
                '-' => (x, band) = (0, band + 1),
                first => {
                    let (count, bits) = match first {
                        '!' => {
                            let count = number(&mut body);
                            let bits = body.bytes().next().unwrap();
                            body = &body[1..];
                            (count, bits)
                        }
                        other => (1, other as u8),
                    };
                    for _ in 0..count {
                        for row in (0..6).filter(|row| (bits - 63) >> row & 1 == 1) {
                            let place = &mut seen[(band * 6 + row) * width + x];
                            assert_eq!(*place, None, "drawn twice");
                            *place = Some(u8::try_from(shades[&shade]).unwrap());
                        }
                        x += 1;
                    }
                }
            }
        }
        seen
    }

    #[test]
    fn a_sixel_terminal_draws_each_pixel_once_in_its_shade() {
        let photo = photo(61, 20);
        let sixel = Graphics::Sixel.draw(&photo, (80, 24)).unwrap();
        for (percent, &grey) in drawn(&sixel, 61, 20).into_iter().zip(&*photo.grey) {
            let percent = i32::from(percent.expect("every pixel"));
            assert!((percent - i32::from(grey) * 100 / 255).abs() <= 4, "{percent} % of {grey}");
        }
    }

    #[test]
    fn half_blocks_keep_the_photo_in_its_shape_and_on_the_screen() {
        let photo = photo(378, 472);
        for (size, wide, high) in
            [((80, 40), 57, 36), ((200, 100), 72, 45), ((30, 60), 28, 17), ((80, 10), 12, 7)]
        {
            for true_colour in [true, false] {
                let drawn = Graphics::Blocks { true_colour }.draw(&photo, size).unwrap();
                let lines: Vec<&str> = drawn.lines().collect();
                assert_eq!(lines.len(), high, "{size:?}");
                for line in &lines {
                    assert_eq!(line.matches('▀').count(), wide, "{size:?}");
                    assert!(line.ends_with("\x1b[0m"));
                }
                let form = if true_colour { "\x1b[38;2;" } else { "\x1b[38;5;" };
                assert_eq!(drawn.matches(form).count(), wide * high);
            }
        }
        let drawn = Graphics::Blocks { true_colour: true }.draw(&photo, (80, 40)).unwrap();
        let greys = |line: &str| -> Vec<u8> {
            let parts = line.split("\x1b[38;2;").skip(1);
            parts.map(|part| part.split(';').next().unwrap().parse().unwrap()).collect()
        };
        let first = greys(drawn.lines().next().unwrap());
        assert!(first.is_sorted() && first[0] < 8 && *first.last().unwrap() > 240, "{first:?}");
    }

    #[test]
    fn greys_of_256_colours_are_the_nearest() {
        for (grey, colour) in [(0, 16), (8, 232), (18, 233), (128, 244), (238, 255), (255, 231)] {
            assert_eq!(of_256(grey), colour, "{grey}");
        }
    }

    #[test]
    fn what_a_terminal_can_do_is_told_by_its_environment_or_by_a_person() {
        let of = |terminal, set: &[(&str, &str)]| {
            Graphics::of(terminal, |name| {
                set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let (plain, full) =
            (Graphics::Blocks { true_colour: false }, Graphics::Blocks { true_colour: true });
        for (set, expected) in [
            (&[][..], plain),
            (&[("COLORTERM", "truecolor")], full),
            (&[("TERM", "xterm-kitty")], Graphics::Kitty),
            (&[("KITTY_WINDOW_ID", "1"), ("TERM", "xterm-256color")], Graphics::Kitty),
            (&[("TERM_PROGRAM", "iTerm.app")], Graphics::Iterm),
            (&[("TERM_PROGRAM", "WezTerm")], Graphics::Iterm),
            (&[("TERM", "foot")], Graphics::Sixel),
            (&[("TERM", "dumb")], Graphics::None),
            (&[("TERM", "screen"), ("KITTY_WINDOW_ID", "1")], plain),
            (&[("KAIGOTAP_PHOTO", "sixel"), ("TERM", "xterm-kitty")], Graphics::Sixel),
            (&[("KAIGOTAP_PHOTO", "kitty")], Graphics::Kitty),
            (&[("KAIGOTAP_PHOTO", "iterm")], Graphics::Iterm),
            (&[("KAIGOTAP_PHOTO", "blocks"), ("COLORTERM", "24bit")], full),
            (&[("KAIGOTAP_PHOTO", "none")], Graphics::None),
        ] {
            assert_eq!(of(true, set), expected, "{set:?}");
            assert_eq!(of(false, set), Graphics::None, "{set:?}");
        }
        assert!(Graphics::None.draw(&photo(3, 4), (80, 24)).is_none());
    }

    #[test]
    fn a_photo_that_is_none_is_not_drawn() {
        for (width, height) in [(0, 4), (4, 0), (3, 3)] {
            let none = Photo { width, height, grey: vec![0; 4].into() };
            let blocks = Graphics::Blocks { true_colour: true };
            for graphics in [Graphics::Kitty, Graphics::Iterm, Graphics::Sixel, blocks] {
                assert!(graphics.draw(&none, (80, 24)).is_none());
            }
        }
    }
}
