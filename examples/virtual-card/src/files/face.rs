//! 券面事項確認AP: what is printed on the card, as pictures, signed.

use rsa::Pkcs1v15Sign;
use sha2::{Digest, Sha256};

use super::{Content, Files, Source, key_id, opaque, public_key, signature};
use crate::{
    CardVerifiableAuthority, Error, PinKind,
    picture::{self, Field},
    tlv::{tlv, with_offsets},
};

const BIRTH_DATE: PinKind = PinKind::BirthDate;
const A: PinKind = PinKind::FaceA;
const B: PinKind = PinKind::FaceB;

/// What the signature over the face holds before its three digests: a `DigestInfo` for SHA-256 whose digest has 96
/// bytes, which no ordinary verification accepts. Measured.
const THREE_DIGESTS: [u8; 19] = [
    0x30, 0x71, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x60,
];

impl Source<'_> {
    /// Who may read what is certain, of `0006` single source. Shapes are measured.
    pub(super) fn face(&self) -> Result<Files, Error> {
        let person = self.person;
        let authority = CardVerifiableAuthority::face().of(person);
        let municipality = authority.municipality_key()?;
        let own = person.face_key()?;
        let birth_date = person.birth_date.digits();
        // An object, the key and the signature over both.
        let signed = |outer, tags: [u16; 3], value: &[u8]| {
            let objects = [tlv(tags[0], value), tlv(tags[1], &public_key(&own))].concat();
            let signature = tlv(tags[2], &signature(&municipality, &objects)?);
            Ok::<_, Error>(tlv(outer, &[objects, signature].concat()))
        };

        let facts = [
            tlv(0xDF22, birth_date.as_bytes()),
            tlv(0xDF23, person.sex.code().to_string().as_bytes()),
            tlv(0xDF24, &public_key(&own)),
        ];
        let texts = [
            tlv(0xDF25, &picture::text(Field::Name, person.name)),
            tlv(0xDF26, &picture::text(Field::Address, person.address)),
        ];
        let photo = tlv(0xDF27, person.portrait.jpeg_2000());
        let digests = [&facts.concat(), &texts.concat(), &photo].map(Sha256::digest).concat();
        let signature = municipality
            .sign(Pkcs1v15Sign::new_unprefixed(), &[&THREE_DIGESTS[..], &digests].concat())?;
        let [birth, sex, key] = facts;
        let [name, address] = texts;
        // Expiry and security code stand outside the signature.
        let face = [
            birth,
            sex,
            key,
            name,
            address,
            photo,
            tlv(0xDF28, &signature),
            tlv(0xDF29, person.card_expiry.date(self.issued)?.digits().as_bytes()),
            tlv(0xDF2A, &picture::text(Field::SecurityCode, person.security_code)),
        ];

        let mut files = Files::default();
        let age = signed(0xFF10, [0xDF11, 0xDF12, 0xDF13], birth_date.as_bytes())?;
        files.data(0x0001, age, &[BIRTH_DATE]);
        files.data(0x0002, with_offsets(tlv, 0xFF20, 0xDF21, &face), &[A, B]);
        files.data(0x0003, self.basic_information(), &[]);
        files.data(0x0004, authority.certificate(person.municipality_code)?, &[]);
        let number = picture::text(Field::MyNumber, person.my_number);
        files.data(0x0005, signed(0xFF40, [0xDF41, 0xDF42, 0xDF43], &number)?, &[A]);
        files.data(0x0006, vec![0xFF; 16], &[A, B]);
        // Its id is unknown. It is only ever used as the application's default, so it bears one that is not selected.
        files.add(0xFFFF, Content::Key { key: Box::new(own), after: None });
        Ok(files)
    }

    fn basic_information(&self) -> Vec<u8> {
        let unknown = [key_id("9900025", "001"), opaque("0003", 256)].concat();
        let objects = [
            tlv(0xDF31, &[0x06, 0x03, 0x0E, 0x01]),
            tlv(0xDF32, &key_id("9000024", "001")),
            tlv(0xDF33, &[0x00]),
            tlv(0xDF34, self.person.municipality_code.as_bytes()),
            tlv(0xDF35, &unknown),
        ];
        tlv(0xFF30, &objects.concat())
    }
}
