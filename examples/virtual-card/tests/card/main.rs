//! The card's behaviour, command by command, in bytes.

mod pins;

use kaigotap_virtual_card::{
    Application, Authority, Behaviour, Meter, Moment, Person, Purpose, Tear, Trait, VirtualCard,
    usual_issue_date,
};
use rsa::{BigUint, RsaPublicKey, pkcs8::DecodePublicKey, traits::PublicKeyParts};
use x509_cert::{
    Certificate,
    der::{Decode, Encode},
};

const JPKI: &str = "00A4040C0A D392F000260100000001";
const FACE: &str = "00A4040C0A D3921000310001010402";
const ISD: &str = "00A4040C07 A0000001510000";
const AUTH_PIN: &str = "00A4020C020018";
const SIGN_PIN: &str = "00A4020C02001B";
const AUTH_KEY: &str = "00A4020C020017";
const SIGN_KEY: &str = "00A4020C02001A";
const QUERY: &str = "00200080";
const VERIFY_1234: &str = "00200080 04 31323334";
const VERIFY_WRONG: &str = "00200080 04 30303030";
const VERIFY_ABC123: &str = "00200080 06 414243313233";

fn bytes(hex: &str) -> Vec<u8> {
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02X}"))
}

fn hanako(behaviour: Behaviour) -> VirtualCard {
    VirtualCard::new(Person::hanako(), behaviour).unwrap()
}

/// Data and status word.
fn send(card: &mut VirtualCard, command: &str) -> (Vec<u8>, u16) {
    let mut response = card.transmit(&bytes(command));
    let status = response.split_off(response.len().checked_sub(2).expect("the card is gone"));
    (response, u16::from_be_bytes([status[0], status[1]]))
}

/// Status word of a command that must not answer data.
fn status(card: &mut VirtualCard, command: &str) -> u16 {
    let (data, status) = send(card, command);
    assert_eq!(data, [0; 0], "{command} answered data");
    status
}

fn expect(card: &mut VirtualCard, steps: &[(&str, u16)]) {
    for (number, (command, expected)) in steps.iter().enumerate() {
        let actual = status(card, command);
        assert_eq!(actual, *expected, "step {number}, {command}: {actual:04X}");
    }
}

fn data(card: &mut VirtualCard, command: &str) -> Vec<u8> {
    let (data, status) = send(card, command);
    assert_eq!(status, 0x9000, "{command}: {status:04X}");
    data
}

/// `80 2A 00 P2` over these bytes.
fn sign_command(p2: u8, input: &[u8]) -> String {
    format!("802A00{p2:02X}{:02X}{}00", input.len(), hex(input))
}

/// What stands under the padding of a signature, with the key of the card's certificate.
fn recover(purpose: Purpose, signature: &[u8]) -> Vec<u8> {
    let person = Person::hanako();
    let der = Authority::test().issue(purpose, &person, usual_issue_date()).unwrap();
    let key = Certificate::from_der(&der).unwrap().tbs_certificate.subject_public_key_info;
    let key = RsaPublicKey::from_public_key_der(&key.to_der().unwrap()).unwrap();
    let block = BigUint::from_bytes_be(signature).modpow(key.e(), key.n()).to_bytes_be();
    assert_eq!(block[0], 1);
    let end = 1 + block[1..].iter().position(|byte| *byte != 0xFF).unwrap();
    assert_eq!((block.len(), block[end]), (255, 0));
    block[end + 1..].to_vec()
}

#[test]
fn selecting_applications() {
    let mut card = hanako(Behaviour::modern());
    for application in Application::ALL {
        let aid = hex(application.aid());
        let length = application.aid().len();
        assert_eq!(status(&mut card, &format!("00A4040C{length:02X}{aid}")), 0x9000);
        let template = data(&mut card, &format!("00A40400{length:02X}{aid}00"));
        assert_eq!(template, bytes(&format!("6F{:02X}84{length:02X}{aid}", length + 2)));
        // Without an Le field there is nothing to answer with.
        assert_eq!(status(&mut card, &format!("00A40400{length:02X}{aid}")), 0x9000);
    }
    expect(
        &mut card,
        &[
            ("00A4040C09 D392F0002601000000", 0x6A82), // the beginning of a name
            ("00A4040C10 A0000002310600000000000000000000", 0x6A82),
            ("00A4040006 D2760001240100", 0x6A82),
            ("00A4040009 A0000003080000100000", 0x6A82),
            ("00A4040C", 0x6A82),
            ("00A4040000", 0x6A82),
            ("00A4010C023F00", 0x6A86),
            ("00A404020A D392F000260100000001", 0x6A86),
        ],
    );
}

#[test]
fn the_master_file_is_a_trap() {
    let mut card = hanako(Behaviour::modern());
    expect(
        &mut card,
        &[("00A40000", 0x6A86), (JPKI, 0x9000), ("00A40000023F00", 0x9000), (AUTH_PIN, 0x9000)],
    );
    card.reset();
    expect(&mut card, &[("00A40000", 0x6A86)]);
}

#[test]
fn selecting_files() {
    let mut card = hanako(Behaviour::modern());
    expect(&mut card, &[(AUTH_PIN, 0x6A82), (JPKI, 0x9000)]);
    for file in ["0001", "0002", "0006", "0008", "000A", "000B", "0017", "0018", "001A", "001B"] {
        expect(&mut card, &[(&format!("00A4020C02{file}"), 0x9000)]);
    }
    expect(
        &mut card,
        &[
            ("00A4020C020003", 0x6A82),
            ("00A4020C01 0A", 0x6700),
            ("00A4020C03 00000A", 0x6700),
            ("00A4020002000A", 0x6A86),
            (FACE, 0x9000),
            ("00A4020C02000A", 0x6A82), // not among the files of another application
            (ISD, 0x9000),
            (AUTH_PIN, 0x6A82),
        ],
    );
}

#[test]
fn selecting_an_application_leaves_no_current_file() {
    let mut card = hanako(Behaviour::modern());
    let read = "00B0000004";
    expect(&mut card, &[(QUERY, 0x6986), (read, 0x6986), (&sign_command(0x80, b"x"), 0x6986)]);
    expect(&mut card, &[(JPKI, 0x9000), (QUERY, 0x6986), ("00A4020C02000A", 0x9000)]);
    assert_eq!(data(&mut card, read).len(), 4);
    expect(&mut card, &[(JPKI, 0x9000), (read, 0x6986)]);
    // A failed SELECT changes nothing.
    expect(&mut card, &[("00A4020C02000A", 0x9000), ("00A4020C020003", 0x6A82)]);
    assert_eq!(data(&mut card, read).len(), 4);
}

#[test]
fn signatures_pad_what_they_are_given_and_nothing_else() {
    let mut card = hanako(Behaviour::modern());
    expect(&mut card, &[(JPKI, 0x9000), (AUTH_PIN, 0x9000), (VERIFY_1234, 0x9000)]);
    expect(&mut card, &[(SIGN_PIN, 0x9000), (VERIFY_ABC123, 0x9000)]);
    for (key, purpose) in [(AUTH_KEY, Purpose::Authentication), (SIGN_KEY, Purpose::Signature)] {
        expect(&mut card, &[(key, 0x9000)]);
        for length in [1, 51, 245] {
            let input: Vec<u8> = (1..=length).collect();
            let signature = data(&mut card, &sign_command(0x80, &input));
            assert_eq!(recover(purpose, &signature), input);
        }
        expect(&mut card, &[(&sign_command(0x80, &[1; 246]), 0x6700)]);
    }
    expect(
        &mut card,
        &[
            ("802A0080", 0x6700),
            ("802A008000", 0x6700),
            ("802A00800178", 0x6700),   // no room for the answer
            ("802A00800178FF", 0x6700), // too little
            ("802A01800178 00", 0x6A86),
            ("002A00800178 00", 0x6D00),
            (AUTH_PIN, 0x9000),
            ("802A00800178 00", 0x6985), // a PIN is no key
        ],
    );
}

#[test]
fn keys_by_short_id_give_the_same_signature() {
    let mut card = hanako(Behaviour::modern());
    expect(&mut card, &[(&sign_command(0x97, b"x"), 0x6A82), (JPKI, 0x9000)]);
    expect(&mut card, &[(&sign_command(0x97, b"x"), 0x6982), (&sign_command(0x98, b"x"), 0x6985)]);
    expect(&mut card, &[(AUTH_PIN, 0x9000), (VERIFY_1234, 0x9000)]);
    let short = data(&mut card, &sign_command(0x97, b"x"));
    expect(&mut card, &[(AUTH_KEY, 0x9000)]);
    assert_eq!(data(&mut card, &sign_command(0x80, b"x")), short);
    expect(&mut card, &[(&sign_command(0x9A, b"x"), 0x6982)]);

    let mut plain = hanako(Behaviour::plain());
    expect(&mut plain, &[(JPKI, 0x9000), (AUTH_PIN, 0x9000), (VERIFY_1234, 0x9000)]);
    expect(&mut plain, &[(&sign_command(0x97, b"x"), 0x6A86)]);
}

#[test]
fn reading_in_pieces_and_at_the_end() {
    let mut card = hanako(Behaviour::plain());
    let person = Person::hanako();
    let der = Authority::test().issue_authentication(&person, usual_issue_date()).unwrap();
    expect(&mut card, &[(JPKI, 0x9000), ("00A4020C02000A", 0x9000)]);
    assert_eq!(data(&mut card, "00B0000004"), &der[..4]);
    let mut file = Vec::new();
    for page in 0..8 {
        let piece = data(&mut card, &format!("00B0{page:02X}0000")); // Le 00 is 256
        assert_eq!(piece.len(), 256);
        file.extend(piece);
    }
    assert_eq!(file[..der.len()], der);
    assert!(file.len() > der.len() && file[der.len()..].iter().all(|byte| *byte == 0xFF));
    assert_eq!(data(&mut card, "00B007F000"), [0xFF; 16], "what is there, with 9000");
    expect(
        &mut card,
        &[
            ("00B0080001", 0x6B00),
            ("00B07FFF00", 0x6B00),
            ("00B00000", 0x6700),
            ("00B0000001AA00", 0x6700),
            ("00B00000000000", 0x6700), // extended
            ("00B08A0000", 0x6A86),     // short id
            (AUTH_PIN, 0x9000),
            ("00B0000004", 0x6981),
            (AUTH_KEY, 0x9000),
            ("00B0000004", 0x6981),
        ],
    );
}

#[test]
fn reading_by_short_id_and_at_once() {
    let mut card = hanako(Behaviour::modern());
    expect(&mut card, &[("00B08A0000", 0x6A82), (JPKI, 0x9000), ("00B0800000", 0x6986)]);
    let whole = data(&mut card, "00B08A00000000");
    assert_eq!(whole.len(), 2048);
    assert_eq!(data(&mut card, "00B08A0004"), &whole[..4]);
    assert_eq!(data(&mut card, "00B08A04 000800"), &whole[4..]);
    assert_eq!(data(&mut card, "00B0063600"), &whole[0x636..0x736], "the short id made it current");
    assert_eq!(data(&mut card, "00B0000000063A"), &whole[..0x63A]);
    expect(
        &mut card,
        &[
            ("00B0810000", 0x6982),
            ("00B0830000", 0x6A82),
            ("00B09F0000", 0x6A86),
            ("00B0CA0000", 0x6A86),
            ("00B0860000 00", 0x6700),
        ],
    );
    let authority = data(&mut card, "00B08B00000000");
    let root = Authority::test().root(Purpose::Authentication);
    assert_eq!(authority[..root.len()], *root);
    assert_eq!(data(&mut card, "00B0860000").len(), 160);
}

#[test]
fn which_certificates_are_there() {
    let mut card = hanako(Behaviour::modern());
    expect(&mut card, &[(JPKI, 0x9000)]);
    assert_eq!(data(&mut card, "00B0880000"), [0x8F, 0x8F, 0x00]);

    let mut child = hanako(Behaviour::modern().with(Trait::NoSignatureCertificate));
    expect(&mut child, &[(JPKI, 0x9000)]);
    assert_eq!(data(&mut child, "00B0880000"), [0x8F, 0x00, 0x00]);
    expect(&mut child, &[(SIGN_PIN, 0x9000), (VERIFY_ABC123, 0x9000)]);
    assert!(data(&mut child, "00B0810000").iter().all(|byte| *byte == 0xFF));
}

#[test]
fn what_it_does_not_know() {
    let mut card = hanako(Behaviour::modern());
    expect(
        &mut card,
        &[
            ("00CADF3005", 0x6D00),
            ("00CB3FFF035C017E08", 0x6D00),
            ("0084000008", 0x6D00),
            ("00C0000000", 0x6D00), // GET RESPONSE without T=0
            ("8020008000", 0x6D00),
            ("01A4040C0A D392F000260100000001", 0x6881),
            ("832A008000", 0x6881),
            ("40A4040C", 0x6881),
            ("FFA4040C", 0x6E00),
            ("90A4040C", 0x6E00),
            ("0CA4040C", 0x6E00), // secure messaging
            ("", 0x6700),
            ("00", 0x6700),
            ("00A404", 0x6700),
        ],
    );
}

#[test]
fn over_t0() {
    let mut card = hanako(Behaviour::modern().with(Trait::T0));
    let get = |le: u8| format!("00C00000{le:02X}");
    expect(
        &mut card,
        &[(&get(0), 0x6985), ("00A404000A D392F000260100000001 00", 0x610E), (&get(0), 0x6C0E)],
    );
    assert_eq!(data(&mut card, &get(14)).len(), 14);
    expect(&mut card, &[(&get(14), 0x6985), ("00B0860000", 0x6CA0), ("00B08600000000", 0x6700)]);
    assert_eq!(data(&mut card, "00B08600A0").len(), 160);
    assert_eq!(data(&mut card, "00B0860010").len(), 16);

    expect(&mut card, &[(AUTH_PIN, 0x9000), (VERIFY_1234, 0x9000)]);
    expect(&mut card, &[("802A0097 01 78 00", 0x6100), ("802A0097 01 78", 0x6100)]);
    let (mut signature, first) = send(&mut card, &get(100));
    assert_eq!(first, 0x619C, "156 bytes remain");
    signature.extend(data(&mut card, &get(156)));
    assert_eq!(recover(Purpose::Authentication, &signature), b"x");
    expect(&mut card, &[("802A0097 01 78", 0x6100), (QUERY, 0x6981), (&get(0), 0x6985)]);
}

#[test]
fn the_first_command_may_fail() {
    let mut card = hanako(Behaviour::modern().with(Trait::FirstCommandFails));
    expect(&mut card, &[(JPKI, 0x6F00), (JPKI, 0x9000)]);
    card.reset();
    expect(&mut card, &[(JPKI, 0x9000)]);
    card.power_off();
    card.power_on();
    expect(&mut card, &[(JPKI, 0x6F00), (JPKI, 0x9000)]);
}

#[test]
fn torn_before_and_after_acting() {
    for (moment, left) in [(Moment::BeforeActing, 3), (Moment::AfterActing, 2)] {
        let mut card = hanako(Behaviour::modern().torn(Tear { after: 2, moment }));
        expect(&mut card, &[(JPKI, 0x9000), (AUTH_PIN, 0x9000)]);
        assert!(!card.is_gone());
        assert_eq!(card.transmit(&bytes(VERIFY_WRONG)), [0; 0]);
        assert!(card.is_gone());
        assert_eq!(card.tries_left(Purpose::Authentication), left);
        card.power_on();
        assert_eq!(card.transmit(&bytes(QUERY)), [0; 0], "gone is gone");
        card.put_back();
        expect(&mut card, &[(QUERY, 0x6986), (JPKI, 0x9000), (AUTH_PIN, 0x9000)]);
        assert_eq!(status(&mut card, QUERY), 0x63C0 | u16::from(left));
    }
    let mut card = hanako("plain+torn-after:0".parse().unwrap());
    assert_eq!(card.transmit(&bytes(JPKI)), [0; 0]);
}

#[test]
fn without_power_nothing_is_answered() {
    let mut card = hanako(Behaviour::modern());
    card.power_off();
    assert_eq!(card.transmit(&bytes(JPKI)), [0; 0]);
    assert!(!card.is_gone());
    card.power_on();
    expect(&mut card, &[(JPKI, 0x9000)]);
}

#[test]
fn the_meter_and_the_trace() {
    let mut card = hanako(Behaviour::modern());
    expect(
        &mut card,
        &[(JPKI, 0x9000), (AUTH_PIN, 0x9000), (QUERY, 0x63C3), (VERIFY_1234, 0x9000)],
    );
    data(&mut card, "00B0860000");
    let expected = Meter {
        commands: 5,
        bytes_to_card: 15 + 7 + 4 + 9 + 5,
        bytes_from_card: 4 * 2 + 162,
        verify_attempts: 1,
        ..Meter::default()
    };
    assert_eq!(card.meter(), expected);
    let trace = card.trace();
    assert_eq!(trace[3], [0x00, 0x20, 0x00, 0x80]);
    assert_eq!(trace.len(), 5);

    for _ in 0..2000 {
        card.transmit(&[0xFF]);
        card.transmit(&bytes(QUERY));
    }
    assert_eq!(card.trace().len(), 1024, "the oldest are dropped, what is no command is not kept");
    assert_eq!(card.meter().commands, 4005);
}

#[test]
fn debug_shows_no_secrets() {
    let card = hanako(Behaviour::modern());
    let debug = format!("{card:?} {:?}", Person::hanako());
    for secret in ["1234", "ABC123", "49, 50, 51, 52", "介護"] {
        assert!(!debug.contains(secret), "{debug}");
    }
    assert!(debug.contains("modern"));
}

#[test]
fn the_shortest_and_the_plainest_way_to_a_signature() {
    // Certificate, query, PIN and signature: what a frugal client needs at least.
    let mut card = hanako(Behaviour::modern());
    expect(&mut card, &[(JPKI, 0x9000)]);
    data(&mut card, "00B08A00000000");
    expect(&mut card, &[(AUTH_PIN, 0x9000), (QUERY, 0x63C3), (VERIFY_1234, 0x9000)]);
    data(&mut card, &sign_command(0x97, &[1; 51]));
    assert_eq!(card.meter().commands, 6);

    let mut card = hanako(Behaviour::plain());
    expect(&mut card, &[(JPKI, 0x9000), ("00A4020C02000A", 0x9000)]);
    for page in 0..6 {
        data(&mut card, &format!("00B0{page:02X}0000"));
    }
    assert_eq!(data(&mut card, "00B0060036").len(), 1590 - 6 * 256);
    expect(
        &mut card,
        &[(AUTH_PIN, 0x9000), (QUERY, 0x63C3), (VERIFY_1234, 0x9000), (AUTH_KEY, 0x9000)],
    );
    data(&mut card, &sign_command(0x80, &[1; 51]));
    assert_eq!(card.meter().commands, 14);
}
