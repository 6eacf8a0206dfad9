//! What no command may ever say, whatever the card answers.

use super::apdu::Apdu;

pub(super) const JPKI: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
pub(super) const TEXT: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
pub(super) const FACE: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02";
/// GlobalPlatform issuer security domain, which holds nothing that we read.
pub(super) const DOMAIN: &[u8] = b"\xA0\x00\x00\x01\x51\x00\x00";

/// DigestInfo of a SHA-256, without its digest.
const DIGEST_INFO: &[u8] =
    b"\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

/// The files of an application that may be named: those with data, with PINs, and with keys.
struct Named {
    data: &'static [u16],
    pins: &'static [u16],
    keys: &'static [u16],
}

/// The card by its files. What is missing is what must not be named: file `0001` and key `0014` of the input-support
/// application and file `0005` and key `0013` of the face application, which hold or are the 個人番号; the signature
/// key; and the common application altogether.
fn named(application: &[u8]) -> Named {
    match application {
        JPKI => Named { data: &[0x01, 0x06, 0x08, 0x0A], pins: &[0x18, 0x1B], keys: &[0x17] },
        TEXT => Named { data: &[0x02, 0x03, 0x04, 0x07], pins: &[0x11, 0x15], keys: &[] },
        FACE => Named { data: &[0x01, 0x02, 0x03, 0x04], pins: &[0x11, 0x12], keys: &[] },
        _ => Named { data: &[], pins: &[], keys: &[] },
    }
}

/// Sees every command of one tap, and panics at one that no flow may ever send.
///
/// It asks no answer of the card: a command that names what holds the 個人番号 is one, even where the card would refuse.
#[derive(Default)]
pub struct Watch {
    application: Vec<u8>,
    file: Option<u16>,
}

impl Watch {
    /// Sees a command. What is wrong with it is said by its header only.
    ///
    /// # Panics
    ///
    /// At what no flow may send.
    pub fn sees(&mut self, command: &[u8]) {
        let apdu = Apdu::parse(command).expect("a command whose lengths add up");
        let Apdu { class, instruction, p1, p2, data, expected } = apdu;
        let header = format!("{class:02X} {instruction:02X} {p1:02X} {p2:02X}");
        assert!(class == 0x00 || (class, instruction) == (0x80, 0x2A), "class: {header}");
        let short = |p: u8| (p & 0x80 != 0 && p != 0x80).then_some(u16::from(p & 0x1F));
        match (instruction, p1, p2) {
            (0xA4, 0x04, 0x0C) => {
                assert!([JPKI, TEXT, FACE, DOMAIN].contains(&data), "an application: {data:02X?}");
                (self.application, self.file) = (data.to_vec(), None);
            }
            (0xA4, 0x00, 0x0C) => {
                assert_eq!(data, b"\x3F\x00", "a file outside the application");
                (self.application, self.file) = (Vec::new(), None);
            }
            (0xA4, 0x02, 0x0C) => {
                let id = u16::from_be_bytes(data.try_into().expect("an identifier of a file"));
                self.names(id);
                self.file = Some(id);
            }
            (0xB0, ..) => {
                assert!(data.is_empty() && expected.is_some(), "READ BINARY: {header}");
                if p1 & 0x80 != 0 {
                    let id = short(p1).expect("a short identifier");
                    self.names(id);
                    self.file = Some(id);
                }
                let file = self.file.expect("READ BINARY without a file");
                assert!(self.named().data.contains(&file), "reads {file:04X}");
            }
            (0xC0, 0, 0) => assert!(data.is_empty(), "GET RESPONSE: {header}"),
            (0x20, 0x00, 0x80) | (0x24, 0x01, 0x80) => {
                let file = self.file.expect("a PIN without a file");
                assert!(self.named().pins.contains(&file), "the PIN {file:04X}");
                assert!(expected.is_none(), "a PIN that expects data: {header}");
                assert!(instruction == 0x20 || !data.is_empty(), "a new PIN that is empty");
            }
            (0x2A, 0x00, _) => {
                assert!(data.len() == 51 && data.starts_with(DIGEST_INFO), "raw signing: {header}");
                // With its own key, with the key that is selected, or with one by short identifier.
                let key = match p2 {
                    0x00 => return assert_ne!(self.application, JPKI, "a key that is not named"),
                    0x80 => self.file.expect("signs without a key"),
                    _ => short(p2).expect("a key by short identifier"),
                };
                assert!(self.named().keys.contains(&key), "signs with {key:04X}");
            }
            _ => panic!("an instruction that no flow needs: {header}"),
        }
    }

    /// The application that was selected last.
    pub(super) fn application(&self) -> &[u8] {
        &self.application
    }

    fn named(&self) -> Named {
        named(&self.application)
    }

    fn names(&self, id: u16) {
        let Named { data, pins, keys } = self.named();
        assert!(
            [data, pins, keys].concat().contains(&id),
            "{:02X?} {id:04X}: a file that must not be named",
            self.application
        );
    }
}
