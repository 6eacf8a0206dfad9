//! A way that fails and the next one in the same conversation, against a sandbox; and what is left when none is.

use jiff::SignedDuration;
use kaigotap::exchange::{Basis, RegistrationHandle};
use kaigotap::flow::{
    Attribute, AttributeFault, Attributes, Faulty, HttpError, Prompt, Reply, Request, Way, Ways,
};
use kaigotap::kaigo::{ChosenPerson, Sex};
use kaigotap::message::{Code, Note};
use kaigotap::visit::{Outcome, Plan, Registered};
use kaigotap_e2e::{Scene, Told};
use kaigotap_kit::hand::Hand;
use kaigotap_sandbox::world::World;
use kaigotap_sandbox::{Disaster, FACILITY_ID};
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};
use rstest::rstest;

/// What stands on this person's paper certificate, typed as people type.
fn typed(world: &World, person: &Person) -> Attributes {
    let number = world.insured_number(person).expect("an insured person");
    let own = |text: &str| text.to_owned().into();
    Attributes {
        insurer_number: own("９９００１０"),
        insured_number: own(&number),
        name_kana: own(person.name_kana),
        birth_date: own(&person.birth_date.to_string()),
        sex: own("女性"),
    }
}

/// Everything that was asked of people, in order.
fn play(scene: &mut Scene<'_>, plan: impl FnOnce(Plan) -> Plan) -> (Told, Vec<Prompt>) {
    let mut asked = Vec::new();
    let told = scene.play_for(plan, |_, request| {
        if let Request::Ask(prompt) = request {
            asked.push(prompt.clone());
        }
        Hand::Off
    });
    (told, asked)
}

fn verified(told: Told) -> Outcome {
    match told {
        Told::Verified(outcome) => *outcome,
        other => panic!("{other:?}"),
    }
}

fn all(plan: Plan) -> Plan {
    plan.offering(Way::ALL)
}

/// What was offered after which failure.
fn offered(asked: &[Prompt]) -> Vec<(Code, Vec<Way>)> {
    let choice = |prompt: &Prompt| match prompt {
        Prompt::ChooseWay { after, ways } => Some((after.code(), ways.iter().collect())),
        _ => None,
    };
    asked.iter().filter_map(choice).collect()
}

#[rstest]
#[case::locked(Person::blocked(), Code::PinBlocked)]
#[case::face_authentication(Person::face_card(), Code::PinBlocked)]
fn a_card_without_a_usable_pin_leads_to_the_paper_certificate(
    #[case] person: Person,
    #[case] code: Code,
) {
    let world = World::start().unwrap();
    let mut scene = Scene::of(&world, person.clone(), Behaviour::modern());
    scene.chooses = vec![Way::FourAttributes];
    scene.types = vec![typed(&world, &person)];
    let chosen = ChosenPerson::new(person.name_kana, None, Some(Sex::Female)).unwrap();
    let (told, asked) = play(&mut scene, |plan| all(plan).with_person(chosen));
    let [(after, ways)] = offered(&asked).try_into().unwrap();
    assert!(after == code || after == Code::PinUnusable, "{after}");
    assert_eq!(ways, [Way::FaceCheck, Way::FourAttributes]);
    let outcome = verified(told);
    assert_eq!((outcome.way(), outcome.certificate.is_none()), (Way::FourAttributes, true));
    assert_eq!(outcome.face.unwrap().basis, Basis::Certificate);
    assert!(outcome.confirmation.registration.is_some() && outcome.confirmation.evidence.is_none());
    // The face was looked at once, and the PIN was not tried.
    assert_eq!(asked.iter().filter(|prompt| **prompt == Prompt::ConfirmFace).count(), 1);
    assert!(!asked.iter().any(|prompt| matches!(prompt, Prompt::EnterPin { .. })), "{asked:?}");
    world.stop();
}

#[test]
fn a_certificate_that_is_no_longer_good_leads_to_the_paper_certificate() {
    let world = World::start().unwrap();
    let person = Person::expired();
    let mut scene = Scene::of(&world, person.clone(), Behaviour::modern());
    scene.chooses = vec![Way::FourAttributes];
    scene.types = vec![typed(&world, &person)];
    let (told, asked) = play(&mut scene, all);
    let ways = vec![Way::FaceCheck, Way::FourAttributes];
    assert_eq!(offered(&asked), [(Code::CertificateExpired, ways)]);
    assert_eq!(verified(told).way(), Way::FourAttributes);
    world.stop();
}

/// What was typed badly is asked for again with what is wrong, and the date of birth is read back.
#[test]
fn what_is_typed_badly_is_asked_for_again() {
    let world = World::start().unwrap();
    let person = Person::hanako();
    let right = typed(&world, &person);
    let with = |change: fn(&mut Attributes)| {
        let mut typed = right.clone();
        change(&mut typed);
        typed
    };
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.types = vec![
        with(|typed| *typed.insured_number = "123".to_owned()),
        with(|typed| *typed.birth_date = "16/05/03".to_owned()),
        with(|typed| *typed.birth_date = "昭和１６年５月３日".to_owned()),
    ];
    let by_paper = |plan: Plan| plan.beginning_with(Way::FourAttributes).unwrap();
    let (told, asked) = play(&mut scene, by_paper);
    assert_eq!(verified(told).entitlement.person.name_kana, "カイゴ　ハナコ");
    let faults: Vec<_> = asked
        .iter()
        .filter_map(|prompt| match prompt {
            Prompt::EnterAttributes { way: Way::FourAttributes, fault, .. } => Some(*fault),
            _ => None,
        })
        .collect();
    let fault = |attribute, faulty| Some(AttributeFault { attribute, faulty });
    assert_eq!(
        faults,
        [
            None,
            fault(Attribute::InsuredNumber, Faulty::Length),
            fault(Attribute::BirthDate, Faulty::Ambiguous)
        ]
    );
    let Some(Prompt::ConfirmBirthDate { birth_date, age }) = asked.last() else {
        panic!("{asked:?}")
    };
    assert_eq!((birth_date.japanese().as_str(), age.is_some()), ("昭和16年5月3日", true));
    world.stop();
}

/// Numbers of somebody, and the name of somebody else: which is wrong is not told, and typing again is offered.
#[test]
fn a_typing_error_is_put_right_in_the_same_conversation() {
    let world = World::start().unwrap();
    let right = typed(&world, &Person::hanako());
    let mut wrong = right.clone();
    *wrong.name_kana = "カイゴ　ハルコ".to_owned();
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.types = vec![wrong, right];
    scene.chooses = vec![Way::FourAttributes];
    let (told, asked) =
        play(&mut scene, |plan| all(plan).beginning_with(Way::FourAttributes).unwrap());
    let offered = offered(&asked);
    assert_eq!(offered[0].0, Code::PersonNotFound);
    assert_eq!(offered[0].1.first(), Some(&Way::FourAttributes));
    assert_eq!(verified(told).way(), Way::FourAttributes);
    world.stop();
}

/// From the second visit on the same handle and name open what they open, and no more.
#[test]
fn somebody_known_is_seen_again_by_tap_or_without_a_card() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    let first = verified(scene.play(|_, _| Hand::Off));
    let birth = "1941-05-03".parse().unwrap();
    let person = ChosenPerson::new("カイゴ　ハナコ", Some(birth), Some(Sex::Female)).unwrap();
    let known = Registered::new(person, first.confirmation.subject).unwrap();
    let handle = first.confirmation.registration.unwrap();
    let handle = || RegistrationHandle::parse(handle.secret()).unwrap();

    // Her PIN is locked by now: the tap needs none.
    let locked = Behaviour::modern().tries_left(Purpose::Authentication, 0);
    scene.holder.card = VirtualCard::new(Person::hanako(), locked).unwrap();
    scene.chooses = vec![Way::CardTap];
    let tap = known.clone();
    let (told, asked) =
        play(&mut scene, |plan| all(plan).with_tap(tap).beginning_with(Way::CardPin).unwrap());
    let ways = vec![Way::CardTap, Way::FaceCheck, Way::FourAttributes];
    assert_eq!(offered(&asked), [(Code::PinBlocked, ways)]);
    assert_eq!(verified(told).way(), Way::CardTap);
    assert_eq!(asked.iter().filter(|prompt| **prompt == Prompt::ConfirmFace).count(), 1);

    // Without a card.
    let (told, asked) = play(&mut scene, |plan| {
        plan.with_tap(known).with_registration(handle()).beginning_with(Way::Registered).unwrap()
    });
    let outcome = verified(told);
    assert_eq!((outcome.way(), outcome.face, asked.len()), (Way::Registered, None, 0));

    // Over, and what comes next.
    let subject = outcome.confirmation.subject;
    world.wait(world.sandbox().end_registration(FACILITY_ID, subject.as_str())).unwrap();
    scene.chooses = Vec::new();
    let (told, asked) = play(&mut scene, |plan| {
        all(plan).with_registration(handle()).beginning_with(Way::Registered).unwrap()
    });
    assert_eq!(told.code(), Some(Code::RegistrationExpired));
    let ways = vec![Way::CardPin, Way::FourAttributes];
    assert_eq!(offered(&asked), [(Code::RegistrationExpired, ways)]);
    world.stop();
}

#[test]
fn in_a_disaster_the_name_is_enough_and_without_one_it_is_not() {
    let world = World::start().unwrap();
    let mut less = typed(&world, &Person::hanako());
    less.insurer_number.clear();
    less.insured_number.clear();
    let mut scene = Scene::new(&world, Behaviour::modern());
    let disaster = |plan: Plan| all(plan).in_disaster().beginning_with(Way::Disaster).unwrap();
    scene.types = vec![less.clone()];
    let (told, asked) = play(&mut scene, disaster);
    assert_eq!(told.code(), Some(Code::DisasterNotActive));
    assert_eq!(offered(&asked)[0].1, [Way::CardPin, Way::FourAttributes]);

    let from = jiff::Timestamp::now() - SignedDuration::from_mins(1);
    let declared = Disaster {
        facilities: vec![FACILITY_ID.to_owned()],
        from,
        until: from + SignedDuration::from_hours(48),
        declared_by: ["nurse-02", "admin-01"].map(str::to_owned),
    };
    world.wait(world.sandbox().declare_disaster(&declared)).unwrap();
    scene.types = vec![less];
    let outcome = verified(play(&mut scene, disaster).0);
    assert_eq!(outcome.way(), Way::Disaster);
    assert!(outcome.confirmation.registration.is_none());
    world.stop();
}

/// No network, another face, another's card: no way helps, nothing is offered, and paper is left.
#[test]
fn where_no_way_helps_the_failure_is_told_with_what_to_note() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    let mut asked = 0;
    let told = scene.play_for(all, |_, request| match request {
        Request::Send(_) => Hand::Instead(Reply::Send(Err(HttpError::Unreachable))),
        Request::Ask(Prompt::ChooseWay { .. }) => {
            asked += 1;
            Hand::Off
        }
        _ => Hand::Off,
    });
    let Told::Failed(failure) = told else { panic!("{told:?}") };
    assert_eq!((failure.code(), asked), (Code::ServerUnreachable, 0));
    assert!(failure.to_note().contains(&Note::Numbers));

    scene.face = kaigotap::flow::FaceCheck::NoMatch;
    let (told, asked) = play(&mut scene, all);
    assert_eq!((told.code(), asked.len()), (Some(Code::FaceDiffers), 1));

    let mut scene = Scene::of(&world, Person::taro(), Behaviour::modern());
    let hanako = ChosenPerson::new("カイゴ　ハナコ", None, None).unwrap();
    let (told, asked) = play(&mut scene, |plan| all(plan).with_person(hanako));
    let Told::Failed(failure) = told else { panic!("{told:?}") };
    assert_eq!((failure.code(), offered(&asked).len()), (Code::AnotherPerson, 0));
    assert!(!failure.to_note().contains(&Note::Name));
    world.stop();
}

/// Who does not choose ends with what was told, and a plan that offers nothing is not asked.
#[rstest]
#[case(true, 1)]
#[case(false, 0)]
fn stopping_there_ends_with_the_failure(#[case] offers: bool, #[case] choices: usize) {
    let world = World::start().unwrap();
    let mut scene = Scene::of(&world, Person::blocked(), Behaviour::modern());
    let (told, asked) = play(&mut scene, |plan| if offers { all(plan) } else { plan });
    assert_eq!(told.code(), Some(Code::PinBlocked));
    assert_eq!(offered(&asked).len(), choices);
    world.stop();
}

#[test]
fn no_plan_begins_with_what_is_not_lawful() {
    for way in [Way::CardTap, Way::Registered, Way::Disaster] {
        let plan = Plan::new([kaigotap::exchange::Use::View]).unwrap();
        assert_eq!(plan.beginning_with(way).unwrap_err().code(), Code::SetupInvalid);
    }
    assert!(Ways::NONE.is_empty());
}
