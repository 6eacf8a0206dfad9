//! What somebody else may do to the disk: it is found and told, and nothing of it is taken for what it is not.

use super::disk::{Disk, Power};
use super::*;
use crate::platform::{Device, DeviceKey, FacilityNumber};

/// Two entries that wait, one that is over, one that is forgotten, two tickets and one that was taken away, with the disks
/// from before each act.
fn written() -> (Disk, Vec<Disk>, u64) {
    let of = |name: &str| name.to_owned();
    let acts = [
        Act::Append(of("a")),
        Act::Append(of("b")),
        Act::Append(of("c")),
        Act::Append(of("d")),
        Act::Put("t-00", of("ticket")),
        Act::Put("t-01", of("taken")),
        Act::Put("shift", of("first")),
        Act::End(of("b")),
        Act::Put("shift", of("second")),
        Act::End(of("c")),
        Act::Forget(of("c")),
        Act::Remove("t-01"),
    ];
    let mut disk = Disk::default();
    let (mut before, mut mark) = (Vec::new(), 0);
    for (seed, act) in (1..).zip(acts) {
        before.push(disk.clone());
        mark = run(&mut disk, Power::Stays, mark, seed, &[act]).mark.unwrap();
    }
    (disk, before, mark)
}

fn looked_with(disk: &Disk, key: JournalKey, device: Device) -> Look {
    let mut disk = disk.clone();
    let flow = Flow::new(move |talk| async move {
        let (mut journal, findings) =
            Journal::open(&talk, &key, &device, Entropy::new(&[9; 32])).await?;
        look(&mut journal, findings).await
    });
    disk.play(flow, Power::Stays).unwrap().unwrap()
}

fn looked(disk: &Disk, mark: u64) -> Look {
    looked_with(disk, key().at_least(mark), device())
}

/// What was found of a disk on which one record is another: something was, and nothing is shown that was not there.
fn is_found(disk: &Disk, good: &Look, why: &str) {
    let look = looked(disk, good.mark);
    assert!(!look.findings.is_empty(), "{why}: not noticed");
    for of in look.seen.waiting.iter().chain(&look.seen.ended) {
        assert!(good.numbers.values().any(|other| other == of), "{why}: {of}");
    }
    for (name, value) in &look.seen.beside {
        assert_eq!(good.seen.beside.get(name), Some(value), "{why}");
    }
    assert!(look.mark >= good.mark, "{why}");
}

#[test]
fn a_bit_flipped_anywhere_is_found() {
    let (disk, _, mark) = written();
    let good = looked(&disk, mark);
    assert_eq!((good.findings.len(), good.seen.waiting.len()), (0, 2));
    let (mut flipped, mut cut) = (0, 0);
    for (name, sealed) in &disk.kept {
        for bit in 0..8 * sealed.len() {
            let mut other = disk.clone();
            other.kept.get_mut(name).unwrap()[bit / 8] ^= 1 << (bit % 8);
            is_found(&other, &good, &format!("{name}, bit {bit}"));
            flipped += 1;
        }
        for length in 0..sealed.len() {
            let mut other = disk.clone();
            other.kept.get_mut(name).unwrap().truncate(length);
            is_found(&other, &good, &format!("{name}, {length} bytes"));
            cut += 1;
        }
        for byte in [0, 0xFF] {
            let mut other = disk.clone();
            other.kept.get_mut(name).unwrap().push(byte);
            is_found(&other, &good, &format!("{name}, and {byte}"));
        }
        let mut other = disk.clone();
        other.kept.remove(name);
        // A result that its maker was told is gone in the same way.
        if name != "v-0000000000000001" {
            is_found(&other, &good, &format!("{name} gone"));
        }
    }
    println!("{flipped} bits flipped, {cut} lengths");
    assert!(flipped > 9_000 && cut > 1_000);
}

#[test]
fn a_record_under_another_name_is_found() {
    let (disk, _, mark) = written();
    let good = looked(&disk, mark);
    let mut moved = 0;
    for (from, sealed) in &disk.kept {
        let fresh = ["v-0000000000000004", "v-9999999999999999", "t-02"].map(str::to_owned);
        for to in disk.kept.keys().chain(&fresh).filter(|to| *to != from) {
            let mut other = disk.clone();
            other.kept.insert(to.clone(), sealed.clone());
            is_found(&other, &good, &format!("{from} as {to}"));
            moved += 1;
        }
    }
    println!("{moved} records under other names");
}

#[test]
fn an_older_copy_is_found() {
    let (disk, before, mark) = written();
    let good = looked(&disk, mark);
    let mut back = 0;
    for (act, old) in before.iter().enumerate() {
        // The whole of it.
        let look = looked(old, mark);
        assert_eq!(look.findings.first(), Some(&Finding::RolledBack), "before act {act}");
        assert!(look.seen.beside.is_empty(), "a ticket may have been used up since");
        // One record of it.
        for (name, sealed) in
            old.kept.iter().filter(|(name, sealed)| disk.kept.get(*name) != Some(sealed))
        {
            let mut other = disk.clone();
            other.kept.insert(name.clone(), sealed.clone());
            back += 1;
            let why = format!("{name} of before act {act}");
            if name == "t-01" {
                // As one that was taken away by a device that died before it could forget it: never used, and forgotten.
                assert_eq!(looked(&other, mark).seen, good.seen, "{why}");
            } else if name == "v-0000000000000002" && act > 9 {
                // A result whose maker was told: it is told once more.
                assert_eq!(looked(&other, mark).seen.waiting, good.seen.waiting, "{why}");
            } else {
                is_found(&other, &good, &why);
            }
        }
    }
    println!("{} older copies, {back} older records", before.len());
    assert!(back > 10, "{back}");
}

/// Without its mark an older copy looks like a journal; the server knows better, and nothing is sent under a number that was
/// given before.
#[test]
fn without_a_mark_the_server_finds_an_older_copy() {
    let (disk, before, mark) = written();
    let next = looked(&disk, mark).numbers.len() as u64 + 1;
    for old in &before[..4] {
        let mut old = old.clone();
        let flow = Flow::new(move |talk| async move {
            let (key, device) = (key(), device());
            let (mut journal, findings) =
                Journal::open(&talk, &key, &device, Entropy::new(&[9; 32])).await?;
            assert_eq!(findings, []);
            assert_eq!(journal.server_knows(next).await?, Some(Finding::RolledBack));
            journal.append(&visit("new")).await
        });
        assert_eq!(old.play(flow, Power::Stays).unwrap().unwrap(), next);
    }
}

#[test]
fn what_another_sealed_is_foreign() {
    let (disk, _, mark) = written();
    let other_key = JournalKey::new(&[8; 32]).unwrap();
    let facility = || FacilityNumber::parse("1370000002").unwrap();
    let elsewhere = Device::new("S6BhdRkqt3aX0q7LcbnUVA", device().key(), facility()).unwrap();
    let point = crate::exchange::tests::other_point();
    let key_of_another = DeviceKey::new("device", point);
    let other_device =
        Device::new("S6BhdRkqt3aX0q7LcbnUVA", key_of_another, device().facility().clone()).unwrap();
    for (why, key, device) in [
        ("another key", other_key, device()),
        ("another facility", key(), elsewhere),
        ("another device", key(), other_device),
    ] {
        let look = looked_with(&disk, key.clone(), device.clone());
        assert!(look.findings.contains(&Finding::Foreign { number: None }), "{why}");
        assert!(look.seen == Seen::default() && look.numbers.is_empty(), "{why}");
        // One record of theirs on this disk.
        let mut theirs = Disk::default();
        let (key, device) = (key.clone(), device.clone());
        let flow = Flow::new(move |talk| async move {
            let (mut journal, _) =
                Journal::open(&talk, &key, &device, Entropy::new(&[4; 32])).await?;
            for of in ["theirs", "too", "and", "this", "one"] {
                journal.append(&visit(of)).await?;
            }
            journal.put(&ticket("t-00"), &"theirs").await
        });
        theirs.play(flow, Power::Stays).unwrap().unwrap();
        let good = looked(&disk, mark);
        for (name, sealed) in theirs.kept {
            let mut mixed = disk.clone();
            mixed.kept.insert(name.clone(), sealed.clone());
            is_found(&mixed, &good, &format!("{name} of {why}"));
            // An entry of theirs behind ours is not written over.
            if name == "v-0000000000000004" {
                let ran = run(&mut mixed, Power::Stays, mark, 5, &[Act::Append("new".into())]);
                assert_eq!((ran.done.len(), &mixed.kept[&name]), (1, &sealed), "{why}");
            }
        }
    }
}

/// A name says nothing: a file that anybody may lay there is no entry, and costs nothing.
#[test]
fn a_file_of_any_number_is_no_entry() {
    let (mut disk, _, mark) = written();
    let good = looked(&disk, mark);
    for name in ["v-9999999999999999", "v-0000000000000007"] {
        disk.kept.insert(name.into(), b"KTJ1 and what else".to_vec());
    }
    let look = looked(&disk, mark);
    let damaged = |number| Finding::Damaged { number: Some(number) };
    assert_eq!(look.findings, [damaged(7), damaged(9_999_999_999_999_999)]);
    assert_eq!(look.seen, good.seen, "tickets and all");
    let ran = run(&mut disk, Power::Stays, mark, 9, &[Act::Append("e".into())]);
    assert_eq!(looked(&disk, ran.mark.unwrap()).numbers.get(&4).map(String::as_str), Some("e"));
}
