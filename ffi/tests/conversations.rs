//! Whole conversations over the boundary, and every wrong use of it.

mod common;

use std::sync::{Arc, Barrier};

use common::{Outside, authorities, code, enrolled, visit};
use kaigotap_ffi::{
    CertificateState, Conversation, Credential, Demand, FaceCheck, Finding, Header, HolderKey,
    HttpResponse, Language, LinkCapacity, Occasion, Origin, Outcome, PinKind, PinState, PinTiming,
    Presence, Prompt, Purpose, Reply, Request, Retry, Revocation, Stage, Step, TrustAnchors,
    WhyNewPin, WhyPin, age, card_certificate, card_deselection, card_information, card_recognition,
    card_status, change_pin, face, holder,
};
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{
    Authority, Person, PinKind as CardPin, Purpose as CardPurpose, VirtualCard,
};

const CHALLENGE: [u8; 32] = [0x5A; 32];

#[test]
fn a_visit_with_a_pin() {
    let world = World::start().unwrap();
    let mut outside = Outside::of("modern", &["9999", "1234"]);
    let conversation = visit(&world);
    let Ok(Outcome::Visit { verified }) = outside.play(&conversation) else { panic!("no visit") };
    assert_eq!(verified.method, "card_pin");
    let level = verified.entitlement.care_level.as_ref().unwrap();
    assert_eq!(
        (level.text(Language::Japanese), level.given.as_str()),
        ("要介護3".to_owned(), "care_3")
    );
    assert_eq!(verified.trust, Some(Origin::Test));
    assert!(!verified.entitlement.person.name_kana.is_empty());
    assert!(verified.fresh_until_ms > verified.verified_at_ms);
    assert_eq!(outside.asked[0], Prompt::ConfirmFace);
    let again =
        Prompt::EnterPin { pin: PinKind::Authentication, tries_left: Some(2), why: WhyPin::Wrong };
    assert_eq!(outside.asked[2], again);
    assert_eq!(conversation.progress().unwrap().stage, Stage::Entitlement);
    assert_eq!(code(conversation.resume(Reply::Disconnected)), "flow_finished");
    world.stop();
}

#[test]
fn what_a_visit_tells_is_not_printed() {
    let world = World::start().unwrap();
    let (_, environment) = enrolled(&world);
    assert_eq!(format!("{environment} {environment:?}"), "Environment(..) Environment(..)");
    let outcome = Outside::of("modern", &["1234"]).play(&visit(&world)).unwrap();
    assert_eq!(format!("{outcome:?}"), "Visit(VerifiedVisit(..))");
    world.stop();
}

#[test]
fn a_face_that_does_not_match_ends_it_before_the_card() {
    let world = World::start().unwrap();
    let mut outside = Outside { face: FaceCheck::NoMatch, ..Outside::of("modern", &["1234"]) };
    let failure = outside.play(&visit(&world)).unwrap_err();
    assert_eq!((failure.code.as_str(), outside.card.meter().commands), ("face_differs", 0));
    assert!(!failure.next_action(Language::Japanese).is_ascii());
    assert_eq!(failure.retry(), Retry::None);
    world.stop();
}

#[test]
fn the_last_try_needs_consent() {
    let mut outside = Outside::of("modern+authentication-tries:1", &["1234"]);
    outside.chooses = Some(("4321", "4321"));
    let refused = outside.play(&change_pin(PinKind::Authentication).unwrap());
    let failure = refused.unwrap_err();
    assert_eq!((failure.code.as_str(), failure.tries_left), ("pin_last_try", Some(1)));
    assert!(failure.message(Language::English).ends_with('.'));
}

#[test]
fn every_reading() {
    let status = Outside::of("modern", &[]).play(&card_status());
    let Ok(Outcome::Status { status }) = status else { panic!("no status") };
    assert!(status.can_authenticate && status.pins.len() == 6, "{status:?}");
    assert_eq!(status.pins[0].state, PinState::TriesLeft { tries: 3 });
    assert!(matches!(status.authentication, CertificateState::Present { .. }));

    let free = card_certificate(Credential::Authentication);
    let Ok(Outcome::Certificate { der }) = Outside::of("plain", &[]).play(&free) else {
        panic!("no certificate")
    };
    let protected = card_certificate(Credential::Signature);
    let read = Outside::of("modern", &["ABC123"]).play(&protected);
    assert!(matches!(read, Ok(Outcome::Certificate { der: other }) if other != der));

    let challenge = || Some(CHALLENGE.to_vec());
    let holder = holder(HolderKey::Pin, authorities(), challenge()).unwrap();
    let pin = Outside::of("modern", &[]).card.reference_data(CardPin::InputSupport).to_owned();
    let pin: &'static str = pin.leak();
    let Ok(Outcome::Holder { holder }) = Outside::of("modern", &[pin]).play(&holder) else {
        panic!("no holder")
    };
    assert!(holder.name.contains('\u{3000}') && holder.birth_date.is_some());
    assert_eq!(holder.genuineness.signed_by, Origin::Test);
    assert_eq!(holder.genuineness.present, Presence::Live);
    assert_eq!(holder.to_string(), "Holder(..)");

    let information = Outside::of("modern", &[]).play(&card_information());
    assert!(
        matches!(information, Ok(Outcome::Information { information }) if information.municipality.len() == 5)
    );

    let mut outside = Outside::of("modern", &["1234"]);
    outside.chooses = Some(("4321", "4321"));
    let changed = outside.play(&change_pin(PinKind::Authentication).unwrap());
    assert!(matches!(changed, Ok(Outcome::PinChanged)), "{changed:?}");
    let mut again = Outside { types: vec!["4321"], chooses: Some(("1234", "1234")), ..outside };
    let back = again.play(&change_pin(PinKind::Authentication).unwrap());
    assert!(matches!(back, Ok(Outcome::PinChanged)));
}

#[test]
fn what_stands_on_a_card_opens_its_face() {
    let mut outside = Outside::of("modern", &[]);
    let number = outside.card.reference_data(CardPin::FaceB).to_owned();
    let face = face(authorities(), None).unwrap();
    let mut step = face.start().unwrap();
    let told = loop {
        step = match step {
            Step::Need { request: Request::Ask { prompt: Prompt::EnterPin { pin, .. } } } => {
                assert_eq!(pin, PinKind::VerificationNumberB);
                let (year, code) = (number[6..10].to_owned(), number[10..].to_owned());
                face.enter_printed("1941-05-03".into(), year, code).unwrap()
            }
            Step::Need { request } => outside.answer(&face, request).unwrap(),
            Step::Done { outcome: Outcome::Face { face } } => break face,
            other => panic!("{other:?}"),
        };
    };
    assert_eq!(told.genuineness.present, Presence::NotChecked);
    assert_eq!(told.birth_date.as_deref(), Some("1941-05-03"));
    let photo = told.photo.as_ref().unwrap();
    assert_eq!(photo.grey.len(), usize::try_from(photo.width * photo.height).unwrap());

    let mut outside = Outside::of("modern", &[]);
    let age = age(authorities(), None).unwrap();
    let mut step = age.start().unwrap();
    let born = loop {
        step = match step {
            Step::Need { request: Request::Ask { prompt: Prompt::EnterPin { .. } } } => {
                age.enter_birth_date("1941-05-03".into()).unwrap()
            }
            Step::Need { request } => outside.answer(&age, request).unwrap(),
            Step::Done { outcome: Outcome::Age { age } } => break age,
            other => panic!("{other:?}"),
        };
    };
    assert_eq!(born.birth_date.as_deref(), Some("1941-05-03"));
}

/// Month and day of birth that nobody knows are typed as the card has them.
#[test]
fn a_birthday_that_nobody_knows_opens_what_a_birthday_opens() {
    let described = include_str!("../../examples/virtual-card/data/person-unknown-day.toml");
    let person = Person::from_toml(described).unwrap();
    let card = VirtualCard::new(person, "modern".parse().unwrap()).unwrap();
    let number = card.reference_data(CardPin::FaceB).to_owned();
    let mut outside = Outside { card, ..Outside::of("modern", &[]) };

    let age = age(authorities(), None).unwrap();
    asked(&age, &mut outside);
    let mut step = age.enter_birth_date("1930-00-00".into()).unwrap();
    let born = loop {
        step = match step {
            Step::Need { request } => outside.answer(&age, request).unwrap(),
            Step::Done { outcome: Outcome::Age { age } } => break age,
            other => panic!("{other:?}"),
        };
    };
    assert_eq!(born.birth_date.as_deref(), Some("1930"));

    let face = face(authorities(), None).unwrap();
    asked(&face, &mut outside);
    let (year, code) = (number[6..10].to_owned(), number[10..].to_owned());
    let mut step = face.enter_printed("1930-00-00".into(), year, code).unwrap();
    let told = loop {
        step = match step {
            Step::Need { request } => outside.answer(&face, request).unwrap(),
            Step::Done { outcome: Outcome::Face { face } } => break face,
            other => panic!("{other:?}"),
        };
    };
    assert_eq!(told.birth_date.as_deref(), Some("1930"));
}

/// A conversation that asks for a PIN, up to the question.
fn asked(conversation: &Conversation, outside: &mut Outside) -> Prompt {
    let mut step = conversation.start().unwrap();
    loop {
        step = match step {
            Step::Need { request: Request::Ask { prompt } } => break prompt,
            Step::Need { request } => outside.answer(conversation, request).unwrap(),
            other => panic!("{other:?}"),
        };
    }
}

#[test]
fn what_is_typed_badly_is_asked_for_again_and_costs_nothing() {
    type Typed = fn(&Conversation) -> Result<Step, kaigotap_ffi::KaigoTapError>;
    let pin: &[Typed] = &[
        |talk| talk.enter_pin(b""),
        |talk| talk.enter_pin(b"12345"),
        |talk| talk.enter_pin(b"12ab"),
        |talk| talk.enter_pin("一二三四".as_bytes()),
    ];
    let printed: &[Typed] = &[
        |talk| talk.enter_printed("1941-05-03".into(), "2031".into(), "12".into()),
        |talk| talk.enter_printed("1941-05-03".into(), "year".into(), "1234".into()),
        |talk| talk.enter_printed("1941-13-03".into(), "2031".into(), "1234".into()),
        |talk| talk.enter_printed(String::new(), String::new(), String::new()),
    ];
    let date: &[Typed] = &[
        |talk| talk.enter_birth_date(String::new()),
        |talk| talk.enter_birth_date("1941".into()),
        |talk| talk.enter_birth_date("1841-05-03".into()),
        |talk| talk.enter_pin(b"410503a"),
    ];
    for (conversation, wrong) in [
        (holder(HolderKey::Pin, authorities(), None), pin),
        (face(authorities(), None), printed),
        (age(authorities(), None), date),
    ] {
        let conversation = conversation.unwrap();
        let mut outside = Outside::of("modern", &[]);
        let Prompt::EnterPin { tries_left, why: WhyPin::First, .. } =
            asked(&conversation, &mut outside)
        else {
            panic!("another question");
        };
        let before = outside.card.meter().commands;
        for typed in wrong {
            let Ok(Step::Need { request: Request::Ask { prompt } }) = typed(&conversation) else {
                panic!("no question");
            };
            let Prompt::EnterPin { tries_left: left, why, .. } = prompt else {
                panic!("{prompt:?}")
            };
            assert_eq!((left, why), (tries_left, WhyPin::Malformed));
        }
        assert_eq!(outside.card.meter().commands, before, "the card was asked");
    }
}

#[test]
fn a_new_pin_that_is_none_is_asked_for_again() {
    let conversation = change_pin(PinKind::Authentication).unwrap();
    let mut outside = Outside::of("modern", &[]);
    assert!(matches!(asked(&conversation, &mut outside), Prompt::NewPin { .. }));
    for (first, second, told) in [
        ("12", "12", WhyNewPin::Malformed),
        ("", "", WhyNewPin::Malformed),
        ("1234", "4321", WhyNewPin::Different),
    ] {
        let step = conversation.enter_new_pin(first.as_bytes(), second.as_bytes()).unwrap();
        let Step::Need { request: Request::Ask { prompt: Prompt::NewPin { why, .. } } } = step
        else {
            panic!("{step:?}")
        };
        assert_eq!(why, told);
    }
}

#[test]
fn the_fourteen_digits_of_number_b_are_taken_as_they_are() {
    let mut outside = Outside::of("modern", &[]);
    let number: &'static str = outside.card.reference_data(CardPin::FaceB).to_owned().leak();
    outside.types = vec![number];
    let outcome = outside.play(&face(authorities(), None).unwrap());
    assert!(matches!(outcome, Ok(Outcome::Face { .. })), "{outcome:?}");
}

#[test]
fn when_pins_are_asked_for_is_chosen_before_the_start() {
    let conversation = card_status();
    conversation.ask_for_pins(PinTiming::BeforeTap).unwrap();
    conversation.ask_for_pins(PinTiming::DuringTap).unwrap();
    conversation.start().unwrap();
    let late = conversation.ask_for_pins(PinTiming::BeforeTap);
    assert_eq!(code(late), "flow_already_started");
    conversation.cancel();
    assert_eq!(code(conversation.ask_for_pins(PinTiming::BeforeTap)), "flow_finished");
}

#[test]
fn the_commands_of_a_link_are_selections() {
    let commands = card_deselection();
    assert_eq!((commands.len(), &commands[0]), (3, &card_recognition()));
    assert!(commands.iter().all(|command| command.starts_with(b"\x00\xA4\x04\x0C")));
}

#[test]
fn wrong_use_is_told_and_changes_nothing() {
    let reading = card_status();
    assert_eq!(code(reading.resume(Reply::Disconnected)), "flow_not_started");
    let first = reading.start().unwrap();
    assert!(matches!(
        first,
        Step::Need { request: Request::Connect { occasion: Occasion::First } }
    ));
    assert_eq!(code(reading.start()), "flow_already_started");
    assert_eq!(code(reading.resume(Reply::Disconnected)), "flow_wrong_reply");
    assert_eq!(code(reading.enter_pin(b"1234")), "flow_wrong_reply");
    assert_eq!(code(reading.resume(Reply::Cancelled)), "flow_wrong_reply");
    assert_eq!(
        code(reading.resume(Reply::Clock { wall_ms: u64::MAX, monotonic_ms: 0 })),
        "setup_invalid"
    );

    let capacity = LinkCapacity { max_command: 261, max_response: 258 };
    let second = reading.resume(Reply::Connected { capacity }).unwrap();
    assert!(matches!(second, Step::Need { request: Request::Transmit { .. } }));
    let giant = Reply::Transmitted { response: vec![0; 65_539] };
    assert_eq!(code(reading.resume(giant)), "setup_invalid");

    reading.cancel();
    reading.cancel();
    let late = Reply::Transmitted { response: vec![0x90, 0x00] };
    assert_eq!(code(reading.resume(late)), "flow_finished");
    assert_eq!(code(reading.start()), "flow_finished");
    assert_eq!(reading.progress().unwrap().stage, Stage::Ready);

    assert_eq!(
        code(holder(HolderKey::Pin, authorities(), Some(vec![0; 31])).map(|_| ())),
        "setup_invalid"
    );
    assert_eq!(code(change_pin(PinKind::Unknown).map(|_| ())), "setup_invalid");
    let none = TrustAnchors::Test { authentication: vec![vec![0]], signature: Vec::new() };
    let demand = Demand {
        purpose: None,
        at_ms: 0,
        intermediates: Vec::new(),
        revocation_lists: Vec::new(),
        ocsp_answer: None,
    };
    assert_eq!(code(none.judge(Vec::new(), demand).map(|_| ())), "setup_invalid");
    assert_eq!(format!("{none:?} {none}"), "TrustAnchors(Test) TrustAnchors(Test)");
}

#[test]
fn strange_arguments_are_told() {
    let world = World::start().unwrap();
    let (plan, environment) = enrolled(&world);
    let begun = kaigotap_ffi::visit(
        plan.clone(),
        kaigotap_ffi::Environment { entropy: vec![1; 31], ..environment.clone() },
    );
    assert_eq!(code(begun.map(|_| ())), "setup_invalid");
    for (facility, server) in
        [("13\u{0}0000001", environment.server.clone()), ("1370000001", "\u{0}".into())]
    {
        let device = kaigotap_ffi::EnrolledDevice {
            facility: facility.into(),
            ..environment.device.clone()
        };
        let environment = kaigotap_ffi::Environment { server, device, ..environment.clone() };
        let begun = kaigotap_ffi::visit(plan.clone(), environment);
        assert_eq!(code(begun.map(|_| ())), "setup_invalid");
    }
    // A key with which nobody has signed in.
    let mut device = environment.device.clone();
    device.key.public =
        kaigotap::link::device_key::MemoryKey::generate().unwrap().public_key().to_vec();
    let environment = kaigotap_ffi::Environment { device, ..environment };
    assert_eq!(code(kaigotap_ffi::visit(plan, environment).map(|_| ())), "setup_invalid");
    world.stop();
}

#[test]
fn a_giant_answer_of_a_server_is_one() {
    let header = |n: usize| Header { name: format!("x-{n}"), value: "v".to_owned() };
    for (headers, body) in
        [(vec![], vec![b' '; (1 << 20) + 1]), ((0..65).map(header).collect(), b"{}".to_vec())]
    {
        let world = World::start().unwrap();
        let conversation = visit(&world);
        let mut outside = Outside::of("modern", &[]);
        let mut step = conversation.start().unwrap();
        let failure = loop {
            step = match step {
                Step::Need { request: Request::Send { .. } } => {
                    let (headers, body) = (headers.clone(), body.clone());
                    let response = HttpResponse { status: 201, headers, body };
                    conversation.resume(Reply::Received { response }).unwrap()
                }
                Step::Need { request } => outside.answer(&conversation, request).unwrap(),
                Step::Failed { failure } => break failure,
                Step::Done { .. } => panic!("a visit"),
            };
        };
        assert_eq!(failure.code, "server_answer_invalid");
        world.stop();
    }
}

#[test]
fn two_threads_at_once_are_no_danger() {
    for _ in 0..200 {
        let reading = Arc::new(card_status());
        let gate = Arc::new(Barrier::new(2));
        let codes: Vec<_> = [(); 2]
            .map(|()| {
                let (reading, gate) = (reading.clone(), gate.clone());
                std::thread::spawn(move || {
                    gate.wait();
                    reading.start().map(|_| ())
                })
            })
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        let (started, told): (Vec<_>, Vec<_>) = codes.into_iter().partition(Result::is_ok);
        assert_eq!((started.len(), told.len()), (1, 1));
        let told = code(told.into_iter().next().unwrap());
        assert!(matches!(&told[..], "flow_in_use" | "flow_already_started"), "{told}");
    }
}

#[test]
fn a_certificate_is_judged_as_a_phone_can() {
    let free = card_certificate(Credential::Authentication);
    let Ok(Outcome::Certificate { der }) = Outside::of("modern", &[]).play(&free) else {
        panic!("no certificate")
    };
    let root = Authority::test().root(CardPurpose::Authentication).to_vec();
    let anchors = TrustAnchors::Test { authentication: vec![root], signature: Vec::new() };
    let demand = |at_ms| Demand {
        purpose: Some(Purpose::Authentication),
        at_ms,
        intermediates: Vec::new(),
        revocation_lists: Vec::new(),
        ocsp_answer: None,
    };
    let now = jiff::Timestamp::now().as_millisecond().try_into().unwrap();
    let verdict = anchors.judge(der.clone(), demand(now)).unwrap();
    assert_eq!((verdict.rejected_because.as_deref(), verdict.origin), (None, Origin::Test));
    assert!(verdict.checks.iter().all(|check| check.finding == Finding::Passed));
    let unknown = Revocation::NotChecked { why: "revocation_not_given".into() };
    assert_eq!(verdict.revocation, unknown);

    let late = anchors.judge(der.clone(), demand(verdict.not_after_ms + 1_000)).unwrap();
    assert_eq!(late.rejected_because.as_deref(), Some("expired"));
    assert!(!late.text(Language::Japanese).is_empty());
    let others = TrustAnchors::Production.judge(der, demand(now)).unwrap();
    assert!(others.rejected_because.is_some() && others.origin == Origin::Production);
    assert_eq!(code(anchors.judge(vec![0x30, 0], demand(now))), "certificate_malformed");
}

#[test]
fn a_list_that_counted_tells_its_number() {
    let file = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/revocation");
        std::fs::read(format!("{folder}/{name}.der")).unwrap()
    };
    let anchors =
        TrustAnchors::Test { authentication: vec![file("ca")], signature: vec![file("ca")] };
    let at: jiff::Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let demand = |revocation_lists, ocsp_answer| Demand {
        purpose: None,
        at_ms: at.as_millisecond().try_into().unwrap(),
        intermediates: Vec::new(),
        revocation_lists,
        ocsp_answer,
    };
    let number = |demand| match anchors.judge(file("good"), demand).unwrap().revocation {
        Revocation::Good { number, .. } => number,
        other => panic!("{other:?}"),
    };
    assert_eq!(number(demand(vec![file("whole")], None)).as_deref(), Some("1001"));
    assert_eq!(number(demand(Vec::new(), Some(file("good-sha256")))), None);
}
