//! A software My Number Card (個人番号カード), for development and tests. **Never real, never for production.**
//!
//! [`VirtualCard`] answers APDUs as far as public knowledge tells how the card answers them: PIN counters, security
//! status, files and RSA signatures of the JPKI application (公的個人認証AP). Its certificates come from [`Authority`],
//! a small test CA that mirrors the profile of real ones. [`Person`] says whose card it is, [`Profile`] what kind of
//! card and which trouble it makes, and [`plug`] puts it into a real `pcscd` through the virtual reader `vpcd`.
//!
//! It knows nothing of the SDK it is used to test, and is therefore an independent judge of it.
//!
//! ```
//! use kaigotap_virtual_card::{Person, Profile, VirtualCard};
//!
//! let mut card = VirtualCard::new(Person::hanako(), Profile::modern())?;
//! // SELECT the JPKI application, then the authentication PIN; an empty VERIFY asks for the tries left.
//! let jpki = [0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];
//! assert_eq!(card.transmit(&jpki), [0x90, 0x00]);
//! assert_eq!(card.transmit(&[0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x18]), [0x90, 0x00]);
//! assert_eq!(card.transmit(&[0x00, 0x20, 0x00, 0x80]), [0x63, 0xC3]);
//! # Ok::<(), kaigotap_virtual_card::Error>(())
//! ```
//!
//! # How sure are we?
//!
//! No open specification of the card's commands exists. Three words in these docs say how well a behaviour is known:
//!
//! * **certain** – two or more independent public sources agree, or it was measured on data of JPKI test cards;
//! * **single source** – one public source says so, and it is plausible;
//! * **assumed** – nothing was found; the card here does what ISO/IEC 7816-4 suggests, or the harsher of two ways.
//!
//! Certain: the AIDs, the ids of files, keys and PINs; SELECT, READ BINARY, VERIFY and signing bytes; 3 and 5 tries; the
//! four-byte query; certificate profile. Single source: the life of the security status; addressing keys by short EF
//! id; the meaning of file `0008`; `6984` (and not `6983`) for a blocked PIN is what most sources say.

mod application;
mod atr;
mod authority;
mod card;
mod card_kind;
mod card_verifiable;
mod cast;
mod command;
mod date;
mod description;
mod error;
mod files;
#[cfg(feature = "link")]
mod link;
mod meter;
mod names;
mod person;
mod picture;
mod pin;
mod pin_kind;
pub mod plug;
mod profile;
mod purpose;
mod tlv;

pub use application::Application;
pub use atr::Atr;
pub use authority::{Authority, usual_issue_date};
pub use card::VirtualCard;
pub use card_kind::CardKind;
pub use card_verifiable::CardVerifiableAuthority;
pub use date::{BirthDate, Calendar, CardExpiry, Date};
pub use error::Error;
pub use meter::{Header, Meter};
pub use person::{Issuer, Person, Sex};
pub use picture::Portrait;
pub use pin_kind::PinKind;
pub use profile::{Limits, Moment, Profile, Tear, Trait};
pub use purpose::Purpose;
