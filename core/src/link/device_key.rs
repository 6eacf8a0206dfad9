//! A key of this device in a file, for desks and servers, or in memory, for trials. A phone has its own store for such keys.

use std::io;
use std::path::Path;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use zeroize::Zeroizing;

use super::DeviceKey;
use super::place::Place;
use crate::flow::{EntryName, SignError, ToSign};

/// P-256 keys as files (PKCS#8, mode 0600) in a folder that only its owner can look into.
pub struct FileKeys {
    place: Place,
    random: SystemRandom,
}

impl FileKeys {
    /// The keys in this folder, which is made if it is not there; its parent has to be.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { place: Place::open(folder)?, random: SystemRandom::new() })
    }

    /// The public key of this name, an uncompressed point (65 bytes); the key is made if it is not there.
    pub fn public_key(&mut self, name: &EntryName) -> io::Result<Vec<u8>> {
        let key = match self.read(name) {
            Ok(key) => key,
            Err(SignError::Gone) => {
                let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let made = EcdsaKeyPair::generate_pkcs8(algorithm, &self.random)
                    .map_err(|_| io::Error::other("no key was made"))?;
                self.place.put(name.as_str(), made.as_ref())?;
                self.read(name).map_err(io::Error::other)?
            }
            Err(error) => return Err(io::Error::other(error)),
        };
        Ok(key.public_key().as_ref().to_vec())
    }

    fn read(&self, name: &EntryName) -> Result<EcdsaKeyPair, SignError> {
        let pkcs8 = match self.place.get(name.as_str()) {
            Ok(pkcs8) => Zeroizing::new(pkcs8),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SignError::Gone),
            Err(_) => return Err(SignError::Failed),
        };
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &self.random)
            .map_err(|_| SignError::Failed)
    }
}

impl DeviceKey for FileKeys {
    fn sign(&mut self, to_sign: &ToSign) -> Result<Vec<u8>, SignError> {
        let name = EntryName::parse(to_sign.key.as_str()).ok_or(SignError::Gone)?;
        let signature = self.read(&name)?.sign(&self.random, &to_sign.payload);
        signature.map(|signature| signature.as_ref().to_vec()).map_err(|_| SignError::Failed)
    }
}

/// One P-256 key that goes with this program, whatever name it is called by.
pub struct MemoryKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl MemoryKey {
    /// Makes a key.
    pub fn generate() -> io::Result<Self> {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random);
        let pair = made
            .ok()
            .and_then(|made| EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).ok());
        pair.map(|pair| Self { pair, random }).ok_or_else(|| io::Error::other("no key was made"))
    }

    /// The public key, an uncompressed point (65 bytes).
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }
}

impl DeviceKey for MemoryKey {
    fn sign(&mut self, to_sign: &ToSign) -> Result<Vec<u8>, SignError> {
        let signature = self.pair.sign(&self.random, &to_sign.payload);
        signature.map(|signature| signature.as_ref().to_vec()).map_err(|_| SignError::Failed)
    }
}
