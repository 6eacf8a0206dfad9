//! The files of the JPKI application.

use std::{sync::Arc, time::SystemTime};

use rsa::RsaPrivateKey;

use crate::{Authority, Error, Person, Profile, Purpose, Trait};

/// Size of every certificate file: longer than its DER, the rest is `FF`. That it is longer is certain, the size is
/// assumed.
const CERTIFICATE_FILE_SIZE: usize = 2048;

/// An elementary file, or something that is selected like one.
pub(crate) struct File {
    pub(crate) id: u16,
    pub(crate) content: Content,
}

/// What is in it. No `Debug`: keys.
pub(crate) enum Content {
    Data { bytes: Vec<u8>, read_after: Option<Purpose> },
    Pin(Purpose),
    Key(Purpose, Box<RsaPrivateKey>),
}

/// All files of the application.
pub(crate) struct Files(Vec<Arc<File>>);

impl Files {
    pub(crate) fn new(
        person: &Person,
        profile: &Profile,
        issued: SystemTime,
    ) -> Result<Self, Error> {
        let mut files = Vec::new();
        let mut add = |id, bytes, read_after| {
            files.push(File { id, content: Content::Data { bytes, read_after } });
        };
        let authority = Authority::of(person);
        let can_sign = !profile.has(Trait::NoSignatureCertificate);
        add(0x0006, token_info(person), None);
        // `8F` for a certificate that is there (single source); which byte is whose, and `00` for none, is assumed.
        add(0x0008, vec![0x8F, if can_sign { 0x8F } else { 0x00 }, 0x00], None);
        for purpose in Purpose::ALL {
            let protected = (purpose == Purpose::Signature).then_some(purpose);
            let holder = if purpose == Purpose::Authentication || can_sign {
                authority.issue(purpose, person, issued)?
            } else {
                Vec::new()
            };
            add(purpose.certificate_file(), padded(holder), protected);
            add(purpose.authority_file(), padded(authority.root(purpose).to_vec()), None);
        }
        for purpose in Purpose::ALL {
            files.push(File { id: purpose.pin_file(), content: Content::Pin(purpose) });
            let key = Content::Key(purpose, Box::new(person.key(purpose)?));
            files.push(File { id: purpose.key_file(), content: key });
        }
        Ok(Self(files.into_iter().map(Arc::new).collect()))
    }

    pub(crate) fn by_id(&self, id: u16) -> Option<Arc<File>> {
        self.0.iter().find(|file| file.id == id).cloned()
    }

    /// The short EF id is the low five bits of the file id (single source).
    pub(crate) fn by_short_id(&self, short: u8) -> Option<Arc<File>> {
        self.0.iter().find(|file| file.id & 0x1F == u16::from(short)).cloned()
    }
}

fn padded(mut der: Vec<u8>) -> Vec<u8> {
    der.resize(der.len().max(CERTIFICATE_FILE_SIZE), 0xFF);
    der
}

/// File `0006`, 160 bytes: the `CK_TOKEN_INFO` of PKCS #11 with 32-bit big-endian numbers. The label is certain, the rest
/// single source; the manufacturer and the model are ours.
fn token_info(person: &Person) -> Vec<u8> {
    const UNAVAILABLE: u32 = u32::MAX;
    let text = |text: &str, length: usize| format!("{text:<length$.length$}").into_bytes();
    let flags_sessions_pin_lengths_memory: [u32; 11] =
        [0x40D, 0, 0, 0, 0, 16, 6, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE];
    [
        text("JPKIAPICCTOKEN2", 32),
        text("KAIGOTAP", 32),
        text("VIRTUAL", 16),
        text(person.common_name_prefix, 16),
        flags_sessions_pin_lengths_memory.iter().flat_map(|number| number.to_be_bytes()).collect(),
        text("0301", 4),
        vec![b'9'; 16],
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_info_is_160_bytes_and_begins_with_the_label() {
        for person in Person::all() {
            let info = token_info(&person);
            assert_eq!(info.len(), 160);
            assert_eq!(&info[..20], b"JPKIAPICCTOKEN2     ");
            assert_eq!(info[96..100], [0, 0, 4, 0x0D]);
            assert_eq!(&info[140..], b"03019999999999999999");
        }
    }
}
