//! Distinguished names, compared as RFC 5280 §7.1 says: by what they name, not by how it is encoded.

use super::Malformed;
use super::der::{Element, Reader, single, tag};

/// One attribute in the form that is compared: its type, how its value is to be understood, and the value.
type Attribute<'a> = (&'a [u8], Kind, Vec<u8>);

/// One relative name: its attributes, sorted.
type Relative<'a> = Vec<Attribute<'a>>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Text, folded.
    Text,
    /// Something else, of this tag, byte for byte.
    Other(u8),
}

/// Whether two names, DER, name the same: attribute types equal, texts equal without regard to case, to spaces around
/// them and to the number of spaces within, whatever string type they are written in.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    // Nearly always they are the same bytes.
    one == other || matches!((relatives(one), relatives(other)), (Ok(a), Ok(b)) if a == b)
}

/// Whether a name lies in the subtree below a base, itself included (RFC 5280 §4.2.1.10, directoryName).
pub(super) fn within(name: &[u8], base: &[u8]) -> Result<bool, Malformed> {
    Ok(relatives(name)?.starts_with(&relatives(base)?))
}

/// Whether a name is empty.
pub(super) fn is_empty(name: &[u8]) -> bool {
    single(name, tag::SEQUENCE).is_ok_and(|name| name.value.is_empty())
}

/// Whether these bytes are a name.
pub(super) fn check(name: &[u8]) -> Result<(), Malformed> {
    relatives(name).map(drop)
}

fn relatives(name: &[u8]) -> Result<Vec<Relative<'_>>, Malformed> {
    let mut reader = single(name, tag::SEQUENCE)?.contents();
    let mut relatives = Vec::new();
    while !reader.is_empty() {
        relatives.push(relative(reader.expect(tag::SET)?.contents())?);
    }
    Ok(relatives)
}

fn relative(mut attributes: Reader<'_>) -> Result<Relative<'_>, Malformed> {
    let mut relative = Vec::new();
    while !attributes.is_empty() {
        let mut attribute = attributes.sequence()?;
        let kind = attribute.expect(tag::OID)?.value;
        let value = attribute.any()?;
        attribute.end()?;
        let (form, value) = match text(value)? {
            Some(text) => (Kind::Text, folded(&text)),
            None => (Kind::Other(value.tag), value.value.to_vec()),
        };
        relative.push((kind, form, value));
    }
    if relative.is_empty() {
        return Err(Malformed("an empty relative name"));
    }
    relative.sort();
    Ok(relative)
}

/// A string of any type as text; `None` for what is no string.
fn text(value: Element<'_>) -> Result<Option<String>, Malformed> {
    let malformed = Malformed("a text in a name");
    Ok(Some(match value.tag {
        // UTF8String; PrintableString, IA5String, VisibleString and NumericString are parts of ASCII.
        0x0C => std::str::from_utf8(value.value).map_err(|_| malformed)?.to_owned(),
        0x12 | 0x13 | 0x16 | 0x1A if value.value.is_ascii() => {
            std::str::from_utf8(value.value).map_err(|_| malformed)?.to_owned()
        }
        0x12 | 0x13 | 0x16 | 0x1A => return Err(malformed),
        // TeletexString, in practice Latin-1.
        0x14 => value.value.iter().copied().map(char::from).collect(),
        // BMPString.
        0x1E => {
            let (units, rest) = value.value.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
            let whole = rest.is_empty();
            whole.then(|| String::from_utf16(&units).ok()).flatten().ok_or(malformed)?
        }
        // UniversalString.
        0x1C => {
            let (units, rest) = value.value.as_chunks::<4>();
            let whole = rest.is_empty();
            let text = units.iter().map(|unit| char::from_u32(u32::from_be_bytes(*unit))).collect();
            whole.then_some(text).flatten().ok_or(malformed)?
        }
        _ => return Ok(None),
    }))
}

/// Lower case, no spaces around, single spaces within.
fn folded(text: &str) -> Vec<u8> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ").into_bytes()
}
