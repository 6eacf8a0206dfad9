//! The face record: what is printed on the card, signed.

use zeroize::Zeroizing;

use super::{Malformed, RecordedDate, RecordedSex, objects, personal};

/// What the face AP holds of the card's printed face (file `0002`).
#[derive(Clone, PartialEq, Eq)]
pub struct FaceRecord {
    /// Date of birth. Signed.
    pub birth: RecordedDate,
    /// Sex. Signed.
    pub sex: RecordedSex,
    /// Name, as a black-and-white picture (PNG). Signed.
    pub name_image: Zeroizing<Vec<u8>>,
    /// Address, as a black-and-white picture (PNG). Signed.
    pub address_image: Zeroizing<Vec<u8>>,
    /// Photo, greyscale (JPEG 2000, JP2 file). Signed.
    pub photo: Zeroizing<Vec<u8>>,
    /// Last day of validity of the card. **Not signed.**
    pub expiry: RecordedDate,
    /// The four-digit code under the photo, as a picture (PNG). **Not signed.**
    pub security_code_image: Zeroizing<Vec<u8>>,
    groups: [Zeroizing<Vec<u8>>; 3],
    key: Vec<u8>,
    signature: Vec<u8>,
}
personal!(FaceRecord);

impl FaceRecord {
    /// Reads file `0002`.
    pub fn parse(record: &[u8]) -> Result<Self, Malformed> {
        let [birth, sex, key, name, address, photo, signature, expiry, code] = objects(
            record,
            0xFF20,
            [0xDF22, 0xDF23, 0xDF24, 0xDF25, 0xDF26, 0xDF27, 0xDF28, 0xDF29, 0xDF2A],
        )?;
        let own = |value: &[u8]| Zeroizing::new(value.to_vec());
        Ok(Self {
            birth: RecordedDate::read(birth.value)?,
            sex: RecordedSex::read(sex.value)?,
            name_image: own(name.value),
            address_image: own(address.value),
            photo: own(photo.value),
            expiry: RecordedDate::read(expiry.value)?,
            security_code_image: own(code.value),
            groups: [
                Zeroizing::new([birth.raw, sex.raw, key.raw].concat()),
                Zeroizing::new([name.raw, address.raw].concat()),
                own(photo.raw),
            ],
            key: key.value.to_vec(),
            signature: signature.value.to_vec(),
        })
    }

    /// The three groups of objects that are digested apart: birth, sex and key; the two text images; the photo.
    pub(crate) fn groups(&self) -> [&[u8]; 3] {
        let [first, second, third] = &self.groups;
        [first, second, third]
    }

    /// The application's own public key: exponent and modulus objects.
    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }
}
