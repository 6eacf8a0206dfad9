//! Keys, and signatures of them.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
};
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha2::Digest;

use crate::der::{bits, oid, oid_contents, sequence, tlv};

/// A private key.
pub(crate) enum Key {
    Rsa(Box<RsaPrivateKey>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

/// A digest to sign with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

macro_rules! key {
    ($name:literal) => {
        include_bytes!(concat!("../data/", $name, ".p8"))
    };
}

/// Good ones first.
const RSA: [&[u8]; 6] = [
    key!("rsa2048-a"),
    key!("rsa2048-b"),
    key!("rsa2048-c"),
    key!("rsa3072"),
    key!("rsa1024"),
    key!("rsa2048-e3"),
];
const P256: [&[u8]; 4] = [key!("p256-a"), key!("p256-b"), key!("p256-c"), key!("p256-d")];
const P384: [&[u8]; 2] = [key!("p384-a"), key!("p384-b")];

/// How many keys are accepted; those after them are weak.
pub(crate) const STRONG: usize = 10;
/// Whose modulus is short.
pub(crate) const SHORT: usize = 10;
/// Whose exponent is 3.
pub(crate) const EXPONENT_3: usize = 11;

/// All keys: RSA-2048, RSA-3072, P-256, P-384, then the weak ones.
pub(crate) fn all() -> Vec<Key> {
    let random = SystemRandom::new();
    let rsa = |der: &[u8]| Key::Rsa(Box::new(RsaPrivateKey::from_pkcs8_der(der).expect("a key")));
    let p256 = |der: &[u8]| {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &random);
        Key::P256(pair.expect("a key"))
    };
    let p384 = |der: &[u8]| {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, der, &random);
        Key::P384(pair.expect("a key"))
    };
    let strong = RSA[..4].iter().copied().map(rsa);
    let strong = strong.chain(P256.into_iter().map(p256)).chain(P384.into_iter().map(p384));
    strong.chain(RSA[4..].iter().copied().map(rsa)).collect()
}

impl Key {
    /// The contents of the BIT STRING.
    pub(crate) fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => {
                key.to_public_key().to_pkcs1_der().expect("a key").as_bytes().to_vec()
            }
            Self::P256(pair) | Self::P384(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// SubjectPublicKeyInfo.
    pub(crate) fn info(&self) -> Vec<u8> {
        let algorithm = match self {
            Self::Rsa(_) => sequence([oid("1.2.840.113549.1.1.1"), tlv(0x05, &[])]),
            Self::P256(_) => sequence([oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")]),
            Self::P384(_) => sequence([oid("1.2.840.10045.2.1"), oid("1.3.132.0.34")]),
        };
        sequence([algorithm, bits(&self.public())])
    }

    /// SHA-1 over the key's bits (RFC 5280 §4.2.1.2).
    pub(crate) fn id(&self) -> Vec<u8> {
        sha1::Sha1::digest(self.public()).to_vec()
    }

    /// The digest this key signs with, if the one that is wanted is RSA's.
    fn own(&self, wanted: Hash) -> Hash {
        match self {
            Self::Rsa(_) => wanted,
            Self::P256(_) => Hash::Sha256,
            Self::P384(_) => Hash::Sha384,
        }
    }

    /// The AlgorithmIdentifier of its signatures.
    pub(crate) fn algorithm(&self, wanted: Hash) -> Vec<u8> {
        let rsa = |last: &str| {
            let dotted = format!("1.2.840.113549.1.1.{last}");
            sequence([tlv(0x06, &oid_contents(&dotted)), tlv(0x05, &[])])
        };
        match (self, self.own(wanted)) {
            (Self::Rsa(_), Hash::Sha1) => rsa("5"),
            (Self::Rsa(_), Hash::Sha256) => rsa("11"),
            (Self::Rsa(_), Hash::Sha384) => rsa("12"),
            (Self::Rsa(_), Hash::Sha512) => rsa("13"),
            (Self::P384(_), _) => sequence([oid("1.2.840.10045.4.3.3")]),
            (Self::P256(_), _) => sequence([oid("1.2.840.10045.4.3.2")]),
        }
    }

    /// Signs.
    pub(crate) fn sign(&self, wanted: Hash, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(key) => {
                let (scheme, digest) = match wanted {
                    Hash::Sha1 => {
                        (Pkcs1v15Sign::new::<sha1::Sha1>(), sha1::Sha1::digest(message).to_vec())
                    }
                    Hash::Sha256 => (
                        Pkcs1v15Sign::new::<sha2::Sha256>(),
                        sha2::Sha256::digest(message).to_vec(),
                    ),
                    Hash::Sha384 => (
                        Pkcs1v15Sign::new::<sha2::Sha384>(),
                        sha2::Sha384::digest(message).to_vec(),
                    ),
                    Hash::Sha512 => (
                        Pkcs1v15Sign::new::<sha2::Sha512>(),
                        sha2::Sha512::digest(message).to_vec(),
                    ),
                };
                key.sign(scheme, &digest).expect("a signature")
            }
            Self::P256(pair) | Self::P384(pair) => {
                pair.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
            }
        }
    }
}
