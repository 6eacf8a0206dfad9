//! A day of a station: thirty of the staff, three hundred visits, and a tenth of them for each kind of trouble. Every visit ends in
//! a lawful state, whatever is shown is what the platform has on file, and the records hold.

use std::collections::{BTreeMap, BTreeSet};

use kaigotap::flow::{Attributes, FaceCheck, HttpError, Kind, LinkError, Reply, Request, Way};
use kaigotap::kaigo::{ChosenPerson, Sex};
use kaigotap::link::device_key::MemoryKey;
use kaigotap::message::{Code, FailureKind};
use kaigotap::visit::{Outcome, Plan, Registered};
use kaigotap_e2e::{Books, Scene, Told};
use kaigotap_kit::hand::Hand;
use kaigotap_sandbox::world::{self, World};
use kaigotap_sandbox::{Config, FACILITY_ID, NewStaff};
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};

/// Each with a device of their own.
const STAFF: usize = 30;
const VISITS: usize = 300;

/// What happens at a visit: each a tenth of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Day {
    Usual,
    Tap,
    Paper,
    WrongPin,
    AnotherFace,
    CardPulled,
    CardSlips,
    AnswerLost,
    ServerGone,
    /// Somebody with whom a visit cannot end well.
    HardCase,
}

const DAYS: [Day; 10] = [
    Day::Usual,
    Day::Tap,
    Day::Paper,
    Day::WrongPin,
    Day::AnotherFace,
    Day::CardPulled,
    Day::CardSlips,
    Day::AnswerLost,
    Day::ServerGone,
    Day::HardCase,
];

const WELL: [&str; 6] = ["hanako", "taro", "foreign-resident", "rare-name", "expiring", "lapsed"];
const HARD: [(&str, Code); 8] = [
    ("expired", Code::CertificateExpired),
    ("revoked", Code::CertificateRevoked),
    ("blocked", Code::PinBlocked),
    ("no-consent", Code::ConsentRequired),
    ("not-connected", Code::InsurerNotConnected),
    ("not-registered", Code::HealthInsuranceUseNotRegistered),
    ("foreign-issuer", Code::CertificateUntrusted),
    ("other-country", Code::NotMyNumberCard),
];

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

/// The account of one of the staff.
fn name(at: usize) -> String {
    format!("station-{at:02}")
}

fn whose(id: &str) -> Person {
    Person::all().into_iter().find(|person| person.id == id).unwrap()
}

/// As the care software knows them.
fn chosen(person: &Person) -> ChosenPerson {
    let birth = person.birth_date.to_string().parse().ok();
    ChosenPerson::new(person.name_kana, birth, Some(sex(person))).unwrap()
}

fn sex(person: &Person) -> Sex {
    match person.sex {
        kaigotap_virtual_card::Sex::Male => Sex::Male,
        _ => Sex::Female,
    }
}

fn typed(world: &World, person: &Person) -> Attributes {
    let own = |text: &str| text.to_owned().into();
    Attributes {
        insurer_number: own("990010"),
        insured_number: own(&world.insured_number(person).unwrap()),
        name_kana: own(person.name_kana),
        birth_date: own(&person.birth_date.to_string()),
        sex: own(if sex(person) == Sex::Male { "男" } else { "女" }),
    }
}

/// What disturbs a visit at one of its turns.
fn disturbed(day: Day, at: usize) -> impl FnMut(usize, &Request) -> Hand {
    let mut over = false;
    move |index, request| {
        let due = index >= at;
        match (day, request.kind()) {
            (Day::CardPulled, Kind::Transmit) if due => Hand::Instead(lost()),
            (Day::CardPulled, Kind::Connect) if due => {
                Hand::Instead(Reply::Connect(Err(LinkError::NoCard)))
            }
            (Day::CardSlips, Kind::Transmit) if due && !over => {
                over = true;
                Hand::After(lost())
            }
            (Day::AnswerLost, Kind::Send) if due && !over => {
                over = true;
                Hand::After(Reply::Send(Err(HttpError::NoAnswer)))
            }
            (Day::ServerGone, Kind::Send) if due => {
                Hand::Instead(Reply::Send(Err(HttpError::Unreachable)))
            }
            _ => Hand::Off,
        }
    }
}

fn lost() -> Reply {
    Reply::Transmit(Err(LinkError::Lost))
}

/// What is shown is what the municipality has brought in.
fn is_true(config: &Config, world: &World, person: &Person, outcome: &Outcome) {
    let told = serde_json::to_value(&outcome.entitlement).unwrap();
    let number = world.insured_number(person).unwrap();
    let known = config.people.iter().find(|known| known.insured_number == number).unwrap();
    assert_eq!(told["insured_number"], number);
    assert_eq!(told["insurer"]["number"], known.insurer_number);
    assert_eq!(told["person"]["name_kana"], known.name_kana);
    let json = |part: serde_json::Result<serde_json::Value>| part.unwrap();
    assert_eq!(told["person"]["birth_date"], json(serde_json::to_value(&known.birth_date)));
    let periodic = &told["periodic"];
    assert_eq!(periodic["care_level"], json(serde_json::to_value(&known.care_level)));
    assert_eq!(periodic["burden_ratio"], json(serde_json::to_value(known.burden_ratio)));
    assert_eq!(periodic["limit_certificate"], json(serde_json::to_value(&known.limit_certificate)));
}

/// One of the staff with their device, and whom they have visited with PIN.
struct Phone {
    staff: String,
    key: MemoryKey,
    known: Vec<(usize, Registered)>,
}

struct Station {
    world: World,
    config: Config,
    phones: Vec<Phone>,
    cards: BTreeMap<&'static str, VirtualCard>,
    ends: BTreeMap<(Day, String), usize>,
}

impl Station {
    fn open() -> Self {
        let world = World::start().unwrap();
        for at in 0..STAFF {
            let hired = world.sandbox().hire(NewStaff {
                id: name(at),
                facility_id: FACILITY_ID.to_owned(),
                name: format!("看護 {at}"),
                keeps_devices: false,
                password: format!("sandbox-{}", name(at)),
            });
            world.wait(hired).unwrap();
        }
        let phone = |at| {
            let key = MemoryKey::generate().unwrap();
            Phone { staff: name(at), key, known: Vec::new() }
        };
        Self {
            world,
            config: world::config(Config::default(), &[]),
            phones: (0..STAFF).map(phone).collect(),
            cards: BTreeMap::new(),
            ends: BTreeMap::new(),
        }
    }

    fn card(&mut self, id: &'static str) -> VirtualCard {
        let new = || VirtualCard::new(whose(id), Behaviour::modern()).unwrap();
        self.cards.entry(id).or_insert_with(new).clone()
    }

    /// One visit; what came of it is judged here.
    fn visit(&mut self, day: Day, dice: &mut Dice) {
        let (at, phone) = (dice.below(WELL.len()), dice.below(STAFF));
        let (mut id, mut awaited) = (WELL[at], None);
        if day == Day::HardCase {
            let (hard, code) = HARD[dice.below(HARD.len())];
            (id, awaited) = (hard, Some(code));
        }
        let registered = self.phones[phone].known.iter().find(|(known, _)| *known == at);
        let registered = registered.filter(|_| day == Day::Tap).map(|(_, person)| person.clone());
        let card = self.card(id);
        let person = card.person().clone();
        let before = Books::of(&self.world);
        let key = std::mem::replace(&mut self.phones[phone].key, MemoryKey::generate().unwrap());
        let mut scene = Scene::with(&self.world, card);
        scene.key = key;
        scene.staff.clone_from(&self.phones[phone].staff);
        match day {
            Day::WrongPin => scene.holder.types.insert(0, "9999"),
            Day::AnotherFace => scene.face = FaceCheck::NoMatch,
            Day::Paper => scene.types = vec![typed(&self.world, &person)],
            Day::CardPulled => scene.holder.comes_back = false,
            _ => {}
        }
        let plan = |plan: Plan| match (day, registered) {
            (Day::Paper, _) => plan.beginning_with(Way::FourAttributes).unwrap(),
            (Day::Tap, Some(person)) => plan.with_tap(person),
            _ => plan.with_person(chosen(&person)),
        };
        let told = scene.play_for(plan, disturbed(day, dice.below(30)));

        // The card is as it was: no PIN open, and no try lost but those that were typed wrongly.
        assert!(!scene.holder.card.is_verified(Purpose::Authentication), "{day:?} {id}");
        let tries = scene.tries();
        self.phones[phone].key = scene.key;
        let written = Books::of(&self.world).since(before);
        assert!(written.tokens <= 1, "{day:?} {id}: {written:?}");
        let end = match told {
            Told::Verified(outcome) => {
                assert_eq!((written.tokens, awaited), (1, None), "{day:?} {id}");
                assert_eq!(tries, 3, "{day:?} {id}");
                is_true(&self.config, &self.world, &person, &outcome);
                let known = &mut self.phones[phone].known;
                if outcome.way() == Way::CardPin && known.iter().all(|(known, _)| *known != at) {
                    let subject = outcome.confirmation.subject.clone();
                    known.push((at, Registered::new(chosen(&person), subject).unwrap()));
                }
                "verified".to_owned()
            }
            Told::Failed(failure) => {
                let (code, kind) = (failure.code(), failure.kind());
                match day {
                    Day::AnotherFace => assert_eq!(code, Code::FaceDiffers),
                    Day::CardPulled => {
                        assert!(matches!(kind, FailureKind::Reader | FailureKind::Pin), "{code}");
                    }
                    Day::CardSlips => {
                        assert!(matches!(kind, FailureKind::Reader | FailureKind::Pin), "{code}");
                    }
                    Day::ServerGone | Day::AnswerLost => {
                        assert_eq!(kind, FailureKind::Server, "{day:?} {code}");
                    }
                    Day::HardCase => assert_eq!(Some(code), awaited, "{id}"),
                    Day::Usual | Day::Tap | Day::Paper | Day::WrongPin => {
                        panic!("{day:?} {id}: {code}");
                    }
                }
                // Nobody is left without what to do next.
                assert!(!failure.to_note().is_empty());
                code.to_string()
            }
            Told::Nothing => panic!("{day:?} {id}: nobody stopped it"),
        };
        *self.ends.entry((day, end)).or_default() += 1;
    }
}

#[test]
fn a_day_of_three_hundred_visits_ends_well() {
    let mut station = Station::open();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for number in 0..VISITS {
        station.visit(DAYS[number % DAYS.len()], &mut dice);
    }
    for ((day, end), count) in &station.ends {
        println!("{day:?}: {count} {end}");
    }
    let count = |wanted: Day, end: &str| {
        let ends = station.ends.iter();
        ends.filter(|((day, told), _)| *day == wanted && (end.is_empty() || told == end))
            .map(|(_, count)| count)
            .sum::<usize>()
    };
    for day in DAYS {
        assert_eq!(count(day, ""), VISITS / DAYS.len(), "{day:?}");
    }
    for day in [Day::Usual, Day::Tap, Day::Paper, Day::WrongPin] {
        assert_eq!(count(day, "verified"), VISITS / DAYS.len(), "{day:?}");
    }
    // The troubles were some.
    for day in [Day::AnotherFace, Day::CardPulled, Day::ServerGone, Day::HardCase] {
        assert!(count(day, "verified") < VISITS / DAYS.len(), "{day:?}");
    }
    let log = station.world.sandbox().audit();
    let looked = station.world.wait(log.verify(None)).unwrap();
    assert!(looked.findings.is_empty() && looked.records > 300, "{looked:?}");
    let (mut granted, mut after) = (0, 0);
    let mut whose = BTreeSet::new();
    loop {
        let records = station.world.wait(log.after(after)).unwrap();
        let Some(last) = records.last() else { break };
        after = last.sequence;
        for record in records {
            if record.what == "exchange" && record.outcome == "ok" {
                granted += 1;
                whose.insert(record.staff);
            }
        }
    }
    // Each of the staff is on record as themselves, under a name that says nothing outside of the records.
    assert_eq!(whose.len(), STAFF, "{whose:?}");
    assert!((0..STAFF).all(|at| !whose.contains(&name(at))));
    assert_eq!(granted, Books::of(&station.world).tokens);
    station.world.stop();
}
