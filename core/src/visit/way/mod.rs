//! The ways of a visit, one file each; those that end with the paper certificate share its entry.

mod card_pin;
mod card_tap;
mod face_check;
mod registered;
mod stated;

pub(super) use card_pin::card_pin;
pub(super) use card_tap::card_tap;
pub(super) use face_check::face_check;
pub(super) use registered::registered;
pub(super) use stated::stated;
