//! Certificates, each rule on its own: one that is accepted, and its twin that is not, for one reason.

mod cards;
mod certificates;
pub(super) mod made;
mod names;
mod paths;
mod policies;
mod reading;
mod rules;
mod verdicts;
mod world;
