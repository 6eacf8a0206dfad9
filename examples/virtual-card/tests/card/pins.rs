//! Its PINs: asked for, verified, counted, blocked, changed.

use super::*;

#[test]
fn the_query_is_four_bytes_and_never_says_9000() {
    let mut card = hanako(Behaviour::modern());
    expect(
        &mut card,
        &[
            (JPKI, 0x9000),
            (AUTH_PIN, 0x9000),
            (QUERY, 0x63C3),
            (QUERY, 0x63C3),
            ("0020008000", 0x6700), // with a trailing Le
            ("00200080000000", 0x6700),
            (VERIFY_1234, 0x9000),
            (QUERY, 0x63C3),
            (SIGN_PIN, 0x9000),
            (QUERY, 0x63C5),
            (VERIFY_ABC123, 0x9000),
            (QUERY, 0x63C5),
        ],
    );
    assert_eq!(card.meter().verify_attempts, 2);
}

#[test]
fn wrong_pins_count_down_to_blocked_and_the_right_one_counts_up() {
    let mut card = hanako(Behaviour::modern());
    expect(
        &mut card,
        &[
            (JPKI, 0x9000),
            (AUTH_PIN, 0x9000),
            (VERIFY_WRONG, 0x63C2),
            (VERIFY_WRONG, 0x63C1),
            (QUERY, 0x63C1),
            (VERIFY_1234, 0x9000), // back to the maximum
            (QUERY, 0x63C3),
            (VERIFY_WRONG, 0x63C2),
            (VERIFY_WRONG, 0x63C1),
            (VERIFY_WRONG, 0x63C0),
            (VERIFY_WRONG, 0x6984),
            (VERIFY_1234, 0x6984), // even the right one
            (QUERY, 0x6984),
            (SIGN_PIN, 0x9000), // the other PIN is not concerned
            (QUERY, 0x63C5),
        ],
    );
    card.power_off();
    card.power_on();
    expect(&mut card, &[(JPKI, 0x9000), (AUTH_PIN, 0x9000), (VERIFY_1234, 0x6984)]);
    assert_eq!(card.tries_left(Purpose::Authentication), 0);
}

#[test]
fn a_wrong_pin_ends_an_earlier_verification() {
    let mut card = hanako(Behaviour::modern());
    expect(&mut card, &[(JPKI, 0x9000), (AUTH_PIN, 0x9000), (VERIFY_1234, 0x9000)]);
    assert!(card.is_verified(Purpose::Authentication));
    expect(&mut card, &[(VERIFY_WRONG, 0x63C2)]);
    assert!(!card.is_verified(Purpose::Authentication));
}

#[test]
fn how_a_blocked_pin_says_so() {
    for (behaviour, query, verify) in [
        (Behaviour::locked(), 0x6984, 0x6984),
        (Behaviour::locked().with(Trait::Blocked6983), 0x6983, 0x6983),
        (Behaviour::locked().with(Trait::QueryBlocked63C0), 0x63C0, 0x6984),
    ] {
        let mut card = hanako(behaviour);
        expect(
            &mut card,
            &[(JPKI, 0x9000), (AUTH_PIN, 0x9000), (QUERY, query), (VERIFY_1234, verify)],
        );
    }
}

#[test]
fn a_pin_of_no_possible_length_costs_nothing() {
    let mut card = hanako(Behaviour::modern());
    expect(
        &mut card,
        &[
            (JPKI, 0x9000),
            (AUTH_PIN, 0x9000),
            ("00200080 03 313233", 0x6700),
            ("00200080 05 3132333435", 0x6700),
            ("00200080 04 313233", 0x6700),
            ("00200080 04 3132333400", 0x6700),   // with Le
            ("00200080 000004 31323334", 0x9000), // extended length is no fault
            (SIGN_PIN, 0x9000),
            ("00200080 05 4142433132", 0x6700),
            ("00200080 11 4142433132334142433132334142433132", 0x6700),
            ("00200080 10 41424331323341424331323341424331", 0x63C4),
        ],
    );
    assert_eq!(card.tries_left(Purpose::Authentication), 3);
    assert_eq!(card.meter().verify_attempts, 2);
}

#[test]
fn verify_takes_only_what_it_should() {
    let mut card = hanako(Behaviour::modern());
    expect(
        &mut card,
        &[
            (JPKI, 0x9000),
            ("00200098 04 31323334", 0x6A86), // by short id: unproven, so not in `modern`
            ("00200098", 0x6A86),
            ("00200180", 0x6A86),
            ("00200000", 0x6A86),
            ("00A4020C02000A", 0x9000),
            (QUERY, 0x6981), // a certificate is no PIN
        ],
    );
    let mut card = hanako(Behaviour::modern().with(Trait::VerifyBySfi));
    expect(
        &mut card,
        &[
            ("00200098", 0x6A82),
            (JPKI, 0x9000),
            ("00200098", 0x63C3),
            ("0020009B", 0x63C5),
            ("0020008A", 0x6981),
            ("00200098 04 31323334", 0x9000),
            (QUERY, 0x63C3), // the short id made it current
        ],
    );
}

#[test]
fn the_pins_do_not_open_each_other() {
    let mut card = hanako(Behaviour::modern());
    let sign = sign_command(0x80, b"x");
    expect(
        &mut card,
        &[
            (JPKI, 0x9000),
            (AUTH_KEY, 0x9000),
            (&sign, 0x6982),
            (SIGN_KEY, 0x9000),
            (&sign, 0x6982),
            (AUTH_PIN, 0x9000),
            (VERIFY_1234, 0x9000),
            (SIGN_KEY, 0x9000),
            (&sign, 0x6982),
            ("00A4020C020001", 0x9000),
            ("00B0000004", 0x6982),
            (SIGN_PIN, 0x9000),
            (VERIFY_ABC123, 0x9000),
            ("00A4020C020001", 0x9000),
        ],
    );
    assert_eq!(data(&mut card, "00B0000002"), [0x30, 0x82]);
    expect(&mut card, &[(AUTH_KEY, 0x9000)]);
    assert_eq!(data(&mut card, &sign).len(), 256);
    expect(&mut card, &[(SIGN_KEY, 0x9000)]);
    assert_eq!(data(&mut card, &sign).len(), 256);
}

#[test]
fn a_verification_lives_while_its_application_does() {
    let log_in = |card: &mut VirtualCard| {
        expect(card, &[(JPKI, 0x9000), (AUTH_PIN, 0x9000), (VERIFY_1234, 0x9000)]);
    };
    let may_sign = |card: &mut VirtualCard| {
        expect(card, &[(JPKI, 0x9000), (AUTH_KEY, 0x9000)]);
        send(card, &sign_command(0x80, b"x")).1 == 0x9000
    };
    let mut card = hanako(Behaviour::modern());
    log_in(&mut card);
    assert!(may_sign(&mut card), "selecting the same application keeps it");
    card.reset();
    assert!(may_sign(&mut card), "a warm reset keeps it");
    expect(&mut card, &[("00A4040C06 D27600012401", 0x6A82)]);
    assert!(may_sign(&mut card), "an unknown name selects nothing");
    for other in [FACE, ISD] {
        log_in(&mut card);
        expect(&mut card, &[(other, 0x9000)]);
        assert!(!card.is_verified(Purpose::Authentication));
        assert!(!may_sign(&mut card), "another application ends it");

        log_in(&mut card);
        card.reset();
        expect(&mut card, &[(other, 0x9000)]);
        assert!(!may_sign(&mut card), "also after a warm reset");
    }
    log_in(&mut card);
    card.power_off();
    assert!(!card.is_verified(Purpose::Authentication));
    card.power_on();
    assert!(!may_sign(&mut card), "power-off ends it");
    log_in(&mut card);
    card.remove();
    card.put_back();
    assert!(!may_sign(&mut card), "removal ends it");
}

#[test]
fn changing_a_pin() {
    let mut card = hanako(Behaviour::modern());
    let change = "00240180 04 39393939";
    expect(
        &mut card,
        &[
            (change, 0x6986),
            (JPKI, 0x9000),
            (AUTH_PIN, 0x9000),
            (change, 0x6982),
            (VERIFY_1234, 0x9000),
            ("00240080 04 39393939", 0x6A86),
            ("00240198 04 39393939", 0x6A86),
            ("00240180", 0x6700),
            ("00240180 03 393939", 0x6700),
            ("00240180 04 3939393900", 0x6700),
            ("00240180 04 39393941", 0x6A80),
            (change, 0x9000),
            (VERIFY_1234, 0x63C2),
            ("00200080 04 39393939", 0x9000),
            (SIGN_PIN, 0x9000),
            (VERIFY_ABC123, 0x9000),
            ("00240180 06 616263313233", 0x6A80), // small letters
            ("00240180 06 414243444546", 0x6A80), // no digit
            ("00240180 06 313233343536", 0x6A80), // no letter
            ("00240180 06 5A5A5A393939", 0x9000),
            ("00200080 06 5A5A5A393939", 0x9000),
            (QUERY, 0x63C5),
        ],
    );
}
