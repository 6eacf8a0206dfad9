//! Zip archives that are the same, byte for byte, whenever their content is.
//!
//! Entries are sorted, stored as they are, and of one fixed date. An app's build unpacks and packs everything anew, so
//! compressing here would save nothing on a phone.

use std::{
    collections::BTreeMap,
    io::{Cursor, Write as _},
};

use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// What goes into an archive, by name.
pub(crate) type Entries = BTreeMap<String, Vec<u8>>;

/// Packs entries. Fails on what the format has no room for.
pub(crate) fn pack(entries: &Entries) -> Result<Vec<u8>, String> {
    let write = || {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        // 1980-01-01, the first day that zip knows.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default());
        for (name, content) in entries {
            archive.start_file(name.as_str(), options)?;
            archive.write_all(content)?;
        }
        archive.finish()
    };
    write().map(Cursor::into_inner).map_err(|error: ZipError| format!("no zip archive: {error}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Read as _;

    use super::*;

    pub(crate) fn unpack(packed: &[u8]) -> Entries {
        let mut archive = zip::ZipArchive::new(Cursor::new(packed)).unwrap();
        let mut entries = Entries::new();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            entries.insert(file.name().unwrap().into_owned(), content);
        }
        entries
    }

    fn some_entries() -> Entries {
        [("b/c", &b"text"[..]), ("a", b""), ("介護", &[0; 10_000])]
            .map(|(name, content)| (name.to_owned(), content.to_vec()))
            .into()
    }

    #[test]
    fn what_is_packed_comes_out() {
        let entries = some_entries();
        assert_eq!(unpack(&pack(&entries).unwrap()), entries);
        assert_eq!(unpack(&pack(&Entries::new()).unwrap()), Entries::new());
    }

    #[test]
    fn the_day_of_packing_does_not_matter() {
        let packed = pack(&some_entries()).unwrap();
        // Of the first entry: stored, at midnight of the first day.
        assert_eq!(packed[8..14], [0, 0, 0, 0, 0x21, 0]);
    }

    #[test]
    fn a_name_that_is_too_long_is_refused() {
        let name = "n".repeat(70_000);
        assert!(pack(&Entries::from([(name, Vec::new())])).is_err());
    }
}
