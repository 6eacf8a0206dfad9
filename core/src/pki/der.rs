//! DER, as strict as X.690 §10 wants it.
//!
//! `x509-parser` takes certificates apart, but its readers of extensions step over what they do not expect. Where a
//! verdict depends on it, and for revocation lists of a million entries, this reader is used: it borrows, never
//! recurses, takes only shortest definite lengths, and lets nothing be left over.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use super::Malformed;

/// Tags (X.690 §8.1.2, identifier octets).
pub(super) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0A;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[n]`, primitive.
    pub(crate) const fn context(n: u8) -> u8 {
        0x80 | n
    }

    /// `[n]`, constructed.
    pub(crate) const fn inside(n: u8) -> u8 {
        0xA0 | n
    }
}

/// One element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// Its contents.
    pub(super) value: &'a [u8],
    /// Tag, length and contents as they stand.
    pub(super) raw: &'a [u8],
}

/// Elements in a row.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The next element, whatever it is.
    #[inline]
    pub(super) fn any(&mut self) -> Result<Element<'a>, Malformed> {
        let (&tag, after) = self.0.split_first().ok_or(Malformed("cut short"))?;
        if tag & 0x1F == 0x1F {
            return Err(Malformed("a long tag"));
        }
        let (&first, after) = after.split_first().ok_or(Malformed("cut short"))?;
        let (length, after) = match first {
            0..=0x7F => (usize::from(first), after),
            0x81..=0x84 => {
                let (length, after) = after
                    .split_at_checked(usize::from(first & 0x7F))
                    .ok_or(Malformed("cut short"))?;
                let shortest = length.first() != Some(&0);
                let length = length.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
                if !shortest || length < 0x80 {
                    return Err(Malformed("a length that is not the shortest"));
                }
                (length, after)
            }
            _ => return Err(Malformed("a length of another form")),
        };
        let (value, rest) = after.split_at_checked(length).ok_or(Malformed("cut short"))?;
        let size = self.0.len().saturating_sub(rest.len());
        let raw = self.0.get(..size).ok_or(Malformed("cut short"))?;
        self.0 = rest;
        Ok(Element { tag, value, raw })
    }

    /// The next element, which must have this tag.
    #[inline]
    pub(super) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        let element = self.any()?;
        if element.tag == tag { Ok(element) } else { Err(Malformed("another element expected")) }
    }

    /// The next element if it has this tag.
    #[inline]
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.0.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// A SEQUENCE, and what is in it.
    pub(super) fn sequence(&mut self) -> Result<Reader<'a>, Malformed> {
        Ok(self.expect(tag::SEQUENCE)?.contents())
    }

    /// A BOOLEAN that is FALSE where it is absent, and then must be absent (X.690 §11.5).
    pub(super) fn flag(&mut self, tag: u8) -> Result<bool, Malformed> {
        match self.optional(tag)? {
            None => Ok(false),
            Some(element) if element.value == [0xFF] => Ok(true),
            Some(_) => Err(Malformed("a boolean")),
        }
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed("bytes left over")) }
    }
}

/// Reads exactly one element.
pub(super) fn single(bytes: &[u8], tag: u8) -> Result<Element<'_>, Malformed> {
    let mut reader = Reader::new(bytes);
    let element = reader.expect(tag)?;
    reader.end()?;
    Ok(element)
}

impl<'a> Element<'a> {
    /// The elements inside it.
    pub(super) fn contents(&self) -> Reader<'a> {
        Reader::new(self.value)
    }

    /// The contents of an INTEGER or ENUMERATED, in the fewest bytes.
    pub(super) fn integer(&self) -> Result<&'a [u8], Malformed> {
        match self.value {
            [] | [0x00, 0x00..=0x7F, ..] | [0xFF, 0x80..=0xFF, ..] => Err(Malformed("an integer")),
            bytes => Ok(bytes),
        }
    }

    /// A small number that is not negative.
    pub(super) fn small(&self) -> Result<u32, Malformed> {
        match self.integer()? {
            [0x80..=0xFF, ..] => Err(Malformed("a negative number")),
            bytes if bytes.len() <= 5 => {
                let number = bytes.iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
                u32::try_from(number).map_err(|_| Malformed("a number too large"))
            }
            _ => Err(Malformed("a number too large")),
        }
    }

    /// A positive number, big-endian, without the zero that keeps its sign.
    pub(super) fn positive(&self) -> Result<&'a [u8], Malformed> {
        match self.integer()? {
            [0x80..=0xFF, ..] | [0x00] => Err(Malformed("a number that is not positive")),
            [0x00, rest @ ..] => Ok(rest),
            bytes => Ok(bytes),
        }
    }

    /// A BIT STRING of whole bytes.
    pub(super) fn whole_bytes(&self) -> Result<&'a [u8], Malformed> {
        match self.value {
            [0x00, bytes @ ..] => Ok(bytes),
            _ => Err(Malformed("a bit string")),
        }
    }

    /// A BIT STRING of named bits, of which there are at most 16; bit 0 is the highest. Trailing zeros are not written
    /// (X.690 §11.2.2), but an empty set is tolerated nowhere here.
    pub(super) fn named_bits(&self) -> Result<u16, Malformed> {
        let malformed = Malformed("a bit string");
        let (&unused, bytes) = self.value.split_first().ok_or(malformed)?;
        let last = *bytes.last().ok_or(malformed)?;
        if unused > 7 || last.trailing_zeros() != u32::from(unused) {
            return Err(malformed);
        }
        match bytes {
            [high] => Ok(u16::from(*high) << 8),
            [high, low] => Ok(u16::from_be_bytes([*high, *low])),
            _ => Err(malformed),
        }
    }

    /// UTCTime or GeneralizedTime as RFC 5280 §4.1.2.5 writes them: in UTC, to the second, and through 2049 the first.
    pub(super) fn time(&self) -> Result<Timestamp, Malformed> {
        let malformed = Malformed("a time");
        match self.tag {
            tag::UTC_TIME => {
                let (year, rest) = self.value.split_at_checked(2).ok_or(malformed)?;
                let year = digits(year).ok_or(malformed)?;
                moment(year.saturating_add(if year >= 50 { 1900 } else { 2000 }), rest)
            }
            tag::GENERALIZED_TIME => {
                let time = self.generalized_time()?;
                if time < MOMENT_2050 {
                    return Err(Malformed("a GeneralizedTime before 2050"));
                }
                Ok(time)
            }
            _ => Err(malformed),
        }
    }

    /// GeneralizedTime of any year, in UTC, to the second.
    pub(super) fn generalized_time(&self) -> Result<Timestamp, Malformed> {
        let malformed = Malformed("a time");
        let (year, rest) = self.value.split_at_checked(4).ok_or(malformed)?;
        if self.tag != tag::GENERALIZED_TIME {
            return Err(malformed);
        }
        moment(digits(year).ok_or(malformed)?, rest)
    }
}

/// 2050-01-01T00:00:00Z.
const MOMENT_2050: Timestamp = Timestamp::constant(2_524_608_000, 0);

/// `MMDDHHMMSSZ` of a year.
fn moment(year: i16, rest: &[u8]) -> Result<Timestamp, Malformed> {
    let malformed = Malformed("a time");
    let [m1, m2, d1, d2, h1, h2, n1, n2, s1, s2, b'Z'] = *rest else { return Err(malformed) };
    let part = |tens, ones| {
        digits(&[tens, ones]).and_then(|number| i8::try_from(number).ok()).ok_or(malformed)
    };
    let date = civil::Date::new(year, part(m1, m2)?, part(d1, d2)?).map_err(|_| malformed)?;
    let time = civil::Time::new(part(h1, h2)?, part(n1, n2)?, part(s1, s2)?, 0);
    let moment = date.to_datetime(time.map_err(|_| malformed)?);
    // The last day of 9999, where RFC 5280 §4.1.2.5 puts the end of what has none, is later than a Timestamp can be: then
    // it is later than any time that can be asked for.
    Ok(TimeZone::UTC.to_timestamp(moment).unwrap_or(Timestamp::MAX))
}

fn digits(text: &[u8]) -> Option<i16> {
    text.iter().try_fold(0_i16, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| byte.wrapping_sub(b'0'))?;
        number.checked_mul(10)?.checked_add(i16::from(digit))
    })
}
