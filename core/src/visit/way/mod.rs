//! The ways of a visit, one file each.

mod card_pin;
mod card_tap;

pub(super) use card_pin::card_pin;
pub(super) use card_tap::card_tap;
