//! Files that hold DER: themselves, or as PEM (RFC 7468) the way other programs leave it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::report::Stop;

/// How a PEM block begins.
const BEGIN: &str = "-----BEGIN ";

/// Everything of a kind, such as `CERTIFICATE`, in a file of at most so many bytes: the file if it is DER, or each PEM
/// block of that kind. Text before, between and after the blocks is passed over; a byte-order mark and UTF-16 of either
/// order are read.
pub(crate) fn read(file: &Path, longest: u64, kind: &str) -> Result<Vec<Vec<u8>>, Stop> {
    let unreadable = |error: std::io::Error| {
        Stop::input("file_not_read", format!("{}: {error}", file.display()), "Give another file.")
            .about(file.display())
    };
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    opened.take(longest.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > longest {
        return Err(Stop::input(
            "file_too_long",
            format!("{} is longer than {longest} bytes.", file.display()),
            "Give the right file.",
        ));
    }
    if bytes.is_empty() {
        return Err(Stop::input(
            "file_empty",
            format!("{} is empty.", file.display()),
            "Give the right file.",
        ));
    }
    // A SEQUENCE of at least 128 bytes, which is no UTF-8 and not how UTF-16 begins either. What it holds is its own.
    if matches!(bytes.as_slice(), [0x30, 0x81..=0x84, ..]) {
        return Ok(vec![bytes]);
    }
    let Some(text) = with_pem(&bytes) else { return Ok(vec![bytes]) };
    let blocks =
        pem::parse_many(text).ok().filter(|blocks| !blocks.is_empty()).ok_or_else(|| {
            Stop::input(
                "pem_malformed",
                format!("{} is not PEM, though it looks so.", file.display()),
                "Give another file, PEM or DER.",
            )
        })?;
    let found: Vec<_> = blocks
        .into_iter()
        .filter(|block| block.tag() == kind)
        .map(pem::Pem::into_contents)
        .collect();
    if found.is_empty() {
        return Err(Stop::input(
            "pem_of_another_kind",
            format!("{} holds no {kind}.", file.display()),
            "Give the right file.",
        ));
    }
    Ok(found)
}

/// The text in which a PEM block begins, in ASCII or what contains it, if there is one.
fn with_pem(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes()) {
        return Some(bytes.to_vec());
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    [u16::from_le_bytes, u16::from_be_bytes].into_iter().find_map(|unit| {
        let units = pairs.iter().map(|pair| unit(*pair));
        let text: String = char::decode_utf16(units)
            .map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        text.contains(BEGIN).then(|| text.into_bytes())
    })
}
