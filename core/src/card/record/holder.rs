//! The 4 attributes (基本4情報) and the record that proves them.

use zeroize::Zeroizing;

use super::{Malformed, RecordedDate, RecordedSex, objects, personal, text};

/// Name, address, birth date and sex, as the input-support AP holds them (file `0002`).
#[derive(Clone, PartialEq, Eq)]
pub struct HolderRecord {
    /// Name; family and given name are separated by U+3000. Characters outside JIS stand replaced.
    pub name: String,
    /// Address; its digits are full-width.
    pub address: String,
    /// Date of birth.
    pub birth: RecordedDate,
    /// Sex.
    pub sex: RecordedSex,
    signed: Zeroizing<Vec<u8>>,
}
personal!(HolderRecord);

impl HolderRecord {
    /// Reads file `0002`.
    pub fn parse(record: &[u8]) -> Result<Self, Malformed> {
        let parts = objects(record, 0xFF20, [0xDF22, 0xDF23, 0xDF24, 0xDF25])?;
        let [name, address, birth, sex] = parts.map(|object| object.value);
        Ok(Self {
            name: text(name)?,
            address: text(address)?,
            birth: RecordedDate::read(birth)?,
            sex: RecordedSex::read(sex)?,
            signed: Zeroizing::new(parts.map(|object| object.raw).concat()),
        })
    }

    /// What the integrity record's digest is over: the four objects as they stand, without the offset table.
    pub(crate) fn signed(&self) -> &[u8] {
        &self.signed
    }
}

/// The integrity record (file `0003`): a digest of the 個人番号 file, a digest of the 4 attributes, and a signature over
/// both.
///
/// The first digest is of twelve digits, which anyone guesses back in minutes: it is the 個人番号. It stays in here,
/// takes part in the signature check, and is wiped; nothing gives it out.
pub(crate) struct Integrity {
    signed: Zeroizing<Vec<u8>>,
    attributes: [u8; 32],
    signature: Vec<u8>,
}

impl Integrity {
    pub(crate) fn parse(record: &[u8]) -> Result<Self, Malformed> {
        let [number, attributes, signature] = objects(record, 0xFF30, [0xDF31, 0xDF32, 0xDF33])?;
        if number.value.len() != 32 {
            return Err(Malformed("a digest"));
        }
        Ok(Self {
            signed: Zeroizing::new([number.raw, attributes.raw].concat()),
            attributes: attributes.value.try_into().map_err(|_| Malformed("a digest"))?,
            signature: signature.value.to_vec(),
        })
    }

    /// What the signature is over. For the check only.
    pub(crate) fn signed(&self) -> &[u8] {
        &self.signed
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// SHA-256 that the 4 attributes have to have.
    pub(crate) fn attributes_digest(&self) -> &[u8; 32] {
        &self.attributes
    }
}

/// The input-support AP's own public key and the signature over it (file `0007`).
pub(crate) struct ApplicationKey {
    /// The key object as it stands (`DF51`).
    pub(crate) signed: Vec<u8>,
    /// Its contents: exponent and modulus objects.
    pub(crate) key: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl ApplicationKey {
    pub(crate) fn parse(record: &[u8]) -> Result<Self, Malformed> {
        let [key, signature] = objects(record, 0xFF50, [0xDF51, 0xDF52])?;
        Ok(Self {
            signed: key.raw.to_vec(),
            key: key.value.to_vec(),
            signature: signature.value.to_vec(),
        })
    }
}
