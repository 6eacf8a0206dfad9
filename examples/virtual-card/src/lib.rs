//! A software My Number Card (個人番号カード), for development and tests. **Never real, never for production.**
//!
//! [`VirtualCard`] answers APDUs as far as public knowledge tells how the card answers them: all applications with
//! their files, PIN counters, security status and RSA signatures. Its certificates come from [`Authority`], a small
//! test CA that mirrors the profile of real ones, and the signatures on its text and its face from
//! [`CardVerifiableAuthority`]. [`Person`] says whose card it is, [`Behaviour`] what kind of card and which trouble it
//! makes, [`Meter`] what it cost, and [`plug`] puts it into a real `pcscd` through the virtual reader `vpcd`.
//!
//! It knows nothing of the SDK it is used to test, and is therefore an independent judge of it.
//!
//! ```
//! use kaigotap_virtual_card::{Person, Behaviour, VirtualCard};
//!
//! let mut card = VirtualCard::new(Person::hanako(), Behaviour::modern())?;
//! // SELECT the JPKI application, then the authentication PIN; an empty VERIFY asks for the tries left.
//! let jpki = [0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];
//! assert_eq!(card.transmit(&jpki), [0x90, 0x00]);
//! assert_eq!(card.transmit(&[0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x18]), [0x90, 0x00]);
//! assert_eq!(card.transmit(&[0x00, 0x20, 0x00, 0x80]), [0x63, 0xC3]);
//! # Ok::<(), kaigotap_virtual_card::Error>(())
//! ```
//!
//! # The cast
//!
//! Nobody here exists. PINs are in the order authentication, signature, input support, resident register; 照合番号A is the
//! 個人番号, whose check digit is wrong for everybody. [`VirtualCard::reference_data`] tells what opens what.
//!
//! | id | whose card | 照合番号A, B | PINs |
//! |---|---|---|---|
//! | `hanako` | 介護花子, 1941. The default | `990000001008`, `16050320350503` | `1234`, `ABC123`, `2345`, `3456` |
//! | `taro` | 介護太郎, 1938. His 個人番号 begins with zero | `012345678904`, `13112320341123` | `5678`, `TARO56`, `6789`, `7890` |
//! | `foreign-issuer` | forged in Hanako's name: other keys, certified by authorities of the same names | as `hanako` | as `hanako` |
//! | `child` | born in 令和, no certificate for signature | `990000002004`, `01100820300108` | `1008`, none, `2345`, `3456` |
//! | `foreign-resident` | printed with a Western date; see [`Trait::CodesAsPrinted`] | `990000003001`, `54022820310228` or `79022820310228` | `0228`, `MARIA28`, `2345`, `3456` |
//! | `rare-name` | 𠮷田●子: outside the basic plane, and one substitute | `990000004007`, `25013120350131` | `0131`, `RUBY0131`, `2345`, `3456` |
//! | `expiring` | ends 14 days from now | `990000005003`, `200915` and the year and `0915` | `0915`, `AKIO0915`, `6789`, `7890` |
//! | `expired` | ended 30 days ago | `990000006000`, `111201` and the year and `1201` | `1201`, `FUYU1201`, `2345`, `3456` |
//! | `revoked` | lost; serials `470707` and `470708` are for the authority to revoke | `990000007006`, `22070720340707` | `0707`, `NATSU77`, `6789`, `7890` |
//! | `blocked` | all PINs blocked, codes not | `990000008002`, `14040420350404` | blocked |
//! | `face-card` | for face authentication: no usable PIN; see [`Trait::PinsMissing`] | `990000009009`, `05082020350820` | none |
//! | `resident-card` | 住民基本台帳カード, the predecessor; ended | none | signature `ICHI0610` |
//! | `android` | certificates in a phone, both behind their PINs | none | `0303`, `KEN0303` |
//! | `iphone` | certificates in a phone | none | `1224`, `MEGUMI24` |
//! | `other-country` | no My Number Card at all | none | none |
//! | `no-consent` | without consent on record | `990000010008`, `18021120340211` | `0211`, `SHIZU211`, `2345`, `3456` |
//! | `not-connected` | of a municipality that has not started | `990000011005`, `15101020341010` | `1010`, `TADA1010`, `6789`, `7890` |
//! | `not-registered` | not registered as health insurance card | `990000012001`, `21060120340601` | `0601`, `FUMI0601`, `2345`, `3456` |
//! | `lapsed` | whose certification has run out | `990000013007`, `12090220340902` | `0902`, `MASA0902`, `6789`, `7890` |
//! | `renewed` | the card before the one of today; serials `440124` and `440125` are for the authority to renew | `990000014003`, `19012420340124` | `0124`, `YUKI0124`, `2345`, `3456` |
//!
//! [`Person::from_toml`] reads others; `data/person-example.toml` shows how they are described.
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
//! four-byte query; certificate profile; shapes, digests and signatures of the records. Single source: the life of the
//! security status; addressing keys by short EF id; the meaning of file `0008`; who may read the lesser files of the
//! text; internal authentication; the common applications; `6984` (and not `6983`) for a blocked PIN is what most
//! sources say. Assumed: all times.
//!
//! Left out: secure messaging, external authentication, signing with another padding, and data objects of the master
//! file.

mod application;
mod atr;
mod authority;
mod behaviour;
mod card;
mod card_kind;
mod card_verifiable;
mod cast;
mod command;
mod date;
mod description;
mod error;
mod fault;
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
mod purpose;
mod tlv;

pub use application::Application;
pub use atr::Atr;
pub use authority::{Authority, usual_issue_date};
pub use behaviour::{Behaviour, Limits, Moment, Tear, Trait};
pub use card::VirtualCard;
pub use card_kind::CardKind;
pub use card_verifiable::CardVerifiableAuthority;
pub use date::{BirthDate, Calendar, CardExpiry, Date};
pub use error::Error;
pub use fault::Fault;
pub use meter::{Costs, Header, Meter, Rate};
pub use person::{Issuer, Person, Sex};
pub use picture::Portrait;
pub use pin_kind::PinKind;
pub use purpose::Purpose;
