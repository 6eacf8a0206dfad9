//! The tap without a PIN, from the second visit on: one tap in which nobody types anything, and cards that are not whose
//! they should be.

use kaigotap::exchange::{Subject, Way};
use kaigotap::flow::{LinkError, Prompt, Reply, Request};
use kaigotap::kaigo::{ChosenPerson, Sex};
use kaigotap::message::Code;
use kaigotap::pki::card_certificate::Presence;
use kaigotap::visit::{Outcome, Registered};
use kaigotap_e2e::{Books, Scene, Told};
use kaigotap_kit::hand::Hand;
use kaigotap_sandbox::world::World;
use kaigotap_sandbox::{CertificatePurpose, Revocation, RevocationReason};
use kaigotap_virtual_card::{Behaviour, Person, PinKind, Purpose, VirtualCard};
use rstest::rstest;

/// As the care software knows them.
fn chosen(person: &Person) -> ChosenPerson {
    let birth = person.birth_date.to_string().parse().expect("a date");
    let sex = match person.sex {
        kaigotap_virtual_card::Sex::Male => Sex::Male,
        _ => Sex::Female,
    };
    ChosenPerson::new(person.name_kana, Some(birth), Some(sex)).expect("a person")
}

/// Visits somebody with card and PIN, and registers them.
fn registered(scene: &mut Scene<'_>) -> Registered {
    let person = scene.holder.card.person().clone();
    let outcome = verified(scene.play(|_, _| Hand::Off));
    assert_eq!((outcome.way(), outcome.genuineness.is_none()), (Way::CardPin, true));
    Registered::new(chosen(&person), outcome.confirmation.subject).expect("a registration")
}

fn verified(told: Told) -> Outcome {
    match told {
        Told::Verified(outcome) => *outcome,
        other => panic!("{other:?}"),
    }
}

fn card(person: Person, behaviour: Behaviour) -> VirtualCard {
    VirtualCard::new(person, behaviour).expect("test keys")
}

/// A scene of somebody who has visited with PIN, and lays down this card now.
fn second(world: &World, with: VirtualCard) -> (Scene<'_>, Registered) {
    let mut scene = Scene::new(world, Behaviour::modern());
    let person = registered(&mut scene);
    scene.holder.card = with;
    (scene, person)
}

fn tap(
    scene: &mut Scene<'_>,
    person: &Registered,
    hand: impl FnMut(usize, &Request) -> Hand,
) -> Told {
    scene.play_for(|plan| plan.with_tap(person.clone()), hand)
}

/// What a visit asked of the world, in words.
fn heard(request: &Request) -> Option<&'static str> {
    Some(match request {
        Request::Ask(Prompt::ConfirmFace) => "face",
        Request::Ask(_) => "a question",
        Request::Send(request) if request.url.ends_with("/v1/challenges") => "challenge",
        Request::Send(request) if request.url.ends_with("/v1/token") => "exchange",
        Request::Send(_) => "entitlement",
        Request::Connect(_) => "tap",
        Request::Disconnect => "let go",
        Request::Sign(_) => "device",
        _ => return None,
    })
}

#[rstest]
#[case(Behaviour::modern(), 10, 8)]
#[case(Behaviour::plain(), 23, 16)]
fn the_second_visit_takes_one_tap_and_nothing_typed(
    #[case] behaviour: Behaviour,
    #[case] commands: u64,
    #[case] with_pin: u64,
) {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, behaviour.clone());
    let person = registered(&mut scene);
    assert_eq!(scene.holder.card.meter().commands, with_pin);
    let before = Books::of(&world);
    let mut scene = Scene::new(&world, behaviour);
    let mut order = Vec::new();
    let outcome = verified(tap(&mut scene, &person, |_, request| {
        order.extend(heard(request));
        Hand::Off
    }));
    order.dedup();
    // The device signs its proofs before each call, and the evidence once the card was let go.
    let wanted = [
        "face",
        "device",
        "challenge",
        "tap",
        "let go",
        "device",
        "exchange",
        "device",
        "entitlement",
    ];
    let order: Vec<_> = order.into_iter().filter(|what| wanted.contains(what)).collect();
    let after_tap = order.iter().position(|what| *what == "let go").unwrap();
    assert_eq!(order[..2], ["face", "device"], "{order:?}");
    assert!(order[..after_tap].contains(&"challenge") && !order[..after_tap].contains(&"exchange"));
    assert_eq!(order.iter().filter(|what| **what == "tap").count(), 1, "{order:?}");
    assert_eq!(order[after_tap + 1], "device", "{order:?}");

    assert_eq!(outcome.way(), Way::CardTap);
    let genuineness = outcome.genuineness.as_ref().unwrap();
    assert!(matches!(genuineness.present, Presence::Live { .. }));
    assert_eq!(outcome.birthday_fits, Some(true));
    assert_eq!(scene.holder.card.meter().commands, commands);
    assert!(!scene.holder.card.is_verified(PinKind::BirthDate));
    assert_eq!(scene.tries(), 3);
    let books = Books::of(&world).since(before);
    assert_eq!((books.challenges, books.used, books.tokens), (1, 1, 1));
    world.stop();
}

#[test]
fn a_tap_is_planned_for_somebody_whose_birth_date_is_known() {
    let subject = || Subject::parse("S6BhdRkqt3aX0q7LcbnUVA").unwrap();
    for birth in [None, Some("1867-12-31")] {
        let birth = birth.map(|date| date.parse().unwrap());
        let person = ChosenPerson::new("カイゴ　ハナコ", birth, None).unwrap();
        let failure = Registered::new(person, subject()).unwrap_err();
        assert_eq!(failure.code(), Code::SetupInvalid);
    }
    for none in ["", "a b", "患者"] {
        assert_eq!(Subject::parse(none).unwrap_err().code(), Code::SetupInvalid);
    }
    let person = chosen(&Person::hanako());
    assert_eq!(format!("{:?}", Registered::new(person, subject()).unwrap()), "Registered(..)");
}

/// Somebody else's card: it does not open with the date of birth of the one who is expected. One try is gone, not two.
#[test]
fn anothers_card_is_noticed_before_anything_is_sent() {
    let world = World::start().unwrap();
    let (mut scene, person) = second(&world, card(Person::taro(), Behaviour::modern()));
    let before = Books::of(&world);
    let told = tap(&mut scene, &person, |_, _| Hand::Off);
    assert_eq!(told.code(), Some(Code::AnotherPerson), "{told:?}");
    let Told::Failed(failure) = told else { unreachable!() };
    let differs = failure.differences();
    assert!(differs.birth_date && !differs.name && !differs.sex);
    assert_eq!(scene.holder.card.tries_left(PinKind::BirthDate), 9);
    assert_eq!(Books::of(&world).since(before).used, 0);
    world.stop();
}

/// The last try is nobody's to spend who did not agree to it.
#[rstest]
#[case(1, Code::PinLastTry)]
#[case(0, Code::PinBlocked)]
fn a_key_that_is_nearly_locked_is_left_alone(#[case] left: u8, #[case] code: Code) {
    let world = World::start().unwrap();
    let behaviour = Behaviour::modern().tries_left(PinKind::BirthDate, left);
    let (mut scene, person) = second(&world, card(Person::hanako(), behaviour));
    let told = tap(&mut scene, &person, |_, _| Hand::Off);
    assert_eq!(told.code(), Some(code), "{told:?}");
    assert_eq!(scene.holder.card.tries_left(PinKind::BirthDate), left);
    world.stop();
}

/// SELECT of an application.
fn selects(command: &[u8], name: &[u8]) -> bool {
    command.starts_with(&[0x00, 0xA4, 0x04]) && command.get(5..).is_some_and(|data| data == name)
}

const JPKI: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";

/// Two cards behind one reader: the JPKI AP is one's, all else the other's.
fn mixed(scene: &mut Scene<'_>, person: &Registered, mut certificate: VirtualCard) -> Told {
    let mut of_other = false;
    tap(scene, person, |_, request| match request {
        Request::Transmit(command) => {
            let bytes = command.bytes();
            if bytes.starts_with(&[0x00, 0xA4, 0x04]) {
                of_other = selects(bytes, JPKI);
            }
            if of_other {
                let answer = certificate.transmit(bytes);
                return Hand::Instead(Reply::Transmit(Ok(answer)));
            }
            Hand::Off
        }
        _ => Hand::Off,
    })
}

#[test]
fn a_mixed_card_is_refused() {
    // A neighbour who was born on the same day.
    let mut twin = Person::taro();
    twin.birth_date = Person::hanako().birth_date;
    let world = World::start().unwrap();

    // Hanako's certificate, and the face of somebody who was born on another day.
    let (mut scene, hanako) = second(&world, card(Person::taro(), Behaviour::modern()));
    let told = mixed(&mut scene, &hanako, card(Person::hanako(), Behaviour::modern()));
    assert_eq!(told.code(), Some(Code::AnotherPerson), "{told:?}");

    // Another's certificate, and Hanako's face: the platform knows whose certificate it is.
    let before = Books::of(&world);
    let (mut scene, hanako) = second(&world, card(Person::hanako(), Behaviour::modern()));
    let told = mixed(&mut scene, &hanako, card(twin, Behaviour::modern()));
    let Told::Failed(failure) = told else { panic!("{told:?}") };
    assert_eq!((failure.code(), &*failure.detail()), (Code::Refused, "binding_mismatch"));
    assert_eq!(Books::of(&world).since(before).tokens, 1, "of the visit with PIN");
    world.stop();
}

/// A platform that knows somebody under another date of birth than their card does.
#[test]
fn the_birth_date_on_file_counts() {
    let mut known = Person::taro();
    known.birth_date = Person::hanako().birth_date;
    let world = World::start().unwrap();
    // Taro's certificate on a card whose face says another date: the one that the facility has on file, wrongly.
    let mut scene = Scene::of(&world, Person::taro(), Behaviour::modern());
    let outcome = verified(scene.play(|_, _| Hand::Off));
    let wrongly = ChosenPerson::new("カイゴ　タロウ", Some("1941-05-03".parse().unwrap()), None);
    let person = Registered::new(wrongly.unwrap(), outcome.confirmation.subject).unwrap();
    scene.holder.card = card(known, Behaviour::modern());
    let told = tap(&mut scene, &person, |_, _| Hand::Off);
    assert_eq!(told.code(), Some(Code::DobMismatch), "{told:?}");
    world.stop();
}

#[test]
fn a_card_that_was_revoked_since_is_refused() {
    let world = World::start().unwrap();
    let (mut scene, person) = second(&world, card(Person::hanako(), Behaviour::modern()));
    let serial = Person::hanako().serial(Purpose::Authentication).to_be_bytes();
    let lost = Revocation { reason: RevocationReason::KeyCompromise, invalid_since: None };
    let purpose = CertificatePurpose::Authentication;
    world.wait(world.sandbox().revoke_as(purpose, &serial, lost)).unwrap();
    let told = tap(&mut scene, &person, |_, _| Hand::Off);
    assert_eq!(told.code(), Some(Code::CertificateRevoked), "{told:?}");
    world.stop();
}

/// A forged card in Hanako's name does not get as far as the platform.
#[test]
fn a_forged_card_is_noticed_here() {
    let world = World::start().unwrap();
    let (mut scene, person) = second(&world, card(Person::foreign_issuer(), Behaviour::modern()));
    let told = tap(&mut scene, &person, |_, _| Hand::Off);
    assert_eq!(told.code(), Some(Code::CertificateUntrusted), "{told:?}");
    // Hers is the certificate, and only the face is forged.
    let told = mixed(&mut scene, &person, card(Person::hanako(), Behaviour::modern()));
    assert_eq!(told.code(), Some(Code::CardNotGenuine), "{told:?}");
    world.stop();
}

/// The tap is torn at every request to the card, before and after it acted, with a card that comes back.
#[rstest]
fn a_torn_tap_is_begun_anew_or_ended(
    #[values(false, true)] acts: bool,
    #[values(Behaviour::modern(), Behaviour::plain())] behaviour: Behaviour,
) {
    let world = World::start().unwrap();
    let whole = card(Person::hanako(), behaviour);
    let (mut scene, person) = second(&world, whole.clone());
    let mut commands = 0;
    verified(tap(&mut scene, &person, |_, request| {
        commands += usize::from(matches!(request, Request::Transmit(_)));
        Hand::Off
    }));
    for at in 0..commands {
        let before = Books::of(&world);
        scene.holder.card = whole.clone();
        let (mut seen, mut torn, mut verifies, mut taps) = (0, Vec::new(), 0, 0);
        let told = tap(&mut scene, &person, |_, request| match request {
            Request::Transmit(command) => {
                let bytes = command.bytes();
                verifies += usize::from(bytes[1] == 0x20 && bytes.len() > 5);
                seen += 1;
                if seen == at + 1 {
                    torn = bytes.to_vec();
                    let lost = Reply::Transmit(Err(LinkError::Lost));
                    return if acts { Hand::After(lost) } else { Hand::Instead(lost) };
                }
                Hand::Off
            }
            Request::Connect(_) => {
                taps += 1;
                Hand::Off
            }
            _ => Hand::Off,
        });
        let tokens = Books::of(&world).since(before).tokens;
        let last = at + 1 == commands;
        if torn[1] == 0x20 && torn.len() > 5 {
            // Nobody knows what the card made of it, and code does not try again.
            assert_eq!(told.code(), Some(Code::CardRemovedDuringPin), "{at}: {told:?}");
            assert_eq!((verifies, tokens), (1, 0));
        } else {
            assert!(matches!(told, Told::Verified(_)), "{at}: {told:?}");
            assert_eq!((tokens, taps), (1, if last { 1 } else { 2 }), "{at}");
        }
        assert_eq!(scene.holder.card.tries_left(PinKind::BirthDate), 10, "{at}");
    }
    world.stop();
}
