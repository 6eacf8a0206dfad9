//! The house: it puts the rooms together and lets people in.

mod authority;
mod config;
mod enrolment;
mod hosts;
mod listen;
mod rooms;
mod routes;
mod sandbox;

pub use config::Config;
pub use enrolment::Enrolment;
pub use listen::Limits;
pub use sandbox::Sandbox;
