//! Who may read, sign and change what, in all applications.

mod support;

use kaigotap_virtual_card::{Application, Person, PinKind, VirtualCard};
use support::{card, open, read, select, select_file, send};

const TEXT: Application = Application::InputSupport;
const FACE: Application = Application::Face;

/// Who may read a file of the text, in the order none, PIN, A, B.
const TEXT_MATRIX: [(u16, [bool; 4]); 8] = [
    (0x0001, [false, true, true, false]),
    (0x0002, [false, true, false, true]),
    (0x0003, [false, true, true, true]),
    (0x0004, [true, true, true, true]),
    (0x0005, [true, true, true, true]),
    (0x0006, [false, true, true, true]),
    (0x0007, [false, true, true, true]),
    (0x0008, [false, true, true, true]),
];

/// The same for the face: none, birth date, B, A.
const FACE_MATRIX: [(u16, [bool; 4]); 6] = [
    (0x0001, [false, true, false, false]),
    (0x0002, [false, false, true, true]),
    (0x0003, [true, true, true, true]),
    (0x0004, [true, true, true, true]),
    (0x0005, [false, false, false, true]),
    (0x0006, [false, false, true, true]),
];

#[test]
fn who_may_read_what() {
    use PinKind::{BirthDate, FaceA, FaceB, InputSupport, InputSupportA, InputSupportB};
    let mut card = card(Person::hanako(), "plain");
    let text = [None, Some(InputSupport), Some(InputSupportA), Some(InputSupportB)];
    let face = [None, Some(BirthDate), Some(FaceB), Some(FaceA)];
    for (application, pins, matrix) in
        [(TEXT, text, &TEXT_MATRIX[..]), (FACE, face, &FACE_MATRIX[..])]
    {
        for (file, may) in matrix {
            for (pin, may) in pins.into_iter().zip(may) {
                open(&mut card, application, pin);
                let answer = read(&mut card, *file);
                assert_eq!(answer.is_ok(), *may, "{application:?} {file:04X} {pin:?}");
                assert!(*may || answer == Err(0x6982));
            }
        }
    }
    // What was verified in one application opens nothing in another.
    open(&mut card, TEXT, Some(PinKind::InputSupport));
    select(&mut card, FACE);
    assert_eq!(read(&mut card, 0x0002), Err(0x6982));
    select(&mut card, TEXT);
    assert_eq!(read(&mut card, 0x0002), Err(0x6982));
}

#[test]
fn a_and_b_change_places_between_the_applications() {
    let mut card = card(Person::hanako(), "modern");
    assert_eq!(card.reference_data(PinKind::FaceA), "990000001008");
    assert_eq!(card.reference_data(PinKind::FaceB), "16050320350503");
    assert_eq!(card.reference_data(PinKind::BirthDate), "160503");
    for (application, a, b) in [(TEXT, 0x14, 0x15), (FACE, 0x13, 0x12)] {
        open(&mut card, application, None);
        let a_is_b = [(a, &b"16050320350503"[..]), (b, b"990000001008")];
        for (file, other) in a_is_b {
            select_file(&mut card, file);
            // Of the other's length: refused without a try.
            assert_eq!(send(&mut card, &[0x00, 0x20, 0x00, 0x80], other, None).1, 0x6700);
        }
        select_file(&mut card, a);
        assert_eq!(send(&mut card, &[0x00, 0x20, 0x00, 0x80], b"990000001008", None).1, 0x9000);
        select_file(&mut card, b);
        assert_eq!(send(&mut card, &[0x00, 0x20, 0x00, 0x80], b"16050320350503", None).1, 0x9000);
        assert_eq!(send(&mut card, &[0x00, 0x20, 0x00, 0x80], b"16050320350504", None).1, 0x63C9);
    }
}

#[test]
fn codes_of_people_with_other_calendars() {
    let mut child = card(Person::child(), "modern");
    assert_eq!(child.reference_data(PinKind::InputSupportB), "01100820300108");
    open(&mut child, TEXT, Some(PinKind::InputSupportB));
    for (behaviour, code) in [("modern", "54022820310228"), ("codes-as-printed", "79022820310228")]
    {
        let mut resident = card(Person::foreign_resident(), behaviour);
        assert_eq!(resident.reference_data(PinKind::FaceB), code);
        assert_eq!(resident.reference_data(PinKind::BirthDate), &code[..6]);
        open(&mut resident, FACE, Some(PinKind::BirthDate));
    }
    let hanako = card(Person::hanako(), "codes-as-printed");
    assert_eq!(hanako.reference_data(PinKind::BirthDate), "160503", "printed by the era");
    let taro = card(Person::taro(), "modern");
    assert_eq!(taro.reference_data(PinKind::FaceA), "012345678904", "zeros count");
}

#[test]
fn applications_sign_with_their_own_key_only() {
    let mut card = card(Person::hanako(), "modern");
    let sign = |card: &mut VirtualCard, p2| send(card, &[0x80, 0x2A, 0x00, p2], b"x", Some(0)).1;
    assert_eq!(sign(&mut card, 0x00), 0x6A86, "nothing is selected");
    select(&mut card, Application::Jpki);
    assert_eq!(sign(&mut card, 0x00), 0x6A86, "no key of its own");
    select(&mut card, TEXT);
    assert_eq!(sign(&mut card, 0x00), 0x9000);
    assert_eq!(sign(&mut card, 0x80), 0x6986);
    assert_eq!(select_file(&mut card, 0x0013), 0x9000);
    assert_eq!(sign(&mut card, 0x80), 0x9000, "the same key, selected");
    assert_eq!(send(&mut card, &[0x00, 0xB0, 0, 0], &[], Some(0)).1, 0x6981);
    select(&mut card, FACE);
    assert_eq!(sign(&mut card, 0x00), 0x9000);
    assert_eq!(select_file(&mut card, 0x0014), 0x6A82);
}

#[test]
fn the_common_applications() {
    let mut card = card(Person::hanako(), "plain");
    select(&mut card, Application::Common);
    // By short id; the file is current afterwards.
    for p2 in [0x0C, 0x04] {
        let (record, status) = send(&mut card, &[0x00, 0xB2, 0x01, p2], &[], Some(0));
        assert_eq!(status, 0x9000);
        assert_eq!(record, b"\x01\x1C9000000042611239900120350503");
    }
    for (header, status) in [
        ([0x00, 0xB2, 0x02, 0x04], 0x6A83),
        ([0x00, 0xB2, 0x00, 0x04], 0x6A86),
        ([0x00, 0xB2, 0x01, 0x05], 0x6A86),
        ([0x00, 0xB2, 0x01, 0x1C], 0x6A82),
        ([0x00, 0xB0, 0x00, 0x00], 0x6981),
    ] {
        select_file(&mut card, 0x0001);
        assert_eq!(send(&mut card, &header, &[], Some(0)).1, status, "{header:02X?}");
    }
    assert_eq!(send(&mut card, &[0x00, 0xB2, 0x01, 0x0C], &[], None).1, 0x6700);
    let reference = send(&mut card, &[0x00, 0xB2, 0x01, 0x14], &[], Some(0));
    assert_eq!((reference.0.len(), reference.1), (16, 0x9000));
    let (answer, status) = send(&mut card, &[0x00, 0x88, 0x00, 0x99], b"challenge", Some(0));
    assert_eq!((answer.len(), status), (256, 0x9000));
    assert_eq!(send(&mut card, &[0x00, 0x88, 0x00, 0x81], b"challenge", Some(0)).1, 0x6985);

    select(&mut card, Application::ResidentRegister);
    assert_eq!(send(&mut card, &[0x00, 0xB2, 0x01, 0x14], &[], Some(0)), reference);
    assert_eq!(send(&mut card, &[0x00, 0x88, 0x00, 0x99], b"challenge", Some(0)).1, 0x6A82);
    select(&mut card, TEXT);
    assert_eq!(send(&mut card, &[0x00, 0x88, 0x00, 0x93], b"challenge", Some(0)).1, 0x6985);
    assert_eq!(send(&mut card, &[0x00, 0xB2, 0x01, 0x24], &[], Some(0)).1, 0x6981);
}

#[test]
fn every_pin_counts_for_itself() {
    for kind in PinKind::ALL {
        let mut card = card(Person::hanako(), "plain");
        let before = PinKind::ALL.map(|kind| card.tries_left(kind));
        select(&mut card, kind.application());
        select_file(&mut card, kind.file());
        let query = send(&mut card, &[0x00, 0x20, 0x00, 0x80], &[], None).1;
        assert_eq!(query, 0x63C0 | u16::from(kind.max_tries()));
        let wrong = vec![b'0'; *kind.lengths().end()];
        let answer = send(&mut card, &[0x00, 0x20, 0x00, 0x80], &wrong, None).1;
        if kind == PinKind::InputSupportBlocked {
            assert_eq!(answer, 0x6984, "blocked from the beginning");
            continue;
        }
        for left in (0..kind.max_tries() - 1).rev() {
            assert_eq!(card.tries_left(kind), left + 1);
            let answer = send(&mut card, &[0x00, 0x20, 0x00, 0x80], &wrong, None).1;
            assert_eq!(answer, 0x63C0 | u16::from(left));
        }
        let right = card.reference_data(kind).to_owned();
        assert_eq!(send(&mut card, &[0x00, 0x20, 0x00, 0x80], right.as_bytes(), None).1, 0x6984);
        let after = PinKind::ALL.map(|kind| card.tries_left(kind));
        let moved = before.iter().zip(&after).filter(|(before, after)| before != after);
        assert_eq!(moved.count(), 1, "{kind}");
    }
}

#[test]
fn changing_pins_in_either_way() {
    let change = |card: &mut VirtualCard, key, new: &[u8]| {
        let header = if key { [0x80, 0x32, 0x00, 0x80] } else { [0x00, 0x24, 0x01, 0x80] };
        send(card, &header, new, None).1
    };
    for kind in PinKind::ALL {
        let key = [PinKind::Common, PinKind::ResidentRegister].contains(&kind);
        let new: &[u8] = if kind == PinKind::Signature { b"NEW123" } else { b"9876" };
        let mut card = card(Person::hanako(), "plain");
        if matches!(kind, PinKind::InputSupportBlocked) {
            continue;
        }
        if *kind.lengths().start() > 6 || kind == PinKind::BirthDate {
            open(&mut card, kind.application(), Some(kind));
            assert_eq!(change(&mut card, false, new), 0x6985, "{kind} is printed");
            assert_eq!(change(&mut card, true, new), 0x6985);
            continue;
        }
        open(&mut card, kind.application(), None);
        select_file(&mut card, kind.file());
        assert_eq!(change(&mut card, key, new), 0x6982, "{kind}");
        open(&mut card, kind.application(), Some(kind));
        assert_eq!(change(&mut card, !key, new), 0x6985);
        assert_eq!(change(&mut card, key, b"12"), 0x6700);
        assert_eq!(change(&mut card, key, &vec![b'x'; new.len()]), 0x6A80);
        assert_eq!(change(&mut card, key, new), 0x9000);
        assert_eq!(card.reference_data(kind).as_bytes(), new);
        open(&mut card, kind.application(), Some(kind));
    }
}
