//! A visit between a virtual card and a sandbox, with a hand on every turn; and the conversations that are recorded.

#![allow(clippy::missing_panics_doc, reason = "it panics to fail the test that uses it")]

mod device;
pub mod field;
pub mod scenes;
mod staff;

use jiff::SignedDuration;
use kaigotap::flow::{
    Answer, Attributes, DeviceTime, FaceCheck, PrintedFields, Prompt, Reply, Request, Way,
};
use kaigotap::link::device_key::MemoryKey;
use kaigotap::link::http::HttpClient;
use kaigotap::link::{self, DeviceKey as _, Host, HttpLink, NoOutcome, run};
use kaigotap::message::{Code, Failure};
use kaigotap::visit::{self, Outcome, Plan};
use kaigotap_kit::conversation::Holder;
use kaigotap_kit::enrolment::Enrolment;
use kaigotap_kit::hand::{Hand, WithHand};
use kaigotap_sandbox::world::World;
use kaigotap_sandbox::{ChallengeState, STAFF_ID};
use kaigotap_virtual_card::{Behaviour, Person, Purpose, VirtualCard};

/// What the caller of a visit was told.
#[derive(Debug)]
pub enum Told {
    /// The person is verified.
    Verified(Box<Outcome>),
    /// Why not.
    Failed(Failure),
    /// Nothing: it stopped.
    Nothing,
}

impl Told {
    /// The code of the failure, if it was one.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Failed(failure) => Some(failure.code()),
            _ => None,
        }
    }
}

/// Who takes part in a visit, and how they behave.
pub struct Scene<'a> {
    /// The platform.
    pub world: &'a World,
    /// Who visits.
    pub staff: String,
    /// The card and its holder.
    pub holder: Holder,
    /// The device's key.
    pub key: MemoryKey,
    /// The HTTP client.
    pub http: HttpClient,
    /// What the nurse sees.
    pub face: FaceCheck,
    /// Which ways the nurse chooses after failures, one after the other; then none.
    pub chooses: Vec<Way>,
    /// What the nurse reads off cards, one after the other; then nothing.
    pub reads: Vec<PrintedFields>,
    /// What the nurse makes of the chip's photo.
    pub photo: FaceCheck,
    /// What the nurse types from paper certificates, one after the other; then nothing.
    pub types: Vec<Attributes>,
    /// How far the device's clock is ahead.
    pub clock: SignedDuration,
    /// The server that the device is set to, if not the world's.
    pub server: Option<String>,
}

impl<'a> Scene<'a> {
    /// Hanako's card, and everybody doing the right thing.
    pub fn new(world: &'a World, profile: Behaviour) -> Self {
        Self::of(world, Person::hanako(), profile)
    }

    /// This person's card, and everybody doing the right thing.
    pub fn of(world: &'a World, person: Person, profile: Behaviour) -> Self {
        Self::with(world, VirtualCard::new(person, profile).expect("test keys"))
    }

    /// This card, and everybody doing the right thing. A card that is cloned is ready sooner than a new one.
    pub fn with(world: &'a World, card: VirtualCard) -> Self {
        let types = vec![card.person().pin(Purpose::Authentication)];
        Self {
            world,
            staff: STAFF_ID.to_owned(),
            holder: Holder { types, ..Holder::of(card) },
            key: MemoryKey::generate().expect("a key"),
            http: HttpClient::trusting(&[]).expect("an HTTP client"),
            face: FaceCheck::Match,
            chooses: Vec::new(),
            reads: Vec::new(),
            photo: FaceCheck::Match,
            types: Vec::new(),
            clock: SignedDuration::ZERO,
            server: None,
        }
    }

    /// Plays the visit. `hand` sees every request with its index.
    pub fn play(&mut self, hand: impl FnMut(usize, &Request) -> Hand) -> Told {
        self.play_for(|plan| plan, hand)
    }

    /// Plays a visit that is planned otherwise.
    pub fn play_for(
        &mut self,
        plan: impl FnOnce(Plan) -> Plan,
        hand: impl FnMut(usize, &Request) -> Hand,
    ) -> Told {
        let mut enrolment = Enrolment::for_staff(self.world, &self.staff, &self.key);
        if let Some(server) = &self.server {
            enrolment.visit.server.clone_from(server);
        }
        let environment = enrolment.environment().expect("an environment");
        let visit = visit::start(plan(enrolment.plan()), environment);
        match run(visit, &mut WithHand::new(self, hand)) {
            Ok(Ok(outcome)) => Told::Verified(Box::new(outcome)),
            Ok(Err(failure)) => Told::Failed(failure),
            Err(NoOutcome::Stopped) => Told::Nothing,
            Err(NoOutcome::Misuse(misuse)) => panic!("{misuse}"),
        }
    }

    /// Tries left for the authentication PIN.
    pub fn tries(&self) -> u8 {
        self.holder.card.tries_left(Purpose::Authentication)
    }
}

/// Answers as card, platform, clock and people would.
impl Host for Scene<'_> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        Some(match request {
            Request::Send(request) => Reply::Send(self.http.send(&request)),
            Request::Sign(to_sign) => {
                // A person may be asked to allow it, and a card must not lie open while they are.
                assert!(!self.holder.card.is_verified(Purpose::Authentication), "a PIN is open");
                Reply::Sign(self.key.sign(&to_sign))
            }
            Request::Clock => {
                let now = link::now();
                Reply::Clock(DeviceTime::new(now.wall + self.clock, now.monotonic))
            }
            Request::Ask(Prompt::ConfirmFace) => Reply::Ask(Answer::Face(self.face)),
            Request::Ask(Prompt::ChooseWay { .. }) if !self.chooses.is_empty() => {
                Reply::Ask(Answer::Way(self.chooses.remove(0)))
            }
            Request::Ask(Prompt::EnterPrinted { .. }) if !self.reads.is_empty() => {
                Reply::Ask(Answer::Printed(self.reads.remove(0)))
            }
            Request::Ask(Prompt::ConfirmPhoto { .. }) => Reply::Ask(Answer::Face(self.photo)),
            Request::Ask(Prompt::EnterAttributes { .. }) if !self.types.is_empty() => {
                Reply::Ask(Answer::Attributes(self.types.remove(0)))
            }
            Request::Ask(Prompt::ConfirmBirthDate { .. }) => Reply::Ask(Answer::BirthDateIs(true)),
            other => return self.holder.answer(other),
        })
    }

    fn release(&mut self) {
        self.holder.release();
    }
}

/// What the platform has on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Books {
    /// Challenges given out.
    pub challenges: usize,
    /// Of these, consumed.
    pub used: usize,
    /// Access tokens issued.
    pub tokens: u64,
}

impl Books {
    /// Opens the platform's books.
    pub fn of(world: &World) -> Self {
        let challenges = world.wait(world.sandbox().challenges()).expect("the challenges");
        Self {
            challenges: challenges.len(),
            used: challenges.iter().filter(|c| c.state == ChallengeState::Used).count(),
            tokens: world.wait(world.sandbox().tokens_issued()).expect("the tokens"),
        }
    }

    /// What was added since.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            challenges: self.challenges - before.challenges,
            used: self.used - before.used,
            tokens: self.tokens - before.tokens,
        }
    }
}
