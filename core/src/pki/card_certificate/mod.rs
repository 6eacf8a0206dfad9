//! Card-verifiable certificates (CV証明書), and whether what a card says of its holder is genuine.
//!
//! Each of the two applications with personal data signs its records with a key of its own; the key comes in a
//! certificate that names its authority by a key id and does not carry the authority's key. Beside that, each
//! application has a key that never leaves it, whose public half stands signed in its records: a signature with that key
//! over a fresh challenge says that the application is here, and not a copy of its files.

use std::fmt;

use super::Origin;
use super::rsa::CardKey;
use crate::iso7816::tlv::Tlv;
use crate::message::{Code, Failure};

/// The application whose records a key signs. A certificate for one does not count for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signer {
    /// 券面事項入力補助AP
    InputSupport,
    /// 券面事項確認AP
    Face,
}

/// An authority of card-verifiable certificates.
#[derive(Clone)]
struct Authority {
    id: [u8; 16],
    signer: Signer,
    key: CardKey,
}

/// The authorities that are accepted. One set at a time: production and tests never mix.
#[derive(Clone)]
pub struct CardAuthorities {
    origin: Origin,
    authorities: Vec<Authority>,
}

/// The key id of an authority, as all known ones are built: its number, `08 05`, "001" and zeros.
const fn key_id(number: [u8; 7]) -> [u8; 16] {
    let mut id = *b"\0\0\0\0\0\0\0\x08\x05001\0\0\0\0";
    let (first, _) = id.split_at_mut(number.len());
    first.copy_from_slice(&number);
    id
}

impl CardAuthorities {
    /// The authorities of real cards. Their keys are not officially published; `README.md` beside the code has their
    /// sources.
    pub fn production() -> Self {
        Self::known(
            Origin::Production,
            (*b"5000033", include_bytes!("5000033.modulus")),
            (*b"5000023", include_bytes!("5000023.modulus")),
        )
    }

    /// The authorities of the test cards that J-LIS lends to developers.
    pub fn jpki_test() -> Self {
        Self::known(
            Origin::Test,
            (*b"6000033", include_bytes!("6000033.modulus")),
            (*b"6000023", include_bytes!("6000023.modulus")),
        )
    }

    /// A test hierarchy: key id and key for each application.
    pub fn test(input_support: ([u8; 16], CardKey), face: ([u8; 16], CardKey)) -> Self {
        let authority = |signer, (id, key)| Authority { id, signer, key };
        Self {
            origin: Origin::Test,
            authorities: vec![
                authority(Signer::InputSupport, input_support),
                authority(Signer::Face, face),
            ],
        }
    }

    fn known(origin: Origin, input_support: ([u8; 7], &[u8]), face: ([u8; 7], &[u8])) -> Self {
        let authority = |signer, (number, modulus)| {
            CardKey::of_modulus(modulus).map(|key| Authority { id: key_id(number), signer, key })
        };
        let authorities =
            [authority(Signer::InputSupport, input_support), authority(Signer::Face, face)];
        Self { origin, authorities: authorities.into_iter().flatten().collect() }
    }
}

impl fmt::Debug for CardAuthorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardAuthorities").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// What could be shown of a record. There is no value called genuine: a reader looks at each part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Genuineness {
    /// Under whose authority the record is signed.
    pub signed_by: Origin,
    /// Date of birth, and name, address and sex where the record has them.
    pub attributes: Part,
    /// The photo.
    pub photo: Part,
    /// The card's last day of validity. No record signs it.
    pub expiry: Part,
    /// Whether the card that holds the record was here.
    pub present: Presence,
}

/// What was shown of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The authority's signature covers it, and holds.
    Signed,
    /// The record has it, and no signature covers it.
    NotSigned,
    /// The record does not have it.
    Absent,
}

/// Whether the card was here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presence {
    /// The application signed this challenge, with the key that its record names.
    Live {
        /// SHA-256 of what was asked.
        challenge: [u8; 32],
    },
    /// It was not asked: the record may be a copy.
    NotChecked,
}

/// Where a card's story does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotGenuine {
    /// The card-verifiable certificate is not of its form.
    #[error("the card-verifiable certificate is malformed")]
    CertificateMalformed,
    /// No accepted authority has the key id that it names.
    #[error("the authority of the card-verifiable certificate is not known")]
    AuthorityUnknown,
    /// The authority did not sign it.
    #[error("the signature of the card-verifiable certificate does not hold")]
    Certificate,
    /// The record is not signed by the certified key.
    #[error("the signature of the record does not hold")]
    Record,
    /// The 4 attributes are not those that were signed.
    #[error("the attributes are not those that were signed")]
    Attributes,
    /// The application's own key is malformed, or not signed by the certified key.
    #[error("the application's own key is not signed")]
    Key,
    /// The challenge was not signed by the application's own key.
    #[error("the answer to the challenge does not hold")]
    Presence,
}

impl From<NotGenuine> for Failure {
    fn from(reason: NotGenuine) -> Self {
        let detail = match reason {
            NotGenuine::CertificateMalformed => "card-verifiable certificate: form",
            NotGenuine::AuthorityUnknown => "card-verifiable certificate: authority",
            NotGenuine::Certificate => "card-verifiable certificate: signature",
            NotGenuine::Record => "record: signature",
            NotGenuine::Attributes => "record: attributes",
            NotGenuine::Key => "key of the application",
            NotGenuine::Presence => "answer to the challenge",
        };
        Self::new(Code::CardNotGenuine).with_detail(detail)
    }
}

/// A challenge and the application's signature over it.
#[derive(Clone, Copy)]
pub(crate) struct Live<'a> {
    /// SHA-256 of what was asked.
    pub(crate) challenge: [u8; 32],
    /// What was asked.
    pub(crate) asked: &'a [u8],
    pub(crate) signature: &'a [u8],
}

/// What a record has signed with the certified key.
pub(crate) enum Signed<'a> {
    /// A message as it stands.
    Message(&'a [u8]),
    /// Three digests in one DigestInfo.
    Digests([[u8; 32]; 3]),
}

/// A certified key: what the authority vouches for.
pub(crate) struct Certified {
    origin: Origin,
    key: CardKey,
}

impl CardAuthorities {
    /// Reads a card-verifiable certificate (file `0004`) and checks it under the authority that it names:
    /// `7F21 { 5F4E { issuer id, subject id, 90 exponent, 91 modulus }, 5F37 signature }`.
    pub(crate) fn certify(
        &self,
        signer: Signer,
        certificate: &[u8],
    ) -> Result<Certified, NotGenuine> {
        let parts = || {
            let (whole, _) =
                Tlv::read(certificate).ok().filter(|(whole, _)| whole.tag == 0x7F21)?;
            let mut parts = whole.children();
            let (body, signature) = (parts.next()?.ok()?, parts.next()?.ok()?);
            let form = body.tag == 0x5F4E && signature.tag == 0x5F37 && parts.next().is_none();
            let (issuer, rest) = body.value.split_at_checked(16).filter(|_| form)?;
            let (_subject, key) = rest.split_at_checked(16)?;
            Some((issuer, CardKey::of_objects(key)?, body.value, signature.value))
        };
        let (issuer, key, body, signature) = parts().ok_or(NotGenuine::CertificateMalformed)?;
        let authority = self
            .authorities
            .iter()
            .find(|authority| authority.signer == signer && authority.id.as_slice() == issuer)
            .ok_or(NotGenuine::AuthorityUnknown)?;
        if !authority.key.verifies(body, signature) {
            return Err(NotGenuine::Certificate);
        }
        Ok(Certified { origin: self.origin, key })
    }
}

impl Certified {
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether the certified key signed this.
    pub(crate) fn signed(&self, what: &Signed<'_>, signature: &[u8]) -> bool {
        match what {
            Signed::Message(message) => self.key.verifies(message, signature),
            Signed::Digests(digests) => self.key.verifies_digests(digests, signature),
        }
    }
}

/// Whether the application was here: its own key, which stands signed in its record, signed the challenge.
pub(crate) fn presence(own_key: &[u8], live: Option<Live<'_>>) -> Result<Presence, NotGenuine> {
    let key = CardKey::of_objects(own_key).ok_or(NotGenuine::Key)?;
    match live {
        None => Ok(Presence::NotChecked),
        Some(live) if key.verifies(live.asked, live.signature) => {
            Ok(Presence::Live { challenge: live.challenge })
        }
        Some(_) => Err(NotGenuine::Presence),
    }
}

#[cfg(test)]
mod tests;
