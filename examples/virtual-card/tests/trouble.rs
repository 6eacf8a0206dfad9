//! Faults of a behaviour, and what the meter makes of them.

mod support;

use std::time::{Duration, Instant};

use kaigotap_virtual_card::{
    Application, Behaviour, Fault, Meter, Person, PinKind, Rate, Trait, VirtualCard,
};
use support::{card, open, read, select_file, send};

const JPKI: [u8; 15] = [0, 0xA4, 4, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0, 0x26, 1, 0, 0, 0, 1];
const TOKEN: [u8; 7] = [0, 0xA4, 2, 0x0C, 2, 0, 6];
const READ: [u8; 5] = [0, 0xB0, 0, 0, 0];

/// The answer to READ after two commands, and to the same once more.
fn third_answer(behaviour: Behaviour) -> (Vec<u8>, Vec<u8>) {
    let mut card = VirtualCard::new(Person::hanako(), behaviour).unwrap();
    assert_eq!(card.transmit(&JPKI), [0x90, 0x00]);
    assert_eq!(card.transmit(&TOKEN), [0x90, 0x00]);
    let third = card.transmit(&READ);
    let fourth = card.transmit(&READ);
    let bytes = 2 + 2 + third.len() + fourth.len();
    assert_eq!(card.meter().bytes_from_card, bytes as u64, "what left the card is counted");
    (third, fourth)
}

#[test]
fn one_answer_is_spoiled_and_no_other() {
    let (right, _) = third_answer(Behaviour::plain());
    assert_eq!(right.len(), 162);
    for fault in Fault::ALL {
        let (spoiled, next) = third_answer(Behaviour::plain().faulty(2, fault));
        assert_eq!(next, right);
        match fault {
            Fault::Truncated => assert_eq!(spoiled, right[..81]),
            Fault::Oversized => assert_eq!((spoiled.len(), &spoiled[460..]), (462, &right[160..])),
            Fault::WrongLength => assert_eq!(spoiled, [&right[..159], &right[160..]].concat()),
            Fault::Random => {
                assert!(!spoiled.is_empty() && spoiled != right);
                let (other, _) = third_answer(Behaviour::plain().faulty(2, fault).seeded(1));
                assert_ne!(other, spoiled);
            }
        }
        assert_eq!(third_answer(Behaviour::plain().faulty(2, fault)).0, spoiled, "again the same");
    }
}

#[test]
fn the_card_acts_although_its_answer_is_spoiled() {
    for fault in Fault::ALL {
        let behaviour = Behaviour::plain().faulty(2, fault);
        let mut card = VirtualCard::new(Person::hanako(), behaviour).unwrap();
        card.transmit(&JPKI);
        card.transmit(&[0, 0xA4, 2, 0x0C, 2, 0, 0x18]);
        card.transmit(&[0, 0x20, 0, 0x80, 4, b'0', b'0', b'0', b'0']);
        assert_eq!(card.tries_left(PinKind::Authentication), 2);
    }
}

#[test]
fn the_end_of_a_file_may_be_a_warning() {
    let mut card = card(Person::hanako(), "modern+eof-6282");
    open(&mut card, Application::Jpki, None);
    select_file(&mut card, 0x0006);
    let (all, status) = send(&mut card, &[0, 0xB0, 0, 0], &[], Some(0));
    assert_eq!((all.len(), status), (160, 0x6282));
    let (exact, status) = send(&mut card, &[0, 0xB0, 0, 0], &[], Some(160));
    assert_eq!((exact, status), (all, 0x9000));
    assert_eq!(send(&mut card, &[0, 0xB0, 0, 160], &[], Some(1)).1, 0x6B00);
    assert_eq!(select_file(&mut card, 0x0006), 0x9000, "the warning is over");
}

#[test]
fn lengths_that_lie() {
    for kind in [PinKind::InputSupportB, PinKind::FaceB] {
        let [right, wrong] = ["modern", "modern+lying-lengths"].map(|behaviour| {
            let mut card = card(Person::hanako(), behaviour);
            open(&mut card, kind.application(), Some(kind));
            read(&mut card, 0x0002).unwrap()
        });
        assert_eq!(right.len(), wrong.len());
        let different: Vec<_> = (0..right.len()).filter(|i| right[*i] != wrong[*i]).collect();
        assert_eq!(different, [if kind == PinKind::FaceB { 4 } else { 2 }]);
    }
}

#[test]
fn delays_are_counted_and_slept_only_if_asked_for() {
    let delay = Duration::from_millis(60);
    for (real, least) in [(false, Duration::ZERO), (true, 2 * delay)] {
        let mut behaviour = Behaviour::plain().delayed(delay);
        if real {
            behaviour = behaviour.with(Trait::RealDelays);
        }
        let mut card = VirtualCard::new(Person::hanako(), behaviour).unwrap();
        let start = Instant::now();
        card.transmit(&JPKI);
        card.transmit(&TOKEN);
        assert!(start.elapsed() >= least);
        assert!(real || start.elapsed() < delay, "{:?}", start.elapsed());
        assert_eq!(card.meter().delayed, 2 * delay);
        assert!(card.meter().modelled(Rate::Kbit848) > 2 * delay);
    }
}

#[test]
fn a_whole_tap_in_the_model() {
    let mut card = card(Person::hanako(), "modern");
    card.transmit(&JPKI);
    let certificate = [0, 0xB0, 0x8A, 0, 0, 0x06, 0x36];
    assert_eq!(card.transmit(&certificate).len(), 1592);
    let read = card.meter();
    card.transmit(&[0, 0xA4, 2, 0x0C, 2, 0, 0x18]);
    card.transmit(&[0, 0x20, 0, 0x80]);
    card.transmit(&[0, 0x20, 0, 0x80, 4, b'1', b'2', b'3', b'4']);
    let digest_info = [&[0x80, 0x2A, 0, 0x97, 51][..], &[1; 51], &[0]].concat();
    assert_eq!(card.transmit(&digest_info).len(), 258);
    let tap = card.meter();
    assert_eq!((tap.commands, tap.signatures, tap.verify_attempts), (6, 1, 1));
    assert_eq!(tap.since(&read), Meter { commands: 4, ..tap.since(&read) });
    // Six commands, a PIN and a signature are 360 ms, and 1,957 bytes about 185 ms at the slowest rate.
    let slow = tap.modelled(Rate::Kbit106);
    assert!((540..550).contains(&slow.as_millis()), "{slow:?}");
    assert!(tap.modelled(Rate::Kbit424) < slow);
}
