//! The records of 券面事項入力補助AP and 券面事項確認AP: shapes as measured on a JPKI test card, digests and signatures.

mod support;

use kaigotap_virtual_card::{Application, CardVerifiableAuthority, Person, PinKind, VirtualCard};
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest, Sha256};
use support::{card, open, read, send};

const TEXT: Application = Application::InputSupport;
const FACE: Application = Application::Face;

fn read_as(card: &mut VirtualCard, pin: PinKind, id: u16) -> Vec<u8> {
    open(card, pin.application(), Some(pin));
    read(card, id).unwrap()
}

/// One object: its tag, where it begins, all of it, and its value.
#[derive(Clone, Debug)]
struct Object {
    tag: u16,
    at: usize,
    raw: Vec<u8>,
    value: Vec<u8>,
}

/// Walks objects with tags of one or two bytes, independently of how the card writes them.
fn objects(bytes: &[u8], mut at: usize) -> Vec<Object> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && rest[..2] != [0xFF, 0xFF] {
        let wide = rest[0] & 0x1F == 0x1F;
        let tag = if wide { u16::from_be_bytes([rest[0], rest[1]]) } else { u16::from(rest[0]) };
        let tag_length = 1 + usize::from(wide);
        let (header, length) = match rest[tag_length] {
            0x81 => (tag_length + 2, usize::from(rest[tag_length + 1])),
            0x82 => (
                tag_length + 3,
                usize::from(u16::from_be_bytes([rest[tag_length + 1], rest[tag_length + 2]])),
            ),
            short => (tag_length + 1, usize::from(short)),
        };
        let (raw, next) = rest.split_at(header + length);
        found.push(Object { tag, at, raw: raw.to_vec(), value: raw[header..].to_vec() });
        at += raw.len();
        rest = next;
    }
    found
}

/// The objects within the one that is the file.
fn parts(file: &[u8], tag: u16) -> Vec<Object> {
    let outer = objects(file, 0);
    assert_eq!((outer.len(), outer[0].tag), (1, tag));
    objects(&outer[0].value, outer[0].raw.len() - outer[0].value.len())
}

fn tags(objects: &[Object]) -> Vec<u16> {
    objects.iter().map(|object| object.tag).collect()
}

fn raw(objects: &[Object]) -> Vec<u8> {
    objects.iter().flat_map(|object| object.raw.clone()).collect()
}

fn key(modulus: &[u8]) -> RsaPublicKey {
    RsaPublicKey::new(BigUint::from_bytes_be(modulus), BigUint::from(65_537_u32)).unwrap()
}

/// From `90` and `91`.
fn key_of(objects_of_key: &[u8]) -> RsaPublicKey {
    let parts = objects(objects_of_key, 0);
    assert_eq!(tags(&parts), [0x90, 0x91]);
    assert_eq!(parts[0].value, [1, 0, 1]);
    key(&parts[1].value)
}

fn verifies(key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature).is_ok()
}

/// The municipality's key, if the authority stands behind it.
fn certified(
    file: &[u8],
    authority: CardVerifiableAuthority,
    ids: [&[u8; 7]; 2],
) -> Option<RsaPublicKey> {
    let parts = parts(file, 0x7F21);
    assert_eq!(tags(&parts), [0x5F4E, 0x5F37]);
    let body = &parts[0].value;
    assert_eq!((file.len(), body.len()), (568, 297));
    assert_eq!(body[..16], authority.key_id());
    assert_eq!(body[..16], [&ids[0][..], b"\x08\x05001\0\0\0\0"].concat());
    assert_eq!(body[16..32], [&ids[1][..], b"\x08\x05000\0\0\0\0"].concat());
    let genuine = verifies(&key(authority.modulus()), body, &parts[1].value);
    genuine.then(|| key_of(&body[32..]))
}

/// The live signature of an application's own key over a challenge.
fn proves_itself(card: &mut VirtualCard, key: &RsaPublicKey) -> bool {
    let challenge = Sha256::digest(b"a fresh challenge");
    let prefix = [
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let command = [&prefix[..], &challenge].concat();
    let (signature, status) = send(card, &[0x80, 0x2A, 0x00, 0x00], &command, Some(0));
    assert_eq!(status, 0x9000);
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &challenge, &signature).is_ok()
}

#[test]
fn everything_about_the_text_of_everybody() {
    for person in Person::all().into_iter().filter(|p| p.card.applications().contains(&TEXT)) {
        for behaviour in ["modern", "plain+long-lengths"] {
            let mut card = card(person.clone(), behaviour);
            open(&mut card, TEXT, None);
            let certificate = read(&mut card, 0x0004).unwrap();
            let information = read(&mut card, 0x0005).unwrap();
            assert_eq!(information.len(), 164);
            let information = parts(&information, 0xFF40);
            assert_eq!(tags(&information), [0xDF41, 0xDF42, 0xDF43]);
            assert_eq!(information[0].value, [1, 3, 0x0E, 1]);

            // The codes open as much as the PIN does, also where the PIN is blocked.
            let number = read_as(&mut card, PinKind::InputSupportA, 0x0001);
            let attributes = read_as(&mut card, PinKind::InputSupportB, 0x0002);
            let integrity = read(&mut card, 0x0003).unwrap();
            let session_key = read(&mut card, 0x0006).unwrap();
            let own = read(&mut card, 0x0007).unwrap();
            assert_eq!(read(&mut card, 0x0008).unwrap(), [0xFF; 16]);
            let sizes = [&number, &integrity, &session_key, &own].map(Vec::len);
            assert_eq!(sizes, [17, 336, 269, 536]);

            assert_eq!(objects(&number, 0)[0].value, person.my_number.as_bytes());
            let parts_of_attributes = parts(&attributes, 0xFF20);
            assert_eq!(tags(&parts_of_attributes), [0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25]);
            offsets_agree(&attributes, &parts_of_attributes);
            let values: Vec<_> = parts_of_attributes[1..].iter().map(|o| &o.value[..]).collect();
            let birth_date = person.birth_date.to_string().replace('-', "");
            let sex = person.sex.code().to_string();
            assert_eq!(
                values,
                [
                    person.name.as_bytes(),
                    person.address.as_bytes(),
                    birth_date.as_bytes(),
                    sex.as_bytes()
                ]
            );

            let digests = parts(&integrity, 0xFF30);
            assert_eq!(tags(&digests), [0xDF31, 0xDF32, 0xDF33]);
            assert_eq!(digests[0].value, Sha256::digest(&number)[..]);
            assert_eq!(digests[1].value, Sha256::digest(raw(&parts_of_attributes[1..]))[..]);

            let ids = [b"9000033", &municipality(&person, "31")];
            let authority = CardVerifiableAuthority::text().of(&person);
            assert_eq!(certified(&certificate, authority.other(), ids), None);
            let municipality = certified(&certificate, authority, ids).unwrap();
            assert!(verifies(&municipality, &raw(&digests[..2]), &digests[2].value));
            assert!(!verifies(&municipality, &raw(&digests[..1]), &digests[2].value));

            let own = parts(&own, 0xFF50);
            assert_eq!(tags(&own), [0xDF51, 0xDF52]);
            assert!(verifies(&municipality, &own[0].raw, &own[1].value));
            key_of(&objects(&session_key, 0)[0].value);
            open(&mut card, TEXT, None);
            assert!(proves_itself(&mut card, &key_of(&own[0].value)));
        }
    }
}

#[test]
fn everything_about_the_face_of_everybody() {
    for person in Person::all().into_iter().filter(|p| p.card.applications().contains(&FACE)) {
        let mut card = card(person.clone(), "modern");
        open(&mut card, FACE, None);
        let certificate = read(&mut card, 0x0004).unwrap();
        let information = read(&mut card, 0x0003).unwrap();
        assert_eq!(information.len(), 320);
        let information = parts(&information, 0xFF30);
        assert_eq!(tags(&information), [0xDF31, 0xDF32, 0xDF33, 0xDF34, 0xDF35]);
        assert_eq!(information[3].value, person.municipality_code.as_bytes());
        assert_eq!(information[4].value.len(), 272);

        let age = read_as(&mut card, PinKind::BirthDate, 0x0001);
        let file = read_as(&mut card, PinKind::FaceB, 0x0002);
        let number = read_as(&mut card, PinKind::FaceA, 0x0005);
        assert_eq!(read(&mut card, 0x0002).unwrap(), file, "A opens the face too");
        assert_eq!(age.len(), 547);

        let ids = [b"9000023", &municipality(&person, "21")];
        let authority = CardVerifiableAuthority::face().of(&person);
        assert_eq!(certified(&certificate, authority.other(), ids), None);
        let municipality = certified(&certificate, authority, ids).unwrap();
        let age = parts(&age, 0xFF10);
        assert_eq!(tags(&age), [0xDF11, 0xDF12, 0xDF13]);
        assert!(verifies(&municipality, &raw(&age[..2]), &age[2].value));
        let number = parts(&number, 0xFF40);
        assert_eq!(tags(&number), [0xDF41, 0xDF42, 0xDF43]);
        assert!(verifies(&municipality, &raw(&number[..2]), &number[2].value));
        assert_eq!(png_size(&number[0].value), (72, 12));

        let face = parts(&file, 0xFF20);
        let expected =
            [0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25, 0xDF26, 0xDF27, 0xDF28, 0xDF29, 0xDF2A];
        assert_eq!(tags(&face), expected);
        offsets_agree(&file, &face);
        assert_eq!(face[1].value, age[0].value);
        assert_eq!(face[1].value, person.birth_date.to_string().replace('-', "").as_bytes());
        assert_eq!(face[2].value, person.sex.code().to_string().as_bytes());
        assert_eq!(
            [&face[3].value, &number[1].value],
            [&age[1].value; 2],
            "one key in three records"
        );
        assert_eq!((png_size(&face[4].value), png_size(&face[5].value)), ((216, 12), (288, 12)));
        assert_eq!(face[6].value, person.portrait.jpeg_2000());
        assert_eq!(png_size(&face[9].value), (24, 12));
        let year = &card.reference_data(PinKind::FaceB)[6..10];
        assert_eq!(&face[8].value[..4], year.as_bytes(), "the expiry is part of 照合番号B");

        // Three digests in one DigestInfo, which no ordinary verification takes.
        let digests: Vec<_> = [&face[1..4], &face[4..6], &face[6..7]]
            .iter()
            .flat_map(|group| Sha256::digest(raw(group)))
            .collect();
        let header = [
            0x30, 0x71, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
            0x01, 0x05, 0x00, 0x04, 0x60,
        ];
        let block = [&header[..], &digests].concat();
        municipality.verify(Pkcs1v15Sign::new_unprefixed(), &block, &face[7].value).unwrap();
        assert!(!verifies(&municipality, &raw(&face[1..7]), &face[7].value));

        open(&mut card, FACE, None);
        assert!(proves_itself(&mut card, &key_of(&age[1].value)));
    }
}

/// Every offset in the table names the byte at which the tag of its object stands.
fn offsets_agree(file: &[u8], parts: &[Object]) {
    let offsets: Vec<_> = parts[0]
        .value
        .chunks(2)
        .map(|pair| usize::from(u16::from_be_bytes([pair[0], pair[1]])))
        .collect();
    assert_eq!(offsets, parts[1..].iter().map(|object| object.at).collect::<Vec<_>>());
    for (offset, object) in offsets.iter().zip(&parts[1..]) {
        assert_eq!(file[*offset..*offset + 2], object.tag.to_be_bytes());
    }
}

fn municipality(person: &Person, number: &str) -> [u8; 7] {
    format!("{}{number}", person.municipality_code).into_bytes().try_into().unwrap()
}

fn png_size(png: &[u8]) -> (u32, u32) {
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1A\n");
    assert_eq!(png[24..29], [1, 0, 0, 0, 0], "one bit a pixel, grey");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

trait Other {
    fn other(self) -> Self;
}

impl Other for CardVerifiableAuthority {
    /// The one of the same name that did not issue this card.
    fn other(self) -> Self {
        let hanako = Person::hanako();
        if self == self.of(&hanako) { self.foreign() } else { self.of(&hanako) }
    }
}

#[test]
fn the_photo_is_a_jp2_of_the_measured_size() {
    for person in Person::all() {
        let photo = person.portrait.jpeg_2000();
        assert_eq!(photo[..12], *b"\0\0\0\x0CjP  \r\n\x87\n");
        let at = photo.windows(4).position(|kind| kind == b"ihdr").unwrap() + 4;
        // Height, width, one component of eight bits, JPEG 2000.
        assert_eq!(photo[at..at + 12], [0, 0, 1, 0xD8, 0, 0, 1, 0x7A, 0, 1, 7, 7]);
        let at = photo.windows(4).position(|kind| kind == b"colr").unwrap() + 4;
        assert_eq!(photo[at..at + 7], [1, 0, 0, 0, 0, 0, 17], "greyscale");
        assert!(photo.ends_with(&[0xFF, 0xD9]) && photo.len() < 4096);
    }
}

#[test]
fn both_forms_of_length() {
    for (behaviour, number, attributes) in [
        ("modern", &[0xFF, 0x10, 0x0C][..], &[0xFF, 0x20, 0x5C, 0xDF, 0x21, 8, 0, 0x0E][..]),
        (
            "long-lengths",
            &[0xFF, 0x10, 0x82, 0, 0x0C],
            &[0xFF, 0x20, 0x82, 0, 0x5C, 0xDF, 0x21, 8, 0, 0x10],
        ),
    ] {
        let mut card = card(Person::hanako(), behaviour);
        let file = read_as(&mut card, PinKind::InputSupport, 0x0001);
        assert_eq!((file.len(), &file[..number.len()]), (17, number));
        let file = read_as(&mut card, PinKind::InputSupport, 0x0002);
        assert_eq!(&file[..attributes.len()], attributes);
    }
    // Between 128 and 255 bytes the shortest form is a third one.
    let mut person = Person::hanako();
    person.address = "架空県試験市見本町一丁目２－３架空県試験市見本町一丁目２－３";
    let mut card = card(person, "modern");
    let file = read_as(&mut card, PinKind::InputSupport, 0x0002);
    assert_eq!(file[..4], [0xFF, 0x20, 0x81, 0x89]);
    offsets_agree(&file, &parts(&file, 0xFF20));
}
