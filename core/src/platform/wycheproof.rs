//! JSON Web Signatures of Project Wycheproof, through the reader of the exchange: ES256, with which challenges are
//! signed, and RS256, with which cards sign.
//!
//! `cargo test -p kaigotap --lib wycheproof -- --nocapture` shows the figures.

use std::{fs, path::Path};

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

use super::jws;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    public: Key,
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Key {
    alg: String,
    kid: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    tc_id: u32,
    comment: String,
    jws: serde_json::Value,
    result: String,
}

/// What a header may say here; the exchange's own headers have a type as well.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
}

fn accepts(key: &Key, text: &str) -> bool {
    let Some(compact) = jws::split(text) else { return false };
    let Some(header) = jws::object::<Header>(&compact.header) else { return false };
    if header.alg != key.alg || header.kid != key.kid {
        return false;
    }
    let bytes = |text: &str| Base64UrlUnpadded::decode_vec(text).unwrap();
    let (signed, signature) = (compact.signed, &compact.signature);
    if key.alg == "ES256" {
        let point = [&[0x04], &bytes(&key.x)[..], &bytes(&key.y)[..]].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok()
    } else {
        RsaPublicKeyComponents { n: bytes(&key.n), e: bytes(&key.e) }
            .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            .is_ok()
    }
}

#[test]
fn json_web_signatures() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/vectors/wycheproof/json_web_signature.json");
    let vectors: Vectors = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in &vectors.test_groups {
        for case in &group.tests {
            // Some are no compact form at all, but an object.
            let accepted = case.jws.as_str().is_some_and(|text| accepts(&group.public, text));
            let (number, comment) = (case.tc_id, &case.comment);
            assert_eq!(accepted, case.result == "valid", "{number}, {comment}");
            if accepted { valid += 1 } else { invalid += 1 }
        }
    }
    println!("ES256 and RS256: {valid} valid and taken, {invalid} invalid and refused");
    assert_eq!(valid + invalid, vectors.number_of_tests);
    assert!(valid > 0 && invalid > 200);
}
