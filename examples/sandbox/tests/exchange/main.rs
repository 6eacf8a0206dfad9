//! The exchange over real HTTP: a test CA, a holder's key, and everything that can be wrong.

mod audit;
mod captured;
mod clients;
mod device;
mod devices;
mod disk;
mod doors;
mod entitlement;
mod evidence;
mod faults;
mod foreign;
mod growth;
mod happy;
mod jws_tricks;
mod other_evidence;
mod phone;
mod pki;
mod postgres;
mod races;
mod real_card;
mod refusals;
mod start;
mod support;
mod tap;
mod users;
