//! The house: it puts the rooms together and lets people in.

mod admin;
mod audit_log;
mod authority;
mod board_desk;
mod care;
mod claim_desk;
mod config;
mod device_book;
mod enrolment;
mod hosts;
mod import_desk;
mod imports;
mod key_book;
mod listen;
mod material;
mod measure;
mod openapi;
mod policy;
mod rooms;
mod routes;
mod sandbox;
mod start;
mod tls;

pub use audit_log::AuditLog;
pub use care::Municipalities;
pub use claim_desk::ClaimDesk;
pub use config::{Config, Rates};
pub use device_book::DeviceBook;
pub use enrolment::Enrolment;
pub use import_desk::ImportDesk;
pub use key_book::KeyBook;
pub use listen::Limits;
pub use material::Material;
pub use policy::{Policy, PolicyStatus};
pub use sandbox::Sandbox;
pub use tls::{ClientCertificates, Tls};
