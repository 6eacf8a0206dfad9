//! Zip archives that are the same, byte for byte, whenever their content is.
//!
//! Entries are sorted, stored as they are, and of one fixed date. An app's build unpacks and packs everything anew, so
//! compressing here would save nothing on a phone.

use std::collections::BTreeMap;

/// What goes into an archive, by name.
pub(crate) type Entries = BTreeMap<String, Vec<u8>>;

/// 1980-01-01, the first day that zip knows.
const DATE: u16 = 0x0021;
/// Version 1.0 of the format, and names in UTF-8.
const VERSION: u16 = 10;
const UTF8: u16 = 0x0800;

/// Packs entries. Fails on what the format has no room for.
pub(crate) fn pack(entries: &Entries) -> Result<Vec<u8>, String> {
    let mut packed = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in entries {
        let offset = size(packed.len(), name)?;
        let length = size(content.len(), name)?;
        let name_length = u16::try_from(name.len()).map_err(|_| too_long(name))?;
        let mut common = Vec::new();
        for field in [VERSION, UTF8, 0, 0, DATE] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc32(content), length, length] {
            common.extend(field.to_le_bytes());
        }
        common.extend(name_length.to_le_bytes());
        common.extend(0_u16.to_le_bytes());

        packed.extend(b"PK\x03\x04");
        packed.extend(&common);
        packed.extend(name.as_bytes());
        packed.extend(content);

        directory.extend(b"PK\x01\x02");
        directory.extend(VERSION.to_le_bytes());
        directory.extend(&common);
        // No comment, first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, length) = (size(packed.len(), "all")?, size(directory.len(), "the directory")?);
    let count = u16::try_from(entries.len()).map_err(|_| too_long("the list of entries"))?;
    packed.extend(&directory);
    packed.extend(b"PK\x05\x06\0\0\0\0");
    packed.extend(count.to_le_bytes());
    packed.extend(count.to_le_bytes());
    packed.extend(length.to_le_bytes());
    packed.extend(start.to_le_bytes());
    packed.extend([0; 2]);
    Ok(packed)
}

fn size(bytes: usize, of: &str) -> Result<u32, String> {
    u32::try_from(bytes).map_err(|_| too_long(of))
}

fn too_long(what: &str) -> String {
    format!("{what} is too long for a zip archive")
}

/// CRC-32 as zip has it.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn u16_at(bytes: &[u8], at: usize) -> usize {
        usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
    }

    fn u32_at(bytes: &[u8], at: usize) -> usize {
        u16_at(bytes, at) | u16_at(bytes, at + 2) << 16
    }

    /// Reads an archive by its directory, and sees that each entry's own header says the same.
    pub(crate) fn unpack(packed: &[u8]) -> Entries {
        let end = packed.len() - 22;
        assert_eq!(&packed[end..end + 4], b"PK\x05\x06");
        let mut at = u32_at(packed, end + 16);
        assert_eq!(at + u32_at(packed, end + 12), end);
        let mut entries = Entries::new();
        for _ in 0..u16_at(packed, end + 10) {
            assert_eq!(&packed[at..at + 4], b"PK\x01\x02");
            let (length, name_length) = (u32_at(packed, at + 24), u16_at(packed, at + 28));
            let name = &packed[at + 46..at + 46 + name_length];
            let local = u32_at(packed, at + 42);
            assert_eq!(&packed[local..local + 4], b"PK\x03\x04");
            assert_eq!(&packed[local + 4..local + 30], &packed[at + 6..at + 32]);
            assert_eq!(&packed[local + 30..local + 30 + name_length], name);
            let content = &packed[local + 30 + name_length..][..length];
            assert_eq!(u32_at(packed, at + 16), crc32(content) as usize);
            entries.insert(String::from_utf8(name.to_vec()).unwrap(), content.to_vec());
            at += 46 + name_length;
        }
        assert_eq!(at, end);
        entries
    }

    #[test]
    fn the_checksum_of_the_format() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn what_is_packed_comes_out() {
        let entries: Entries = [("b/c", &b"text"[..]), ("a", b""), ("介護", &[0; 10_000])]
            .map(|(name, content)| (name.to_owned(), content.to_vec()))
            .into();
        assert_eq!(unpack(&pack(&entries).unwrap()), entries);
        assert_eq!(unpack(&pack(&Entries::new()).unwrap()), Entries::new());
    }

    #[test]
    fn a_name_that_is_too_long_is_refused() {
        let name = "n".repeat(70_000);
        assert!(pack(&Entries::from([(name, Vec::new())])).unwrap_err().ends_with("zip archive"));
    }
}
