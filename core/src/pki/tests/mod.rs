//! Certificates, each rule on its own: one that is accepted, and its twin that is not, for one reason.

mod cards;
mod certificates;
mod extensions;
pub(super) mod made;
mod names;
mod paths;
mod policies;
mod reading;
mod rollover;
mod rules;
mod tells;
mod verdicts;
mod world;
