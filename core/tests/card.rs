//! The card flows against the virtual card: what they read, what they cost, and what they never do.

mod common;

use common::{Holder, Link, authorities, hanako, tap};
use jiff::civil::date;
use kaigotap::card::{
    Application, Credential, PinKind, Token, birth_date_key, deselection, verification_number_b,
};
use kaigotap::flow::Prompt;
use kaigotap::message::{Code, FailureKind};
use kaigotap::pki::Origin;
use kaigotap::pki::card_certificate::{CardAuthorities, Part, Presence};
use kaigotap::reading::{self, CertificateState, HolderKey, PinState};
use kaigotap_virtual_card::{
    Authority, Person, PinKind as CardPin, Purpose, VirtualCard, usual_issue_date,
};
use rstest::rstest;

const JPKI: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
const INPUT_SUPPORT: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";

const CHALLENGE: Option<[u8; 32]> = Some([0x5A; 32]);

/// Verification number B of Hanako's card, built from its face.
fn number_b(card: &VirtualCard) -> String {
    card.reference_data(CardPin::FaceB).to_owned()
}

#[rstest]
#[case("modern", 3, 5)]
#[case("plain", 3, 5)]
#[case("locked", 0, 5)]
#[case("modern+authentication-tries:1+signature-tries:2", 1, 2)]
#[case("modern+signature-tries:0+blocked-6983", 3, 0)]
fn status_tells_the_tries_and_costs_none(
    #[case] profile: &str,
    #[case] authentication: u8,
    #[case] signature: u8,
) {
    let mut card = hanako(profile);
    let mut nobody = Holder::who_types(&[]);
    let status = tap(reading::status(), &mut card, &mut nobody).unwrap();
    assert_eq!(status.token, Token::MyNumberCard);
    assert_eq!(status.tries_left(PinKind::Authentication), authentication);
    assert_eq!(status.tries_left(PinKind::Signature), signature);
    assert_eq!(status.tries_left(PinKind::InputSupport), 3);
    assert_eq!(status.tries_left(PinKind::VerificationNumberB), 10);
    assert_eq!(status.can_authenticate(), authentication > 0);
    assert_eq!(status.pins.len(), 6);
    assert!(matches!(status.authentication, CertificateState::Present { .. }));
    assert_eq!(status.signature, CertificateState::Protected);
    assert_eq!(card.meter().verify_attempts, 0);
    assert!(nobody.asked.is_empty());
}

/// Month and day of birth that nobody knows: the record is read, and its date can be shown and compared.
#[test]
fn a_holder_whose_birthday_nobody_knows() {
    let described = include_str!("../../examples/virtual-card/data/person-unknown-day.toml");
    let person = Person::from_toml(described).unwrap();
    let mut card = VirtualCard::new(person, "modern".parse().unwrap()).unwrap();
    let flow = reading::holder(HolderKey::Pin, authorities(), CHALLENGE);
    let holder = tap(flow, &mut card, &mut Holder::who_types(&["2345"])).unwrap();
    let birth = holder.record.birth.date().unwrap();
    assert_eq!((holder.record.birth.as_written(), &*birth.to_string()), ("19300000", "1930"));
    assert_eq!((birth.complete(), Ok(birth)), (None, "1930-00-00".parse()));
    let mut keys = Holder::who_types(&["050000"]);
    let age = tap(reading::age(authorities(), CHALLENGE), &mut card, &mut keys).unwrap();
    assert_eq!(age.record.birth.date(), Some(birth));
}

#[test]
fn status_of_cards_that_are_something_else() {
    let of = |person: &str| {
        let mut card =
            VirtualCard::new(person.parse().unwrap(), "modern".parse().unwrap()).unwrap();
        tap(reading::status(), &mut card, &mut Holder::who_types(&[]))
    };
    let phone = of("android").unwrap();
    assert_eq!(
        (phone.token, phone.authentication),
        (Token::AndroidPhone, CertificateState::Protected)
    );
    assert!(phone.pins.iter().all(|report| report.application == Application::Jpki));
    assert_eq!(of("iphone").unwrap().token, Token::Iphone);
    assert_eq!(of("resident-card").unwrap().token, Token::ResidentRegisterCard);
    assert_eq!(of("child").unwrap().signature, CertificateState::Missing);
    assert_eq!(of("other-country").unwrap_err().code(), Code::NotMyNumberCard);
    // A card that has no PINs is known without spending a try, and leads to the ways that need none.
    let face_card = of("face-card").unwrap();
    assert!(!face_card.can_authenticate());
    assert!(face_card.pins.iter().any(|report| {
        report.pin == PinKind::Authentication && report.state != PinState::TriesLeft(3)
    }));
    assert_eq!(face_card.tries_left(PinKind::VerificationNumberB), 10);
}

#[rstest]
#[case("modern", 3)] // SELECT, READ, deselect
#[case("plain", 10)] // SELECT, SELECT, 7 × READ, deselect
#[case("plain+extended", 11)] // the attempt at short ids is refused once
fn the_authentication_certificate_is_read_to_its_last_byte(
    #[case] profile: &str,
    #[case] commands: u64,
) {
    let mut card = hanako(profile);
    let flow = reading::certificate(Credential::Authentication);
    let der = tap(flow, &mut card, &mut Holder::who_types(&[])).unwrap();
    let issued = Authority::test().issue_authentication(&Person::hanako(), usual_issue_date());
    assert_eq!(der.as_slice(), issued.unwrap());
    assert_eq!((der.len(), card.meter().commands), (1590, commands));
}

#[test]
fn the_signature_certificate_opens_with_its_password_only() {
    let mut card = hanako("modern");
    let mut holder = Holder::who_types(&["abc123"]); // small letters are raised
    let der = tap(reading::certificate(Credential::Signature), &mut card, &mut holder).unwrap();
    let issued = Authority::test().issue_signature(&Person::hanako(), usual_issue_date()).unwrap();
    assert_eq!(der.as_slice(), issued);
    assert!(matches!(
        holder.asked.as_slice(),
        [Prompt::EnterPin { pin: PinKind::Signature, tries_left: Some(5), .. }]
    ));
    // Clean: the password's effect is gone, though the power never was.
    assert!(!card.is_verified(Purpose::Signature));

    for (typed, code, left) in [
        ("WRONG1", Code::PinWrong, 4),
        ("ABCDEF", Code::PinMalformed, 4),
        ("12345", Code::PinMalformed, 4),
    ] {
        let flow = reading::certificate(Credential::Signature);
        let failure = tap(flow, &mut card, &mut Holder::who_types(&[typed])).unwrap_err();
        assert_eq!((failure.code(), failure.tries_left()), (code, Some(left)), "{typed}");
    }
}

#[test]
fn a_card_without_a_signature_certificate_says_so() {
    let mut card = hanako("modern+no-signature-certificate");
    let flow = reading::certificate(Credential::Signature);
    let failure = tap(flow, &mut card, &mut Holder::who_types(&["ABC123"])).unwrap_err();
    assert_eq!(failure.code(), Code::CertificateMissing);
}

/// Which card this is (two commands, three on the plainest), SELECT, SELECT PIN, query, query again after the holder has
/// typed, VERIFY, four records, the card's own signature, and the way out.
#[rstest]
#[case("modern", HolderKey::Pin, 13)]
#[case("modern", HolderKey::VerificationNumberB, 13)]
#[case("plain", HolderKey::Pin, 23)]
fn the_holder_is_read_and_proven(
    #[case] profile: &str,
    #[case] key: HolderKey,
    #[case] commands: u64,
) {
    let mut card = hanako(profile);
    let b = number_b(&card);
    let typed = match key {
        HolderKey::Pin => {
            card.reference_data(kaigotap_virtual_card::PinKind::InputSupport).to_owned()
        }
        HolderKey::VerificationNumberB => b,
    };
    let flow = reading::holder(key, authorities(), CHALLENGE);
    let holder = tap(flow, &mut card, &mut Holder::who_types(&[&typed])).unwrap();
    assert_eq!(holder.record.birth.date(), Some(date(1941, 5, 3).into()));
    assert_eq!(holder.record.name, Person::hanako().name);
    assert_eq!(holder.record.address, Person::hanako().address);
    let proof = &holder.genuineness;
    assert_eq!(
        (proof.signed_by, proof.attributes, proof.photo),
        (Origin::Test, Part::Signed, Part::Absent)
    );
    assert!(matches!(proof.present, Presence::Live { .. }));
    assert_eq!(card.meter().commands, commands);
    assert!(!format!("{holder:?}").contains(&holder.record.name));
}

#[rstest]
#[case("modern", 11)]
#[case("plain", 0)]
fn the_face_is_read_and_proven(#[case] profile: &str, #[case] commands: u64) {
    let mut card = hanako(profile);
    let b = number_b(&card);
    let face =
        tap(reading::face(authorities(), CHALLENGE), &mut card, &mut Holder::who_types(&[&b]))
            .unwrap();
    assert_eq!(face.record.birth.date(), Some(date(1941, 5, 3).into()));
    assert!(face.record.photo.starts_with(b"\x00\x00\x00\x0CjP  "));
    assert!(face.record.name_image.starts_with(b"\x89PNG"));
    let proof = &face.genuineness;
    assert_eq!((proof.photo, proof.expiry), (Part::Signed, Part::NotSigned));
    assert!(matches!(proof.present, Presence::Live { .. }));
    if commands > 0 {
        assert_eq!(card.meter().commands, commands);
    }
    // The number that the face is opened with is what stands on it.
    let year = face.record.expiry.date().unwrap().year();
    let built = verification_number_b(date(1941, 5, 3).into(), year.try_into().unwrap(), &b[10..]);
    assert!(built.is_ok() && b.starts_with("160503"));

    let information = tap(reading::information(), &mut card, &mut Holder::who_types(&[])).unwrap();
    assert_eq!(information.municipality, Person::hanako().municipality_code);
}

#[test]
fn the_age_opens_with_the_birth_date_only() {
    let mut card = hanako("modern");
    assert!(birth_date_key(date(1941, 5, 3).into()).is_ok());
    let flow = reading::age(authorities(), CHALLENGE);
    let age = tap(flow, &mut card, &mut Holder::who_types(&["160503"])).unwrap();
    assert_eq!(age.record.birth.date(), Some(date(1941, 5, 3).into()));
    let flow = reading::age(authorities(), CHALLENGE);
    let failure = tap(flow, &mut card, &mut Holder::who_types(&["160504"])).unwrap_err();
    assert_eq!(failure.code(), Code::PinWrong);
}

#[test]
fn a_forged_card_is_not_believed() {
    let person: Person = "foreign-issuer".parse().unwrap();
    let mut card = VirtualCard::new(person, "modern".parse().unwrap()).unwrap();
    let b = number_b(&card);
    let face =
        tap(reading::face(authorities(), CHALLENGE), &mut card, &mut Holder::who_types(&[&b]));
    assert_eq!(face.unwrap_err().kind(), FailureKind::Trust);
    // Nor is a test card in production.
    let mut card = hanako("modern");
    let production = CardAuthorities::production();
    let face = tap(reading::face(production, CHALLENGE), &mut card, &mut Holder::who_types(&[&b]));
    assert_eq!(face.unwrap_err().code(), Code::CardNotGenuine);
}

#[test]
fn a_phone_has_no_face() {
    let mut phone =
        VirtualCard::new("android".parse().unwrap(), "modern".parse().unwrap()).unwrap();
    let failure = tap(reading::face(authorities(), None), &mut phone, &mut Holder::who_types(&[]))
        .unwrap_err();
    assert_eq!(failure.code(), Code::CardApplicationMissing);
    let flow = reading::certificate(Credential::Authentication);
    let failure = tap(flow, &mut phone, &mut Holder::who_types(&[])).unwrap_err();
    assert_eq!(failure.code(), Code::CardDataProtected);
}

#[test]
fn a_pin_is_changed_with_the_old_one_and_twice_the_new_one() {
    let mut card = hanako("modern");
    let mut holder = Holder::who_types(&["1234"]);
    holder.chooses = vec![("12", "12"), ("4321", "4322"), ("4321", "4321")];
    tap(reading::change_pin(PinKind::Authentication), &mut card, &mut holder).unwrap();
    assert_eq!(card.reference_data(Purpose::Authentication), "4321");
    assert!(!card.is_verified(Purpose::Authentication));

    // A wrong old one costs a try, is told, and changes nothing.
    let mut holder = Holder::who_types(&["1234"]);
    holder.chooses = vec![("9999", "9999")];
    let failure =
        tap(reading::change_pin(PinKind::Authentication), &mut card, &mut holder).unwrap_err();
    assert_eq!((failure.code(), failure.tries_left()), (Code::PinWrong, Some(2)));
    assert_eq!(card.reference_data(Purpose::Authentication), "4321");

    let mut holder = Holder::who_types(&["ABC123"]);
    holder.chooses = vec![("NEWPASS1", "newpass1")];
    tap(reading::change_pin(PinKind::Signature), &mut card, &mut holder).unwrap();
    assert_eq!(card.reference_data(Purpose::Signature), "NEWPASS1");

    let mut locked = hanako("locked");
    let mut holder = Holder::who_types(&["1234"]);
    holder.chooses = vec![("9999", "9999")];
    let failure =
        tap(reading::change_pin(PinKind::Authentication), &mut locked, &mut holder).unwrap_err();
    assert_eq!((failure.code(), holder.asked.len()), (Code::PinBlocked, 0), "nothing was asked");
}

/// Whatever the flow and however it ends, the last command selects another application, and then the card is let go.
#[rstest]
#[case(&["ABC123"])]
#[case(&["WRONG1"])]
#[case(&["x"])]
#[case(&[])]
fn the_card_is_left_clean(#[case] types: &[&str]) {
    let mut card = hanako("modern");
    let flow = reading::certificate(Credential::Signature);
    let _ = tap(flow, &mut card, &mut Holder::who_types(types));
    assert_eq!(card.trace().last().unwrap()[..2], [0x00, 0xA4]);
    card.power_on();
    assert!(!card.is_verified(Purpose::Signature));
}

/// What a driver sends that cannot cut the power, on cards with other applications and on one that has no other.
#[rstest]
#[case("hanako", JPKI, 0x0018, Purpose::Authentication.into())]
#[case("hanako", JPKI, 0x001B, Purpose::Signature.into())]
#[case("hanako", INPUT_SUPPORT, 0x0011, CardPin::InputSupport)]
#[case("android", JPKI, 0x0018, Purpose::Authentication.into())]
fn the_deselection_closes_every_pin(
    #[case] person: &str,
    #[case] application: &[u8],
    #[case] file: u16,
    #[case] pin: CardPin,
) {
    let mut card = VirtualCard::new(person.parse().unwrap(), "modern".parse().unwrap()).unwrap();
    card.power_on();
    let secret = card.reference_data(pin).as_bytes().to_vec();
    let select = [&[0x00, 0xA4, 0x04, 0x0C, 0x0A], application].concat();
    let select_file = [&[0x00, 0xA4, 0x02, 0x0C, 0x02][..], &file.to_be_bytes()].concat();
    let verify = [&[0x00, 0x20, 0x00, 0x80, u8::try_from(secret.len()).unwrap()][..], &secret];
    for command in [select.clone(), select_file, verify.concat(), select] {
        assert_eq!(card.transmit(&command), [0x90, 0x00], "{command:02X?}");
    }
    assert!(card.is_verified(pin), "its own application leaves it open");
    for command in deselection() {
        card.transmit(command.bytes());
    }
    assert!(!card.is_verified(pin));
}

/// No flow, on no card, ever names what holds the 個人番号; the link checks every command (see `common`).
#[test]
fn the_number_is_never_named() {
    for person in ["hanako", "child", "android", "face-card", "resident-card", "other-country"] {
        for profile in ["modern", "plain"] {
            let mut card =
                VirtualCard::new(person.parse().unwrap(), profile.parse().unwrap()).unwrap();
            let mut link = Link::new(&mut card);
            for flow in common::every_flow() {
                flow(&mut link);
            }
            assert!(link.commands > 20, "{person} {profile}");
        }
    }
}
