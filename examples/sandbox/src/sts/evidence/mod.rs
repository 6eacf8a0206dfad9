//! What proves a person to the token service: one file a kind, and one table of what each opens.

mod card_record;
mod opens;

pub use card_record::CardFaceAuthority;
