//! Recording a conversation, so that it can be replayed to the byte: in tests, in other languages, without a card.
//!
//! [`Recording`] is a host around a host; its [`Recorder`] writes down what passes, as [`Line`]s that
//! `tests/vectors/transcripts/README.md` describes for readers in any language.
//!
//! What a person types is never written down, not even its length: the recorder cannot see it in an answer, and takes it
//! out of the one command that carries it. Of the record whose digest is the 個人番号 no byte is written down, whatever
//! the card. Of a real card only lengths and status words are.

mod enrol;
mod line;
mod names;
mod outcome;
mod recorder;
mod scrub;
mod sign_in;
mod visit;

pub use enrol::Enrol;
pub use line::{
    Answer, Card, DeviceKey, Entry, Header, Line, Link, Outcome, Parameters, Prompt, VERSION, hex,
    occasion_name, pin_name, unhex,
};
pub use names::{browse_error, http_error, link_error, sign_error, store_error};
pub use outcome::{Recorded, certificate_state, outcome_of, proof, token_name};
pub use recorder::{About, Recorder, Recording};
pub use scrub::Position;
pub use sign_in::SignIn;
pub use visit::{Device, Jwk, Person, Unusable, Visit};
