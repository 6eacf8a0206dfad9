//! Revocation lists and answers, and what can be wrong with them.

use crate::chain::{Case, DAY, Draft, Extension, NOW, authority_key, ext, partition};
use crate::der::{
    bits, generalized_time, integer, join, name, named_bits, oid, sequence, time, tlv,
};
use crate::keys::{Hash, Key};
use crate::random::Random;

/// Something done to a list or an answer that is sound.
type Change = &'static str;

const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
const NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";

/// What may happen to a list.
const LISTS: &[Change] = &[
    "list: nothing",
    "list: leaf revoked",
    "list: leaf on hold",
    "list: others revoked",
    "list: stale",
    "list: from the future",
    "list: next update now",
    "list: this update now",
    "list: no next update",
    "list: signature",
    "list: other key, same name",
    "list: other issuer",
    "list: no partition",
    "list: other partition",
    "list: other case of partition",
    "list: relative partition",
    "list: authorities only",
    "list: attributes only",
    "list: no kind",
    "list: indirect",
    "list: some reasons",
    "list: delta",
    "list: unknown extension",
    "list: critical unknown extension",
    "list: critical unknown in an entry",
    "list: removed",
    "list: no authority key",
    "list: other authority key",
    "list: version 1",
    "list: SHA-1",
    "list: trailing bytes",
    "list: extension twice",
    "list: issuer may not sign lists",
    "list: algorithms disagree",
    "list: missing",
    "list: serial elsewhere",
];

/// What may happen to an answer.
const ANSWERS: &[Change] = &[
    "answer: nothing",
    "answer: revoked",
    "answer: unknown",
    "answer: stale",
    "answer: from the future",
    "answer: next update now",
    "answer: no next update",
    "answer: signature",
    "answer: by the issuer",
    "answer: by key",
    "answer: not delegated",
    "answer: no nocheck",
    "answer: delegate expired",
    "answer: delegate of another",
    "answer: nonce",
    "answer: other nonce",
    "answer: no nonce",
    "answer: SHA-256",
    "answer: other serial",
    "answer: other issuer key",
    "answer: two, one revoked",
    "answer: try later",
    "answer: unauthorized",
    "answer: trailing bytes",
    "answer: critical unknown extension",
    "answer: responder by another name",
    "answer: delegate may not sign",
];

/// Adds lists for every certificate of the path, or an answer on the leaf.
pub(crate) fn add(case: &mut Case, random: &mut Random, keys: &[Key]) {
    // An answer is on the leaf alone, and the SDK wants to know of everybody below the anchor.
    if case.path.len() > 1 || random.below(3) == 0 {
        let change = *random.pick(LISTS);
        case.mutations.push(change);
        lists(case, change, random, keys);
    } else {
        let change = *random.pick(ANSWERS);
        case.mutations.push(change);
        answer(case, change, random, keys);
    }
}

fn lists(case: &mut Case, change: Change, random: &mut Random, keys: &[Key]) {
    if change == "list: issuer may not sign lists" {
        let last = case.path.len() - 1;
        let issuer = if last == 0 { &mut case.anchors[0] } else { &mut case.path[1] };
        issuer.set(ext::KEY_USAGE, Some(true), named_bits(0x0400));
    }
    for at in 0..case.path.len() {
        let issuer = case.path.get(at + 1).unwrap_or(&case.anchors[0]).clone();
        // Only the leaf's list is changed; those of authorities, one in four.
        let change = if at == 0 || random.below(4) == 0 { change } else { "list: nothing" };
        if change != "list: missing" {
            let list = list(&case.path[at], &issuer, at > 0, change, random, keys);
            case.lists.push(list);
        }
    }
    // OpenSSL wants to know of the anchors too.
    for anchor in case.anchors.clone() {
        let list = list(&anchor, &anchor, true, "list: nothing", random, keys);
        case.lists.push(list);
    }
}

/// A list of the issuer in which this certificate would be.
fn list(
    of: &Draft,
    issuer: &Draft,
    authority: bool,
    change: Change,
    random: &mut Random,
    keys: &[Key],
) -> Vec<u8> {
    let mut signer = issuer.key;
    if change == "list: other key, same name" {
        signer = (signer + 1) % crate::keys::STRONG;
    }
    let hash = if change == "list: SHA-1" { Hash::Sha1 } else { Hash::Sha256 };
    let entry = |serial: Vec<u8>, extensions: Vec<Vec<u8>>| {
        let extensions = if extensions.is_empty() { Vec::new() } else { sequence(extensions) };
        sequence([serial, time(NOW - 20 * DAY), extensions])
    };
    let reason = |number: u8| sequence([oid("2.5.29.21"), tlv(0x04, &tlv(0x0A, &[number]))]);
    let critical = |oid_: &str| sequence([oid(oid_), tlv(0x01, &[0xFF]), tlv(0x04, &[0x05, 0x00])]);
    let mut entries: Vec<Vec<u8>> = (0..random.below(4))
        .map(|n| entry(integer(900_000_000 + n as u32), vec![reason(4)]))
        .collect();
    match change {
        "list: leaf revoked" => entries.push(entry(of.serial.clone(), vec![reason(1)])),
        "list: leaf on hold" => entries.push(entry(of.serial.clone(), vec![reason(6)])),
        "list: removed" => entries.push(entry(of.serial.clone(), vec![reason(8)])),
        "list: serial elsewhere" => entries.push(entry(integer(5), vec![])),
        "list: critical unknown in an entry" => {
            entries.push(entry(integer(5), vec![critical("1.2.3.4")]));
        }
        _ => {}
    }
    let (this, next) = match change {
        "list: stale" => (NOW - 9 * DAY, NOW - 1),
        "list: from the future" => (NOW + 1, NOW + DAY),
        "list: next update now" => (NOW - DAY, NOW),
        "list: this update now" => (NOW, NOW + DAY),
        _ => (NOW - DAY, NOW + DAY),
    };
    let mut extensions: Vec<Extension> = Vec::new();
    let mut push = |oid: &'static str, critical: Option<bool>, value: Vec<u8>| {
        extensions.push(Extension { oid, critical, value });
    };
    match change {
        "list: no authority key" => {}
        "list: other authority key" => {
            push(
                ext::AUTHORITY_KEY,
                None,
                authority_key(&keys[(signer + 2) % crate::keys::STRONG]),
            );
        }
        _ => push(ext::AUTHORITY_KEY, None, authority_key(&keys[signer])),
    }
    push("2.5.29.20", None, integer(7));
    let directory = match change {
        "list: other partition" => partition("There-shi"),
        "list: other case of partition" => partition("HERE-SHI"),
        _ => partition("Here-shi"),
    };
    let names = tlv(0xA0, &tlv(0xA0, &tlv(0xA4, &directory)));
    let relative = tlv(0xA0, &tlv(0xA1, &sequence([oid("2.5.4.3"), tlv(0x0C, b"Here-shi CRLDP")])));
    let kind = |tag: u8| tlv(tag, &[0xFF]);
    let yes = if authority { kind(0x82) } else { kind(0x81) };
    // Authorities have no distribution point, so their lists have no partition.
    let names = if authority { Vec::new() } else { names };
    let scope = match change {
        "list: no partition" => vec![yes],
        "list: relative partition" => vec![relative, yes],
        "list: authorities only" => vec![names, kind(0x82)],
        "list: attributes only" => vec![names, kind(0x85)],
        "list: no kind" => vec![names],
        "list: indirect" => vec![names, yes, kind(0x84)],
        "list: some reasons" => vec![names, yes, tlv(0x83, &[0x01, 0x06])],
        _ => vec![names, yes],
    };
    if !join(&scope).is_empty() {
        push("2.5.29.28", Some(true), sequence(scope));
    }
    match change {
        "list: delta" => push("2.5.29.27", Some(true), integer(6)),
        "list: unknown extension" => push("1.2.3.4", None, vec![0x05, 0x00]),
        "list: critical unknown extension" => push("1.2.3.4", Some(true), vec![0x05, 0x00]),
        "list: extension twice" => push("2.5.29.20", None, integer(7)),
        _ => {}
    }
    let extensions = extensions.iter().map(|extension| {
        let critical = extension.critical.map_or(Vec::new(), |_| tlv(0x01, &[0xFF]));
        sequence([oid(extension.oid), critical, tlv(0x04, &extension.value)])
    });
    let algorithm = keys[signer].algorithm(hash);
    let issuer_name = match change {
        "list: other issuer" => name(&crate::chain::relatives("Others", "")),
        _ => issuer.subject.clone(),
    };
    let signed = sequence([
        if change == "list: version 1" { Vec::new() } else { integer(1) },
        algorithm.clone(),
        issuer_name,
        time(this),
        if change == "list: no next update" { Vec::new() } else { time(next) },
        if entries.is_empty() { Vec::new() } else { sequence(entries) },
        if change == "list: version 1" { Vec::new() } else { tlv(0xA0, &sequence(extensions)) },
    ]);
    finish(
        &signed,
        &algorithm,
        signer,
        hash,
        change.strip_prefix("list: ").unwrap_or_default(),
        keys,
        &[],
    )
}

/// Signed, algorithm, signature, and what follows.
fn finish(
    signed: &[u8],
    algorithm: &[u8],
    signer: usize,
    hash: Hash,
    change: &str,
    keys: &[Key],
    more: &[u8],
) -> Vec<u8> {
    let mut signature = keys[signer].sign(hash, signed);
    if change == "signature" {
        let middle = signature.len() / 2;
        signature[middle] ^= 1;
    }
    let outer = match change {
        "algorithms disagree" => sequence([oid("1.2.840.113549.1.1.12"), tlv(0x05, &[])]),
        _ => algorithm.to_vec(),
    };
    let whole = sequence([signed.to_vec(), outer, bits(&signature), more.to_vec()]);
    if change == "trailing bytes" { join([whole, vec![0x05, 0x00]]) } else { whole }
}

/// An answer on the leaf, by a delegate of its issuer.
fn answer(case: &mut Case, change: Change, random: &mut Random, keys: &[Key]) {
    let leaf = case.path[0].clone();
    let issuer = case.path.get(1).unwrap_or(&case.anchors[0]).clone();
    let used = [leaf.key, issuer.key];
    let others: Vec<usize> = (0..crate::keys::STRONG).filter(|key| !used.contains(key)).collect();
    let delegate_key = *random.pick(&others);
    let nonce = [7_u8; 32];
    if matches!(change, "answer: nonce" | "answer: other nonce" | "answer: no nonce") {
        case.nonce = Some(nonce);
    }
    let status = match change {
        "answer: try later" => Some(3),
        "answer: unauthorized" => Some(6),
        _ => None,
    };
    if let Some(status) = status {
        case.answer = Some(sequence([tlv(0x0A, &[status])]));
        return;
    }
    let by_issuer = change == "answer: by the issuer";
    let signer = if by_issuer { issuer.key } else { delegate_key };

    let delegate_name = name(&crate::chain::relatives("Responders", "One"));
    let mut delegate = leaf.clone();
    delegate.key_info = None;
    delegate.extensions.clear();
    delegate.serial = integer(4711);
    delegate.version = tlv(0xA0, &integer(2));
    delegate.subject = delegate_name.clone();
    delegate.issuer = issuer.subject.clone();
    delegate.key = delegate_key;
    delegate.signer = issuer.key;
    delegate.hash = Hash::Sha256;
    delegate.not_before = time(NOW - DAY);
    delegate.not_after = time(NOW + DAY);
    delegate.set(ext::SUBJECT_KEY, None, tlv(0x04, &keys[delegate_key].id()));
    delegate.set(ext::AUTHORITY_KEY, None, authority_key(&keys[issuer.key]));
    delegate.set(ext::KEY_USAGE, Some(true), named_bits(0x8000));
    delegate.set(ext::EXTENDED_KEY_USAGE, None, sequence([oid(OCSP_SIGNING)]));
    delegate.set(NO_CHECK, None, tlv(0x05, &[]));
    match change {
        "answer: not delegated" => delegate.remove(ext::EXTENDED_KEY_USAGE),
        "answer: no nocheck" => delegate.remove(NO_CHECK),
        "answer: delegate expired" => delegate.not_after = time(NOW - 1),
        "answer: delegate may not sign" => {
            delegate.set(ext::KEY_USAGE, Some(true), named_bits(0x2000));
        }
        "answer: delegate of another" => {
            let other = *random.pick(&others);
            delegate.signer = other;
            delegate.set(ext::AUTHORITY_KEY, None, authority_key(&keys[other]));
        }
        _ => {}
    }

    let (this, next) = match change {
        "answer: stale" => (NOW - 2 * DAY, NOW - 1),
        "answer: from the future" => (NOW + 1, NOW + DAY),
        "answer: next update now" => (NOW - DAY, NOW),
        _ => (NOW - DAY, NOW + DAY),
    };
    let single = |serial: &[u8], status: Vec<u8>| {
        let sha256 = change == "answer: SHA-256";
        let digest = |bytes: &[u8]| -> Vec<u8> {
            use sha2::Digest;
            if sha256 {
                sha2::Sha256::digest(bytes).to_vec()
            } else {
                sha1::Sha1::digest(bytes).to_vec()
            }
        };
        let algorithm = if sha256 { oid("2.16.840.1.101.3.4.2.1") } else { oid("1.3.14.3.2.26") };
        let key = if change == "answer: other issuer key" { leaf.key } else { issuer.key };
        let id = sequence([
            sequence([algorithm, tlv(0x05, &[])]),
            tlv(0x04, &digest(&issuer.subject)),
            tlv(0x04, &digest(&keys[key].public())),
            serial.to_vec(),
        ]);
        let until = match change {
            "answer: no next update" => Vec::new(),
            _ => tlv(0xA0, &generalized_time(next)),
        };
        sequence([id, status, generalized_time(this), until])
    };
    let good = tlv(0x80, &[]);
    let revoked = tlv(0xA1, &join([generalized_time(NOW - 9 * DAY), tlv(0xA0, &tlv(0x0A, &[4]))]));
    let singles = match change {
        "answer: revoked" => vec![single(&leaf.serial, revoked)],
        "answer: unknown" => vec![single(&leaf.serial, tlv(0x82, &[]))],
        "answer: other serial" => vec![single(&integer(3), good)],
        "answer: two, one revoked" => {
            vec![single(&integer(3), revoked), single(&leaf.serial, good)]
        }
        _ => vec![single(&leaf.serial, good)],
    };
    let responder = match change {
        "answer: by key" => tlv(0xA2, &tlv(0x04, &keys[signer].id())),
        "answer: responder by another name" => {
            tlv(0xA1, &name(&crate::chain::relatives("Responders", "Two")))
        }
        _ if by_issuer => tlv(0xA1, &issuer.subject),
        _ => tlv(0xA1, &delegate_name),
    };
    let echoed =
        |nonce: &[u8]| sequence([oid("1.3.6.1.5.5.7.48.1.2"), tlv(0x04, &tlv(0x04, nonce))]);
    let extensions = match change {
        "answer: nonce" => vec![echoed(&nonce)],
        "answer: other nonce" => vec![echoed(&[8; 32])],
        "answer: critical unknown extension" => {
            vec![sequence([oid("1.2.3.4"), tlv(0x01, &[0xFF]), tlv(0x04, &[0x05, 0x00])])]
        }
        _ => Vec::new(),
    };
    let extensions =
        if extensions.is_empty() { Vec::new() } else { tlv(0xA1, &sequence(extensions)) };
    let signed = sequence([responder, generalized_time(this), sequence(singles), extensions]);
    let algorithm = keys[signer].algorithm(Hash::Sha256);
    let certificates =
        if by_issuer { Vec::new() } else { tlv(0xA0, &sequence([delegate.der(keys)])) };
    let kind = change.strip_prefix("answer: ").unwrap_or_default();
    let inner = if kind == "trailing bytes" { "" } else { kind };
    let basic = finish(&signed, &algorithm, signer, Hash::Sha256, inner, keys, &certificates);
    let typed = sequence([oid("1.3.6.1.5.5.7.48.1.1"), tlv(0x04, &basic)]);
    let mut whole = sequence([tlv(0x0A, &[0]), tlv(0xA0, &typed)]);
    if kind == "trailing bytes" {
        whole.extend([0x05, 0x00]);
    }
    case.answer = Some(whole);
}
