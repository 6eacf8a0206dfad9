//! The whole visit is cut at every turn, in every way. Afterwards the card's counter, the server's challenges and what
//! the caller was told have to agree.

use kaigotap::flow::{Connected, HttpError, Kind, LinkError, Reply, Request};
use kaigotap::message::Code;
use kaigotap_e2e::{Books, Scene, Told};
use kaigotap_kit::hand::Hand;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};
use rstest::rstest;

/// The ways to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The card is pulled before it acts, and does not come back.
    PulledBefore,
    /// The card is pulled after it acted, before its answer arrives, and does not come back.
    PulledAfter,
    /// The card is pulled before it acts, and is held to the reader again.
    SlippedBefore,
    /// The card is pulled after it acted, and is held to the reader again.
    SlippedAfter,
    /// The server cannot be reached from here on.
    ServerGone,
    /// The server acts, but its answer is lost; then it can be reached again.
    AnswerLost,
    /// The server acts, but its answer is lost, and then it is gone.
    AnswerLostForGood,
    /// The caller stops.
    CallerStops,
}

const CUTS: [Cut; 8] = [
    Cut::PulledBefore,
    Cut::PulledAfter,
    Cut::SlippedBefore,
    Cut::SlippedAfter,
    Cut::ServerGone,
    Cut::AnswerLost,
    Cut::AnswerLostForGood,
    Cut::CallerStops,
];

/// The requests of an undisturbed visit.
fn script(world: &World, profile: &Behaviour) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let told = Scene::new(world, profile.clone()).play(|_, request| {
        kinds.push(request.kind());
        Hand::Off
    });
    assert!(matches!(told, Told::Verified(_)), "{told:?}");
    kinds
}

fn card(profile: &Behaviour) -> VirtualCard {
    VirtualCard::new(Person::hanako(), profile.clone()).unwrap()
}

fn hand(cut: Cut, at: usize) -> impl FnMut(usize, &Request) -> Hand {
    move |index, request| {
        let lost = || match request.kind() {
            Kind::Connect => Reply::Connect(Err(LinkError::NoCard)),
            _ => Reply::Transmit(Err(LinkError::Lost)),
        };
        let after = index > at;
        match (cut, request.kind()) {
            (Cut::CallerStops, _) if index == at => Hand::Stop,
            (Cut::PulledBefore | Cut::SlippedBefore, Kind::Transmit | Kind::Connect)
                if index == at =>
            {
                Hand::Instead(lost())
            }
            (Cut::PulledAfter | Cut::SlippedAfter, Kind::Transmit | Kind::Connect)
                if index == at =>
            {
                Hand::After(lost())
            }
            (Cut::PulledBefore | Cut::PulledAfter, Kind::Transmit | Kind::Connect) if after => {
                Hand::Instead(lost())
            }
            (Cut::ServerGone, Kind::Send) if index >= at => {
                Hand::Instead(Reply::Send(Err(HttpError::Unreachable)))
            }
            (Cut::AnswerLost | Cut::AnswerLostForGood, Kind::Send) if index == at => {
                Hand::After(Reply::Send(Err(HttpError::NoAnswer)))
            }
            (Cut::AnswerLostForGood, Kind::Send) if after => {
                Hand::Instead(Reply::Send(Err(HttpError::Unreachable)))
            }
            _ => Hand::Off,
        }
    }
}

#[rstest]
#[case::modern(Behaviour::modern())]
#[case::plain(Behaviour::plain())]
fn cut_at_every_turn(#[case] profile: Behaviour) {
    let world = World::start().unwrap();
    let script = script(&world, &profile);
    // SELECT … VERIFY, signature, deselect: the same conversation that the budget counts, and the counter once more after
    // the holder has typed with the card on the reader.
    let transmits = script.iter().filter(|kind| **kind == Kind::Transmit).count();
    assert_eq!(transmits, if profile == Behaviour::modern() { 8 } else { 16 });

    let fresh = card(&profile);
    let mut seen = [0_usize; 3];
    for cut in CUTS {
        for (at, kind) in script.iter().enumerate() {
            let before = Books::of(&world);
            let mut scene = Scene::with(&world, fresh.clone());
            scene.holder.comes_back = !matches!(cut, Cut::PulledBefore | Cut::PulledAfter);
            // Asked twice, the holder types the right PIN twice.
            scene.holder.types = vec!["1234", "1234"];
            let told = scene.play(hand(cut, at));
            let books = Books::of(&world).since(before);
            let context = format!("{cut:?} at {at} ({kind:?}): {told:?}, {books:?}");

            // The right PIN was presented or none was: the counter is full, and nothing is left open on the card.
            assert_eq!(scene.tries(), 3, "{context}");
            assert!(!scene.holder.card.is_verified(Purpose::Authentication), "{context}");
            // Nothing is verified by more than one challenge, and no token comes without one.
            assert!(books.used as u64 == books.tokens && books.tokens <= 1, "{context}");
            match &told {
                Told::Verified(_) => {
                    seen[0] += 1;
                    assert_eq!(books.tokens, 1, "{context}");
                }
                Told::Failed(failure) => {
                    seen[1] += 1;
                    let code = failure.code();
                    let expected: &[Code] = match cut {
                        Cut::PulledBefore | Cut::PulledAfter => {
                            &[Code::NoCard, Code::CardRemoved, Code::CardRemovedDuringPin]
                        }
                        Cut::SlippedBefore | Cut::SlippedAfter => &[Code::NoCard],
                        Cut::ServerGone => &[Code::ServerUnreachable],
                        Cut::AnswerLost => &[Code::ServerNoAnswer],
                        Cut::AnswerLostForGood => &[Code::ServerUnreachable, Code::ServerNoAnswer],
                        Cut::CallerStops => &[],
                    };
                    assert!(expected.contains(&code), "{context}");
                    // A token that nobody holds exists only where the server's last word was lost, and then the
                    // caller was told that the request may have arrived, or had the token already.
                    if books.tokens == 1 {
                        assert_eq!(
                            failure.kind(),
                            kaigotap::message::FailureKind::Server,
                            "{context}"
                        );
                    }
                }
                Told::Nothing => {
                    seen[2] += 1;
                    assert_eq!(cut, Cut::CallerStops, "{context}");
                }
            }
        }
    }
    assert!(seen.iter().all(|&count| count > 10), "every ending was seen: {seen:?}");
    world.stop();
}

/// At a wrong PIN the counter moves once, whenever the card is pulled and however often it comes back.
#[rstest]
#[case::modern(Behaviour::modern())]
#[case::plain(Behaviour::plain())]
fn a_wrong_pin_costs_one_try_wherever_the_card_is_pulled(#[case] profile: Behaviour) {
    let world = World::start().unwrap();
    let length = script(&world, &profile).len();
    let fresh = card(&profile);
    for cut in [Cut::SlippedBefore, Cut::SlippedAfter, Cut::PulledBefore, Cut::PulledAfter] {
        for at in 0..length {
            let mut scene = Scene::with(&world, fresh.clone());
            scene.holder.comes_back = !matches!(cut, Cut::PulledBefore | Cut::PulledAfter);
            scene.holder.types = vec!["9999"];
            let told = scene.play(hand(cut, at));
            let presented = scene.holder.card.meter().verify_attempts;
            let context = format!("{cut:?} at {at}: {told:?}");
            assert!(presented <= 1, "one PIN typed, presented {presented} times: {context}");
            assert_eq!(u64::from(3 - scene.tries()), presented, "{context}");
            let failure = match told {
                Told::Failed(failure) => failure,
                other => panic!("{other:?}"),
            };
            match failure.code() {
                Code::PinWrong => assert_eq!(failure.tries_left(), Some(2), "{context}"),
                // The answer was lost. Either the counter was read again, and is told; or nobody can know.
                Code::CardRemovedDuringPin => {
                    assert!(
                        failure.tries_left().is_none_or(|left| left == scene.tries()),
                        "{context}"
                    );
                }
                Code::CardRemoved | Code::NoCard => assert_eq!(presented, 0, "{context}"),
                other => panic!("{other}: {context}"),
            }
        }
    }
    world.stop();
}

/// A card that slips again and again is not asked for for ever.
#[test]
fn a_card_that_always_slips_is_given_up() {
    let world = World::start().unwrap();
    let mut connects = 0;
    let told = Scene::new(&world, Behaviour::modern()).play(|_, request| match request.kind() {
        Kind::Connect => {
            connects += 1;
            Hand::Instead(Reply::Connect(Ok(Connected::EXTENDED)))
        }
        Kind::Transmit => Hand::Instead(Reply::Transmit(Ok(vec![0x90]))),
        _ => Hand::Off,
    });
    assert_eq!((told.code(), connects), (Some(Code::CardRemoved), 4));
    world.stop();
}
