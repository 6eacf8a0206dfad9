//! The one way to call the care platform: a call, what authorises it, what a refusal means, and when it is sent again.
//!
//! A call is composed anew each time it is sent, because what authorises it may be good for one request only; what repeats
//! is what the call says, not the bytes of its request (`docs/adr/0007-what-repeats-is-the-assertion.md`).

mod call;
mod credential;
mod refusal;
mod server;

pub(crate) use call::{Answered, Call, Content, Platform, Repeat};
pub(crate) use credential::{Credential, is_token};
pub use refusal::REFUSALS;
#[cfg(feature = "fuzzing")]
pub(crate) use refusal::refused;
pub use server::ServerAddress;
