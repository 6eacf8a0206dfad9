//! Everything that can be wrong with a visit has its own code, and costs no try that nobody spent.

use jiff::SignedDuration;
use kaigotap::flow::{Answer, DeviceTime, FaceCheck, Kind, Prompt, Reply, Request, WhyPin};
use kaigotap::link;
use kaigotap::link::device_key::MemoryKey;
use kaigotap::message::{Code, Language, Retry};
use kaigotap_e2e::{Books, Scene, Told};
use kaigotap_kit::enrolment::Enrolment;
use kaigotap_kit::hand::Hand;
use kaigotap_sandbox::world::World;
use kaigotap_sandbox::{Broken, Call, Fault};
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard, usual_issue_date};
use rstest::rstest;
use std::time::Duration;

fn fails(told: &Told) -> Code {
    let Told::Failed(failure) = told else { panic!("{told:?}") };
    for language in [Language::English, Language::Japanese] {
        assert!(!failure.message(language).is_empty() && !failure.next_action(language).is_empty());
        assert!(!failure.message(language).contains("{tries}"));
    }
    failure.code()
}

/// Plays a visit and gives its code, the tries left and the PINs presented.
fn play(scene: &mut Scene<'_>) -> (Code, u8, u64) {
    let told = scene.play(|_, _| Hand::Off);
    (fails(&told), scene.tries(), scene.holder.card.meter().verify_attempts)
}

#[rstest]
#[case::too_short("123")]
#[case::too_long("12345")]
#[case::empty("")]
#[case::letters("12a4")]
#[case::full_width("１２３４５")]
#[case::space("12 4")]
fn a_malformed_pin_never_reaches_the_card(#[case] pin: &'static str) {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.holder.types = vec![pin];
    assert_eq!(play(&mut scene), (Code::PinMalformed, 3, 0));
    // It is asked for again, with the reason; then the right one goes through.
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.holder.types = vec![pin, "1234"];
    assert!(matches!(scene.play(|_, _| Hand::Off), Told::Verified(_)));
    // And not for ever.
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.holder.types = vec![pin; 20];
    assert_eq!((play(&mut scene), scene.holder.types.len()), ((Code::PinMalformed, 3, 0), 15));
    world.stop();
}

#[test]
fn a_wrong_pin_tells_the_tries_left_and_the_last_one_needs_consent() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.holder.types = vec!["0000"];
    let told = scene.play(|_, _| Hand::Off);
    assert!(matches!(&told, Told::Failed(failure) if failure.tries_left() == Some(2)), "{told:?}");
    assert_eq!((fails(&told), scene.tries()), (Code::PinWrong, 2));

    // A second wrong one leaves one try; without consent the third is not even asked for.
    scene.holder.types = vec!["0000", "0000", "0000"];
    let mut asked = Vec::new();
    let told = scene.play(|_, request| {
        if let Request::Ask(prompt) = request {
            asked.push(prompt.clone());
        }
        Hand::Off
    });
    assert_eq!((fails(&told), scene.tries(), scene.holder.types.len()), (Code::PinLastTry, 1, 2));
    assert!(matches!(asked.last(), Some(Prompt::LastTry { .. })), "{asked:?}");
    assert!(
        asked
            .iter()
            .any(|p| matches!(p, Prompt::EnterPin { tries_left: Some(2), why: WhyPin::First, .. })),
        "the tries are shown with the question: {asked:?}"
    );

    // With one try left nothing is asked without consent, and the card's counter stays.
    scene.holder.types = vec!["1234"];
    assert_eq!(play(&mut scene), (Code::PinLastTry, 1, 2));
    // With consent, the right one fills the counter again.
    scene.holder.consents = true;
    assert!(matches!(scene.play(|_, _| Hand::Off), Told::Verified(_)));
    assert_eq!(scene.tries(), 3);
    world.stop();
}

#[test]
fn the_last_wrong_pin_locks_and_a_locked_card_is_not_asked() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern().tries_left(Purpose::Authentication, 1));
    scene.holder.consents = true;
    scene.holder.types = vec!["0000", "1234"];
    assert_eq!(play(&mut scene), (Code::PinBlocked, 0, 1));
    assert_eq!(scene.holder.types, ["1234"], "a locked PIN is not asked for");
    for profile in ["locked", "locked+blocked-6983", "locked+query-blocked-63c0"] {
        let mut scene = Scene::new(&world, profile.parse().unwrap());
        assert_eq!(play(&mut scene), (Code::PinBlocked, 0, 0), "{profile}");
    }
    world.stop();
}

#[test]
fn consent_is_for_one_try() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern().tries_left(Purpose::Authentication, 1));
    scene.holder.consents = true;
    scene.holder.types = vec!["12", "0000"];
    let mut last_try_asked = 0;
    scene.play(|_, request| {
        last_try_asked += usize::from(request.kind() == Kind::LastTry);
        Hand::Off
    });
    assert_eq!((last_try_asked, scene.tries()), (1, 0));
    world.stop();
}

/// Whoever holds a phone or an old card out is told that this is what it is: no PIN, no waiting and no new certificate
/// would help.
#[rstest]
#[case(Person::android(), Code::PhoneNotTaken)]
#[case(Person::resident_card(), Code::OldResidentCard)]
fn a_phone_or_an_old_card_is_called_one(#[case] person: Person, #[case] expected: Code) {
    let world = World::start().unwrap();
    let mut scene = Scene::of(&world, person, Behaviour::modern());
    let told = scene.play(|_, _| Hand::Off);
    assert_eq!((fails(&told), scene.holder.card.meter().verify_attempts), (expected, 0));
    let Told::Failed(failure) = told else { panic!("{told:?}") };
    assert_eq!(failure.retry(), Retry::OtherWay);
    world.stop();
}

#[test]
fn no_face_no_card() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.face = FaceCheck::NoMatch;
    let before = Books::of(&world);
    assert_eq!(play(&mut scene).0, Code::FaceDiffers);
    let told = scene.play(|_, request| match request {
        Request::Ask(Prompt::ConfirmFace) => Hand::Instead(Reply::Ask(Answer::Cancelled)),
        _ => Hand::Off,
    });
    assert_eq!(fails(&told), Code::Cancelled);
    assert_eq!((scene.holder.card.meter().commands, Books::of(&world)), (0, before));
    world.stop();
}

#[rstest]
#[case::wrong_key(Fault::ChallengeWrongKey, Code::ChallengeUntrusted)]
#[case::expired(Fault::ChallengeExpired, Code::ChallengeExpired)]
#[case::other_facility(Fault::ChallengeOtherFacility, Code::ChallengeInvalid)]
#[case::other_purpose(Fault::ChallengeOtherPurpose, Code::ChallengeInvalid)]
#[case::fault(Fault::Reply(Call::Challenge, Broken::Status500), Code::ServerFailed)]
#[case::garbage(Fault::Reply(Call::Challenge, Broken::Garbage), Code::ServerAnswerInvalid)]
#[case::oversized(Fault::Reply(Call::Challenge, Broken::Oversized), Code::ServerAnswerInvalid)]
#[case::dropped(Fault::Reply(Call::Challenge, Broken::Dropped), Code::ServerNoAnswer)]
fn a_bad_challenge_and_the_card_is_not_touched(#[case] fault: Fault, #[case] code: Code) {
    let world = World::start().unwrap();
    world.sandbox().misbehave(fault, 1);
    let mut scene = Scene::new(&world, Behaviour::modern());
    assert_eq!(play(&mut scene), (code, 3, 0));
    assert_eq!(scene.holder.card.meter().commands, 0);
    world.stop();
}

#[rstest]
#[case::used(Fault::ChallengeAlreadyUsed, Code::ChallengeUsed)]
#[case::token_fault(Fault::Reply(Call::Token, Broken::Status500), Code::ServerFailed)]
#[case::token_garbage(Fault::Reply(Call::Token, Broken::Garbage), Code::ServerAnswerInvalid)]
#[case::view_garbage(Fault::Reply(Call::Entitlement, Broken::Garbage), Code::ServerAnswerInvalid)]
#[case::view_oversized(
    Fault::Reply(Call::Entitlement, Broken::Oversized),
    Code::ServerAnswerInvalid
)]
fn a_server_that_fails_after_the_card(#[case] fault: Fault, #[case] code: Code) {
    let world = World::start().unwrap();
    world.sandbox().misbehave(fault, 1);
    let mut scene = Scene::new(&world, Behaviour::modern());
    assert_eq!(play(&mut scene), (code, 3, 1));
    assert!(!scene.holder.card.is_verified(Purpose::Authentication));
    world.stop();
}

#[test]
fn an_answer_that_is_lost_twice_is_asked_for_again_and_is_the_same() {
    let world = World::start().unwrap();
    world.sandbox().misbehave(Fault::Reply(Call::Token, Broken::Dropped), 2);
    let before = Books::of(&world);
    let told = Scene::new(&world, Behaviour::modern()).play(|_, _| Hand::Off);
    assert!(matches!(told, Told::Verified(_)), "{told:?}");
    let books = Books::of(&world).since(before);
    assert_eq!((books.used, books.tokens), (1, 1));
    world.stop();
}

#[test]
fn a_server_that_is_down() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    scene.server = Some(format!("http://127.0.0.1:{port}"));
    assert_eq!(play(&mut scene), (Code::ServerUnreachable, 3, 0));
    assert_eq!(scene.holder.card.meter().commands, 0);
    world.stop();
}

/// With what is no address, or one beyond this machine without TLS, no visit can begin.
#[rstest]
fn a_server_that_is_none(
    #[values(
        "http://192.0.2.1:1",
        "ftp://127.0.0.1",
        "http://",
        "https://a/?b",
        "https://user@host",
        "https://a/b/?"
    )]
    server: &str,
) {
    let world = World::start().unwrap();
    let mut enrolment = Enrolment::of(&world, &MemoryKey::generate().unwrap());
    assert!(enrolment.environment().is_ok());
    enrolment.visit.server = server.to_owned();
    assert!(enrolment.environment().is_err());
    world.stop();
}

#[test]
fn a_pin_of_full_width_is_the_same() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.holder.types = vec!["１２３４"];
    assert!(matches!(scene.play(|_, _| Hand::Off), Told::Verified(_)));
    world.stop();
}

#[rstest]
#[case(SignedDuration::from_hours(24))]
#[case(SignedDuration::from_hours(-24))]
fn a_clock_that_is_off_by_a_day(#[case] ahead: SignedDuration) {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.clock = ahead;
    assert_eq!(play(&mut scene), (Code::ClockOff, 3, 0));
    assert_eq!(scene.holder.card.meter().commands, 0);
    world.stop();
}

#[test]
fn a_clock_that_is_off_by_a_little_does_not_matter() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.clock = SignedDuration::from_mins(-4);
    assert!(matches!(scene.play(|_, _| Hand::Off), Told::Verified(_)));
    world.stop();
}

/// The holder looks for the PIN for five minutes: the challenge has run out, and a new one is fetched unasked.
#[test]
fn a_slow_holder_gets_a_new_challenge() {
    let world = World::start().unwrap();
    let before = Books::of(&world);
    let mut scene = Scene::new(&world, Behaviour::modern());
    let mut asked = false;
    let told = scene.play(|_, request| {
        match request {
            Request::Ask(Prompt::EnterPin { .. }) => {
                world.sandbox().shift_clock(SignedDuration::from_mins(5));
                asked = true;
            }
            Request::Clock if asked => {
                let now = link::now();
                let later = Duration::from_mins(5);
                let now = DeviceTime::new(now.wall + later, now.monotonic + later);
                return Hand::Instead(Reply::Clock(now));
            }
            _ => {}
        }
        Hand::Off
    });
    assert!(matches!(told, Told::Verified(_)), "{told:?}");
    let books = Books::of(&world).since(before);
    assert_eq!((books.challenges, books.used, books.tokens), (2, 1, 1));
    world.stop();
}

#[test]
fn a_card_of_another_authority_is_refused_before_its_pin() {
    let world = World::start().unwrap();
    let mut scene = Scene::of(&world, Person::foreign_issuer(), Behaviour::modern());
    assert_eq!(play(&mut scene), (Code::CertificateUntrusted, 3, 0));
    assert_eq!(scene.holder.types.len(), 1, "the PIN was not asked for");
    world.stop();
}

#[rstest]
#[case::expired(Duration::from_hours(24 * 365 * 7), false, Code::CertificateExpired)]
#[case::not_begun(Duration::from_hours(24 * 500), true, Code::CertificateNotYetValid)]
fn a_certificate_out_of_its_time(#[case] by: Duration, #[case] later: bool, #[case] code: Code) {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    let issued = if later { usual_issue_date() + by } else { usual_issue_date() - by };
    scene.holder.card = VirtualCard::issued(Person::hanako(), Behaviour::modern(), issued).unwrap();
    assert_eq!(play(&mut scene), (code, 3, 0));
    world.stop();
}

#[test]
fn a_certificate_that_the_server_knows_to_be_revoked() {
    let world = World::start().unwrap();
    let serial = Person::hanako().serial(Purpose::Authentication).to_be_bytes();
    world.wait(world.sandbox().revoke(&serial[1..])).unwrap();
    let before = Books::of(&world);
    let mut scene = Scene::new(&world, Behaviour::modern());
    assert_eq!(play(&mut scene).0, Code::CertificateRevoked);
    assert_eq!(Books::of(&world).since(before).tokens, 0);
    world.stop();
}

/// Other cards, broken cards, hostile cards: an answer for everything, and never a PIN.
#[rstest]
#[case::another_card(vec![0x6A, 0x82], Code::NotMyNumberCard)]
#[case::no_such_instruction(vec![0x6D, 0x00], Code::NotMyNumberCard)]
#[case::yes_to_everything(vec![0x90, 0x00], Code::CertificateMissing)]
#[case::always_more(vec![0x61, 0x00], Code::CardAnswerInvalid)]
#[case::one_byte(vec![0x90], Code::CardRemoved)]
#[case::nothing(Vec::new(), Code::CardRemoved)]
fn a_card_that_is_none(#[case] answer: Vec<u8>, #[case] code: Code) {
    let world = World::start().unwrap();
    let mut presented = 0;
    let told = Scene::new(&world, Behaviour::modern()).play(|index, request| match request {
        Request::Transmit(command) => {
            assert!(index < 200, "a hostile card keeps us for ever");
            presented += usize::from(command.bytes()[1] == 0x20 && command.bytes().len() > 4);
            Hand::Instead(Reply::Transmit(Ok(answer.clone())))
        }
        _ => Hand::Off,
    });
    assert_eq!((fails(&told), presented), (code, 0));
    world.stop();
}

/// A card that lies about its certificate's length, or sends one byte at a time.
#[rstest]
#[case::four_gigabytes(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF])]
#[case::too_long(&[0x30, 0x82, 0xFF, 0xFF])]
#[case::no_certificate(&[0xFF, 0xFF, 0xFF, 0xFF])]
#[case::not_der(&[0x04, 0x02, 0x00, 0x00])]
#[case::endless(&[0x30, 0x80, 0x00, 0x00])]
fn a_certificate_of_no_length(#[case] start: &[u8]) {
    let world = World::start().unwrap();
    let told = Scene::new(&world, Behaviour::plain()).play(|index, request| match request {
        Request::Transmit(command) if command.bytes()[1] == 0xB0 => {
            assert!(index < 200);
            Hand::Instead(Reply::Transmit(Ok([start, &[0x90, 0x00]].concat())))
        }
        _ => Hand::Off,
    });
    assert!(matches!(fails(&told), Code::CardAnswerInvalid | Code::CertificateMissing), "{told:?}");
    world.stop();
}

#[test]
fn cards_and_readers_of_every_temper_are_read() {
    let world = World::start().unwrap();
    for profile in [
        "modern",
        "plain",
        "modern+t0",
        "plain+t0",
        "modern+first-command-6f00",
        "plain+extended",
        "plain+sfi-read",
        "modern+jpki-only",
        "plain+jpki-only+select-61xx",
        "plain+le00-6700",
        "modern+t0+waiting-6100",
        "plain+eof-empty",
    ] {
        let mut scene = Scene::new(&world, profile.parse().unwrap());
        let told = scene.play(|_, _| Hand::Off);
        assert!(matches!(told, Told::Verified(_)), "{profile}: {told:?}");
    }
    world.stop();
}
