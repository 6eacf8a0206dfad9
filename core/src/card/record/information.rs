//! Basic information of the face AP: free to read.

use super::{Malformed, objects, personal, text};

/// Basic information of the face AP (file `0003`).
#[derive(Clone, PartialEq, Eq)]
pub struct ApplicationInformation {
    /// Version of the specification, first byte of `DF31`.
    pub specification: u8,
    /// Whether the card says that it takes extended-length commands, second byte of `DF31`. A hint: readers decide too.
    pub extended_length: bool,
    /// Code of the municipality that issued the card, 5 digits. Personal: it says where someone lived.
    pub municipality: String,
}
personal!(ApplicationInformation);

impl ApplicationInformation {
    /// Reads file `0003`.
    pub fn parse(record: &[u8]) -> Result<Self, Malformed> {
        let [versions, municipality] = objects(record, 0xFF30, [0xDF31, 0xDF34])?;
        let [specification, extended, ..] = *versions.value else {
            return Err(Malformed("basic information"));
        };
        let municipality = text(municipality.value)?;
        if municipality.len() != 5 || !municipality.bytes().all(|c| c.is_ascii_digit()) {
            return Err(Malformed("municipality"));
        }
        Ok(Self { specification, extended_length: extended != 0, municipality })
    }
}
