//! The authorities of a sandbox, judged over HTTP by OpenSSL's command line, which nobody here wrote.

#[path = "../exchange/pki.rs"]
#[allow(dead_code, reason = "the exchange needs more of it")]
mod pki;

#[path = "../exchange/postgres.rs"]
mod postgres;

mod generations;
mod lists;
mod ocsp;
mod start;
mod support;
