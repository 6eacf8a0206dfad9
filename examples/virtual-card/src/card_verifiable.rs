//! The authorities behind the text and the card face: card-verifiable certificates, which are no X.509.

use rsa::RsaPrivateKey;

use crate::{
    Error, Issuer, Person,
    files::{key_id, parse_key, public_key, signature},
    tlv::{long, tlv},
};

/// An authority that certifies the keys with which municipalities sign what is on the card.
///
/// Its key goes by an id, and not by a certificate: who verifies must hold its modulus. The ids have the shape of the
/// real ones and digits that no real authority has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardVerifiableAuthority {
    records: Records,
    issuer: Issuer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Records {
    Text,
    Face,
}

/// The keys of one authority.
struct Keys {
    modulus: &'static [u8; 256],
    authority: &'static [u8],
    municipality: &'static [u8],
}

macro_rules! keys {
    ($authority:literal, $records:literal) => {
        Keys {
            modulus: include_bytes!(concat!("../data/", $authority, "-", $records, ".modulus")),
            authority: include_bytes!(concat!("../data/", $authority, "-", $records, ".p8")),
            municipality: include_bytes!(concat!(
                "../data/",
                $authority,
                "-municipality-",
                $records,
                ".p8"
            )),
        }
    };
}

impl CardVerifiableAuthority {
    /// Of 券面事項入力補助AP. Its key id begins with `9000033`.
    pub const fn text() -> Self {
        Self { records: Records::Text, issuer: Issuer::Test }
    }

    /// Of 券面事項確認AP. Its key id begins with `9000023`.
    pub const fn face() -> Self {
        Self { records: Records::Face, issuer: Issuer::Test }
    }

    /// The one of the same key id with another key, which must never be trusted.
    #[must_use]
    pub const fn foreign(self) -> Self {
        Self { issuer: Issuer::Foreign, ..self }
    }

    /// The one of the same kind that stands behind this person's card.
    #[must_use]
    pub const fn of(self, person: &Person) -> Self {
        Self { issuer: person.issuer, ..self }
    }

    /// The name of its key, 16 bytes.
    pub fn key_id(self) -> Vec<u8> {
        let digits = match self.records {
            Records::Text => "9000033",
            Records::Face => "9000023",
        };
        key_id(digits, "001")
    }

    /// The modulus of its RSA key, big endian. The exponent is 65537.
    pub const fn modulus(self) -> &'static [u8; 256] {
        self.keys().modulus
    }

    /// Its private key, for tests that need certificates of their own.
    pub fn key(self) -> Result<RsaPrivateKey, Error> {
        parse_key(self.keys().authority)
    }

    /// The key that signs the records, certified by this authority.
    pub fn municipality_key(self) -> Result<RsaPrivateKey, Error> {
        parse_key(self.keys().municipality)
    }

    /// File `0004`, 568 bytes: the certificate of a municipality. Its body is the id of the authority's key, the id of
    /// the municipality's and the public key; the signature covers the body without its tag. Measured.
    pub fn certificate(self, municipality_code: &str) -> Result<Vec<u8>, Error> {
        let number = match self.records {
            Records::Text => "31",
            Records::Face => "21",
        };
        let subject = key_id(&format!("{municipality_code}{number}"), "000");
        let key = public_key(&self.municipality_key()?);
        let body = [self.key_id(), subject, key].concat();
        let signature = signature(&self.key()?, &body)?;
        Ok(long(0x7F21, &[tlv(0x5F4E, &body), tlv(0x5F37, &signature)].concat()))
    }

    const fn keys(self) -> Keys {
        match (self.issuer, self.records) {
            (Issuer::Test, Records::Text) => keys!("authority", "input-support"),
            (Issuer::Test, Records::Face) => keys!("authority", "face"),
            (Issuer::Foreign, Records::Text) => keys!("foreign-authority", "input-support"),
            (Issuer::Foreign, Records::Face) => keys!("foreign-authority", "face"),
        }
    }
}
