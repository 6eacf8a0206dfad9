//! One conversation against a world that may do anything, with everything watched.

use super::guard::Guard;
use super::platform;
use crate::flow::{
    Answer, BrowseError, Connected, DeviceTime, Flow, HttpError, HttpRequest, HttpResponse,
    LinkError, Occasion, Prompt, Reply, Request, SignError, StoreError, ToSign,
};
use crate::link::{Host, run};
use crate::message::{Failure, Language};

/// Most requests of one conversation: a few taps, the platform, and people who are asked some dozens of times.
const MOST_REQUESTS: usize = 2_000;

/// Whoever answers.
pub(super) trait World {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError>;
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError>;
    fn ask(&mut self, prompt: Prompt) -> Answer;
    fn send(&mut self, request: &HttpRequest) -> Result<HttpResponse, HttpError>;
    fn clock(&mut self) -> DeviceTime;

    /// Its key is a good one, if it does not say otherwise.
    fn sign(&mut self, to_sign: &ToSign) -> Result<Vec<u8>, SignError> {
        Ok(platform::signature(&to_sign.payload))
    }
}

/// Plays a flow to its end.
pub(super) fn play<T>(flow: Flow<Result<T, Failure>>, world: &mut dyn World) -> Result<T, Failure> {
    let mut guarded = Guarded { world, guard: Guard::default(), asked: 0 };
    let outcome = run(flow, &mut guarded).expect("replies of the right kind");
    guarded.guard.ends();
    if let Err(failure) = &outcome {
        tells(failure);
    }
    outcome
}

/// A world of which the books are kept.
struct Guarded<'a> {
    world: &'a mut dyn World,
    guard: Guard,
    asked: usize,
}

impl Host for Guarded<'_> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        self.asked += 1;
        assert!(self.asked <= MOST_REQUESTS, "a flow that comes to no end");
        let Self { world, guard, .. } = self;
        Some(match request {
            Request::Connect(occasion) => {
                let connected = world.connect(occasion);
                if connected.is_ok() {
                    guard.connects(true);
                }
                Reply::Connect(connected)
            }
            Request::Transmit(command) => {
                guard.sees(command.bytes());
                let answer = world.transmit(command.bytes());
                match &answer {
                    Ok(answer) => guard.hears(command.bytes(), answer),
                    // The reader refused; the card did not hear it and is still there.
                    Err(LinkError::NotCarried) => {}
                    Err(LinkError::ReaderFailed | LinkError::ReaderFailedWith(_)) => {
                        guard.unheard();
                    }
                    Err(_) => guard.powered_down(),
                }
                Reply::Transmit(answer)
            }
            Request::Disconnect => {
                guard.disconnects();
                Reply::Disconnect
            }
            Request::Send(request) => {
                guard.waits();
                Reply::Send(world.send(&request))
            }
            Request::Browse(_) => Reply::Browse(Err(BrowseError::NoBrowser)),
            Request::Sign(to_sign) => {
                guard.waits();
                Reply::Sign(world.sign(&to_sign))
            }
            Request::Keep(_) => Reply::Keep(Err(StoreError::NoStore)),
            Request::Forget(_) => Reply::Forget(Err(StoreError::NoStore)),
            Request::List => Reply::List(Err(StoreError::NoStore)),
            Request::Recall(_) => Reply::Recall(Err(StoreError::NoStore)),
            Request::Clock => {
                guard.waits();
                Reply::Clock(world.clock())
            }
            Request::Ask(prompt) => {
                guard.waits();
                let answer = world.ask(prompt);
                match &answer {
                    Answer::Pin(pin) => guard.typed(pin),
                    Answer::NewPin(first, second) => guard.chose(first, second),
                    Answer::Consent(true) => guard.consented(),
                    _ => {}
                }
                Reply::Ask(answer)
            }
        })
    }
}

/// A failure can be told in both languages.
fn tells(failure: &Failure) {
    for language in [Language::English, Language::Japanese] {
        let told = failure.message(language) + &failure.next_action(language);
        assert!(!told.is_empty() && !told.contains('{'), "{failure}");
    }
    assert!(failure.tries_left().is_none_or(|tries| tries <= 15));
}
