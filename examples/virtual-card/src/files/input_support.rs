//! 券面事項入力補助AP: 個人番号 and the four attributes as text, with their digests and the signature over these.

use sha2::{Digest, Sha256};

use super::{Content, Files, Source, key_id, opaque, parse_key, public_key, signature};
use crate::{
    CardVerifiableAuthority, Error, PinKind, Trait,
    tlv::{long, minimal, tlv, with_offsets},
};

const PIN: PinKind = PinKind::InputSupport;
const A: PinKind = PinKind::InputSupportA;
const B: PinKind = PinKind::InputSupportB;

/// Size of `0001`: two bytes longer than its object with a short length. With a long one it is exactly full.
const MY_NUMBER_FILE_SIZE: usize = 17;

impl Source<'_> {
    /// Who may read what: of `0001` and `0002` certain, of the rest single source. Shapes are measured.
    pub(super) fn input_support(&self) -> Result<Files, Error> {
        let authority = CardVerifiableAuthority::text().of(self.person);
        let municipality = authority.municipality_key()?;
        let own = self.person.input_support_key()?;
        let number = self.my_number();
        let (attributes, signed_attributes) = self.attributes();

        let digests = [
            tlv(0xDF31, &Sha256::digest(&number)), // of all 17 bytes
            tlv(0xDF32, &Sha256::digest(&signed_attributes)),
        ]
        .concat();
        let signed = tlv(0xDF33, &signature(&municipality, &digests)?);
        let own_public = tlv(0xDF51, &public_key(&own));
        let own_signed = tlv(0xDF52, &signature(&municipality, &own_public)?);

        let mut files = Files::default();
        files.data(0x0001, number, &[PIN, A]);
        files.data(0x0002, attributes, &[PIN, B]);
        files.data(0x0003, tlv(0xFF30, &[digests, signed].concat()), &[PIN, A, B]);
        files.data(0x0004, authority.certificate(self.person.municipality_code)?, &[]);
        files.data(0x0005, basic_information(), &[]);
        // For secure messaging, which this card does not speak.
        let session = parse_key(include_bytes!("../../data/common.p8"))?;
        files.data(0x0006, tlv(0xA1, &public_key(&session)), &[PIN, A, B]);
        files.data(0x0007, tlv(0xFF50, &[own_public, own_signed].concat()), &[PIN, A, B]);
        // Unknown, and so is who may read it: the same is assumed.
        files.data(0x0008, vec![0xFF; 16], &[PIN, A, B]);
        files.add(0x0013, Content::Key { key: Box::new(own), after: None });
        Ok(files)
    }

    fn my_number(&self) -> Vec<u8> {
        let mut file = self.outer()(0xFF10, self.person.my_number.as_bytes());
        file.resize(MY_NUMBER_FILE_SIZE, 0xFF);
        file
    }

    /// The file, and that part of it which is signed: all but the table of offsets.
    fn attributes(&self) -> (Vec<u8>, Vec<u8>) {
        let person = self.person;
        let objects = [
            tlv(0xDF22, person.name.as_bytes()),
            tlv(0xDF23, person.address.as_bytes()),
            tlv(0xDF24, person.birth_date.digits().as_bytes()),
            tlv(0xDF25, person.sex.code().to_string().as_bytes()),
        ];
        (with_offsets(self.outer(), 0xFF20, 0xDF21, &objects), objects.concat())
    }

    /// How the outermost objects of `0001` and `0002` write their length: it differs between generations of cards.
    fn outer(&self) -> fn(u16, &[u8]) -> Vec<u8> {
        if self.behaviour.has(Trait::LongLengths) { long } else { minimal }
    }
}

fn basic_information() -> Vec<u8> {
    let unknown = [opaque("0005", 32), vec![0xFF; 96]].concat();
    let objects = [
        tlv(0xDF41, &[0x01, 0x03, 0x0E, 0x01]),
        tlv(0xDF42, &key_id("9000034", "001")),
        tlv(0xDF43, &unknown),
    ];
    tlv(0xFF40, &objects.concat())
}
