//! The ways of a visit, one file each; those that are stated without a card share one.

mod card_pin;
mod card_tap;
mod registered;
mod stated;

pub(super) use card_pin::card_pin;
pub(super) use card_tap::card_tap;
pub(super) use registered::registered;
pub(super) use stated::stated;
