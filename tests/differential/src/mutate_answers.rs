//! What can be wrong with a responder's answer, or merely unusual.

use crate::chain::{DAY, Extension, NOW, authority_name, ext, relatives};
use crate::der::{generalized_time, integer, name, named_bits, oid, sequence, time, tlv};
use crate::evidence::{Answer, NO_CHECK, NONCE, OCSP_SIGNING, Responder, Single};
use crate::hand::{Hand, Mutation};
use crate::keys::{Hash, SHORT};

impl Hand<'_> {
    fn answer(&mut self) -> &mut Answer {
        self.case.answer.as_mut().expect("a case with an answer")
    }

    fn single(&mut self) -> &mut Single {
        &mut self.answer().singles[0]
    }

    /// The certificate of one who answers in the issuer's stead, if one does.
    fn delegate(&mut self, change: impl FnOnce(&mut crate::chain::Draft)) {
        if let Some(delegate) = self.answer().certificates.first_mut() {
            change(delegate);
        }
    }
}

/// RevokedInfo
fn revoked(at: i64, reason: Option<u8>) -> Vec<u8> {
    let reason = reason.map_or(Vec::new(), |reason| tlv(0xA0, &tlv(0x0A, &[reason])));
    tlv(0xA1, &[generalized_time(at), reason].concat())
}

/// All of them; each is for a case that has an answer.
pub(crate) const MUTATIONS: &[Mutation] = &[
    // What it says.
    ("answer: revoked", |h| {
        let reason =
            h.pick(&[None, Some(0), Some(1), Some(4), Some(6), Some(7), Some(8), Some(11)]);
        h.single().status = revoked(NOW - 5 * DAY, reason);
    }),
    ("answer: revoked later", |h| h.single().status = revoked(NOW + DAY, Some(4))),
    ("answer: unknown", |h| h.single().status = tlv(0x82, &[])),
    ("answer: spoilt status", |h| {
        let status = h.pick(&[tlv(0x80, &[0]), tlv(0xA1, &time(NOW)), tlv(0x83, &[])]);
        h.single().status = status;
    }),
    ("answer: unsuccessful", |h| {
        let status = h.pick(&[1, 2, 3, 4, 5, 6, 9]);
        h.answer().status = status;
    }),
    // Of whom.
    ("answer: other serial", |h| {
        let serial = h.pick(&[integer(7), tlv(0x02, &[0x00, 0x07]), tlv(0x02, &[0xFF])]);
        h.single().serial = serial;
    }),
    ("answer: serial not minimal", |h| {
        let serial = h.single().serial.clone();
        h.single().serial = tlv(0x02, &[&[0], &serial[2..]].concat());
    }),
    ("answer: other issuer", |h| {
        let key = h.random.below(h.keys.len());
        if h.coin() {
            h.single().key = key;
        } else {
            h.single().issuer = authority_name(2);
        }
    }),
    ("answer: several", |h| {
        let mut other = h.single().clone();
        let which = h.random.below(6);
        match which {
            0 => other.serial = integer(9),
            1 => other.status = revoked(NOW - 5 * DAY, Some(4)),
            2 => {
                other.status = revoked(NOW - 5 * DAY, Some(4));
                other.this_update = generalized_time(NOW - 2 * DAY);
            }
            3 => other.this_update = generalized_time(NOW - 3600),
            4 => {
                other.status = tlv(0x82, &[]);
                other.this_update = generalized_time(NOW - 3600);
            }
            _ => other.sha256 = !other.sha256,
        }
        let at = h.random.below(2);
        h.answer().singles.insert(at, other);
    }),
    ("answer: on nobody", |h| {
        h.single().serial = integer(5);
    }),
    // When.
    ("answer: time", |h| {
        let (this, next) = h.pick(&[
            (NOW, Some(NOW + DAY)),
            (NOW + 1, Some(NOW + DAY)),
            (NOW - DAY, Some(NOW)),
            (NOW - DAY, Some(NOW - 1)),
            (NOW - 2 * DAY, Some(NOW - DAY)),
            (NOW + DAY, Some(NOW + 2 * DAY)),
            (NOW - DAY, None),
            (NOW, None),
            (NOW - 3600, Some(NOW - DAY)),
        ]);
        let single = h.single();
        single.this_update = generalized_time(this);
        single.next_update = next.map(generalized_time);
    }),
    ("answer: form of time", |h| {
        let form = h.pick(&[
            time(NOW - DAY),
            tlv(0x18, b"20260101000000.5Z"),
            tlv(0x18, b"20260101000000"),
            tlv(0x18, b"202601010000Z"),
            tlv(0x18, b"20260230000000Z"),
        ]);
        if h.coin() {
            h.single().this_update = form;
        } else {
            h.answer().produced_at = form;
        }
    }),
    ("answer: produced", |h| {
        let at = h.pick(&[NOW - 900 * DAY, NOW, NOW + 1, NOW + DAY]);
        h.answer().produced_at = generalized_time(at);
    }),
    // To which question.
    ("answer: nonce", |h| {
        let which = h.random.below(5);
        let answer = h.answer();
        match which {
            0 => answer.asked = Some([7; 32]),
            1 => answer.extensions.retain(|extension| extension.oid != NONCE),
            2 => answer.set(NONCE, None, tlv(0x04, &[9; 16])),
            3 => answer.set(NONCE, None, vec![9; 32]),
            _ => answer.asked = None,
        }
    }),
    // Whose it is.
    ("answer: responder", |h| {
        let key = h.random.below(h.keys.len());
        let responder = h.pick(&[
            Responder::Key(key),
            Responder::Name(authority_name(0)),
            Responder::Name(authority_name(2)),
            Responder::Name(sequence::<Vec<u8>>([])),
        ]);
        h.answer().responder = responder;
    }),
    ("answer: other key", |h| {
        let key = h.random.below(h.keys.len());
        let honest = h.coin();
        let answer = h.answer();
        answer.signer = key;
        if honest {
            answer.responder = Responder::Key(key);
        }
    }),
    ("answer: no certificate", |h| h.answer().certificates.clear()),
    ("answer: delegate's use", |h| {
        let purposes = h.pick(&[
            vec!["1.3.6.1.5.5.7.3.2"],
            vec!["2.5.29.37.0"],
            vec!["1.3.6.1.5.5.7.3.2", OCSP_SIGNING],
        ]);
        let none = h.random.below(4) == 0;
        h.delegate(|delegate| {
            if none {
                delegate.remove(ext::EXTENDED_KEY_USAGE);
            } else {
                let purposes = sequence(purposes.into_iter().map(oid));
                delegate.set(ext::EXTENDED_KEY_USAGE, None, purposes);
            }
        });
    }),
    ("answer: delegate's key usage", |h| {
        let usage = h.pick(&[0x8000_u16, 0x4000, 0x2000, 0xC000, 0x0600]);
        let none = h.random.below(4) == 0;
        h.delegate(|delegate| {
            if none {
                delegate.remove(ext::KEY_USAGE);
            } else {
                delegate.set(ext::KEY_USAGE, Some(true), named_bits(usage));
            }
        });
    }),
    ("answer: delegate to be checked", |h| h.delegate(|delegate| delegate.remove(NO_CHECK))),
    ("answer: delegate's validity", |h| {
        let (from, to) = h.pick(&[
            (NOW - DAY, NOW - 1),
            (NOW + 1, NOW + DAY),
            (NOW, NOW + DAY),
            (NOW - DAY, NOW),
        ]);
        h.delegate(|delegate| {
            delegate.not_before = time(from);
            delegate.not_after = time(to);
        });
    }),
    ("answer: delegate's issuer", |h| {
        let key = h.random.below(h.keys.len());
        let wrong_name = h.coin();
        h.delegate(|delegate| {
            if wrong_name {
                delegate.issuer = authority_name(2);
            } else {
                delegate.signer = key;
            }
        });
    }),
    ("answer: delegate's name", |h| {
        let people = name(&relatives("People", ""));
        let permitted = sequence([tlv(0xA0, &sequence([tlv(0xA4, &people)]))]);
        h.case.anchors[0].set(ext::NAME_CONSTRAINTS, Some(true), permitted);
        let unit = h.pick(&["People", "Responders"]);
        h.delegate(|delegate| delegate.subject = name(&relatives(unit, "Responder")));
    }),
    ("answer: delegate is an authority", |h| {
        let authority = sequence([tlv(0x01, &[0xFF])]);
        h.delegate(|delegate| delegate.set(ext::BASIC_CONSTRAINTS, Some(true), authority));
    }),
    ("answer: delegate's extension", |h| {
        let critical = h.pick(&[None, Some(true)]);
        h.delegate(|delegate| delegate.set("1.2.3.4.5", critical, vec![0x05, 0x00]));
    }),
    ("answer: delegate's signature", |h| h.delegate(|delegate| delegate.spoil_signature = true)),
    ("answer: weak delegate", |h| {
        let answer = h.answer();
        if let Some(delegate) = answer.certificates.first_mut() {
            delegate.key = SHORT;
            answer.signer = SHORT;
            answer.responder = Responder::Key(SHORT);
        }
    }),
    ("answer: leaf for itself", |h| {
        let leaf = h.leaf().clone();
        let answer = h.answer();
        answer.responder = Responder::Key(leaf.key);
        answer.signer = leaf.key;
        answer.certificates = vec![leaf];
    }),
    ("answer: more certificates", |h| {
        let others: Vec<_> = h.case.path.iter().chain(&h.case.anchors).cloned().collect();
        let at = h.random.below(2);
        let certificates = &mut h.answer().certificates;
        for other in others {
            certificates.insert(at.min(certificates.len()), other);
        }
    }),
    // The frame.
    ("answer: unknown extension", |h| {
        let critical = h.pick(&[None, Some(true)]);
        let extension = Extension { oid: "1.2.3.4.8", critical, value: vec![0x05, 0x00] };
        if h.coin() {
            h.answer().extensions.push(extension);
        } else {
            h.single().extensions.push(extension);
        }
    }),
    ("answer: extension twice", |h| {
        let extension = Extension { oid: "1.2.3.4.8", critical: None, value: vec![0x05, 0x00] };
        h.answer().extensions.extend([extension.clone(), extension]);
    }),
    ("answer: signature", |h| h.answer().spoil_signature = true),
    ("answer: digest", |h| {
        let hash = h.pick(&[Hash::Sha1, Hash::Sha384, Hash::Sha512]);
        h.answer().hash = hash;
    }),
    ("answer: trailing bytes", |h| h.answer().trailing = vec![0x05, 0x00]),
];
