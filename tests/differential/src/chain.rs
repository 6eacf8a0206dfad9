//! A case: certificates, what they are judged for, and what is known of revocations.

use crate::der::{Attribute, bits, integer, join, name, named_bits, oid, sequence, time, tlv};
use crate::evidence::{Answer, List};
use crate::keys::{Hash, Key};
use crate::random::Random;

/// The middle of the validity of everything, and the time of judging unless something else is said.
pub(crate) const NOW: i64 = 1_795_000_000;
pub(crate) const DAY: i64 = 86_400;
pub(crate) const POLICY: &str = "1.2.392.200149.8.5.1.0.30";

/// A certificate in parts, each DER.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    /// Whose key it is.
    pub(crate) key: usize,
    /// SubjectPublicKeyInfo if it is not the key's.
    pub(crate) key_info: Option<Vec<u8>>,
    /// What stands between key and extensions.
    pub(crate) unique_ids: Vec<u8>,
    pub(crate) extensions: Vec<Extension>,
    /// Who signs, and with what.
    pub(crate) signer: usize,
    pub(crate) hash: Hash,
    /// The algorithm named inside, and outside, if not the signature's.
    pub(crate) inner_algorithm: Option<Vec<u8>>,
    pub(crate) outer_algorithm: Option<Vec<u8>>,
    /// Flip a bit of the signature.
    pub(crate) spoil_signature: bool,
    /// Bytes after the end.
    pub(crate) trailing: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(crate) oid: &'static str,
    /// `None` leaves the BOOLEAN out.
    pub(crate) critical: Option<bool>,
    pub(crate) value: Vec<u8>,
}

impl Extension {
    pub(crate) fn der(&self) -> Vec<u8> {
        let critical = match self.critical {
            None => Vec::new(),
            Some(critical) => tlv(0x01, &[if critical { 0xFF } else { 0x00 }]),
        };
        sequence([oid(self.oid), critical, tlv(0x04, &self.value)])
    }
}

/// What is judged, and by what.
pub(crate) struct Case {
    /// Leaf first, then who issued it, up to the anchor's child.
    pub(crate) path: Vec<Draft>,
    pub(crate) anchors: Vec<Draft>,
    pub(crate) purpose: &'static str,
    /// None is: any.
    pub(crate) policies: Vec<String>,
    pub(crate) at: i64,
    pub(crate) lists: Vec<List>,
    pub(crate) answer: Option<Answer>,
    /// What was done to it.
    pub(crate) mutations: Vec<&'static str>,
}

pub(crate) mod ext {
    pub(crate) const KEY_USAGE: &str = "2.5.29.15";
    pub(crate) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
    pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
    pub(crate) const POLICIES: &str = "2.5.29.32";
    pub(crate) const POLICY_MAPPINGS: &str = "2.5.29.33";
    pub(crate) const POLICY_CONSTRAINTS: &str = "2.5.29.36";
    pub(crate) const INHIBIT_ANY: &str = "2.5.29.54";
    pub(crate) const NAME_CONSTRAINTS: &str = "2.5.29.30";
    pub(crate) const SUBJECT_KEY: &str = "2.5.29.14";
    pub(crate) const AUTHORITY_KEY: &str = "2.5.29.35";
    pub(crate) const ALTERNATIVE_NAME: &str = "2.5.29.17";
    pub(crate) const ISSUER_ALTERNATIVE_NAME: &str = "2.5.29.18";
    pub(crate) const DISTRIBUTION_POINTS: &str = "2.5.29.31";
    pub(crate) const AUTHORITY_INFORMATION: &str = "1.3.6.1.5.5.7.1.1";
}

/// `C=JP, O=JPKI-TEST, OU=…`, and a CN or none.
pub(crate) fn relatives(unit: &str, common_name: &str) -> Vec<Vec<Attribute>> {
    let mut all = vec![
        vec![("2.5.4.6", 0x13, "JP".to_owned())],
        vec![("2.5.4.10", 0x0C, "MADE-UP-TEST".to_owned())],
        vec![("2.5.4.11", 0x0C, unit.to_owned())],
    ];
    if !common_name.is_empty() {
        all.push(vec![("2.5.4.3", 0x0C, common_name.to_owned())]);
    }
    all
}

pub(crate) fn authority_name(level: usize) -> Vec<u8> {
    name(&relatives("Authorities", ["Root", "First below", "Second below"][level]))
}

/// The partition in which a leaf's revocation is listed.
pub(crate) fn partition(municipality: &str) -> Vec<u8> {
    name(&relatives("CRL Distribution Points", &format!("{municipality} CRLDP")))
}

impl Draft {
    /// A certificate of this kind, with the extensions that all have.
    pub(crate) fn new(level: &str, serial: u32, key: usize, signer: usize, keys: &[Key]) -> Self {
        let critical = Some(true);
        let mut draft = Self {
            version: tlv(0xA0, &integer(2)),
            serial: integer(serial),
            issuer: Vec::new(),
            not_before: time(NOW - 300 * DAY),
            not_after: time(NOW + 700 * DAY),
            subject: name(&relatives("People", level)),
            key,
            key_info: None,
            unique_ids: Vec::new(),
            extensions: Vec::new(),
            signer,
            hash: Hash::Sha256,
            inner_algorithm: None,
            outer_algorithm: None,
            spoil_signature: false,
            trailing: Vec::new(),
        };
        draft.set(ext::SUBJECT_KEY, None, tlv(0x04, &keys[key].id()));
        if level != "leaf" {
            draft.set(ext::BASIC_CONSTRAINTS, critical, sequence([tlv(0x01, &[0xFF])]));
            draft.set(ext::KEY_USAGE, critical, named_bits(0x0600));
        }
        draft
    }

    /// Adds an extension or replaces it.
    pub(crate) fn set(&mut self, oid: &'static str, critical: Option<bool>, value: Vec<u8>) {
        self.extensions.retain(|extension| extension.oid != oid);
        self.extensions.push(Extension { oid, critical, value });
    }

    pub(crate) fn remove(&mut self, oid: &'static str) {
        self.extensions.retain(|extension| extension.oid != oid);
    }

    pub(crate) fn get(&mut self, oid: &str) -> Option<&mut Extension> {
        self.extensions.iter_mut().find(|extension| extension.oid == oid)
    }

    /// What is signed.
    fn signed(&self, keys: &[Key]) -> Vec<u8> {
        let key = &keys[self.signer];
        let extensions = self.extensions.iter().map(Extension::der);
        sequence([
            self.version.clone(),
            self.serial.clone(),
            self.inner_algorithm.clone().unwrap_or_else(|| key.algorithm(self.hash)),
            self.issuer.clone(),
            sequence([&self.not_before, &self.not_after]),
            self.subject.clone(),
            self.key_info.clone().unwrap_or_else(|| keys[self.key].info()),
            self.unique_ids.clone(),
            if self.extensions.is_empty() { Vec::new() } else { tlv(0xA3, &sequence(extensions)) },
        ])
    }

    /// The certificate.
    pub(crate) fn der(&self, keys: &[Key]) -> Vec<u8> {
        let signed = self.signed(keys);
        let key = &keys[self.signer];
        let mut signature = key.sign(self.hash, &signed);
        if self.spoil_signature {
            let middle = signature.len() / 2;
            signature[middle] ^= 0x01;
        }
        let outer = self.outer_algorithm.clone().unwrap_or_else(|| key.algorithm(self.hash));
        join([sequence([signed, outer, bits(&signature)]), self.trailing.clone()])
    }
}

/// AKI by key alone.
pub(crate) fn authority_key(issuer: &Key) -> Vec<u8> {
    sequence([tlv(0x80, &issuer.id())])
}

/// AKI with the issuer's issuer and serial beside the key.
pub(crate) fn long_authority_key(issuer: &Draft, key: &Key) -> Vec<u8> {
    let serial_contents = &issuer.serial[2..];
    sequence([
        tlv(0x80, &key.id()),
        tlv(0xA1, &tlv(0xA4, &issuer.issuer)),
        tlv(0x82, serial_contents),
    ])
}

/// certificatePolicies of these.
pub(crate) fn policies(all: &[&str]) -> Vec<u8> {
    sequence(all.iter().map(|policy| sequence([oid(policy)])))
}

/// A case in which nothing is wrong.
pub(crate) fn sound(random: &mut Random, keys: &[Key]) -> Case {
    let below = random.below(3);
    let picked = random.distinct(below + 2, crate::keys::STRONG);
    // Root, authorities below it, leaf; each signed by the one before.
    let mut drafts: Vec<Draft> = Vec::new();
    for level in 0..=below {
        let signer = if level == 0 { picked[0] } else { picked[level - 1] };
        let serial = 100 + u32::try_from(level).expect("small");
        let mut draft = Draft::new("authority", serial, picked[level], signer, keys);
        draft.subject = authority_name(level);
        draft.issuer = authority_name(level.saturating_sub(1));
        if level > 0 {
            let critical = random.coin().then_some(true);
            draft.set(ext::POLICIES, critical, policies(&[POLICY]));
            if random.coin() {
                let length = integer(u32::try_from(below - level).expect("small"));
                let constraints = sequence([tlv(0x01, &[0xFF]), length]);
                draft.set(ext::BASIC_CONSTRAINTS, Some(true), constraints);
            }
        }
        drafts.push(draft);
    }
    let serial = 1000 + u32::try_from(random.below(1 << 24)).expect("small");
    let mut leaf = Draft::new("leaf", serial, picked[below + 1], picked[below], keys);
    leaf.issuer = authority_name(below);
    leaf.set(ext::KEY_USAGE, Some(true), named_bits(0x8000));
    leaf.set(ext::POLICIES, Some(true), policies(&[POLICY]));
    if random.coin() {
        // As on the card.
        leaf.set(ext::EXTENDED_KEY_USAGE, None, sequence([oid("1.3.6.1.5.5.7.3.2")]));
        let alternative = tlv(0xA4, &name(&relatives("別名", "")));
        leaf.set(ext::ISSUER_ALTERNATIVE_NAME, None, sequence([alternative]));
        let address = tlv(0x86, b"http://ocsp.example");
        let access = sequence([sequence([oid("1.3.6.1.5.5.7.48.1"), address])]);
        leaf.set(ext::AUTHORITY_INFORMATION, None, access);
    }
    leaf.set(ext::DISTRIBUTION_POINTS, None, distribution_points(&partition("Here-shi")));
    drafts.push(leaf);
    for level in 1..drafts.len() {
        let key = &keys[drafts[level - 1].key];
        let value = if random.coin() {
            long_authority_key(&drafts[level - 1], key)
        } else {
            authority_key(key)
        };
        drafts[level].set(ext::AUTHORITY_KEY, None, value);
        drafts[level].hash = *random.pick(&[Hash::Sha256, Hash::Sha384, Hash::Sha512]);
    }
    let anchor = drafts.remove(0);
    drafts.reverse();
    Case {
        path: drafts,
        anchors: vec![anchor],
        purpose: "authentication",
        policies: vec![POLICY.to_owned()],
        at: NOW,
        lists: Vec::new(),
        answer: None,
        mutations: Vec::new(),
    }
}

/// One distribution point of one directory name.
pub(crate) fn distribution_points(directory: &[u8]) -> Vec<u8> {
    sequence([sequence([tlv(0xA0, &tlv(0xA0, &tlv(0xA4, directory)))])])
}
