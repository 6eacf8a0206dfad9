//! The verdict over records of a JPKI test card, and over every changed byte of them.

use zeroize::Zeroizing;

use super::proven::Read;
use super::{Age, Face, Holder, age, face, holder};
use crate::message::{Code, Failure};
use crate::pki::Origin;
use crate::pki::card_certificate::{CardAuthorities, Part, Presence};

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/vectors/jpki-test-card/", $name)).to_vec()
    };
}

/// The records of one question, by name.
type Records = Vec<(&'static str, Vec<u8>)>;

fn holder_records() -> Records {
    vec![
        ("0002", vector!("text-0002.bin")),
        ("0003", vector!("text-0003.bin")),
        ("0004", vector!("text-0004.bin")),
        ("0007", vector!("text-0007.bin")),
    ]
}

fn face_records() -> Records {
    vec![("0004", vector!("face-0004.bin")), ("0002", vector!("face-0002.bin"))]
}

fn age_records() -> Records {
    vec![("0001", vector!("face-0001.bin")), ("0004", vector!("face-0004.bin"))]
}

fn read<const N: usize>(records: &Records) -> Read<N> {
    let records = std::array::from_fn(|at| Zeroizing::new(records[at].1.clone()));
    Read { records, answered: None }
}

fn judge_holder(records: &Records) -> Result<Holder, Failure> {
    holder::judge(&read(records), &CardAuthorities::jpki_test())
}

fn judge_face(records: &Records) -> Result<Face, Failure> {
    face::judge(&read(records), &CardAuthorities::jpki_test())
}

fn judge_age(records: &Records) -> Result<Age, Failure> {
    age::judge(&read(records), &CardAuthorities::jpki_test())
}

#[test]
fn every_signature_of_the_test_card_holds() {
    let holder = judge_holder(&holder_records()).unwrap().genuineness;
    assert_eq!(
        (holder.signed_by, holder.attributes, holder.photo),
        (Origin::Test, Part::Signed, Part::Absent)
    );
    let face = judge_face(&face_records()).unwrap().genuineness;
    assert_eq!(
        (face.photo, face.expiry, face.present),
        (Part::Signed, Part::NotSigned, Presence::NotChecked)
    );
    assert_eq!(judge_age(&age_records()).unwrap().genuineness.attributes, Part::Signed);
}

/// Changes every bit of every byte of every record. What is still accepted must say the same as before; so only bytes
/// that nothing covers may change: those are counted and named.
fn changed_everywhere<T: PartialEq>(
    records: &Records,
    judge: impl Fn(&Records) -> Result<T, Failure>,
    unsigned: impl Fn(&str, usize) -> bool,
) {
    let truth = judge(records).unwrap();
    for (which, (name, bytes)) in records.iter().enumerate() {
        for at in 0..bytes.len() {
            let mut changed = records.clone();
            // One bit for each byte, another one each time: all bits of all bytes would take minutes.
            changed[which].1[at] ^= 1 << (at % 8);
            match judge(&changed) {
                Ok(told) => assert!(
                    unsigned(name, at) || told == truth,
                    "{name}: byte {at} was changed and not noticed"
                ),
                Err(failure) => assert!(
                    matches!(failure.code(), Code::CardNotGenuine | Code::CardRecordInvalid),
                    "{name}: byte {at}: {failure}"
                ),
            }
        }
    }
}

#[test]
fn a_changed_holder_is_noticed() {
    // Nothing outside the offset table may change, and that is not used: the answer stays the same.
    changed_everywhere(&holder_records(), judge_holder, |_, _| false);
}

#[test]
fn a_changed_face_is_noticed() {
    // Expiry and security code come after the signature, from the tag DF29 on, and are not covered by it.
    let record = vector!("face-0002.bin");
    let end = record.windows(3).rposition(|w| w == [0xDF, 0x29, 0x08]).unwrap();
    changed_everywhere(&face_records(), judge_face, |name, at| name == "0002" && at >= end);
}

#[test]
fn a_changed_age_is_noticed() {
    changed_everywhere(&age_records(), judge_age, |_, _| false);
}

/// Records of one card under the certificate of the other application, or beside another's signature.
#[test]
fn a_mixed_card_is_noticed() {
    let mut mixed = face_records();
    mixed[0].1 = vector!("text-0004.bin");
    assert_eq!(judge_face(&mixed).unwrap_err().code(), Code::CardNotGenuine);
    let mut mixed = holder_records();
    mixed[2].1 = vector!("face-0004.bin");
    assert_eq!(judge_holder(&mixed).unwrap_err().code(), Code::CardNotGenuine);
    let mut swapped = holder_records();
    swapped.swap(0, 1);
    assert_eq!(judge_holder(&swapped).unwrap_err().code(), Code::CardRecordInvalid);
}
