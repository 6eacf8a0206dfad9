//! Whole visits: whose card it is, what is waited for with a PIN open, how many taps it takes.

use std::time::Duration;

use kaigotap::flow::{DeviceTime, LinkError, Occasion, PinTiming, Prompt, Reply, Request};
use kaigotap::kaigo::{ChosenPerson, Sex};
use kaigotap::link::{self, CardLink, Host, run};
use kaigotap::message::{Code, Failure};
use kaigotap::pki::Origin;
use kaigotap::visit::{self, Outcome, Plan};
use kaigotap_e2e::{Books, Scene};
use kaigotap_kit::enrolment::Enrolment;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};
use rstest::rstest;

/// A scene in which another card may come to lie on the reader after a tear.
struct Table<'a> {
    scene: Scene<'a>,
    next: Option<VirtualCard>,
    /// The instruction whose first command with data is torn.
    tear: u8,
    /// How long the holder takes to type.
    takes: Duration,
    passed: Duration,
    occasions: Vec<Occasion>,
    prompts: Vec<Prompt>,
}

impl<'a> Table<'a> {
    fn new(scene: Scene<'a>) -> Self {
        Self {
            scene,
            next: None,
            tear: 0,
            takes: Duration::ZERO,
            passed: Duration::ZERO,
            occasions: Vec::new(),
            prompts: Vec::new(),
        }
    }

    fn visit(
        &mut self,
        timing: PinTiming,
        person: Option<ChosenPerson>,
    ) -> Result<Outcome, Failure> {
        let enrolment = Enrolment::of(self.scene.world, &self.scene.key);
        let plan: Plan = match person {
            Some(person) => enrolment.plan().with_person(person),
            None => enrolment.plan(),
        };
        let environment = enrolment.environment().expect("an environment");
        run(visit::start(plan, environment).asking_for_pins(timing), self).expect("an outcome")
    }
}

impl Host for Table<'_> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        match &request {
            Request::Connect(occasion) => self.occasions.push(*occasion),
            Request::Ask(prompt) => {
                self.prompts.push(prompt.clone());
                if matches!(prompt, Prompt::EnterPin { .. }) {
                    let takes = self.takes.try_into().expect("a time");
                    self.scene.world.sandbox().shift_clock(takes);
                    self.passed += self.takes;
                }
            }
            Request::Transmit(command) => {
                let bytes = command.bytes();
                if bytes[1] == self.tear && bytes.len() > 5 {
                    self.tear = 0;
                    self.scene.answer(request);
                    CardLink::disconnect(&mut self.scene.holder.card);
                    if let Some(next) = self.next.take() {
                        self.scene.holder.card = next;
                    }
                    return Some(Reply::Transmit(Err(LinkError::Lost)));
                }
            }
            _ => {}
        }
        if matches!(request, Request::Send(_) | Request::Clock | Request::Ask(_)) {
            let open = self.scene.holder.card.is_verified(Purpose::Authentication);
            assert!(!open, "{request:?} is waited for with the PIN open");
        }
        if matches!(request, Request::Clock) {
            let now = link::now();
            let later = DeviceTime::new(now.wall + self.passed, now.monotonic + self.passed);
            return Some(Reply::Clock(later));
        }
        self.scene.answer(request)
    }

    fn release(&mut self) {
        self.scene.release();
    }
}

fn taro() -> VirtualCard {
    VirtualCard::new(Person::taro(), Behaviour::modern()).expect("test keys")
}

/// A couple with two cards on the table: the face was one person's, so is the card.
#[rstest]
#[case::torn_at_the_signature(0x2A)]
#[case::torn_at_the_pin(0x20)]
fn another_card_on_a_later_tap_ends_the_visit(
    #[case] tear: u8,
    #[values(PinTiming::DuringTap, PinTiming::BeforeTap)] timing: PinTiming,
) {
    let world = World::start().unwrap();
    let before = Books::of(&world);
    let mut table = Table::new(Scene::new(&world, Behaviour::modern()));
    table.scene.holder.types = vec!["1234", "1234", "5678", "5678"];
    (table.tear, table.next) = (tear, Some(taro()));
    let failure = table.visit(timing, None).unwrap_err();
    assert_eq!(failure.code(), Code::AnotherCard);
    let looked = table.scene.holder.card.trace().iter().filter(|header| header[1] == 0x20).count();
    assert_eq!((looked, table.scene.tries()), (0, 3), "its counter was looked at");
    assert_eq!(Books::of(&world).since(before).tokens, 0);
    world.stop();
}

/// Somebody who takes three minutes to find the PIN gets a new challenge, before the PIN is presented.
#[rstest]
fn nothing_is_waited_for_with_the_pin_open(
    #[values(PinTiming::DuringTap, PinTiming::BeforeTap)] timing: PinTiming,
) {
    let world = World::start().unwrap();
    let before = Books::of(&world);
    let mut table = Table::new(Scene::new(&world, Behaviour::modern()));
    table.takes = Duration::from_mins(3);
    let outcome = table.visit(timing, None).unwrap();
    assert_eq!(outcome.certificate.as_ref().unwrap().report().origin(), Origin::Test);
    let books = Books::of(&world).since(before);
    assert_eq!((books.challenges, books.used, books.tokens), (2, 1, 1));
    world.stop();
}

#[rstest]
#[case(3, &[Occasion::First])]
#[case(2, &[Occasion::First, Occasion::Continue])]
fn with_the_pin_first_a_visit_takes_one_tap(#[case] left: u8, #[case] taps: &[Occasion]) {
    let world = World::start().unwrap();
    let card = Behaviour::modern().tries_left(Purpose::Authentication, left);
    let mut table = Table::new(Scene::new(&world, card));
    table.scene.holder.types = vec!["1234", "1234"];
    table.visit(PinTiming::BeforeTap, None).unwrap();
    assert_eq!(table.occasions, taps);
    let told = table
        .prompts
        .iter()
        .any(|prompt| matches!(prompt, Prompt::EnterPin { tries_left: Some(2), .. }));
    assert_eq!(told, left == 2);
    // The budget: certificate, guard's query, PIN, signature; and the way out.
    if left == 3 {
        assert_eq!(table.scene.holder.card.meter().commands, 7);
    }
    world.stop();
}

#[test]
fn the_person_who_was_chosen_and_no_other() {
    let world = World::start().unwrap();
    let chosen = |name, birth: &str, sex| {
        ChosenPerson::new(name, Some(birth.parse().unwrap()), Some(sex)).unwrap()
    };
    let mut table = Table::new(Scene::new(&world, Behaviour::modern()));
    let hanako = chosen("ｶｲｺﾞ ﾊﾅｺ", "1941-05-03", Sex::Female);
    assert!(table.visit(PinTiming::DuringTap, Some(hanako)).is_ok());

    let mut table = Table::new(Scene::new(&world, Behaviour::modern()));
    let taro = chosen("カイゴ　タロウ", "1938-11-23", Sex::Male);
    let failure = table.visit(PinTiming::DuringTap, Some(taro)).unwrap_err();
    assert_eq!(failure.code(), Code::AnotherPerson);
    let differs = failure.differences();
    assert!(differs.name && differs.birth_date && differs.sex);
    world.stop();
}

/// A device that calls the platform by another name of the same place than the platform calls itself.
#[test]
fn a_platform_is_called_by_any_of_its_names() {
    let world = World::start().unwrap();
    let mut table = Table::new(Scene::new(&world, Behaviour::modern()));
    let mut enrolment = Enrolment::of(&world, &table.scene.key);
    enrolment.visit.server = enrolment.visit.server.replace("127.0.0.1", "localhost");
    let environment = enrolment.environment().expect("an environment");
    let outcome = run(visit::start(enrolment.plan(), environment), &mut table).unwrap();
    assert!(outcome.is_ok(), "{outcome:?}");
    world.stop();
}

/// A phone that is minutes off is no fault of the nurse's.
#[rstest]
fn a_clock_that_is_a_few_minutes_off(#[values(-240, 240)] seconds: i64) {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    scene.clock = jiff::SignedDuration::from_secs(seconds);
    let told = scene.play(|_, _| kaigotap_kit::hand::Hand::Off);
    assert!(matches!(told, kaigotap_e2e::Told::Verified(_)), "{told:?}");
    world.stop();
}
