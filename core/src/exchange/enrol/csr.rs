//! A request for a certificate of the device's key (PKCS#10, RFC 2986), in DER.

use crate::flow::{DeviceSignature, Talk};
use crate::message::{Code, Failure};
use crate::platform::Signer;

/// `CertificationRequestInfo` (§4.1) up to the public key: version 1, nobody's name (names come from the activation code),
/// and a `SubjectPublicKeyInfo` for a point on P-256 (RFC 5480 §2).
const BEFORE_KEY: [u8; 33] = *b"\x30\x62\x02\x01\x00\x30\x00\
    \x30\x59\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07\
    \x03\x42\x00";
/// No attributes.
const AFTER_KEY: [u8; 2] = *b"\xA0\x00";
/// `ecdsa-with-SHA256` (RFC 5758 §3.2).
const ALGORITHM: [u8; 12] = *b"\x30\x0A\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02";

/// Tags (X.690 §8.1.2).
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// A request for a certificate of this key, signed by it.
pub(super) async fn signed(talk: &Talk, key: &Signer) -> Result<Vec<u8>, Failure> {
    let info = [&BEFORE_KEY[..], &key.public.point, &AFTER_KEY].concat();
    let signature = key.sign(talk, info.clone()).await?;
    let signature = signature_value(&signature);
    let request = signature.and_then(|value| {
        let bits = element(BIT_STRING, &[&[0], &value])?;
        element(SEQUENCE, &[&info, &ALGORITHM, &bits])
    });
    request.ok_or_else(|| Code::InternalError.into())
}

/// `Ecdsa-Sig-Value` (RFC 3279 §2.2.3).
fn signature_value(signature: &DeviceSignature) -> Option<Vec<u8>> {
    let (r, s) = signature.split_at(32);
    element(SEQUENCE, &[&positive(r)?, &positive(s)?])
}

/// A positive INTEGER.
fn positive(number: &[u8]) -> Option<Vec<u8>> {
    let first = number.iter().position(|&byte| byte != 0)?;
    let number = number.get(first..)?;
    let sign: &[u8] = if number.first()? & 0x80 == 0 { &[] } else { &[0] };
    element(INTEGER, &[sign, number])
}

/// An element of at most 255 bytes.
fn element(tag: u8, parts: &[&[u8]]) -> Option<Vec<u8>> {
    let contents = parts.concat();
    let length = u8::try_from(contents.len()).ok()?;
    let head: &[u8] = if length < 0x80 { &[tag, length] } else { &[tag, 0x81, length] };
    Some([head, &contents].concat())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

    use super::*;
    use crate::flow::tests::play;
    use crate::flow::{Flow, Reply, Request};
    use crate::platform::DeviceKey;

    fn request() -> (Vec<u8>, Vec<u8>) {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap();
        let point = key.public_key().as_ref().to_vec();
        let signer = Signer::parse(DeviceKey::new("device", point.as_slice())).unwrap();
        let flow = Flow::new(|talk| async move { signed(&talk, &signer).await });
        let request = play(flow, |request| match request {
            Request::Sign(to_sign) => {
                Reply::Sign(Ok(key.sign(&random, &to_sign.payload).unwrap().as_ref().to_vec()))
            }
            other => panic!("a request for a certificate needs no {other:?}"),
        });
        (request.unwrap(), point)
    }

    /// Whether OpenSSL takes it, and what it says of it.
    fn openssl(der: &[u8]) -> (bool, String) {
        let arguments = ["req", "-inform", "DER", "-verify", "-noout", "-text"];
        let mut openssl = Command::new("openssl")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("openssl");
        openssl.stdin.take().unwrap().write_all(der).unwrap();
        let told = openssl.wait_with_output().unwrap();
        let said = [told.stdout, told.stderr].concat();
        (told.status.success(), String::from_utf8(said).unwrap())
    }

    #[test]
    fn openssl_takes_a_request_whatever_its_signature_looks_like() {
        for _ in 0..8 {
            let (der, point) = request();
            let (taken, said) = openssl(&der);
            assert!(taken && said.contains("verify OK"), "{said}");
            assert!(said.contains("prime256v1") && said.contains("ecdsa-with-SHA256"), "{said}");
            assert!(der.windows(65).any(|window| window == point));
            let mut changed = der.clone();
            changed[40] ^= 1;
            let (_, said) = openssl(&changed);
            assert!(!said.contains("verify OK"), "{said}");
        }
    }

    #[test]
    fn numbers_are_positive_and_no_longer_than_they_have_to_be() {
        let zeros = |last: &[u8]| [&vec![0; 32 - last.len()][..], last].concat();
        assert_eq!(positive(&zeros(&[1])).unwrap(), [2, 1, 1]);
        assert_eq!(positive(&zeros(&[0x80])).unwrap(), [2, 2, 0, 0x80]);
        assert_eq!(positive(&zeros(&[1, 0])).unwrap(), [2, 2, 1, 0]);
        assert_eq!(positive(&[0xFF; 32]).unwrap().len(), 35);
        assert_eq!(positive(&[0; 32]), None);
    }
}
