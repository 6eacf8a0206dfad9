//! Commands, answers, status words and TLV of ISO/IEC 7816-4, and the exchange that carries them.

mod command;
mod exchange;
mod response;
mod status;
pub(crate) mod tlv;

pub(crate) use command::short_id;
pub(crate) use command::{Command, Expect};
pub(crate) use exchange::{Capacity, Channel};
pub(crate) use response::Response;
pub(crate) use status::StatusWord;
