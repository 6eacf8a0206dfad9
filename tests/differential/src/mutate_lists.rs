//! What can be wrong with revocation lists, or merely unusual.

use crate::chain::{
    DAY, Extension, NOW, authority_key, authority_name, distribution_points, ext,
    long_authority_key, partition, relatives,
};
use crate::der::{generalized_time, integer, name, named_bits, oid, sequence, time, tlv};
use crate::evidence::{DELTA, Entry, FRESHEST, List, NUMBER, REASON, SCOPE, scope};
use crate::hand::{Hand, Mutation};
use crate::keys::Hash;
use crate::mutate::roll;

impl Hand<'_> {
    /// Mostly the leaf's list.
    fn list(&mut self) -> &mut List {
        let count = self.case.lists.len();
        let at = if self.random.below(4) == 0 { self.random.below(count) } else { 0 };
        &mut self.case.lists[at]
    }

    /// Puts a certificate of the path on its issuer's list.
    fn revoke(&mut self, at: usize, extensions: Vec<Extension>) {
        let serial = self.case.path[at].serial.clone();
        // Where one of them is missing now, its list may be, too.
        if let Some(list) = self.case.lists.get_mut(at) {
            list.entries.push(Entry { serial, at: time(NOW - 2 * DAY), extensions });
        }
    }
}

fn extension(oid: &'static str, critical: Option<bool>, value: Vec<u8>) -> Extension {
    Extension { oid, critical, value }
}

fn reason(number: u8) -> Extension {
    extension(REASON, None, tlv(0x0A, &[number]))
}

/// The delta that continues this list (number 12), with other entries. The list says where deltas are to be found:
/// OpenSSL wants to be told.
fn delta_of(list: &mut List, base: u32, number: u32, entries: Vec<Entry>) -> List {
    let place = tlv(0x86, b"http://lists.example/delta");
    list.set(FRESHEST, None, sequence([sequence([tlv(0xA0, &tlv(0xA0, &place))])]));
    let mut delta = list.clone();
    delta.extensions.retain(|extension| extension.oid != FRESHEST);
    delta.set(NUMBER, None, integer(number));
    delta.set(DELTA, Some(true), integer(base));
    delta.this_update = time(NOW - DAY / 2);
    delta.entries = entries;
    delta
}

/// A distribution point of a leaf, with more fields behind its name.
fn point(names: &[u8], more: &[u8]) -> Vec<u8> {
    let names = tlv(0xA0, &tlv(0xA0, names));
    sequence([sequence([names, more.to_vec()])])
}

/// All of them; each is for a case that has lists.
pub(crate) const MUTATIONS: &[Mutation] = &[
    // What is on it.
    ("list: leaf revoked", |h| {
        let reasons = h.pick(&[vec![], vec![0], vec![1], vec![4], vec![5], vec![6], vec![9]]);
        h.revoke(0, reasons.into_iter().map(reason).collect());
    }),
    ("list: authority revoked", |h| {
        let at = h.case.path.len() - 1;
        h.revoke(at, vec![]);
    }),
    ("list: entry's extensions", |h| {
        let other = tlv(0xA4, &authority_name(0));
        let extensions = h.pick(&[
            vec![reason(8)],
            vec![reason(7)],
            vec![reason(11)],
            vec![reason(4), reason(4)],
            vec![extension("2.5.29.24", None, generalized_time(NOW - 3 * DAY))],
            vec![extension("2.5.29.24", None, time(NOW - 3 * DAY))],
            vec![extension("1.2.3.4.6", Some(true), vec![0x05, 0x00])],
            vec![extension("1.2.3.4.6", None, vec![0x05, 0x00])],
            vec![extension("2.5.29.29", Some(true), sequence([other]))],
        ]);
        if h.coin() {
            h.revoke(0, extensions);
        } else {
            let entry = Entry { serial: integer(8), at: time(NOW - 50 * DAY), extensions };
            h.list().entries.push(entry);
        }
    }),
    ("list: entry's time", |h| {
        let form = h.pick(&[
            time(NOW),
            time(NOW + 1),
            time(NOW + 5 * DAY),
            generalized_time(NOW - DAY),
            tlv(0x17, b"2601010000Z"),
            tlv(0x18, b"20260101000000.5Z"),
        ]);
        h.revoke(0, vec![]);
        if let Some(entry) = h.case.lists[0].entries.last_mut() {
            entry.at = form;
        }
    }),
    ("list: entry's serial", |h| {
        let serial = h.pick(&[
            tlv(0x02, &[0x00, 0x07]),
            tlv(0x02, &[0xFF]),
            tlv(0x02, &[]),
            tlv(0x02, &[0x01; 21]),
        ]);
        let entry = Entry { serial, at: time(NOW - 50 * DAY), extensions: vec![] };
        h.list().entries.push(entry);
    }),
    ("list: entry twice", |h| {
        h.revoke(0, vec![reason(4)]);
        h.revoke(0, vec![reason(1)]);
    }),
    ("list: many entries", |h| {
        let entry = |n: u32| Entry { serial: integer(2000 + n), at: time(NOW), extensions: vec![] };
        let list = h.list();
        list.entries.extend((0..300).map(entry));
    }),
    // Of what it is.
    ("list: its part", |h| {
        let part = |municipality| tlv(0xA4, &partition(municipality));
        let shout = name(&relatives("CRL DISTRIBUTION  POINTS", "Here-shi CRLDP"));
        let value = h.pick(&[
            scope(&part("There-shi"), &[]),
            scope(&part("There-shi"), &[1]),
            scope(&[part("There-shi"), part("Here-shi")].concat(), &[]),
            scope(&tlv(0xA4, &shout), &[]),
            scope(&tlv(0x86, b"http://lists.example/here"), &[]),
            scope(&[], &[]),
        ]);
        h.list().set(SCOPE, Some(true), value);
    }),
    ("list: its kind", |h| {
        let flags = h.pick(&[vec![1], vec![2], vec![5], vec![1, 2], vec![1, 5]]);
        let names = if h.coin() { tlv(0xA4, &partition("Here-shi")) } else { vec![] };
        h.list().set(SCOPE, Some(true), scope(&names, &flags));
    }),
    ("list: indirect", |h| {
        let names = tlv(0xA4, &partition("Here-shi"));
        h.list().set(SCOPE, Some(true), scope(&names, &[4]));
    }),
    ("list: some reasons", |h| {
        let value = sequence([tlv(0x83, &[0x01, 0x40])]);
        h.list().set(SCOPE, Some(true), value);
    }),
    ("list: delta", |h| {
        let critical = h.pick(&[None, Some(true)]);
        h.list().set(DELTA, critical, integer(11));
    }),
    ("list: continued by a delta", |h| {
        let serial = h.leaf().serial.clone();
        let entry = |extensions| Entry { serial: serial.clone(), at: time(NOW - DAY), extensions };
        let entries = h.pick(&[
            vec![],
            vec![entry(vec![])],
            vec![entry(vec![reason(4)])],
            vec![entry(vec![reason(8)])],
        ]);
        if h.random.below(3) == 0 {
            h.revoke(0, vec![reason(6)]);
        }
        let (base, number) = h.pick(&[(12, 13), (11, 13), (1, 20), (13, 14), (12, 12), (10, 11)]);
        let mut delta = delta_of(&mut h.case.lists[0], base, number, entries);
        if h.coin() {
            let wrong = h.random.below(7);
            match wrong {
                0 => delta.spoil_signature = true,
                1 => delta.next_update = time(NOW - 1),
                2 => delta.this_update = time(NOW + 1),
                3 => delta.set("1.2.3.4.7", Some(true), vec![0x05, 0x00]),
                4 => delta.set(SCOPE, Some(true), scope(&[], &[1])),
                5 => delta.extensions.retain(|extension| extension.oid != ext::AUTHORITY_KEY),
                _ => h.case.lists[0].next_update = time(NOW - 1),
            }
        }
        let at = h.random.below(2);
        h.case.lists.insert(at, delta);
    }),
    ("list: two deltas", |h| {
        let serial = h.leaf().serial.clone();
        let entry = Entry { serial, at: time(NOW - DAY), extensions: vec![] };
        let list = &mut h.case.lists[0];
        let first = delta_of(list, 12, 13, vec![entry]);
        let second = delta_of(list, 13, 14, vec![]);
        h.case.lists.extend([first, second]);
    }),
    ("list: scope not critical", |h| {
        let list = h.list();
        for extension in list.extensions.iter_mut().filter(|extension| extension.oid == SCOPE) {
            extension.critical = None;
        }
    }),
    ("list: false written in its scope", |h| {
        let value = sequence([tlv(0x81, &[0x00])]);
        h.list().set(SCOPE, Some(true), value);
    }),
    ("list: relative name", |h| {
        let attribute = sequence([oid("2.5.4.3"), tlv(0x0C, b"Here-shi")]);
        let relative = tlv(0xA0, &tlv(0xA1, &attribute));
        h.case.lists[0].set(SCOPE, Some(true), sequence([relative.clone()]));
        if h.coin() {
            h.leaf().set(ext::DISTRIBUTION_POINTS, None, sequence([sequence([relative])]));
        }
    }),
    // Where the leaf says that it is listed.
    ("list: leaf's point", |h| {
        let here = tlv(0xA4, &partition("Here-shi"));
        let somebody = tlv(0xA2, &tlv(0xA4, &authority_name(0)));
        let value = h.pick(&[
            distribution_points(&partition("There-shi")),
            point(&here, &tlv(0x81, &[0x01, 0x40])),
            point(&here, &somebody),
            point(&[tlv(0x86, b"http://lists.example/here"), here.clone()].concat(), &[]),
            point(&tlv(0x86, b"http://lists.example/here"), &[]),
            sequence([sequence([somebody])]),
        ]);
        if h.random.below(6) == 0 {
            h.leaf().remove(ext::DISTRIBUTION_POINTS);
        } else {
            h.leaf().set(ext::DISTRIBUTION_POINTS, None, value);
        }
    }),
    ("list: point names its issuer", |h| {
        let names = tlv(0xA4, &partition("Here-shi"));
        let issuer = tlv(0xA2, &tlv(0xA4, &h.leaf().issuer));
        h.leaf().set(ext::DISTRIBUTION_POINTS, None, point(&names, &issuer));
    }),
    ("list: of everything", |h| {
        let names = tlv(0xA4, &partition("Here-shi"));
        h.leaf().set(ext::DISTRIBUTION_POINTS, None, point(&names, &tlv(0x81, &[0x01, 0x40])));
        h.case.lists[0].extensions.retain(|extension| extension.oid != SCOPE);
    }),
    // When.
    ("list: time", |h| {
        let (this, next) = h.pick(&[
            (NOW, NOW + DAY),
            (NOW + 1, NOW + DAY),
            (NOW - DAY, NOW),
            (NOW - DAY, NOW - 1),
            (NOW - DAY, NOW + 1),
            (NOW - 2 * DAY, NOW - DAY),
            (NOW + DAY, NOW + 2 * DAY),
            (NOW + DAY, NOW - DAY),
        ]);
        let list = h.list();
        list.this_update = time(this);
        list.next_update = time(next);
    }),
    ("list: form of time", |h| {
        let form = h.pick(&[
            vec![],
            generalized_time(NOW + DAY),
            tlv(0x17, b"3001010000Z"),
            tlv(0x18, b"20300101000000.5Z"),
            tlv(0x18, b"20510101000000Z"),
        ]);
        h.list().next_update = form;
    }),
    // Whose it is.
    ("list: version", |h| {
        let version = h.pick(&[vec![], integer(0), integer(2)]);
        h.list().version = version;
    }),
    ("list: other issuer", |h| {
        let issuer = h.pick(&[
            authority_name(2),
            name(&relatives("AUTHORITIES", "Root")),
            name(&relatives("Authorities", "Nobody")),
            sequence::<Vec<u8>>([]),
        ]);
        h.list().issuer = issuer;
    }),
    ("list: other key", |h| {
        let key = h.random.below(h.keys.len());
        let keys = h.keys;
        let honest = h.coin();
        let list = h.list();
        list.signer = key;
        if honest {
            list.set(ext::AUTHORITY_KEY, None, authority_key(&keys[key]));
        }
    }),
    ("list: authority key", |h| {
        let issuer = h.case.path.get(1).unwrap_or(&h.case.anchors[0]).clone();
        let key = &h.keys[issuer.key];
        let another = h.random.below(h.keys.len());
        let elsewhere = tlv(0xA1, &tlv(0xA4, &authority_name(2)));
        let own = tlv(0x80, &key.id());
        let value = h.pick(&[
            long_authority_key(&issuer, key),
            authority_key(&h.keys[another]),
            sequence([own.clone(), elsewhere, tlv(0x82, &[100])]),
            sequence([own, tlv(0x82, &[100])]),
            sequence::<Vec<u8>>([]),
        ]);
        h.case.lists[0].set(ext::AUTHORITY_KEY, None, value);
    }),
    ("list: authority may not", |h| {
        let usage = h.pick(&[0x0400_u16, 0x0600, 0x8400]);
        h.authority().set(ext::KEY_USAGE, Some(true), named_bits(usage));
    }),
    // The frame.
    ("list: extension dropped", |h| {
        let oid = h.pick(&[SCOPE, NUMBER, ext::AUTHORITY_KEY]);
        h.list().extensions.retain(|extension| extension.oid != oid);
    }),
    ("list: no extensions", |h| h.list().extensions.clear()),
    ("list: extension twice", |h| {
        let list = h.list();
        list.extensions.extend(list.extensions.first().cloned());
    }),
    ("list: unknown extension", |h| {
        let critical = h.pick(&[None, Some(true)]);
        h.list().set("1.2.3.4.7", critical, vec![0x05, 0x00]);
    }),
    ("list: critical number", |h| {
        h.list().set(NUMBER, Some(true), integer(12));
    }),
    ("list: signature", |h| h.list().spoil_signature = true),
    ("list: digest", |h| h.list().hash = Hash::Sha1),
    ("list: inner algorithm", |h| {
        let other = sequence([oid("1.2.840.113549.1.1.13"), tlv(0x05, &[])]);
        h.list().inner_algorithm = Some(other);
    }),
    ("list: trailing bytes", |h| h.list().trailing = vec![0x05, 0x00]),
    // All of them.
    ("list: none for the leaf", |h| {
        if h.case.lists.len() > 1 {
            h.case.lists.remove(0);
        }
    }),
    ("list: other way round", |h| h.case.lists.reverse()),
    ("list: an old one beside", |h| {
        let mut old = h.list().clone();
        old.this_update = time(NOW - 9 * DAY);
        old.next_update = time(NOW - 8 * DAY);
        let at = h.random.below(2);
        h.case.lists.insert(at, old);
    }),
    ("list: another generation's beside", |h| {
        let key = (h.case.lists[0].signer + 3) % crate::keys::STRONG;
        let mut other = h.case.lists[0].clone();
        other.signer = key;
        other.set(ext::AUTHORITY_KEY, None, authority_key(&h.keys[key]));
        other.entries.clear();
        let at = h.random.below(2);
        if h.coin() {
            // Neither says whose it is.
            h.case.lists[0].extensions.retain(|extension| extension.oid != ext::AUTHORITY_KEY);
            other.extensions.retain(|extension| extension.oid != ext::AUTHORITY_KEY);
        }
        h.case.lists.insert(at, other);
    }),
    ("list: of the old key", roll),
];
