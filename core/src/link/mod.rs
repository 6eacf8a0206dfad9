//! Drivers: the loop that runs a flow, and behind features the links that answer it.
//!
//! [`run`] is the whole loop. A program that has its own reader, HTTP client or screen implements [`CardLink`],
//! [`HttpLink`] or [`Screen`]; one that wants its own loop writes it, as [`crate::flow`] shows.
//!
//! Feature `link-pcsc`: a PC/SC reader (`pcsc`). Feature `link-http`: an HTTP client (`http`).

#[cfg(feature = "link-http")]
pub mod http;
#[cfg(feature = "link-pcsc")]
pub mod pcsc;

use crate::flow::{
    Answer, Connected, Flow, HttpError, HttpRequest, HttpResponse, LinkError, Misuse, Occasion,
    Progress, Prompt, Reply, Request, Step,
};

/// A way to a card.
pub trait CardLink {
    /// Waits for a card and powers it.
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError>;
    /// Sends a command and brings the whole answer. Never log either.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError>;
    /// Powers the card down.
    fn disconnect(&mut self);
}

/// A way to the care platform.
pub trait HttpLink {
    /// Sends a request and brings the whole answer, at most 1 MiB. Follows no redirect.
    fn send(&mut self, request: &HttpRequest) -> Result<HttpResponse, HttpError>;
}

/// The people.
pub trait Screen {
    /// Asks.
    fn ask(&mut self, prompt: &Prompt) -> Answer;
    /// Shows where the conversation stands; called after every step.
    fn show(&mut self, _progress: Progress) {}
}

/// No server: for flows that need only a card.
pub struct NoHttp;

impl HttpLink for NoHttp {
    fn send(&mut self, _: &HttpRequest) -> Result<HttpResponse, HttpError> {
        Err(HttpError::Unreachable)
    }
}

/// Runs a flow to its end. Whatever happens, the card is powered down.
pub fn run<T>(
    mut flow: Flow<T>,
    card: &mut dyn CardLink,
    http: &mut dyn HttpLink,
    screen: &mut dyn Screen,
) -> Result<T, Misuse> {
    let card = PoweredDown(card);
    let mut step = flow.start()?;
    loop {
        screen.show(flow.progress());
        step = match step {
            Step::Done(outcome) => return Ok(outcome),
            Step::Need(request) => flow.resume(match request {
                Request::Connect(occasion) => Reply::Connect(card.0.connect(occasion)),
                Request::Transmit(command) => Reply::Transmit(card.0.transmit(command.bytes())),
                Request::Disconnect => {
                    card.0.disconnect();
                    Reply::Disconnect
                }
                Request::Send(request) => Reply::Send(http.send(&request)),
                Request::Clock => Reply::Clock(jiff::Timestamp::now()),
                Request::Ask(prompt) => Reply::Ask(screen.ask(&prompt)),
            })?,
        };
    }
}

/// A card that is powered down even when a screen or a link panics.
struct PoweredDown<'a>(&'a mut dyn CardLink);

impl Drop for PoweredDown<'_> {
    fn drop(&mut self) {
        self.0.disconnect();
    }
}
