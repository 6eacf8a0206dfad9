//! Commands, answers, status words and TLV of ISO/IEC 7816-4, and the exchange that carries them.

mod command;
mod exchange;
mod response;
mod status;
pub mod tlv;

pub(crate) use command::short_id;
pub use command::{Command, Expect, TooLong};
pub(crate) use exchange::Channel;
pub use response::Response;
pub use status::StatusWord;
