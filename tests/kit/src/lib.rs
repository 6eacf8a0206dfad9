//! What the tests of the SDK share.
//!
//! [`enrolment`] is what a device knows of a sandbox; [`browser`] is where its staff sign in; [`conversation`] begins any
//! flow by its name, and has a holder to answer it; [`hand`] puts a hand on every turn of a host; [`replay`] plays transcripts, with what stands in their
//! [`table`].

#![allow(clippy::missing_panics_doc, reason = "it panics to fail the test that uses it")]

pub mod browser;
pub mod conversation;
pub mod enrolment;
pub mod hand;
pub mod replay;
pub mod table;
