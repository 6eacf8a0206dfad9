//! Two nurses on one phone: every state that they, and whoever kills the program, can bring it into.

use std::collections::{BTreeSet, VecDeque};

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::*;
use crate::exchange::InsuranceDomain;
use crate::exchange::tests::device;
use crate::exchange::unsigned;
use crate::flow::DeviceTime;
use crate::visit::counted::Since;
use crate::visit::journal::Kept;
use crate::visit::journal::tests::disk::{Disk, Power};
use crate::visit::journal::{Sent, Waiting};

const NURSES: [&str; 2] = ["nurse-a", "nurse-b"];
const CODES: [&str; 2] = ["111111", "222222"];

fn key() -> JournalKey {
    JournalKey::new(&[7; 32]).unwrap()
}

fn token(nurse: usize) -> StaffToken {
    let token = unsigned(NURSES[nurse], "1370000001", device().thumbprint());
    StaffToken::parse(token, &device()).unwrap()
}

fn entropy(seed: u32) -> Entropy {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_be_bytes());
    Entropy::new(&bytes)
}

fn begin(nurse: usize, seed: u32) -> Flow<Result<ShiftChange, Failure>> {
    let token = token(nurse);
    let idle = Duration::from_mins(2);
    begin_shift(key(), device(), entropy(seed), &token, Secret::new(CODES[nurse]), idle)
}

fn unlock(code: &str, seed: u32) -> Flow<Result<ShiftChange, Failure>> {
    unlock_shift(key(), device(), entropy(seed), Secret::new(code))
}

fn played(disk: &mut Disk, flow: Flow<Result<ShiftChange, Failure>>) -> ShiftChange {
    disk.play(flow, Power::Stays).unwrap().unwrap()
}

/// Whose tickets, labels and results somebody who holds this shift is shown.
fn shown(disk: &Disk, shift: Shift) -> Result<Vec<String>, Code> {
    let flow = Flow::new(move |talk| async move {
        let (key, device) = (key(), device());
        let (mut journal, _) = Journal::open(&talk, &key, &device, entropy(9)).await?;
        is_on(&journal, &shift).await?;
        let ticket = EntryName::parse("t-00").unwrap();
        let mut shown: Vec<String> = Vec::new();
        for (_, whose) in journal.get::<String>(&[ticket]).await? {
            shown.push(whose.unwrap());
        }
        let mut numbers = journal.waiting();
        numbers.extend(journal.ended());
        for (_, kept) in journal.read(&numbers).await? {
            let kept = kept.unwrap();
            if kept.made_by() == shift.staff() {
                shown.push(match kept {
                    Kept::Waiting(waiting) => waiting.made_by().as_str().to_owned(),
                    Kept::Ended(ended) => ended.made_by.as_str().to_owned(),
                });
            }
        }
        Ok(shown)
    });
    disk.clone().play(flow, Power::Stays).unwrap().map_err(|failure: Failure| failure.code())
}

/// What the holder of a shift does with the journal, if it is theirs.
#[derive(Clone, Copy, Debug)]
enum Work {
    Ticket,
    Visit,
}

fn work(shift: Shift, work: Work) -> Flow<Result<(), Failure>> {
    Flow::new(move |talk| async move {
        let (key, device) = (key(), device());
        let (mut journal, _) = Journal::open(&talk, &key, &device, entropy(8)).await?;
        is_on(&journal, &shift).await?;
        let whose = shift.staff.as_str();
        match work {
            Work::Ticket => journal.put(&EntryName::parse("t-00").unwrap(), &whose).await,
            Work::Visit => journal.append(&visit(whose)).await.map(drop),
        }
    })
}

fn visit(of: &str) -> Waiting {
    Waiting::Visit {
        evidence: Zeroizing::new("evidence".into()),
        kind: "urn:x-kaigo:token-type:offline-card-assertion".into(),
        domain: InsuranceDomain::Care,
        jti: of.into(),
        made_by: StaffId::parse(of).unwrap(),
        label: Zeroizing::new(format!("somebody whom {of} visits")),
        claimed_at: Timestamp::UNIX_EPOCH,
        expires: Timestamp::UNIX_EPOCH,
        ticket: "ticket".to_owned(),
        since: Since::new(
            Timestamp::UNIX_EPOCH,
            DeviceTime::new(Timestamp::UNIX_EPOCH, Duration::ZERO),
        ),
    }
}

/// Whoever is on duty sends what waits.
fn send() -> Flow<Result<(), Failure>> {
    Flow::new(move |talk| async move {
        let (key, device) = (key(), device());
        let (mut journal, _) = Journal::open(&talk, &key, &device, entropy(7)).await?;
        let numbers = journal.waiting();
        for (number, kept) in journal.read(&numbers).await? {
            if let Ok(Kept::Waiting(waiting)) = kept {
                let ended = waiting.ended(Sent::Confirmed, Timestamp::UNIX_EPOCH);
                journal.end(number, &ended).await?;
            }
        }
        Ok(())
    })
}

/// What a phone is: its disk, and the last shift that each nurse's screen was given, which a faulty app may still hold.
#[derive(Clone)]
struct Phone {
    disk: Disk,
    screens: [Option<Shift>; 2],
}

/// All that tells one phone from another here.
type State = (Option<(String, u8, bool)>, Vec<String>, Vec<(String, bool)>, [bool; 2]);

fn state(phone: &Phone) -> State {
    let flow = Flow::new(|talk| async move {
        let (key, device) = (key(), device());
        let (mut journal, findings) = Journal::open(&talk, &key, &device, entropy(9)).await?;
        assert_eq!(findings, []);
        let kept = read(&journal).await?.map(Result::unwrap);
        let held =
            kept.map(|kept| (kept.staff.as_str().into(), kept.failures, kept.opened.is_some()));
        let ticket = EntryName::parse("t-00").unwrap();
        let tickets = journal.get::<String>(&[ticket]).await?;
        let tickets = tickets.into_iter().map(|(_, whose)| whose.unwrap()).collect();
        let mut numbers = journal.waiting();
        numbers.extend(journal.ended());
        let mut entries = Vec::new();
        for (_, kept) in journal.read(&numbers).await? {
            entries.push(match kept.unwrap() {
                Kept::Waiting(waiting) => (waiting.made_by().as_str().to_owned(), true),
                Kept::Ended(ended) => (ended.made_by.as_str().to_owned(), false),
            });
        }
        entries.sort();
        Ok::<_, Failure>((held, tickets, entries))
    });
    let (held, tickets, entries) = phone.disk.clone().play(flow, Power::Stays).unwrap().unwrap();
    let on = phone
        .screens
        .clone()
        .map(|shift| shift.is_some_and(|shift| shown(&phone.disk, shift).is_ok()));
    (held, tickets, entries, on)
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Begin(usize),
    Unlock(&'static str, usize),
    Lock,
    End,
    Work(usize, Work),
    Send,
}

const ACTS: [Act; 12] = [
    Act::Begin(0),
    Act::Begin(1),
    Act::Unlock(CODES[0], 0),
    Act::Unlock(CODES[1], 1),
    Act::Unlock("333333", 0),
    Act::Lock,
    Act::End,
    Act::Work(0, Work::Ticket),
    Act::Work(0, Work::Visit),
    Act::Work(1, Work::Ticket),
    Act::Work(1, Work::Visit),
    Act::Send,
];

/// Has somebody do something; `None` where the power was cut, or it cannot be done here.
fn acted(phone: &mut Phone, act: Act, power: Power, seed: u32) -> Option<()> {
    let disk = &mut phone.disk;
    let (flow, nurse) = match act {
        Act::Begin(nurse) => (begin(nurse, seed), nurse),
        Act::Unlock(code, nurse) => (unlock(code, seed), nurse),
        Act::Lock => (lock_shift(key(), device(), entropy(seed)), 0),
        Act::End => (end_shift(key(), device(), entropy(seed)), 0),
        Act::Work(nurse, what) => {
            let shift = phone.screens[nurse].clone()?;
            return disk.play(work(shift, what), power).map(drop);
        }
        Act::Send => return disk.play(send(), power).map(drop),
    };
    let change = disk.play(flow, power)?.unwrap();
    assert_eq!(change.findings, [], "{act:?}");
    if let Ok(Some(shift)) = change.shift {
        // A code that somebody else has learnt opens its owner's shift, and no other.
        let whose = NURSES.iter().position(|other| *other == shift.staff().as_str()).unwrap();
        assert_eq!(whose, nurse, "{act:?}");
        phone.screens[whose] = Some(shift);
    }
    Some(())
}

#[test]
fn two_nurses_on_one_phone_never_see_what_is_the_others() {
    let first = Phone { disk: Disk::default(), screens: [None, None] };
    let mut known = BTreeSet::from([state(&first)]);
    let mut open = VecDeque::from([(first, 0)]);
    let (mut steps, mut cuts, mut deepest, mut seed) = (0, 0, 0, 100);
    while let Some((phone, depth)) = open.pop_front() {
        let (_, _, entries, _) = state(&phone);
        for act in ACTS {
            // One visit of each is enough.
            if let Act::Work(nurse, Work::Visit) = act
                && entries.iter().any(|(whose, _)| whose == NURSES[nurse])
            {
                continue;
            }
            let mut powers = VecDeque::from([Power::Stays]);
            while let Some(power) = powers.pop_front() {
                seed += 1;
                let mut next = phone.clone();
                let done = acted(&mut next, act, power, seed);
                steps += 1;
                if power == Power::Stays && done.is_some() {
                    let requests = 0..next.disk.requests;
                    powers.extend(requests.flat_map(|at| [Power::Before(at), Power::After(at)]));
                } else {
                    cuts += 1;
                }
                let now = state(&next);
                // Nobody is shown what is the other's, whatever their screen still holds.
                for (nurse, shift) in next.screens.iter().enumerate() {
                    if let Some(Ok(shown)) = shift.clone().map(|shift| shown(&next.disk, shift)) {
                        assert!(
                            shown.iter().all(|whose| whose == NURSES[nurse]),
                            "{act:?} {now:?}"
                        );
                        assert_eq!(now.0.as_ref().map(|held| &*held.0), Some(NURSES[nurse]));
                    }
                }
                assert!(now.3 != [true, true], "{act:?}: two at once");
                // What waits is lost to nobody.
                for (whose, _) in &entries {
                    assert!(now.2.iter().any(|(other, _)| other == whose), "{act:?}: {whose}");
                }
                if known.insert(now) {
                    deepest = deepest.max(depth + 1);
                    open.push_back((next, depth + 1));
                }
            }
        }
    }
    println!("{} states, {deepest} acts deep, {steps} steps, {cuts} of them cut off", known.len());
    assert!(known.len() > 200, "{}", known.len());
}

#[test]
fn five_wrong_codes_wipe_the_shift_and_not_what_waits() {
    let mut disk = Disk::default();
    let change = played(&mut disk, begin(0, 1));
    let shift = change.shift.unwrap().unwrap();
    assert_eq!((shift.staff().as_str(), shift.idle_after().as_secs()), (NURSES[0], 120));
    assert_eq!(format!("{shift:?}"), "Shift(..)");
    for what in [Work::Ticket, Work::Visit] {
        disk.play(work(shift.clone(), what), Power::Stays).unwrap().unwrap();
    }
    assert_eq!(shown(&disk, shift.clone()).unwrap(), [NURSES[0]; 2]);
    let mut mark = change.mark;
    for (seed, left) in (2..).zip([Some(4), Some(3), Some(2), Some(1), None]) {
        let change = played(&mut disk, unlock("000000", seed));
        let failure = change.shift.unwrap_err();
        let code = if left.is_some() { Code::UnlockWrong } else { Code::UnlockWiped };
        assert_eq!((failure.code(), failure.tries_left()), (code, left));
        assert!(change.mark > mark, "an older count does not fit the mark");
        mark = change.mark;
        assert_eq!(shown(&disk, shift.clone()), Err(Code::ShiftLocked), "it was locked by that");
    }
    let change = played(&mut disk, unlock(CODES[0], 7));
    assert_eq!(change.shift.unwrap_err().code(), Code::StaffSignedOut);
    let change = played(&mut disk, begin(0, 8));
    let shift = change.shift.unwrap().unwrap();
    assert_eq!(shown(&disk, shift).unwrap(), [NURSES[0]], "the visit, and no ticket");
}

/// Whether a code is right is not compared before the disk says that it was tried.
#[test]
fn a_kill_gives_no_free_try() {
    let mut disk = Disk::default();
    played(&mut disk, begin(0, 1));
    played(&mut disk, lock_shift(key(), device(), entropy(2)));
    let failures = |disk: &Disk| {
        let phone = Phone { disk: disk.clone(), screens: [None, None] };
        state(&phone).0.unwrap().1
    };
    // The two flows ask for the same up to the comparison; behind it the right one opens the shift.
    let requests = |code| {
        let mut disk = disk.clone();
        played(&mut disk, unlock(code, 3));
        disk.requests
    };
    let (right, wrong) = (requests(CODES[0]), requests("000000"));
    assert!(wrong < right);
    let left = |code, power| {
        let mut disk = disk.clone();
        assert!(disk.play(unlock(code, 3), power).is_none());
        disk
    };
    for at in 0..wrong {
        for power in [Power::Before(at), Power::After(at)] {
            assert_eq!(left(CODES[0], power).kept, left("000000", power).kept, "{power:?}");
        }
    }
    for at in wrong..right {
        assert_eq!(failures(&left(CODES[0], Power::Before(at))), u8::from(at < right - 1), "{at}");
    }
    // Killed each time when it has compared, there are five tries and no sixth, the right code included.
    let mut tried = disk.clone();
    for _ in 0..5 {
        assert!(tried.play(unlock(CODES[0], 4), Power::Before(wrong)).is_none());
    }
    let change = played(&mut tried, unlock(CODES[0], 5));
    assert_eq!(change.shift.unwrap_err().code(), Code::UnlockWiped);
}

#[test]
fn an_older_count_put_back_is_noticed() {
    let mut disk = Disk::default();
    played(&mut disk, begin(0, 1));
    let old = disk.clone();
    let mark = played(&mut disk, unlock("000000", 2)).mark;
    let name = "shift".to_owned();
    let mut other = disk.clone();
    other.kept.insert(name.clone(), old.kept[&name].clone());
    for (mut disk, mark) in [(other, 0), (old, mark)] {
        let flow = unlock_shift(key().at_least(mark), device(), entropy(3), Secret::new(CODES[0]));
        let change = played(&mut disk, flow);
        assert_eq!(change.findings, [Finding::RolledBack]);
        assert_eq!(change.shift.unwrap_err().code(), Code::StaffSignedOut);
    }
}

#[test]
fn a_code_is_six_to_twelve_digits() {
    for bad in ["", "12345", "1234567890123", "12345a", "１２３４５６"] {
        let token = token(0);
        let flow =
            begin_shift(key(), device(), entropy(1), &token, Secret::new(bad), Duration::ZERO);
        let failure = Disk::default().play(flow, Power::Stays).unwrap().unwrap_err();
        assert_eq!((failure.code(), &*failure.detail()), (Code::SetupInvalid, "unlock code"));
    }
}

/// Says how long one try takes with as many rounds as are shipped; it fails only where that is no obstacle at all.
#[test]
fn one_try_takes_its_time() {
    let rounds = std::num::NonZeroU32::new(600_000).unwrap();
    let begun = std::time::Instant::now();
    let mut hash = [0; 32];
    ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, rounds, &[1; 32], b"123456", &mut hash);
    println!("{rounds} rounds took {} ms", begun.elapsed().as_millis());
    assert!(begun.elapsed() > Duration::from_millis(10));
}
