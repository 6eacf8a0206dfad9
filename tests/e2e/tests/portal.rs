//! A person's own view, with their own card, PIN and device: after a visit it shows who looked.

use kaigotap::exchange::{ChallengeKey, DeviceKey, Entropy};
use kaigotap::flow::{Flow, Request};
use kaigotap::kaigo::{ConsentState, VerificationMethod};
use kaigotap::link::device_key::MemoryKey;
use kaigotap::link::run;
use kaigotap::message::{Code, Failure};
use kaigotap::pki::TrustAnchors;
use kaigotap::platform::ServerAddress;
use kaigotap::portal::{Portal, Viewed, own_view, withdraw_own_consent};
use kaigotap_e2e::{Scene, Told};
use kaigotap_kit::enrolment::jwk;
use kaigotap_kit::hand::{Hand, WithHand};
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, Person};

/// The platform, as a device with this key knows it, that trusts this one's challenge keys.
fn portal(world: &World, key: &MemoryKey, pinned: &World) -> Portal {
    let given = pinned.enrol(&jwk(MemoryKey::generate().unwrap().public_key())).unwrap();
    let keys = given.challenge_keys.iter().map(|key| {
        ChallengeKey::p256(key["x"].as_str().unwrap(), key["y"].as_str().unwrap()).unwrap()
    });
    let roots = world.roots();
    Portal::new(
        ServerAddress::parse(world.sandbox().url()).unwrap(),
        world.sandbox().issuer(),
        keys.collect::<Vec<_>>(),
        DeviceKey::new("own", key.public_key()),
        TrustAnchors::test(roots.iter().map(Vec::as_slice), []).unwrap(),
        Entropy::new(&[7; 32]),
    )
    .unwrap()
}

/// A person with their own card and device.
fn person(world: &World, person: Person) -> Scene<'_> {
    Scene::of(world, person, Behaviour::modern())
}

fn converse<T>(
    scene: &mut Scene<'_>,
    flow: Flow<Result<T, Failure>>,
    hand: impl FnMut(usize, &Request) -> Hand,
) -> Result<T, Code> {
    run(flow, &mut WithHand::new(scene, hand)).unwrap().map_err(|failure| failure.code())
}

#[test]
fn after_a_visit_the_person_sees_who_looked_and_withdraws() {
    let world = World::start().unwrap();
    let mut visit = Scene::new(&world, Behaviour::modern());
    assert!(matches!(visit.play(|_, _| Hand::Off), Told::Verified(_)));

    let mut hanako = person(&world, Person::hanako());
    let own = own_view(portal(&world, &hanako.key, &world));
    let view = converse(&mut hanako, own, |_, _| Hand::Off).unwrap();
    assert_eq!(view.entitlement.insured_number, "0001234567");
    assert!(!view.progress.is_empty() && view.consent.state == ConsentState::Given);
    let [access] = view.accesses.as_slice() else { panic!("{}", view.accesses.len()) };
    assert_eq!(
        (&access.what, &access.method),
        (&Viewed::Qualification, &VerificationMethod::CardPin)
    );
    assert!(!access.disaster && !view.older && !access.facility_name.is_empty());
    assert_eq!(format!("{view:?}"), "OwnView(..)");

    // Somebody else's card shows what is theirs.
    let mut taro = person(&world, Person::taro());
    let own = own_view(portal(&world, &taro.key, &world));
    let others = converse(&mut taro, own, |_, _| Hand::Off).unwrap();
    assert_ne!(others.entitlement.insured_number, view.entitlement.insured_number);
    assert!(others.accesses.is_empty());

    let mut hanako = person(&world, Person::hanako());
    let withdraws = withdraw_own_consent(portal(&world, &hanako.key, &world));
    let consent = converse(&mut hanako, withdraws, |_, _| Hand::Off).unwrap();
    assert_eq!(consent.state, ConsentState::Withdrawn);
    let mut visit = Scene::new(&world, Behaviour::modern());
    assert_eq!(visit.play(|_, _| Hand::Off).code(), Some(Code::ConsentRequired));
}

/// The challenge of a server whose keys are not pinned: the card is never touched.
#[test]
fn a_rogue_server_gets_no_signature() {
    let (world, rogue) = (World::start().unwrap(), World::start().unwrap());
    let mut hanako = person(&world, Person::hanako());
    let own = own_view(portal(&rogue, &hanako.key, &world));
    let mut touched = false;
    let told = converse(&mut hanako, own, |_, request| {
        touched |= matches!(request, Request::Connect(_));
        Hand::Off
    });
    assert_eq!((told.err(), touched), (Some(Code::ChallengeUntrusted), false));
}

/// Who does not know their PIN is told so, and the try is one of theirs.
#[test]
fn a_wrong_pin_opens_nothing() {
    let world = World::start().unwrap();
    let mut hanako = person(&world, Person::hanako());
    hanako.holder.types = vec!["9999"];
    let before = hanako.tries();
    let own = own_view(portal(&world, &hanako.key, &world));
    assert!(converse(&mut hanako, own, |_, _| Hand::Off).is_err());
    assert_eq!(hanako.tries(), before - 1);
}
