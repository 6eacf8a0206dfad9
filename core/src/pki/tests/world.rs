//! A path as it should be, to be spoilt: an anchor, authorities below it, and a holder.

use std::sync::LazyLock;

use super::made::*;
use crate::pki::der::tag;
use crate::pki::{
    Certificate, Demand, Evidence, LocalVerdict, Purpose, Reason, Rejected, TrustAnchors, verify,
};

/// Of everybody in a path, from the anchor down; the last is a stranger's.
pub(super) static KEYS: LazyLock<[Key; 6]> = LazyLock::new(|| std::array::from_fn(|_| Key::new()));
pub(super) const STRANGER: usize = 5;

/// One certificate of a path.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) draft: Draft,
    /// Its SubjectPublicKeyInfo.
    pub(super) info: Vec<u8>,
    pub(super) algorithm: Vec<u8>,
    /// Whose key signs it.
    pub(super) signer: usize,
}

pub(super) struct World {
    /// From the anchor down to the holder.
    pub(super) all: Vec<Person>,
    /// More anchors, before and after that one.
    pub(super) others: [Vec<Person>; 2],
    pub(super) purpose: Option<Purpose>,
    /// Dotted; none for any.
    pub(super) policies: &'static [&'static str],
    /// Seconds from now.
    pub(super) at: i64,
}

/// So many times issued from the anchor.
fn person(depth: usize, is_holder: bool) -> Person {
    let above = depth.saturating_sub(1);
    let (title, own_issuer) = (format!("authority {depth}"), format!("authority {above}"));
    let subject =
        if is_holder { name(&["test", "town", "holder"]) } else { name(&["test", &title]) };
    let mut draft = Draft {
        serial: vec![u8::try_from(depth).unwrap() + 1],
        issuer: name(&["test", &own_issuer]),
        subject,
        validity: [-DAY, DAY],
        extensions: if is_holder {
            vec![usage(SIGNS)]
        } else {
            vec![authority(), usage(CERTIFIES)]
        },
    };
    if depth > 0 {
        draft = draft.with(key_id(&KEYS[above]));
    }
    if !is_holder {
        draft = draft.with(own_key(&KEYS[depth]));
    }
    Person { draft, info: KEYS[depth].info(), algorithm: algorithm(ECDSA_SHA256), signer: above }
}

impl Person {
    /// An extension instead of the one of the same kind, if there is one.
    pub(super) fn set(&mut self, id: &[u8], critical: bool, value: &[u8]) {
        self.lose(id);
        self.draft.extensions.push(extension(id, critical, value));
    }

    pub(super) fn lose(&mut self, id: &[u8]) {
        let id = oid(id);
        let is_it = |extension: &[u8]| {
            let header = if extension[1] < 0x80 { 2 } else { 2 + usize::from(extension[1] & 0x7F) };
            extension[header..].starts_with(&id)
        };
        self.draft.extensions.retain(|extension| !is_it(extension));
    }

    /// keyUsage of these bits.
    pub(super) fn may(&mut self, bits: &[u8]) {
        self.set(KEY_USAGE, true, &write(tag::BIT_STRING, bits));
    }

    /// An authority that allows so many below it.
    pub(super) fn allows(&mut self, path_length: u8) {
        let constraints =
            sequence(&[vec![tag::BOOLEAN, 1, 0xFF], write(tag::INTEGER, &[path_length])]);
        self.set(BASIC_CONSTRAINTS, true, &constraints);
    }

    /// extKeyUsage of these purposes.
    pub(super) fn extends_to(&mut self, purposes: &[&[u8]]) {
        let purposes: Vec<_> = purposes.iter().map(|purpose| oid(purpose)).collect();
        self.set(EXTENDED_KEY_USAGE, false, &sequence(&purposes));
    }

    pub(super) fn der(&self) -> Vec<u8> {
        let mut fields = self.draft.fields(&KEYS[0]);
        fields[2].clone_from(&self.algorithm);
        fields[6].clone_from(&self.info);
        seal(&fields, &self.algorithm, &KEYS[self.signer])
    }

    pub(super) fn certificate(&self) -> Certificate {
        Certificate::parse(&self.der()).unwrap()
    }
}

impl World {
    /// With so many intermediates.
    pub(super) fn new(intermediates: usize) -> Self {
        let mut all: Vec<_> = (0..=intermediates).map(|depth| person(depth, false)).collect();
        all.push(person(intermediates + 1, true));
        Self {
            all,
            others: [vec![], vec![]],
            purpose: Some(Purpose::Authentication),
            policies: &[],
            at: 0,
        }
    }

    pub(super) fn anchor(&mut self) -> &mut Person {
        &mut self.all[0]
    }

    pub(super) fn leaf(&mut self) -> &mut Person {
        self.all.last_mut().unwrap()
    }

    /// Changes someone's subject, and what the next one says of its issuer.
    pub(super) fn rename(&mut self, whom: usize, subject: Vec<u8>) {
        self.all[whom].draft.subject.clone_from(&subject);
        if let Some(below) = self.all.get_mut(whom + 1) {
            below.draft.issuer = subject;
        }
    }

    pub(super) fn anchors(&self) -> TrustAnchors {
        let [before, after] = &self.others;
        anchors(before.iter().chain(self.all.first()).chain(after))
    }

    pub(super) fn demand(&self) -> Demand {
        let demand = match self.purpose {
            Some(purpose) => Demand::new(purpose, at(self.at)),
            None => Demand::any_purpose(at(self.at)),
        };
        match self.policies {
            [] => demand.under_any_policy(),
            policies => demand.with_policies(policies.iter().copied()).unwrap(),
        }
    }

    /// Leaf, and the others as they are given.
    pub(super) fn path(&self) -> (Certificate, Vec<Certificate>) {
        let (leaf, above) = self.all.split_last().unwrap();
        let intermediates = above[1..].iter().rev().map(Person::certificate).collect();
        (leaf.certificate(), intermediates)
    }

    pub(super) fn judged(&self, evidence: &Evidence<'_>) -> Result<LocalVerdict, Rejected> {
        let (leaf, intermediates) = self.path();
        verify(&leaf, &intermediates, &self.anchors(), &self.demand(), evidence)
    }

    /// This one as an anchor for authentication only, and for signatures only.
    pub(super) fn anchors_of(&self, anchor: usize) -> [TrustAnchors; 2] {
        let der = self.all[anchor].der();
        [TrustAnchors::test([der.as_slice()], []), TrustAnchors::test([], [der.as_slice()])]
            .map(Result::unwrap)
    }

    /// Why it is not accepted under these anchors, if it is not, and which of them vouches for it.
    pub(super) fn under(&self, anchors: &TrustAnchors) -> (Option<Reason>, Option<usize>) {
        let (leaf, intermediates) = self.path();
        let found = verify(&leaf, &intermediates, anchors, &self.demand(), &Evidence::none());
        let (reason, anchor) = match &found {
            Ok(yes) => (None, yes.report().anchor()),
            Err(no) => (Some(no.reason()), no.report().anchor()),
        };
        (reason, anchor.and_then(|it| anchors.certificates().position(|a| a.fingerprint() == it)))
    }

    /// Why it is not accepted, if it is not.
    pub(super) fn reason(&self) -> Option<Reason> {
        self.judged(&Evidence::none()).err().map(|no| no.reason())
    }
}

/// These as anchors for both purposes.
pub(super) fn anchors<'a>(all: impl IntoIterator<Item = &'a Person>) -> TrustAnchors {
    let all: Vec<_> = all.into_iter().map(Person::der).collect();
    let all = all.iter().map(Vec::as_slice);
    TrustAnchors::test(all.clone(), all).unwrap()
}

/// The SubjectPublicKeyInfo of an RSA key of 1,024 bits.
pub(super) fn weak_key() -> Vec<u8> {
    rsa_key(&[&[0x00], [0xC1; 128].as_slice()].concat(), &[1, 0, 1])
}

/// One of this modulus and exponent, contents of INTEGERs.
pub(super) fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = sequence(&[write(tag::INTEGER, modulus), write(tag::INTEGER, exponent)]);
    let algorithm =
        sequence(&[oid(b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"), write(tag::NULL, &[])]);
    sequence(&[algorithm, write(tag::BIT_STRING, &[&[0], key.as_slice()].concat())])
}

/// A name, a change, and what it leads to.
pub(super) type Case<'a> = (&'a str, &'a dyn Fn(&mut World), Option<Reason>);

/// What each change to a path of so many intermediates leads to; without any it is accepted.
pub(super) fn each(intermediates: usize, cases: &[Case<'_>]) {
    assert_eq!(World::new(intermediates).reason(), None);
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|(name, change, expected)| {
            let mut world = World::new(intermediates);
            change(&mut world);
            let found = world.reason();
            (found != *expected).then(|| format!("{name}: {found:?} instead of {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
