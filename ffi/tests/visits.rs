//! Visits over the boundary: PIN first, and the person who was chosen.

mod common;

use common::{Outside, code, enrolled, visit};
use kaigotap_ffi::{
    ChosenPerson, Differences, Failure, Language, Occasion, Outcome, PinKind, PinTiming, Prompt,
    RegisteredSex, WhyPin,
};
use kaigotap_sandbox::world::World;

fn asked_for_a_pin(tries_left: Option<u8>, why: WhyPin) -> Prompt {
    Prompt::EnterPin { pin: PinKind::Authentication, tries_left, why }
}

#[test]
fn with_the_pin_first_one_tap_does_everything() {
    let world = World::start().unwrap();
    let conversation = visit(&world);
    conversation.ask_for_pins(PinTiming::BeforeTap).unwrap();
    let mut outside = Outside::of("modern", &["1234"]);
    let outcome = outside.play(&conversation);
    assert!(matches!(outcome, Ok(Outcome::Visit { .. })), "{outcome:?}");
    assert_eq!(outside.taps, [Occasion::First]);
    assert_eq!(outside.asked, [Prompt::ConfirmFace, asked_for_a_pin(None, WhyPin::First)]);
    world.stop();
}

#[test]
fn with_tries_gone_the_holder_is_told_before_the_second_tap() {
    let world = World::start().unwrap();
    let conversation = visit(&world);
    conversation.ask_for_pins(PinTiming::BeforeTap).unwrap();
    let mut outside = Outside::of("modern+authentication-tries:2", &["1234", "1234"]);
    let outcome = outside.play(&conversation);
    assert!(matches!(outcome, Ok(Outcome::Visit { .. })), "{outcome:?}");
    assert_eq!(outside.taps, [Occasion::First, Occasion::Continue]);
    assert_eq!(
        outside.asked[1..],
        [asked_for_a_pin(None, WhyPin::First), asked_for_a_pin(Some(2), WhyPin::TriesGone)]
    );
    world.stop();
}

#[test]
fn digits_of_full_width_are_digits() {
    let world = World::start().unwrap();
    let mut outside = Outside::of("modern", &["１２３４"]);
    let outcome = outside.play(&visit(&world));
    assert!(matches!(outcome, Ok(Outcome::Visit { .. })), "{outcome:?}");
    assert_eq!(outside.asked.len(), 2);
    world.stop();
}

/// A visit to somebody, made with Hanako's card.
fn visit_to(world: &World, name: &str, birth: &str, sex: RegisteredSex) -> Result<(), Failure> {
    let (plan, environment) = enrolled(world);
    let person =
        ChosenPerson { name_kana: name.into(), birth_date: Some(birth.into()), sex: Some(sex) };
    assert_eq!(format!("{person} {person:?}"), "ChosenPerson(..) ChosenPerson(..)");
    let plan = kaigotap_ffi::Plan { person: Some(person), ..plan };
    let conversation = kaigotap_ffi::visit(plan, environment).unwrap();
    Outside::of("modern", &["1234"]).play(&conversation).map(|_| ())
}

#[test]
fn from_the_second_visit_on_a_tap_is_enough() {
    let world = World::start().unwrap();
    let Ok(Outcome::Visit { verified: first }) =
        Outside::of("modern", &["1234"]).play(&visit(&world))
    else {
        panic!("no first visit");
    };
    assert_eq!((&*first.method, &first.genuineness), ("card_pin", &None));
    let hanako = ChosenPerson {
        name_kana: "かいご はなこ".into(),
        birth_date: Some("1941-05-03".into()),
        sex: None,
    };
    let plan_for = |person: Option<ChosenPerson>| {
        let (plan, environment) = enrolled(&world);
        let registered_as = Some(first.subject.clone());
        kaigotap_ffi::visit(kaigotap_ffi::Plan { person, registered_as, ..plan }, environment)
    };
    let mut outside = Outside::of("modern", &[]);
    let outcome = outside.play(&plan_for(Some(hanako.clone())).unwrap());
    let Ok(Outcome::Visit { verified }) = outcome else { panic!("{outcome:?}") };
    assert_eq!((&*verified.method, &verified.subject), ("card_tap", &first.subject));
    assert!(verified.genuineness.is_some());
    assert_eq!(
        (&*outside.asked, &*outside.taps),
        (&[Prompt::ConfirmFace][..], &[Occasion::First][..])
    );

    let unknown = ChosenPerson { birth_date: None, ..hanako };
    assert_eq!(code(plan_for(Some(unknown)).map(|_| ())), "setup_invalid");
    assert_eq!(code(plan_for(None).map(|_| ())), "setup_invalid");
    world.stop();
}

#[test]
fn another_person_than_the_one_who_was_chosen_is_not_shown() {
    let world = World::start().unwrap();
    visit_to(&world, "かいご はなこ", "1941-05-03", RegisteredSex::Female).unwrap();
    let failure = visit_to(&world, "ｶｲｺﾞ ﾀﾛｳ", "1941-05-04", RegisteredSex::Female).unwrap_err();
    assert_eq!(failure.code, "another_person");
    assert_eq!(failure.differences, Differences { name: true, birth_date: true, sex: false });
    for language in [Language::English, Language::Japanese] {
        let told = failure.message(language) + &failure.next_action(language) + &failure.debug;
        assert!(!told.contains("1941") && !told.contains("カイゴ"), "{told}");
    }
    let wrong_date = ChosenPerson {
        name_kana: "カイゴ ハナコ".into(),
        birth_date: Some("1941-13-01".into()),
        sex: None,
    };
    let (plan, environment) = enrolled(&world);
    let plan = kaigotap_ffi::Plan { person: Some(wrong_date), ..plan };
    assert_eq!(code(kaigotap_ffi::visit(plan, environment).map(|_| ())), "setup_invalid");
    world.stop();
}
