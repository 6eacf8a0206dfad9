//! Every status word that a card is known to give, in answer to every command of every reading: each ends in a failure
//! with a code and a next action, or does no harm; and no PIN is presented twice.

mod common;

use common::{Holder, authorities, hanako};
use kaigotap::card::{Credential, PinKind};
use kaigotap::flow::{Connected, Flow, LinkError, Occasion};
use kaigotap::link::{CardLink, Drivers, NoHttp, run};
use kaigotap::message::{Code, Failure, Language};
use kaigotap::reading::{self, HolderKey};
use kaigotap_virtual_card::VirtualCard;

/// What cards are known or expected to answer when they do not do what is asked.
const STATUS_WORDS: [u16; 21] = [
    0x6281, 0x6282, 0x6300, 0x63C0, 0x63C2, 0x6581, 0x66F1, 0x6700, 0x6881, 0x6982, 0x6983, 0x6984,
    0x6985, 0x6986, 0x6A80, 0x6A82, 0x6A86, 0x6B00, 0x6D00, 0x6E00, 0x6F00,
];

/// A card that answers one command with a status word and nothing else, without acting.
struct Refusing<'a> {
    card: &'a mut VirtualCard,
    at: usize,
    status: u16,
    seen: usize,
    presented: usize,
}

impl CardLink for Refusing<'_> {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
        self.card.connect(occasion)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        assert!(self.seen < 200, "a card keeps us for ever");
        let now = self.seen;
        self.seen += 1;
        self.presented += usize::from(command[1] == 0x20 && command.len() > 4);
        if now == self.at {
            return Ok(self.status.to_be_bytes().to_vec());
        }
        Ok(self.card.transmit(command))
    }

    fn disconnect(&mut self) {
        CardLink::disconnect(self.card);
    }
}

fn against_every_refusal<T>(flow: impl Fn() -> Flow<Result<T, Failure>>, typed: &str) {
    let mut failures = 0;
    for profile in ["modern", "plain"] {
        let fresh = hanako(profile);
        for status in STATUS_WORDS {
            for at in 0.. {
                let mut card = fresh.clone();
                let mut link = Refusing { card: &mut card, at, status, seen: 0, presented: 0 };
                let mut holder = Holder::who_types(&[typed]);
                let outcome =
                    run(flow(), &mut Drivers::new(&mut link, &mut NoHttp, &mut holder)).unwrap();
                let (seen, presented) = (link.seen, link.presented);
                let context = format!("{profile}, {status:04X} at command {at}");
                assert!(presented <= 1, "{context}: a PIN was presented {presented} times");
                if let Err(failure) = outcome {
                    failures += 1;
                    assert!(!failure.next_action(Language::Japanese).is_empty());
                    assert_ne!(
                        failure.code(),
                        Code::CardRemoved,
                        "{context}: the card is still there"
                    );
                }
                if seen <= at {
                    break;
                }
            }
        }
    }
    assert!(failures > 50, "refusals were noticed: {failures}");
}

#[test]
fn a_refused_status() {
    against_every_refusal(reading::status, "");
}

#[test]
fn a_refused_certificate() {
    against_every_refusal(|| reading::certificate(Credential::Authentication), "");
    against_every_refusal(|| reading::certificate(Credential::Signature), "ABC123");
}

#[test]
fn a_refused_holder() {
    let flow = || reading::holder(HolderKey::Pin, authorities(), Some([1; 32]));
    against_every_refusal(flow, "2345");
}

#[test]
fn a_refused_face() {
    against_every_refusal(|| reading::face(authorities(), Some([1; 32])), "16050320350503");
}

#[test]
fn a_refused_age() {
    against_every_refusal(|| reading::age(authorities(), Some([1; 32])), "160503");
}

/// A card that refuses a new PIN keeps the old one, and the caller is told so.
#[test]
fn a_refused_new_pin() {
    for status in STATUS_WORDS {
        let mut card = hanako("modern");
        // SELECT, which card, SELECT PIN, query, query, VERIFY, CHANGE
        let mut link = Refusing { card: &mut card, at: 6, status, seen: 0, presented: 0 };
        let mut holder = Holder::who_types(&["1234"]);
        holder.chooses = vec![("4321", "4321")];
        let flow = reading::change_pin(PinKind::Authentication);
        let failure =
            run(flow, &mut Drivers::new(&mut link, &mut NoHttp, &mut holder)).unwrap().unwrap_err();
        assert_eq!(failure.code(), Code::PinNotChanged, "{status:04X}");
        assert_eq!(card.reference_data(kaigotap_virtual_card::Purpose::Authentication), "1234");
    }
}
