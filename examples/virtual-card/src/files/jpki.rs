//! 公的個人認証AP: certificates, their keys, and what kind of card this is.

use super::{Content, Files, Source};
use crate::{Authority, CardKind, Error, Person, PinKind, Purpose, Trait};

/// Size of every certificate file: longer than its DER, the rest is `FF`. That it is longer is certain, the size is
/// assumed.
const CERTIFICATE_FILE_SIZE: usize = 2048;

/// Size of the label with which the token information begins. Certain.
const TOKEN_LABEL_SIZE: usize = 32;

impl Source<'_> {
    pub(super) fn jpki(&self) -> Result<Files, Error> {
        let person = self.person;
        let authority = Authority::of(person);
        let has = |purpose| match purpose {
            Purpose::Authentication => person.card != CardKind::ResidentCard,
            Purpose::Signature => person.has_signature_certificate(self.behaviour),
        };
        let mut files = Files::default();
        let mut token = token_info(person);
        if self.behaviour.has(Trait::ShortToken) {
            token.truncate(TOKEN_LABEL_SIZE);
        }
        files.data(0x0006, token, &[]);
        if person.card != CardKind::ResidentCard {
            // `8F` for a certificate that is there (single source); which byte is whose, and `00` for none, is assumed.
            let there = Purpose::ALL.map(|purpose| if has(purpose) { 0x8F } else { 0x00 });
            files.data(0x0008, [&there[..], &[0]].concat(), &[]);
        }
        for purpose in Purpose::ALL {
            let read_after: &[PinKind] = match purpose {
                Purpose::Authentication if !has(purpose) => continue,
                Purpose::Authentication => person.card.reads_authentication_certificate(),
                Purpose::Signature => &[PinKind::Signature],
            };
            let given = self.certificates.iter().find(|(of, _)| *of == purpose);
            let holder = match given {
                _ if !has(purpose) => Vec::new(),
                Some((_, certificate)) => certificate.clone(),
                None => authority.issue(purpose, person, self.issued)?,
            };
            files.data(purpose.certificate_file(), padded(holder), read_after);
            files.data(purpose.authority_file(), padded(authority.root(purpose).to_vec()), &[]);
            let key = Box::new(person.key(purpose)?);
            files.add(purpose.key_file(), Content::Key { key, after: Some(purpose.into()) });
        }
        Ok(files)
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
        text(person.card.token_label(), 32),
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
            let label = format!("{:<32}", person.card.token_label());
            assert_eq!(&info[..32], label.as_bytes());
            assert_eq!(info[96..100], [0, 0, 4, 0x0D]);
            assert_eq!(&info[140..], b"03019999999999999999");
        }
        assert_eq!(&token_info(&Person::hanako())[..20], b"JPKIAPICCTOKEN2     ");
    }
}
