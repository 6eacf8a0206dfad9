//! Staff sign in: over real HTTP, by a browser that follows the page's form, and everything that can be wrong.

mod codes;
mod foreign;
mod happy;
mod page;
mod passwords;
#[path = "../exchange/postgres.rs"]
mod postgres;
mod pushed;
mod support;
