//! A shared device that goes where there is no network: its store, its clocks, and whoever holds it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::SignedDuration;
use kaigotap::exchange::{Device, DeviceKey, Entropy, FacilityNumber, StaffToken, Subject, Use};
use kaigotap::flow::{
    DeviceTime, Entry, EntryName, Flow, HttpError, Kind, Reply, Request, StoreError,
};
use kaigotap::kaigo::ChosenPerson;
use kaigotap::link::{self, Host, NoOutcome, run};
use kaigotap::message::Failure;
use kaigotap::visit::{
    self, Environment, JournalKey, JournalView, OfflineEnvironment, Plan, Registered, SendReport,
    Tickets, Waits,
};
use kaigotap_kit::enrolment::Enrolment;
use kaigotap_kit::hand::Hand;
use kaigotap_sandbox::STAFF_ID;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};
use ring::rand::{SecureRandom, SystemRandom};

use crate::{Scene, Told};

/// Where a conversation is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Killed {
    /// Nowhere.
    Never,
    /// Before the request of this index is carried out.
    Before(usize),
    /// After it was carried out, before anybody heard of it.
    After(usize),
}

/// The device.
pub struct Field<'a> {
    /// The card, the nurse, the key and the network.
    pub scene: Scene<'a>,
    /// Whether there is a network.
    pub covered: bool,
    /// What it keeps: what is here has survived.
    pub store: BTreeMap<EntryName, Vec<u8>>,
    /// By how much its date was set.
    pub set: SignedDuration,
    /// How much time has passed beside that of this machine.
    pub passed: Duration,
    /// When it was started anew last, by the clock that nobody sets.
    pub started: Duration,
    /// What is left of the store: after so many writes it is full.
    pub room: Option<usize>,
    /// What requests look like where somebody prints them.
    pub shown: String,
    /// The requests of the last conversation.
    pub asked: Vec<Kind>,
    /// The mark beside its key.
    pub mark: u64,
    secret: [u8; 32],
    killed: Killed,
}

impl<'a> Field<'a> {
    /// One that holds this card.
    pub fn new(world: &'a World, card: VirtualCard) -> Self {
        Self {
            scene: Scene::with(world, card),
            covered: true,
            store: BTreeMap::new(),
            set: SignedDuration::ZERO,
            passed: Duration::ZERO,
            started: Duration::ZERO,
            room: None,
            shown: String::new(),
            asked: Vec::new(),
            mark: 0,
            secret: fresh(),
            killed: Killed::Never,
        }
    }

    /// The key of its journal.
    pub fn key(&self) -> JournalKey {
        JournalKey::new(&self.secret).expect("a key").at_least(self.mark)
    }

    /// Kills the next conversation there.
    pub fn kill(&mut self, at: Killed) {
        self.killed = at;
    }

    /// What a staff member knows and trusts, who holds it.
    pub fn environment(&self, staff: &str) -> Environment {
        let enrolment = Enrolment::for_staff(self.scene.world, staff, &self.scene.key);
        enrolment.environment_with(Entropy::new(&fresh())).expect("an environment")
    }

    /// The same without a network.
    pub fn offline(&self, staff: &str) -> OfflineEnvironment {
        self.environment(staff).without_network(self.key())
    }

    /// The device as it is enrolled, and the token of a staff member who has just signed in on it.
    pub fn signed_in(&self, staff: &str) -> (Device, StaffToken) {
        let enrolment = Enrolment::for_staff(self.scene.world, staff, &self.scene.key);
        let key = DeviceKey::new("device", self.scene.key.public_key());
        let facility = FacilityNumber::parse(enrolment.visit.device.facility).expect("a number");
        let device = Device::new(enrolment.visit.device.id, key, facility).expect("a device");
        let token = StaffToken::parse(enrolment.staff_token, &device).expect("a token");
        (device, token)
    }

    /// Runs a conversation; `None` if it was killed.
    pub fn converse<T>(&mut self, flow: Flow<Result<T, Failure>>) -> Option<Result<T, Failure>> {
        self.asked.clear();
        let outcome = match run(flow, self) {
            Ok(outcome) => Some(outcome),
            Err(NoOutcome::Stopped) => None,
            Err(NoOutcome::Misuse(misuse)) => panic!("{misuse}"),
        };
        self.killed = Killed::Never;
        outcome
    }

    /// Fetches tickets for these people, or for whoever it may be.
    pub fn fetch(
        &mut self,
        staff: &str,
        people: &[Option<Subject>],
    ) -> Option<Result<Tickets, Failure>> {
        let flow = visit::fetch_tickets(self.environment(staff), self.key(), people, 12);
        let told = self.converse(flow.expect("tickets"));
        self.marked(told, |tickets| tickets.mark)
    }

    /// Fetches so many; the index of the request with which they came.
    pub fn asked_to_fetch(&mut self, staff: &str, count: usize) -> usize {
        self.fetch(staff, &vec![None; count]).expect("an end").expect("tickets");
        self.asked.iter().rposition(|kind| *kind == Kind::Send).expect("a request")
    }

    /// What is held.
    pub fn held(&mut self, staff: &str) -> Tickets {
        let flow = visit::held_tickets(self.offline(staff));
        self.converse(flow).expect("an end").expect("tickets")
    }

    /// A visit with card and PIN where there is no network.
    pub fn visit(&mut self, staff: &str, label: &str) -> Option<Result<Waits, Failure>> {
        self.scene.holder.types =
            vec![self.scene.holder.card.person().pin(Purpose::Authentication)];
        let plan = self.plan();
        self.visit_for(staff, plan, label)
    }

    /// What such a visit is for.
    pub fn plan(&self) -> Plan {
        Plan::new([Use::View, Use::Register]).expect("a plan")
    }

    /// One that is planned otherwise.
    pub fn visit_for(
        &mut self,
        staff: &str,
        plan: Plan,
        label: &str,
    ) -> Option<Result<Waits, Failure>> {
        let flow = visit::start_offline(plan, self.offline(staff), label).expect("a label");
        let told = self.converse(flow);
        self.marked(told, |waits| waits.mark)
    }

    /// Sends what waits.
    pub fn send(&mut self, staff: &str) -> Option<Result<SendReport, Failure>> {
        let flow = visit::send_waiting(self.environment(staff), self.key());
        let told = self.converse(flow);
        self.marked(told, |sent| sent.mark)
    }

    /// Somebody who was visited with card and PIN, where there is a network.
    pub fn registered(&mut self) -> (Registered, Subject) {
        let person = self.scene.holder.card.person().clone();
        let told = self.scene.play(|_, _| Hand::Off);
        let Told::Verified(outcome) = told else { panic!("{told:?}") };
        let birth = person.birth_date.to_string().parse().ok();
        let chosen = ChosenPerson::new(person.name_kana, birth, None).expect("a person");
        let subject = outcome.confirmation.subject;
        (Registered::new(chosen, subject.clone()).expect("a registration"), subject)
    }

    /// What a staff member sees of the journal.
    pub fn journal(&mut self, staff: &str) -> JournalView {
        let flow = visit::journal(self.offline(staff));
        self.converse(flow).expect("an end").expect("a view")
    }

    /// Keeps the mark when a conversation has ended, as the host does.
    pub fn marked<T>(
        &mut self,
        told: Option<Result<T, Failure>>,
        mark: impl FnOnce(&T) -> u64,
    ) -> Option<Result<T, Failure>> {
        if let Some(Ok(told)) = &told {
            self.mark = self.mark.max(mark(told));
        }
        told
    }

    fn done(&mut self, request: Request) -> Option<Reply> {
        Some(match request {
            Request::Keep(entry) => match self.room {
                Some(0) => Reply::Keep(Err(StoreError::Full)),
                room => {
                    self.room = room.map(|room| room - 1);
                    self.store.insert(entry.name, entry.sealed);
                    Reply::Keep(Ok(()))
                }
            },
            Request::Forget(name) => {
                self.store.remove(&name);
                Reply::Forget(Ok(()))
            }
            Request::List => Reply::List(Ok(self.store.keys().cloned().collect())),
            Request::Recall(names) => {
                let there = names.into_iter().filter_map(|name| {
                    let sealed = self.store.get(&name)?.clone();
                    Some(Entry::new(name, sealed).expect("an entry"))
                });
                Reply::Recall(Ok(there.collect()))
            }
            Request::Clock => {
                let now = link::now();
                let wall = now.wall + self.set + self.passed;
                let monotonic = (now.monotonic + self.passed).saturating_sub(self.started);
                Reply::Clock(DeviceTime::new(wall, monotonic))
            }
            Request::Send(_) if !self.covered => Reply::Send(Err(HttpError::Unreachable)),
            other => return self.scene.answer(other),
        })
    }
}

impl Host for Field<'_> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        let index = self.asked.len();
        self.asked.push(request.kind());
        let _ = write!(self.shown, "{request:?}\n{request:#?}\n");
        match self.killed {
            Killed::Before(at) if at == index => None,
            Killed::After(at) if at == index => {
                self.done(request);
                None
            }
            _ => self.done(request),
        }
    }

    fn release(&mut self) {
        self.scene.release();
    }
}

/// A card of theirs.
pub fn card(person: Person) -> VirtualCard {
    VirtualCard::new(person, Behaviour::modern()).expect("test keys")
}

/// A device with tickets that is where there is no network now.
pub fn away<'a>(world: &'a World, card: &VirtualCard, tickets: usize) -> Field<'a> {
    let mut field = Field::new(world, card.clone());
    let fetched = field.fetch(STAFF_ID, &vec![None; tickets]).expect("an end").expect("tickets");
    assert_eq!((fetched.held.len(), fetched.findings.len()), (tickets, 0));
    field.covered = false;
    field
}

/// A visit with card and PIN that waits.
pub fn waits(field: &mut Field<'_>) -> Waits {
    field.visit(STAFF_ID, "Hanako").expect("an end").expect("a visit that waits")
}

/// What waits is sent, where there is a network again.
pub fn sent(field: &mut Field<'_>) -> SendReport {
    field.covered = true;
    field.send(STAFF_ID).expect("an end").expect("a report")
}

/// Both sides of every request of a conversation that asks so many.
pub fn every_cut(requests: usize) -> impl Iterator<Item = Killed> {
    (0..requests).flat_map(|at| [Killed::Before(at), Killed::After(at)])
}

fn fresh() -> [u8; 32] {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("randomness");
    bytes
}
