//! Everybody's card, and persons described in TOML.

mod support;

use kaigotap_virtual_card::{
    Application, Authority, Behaviour, CardExpiry, CardKind, Error, Person, PinKind, Purpose,
    VirtualCard,
};
use support::{card, open, read, select, select_file, send};

const EXAMPLE: &str = include_str!("../data/person-example.toml");
const JPKI: Application = Application::Jpki;
const QUERY: [u8; 4] = [0x00, 0x20, 0x00, 0x80];

/// The status word of the query for a PIN, or of selecting it where that fails.
fn query(card: &mut VirtualCard, kind: PinKind) -> u16 {
    open(card, kind.application(), None);
    match select_file(card, kind.file()) {
        0x9000 => send(card, &QUERY, &[], None).1,
        failed => failed,
    }
}

#[test]
fn which_applications_everybody_has() {
    for person in Person::all() {
        let mut card = card(person.clone(), "plain");
        for application in Application::ALL {
            let there = person.card.applications().contains(&application);
            let status = select(&mut card, application);
            assert_eq!(status, if there { 0x9000 } else { 0x6A82 }, "{person:?} {application:?}");
        }
        let travels = select(&mut card, Application::TravelDocument) == 0x9000;
        assert_eq!(travels, person.card == CardKind::OtherCountry);
        if travels {
            assert_eq!(select_file(&mut card, 0x011E), 0x6A82);
            continue;
        }
        open(&mut card, JPKI, None);
        let token = read(&mut card, 0x0006).unwrap();
        let label = format!("{:<32}", person.card.token_label());
        assert_eq!(token[..32], *label.as_bytes());
        assert_eq!(token.len(), 160);
    }
}

#[test]
fn certificates_of_everybody() {
    for person in Person::all().into_iter().filter(|p| p.card != CardKind::OtherCountry) {
        let issued = kaigotap_virtual_card::usual_issue_date();
        let mut card = VirtualCard::issued(person.clone(), Behaviour::plain(), issued).unwrap();
        let authority = Authority::of(&person);
        open(&mut card, JPKI, None);
        match person.card {
            CardKind::ResidentCard => assert_eq!(select_file(&mut card, 0x000A), 0x6A82),
            CardKind::Android => {
                assert_eq!(read(&mut card, 0x000A), Err(0x6982));
                open(&mut card, JPKI, Some(PinKind::Authentication));
            }
            _ => {}
        }
        if person.card != CardKind::ResidentCard {
            let der = authority.issue_authentication(&person, issued).unwrap();
            assert_eq!(read(&mut card, 0x000A).unwrap()[..der.len()], der);
        }
        if !person.signature_certificate {
            assert_eq!(read(&mut card, 0x0008).unwrap(), [0x8F, 0, 0]);
        } else if card.tries_left(Purpose::Signature) > 0 {
            open(&mut card, JPKI, Some(PinKind::Signature));
            let der = authority.issue_signature(&person, issued).unwrap();
            assert_eq!(read(&mut card, 0x0001).unwrap()[..der.len()], der);
        }
    }
}

#[test]
fn blocked_pins_and_pins_that_cannot_be_used() {
    let remembered = [
        PinKind::Authentication,
        PinKind::Signature,
        PinKind::InputSupport,
        PinKind::Common,
        PinKind::ResidentRegister,
    ];
    for (id, behaviour, status) in [
        ("blocked", "plain", 0x6984),
        ("blocked", "plain+query-blocked-63c0", 0x63C0),
        ("face-card", "plain", 0x6984),
        ("face-card", "plain+query-blocked-63c0", 0x63C0),
        ("face-card", "plain+pins-missing", 0x6A82),
    ] {
        let mut card = card(id.parse().unwrap(), behaviour);
        for kind in PinKind::ALL {
            let expected = match kind {
                _ if remembered.contains(&kind) => status,
                PinKind::InputSupportBlocked => 0x63C0,
                kind => 0x63C0 | u16::from(kind.max_tries()),
            };
            assert_eq!(query(&mut card, kind), expected, "{id} {behaviour} {kind}");
        }
        open(&mut card, Application::Face, Some(PinKind::FaceB));
        assert!(read(&mut card, 0x0002).is_ok(), "the printed code opens the face");
        open(&mut card, JPKI, None);
        assert!(read(&mut card, 0x000A).is_ok(), "and the certificate is free");
    }
}

#[test]
fn the_example_is_read_and_its_card_works() {
    let person = Person::from_toml(EXAMPLE).unwrap();
    assert_eq!((person.id, person.card_expiry.to_string()), ("tsuruko", "2034-01-20".to_owned()));
    assert_eq!(person.serial(Purpose::Authentication), 0x34_0120);
    let mut card = card(person, "modern");
    open(&mut card, Application::InputSupport, Some(PinKind::InputSupport));
    let attributes = read(&mut card, 0x0002).unwrap();
    assert!(attributes.windows(15).any(|text| text == "見本　鶴子".as_bytes()));
    open(&mut card, JPKI, Some(PinKind::Signature));
}

#[test]
fn everybody_can_be_written_and_read() {
    for person in Person::all() {
        let text = person.to_toml().unwrap();
        let again = Person::from_toml(&text).unwrap();
        assert!(again == person, "{text}");
    }
    let example = Person::from_toml(EXAMPLE).unwrap();
    assert!(Person::from_toml(&example.to_toml().unwrap()).unwrap() == example);
}

#[test]
fn what_may_be_left_out() {
    let optional = [
        "printed_calendar",
        "portrait",
        "card ",
        "signature_certificate",
        "blocked",
        "issuer",
        "keys",
    ];
    let short: Vec<_> = EXAMPLE
        .lines()
        .filter(|line| !optional.iter().any(|field| line.starts_with(field)))
        .collect();
    assert_eq!(short.len(), EXAMPLE.lines().count() - optional.len());
    assert!(Person::from_toml(&short.join("\n")).unwrap() == Person::from_toml(EXAMPLE).unwrap());
}

/// The card holds a date of birth that is known in part as the register writes it.
#[test]
fn somebody_whose_birthday_nobody_knows() {
    let person = Person::from_toml(include_str!("../data/person-unknown-day.toml")).unwrap();
    assert_eq!(person.birth_date.to_string(), "1930-00-00");
    assert!(Person::from_toml(&person.to_toml().unwrap()).unwrap() == person);
    let card = VirtualCard::new(person, Behaviour::modern()).unwrap();
    assert_eq!(card.reference_data(PinKind::FaceB), "05000020341930");
    assert_eq!(card.reference_data(PinKind::BirthDate), "050000");
}

#[test]
fn mistakes_are_named() {
    let message = |from: &str, to: &str| {
        assert!(EXAMPLE.contains(from), "{from}");
        let error = Person::from_toml(&EXAMPLE.replace(from, to)).unwrap_err();
        (matches!(error, Error::Description(_)), error.to_string())
    };
    for (from, to, says) in [
        ("sex = ", "sexe = ", "unknown field `sexe`"),
        ("birth_date = \"1934-01-20\"", "birth_date = \"1934-02-30\"", "\"1934-02-30\" is no date"),
        ("birth_date = \"1934-01-20\"", "birth_date = 1934-01-20", "expected a string"),
        ("\"female\"", "\"f\"", "unknown variant `f`"),
        ("blocked = []", "blocked = [\"pin\"]", "no PIN is called \"pin\""),
        ("card_expiry = \"2034-01-20\"", "card_expiry = \"414 weeks\"", "is no date"),
        ("security_code = \"0120\"", "", "missing field `security_code`"),
        ("register = ", "registry = ", "unknown field `registry`"),
        ("authentication = 0x340120", "authentication = -1", "invalid value"),
        ("[pins]", "[pin]", "unknown field `pin`"),
        ("id = ", "id ", "TOML parse error at line 4"),
    ] {
        let (located, text) = message(from, to);
        assert!(located && text.contains(says), "{text}");
        assert!(text.contains("line ") || says.starts_with("missing"), "{text}");
    }
    for (from, to, says) in [
        ("990000010007", "990000010006", "tsuruko: my_number has a right check digit"),
        ("990000010007", "99000001000", "tsuruko: my_number needs twelve digits"),
        ("99002", "13221", "municipality_code needs five digits beginning with 99"),
        ("\"0120\"", "\"120\"", "security_code needs four digits"),
        ("\"1234\"", "\"12345\"", "pins.authentication needs four digits"),
        ("\"TSURU1\"", "\"tsuru1\"", "pins.signature needs 6 to 16 capital letters"),
        ("\"2345\"", "\"234a\"", "pins.input_support needs four digits"),
        ("0x340121", "0x1000000", "serials.signature needs a number from 1"),
        ("0x340120", "0", "serials.authentication needs a number from 1"),
        ("keys = \"example\"", "keys = \"nobody\"", "keys are of nobody known: \"nobody\""),
        ("# name_substitutes = \"00100\"", "name_substitutes = \"0010\"", "one digit for each"),
        ("\"見本　鶴子\"", "\"\"", "name needs 1 to 200 characters"),
    ] {
        let (located, text) = message(from, to);
        assert!(!located && text.contains(says), "{text}");
    }
}

#[test]
fn a_person_that_makes_no_card_is_refused() {
    let mut person = Person::hanako();
    person.my_number = "１２３４５６７８９０１２";
    let refused = VirtualCard::new(person, Behaviour::modern());
    assert!(matches!(refused, Err(Error::Person { field: "my_number", .. })));
    let refused =
        VirtualCard::new(Person::hanako().with_pin(PinKind::Signature, "abc"), Behaviour::modern());
    assert!(matches!(refused, Err(Error::Person { field: "pins.signature", .. })));
    for text in ["414 days", "2034-01-20"] {
        assert_eq!(text.parse::<CardExpiry>().unwrap().to_string(), text);
    }
}

#[test]
fn the_table_in_the_docs_is_true() {
    let docs = include_str!("../src/lib.rs");
    for person in Person::all() {
        let start = format!("//! | `{}` |", person.id);
        let row = docs.lines().find(|line| line.starts_with(&start)).expect(person.id);
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let card = card(person.clone(), "modern");
        let says = |cell: &str, kind| cell.contains(&format!("`{}`", card.reference_data(kind)));
        let (codes, pins) = (cells[3], cells[4]);
        if !codes.starts_with("none") && !codes.starts_with("as ") {
            assert!(says(codes, PinKind::FaceA), "{row}");
            let relative = matches!(person.card_expiry, CardExpiry::DaysAfterIssue(_));
            assert!(relative || says(codes, PinKind::FaceB), "{row}");
            assert!(!relative || codes.contains(card.reference_data(PinKind::BirthDate)), "{row}");
        }
        if pins.starts_with('`') {
            assert!(says(pins, PinKind::Authentication), "{row}");
            assert!(!person.signature_certificate || says(pins, PinKind::Signature), "{row}");
        }
        if pins.matches('`').count() == 8 {
            assert!(says(pins, PinKind::InputSupport) && says(pins, PinKind::Common), "{row}");
        }
    }
}
