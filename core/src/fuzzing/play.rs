//! One conversation against a world that may do anything, with everything watched.

use jiff::Timestamp;

use super::guard::Guard;
use crate::flow::{
    Answer, Connected, Flow, HttpError, HttpRequest, HttpResponse, LinkError, Misuse, Occasion,
    Prompt, Reply, Request, Step,
};
use crate::message::{Failure, Language};

/// Most requests of one conversation: a few taps, the platform, and people who are asked some dozens of times.
const MOST_REQUESTS: usize = 2_000;

/// Whoever answers.
pub(super) trait World {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError>;
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError>;
    fn ask(&mut self, prompt: Prompt) -> Answer;
    fn send(&mut self, request: &HttpRequest) -> Result<HttpResponse, HttpError>;
    fn clock(&mut self) -> Timestamp;
}

/// Plays a flow to its end.
pub(super) fn play<T>(
    mut flow: Flow<Result<T, Failure>>,
    world: &mut dyn World,
) -> Result<T, Failure> {
    let mut guard = Guard::default();
    refused(&mut flow, Misuse::NotStarted);
    let mut step = flow.start().expect("a fresh flow");
    for _ in 0..MOST_REQUESTS {
        let request = match step {
            Step::Done(outcome) => {
                guard.ends();
                refused(&mut flow, Misuse::Finished);
                assert!(matches!(flow.start(), Err(Misuse::Finished)), "a flow starts again");
                if let Err(failure) = &outcome {
                    tells(failure);
                }
                return outcome;
            }
            Step::Need(request) => request,
        };
        let reply = answer(&request, world, &mut guard);
        assert!(matches!(flow.start(), Err(Misuse::AlreadyStarted)));
        step = flow.resume(reply).expect("a reply of the right kind");
    }
    panic!("a flow that comes to no end");
}

fn refused<T>(flow: &mut Flow<T>, misuse: Misuse) {
    let said = flow.resume(Reply::Disconnect).err();
    assert!(said == Some(misuse), "{said:?} instead of {misuse:?}");
}

fn answer(request: &Request, world: &mut dyn World, guard: &mut Guard) -> Reply {
    match request {
        Request::Connect(occasion) => {
            let connected = world.connect(*occasion);
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
                Err(_) => guard.powered_down(),
            }
            Reply::Transmit(answer)
        }
        Request::Disconnect => {
            guard.disconnects();
            Reply::Disconnect
        }
        Request::Send(request) => Reply::Send(world.send(request)),
        Request::Clock => Reply::Clock(world.clock()),
        Request::Ask(prompt) => {
            let answer = world.ask(*prompt);
            match &answer {
                Answer::Pin(pin) => guard.typed(pin),
                Answer::NewPin(first, second) => guard.chose(first, second),
                Answer::Consent(true) => guard.consented(),
                _ => {}
            }
            Reply::Ask(answer)
        }
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
