//! The face check: the photo in the chip beside the printed one and the person, without a PIN, against a sandbox.

use kaigotap::exchange::{Basis, Use};
use kaigotap::flow::{
    Attributes, FaceCheck, Faulty, PrintedFault, PrintedField, PrintedFields, Prompt, Request, Way,
    WhyPin,
};
use kaigotap::message::Code;
use kaigotap::pki::card_certificate::Presence;
use kaigotap::visit::Plan;
use kaigotap_e2e::{Scene, Told};
use kaigotap_kit::hand::Hand;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, Person, PinKind, VirtualCard};
use rstest::rstest;

/// What is printed on this card, as a nurse types it: of full width.
fn printed(card: &VirtualCard) -> PrintedFields {
    let number = card.reference_data(PinKind::FaceB).to_owned();
    let wide = |part: &str| {
        let wide = part.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xFEE0));
        wide.collect::<String>().into()
    };
    PrintedFields {
        birth_date: wide(&number[..6]),
        expiry_year: wide(&number[6..10]),
        security_code: wide(&number[10..]),
    }
}

/// Everything that people were asked, in order; and how often a PIN of the holder was presented is not to be seen here.
fn play(scene: &mut Scene<'_>, plan: impl FnOnce(Plan) -> Plan) -> (Told, Vec<Prompt>) {
    let number_b = scene.holder.card.reference_data(PinKind::FaceB).to_owned();
    scene.holder.types.clear();
    let mut asked = Vec::new();
    let told = scene.play_for(plan, |_, request| {
        match request {
            Request::Ask(prompt) => asked.push(prompt.clone()),
            // What is printed on the card leaves the device as little as a PIN does.
            Request::Send(sent) => {
                let body = String::from_utf8_lossy(&sent.body);
                assert!(!body.contains(&number_b));
            }
            _ => {}
        }
        Hand::Off
    });
    (told, asked)
}

fn by_face(plan: Plan) -> Plan {
    plan.beginning_with(Way::FaceCheck).unwrap().offering(Way::ALL)
}

/// What the nurse completes from the paper certificate: what the chip knows stands there already.
fn completed(world: &World, person: &Person) -> Attributes {
    let mut typed = Attributes::default();
    typed.insurer_number.push_str("990010");
    typed.insured_number.push_str(&world.insured_number(person).unwrap());
    typed.name_kana.push_str(person.name_kana);
    typed.birth_date.push_str(&person.birth_date.to_string());
    typed.sex.push_str("female");
    typed
}

/// No PIN, a certificate that is over, a card without any PIN: the photo is seen all the same.
#[rstest]
#[case::good(Person::hanako())]
#[case::locked(Person::blocked())]
#[case::expired(Person::expired())]
#[case::face_authentication(Person::face_card())]
fn the_chips_photo_needs_no_pin_and_no_certificate(#[case] person: Person) {
    let world = World::start().unwrap();
    let mut scene = Scene::of(&world, person.clone(), Behaviour::modern());
    scene.reads = vec![printed(&scene.holder.card)];
    scene.types = vec![completed(&world, &person)];
    let before = scene.tries();
    let (told, asked) = play(&mut scene, by_face);
    let Told::Verified(outcome) = told else { panic!("{told:?}") };
    // Nothing is said of a certificate, and what was compared with is told.
    assert_eq!((outcome.way(), outcome.certificate.is_none()), (Way::FaceCheck, true));
    assert_eq!(outcome.face.unwrap().basis, Basis::ChipPhoto);
    assert!(matches!(outcome.genuineness.as_ref().unwrap().present, Presence::Live { .. }));
    assert!(outcome.confirmation.evidence.is_none());
    assert!(!outcome.confirmation.opens.contains(&Use::CarePlanNotice));
    assert_eq!((outcome.birthday_fits, scene.tries()), (None, before));

    let [Prompt::ConfirmFace, read, photo, enter, Prompt::ConfirmBirthDate { .. }] = &asked[..]
    else {
        panic!("{asked:?}")
    };
    let Prompt::EnterPrinted { tries_left: Some(_), why: WhyPin::First, fault: None } = read else {
        panic!("{read:?}")
    };
    let Prompt::ConfirmPhoto { photo } = photo else { panic!("{photo:?}") };
    assert!(photo.jp2().starts_with(b"\0\0\0\x0CjP  "));
    let Prompt::EnterAttributes { way: Way::FaceCheck, fault: None, prefilled } = enter else {
        panic!("{enter:?}")
    };
    assert_eq!(*prefilled.birth_date, person.birth_date.to_string());
    assert_eq!(prefilled.sex.as_str(), "female");
    assert!(prefilled.name_kana.is_empty() && prefilled.insured_number.is_empty());

    let audit = world.wait(world.sandbox().audit().after(0)).unwrap();
    assert!(audit.iter().any(|record| record.note == "face match chip_photo"));
    world.stop();
}

/// What cannot stand on a card costs no try and is asked for again by its name; what the card refuses costs one, and the
/// tries are told.
#[test]
fn the_number_is_asked_for_again_with_what_is_wrong() {
    let world = World::start().unwrap();
    let person = Person::hanako();
    let mut scene = Scene::of(&world, person.clone(), Behaviour::modern());
    let right = printed(&scene.holder.card);
    let with = |change: fn(&mut PrintedFields)| {
        let mut printed = right.clone();
        change(&mut printed);
        printed
    };
    scene.reads = vec![
        with(|printed| *printed.birth_date = "19410503".to_owned()),
        with(|printed| *printed.security_code = "O503".to_owned()),
        with(|printed| *printed.security_code = "9999".to_owned()),
        right.clone(),
    ];
    scene.types = vec![completed(&world, &person)];
    let (told, asked) = play(&mut scene, by_face);
    assert!(matches!(told, Told::Verified(_)), "{told:?}");
    let asked: Vec<_> = asked
        .iter()
        .filter_map(|prompt| match prompt {
            Prompt::EnterPrinted { tries_left, why, fault } => {
                Some((tries_left.unwrap(), *why, *fault))
            }
            _ => None,
        })
        .collect();
    let full = asked[0].0;
    let fault = |field, faulty| Some(PrintedFault { field, faulty });
    assert_eq!(
        asked,
        [
            (full, WhyPin::First, None),
            (full, WhyPin::Malformed, fault(PrintedField::BirthDate, Faulty::Length)),
            (full, WhyPin::Malformed, fault(PrintedField::SecurityCode, Faulty::Characters)),
            (full - 1, WhyPin::Wrong, None),
        ]
    );
    world.stop();
}

/// Another face in the chip: nothing follows, and nothing was sent.
#[test]
fn another_face_ends_it() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.reads = vec![printed(&scene.holder.card)];
    scene.photo = FaceCheck::NoMatch;
    let before = kaigotap_e2e::Books::of(&world);
    let (told, asked) = play(&mut scene, by_face);
    assert_eq!(told.code(), Some(Code::FaceDiffers));
    assert!(matches!(asked.last(), Some(Prompt::ConfirmPhoto { .. })), "{asked:?}");
    let since = kaigotap_e2e::Books::of(&world).since(before);
    assert_eq!((since.challenges, since.tokens), (0, 0));
    world.stop();
}

/// A record that nobody signed is no photo to compare with: what is left needs no card.
#[test]
fn a_forged_record_is_not_shown() {
    let world = World::start().unwrap();
    let mut scene = Scene::of(&world, Person::foreign_issuer(), Behaviour::modern());
    scene.reads = vec![printed(&scene.holder.card)];
    let (told, asked) = play(&mut scene, by_face);
    assert_eq!(told.code(), Some(Code::CardNotGenuine));
    assert!(!asked.iter().any(|prompt| matches!(prompt, Prompt::ConfirmPhoto { .. })));
    let Some(Prompt::ChooseWay { ways, .. }) = asked.last() else { panic!("{asked:?}") };
    assert!(ways.iter().eq([Way::FourAttributes]), "{ways:?}");
    world.stop();
}

/// The holder does not know the PIN: the photo comes before paper alone.
#[test]
fn a_lost_pin_leads_to_it() {
    let world = World::start().unwrap();
    let person = Person::hanako();
    let mut scene = Scene::of(&world, person.clone(), Behaviour::modern());
    scene.reads = vec![printed(&scene.holder.card)];
    scene.types = vec![completed(&world, &person)];
    scene.chooses = vec![Way::FaceCheck];
    let (told, asked) = play(&mut scene, |plan| plan.offering(Way::ALL));
    let Told::Verified(outcome) = told else { panic!("{told:?}") };
    assert_eq!(outcome.way(), Way::FaceCheck);
    let offered = asked.iter().find_map(|prompt| match prompt {
        Prompt::ChooseWay { after, ways } => Some((after.code(), ways.first())),
        _ => None,
    });
    assert_eq!(offered, Some((Code::Cancelled, Some(Way::FaceCheck))));
    // The nurse looked once before the cards, and once more at the photo of the chip.
    assert_eq!(asked.iter().filter(|prompt| **prompt == Prompt::ConfirmFace).count(), 1);
    world.stop();
}
