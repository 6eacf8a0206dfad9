//! A visit between a virtual card and a sandbox, with a hand on every turn; every other conversation with a virtual card;
//! and transcripts of both, replayed.

#![allow(clippy::missing_panics_doc, reason = "it panics to fail the test that uses it")]

pub mod conversation;
pub mod replay;
pub mod scenes;
pub mod table;

use jiff::SignedDuration;
use kaigotap::flow::{Answer, FaceCheck, Prompt, Reply, Request, Secret, Step};
use kaigotap::link::http::HttpClient;
use kaigotap::link::{CardLink, HttpLink};
use kaigotap::message::{Code, Failure};
use kaigotap::visit::{self, Outcome};
use kaigotap_cli::world::World;
use kaigotap_sandbox::ChallengeState;
use kaigotap_virtual_card::{Person, Profile, Purpose, VirtualCard};

/// What is done at one turn in place of answering it.
#[derive(Debug)]
pub enum Hand {
    /// Answer it as it should be.
    Off,
    /// Answer this, without doing what was asked.
    Instead(Reply),
    /// Do what was asked, then answer this.
    After(Reply),
    /// Drop the visit.
    Stop,
}

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
    /// The card.
    pub card: VirtualCard,
    /// The HTTP client.
    pub http: HttpClient,
    /// What the nurse sees.
    pub face: FaceCheck,
    /// What the holder types, one after the other; then they stop.
    pub pins: Vec<&'static str>,
    /// Whether the holder agrees to a last try.
    pub consent: bool,
    /// How far the device's clock is ahead.
    pub clock: SignedDuration,
    /// Whether a card that was pulled is held to the reader again when asked for.
    pub comes_back: bool,
    /// The server that the device is set to, if not the world's.
    pub server: Option<String>,
}

impl<'a> Scene<'a> {
    /// Hanako's card, and everybody doing the right thing.
    pub fn new(world: &'a World, profile: Profile) -> Self {
        Self::of(world, Person::hanako(), profile)
    }

    /// This person's card, and everybody doing the right thing.
    pub fn of(world: &'a World, person: Person, profile: Profile) -> Self {
        Self::with(world, VirtualCard::new(person, profile).expect("test keys"))
    }

    /// This card, and everybody doing the right thing. A card that is cloned is ready sooner than a new one.
    pub fn with(world: &'a World, card: VirtualCard) -> Self {
        let pins = vec![card.person().pin(Purpose::Authentication)];
        Self {
            world,
            card,
            http: HttpClient::trusting(&[]).expect("an HTTP client"),
            face: FaceCheck::Match,
            pins,
            consent: false,
            clock: SignedDuration::ZERO,
            comes_back: true,
            server: None,
        }
    }

    /// Plays the visit. `hand` sees every request with its index.
    pub fn play(&mut self, mut hand: impl FnMut(usize, &Request) -> Hand) -> Told {
        let mut enrolment = self.world.enrolment().expect("an enrolment");
        if let Some(server) = &self.server {
            enrolment.server.clone_from(server);
        }
        let environment = enrolment.environment().expect("an environment");
        let mut visit = visit::start(enrolment.plan(), environment);
        let mut step = visit.start().expect("a fresh visit");
        let mut index = 0;
        let told = loop {
            let request = match step {
                Step::Done(Ok(outcome)) => break Told::Verified(Box::new(outcome)),
                Step::Done(Err(failure)) => break Told::Failed(failure),
                Step::Need(request) => request,
            };
            let reply = match hand(index, &request) {
                Hand::Off => self.answer(&request),
                Hand::Instead(reply) => reply,
                Hand::After(reply) => {
                    self.answer(&request);
                    reply
                }
                Hand::Stop => break Told::Nothing,
            };
            index += 1;
            step = visit.resume(reply).expect("a reply of the right kind");
        };
        // What every driver does when a visit ends or is dropped.
        drop(visit);
        CardLink::disconnect(&mut self.card);
        told
    }

    /// Answers a request as card, platform, clock and people would.
    pub fn answer(&mut self, request: &Request) -> Reply {
        match request {
            Request::Connect(occasion) => {
                if self.comes_back && self.card.is_gone() && self.card.meter().commands > 0 {
                    self.card.put_back();
                }
                Reply::Connect(CardLink::connect(&mut self.card, *occasion))
            }
            Request::Transmit(command) => {
                Reply::Transmit(CardLink::transmit(&mut self.card, command.bytes()))
            }
            Request::Disconnect => {
                CardLink::disconnect(&mut self.card);
                Reply::Disconnect
            }
            Request::Send(request) => Reply::Send(self.http.send(request)),
            Request::Clock => Reply::Clock(jiff::Timestamp::now() + self.clock),
            Request::Ask(Prompt::ConfirmFace) => Reply::Ask(Answer::Face(self.face)),
            Request::Ask(Prompt::LastTry { .. }) => Reply::Ask(Answer::Consent(self.consent)),
            Request::Ask(_) if self.pins.is_empty() => Reply::Ask(Answer::Cancelled),
            Request::Ask(_) => Reply::Ask(Answer::Pin(Secret::new(self.pins.remove(0)))),
            other => panic!("a request that is new: {other:?}"),
        }
    }

    /// Tries left for the authentication PIN.
    pub fn tries(&self) -> u8 {
        self.card.tries_left(Purpose::Authentication)
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
