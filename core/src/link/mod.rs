//! Drivers: the loop that runs a flow, and behind features what answers it.
//!
//! [`run`] is the whole loop, and [`Host`] whoever answers. [`Drivers`] is a host put together of a card, an HTTP client, a
//! screen and, where there are any, a key and a store: a program that has its own reader, client or screen implements
//! [`CardLink`], [`HttpLink`] or [`Screen`]. What wants to see every turn (a recorder, a test) is a host around a host.
//!
//! | feature | driver |
//! |---|---|
//! | `link-pcsc` | `pcsc`: a PC/SC reader |
//! | `link-http` | `http`: an HTTP client |
//! | `link-store` | `store`: entries as files; `device_key`: a key of this device in a file |

mod clock;
#[cfg(feature = "link-store")]
pub mod device_key;
mod drivers;
#[cfg(feature = "link-http")]
pub mod http;
#[cfg(feature = "link-pcsc")]
pub mod pcsc;
#[cfg(feature = "link-store")]
mod place;
#[cfg(feature = "link-store")]
pub mod store;

pub use clock::now;
pub use drivers::{
    Browser, CardLink, DeviceKey, Drivers, HttpLink, NoCard, NoHttp, NoScreen, Screen, Store,
};

use crate::flow::{Flow, Misuse, Progress, Reply, Request, Step};

/// Whoever answers what a flow needs.
pub trait Host {
    /// Answers a request, with the reply of the same name; [`Flow::resume`] refuses any other, and so ends [`run`]. `None`
    /// stops: the flow is dropped where it stands.
    fn answer(&mut self, request: Request) -> Option<Reply>;

    /// Shows where the conversation stands; called before every answer.
    fn show(&mut self, _progress: Progress) {}

    /// The conversation is over, or was dropped: whatever is still held (a powered card) is let go.
    fn release(&mut self) {}
}

/// Why [`run`] has no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoOutcome {
    /// The host stopped.
    #[error("the conversation was stopped")]
    Stopped,
    /// The host gave an answer to another question.
    #[error(transparent)]
    Misuse(#[from] Misuse),
}

/// Runs a flow to its end. Whatever happens, a screen or a link that panics included, the host lets go of the card.
pub fn run<T>(mut flow: Flow<T>, host: &mut dyn Host) -> Result<T, NoOutcome> {
    let host = Released(host);
    let mut step = flow.start()?;
    loop {
        host.0.show(flow.progress());
        step = match step {
            Step::Done(outcome) => return Ok(outcome),
            Step::Need(request) => {
                flow.resume(host.0.answer(request).ok_or(NoOutcome::Stopped)?)?
            }
        };
    }
}

struct Released<'a>(&'a mut dyn Host);

impl Drop for Released<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}
