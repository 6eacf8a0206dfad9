//! What the fuzz targets call. **No API**: it is here only with the feature `fuzzing`, and changes without notice.
//!
//! Every [target](TARGETS) takes any bytes, panics where something does not hold that always has to, and says whether
//! the bytes were taken for what they claim to be. So a fuzzer can look for the panic, and an ordinary test can see that
//! a corpus gets as far as it should.
//!
//! [`hostile_card`] plays card, people and platform against every flow. What holds there, whatever they answer:
//!
//! * no command names what holds the 個人番号, or has anything signed but a SHA-256 (see [`Watch`]);
//! * a VERIFY with data takes a PIN that was typed for it, a look at its counter in the same tap, and consent where one
//!   try is left; a new PIN takes the old one; a PIN that was accepted is closed again while there is a link;
//! * the card is let go exactly once; a tap and a conversation come to an end; what is read has its caps.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "it panics to tell the fuzzer"
)]

mod apdu;
mod evidence;
mod flows;
mod guard;
mod input;
mod platform;
mod play;
mod records;
mod watch;

use jiff::Timestamp;

use crate::exchange::deposit::judged;
use crate::exchange::{ChallengeKey, Way, read_token, verify_challenge};
use crate::flow::HttpResponse;
use crate::iso7816::tlv::{self, Objects, Tlv};
use crate::iso7816::{Command, Expect, Response};
use crate::kaigo::{
    InformationKind, read_consent, read_entitlement, read_filings, read_information, read_open,
    read_users,
};
use crate::link::{CardLink, Screen};
use crate::pki::{self, Certificate, Demand, Evidence, Purpose};
use crate::platform::refused;
use apdu::Apdu;
pub use evidence::{crl, ocsp, verify};
pub use flows::FLOWS;
pub use records::{card_certificate, photo, records};
pub use watch::Watch;

/// Takes any bytes, and says whether they were what they claim to be.
pub type Target = fn(&[u8]) -> bool;

/// Every target with its name.
pub const TARGETS: [(&str, Target); 13] = [
    ("command", command),
    ("response", response),
    ("tlv", tlv),
    ("records", records),
    ("photo", photo),
    ("certificate", certificate),
    ("card_certificate", card_certificate),
    ("crl", crl),
    ("ocsp", ocsp),
    ("verify", verify),
    ("challenge", challenge),
    ("ticket", ticket),
    ("hostile_card", hostile_card),
];

/// Commands: what is written reads as what was meant, and what reads is written the same.
///
/// Four bytes of header, three of expectation (0 is none), one that says how often the rest is repeated as data.
pub fn command(bytes: &[u8]) -> bool {
    if let Some(read) = Apdu::parse(bytes) {
        same(&read);
    }
    let Some((&[class, instruction, p1, p2, high, middle, low, times], rest)) =
        bytes.split_first_chunk()
    else {
        return false;
    };
    let data = rest.repeat(usize::from(times) + 1);
    let number = u32::from_be_bytes([0, high, middle, low]);
    let expected = (number > 0).then_some(number as usize);
    same(&Apdu { class, instruction, p1, p2, data: &data, expected })
}

fn same(meant: &Apdu<'_>) -> bool {
    let &Apdu { class, instruction, p1, p2, data, expected } = meant;
    let expect = expected.map_or(Expect::Nothing, Expect::UpTo);
    let command = Command { class, instruction, p1, p2, data: data.to_vec().into(), expect };
    assert_eq!(command.is_secret(), meant.is_secret());
    let fits = data.len() <= 65_535 && expected.is_none_or(|count| count <= 65_536);
    let written = command.encode();
    assert_eq!(written.is_ok(), fits, "{command:?}");
    let Ok(written) = written else { return false };
    let read = Apdu::parse(written.bytes()).expect("lengths that add up");
    assert!(read == *meant, "{command:?}");
    let short = data.len() <= 255 && expected.is_none_or(|count| count <= 256);
    assert!(!short || written.bytes().len() <= 261, "{command:?}: not in its short form");
    true
}

/// Answers of a card, and what their status word says of tries.
pub fn response(bytes: &[u8]) -> bool {
    let Some(response) = Response::parse(bytes.to_vec()) else {
        assert!(bytes.len() < 2);
        return false;
    };
    let (data, status) = bytes.split_at(bytes.len() - 2);
    assert_eq!(response.data.as_slice(), data);
    assert_eq!([response.status.high(), response.status.low()], status);
    let tries = match status {
        [0x63, low @ 0xC0..=0xCF] => Some(low & 0x0F),
        [0x69, 0x83 | 0x84] => Some(0),
        _ => None,
    };
    assert_eq!(response.status.tries_left(), tries);
    assert_eq!(response.status.is_success(), status == [0x90, 0x00]);
    assert!(format!("{response:?}").len() < 40, "an answer that shows its data");
    response.status.is_success()
}

/// Objects, and objects in them.
pub fn tlv(bytes: &[u8]) -> bool {
    objects(bytes, 0)
}

fn objects(bytes: &[u8], depth: usize) -> bool {
    let mut good = !bytes.is_empty();
    let mut length = 0;
    for object in Objects::new(bytes) {
        let Ok(object) = object else {
            good = false;
            continue;
        };
        assert!(good, "an object after an error");
        length += object.raw.len();
        assert!(object.raw.ends_with(object.value) && object.value.len() < object.raw.len());
        let header = tlv::header(object.raw).expect("a header that was read");
        assert_eq!((header.tag, header.whole), (object.tag, Some(object.raw.len())));
        let (again, rest) = Tlv::read(object.raw).expect("an object that was read");
        assert!(again == object && rest.is_empty());
        if depth < 4 {
            objects(object.value, depth + 1);
        }
    }
    assert!(length <= bytes.len());
    good
}

/// Certificates, and the verdict over them under the test authorities.
pub fn certificate(bytes: &[u8]) -> bool {
    let Ok(certificate) = Certificate::parse(bytes) else { return false };
    assert_eq!(certificate.der(), bytes);
    assert_eq!(format!("{certificate:?}"), "Certificate(..)");
    if let Ok(Some(holder)) = certificate.holder_attributes() {
        assert_eq!(format!("{holder:?}"), "HolderAttributes(..)");
    }
    let anchors = records::anchors();
    let times = [platform::now(), certificate.not_before(), certificate.not_after()];
    let mut accepted = false;
    for purpose in [Purpose::Authentication, Purpose::Signature] {
        for at in times.into_iter().chain([Timestamp::MIN, Timestamp::MAX]) {
            let Ok(verdict) = pki::verify(
                &certificate,
                &[],
                &anchors,
                &Demand::new(purpose, at),
                &Evidence::none(),
            ) else {
                continue;
            };
            let report = verdict.report();
            assert_eq!((report.purpose(), report.at()), (Some(purpose), at));
            assert!(certificate.not_before() <= at && at <= certificate.not_after());
            accepted = true;
        }
    }
    accepted
}

/// Answers of the platform. The first byte says of which request: a challenge, a challenge whose contents follow and are
/// signed here, a token, an entitlement, or a refusal with its status.
pub fn challenge(bytes: &[u8]) -> bool {
    let Some((kind, body)) = bytes.split_first() else { return false };
    let judged = |body: &[u8]| {
        let keys = [platform::challenge_key()];
        let judged = platform::with_expected(|expected| {
            verify_challenge(body, &keys, expected, platform::device_time())
        });
        let Ok((challenge, clock)) = judged else { return false };
        let server_time = clock.server_time(platform::device_time());
        assert!(challenge.nonce.len() == 43 && challenge.hash.len() == 43);
        assert!(challenge.is_fresh(Timestamp::MIN) && !challenge.is_fresh(Timestamp::MAX));
        assert!(server_time.duration_since(platform::now()).abs().as_secs() <= 300);
        true
    };
    match kind % 6 {
        0 => judged(body),
        1 => judged(&platform::challenge(body)),
        2 => read_token(body, Some(Way::CardPin), "qualification:read").is_ok_and(|confirmation| {
            assert!((1..=900).contains(&confirmation.token_lifetime.as_secs()));
            assert!(confirmation.token.secret().bytes().all(|c| c.is_ascii_graphic()));
            true
        }),
        3 => {
            let entitlement = read_entitlement(body).is_ok_and(|entitlement| {
                assert_eq!(format!("{entitlement:?}"), "Entitlement(..)");
                true
            });
            entitlement || care(body)
        }
        4 => {
            let status = 200 + u16::from(*kind);
            let response = HttpResponse::new(status, body.to_vec());
            let refused = refused(&response);
            !refused.failure.to_string().is_empty()
        }
        _ => std::str::from_utf8(body).is_ok_and(|text| {
            let (x, y) = text.split_once(' ').unwrap_or((text, ""));
            ChallengeKey::p256(x, y).is_ok_and(|key| key.id().len() == 43)
        }),
    }
}

/// Answers of the platform to what is done without coverage. The first byte says of which request: a ticket, a ticket
/// whose contents follow and are signed here, or what came of a sending.
pub fn ticket(bytes: &[u8]) -> bool {
    let Some((kind, body)) = bytes.split_first() else { return false };
    let read = |body: &[u8]| {
        let Ok((ticket, clock)) = platform::read_ticket(body) else { return false };
        let server_time = clock.server_time(platform::device_time());
        assert!(server_time.duration_since(platform::now()).abs().as_secs() <= 300);
        assert!(ticket.hash().len() == 43 && ticket.subject.is_none());
        assert!(ticket.is_good(server_time) && !ticket.is_good(Timestamp::MAX));
        assert!(ticket.expires().duration_since(server_time).as_hours() <= 12);
        true
    };
    match kind % 3 {
        0 => read(body),
        1 => read(&platform::ticket(body)),
        _ => judged(body, "a").is_ok_and(|told| {
            assert!(
                told.result.is_ok() || told.result.is_err_and(|code| !code.as_str().is_empty())
            );
            let token = told.evidence.as_ref();
            assert!(token.is_none_or(|token| token.secret().bytes().all(|c| c.is_ascii_graphic())));
            true
        }),
    }
}

/// Answers to what a facility asks beside a visit.
fn care(body: &[u8]) -> bool {
    let information = |kind| {
        read_information(body, kind).is_ok_and(|told| format!("{told:?}") == "Information(..)")
    };
    read_users(body).is_ok_and(|page| format!("{page:?}") == "UserPage(..)")
        || read_filings(body).is_ok()
        || read_consent(body).is_ok()
        || read_open(body).is_ok()
        || InformationKind::ALL.iter().any(information)
}

/// The world against every flow. Says whether the flow came to a good end.
pub fn hostile_card(bytes: &[u8]) -> bool {
    let Some((which, mut world)) = input::Input::new(bytes) else { return false };
    flows::run(which, &mut world)
}

/// Plays one of the [`FLOWS`] on a card, with the same watch as [`hostile_card`]. Says whether it came to a good end, and
/// gives the bytes with which `hostile_card` would play the same.
pub fn play(which: u8, card: &mut dyn CardLink, screen: &mut dyn Screen) -> (bool, Vec<u8>) {
    let mut world = input::Recorder::new(which, card, screen);
    let good = flows::run(which, &mut world);
    (good, world.bytes)
}

/// Bodies to which nothing is to be said: of the platform's answers with a challenge, a token and an entitlement, and
/// the contents of the challenge.
pub fn good_bodies() -> [Vec<u8>; 4] {
    platform::good_bodies()
}

/// The same of an answer with a ticket, the contents of the ticket, and an answer to a sending.
pub fn good_bodies_without_coverage() -> [Vec<u8>; 3] {
    platform::good_bodies_without_coverage()
}
