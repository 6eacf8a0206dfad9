//! KaigoTap: tap a person's My Number Card (マイナンバーカード), know who this is and which nursing care (介護) they
//! are entitled to.
//!
//! Everything that takes several turns is a [`flow::Flow`]: a value that says what it needs next and is handed the
//! answer. This crate performs no I/O, except in the drivers of [`link`] behind features.
//!
//! | room | what it knows |
//! |---|---|
//! | [`message`] | every failure: stable code, sentence, next action, in Japanese and English |
//! | [`date`] | dates of birth whose month or day nobody knows |
//! | [`flow`] | conversations as values; what a flow may ask and be told |
//! | `iso7816` | commands, answers, status words, TLV |
//! | [`card`] | the My Number Card: what is where, PINs and their guard, what its records say |
//! | [`pki`] | certificates and the verdict over them |
//! | [`reading`] | what may be asked of a card: status, certificates, holder, face, a new PIN |
//! | [`platform`] | one way to call the care platform: what authorises a call, what a refusal means |
//! | [`exchange`] | challenge, card-signed assertion, token |
//! | [`kaigo`] | the care platform as seen from a facility |
//! | [`visit`] | the home visit, from face to entitlement |
//! | [`portal`] | what a person sees of themselves, with their own card |
//! | [`host`] | whether an app answers as flows need it |
//! | `resource` | for a server, behind a feature: whether a request carries a token of the platform that is its own |
//! | [`link`] | drivers: the loop, and behind features a PC/SC reader and an HTTP client |
//!
//! A room uses only rooms above it in this table.
//!
//! The 個人番号 (My Number) is never read: nothing here selects the files that hold it.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

#[cfg(any(test, doctest))]
#[macro_use]
mod closed;

pub mod card;
pub mod date;
pub mod exchange;
pub mod flow;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod host;
mod iso7816;
pub mod kaigo;
pub mod link;
pub mod message;
pub mod pki;
pub mod platform;
pub mod portal;
pub mod reading;
#[cfg(feature = "resource-server")]
pub mod resource;
pub mod visit;
