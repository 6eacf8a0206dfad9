//! A card's key, used without a card: what a card takes half a second for is no part of what a server costs.

use std::sync::Arc;

use base64ct::{Base64, Encoding};
use kaigotap_virtual_card::{Behaviour, Person, VirtualCard};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;

use crate::Result;

/// Test data of the virtual card, worthless by design.
const KEY: &[u8] = include_bytes!("../../../examples/virtual-card/data/hanako-authentication.p8");

/// The authentication certificate of one person, and its key.
#[derive(Clone)]
pub(crate) struct Card {
    /// DER in base64, as it stands in `x5c`.
    pub(crate) certificate: Arc<str>,
    key: Arc<KeyPair>,
}

impl Card {
    /// The one that the sandbox knows.
    pub(crate) fn hanako() -> Result<Self> {
        let mut card = VirtualCard::new(Person::hanako(), Behaviour::modern())?;
        card.power_on();
        let select = [&b"\x00\xA4\x04\x0C\x0A"[..], b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01"];
        card.transmit(&select.concat());
        // READ BINARY by the short identifier of the certificate, extended length.
        let answer = card.transmit(b"\x00\xB0\x8A\x00\x00\x08\x00");
        let length = match answer.get(..4) {
            Some([0x30, 0x82, high, low]) => usize::from(*high) << 8 | usize::from(*low),
            _ => return Err("the virtual card gave no certificate".into()),
        };
        let certificate = answer.get(..length + 4).ok_or("the certificate is cut short")?;
        Ok(Self {
            certificate: Base64::encode_string(certificate).into(),
            key: Arc::new(KeyPair::from_pkcs8(KEY)?),
        })
    }

    /// RSASSA-PKCS1-v1_5 over SHA-256.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        self.key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
        Ok(signature)
    }
}
