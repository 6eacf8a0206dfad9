//! What is known of revocations: lists (RFC 5280 §5) and answers of responders (RFC 6960), in parts.

use sha2::Digest;

use crate::chain::{Case, DAY, Draft, Extension, NOW, authority_key, ext, partition};
use crate::der::{bits, generalized_time, integer, join, oid, sequence, time, tlv};
use crate::keys::{Hash, Key};
use crate::random::Random;

pub(crate) const NUMBER: &str = "2.5.29.20";
pub(crate) const REASON: &str = "2.5.29.21";
pub(crate) const DELTA: &str = "2.5.29.27";
pub(crate) const SCOPE: &str = "2.5.29.28";
pub(crate) const FRESHEST: &str = "2.5.29.46";
pub(crate) const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
pub(crate) const NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
pub(crate) const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// A list in parts, each DER.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) version: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) this_update: Vec<u8>,
    pub(crate) next_update: Vec<u8>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) signer: usize,
    pub(crate) hash: Hash,
    /// The algorithm named inside if it is not the signature's.
    pub(crate) inner_algorithm: Option<Vec<u8>>,
    pub(crate) spoil_signature: bool,
    pub(crate) trailing: Vec<u8>,
}

#[derive(Clone)]
pub(crate) struct Entry {
    /// INTEGER
    pub(crate) serial: Vec<u8>,
    pub(crate) at: Vec<u8>,
    pub(crate) extensions: Vec<Extension>,
}

/// An answer in parts.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u8,
    pub(crate) responder: Responder,
    pub(crate) produced_at: Vec<u8>,
    pub(crate) singles: Vec<Single>,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) certificates: Vec<Draft>,
    pub(crate) signer: usize,
    pub(crate) hash: Hash,
    pub(crate) spoil_signature: bool,
    pub(crate) trailing: Vec<u8>,
    /// What was asked with, if with a nonce.
    pub(crate) asked: Option<[u8; 32]>,
}

/// Who says that he answers.
#[derive(Clone)]
pub(crate) enum Responder {
    Name(Vec<u8>),
    Key(usize),
}

/// What is said of one certificate.
#[derive(Clone)]
pub(crate) struct Single {
    /// By SHA-256 rather than SHA-1.
    pub(crate) sha256: bool,
    pub(crate) issuer: Vec<u8>,
    pub(crate) key: usize,
    pub(crate) serial: Vec<u8>,
    pub(crate) status: Vec<u8>,
    pub(crate) this_update: Vec<u8>,
    pub(crate) next_update: Option<Vec<u8>>,
    pub(crate) extensions: Vec<Extension>,
}

/// SEQUENCE of extensions in a tag, or nothing.
fn extensions(tag: Option<u8>, all: &[Extension]) -> Vec<u8> {
    if all.is_empty() {
        return Vec::new();
    }
    let all = sequence(all.iter().map(Extension::der));
    tag.map_or(all.clone(), |tag| tlv(tag, &all))
}

fn replace(all: &mut Vec<Extension>, oid: &'static str, critical: Option<bool>, value: Vec<u8>) {
    all.retain(|extension| extension.oid != oid);
    all.push(Extension { oid, critical, value });
}

impl List {
    /// A list of this authority, complete, with somebody else on it.
    fn of(authority: &Draft, keys: &[Key]) -> Self {
        let other = Entry { serial: integer(7), at: time(NOW - 50 * DAY), extensions: Vec::new() };
        let mut list = Self {
            version: integer(1),
            issuer: authority.subject.clone(),
            this_update: time(NOW - DAY),
            next_update: time(NOW + DAY),
            entries: vec![other],
            extensions: Vec::new(),
            signer: authority.key,
            hash: Hash::Sha256,
            inner_algorithm: None,
            spoil_signature: false,
            trailing: Vec::new(),
        };
        list.set(ext::AUTHORITY_KEY, None, authority_key(&keys[authority.key]));
        list.set(NUMBER, None, integer(12));
        list
    }

    pub(crate) fn set(&mut self, oid: &'static str, critical: Option<bool>, value: Vec<u8>) {
        replace(&mut self.extensions, oid, critical, value);
    }

    pub(crate) fn der(&self, keys: &[Key]) -> Vec<u8> {
        let signer = &keys[self.signer];
        let entries = self.entries.iter().map(|entry| {
            let extensions = extensions(None, &entry.extensions);
            sequence([&entry.serial, &entry.at, &extensions])
        });
        let algorithm = signer.algorithm(self.hash);
        let signed = sequence([
            self.version.clone(),
            self.inner_algorithm.clone().unwrap_or_else(|| algorithm.clone()),
            self.issuer.clone(),
            self.this_update.clone(),
            self.next_update.clone(),
            if self.entries.is_empty() { Vec::new() } else { sequence(entries) },
            extensions(Some(0xA0), &self.extensions),
        ]);
        let signature = spoilt(signer.sign(self.hash, &signed), self.spoil_signature);
        join([sequence([signed, algorithm, bits(&signature)]), self.trailing.clone()])
    }
}

fn spoilt(mut signature: Vec<u8>, spoil: bool) -> Vec<u8> {
    if spoil {
        let middle = signature.len() / 2;
        signature[middle] ^= 0x01;
    }
    signature
}

impl Single {
    fn der(&self, keys: &[Key]) -> Vec<u8> {
        let digest = |bytes: &[u8]| {
            if self.sha256 {
                sha2::Sha256::digest(bytes).to_vec()
            } else {
                sha1::Sha1::digest(bytes).to_vec()
            }
        };
        let hash = if self.sha256 { "2.16.840.1.101.3.4.2.1" } else { "1.3.14.3.2.26" };
        let id = sequence([
            sequence([oid(hash), tlv(0x05, &[])]),
            tlv(0x04, &digest(&self.issuer)),
            tlv(0x04, &digest(&keys[self.key].public())),
            self.serial.clone(),
        ]);
        let next = self.next_update.as_ref().map_or(Vec::new(), |next| tlv(0xA0, next));
        let extensions = extensions(Some(0xA1), &self.extensions);
        sequence([id, self.status.clone(), self.this_update.clone(), next, extensions])
    }
}

impl Answer {
    pub(crate) fn set(&mut self, oid: &'static str, critical: Option<bool>, value: Vec<u8>) {
        replace(&mut self.extensions, oid, critical, value);
    }

    pub(crate) fn der(&self, keys: &[Key]) -> Vec<u8> {
        let status = tlv(0x0A, &[self.status]);
        if self.status != 0 {
            return join([sequence([status]), self.trailing.clone()]);
        }
        let signer = &keys[self.signer];
        let signed = sequence([
            match &self.responder {
                Responder::Name(name) => tlv(0xA1, name),
                Responder::Key(key) => tlv(0xA2, &tlv(0x04, &keys[*key].id())),
            },
            self.produced_at.clone(),
            sequence(self.singles.iter().map(|single| single.der(keys))),
            extensions(Some(0xA1), &self.extensions),
        ]);
        let signature = spoilt(signer.sign(self.hash, &signed), self.spoil_signature);
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            all => tlv(0xA0, &sequence(all.iter().map(|draft| draft.der(keys)))),
        };
        let basic = sequence([signed, signer.algorithm(self.hash), bits(&signature), certificates]);
        let typed = sequence([oid("1.3.6.1.5.5.7.48.1.1"), tlv(0x04, &basic)]);
        join([sequence([status, tlv(0xA0, &typed)]), self.trailing.clone()])
    }
}

/// issuingDistributionPoint: a point, and what kind of certificates (RFC 5280 §5.2.5).
pub(crate) fn scope(names: &[u8], flags: &[u8]) -> Vec<u8> {
    let point = if names.is_empty() { Vec::new() } else { tlv(0xA0, &tlv(0xA0, names)) };
    let flags = flags.iter().map(|flag| tlv(0x80 | flag, &[0xFF]));
    sequence(std::iter::once(point).chain(flags))
}

/// Lists by which every certificate of a sound case is known not to be revoked: the leaf's is its partition's.
pub(crate) fn lists(case: &mut Case, random: &mut Random, keys: &[Key]) {
    let authorities = case.path[1..].iter().chain(&case.anchors[..1]);
    let mut lists: Vec<List> = authorities.map(|authority| List::of(authority, keys)).collect();
    for list in &mut lists[1..] {
        if random.coin() {
            list.set(SCOPE, Some(true), scope(&[], &[2]));
        }
    }
    if random.below(4) > 0 {
        let point = tlv(0xA4, &partition("Here-shi"));
        let flags: &[u8] = if random.coin() { &[1] } else { &[] };
        lists[0].set(SCOPE, Some(true), scope(&point, flags));
    }
    for list in &mut lists {
        list.hash = *random.pick(&[Hash::Sha256, Hash::Sha384, Hash::Sha512]);
        if random.below(4) == 0 {
            list.entries.clear();
        }
    }
    case.lists = lists;
}

/// An answer by which the leaf of a sound case is good: of its issuer, or of one whom he charged with it.
pub(crate) fn answer(case: &mut Case, random: &mut Random, keys: &[Key]) {
    let issuer = case.path.get(1).unwrap_or(&case.anchors[0]).clone();
    let single = Single {
        sha256: random.coin(),
        issuer: issuer.subject.clone(),
        key: issuer.key,
        serial: case.path[0].serial.clone(),
        status: tlv(0x80, &[]),
        this_update: generalized_time(NOW - DAY),
        next_update: Some(generalized_time(NOW + DAY)),
        extensions: Vec::new(),
    };
    let mut answer = Answer {
        status: 0,
        responder: Responder::Key(issuer.key),
        produced_at: generalized_time(NOW - DAY),
        singles: vec![single],
        extensions: Vec::new(),
        certificates: Vec::new(),
        signer: issuer.key,
        hash: Hash::Sha256,
        spoil_signature: false,
        trailing: Vec::new(),
        asked: None,
    };
    let mut name = issuer.subject.clone();
    if random.coin() {
        let used = |key: usize| case.path.iter().chain(&case.anchors).any(|one| one.key == key);
        let key = (0..crate::keys::STRONG).find(|key| !used(*key)).unwrap_or_default();
        let delegate = delegate(&issuer, key, keys);
        name.clone_from(&delegate.subject);
        answer.responder = Responder::Key(key);
        answer.signer = key;
        answer.certificates.push(delegate);
    }
    if random.coin() {
        answer.responder = Responder::Name(name);
    }
    if random.coin() {
        let nonce = std::array::from_fn(|_| random.below(256) as u8);
        answer.asked = Some(nonce);
        answer.set(NONCE, None, tlv(0x04, &nonce));
    }
    case.answer = Some(answer);
}

/// The certificate of one who answers for this authority.
fn delegate(issuer: &Draft, key: usize, keys: &[Key]) -> Draft {
    let mut draft = Draft::new("leaf", 500, key, issuer.key, keys);
    draft.issuer.clone_from(&issuer.subject);
    draft.subject = crate::der::name(&crate::chain::relatives("Responders", "Responder"));
    draft.set(ext::AUTHORITY_KEY, None, authority_key(&keys[issuer.key]));
    draft.set(ext::KEY_USAGE, Some(true), crate::der::named_bits(0x8000));
    draft.set(ext::EXTENDED_KEY_USAGE, None, sequence([oid(OCSP_SIGNING)]));
    draft.set(NO_CHECK, None, tlv(0x05, &[]));
    draft
}
