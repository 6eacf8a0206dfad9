//! The device, and what is known of it.

mod meddling;
mod sending;
mod shift;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::SignedDuration;
use kaigotap::exchange::Entropy;
use kaigotap::flow::EntryName;
use kaigotap::kaigo::Assent;
use kaigotap::message::{Code, Failure};
use kaigotap::visit::{self, EntryState, Finding, OfflineEnvironment, SendReport, Shift, Tickets};
use kaigotap_e2e::field::{Field, Killed};
use kaigotap_sandbox::STAFF_ID;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};
use ring::rand::{SecureRandom, SystemRandom};

use crate::steps::{Act, Step};

/// Two nurses of one facility, and the codes with which they unlock the device.
const NURSES: [&str; 2] = [STAFF_ID, "nurse-02"];
const CODES: [&str; 2] = ["135790", "246801"];

/// Cards, of which each can be revoked once.
const CARDS: u32 = 200;

/// What all sequences share: the platform, its clock and the cards that are left.
pub(crate) struct Supply<'w> {
    world: &'w World,
    /// The two that are used now.
    cards: [VirtualCard; 2],
    /// Which of them are revoked.
    revoked: BTreeSet<usize>,
    next: u32,
    /// How far the platform's clock was moved.
    passed: Duration,
    /// How far its records were read.
    read: u64,
}

fn guest(number: u32) -> Person {
    Person::hanako().with_serial(Purpose::Authentication, 4_000_000 + number)
}

impl<'w> Supply<'w> {
    pub(crate) fn world() -> World {
        World::start_for(&(0..CARDS).map(guest).collect::<Vec<_>>()).unwrap()
    }

    pub(crate) fn new(world: &'w World) -> Self {
        let cards =
            [0, 1].map(|number| VirtualCard::new(guest(number), Behaviour::modern()).unwrap());
        Self { world, cards, revoked: BTreeSet::new(), next: 2, passed: Duration::ZERO, read: 0 }
    }

    /// Cards that are good, in the place of those that are not.
    fn renew(&mut self) {
        for card in std::mem::take(&mut self.revoked) {
            self.cards[card] = VirtualCard::new(guest(self.next), Behaviour::modern()).unwrap();
            self.next += 1;
        }
    }
}

/// Something that a nurse made.
struct Made {
    nurse: usize,
    card: usize,
    label: String,
    is_note: bool,
    /// Whether anybody was told that it waits.
    told: bool,
    /// Whether the platform took it; `None` while it was not judged.
    taken: Option<bool>,
}

/// What a device knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Waiting,
    /// The app was killed while it was sent.
    Unsure,
    Over,
}

#[derive(Clone, Default)]
struct On {
    /// Whose, if anybody knows.
    nurse: Option<usize>,
    /// Which of the shifts that the app holds opens it.
    open: Option<usize>,
    /// Most wrong codes that may be counted.
    wrong: u8,
}

/// An older copy, and what was known of it then.
struct Copy {
    store: BTreeMap<EntryName, Vec<u8>>,
    mark: u64,
    written: u64,
    /// Whether it was told to be an older one even then.
    told: bool,
    entries: BTreeMap<u64, (usize, Where)>,
    shift: Option<On>,
    last: Option<u64>,
}

pub(crate) struct Model<'s, 'w> {
    supply: &'s mut Supply<'w>,
    field: Field<'w>,
    passed: bool,
    asked: usize,
    made: Vec<Made>,
    /// By number, what is on the device and nobody acknowledged.
    entries: BTreeMap<u64, (usize, Where)>,
    shift: Option<On>,
    /// All shifts that the app has held since it was started.
    held: Vec<(usize, Shift)>,
    /// The last number that anybody was told.
    last: Option<u64>,
    copies: Vec<Copy>,
    /// Whether an older copy was put back.
    meddled: bool,
    /// Who each nurse is in the platform's records, and whose each card.
    makers: BTreeMap<usize, String>,
    people: BTreeMap<usize, String>,
}

fn entropy() -> Entropy {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).unwrap();
    Entropy::new(&bytes)
}

fn name(number: u64) -> EntryName {
    EntryName::parse(format!("v-{number:016}")).unwrap()
}

impl<'s, 'w> Model<'s, 'w> {
    pub(crate) fn new(supply: &'s mut Supply<'w>) -> Self {
        supply.renew();
        let mut field = Field::new(supply.world, supply.cards[0].clone());
        field.passed = supply.passed;
        let mut model = Self {
            supply,
            field,
            passed: false,
            asked: 0,
            made: Vec::new(),
            entries: BTreeMap::new(),
            shift: None,
            held: Vec::new(),
            last: None,
            copies: Vec::new(),
            meddled: false,
            makers: BTreeMap::new(),
            people: BTreeMap::new(),
        };
        model.records();
        model
    }

    /// How many visits were told as waiting.
    pub(crate) fn told(&self) -> usize {
        self.made.iter().filter(|made| made.told && !made.is_note).count()
    }

    /// How many were confirmed.
    pub(crate) fn confirmed(&self) -> usize {
        self.made.iter().filter(|made| !made.is_note && made.taken == Some(true)).count()
    }

    /// Does it; whether the app was killed in it.
    pub(crate) fn step(&mut self, step: &Step) -> bool {
        let killed = match step.cut {
            None => Killed::Never,
            Some((at, false)) => Killed::Before(at),
            Some((at, true)) => Killed::After(at),
        };
        let whole = match step.act {
            Act::Fetch { nurse, tickets } => self.fetch(nurse, tickets, killed),
            Act::Return { nurse } => self.give_back(nurse, killed),
            Act::Visit { nurse, card } => self.visit(nurse, card, killed),
            Act::Note { nurse, which } => self.note(nurse, which, killed),
            Act::Send { nurse } => self.send(nurse, killed),
            Act::List { nurse } => self.list(nurse),
            Act::Acknowledge { nurse } => self.acknowledge(nurse, killed),
            Act::Begin { nurse } => self.begin(nurse, killed),
            Act::Unlock { nurse, right } => self.unlock(nurse, right, killed),
            Act::Lock => self.lock(killed),
            Act::End => self.end(killed),
            Act::Network(covered) => {
                self.field.covered = covered;
                true
            }
            Act::Set(days) => {
                self.field.set = SignedDuration::from_hours(24 * days);
                true
            }
            Act::Restart => {
                self.field.started = kaigotap::link::now().monotonic + self.field.passed;
                self.held.clear();
                self.probe();
                true
            }
            Act::Pass(hours) => {
                let hours = Duration::from_hours(hours);
                self.supply.world.sandbox().shift_clock(hours.try_into().unwrap());
                self.supply.passed += hours;
                self.field.passed += hours;
                self.passed = true;
                true
            }
            Act::Revoke { card } => {
                self.revoke(card);
                true
            }
            Act::Copy => {
                self.copy();
                true
            }
            Act::PutBack { which, mark } => {
                self.put_back(which, mark);
                true
            }
            Act::Room(room) => {
                self.field.room = room;
                true
            }
        };
        if !whole {
            self.held.clear();
            self.probe();
        }
        for (number, (made, place)) in &self.entries {
            let there = self.field.store.contains_key(&name(*number));
            assert!(there, "{number} of {} is lost: {place:?}", self.made[*made].label);
        }
        !whole
    }

    /// What a nurse uses: the shift that they got last, if any.
    fn environment(&self, nurse: usize) -> OfflineEnvironment {
        let environment = self.field.offline(NURSES[nurse]);
        match self.held.iter().rev().find(|(of, _)| *of == nurse) {
            Some((_, shift)) => environment.in_shift(shift.clone()),
            None => environment,
        }
    }

    /// Whether that lets them in.
    fn admitted(&self, nurse: usize) -> bool {
        let held = self.held.iter().rposition(|(of, _)| *of == nurse);
        match &self.shift {
            None => held.is_none(),
            Some(on) => on.open.is_some() && on.open == held,
        }
    }

    fn found(&self, findings: &[Finding]) {
        assert!(
            findings.iter().all(|one| self.meddled && *one == Finding::RolledBack),
            "{findings:?}"
        );
    }

    /// After something that may have ended or locked the shift without anybody having been told.
    fn probe(&mut self) {
        let room = self.field.room.take();
        let seen = self.field.converse(visit::journal(self.field.offline(NURSES[0]))).unwrap();
        self.field.room = room;
        self.shift = match seen {
            Ok(_) => None,
            Err(failure) => {
                assert_eq!(failure.code(), Code::ShiftLocked);
                let on = self.shift.take().unwrap_or_default();
                let open = on.open.filter(|held| *held < self.held.len());
                Some(On { open, ..on })
            }
        };
    }

    fn fetch(&mut self, nurse: usize, tickets: usize, killed: Killed) -> bool {
        self.field.kill(killed);
        self.asked += tickets;
        match self.field.fetch(NURSES[nurse], &vec![None; tickets]) {
            None => return false,
            Some(Ok(told)) => {
                assert!(self.field.covered && (tickets..=20).contains(&told.held.len()));
                self.away(&told);
            }
            Some(Err(failure)) if failure.code() == Code::TicketLimit => assert!(self.asked > 20),
            Some(Err(failure)) => self.not_away(&failure),
        }
        true
    }

    fn give_back(&mut self, nurse: usize, killed: Killed) -> bool {
        let environment = self.field.environment(NURSES[nurse]);
        let flow = visit::return_tickets(environment, self.field.key());
        self.field.kill(killed);
        let told = self.field.converse(flow);
        match self.field.marked(told, |tickets| tickets.mark) {
            None => return false,
            Some(Ok(told)) => {
                assert!(told.held.is_empty());
                self.away(&told);
            }
            Some(Err(failure)) => self.not_away(&failure),
        }
        true
    }

    /// The platform was asked about tickets.
    fn away(&mut self, told: &Tickets) {
        self.found(&told.findings);
        if !told.findings.is_empty() {
            self.probe();
        }
    }

    fn not_away(&self, failure: &Failure) {
        match failure.code() {
            Code::ServerUnreachable => assert!(!self.field.covered),
            Code::ClockOff => assert!(!self.field.set.is_zero()),
            Code::StoreFull => assert!(self.field.room.is_some()),
            _ => panic!("{failure:?}"),
        }
    }

    fn visit(&mut self, nurse: usize, card: usize, killed: Killed) -> bool {
        let flow = visit::held_tickets(self.environment(nurse));
        let tickets = match self.field.converse(flow).unwrap() {
            Ok(told) => {
                assert!(self.admitted(nurse));
                self.found(&told.findings);
                told.held.len()
            }
            Err(failure) => {
                self.stopped(nurse, &failure);
                0
            }
        };
        let before = self.field.store.clone();
        let label = format!("{nurse} {}", self.made.len());
        self.field.scene.holder.card = self.supply.cards[card].clone();
        let pin = self.field.scene.holder.card.person().pin(Purpose::Authentication);
        self.field.scene.holder.types = vec![pin];
        let flow = visit::start_offline(self.field.plan(), self.environment(nurse), &label);
        self.field.kill(killed);
        let told = self.field.converse(flow.unwrap());
        let told = self.field.marked(told, |waits| waits.mark);
        let made = Made { nurse, card, label, is_note: false, told: false, taken: None };
        match told {
            None => {
                self.kept_untold(made, &before);
                return false;
            }
            Some(Ok(waits)) => {
                assert!(self.admitted(nurse) && tickets > 0);
                self.found(&waits.findings);
                self.kept(made, waits.number);
            }
            Some(Err(failure)) => {
                if failure.code() == Code::TicketMissing {
                    assert!(self.admitted(nurse) && tickets == 0);
                } else {
                    self.stopped(nurse, &failure);
                }
                self.nothing_new(&before);
            }
        }
        true
    }

    /// Told that it waits.
    fn kept(&mut self, made: Made, number: u64) {
        assert!(self.last.is_none_or(|last| last < number), "{:?} {number}", self.last);
        self.last = Some(number);
        self.entries.insert(number, (self.made.len(), Where::Waiting));
        self.made.push(Made { told: true, ..made });
    }

    /// Nobody was told; it is there, or not.
    fn kept_untold(&mut self, made: Made, before: &BTreeMap<EntryName, Vec<u8>>) {
        if let Some(number) = self.appeared(before) {
            self.entries.insert(number, (self.made.len(), Where::Waiting));
            self.made.push(made);
        }
    }

    fn nothing_new(&self, before: &BTreeMap<EntryName, Vec<u8>>) {
        assert_eq!(self.appeared(before), None, "it waits, and nobody was told");
    }

    fn appeared(&self, before: &BTreeMap<EntryName, Vec<u8>>) -> Option<u64> {
        let mut new = self.field.store.keys().filter(|name| !before.contains_key(*name));
        new.find_map(|name| name.as_str().strip_prefix("v-")?.parse().ok())
    }

    /// Why somebody was let do nothing.
    fn stopped(&self, nurse: usize, failure: &Failure) {
        match failure.code() {
            Code::ShiftLocked => assert!(!self.admitted(nurse)),
            Code::StoreFull => assert!(self.field.room.is_some()),
            _ => panic!("{failure:?}"),
        }
    }

    fn note(&mut self, nurse: usize, which: usize, killed: Killed) -> bool {
        let numbers: Vec<u64> = self.entries.keys().copied().collect();
        let Some(&number) = numbers.get(which % numbers.len().max(1)) else { return true };
        let (visit, place) = self.entries[&number];
        let before = self.field.store.clone();
        let assent = Assent { explained: true, agreed: true };
        let flow = visit::note_consent(self.environment(nurse), number, assent);
        self.field.kill(killed);
        let told = self.field.converse(flow);
        let told = self.field.marked(told, |noted| noted.mark);
        let Made { nurse: maker, card, ref label, is_note, .. } = self.made[visit];
        let made =
            Made { nurse, card, label: label.clone(), is_note: true, told: false, taken: None };
        match told {
            None => {
                self.kept_untold(made, &before);
                return false;
            }
            Some(Ok(noted)) => {
                assert!(self.admitted(nurse) && nurse == maker && !is_note && place != Where::Over);
                self.kept(made, noted.number);
            }
            Some(Err(failure)) => {
                if failure.code() == Code::OfflineVisitMissing {
                    let waits = nurse == maker && !is_note && place == Where::Waiting;
                    assert!(self.admitted(nurse) && !waits);
                } else {
                    self.stopped(nurse, &failure);
                }
                self.nothing_new(&before);
            }
        }
        true
    }
}
