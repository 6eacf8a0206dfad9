//! Requests for a client certificate (PKCS#10, RFC 2986).

use base64ct::{Base64UrlUnpadded, Encoding};
use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use x509_cert::request::CertReq;
use x509_cert::spki::ObjectIdentifier;

use crate::base::jwk::PublicKey;

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

/// Whether this is a request for a certificate of this key, signed with it. Of what else it asks for nothing is granted:
/// names come from the activation code.
pub(super) fn asks_for(csr: &str, key: &PublicKey) -> bool {
    Base64UrlUnpadded::decode_vec(csr).is_ok_and(|der| asks(&der, key).is_some())
}

fn asks(der: &[u8], key: &PublicKey) -> Option<()> {
    let request = CertReq::from_der(der).ok()?;
    // The bytes as they came, not as this library would write them.
    let signed = SliceReader::new(der)
        .ok()?
        .sequence(|reader| {
            let signed = reader.tlv_bytes()?.to_vec();
            AnyRef::decode(reader)?;
            AnyRef::decode(reader)?;
            Ok(signed)
        })
        .ok()?;
    let wanted = &request.info.public_key;
    let curve = wanted.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()?;
    let point = wanted.subject_public_key.as_bytes()?;
    let fits = request.algorithm.oid == ECDSA_WITH_SHA256
        && wanted.algorithm.oid == EC_PUBLIC_KEY
        && curve == P256
        && point == key.point();
    if !fits {
        return None;
    }
    let signature = request.signature.as_bytes()?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(&signed, signature).ok()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;
    use crate::base::jws::base64url;
    use serde_json::json;

    fn key(pair: &KeyPair) -> PublicKey {
        let point = pair.public_key_raw();
        let (x, y) = point[1..].split_at(32);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) });
        PublicKey::read(&jwk).unwrap()
    }

    #[test]
    fn a_request_is_signed_with_the_key_it_is_for() {
        let (ours, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let params = CertificateParams::new(vec!["anything.example".to_owned()]).unwrap();
        let request = params.serialize_request(&ours).unwrap().der().to_vec();
        assert!(asks_for(&base64url(&request), &key(&ours)));
        assert!(!asks_for(&base64url(&request), &key(&other)));
        // Every bit counts, be it of the request or of the signature.
        for index in 0..request.len() {
            let mut changed = request.clone();
            changed[index] ^= 1;
            assert!(!asks_for(&base64url(&changed), &key(&ours)), "{index}");
        }
        assert!(!asks_for("", &key(&ours)));
        assert!(!asks_for(&base64url(&[&request[..], &[0]].concat()), &key(&ours)));
    }
}
