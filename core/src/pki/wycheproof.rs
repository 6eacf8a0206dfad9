//! Signatures of Project Wycheproof, through the function that checks those of certificates, lists, answers and cards.
//!
//! `cargo test -p kaigotap --lib wycheproof -- --nocapture` shows the figures.

use rstest::rstest;
use wycheproof::{TestResult, ecdsa, rsa_pkcs1_verify as rsa};

use super::algorithm::{PublicKey, SignatureAlgorithm};
use super::der::{single, tag};

/// What one set came to: valid and taken, invalid and refused, acceptable and taken or refused, and valid signatures of
/// keys that are not accepted.
#[derive(Debug, Default)]
struct Counts {
    valid: usize,
    invalid: usize,
    acceptable_taken: usize,
    acceptable_refused: usize,
    weak: usize,
}

impl Counts {
    fn judge(
        &mut self,
        case: (usize, &str, TestResult),
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
        (message, signature): (&[u8], &[u8]),
    ) {
        let (number, comment, expected) = case;
        let taken = key.verifies(algorithm, message, signature);
        match (expected, taken) {
            (TestResult::Valid, true) => self.valid += 1,
            (TestResult::Valid, false) if !key.is_strong() => {
                println!("valid, but of a key that is not accepted: {number}, {comment}");
                self.weak += 1;
            }
            (TestResult::Invalid, false) => self.invalid += 1,
            (TestResult::Acceptable, true) => self.acceptable_taken += 1,
            (TestResult::Acceptable, false) => self.acceptable_refused += 1,
            _ => panic!("{number}, {comment}: {expected:?}, but taken is {taken}"),
        }
        if expected == TestResult::Acceptable {
            println!("acceptable, taken {taken}: {number}, {comment}");
        }
    }

    /// Every case of the set was judged, and there were some of either kind.
    fn check(&self, name: &str, cases: usize) {
        println!("{name}: {cases} cases, {self:?}");
        let judged = [self.valid, self.invalid, self.acceptable_taken, self.acceptable_refused];
        assert_eq!(judged.iter().sum::<usize>() + self.weak, cases);
        assert!(self.valid > 0 && self.invalid > 0);
    }
}

/// A SubjectPublicKeyInfo, read as that of a certificate.
fn key(der: &[u8]) -> PublicKey {
    PublicKey::read(&single(der, tag::SEQUENCE).unwrap()).unwrap()
}

#[rstest]
#[case(rsa::TestName::Rsa2048Sha256, SignatureAlgorithm::RsaSha256)]
#[case(rsa::TestName::Rsa2048Sha384, SignatureAlgorithm::RsaSha384)]
#[case(rsa::TestName::Rsa2048Sha512, SignatureAlgorithm::RsaSha512)]
#[case(rsa::TestName::Rsa3072Sha256, SignatureAlgorithm::RsaSha256)]
#[case(rsa::TestName::Rsa3072Sha384, SignatureAlgorithm::RsaSha384)]
#[case(rsa::TestName::Rsa3072Sha512, SignatureAlgorithm::RsaSha512)]
#[case(rsa::TestName::Rsa4096Sha256, SignatureAlgorithm::RsaSha256)]
#[case(rsa::TestName::Rsa4096Sha384, SignatureAlgorithm::RsaSha384)]
#[case(rsa::TestName::Rsa4096Sha512, SignatureAlgorithm::RsaSha512)]
fn rsa_pkcs1(#[case] name: rsa::TestName, #[case] algorithm: SignatureAlgorithm) {
    let mut found = Counts::default();
    let set = rsa::TestSet::load(name).unwrap();
    for group in &set.test_groups {
        let key = key(&group.der);
        for test in &group.tests {
            let case = (test.tc_id, test.comment.as_str(), test.result);
            found.judge(case, &key, algorithm, (&test.msg, &test.sig));
        }
    }
    found.check(&format!("{name:?}"), set.number_of_tests);
    // A DigestInfo without NULL: a card makes none, and PKCS #1 v1.5 is compared whole.
    assert_eq!((found.acceptable_taken, found.acceptable_refused), (0, 1));
}

#[rstest]
#[case(ecdsa::TestName::EcdsaSecp256r1Sha256, SignatureAlgorithm::EcdsaSha256)]
#[case(ecdsa::TestName::EcdsaSecp384r1Sha256, SignatureAlgorithm::EcdsaSha256)]
#[case(ecdsa::TestName::EcdsaSecp384r1Sha384, SignatureAlgorithm::EcdsaSha384)]
fn ecdsa_on_the_curves_of_nist(
    #[case] name: ecdsa::TestName,
    #[case] algorithm: SignatureAlgorithm,
) {
    let mut found = Counts::default();
    let set = ecdsa::TestSet::load(name).unwrap();
    for group in &set.test_groups {
        let key = key(&group.der);
        for test in &group.tests {
            let case = (test.tc_id, test.comment.as_str(), test.result);
            found.judge(case, &key, algorithm, (&test.msg, &test.sig));
        }
    }
    found.check(&format!("{name:?}"), set.number_of_tests);
    assert_eq!((found.acceptable_taken, found.acceptable_refused, found.weak), (0, 0, 0));
}
