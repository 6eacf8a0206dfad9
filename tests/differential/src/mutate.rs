//! What can be wrong with a chain, or merely unusual.

use crate::chain::{
    DAY, NOW, POLICY, authority_key, authority_name, ext, partition, policies, relatives,
};
use crate::der::{
    bits, generalized_time, integer, join, name, named_bits, oid, sequence, time, tlv,
};
use crate::hand::{Hand, Mutation};
use crate::keys::{EXPONENT_3, Hash, SHORT};

const OTHER_POLICY: &str = "1.2.392.200149.8.5.1.3.30";
const ANY_POLICY: &str = "2.5.29.32.0";
/// Extensions that may be dropped, doubled, or spoiled.
const ALL_EXTENSIONS: &[&str] = &[
    ext::KEY_USAGE,
    ext::EXTENDED_KEY_USAGE,
    ext::BASIC_CONSTRAINTS,
    ext::POLICIES,
    ext::SUBJECT_KEY,
    ext::AUTHORITY_KEY,
    ext::DISTRIBUTION_POINTS,
];

/// All of them.
pub(crate) const MUTATIONS: &[Mutation] = &[
    ("nothing", |_| {}),
    // The frame.
    ("version", |h| {
        let version = h.pick(&[
            vec![],
            tlv(0xA0, &integer(0)),
            tlv(0xA0, &integer(1)),
            tlv(0xA0, &integer(3)),
        ]);
        h.any().version = version;
    }),
    ("serial", |h| {
        let serial = h.pick(&[
            tlv(0x02, &[0x00]),
            tlv(0x02, &[0x80]),
            tlv(0x02, &[0xFF, 0x01]),
            tlv(0x02, &[0x00, 0x01]),
            tlv(0x02, &[0x01; 21]),
            tlv(0x02, &[0x01; 20]),
            tlv(0x02, &[]),
            tlv(0x02, &[0x00, 0xFF]),
        ]);
        h.leaf().serial = serial;
    }),
    ("unique ids", |h| {
        let ids = h.pick(&[tlv(0x81, &[0, 1]), tlv(0x82, &[0, 1])]);
        h.any().unique_ids = ids;
    }),
    ("trailing bytes", |h| h.any().trailing = vec![0x05, 0x00]),
    ("signature", |h| h.any().spoil_signature = true),
    ("inner algorithm", |h| {
        let algorithm = h.pick(&[
            sequence([oid("1.2.840.113549.1.1.12"), tlv(0x05, &[])]),
            sequence([oid("1.2.840.113549.1.1.11")]),
        ]);
        h.any().inner_algorithm = Some(algorithm);
    }),
    ("both algorithms", |h| {
        let algorithm = h.pick(&[
            sequence([oid("1.2.840.113549.1.1.11")]),
            sequence([oid("1.2.840.113549.1.1.11"), tlv(0x05, &[])]),
            sequence([oid("1.2.840.113549.1.1.12"), tlv(0x05, &[])]),
            sequence([oid("1.2.840.113549.1.1.11"), tlv(0x04, &[])]),
            sequence([oid("1.2.840.10045.4.3.2"), tlv(0x05, &[])]),
            sequence([oid("1.2.840.10045.4.3.4")]),
            sequence([oid("1.3.101.112")]),
        ]);
        let draft = h.any();
        draft.inner_algorithm = Some(algorithm.clone());
        draft.outer_algorithm = Some(algorithm);
    }),
    ("digest", |h| {
        let hash = h.pick(&[Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512]);
        h.any().hash = hash;
    }),
    // Keys.
    ("signer", |h| {
        let signer = h.random.below(h.keys.len());
        h.any().signer = signer;
    }),
    ("weak authority", |h| {
        let weak = h.pick(&[SHORT, EXPONENT_3]);
        let keys = h.keys;
        let last = h.case.path.len() - 1;
        h.case.anchors[0].key = weak;
        h.case.anchors[0].signer = weak;
        h.case.anchors[0].set(ext::SUBJECT_KEY, None, tlv(0x04, &keys[weak].id()));
        h.case.path[last].signer = weak;
        h.case.path[last].set(ext::AUTHORITY_KEY, None, authority_key(&keys[weak]));
    }),
    ("weak leaf", |h| {
        let weak = h.pick(&[SHORT, EXPONENT_3]);
        h.leaf().key = weak;
    }),
    ("key info", |h| {
        let point = |length| [&[4_u8][..], &vec![7; length]].concat();
        let curve = |name: &str| sequence([oid("1.2.840.10045.2.1"), oid(name)]);
        let info = h.pick(&[
            sequence([curve("1.3.132.0.35"), bits(&point(132))]),
            sequence([curve("1.3.132.0.10"), bits(&point(64))]),
            sequence([curve("1.2.840.10045.3.1.7"), bits(&[&[2][..], &[7; 32]].concat())]),
            sequence([sequence([oid("1.3.101.112")]), bits(&[9; 32])]),
            sequence([sequence([oid("1.2.840.113549.1.1.1")]), bits(&[1, 2, 3])]),
        ]);
        h.leaf().key_info = Some(info);
    }),
    // Names.
    ("string type", |h| {
        let tag = h.pick(&[0x13_u8, 0x0C, 0x14, 0x16, 0x1E]);
        let mut all = relatives(
            "Authorities",
            ["Root", "First below", "Second below"][(h.case.path.len() - 1) % 3],
        );
        all[2][0].1 = tag;
        h.leaf().issuer = name(&all);
    }),
    ("case and spaces", |h| {
        let unit = h.pick(&[
            "AUTHORITIES",
            " Authorities",
            "Authorities  ",
            "Author ities",
            "authorities",
        ]);
        let level = ["Root", "First below", "Second below"][(h.case.path.len() - 1) % 3];
        h.leaf().issuer = name(&relatives(unit, level));
    }),
    ("inner spaces", |h| {
        let level = ["Root", "First   below", "Second\tbelow"][(h.case.path.len() - 1) % 3];
        h.leaf().issuer = name(&relatives("Authorities", level));
    }),
    ("order of names", |h| {
        let mut all = relatives(
            "Authorities",
            ["Root", "First below", "Second below"][(h.case.path.len() - 1) % 3],
        );
        all.swap(1, 2);
        h.leaf().issuer = name(&all);
    }),
    ("several in one", |h| {
        let attributes = relatives("People", "two").concat();
        h.leaf().subject = name(&[attributes]);
    }),
    ("empty subject", |h| {
        let critical = h.pick(&[None, Some(true)]);
        let alternative = h.coin();
        let leaf = h.leaf();
        leaf.subject = sequence::<Vec<u8>>([]);
        if alternative {
            let names = sequence([tlv(0xA4, &name(&relatives("People", "elsewhere")))]);
            leaf.set(ext::ALTERNATIVE_NAME, critical, names);
        }
    }),
    ("other issuer", |h| {
        let wrong = authority_name(2 - h.random.below(3));
        h.any().issuer = wrong;
    }),
    ("not a name", |h| h.leaf().subject = sequence([tlv(0x31, &[])])),
    // Validity.
    ("time", |h| {
        let at = h.pick(&[
            NOW - 300 * DAY,
            NOW - 300 * DAY - 1,
            NOW + 700 * DAY,
            NOW + 700 * DAY + 1,
            NOW + 5000 * DAY,
            NOW - 5000 * DAY,
        ]);
        h.case.at = at;
    }),
    ("validity of one", |h| {
        let (from, to) = h.pick(&[
            (NOW, NOW),
            (NOW + 1, NOW + DAY),
            (NOW - DAY, NOW - 1),
            (NOW - DAY, NOW),
            (NOW, NOW + DAY),
            (NOW + DAY, NOW - DAY),
            (NOW - 20_000 * DAY, NOW + 20_000 * DAY),
        ]);
        let draft = h.any_or_anchor();
        draft.not_before = time(from);
        draft.not_after = time(to);
    }),
    ("form of time", |h| {
        let form = h.pick(&[
            generalized_time(NOW + 700 * DAY),
            tlv(0x17, b"3001010000Z"),
            tlv(0x17, b"300101000000+0900"),
            tlv(0x18, b"20300101000000.5Z"),
            tlv(0x18, b"20300101000000"),
            tlv(0x17, b"301301000000Z"),
            tlv(0x17, b"300230000000Z"),
            tlv(0x17, b"300101240000Z"),
            tlv(0x17, b"300101000060Z"),
            tlv(0x18, b"99991231235959Z"),
            tlv(0x18, b"20500101000000Z"),
        ]);
        h.any().not_after = form;
    }),
    // Extensions as such.
    ("extension dropped", |h| {
        let oid = h.pick(ALL_EXTENSIONS);
        h.any_or_anchor().remove(oid);
    }),
    ("extension twice", |h| {
        let oid = h.pick(ALL_EXTENSIONS);
        let draft = h.any();
        if let Some(extension) = draft.get(oid).cloned() {
            draft.extensions.push(extension);
        }
    }),
    ("criticality", |h| {
        let oid = h.pick(ALL_EXTENSIONS);
        let critical = h.pick(&[None, Some(true)]);
        if let Some(extension) = h.any().get(oid) {
            extension.critical = critical;
        }
    }),
    ("critical FALSE written", |h| {
        if let Some(extension) = h.any().get(ext::SUBJECT_KEY) {
            extension.critical = Some(false);
        }
    }),
    ("extension spoiled", |h| {
        let oid = h.pick(ALL_EXTENSIONS);
        let how = h.random.below(4);
        if let Some(extension) = h.any().get(oid) {
            match how {
                0 => extension.value = vec![],
                1 => drop(extension.value.pop()),
                2 => extension.value.extend([0x05, 0x00]),
                _ => {
                    // One more element inside.
                    let inside = join([&extension.value[2..], &[0x05, 0x00]]);
                    extension.value = tlv(extension.value[0], &inside);
                }
            }
        }
    }),
    ("unknown extension", |h| {
        let critical = h.pick(&[None, Some(true)]);
        h.any_or_anchor().set("1.2.3.4.5", critical, vec![0x05, 0x00]);
    }),
    ("no extensions", |h| h.any().extensions.clear()),
    // Uses.
    ("key usage", |h| {
        let usage = h.pick(&[
            0x8000_u16, 0xC000, 0x4000, 0x2000, 0x8400, 0x8600, 0x0600, 0x0400, 0x0200, 0x0080, 0,
        ]);
        h.any_or_anchor().set(ext::KEY_USAGE, Some(true), named_bits(usage));
    }),
    ("extended key usage", |h| {
        let purposes = h.pick(&[
            vec!["1.3.6.1.5.5.7.3.2"],
            vec!["1.3.6.1.5.5.7.3.1"],
            vec!["2.5.29.37.0"],
            vec!["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
            vec!["1.3.6.1.5.5.7.3.9"],
        ]);
        let critical = h.pick(&[None, Some(true)]);
        h.any().set(ext::EXTENDED_KEY_USAGE, critical, sequence(purposes.into_iter().map(oid)));
    }),
    ("basic constraints", |h| {
        let yes = tlv(0x01, &[0xFF]);
        let value = h.pick(&[
            sequence::<Vec<u8>>([]),
            sequence([yes.clone()]),
            sequence([yes.clone(), integer(0)]),
            sequence([yes.clone(), integer(1)]),
            sequence([yes, tlv(0x02, &[0xFF])]),
            sequence([integer(0)]),
            sequence([tlv(0x01, &[0x00])]),
            sequence([tlv(0x01, &[0x01])]),
        ]);
        h.any_or_anchor().set(ext::BASIC_CONSTRAINTS, Some(true), value);
    }),
    ("path length", |h| {
        let length = integer(u32::try_from(h.random.below(3)).expect("small"));
        let value = sequence([tlv(0x01, &[0xFF]), length]);
        if h.coin() {
            h.case.anchors[0].set(ext::BASIC_CONSTRAINTS, Some(true), value);
        } else {
            h.authority().set(ext::BASIC_CONSTRAINTS, Some(true), value);
        }
    }),
    ("purpose", |h| h.case.purpose = "any"),
    // Policies.
    ("policy wanted", |h| {
        let wanted = h.pick(&[
            vec![],
            vec![OTHER_POLICY.to_owned()],
            vec![POLICY.to_owned(), OTHER_POLICY.to_owned()],
            vec![ANY_POLICY.to_owned()],
        ]);
        h.case.policies = wanted;
    }),
    ("policies", |h| {
        let stated: Vec<&str> = h.pick(&[
            vec![OTHER_POLICY],
            vec![ANY_POLICY],
            vec![POLICY, OTHER_POLICY],
            vec![OTHER_POLICY, POLICY],
            vec![ANY_POLICY, POLICY],
            vec![ANY_POLICY, OTHER_POLICY],
            vec![POLICY, POLICY],
        ]);
        h.any().set(ext::POLICIES, Some(true), policies(&stated));
    }),
    ("many policies", |h| {
        let all: Vec<String> = (0..40).map(|n| format!("1.2.3.{n}")).collect();
        let mut stated: Vec<&str> = all.iter().map(String::as_str).collect();
        stated.push(POLICY);
        h.any().set(ext::POLICIES, None, policies(&stated));
    }),
    ("policy mapping", |h| {
        let pairs = h.pick(&[
            vec![(OTHER_POLICY, POLICY)],
            vec![(POLICY, OTHER_POLICY)],
            vec![(POLICY, POLICY)],
            vec![(ANY_POLICY, POLICY)],
            vec![(POLICY, ANY_POLICY)],
            vec![(POLICY, OTHER_POLICY), (POLICY, POLICY)],
            vec![(POLICY, "1.2.3.4"), (OTHER_POLICY, POLICY)],
        ]);
        let stated: Vec<&str> = h.pick(&[
            vec![POLICY],
            vec![OTHER_POLICY],
            vec![POLICY, OTHER_POLICY],
            vec![ANY_POLICY],
        ]);
        let critical = h.pick(&[None, Some(true)]);
        let authority = h.authority();
        let mapping = sequence(pairs.into_iter().map(|(of, to)| sequence([oid(of), oid(to)])));
        authority.set(ext::POLICY_MAPPINGS, critical, mapping);
        authority.set(ext::POLICIES, None, policies(&stated));
    }),
    ("policy constraints", |h| {
        let number = |tag, n| tlv(tag, &[n]);
        let value = h.pick(&[
            sequence([number(0x80, 0)]),
            sequence([number(0x80, 1)]),
            sequence([number(0x81, 0)]),
            sequence([number(0x81, 1)]),
            sequence([number(0x80, 0), number(0x81, 0)]),
            sequence::<Vec<u8>>([]),
        ]);
        let critical = h.pick(&[Some(true), Some(true), None]);
        if h.coin() {
            h.case.policies.clear();
        }
        h.any().set(ext::POLICY_CONSTRAINTS, critical, value);
    }),
    ("inhibit any policy", |h| {
        let value = integer(u32::try_from(h.random.below(3)).expect("small"));
        let critical = h.pick(&[Some(true), Some(true), None]);
        let authority = h.authority();
        authority.set(ext::INHIBIT_ANY, critical, value);
        authority.set(ext::POLICIES, None, policies(&[ANY_POLICY]));
        if h.coin() {
            h.leaf().set(ext::POLICIES, None, policies(&[ANY_POLICY]));
        }
    }),
    // Names that an authority may use.
    ("name constraints", |h| {
        let people = name(&relatives("People", ""));
        let japan = name(&relatives("People", "")[..1]);
        let others = name(&relatives("Others", ""));
        let shout = name(&relatives("PEOPLE ", ""));
        let tree = |base: &[u8]| sequence([tlv(0xA4, base)]);
        let value = h.pick(&[
            sequence([tlv(0xA0, &tree(&people))]),
            sequence([tlv(0xA0, &tree(&japan))]),
            sequence([tlv(0xA0, &tree(&others))]),
            sequence([tlv(0xA0, &join([tree(&others), tree(&people)]))]),
            sequence([tlv(0xA0, &tree(&shout))]),
            sequence([tlv(0xA1, &tree(&people))]),
            sequence([tlv(0xA1, &tree(&others))]),
            sequence([tlv(0xA1, &tree(&shout))]),
            sequence([tlv(0xA0, &tree(&japan)), tlv(0xA1, &tree(&people))]),
            sequence([tlv(0xA0, &sequence([tlv(0xA4, &people), tlv(0x80, &[1])]))]),
            sequence([tlv(0xA1, &sequence([tlv(0x82, b"example")]))]),
            sequence::<Vec<u8>>([]),
        ]);
        let critical = h.pick(&[Some(true), Some(true), None]);
        if h.coin() {
            h.case.anchors[0].set(ext::NAME_CONSTRAINTS, critical, value);
        } else {
            h.authority().set(ext::NAME_CONSTRAINTS, critical, value);
        }
    }),
    ("alternative name", |h| {
        let unit = h.pick(&["People", "Others", "PEOPLE"]);
        let critical = h.pick(&[None, Some(true)]);
        let names = sequence([tlv(0xA4, &name(&relatives(unit, "other")))]);
        h.leaf().set(ext::ALTERNATIVE_NAME, critical, names);
    }),
    // Key identifiers.
    ("authority key", |h| {
        let other = h.random.below(h.keys.len());
        let keys = h.keys;
        let issuer_name = tlv(0xA1, &tlv(0xA4, &authority_name(0)));
        let which = h.random.below(5);
        let draft = h.any();
        let own = tlv(0x80, &keys[draft.signer].id());
        let value = match which {
            0 => authority_key(&keys[other]),
            1 => sequence([own, issuer_name, tlv(0x82, &[0x63])]),
            2 => sequence([own, issuer_name, tlv(0x82, &[100])]),
            3 => sequence([own, issuer_name]),
            _ => sequence([issuer_name, tlv(0x82, &[100])]),
        };
        draft.set(ext::AUTHORITY_KEY, None, value);
    }),
    ("subject key", |h| {
        let value = h.pick(&[tlv(0x04, &[1, 2, 3]), tlv(0x04, &[])]);
        h.any_or_anchor().set(ext::SUBJECT_KEY, None, value);
    }),
    // The path as a whole.
    ("order of the path", |h| {
        if h.case.path.len() > 2 {
            h.case.path.swap(1, 2);
        }
    }),
    ("one too few", |h| {
        if h.case.path.len() > 1 {
            let at = 1 + h.random.below(h.case.path.len() - 1);
            h.case.path.remove(at);
        }
    }),
    ("one too many", |h| {
        let extra = h.pick(&h.case.path.clone());
        h.case.path.push(extra);
    }),
    ("self-issued", roll),
    ("another generation beside", |h| {
        let mut other = h.case.anchors[0].clone();
        let keys = h.keys;
        other.key = (other.key + 3) % crate::keys::STRONG;
        other.signer = other.key;
        other.serial = integer(99);
        other.set(ext::SUBJECT_KEY, None, tlv(0x04, &keys[other.key].id()));
        let at = h.random.below(2);
        h.case.anchors.insert(at, other);
    }),
    ("another generation alone", |h| {
        let keys = h.keys;
        let same_id = h.coin();
        let other = &mut h.case.anchors[0];
        other.key = (other.key + 3) % crate::keys::STRONG;
        other.signer = other.key;
        if !same_id {
            other.set(ext::SUBJECT_KEY, None, tlv(0x04, &keys[other.key].id()));
        }
    }),
    ("partition elsewhere", |h| {
        let points = crate::chain::distribution_points(&partition("There-shi"));
        h.leaf().set(ext::DISTRIBUTION_POINTS, None, points);
    }),
];

/// The anchor vouches for its next key under its own name, which then issues.
pub(crate) fn roll(h: &mut Hand<'_>) {
    if h.case.path.len() == 1 {
        let new = (h.case.anchors[0].key + 1) % crate::keys::STRONG;
        let keys = h.keys;
        let mut roll = h.case.anchors[0].clone();
        roll.serial = integer(77);
        roll.key = new;
        roll.set(ext::SUBJECT_KEY, None, tlv(0x04, &keys[new].id()));
        roll.set(ext::AUTHORITY_KEY, None, authority_key(&keys[h.case.anchors[0].key]));
        roll.set(ext::POLICIES, None, policies(&[h.pick(&[POLICY, ANY_POLICY])]));
        h.leaf().signer = new;
        h.leaf().set(ext::AUTHORITY_KEY, None, authority_key(&keys[new]));
        h.case.path.push(roll);
    }
}
