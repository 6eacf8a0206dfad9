//! Every flow on cards that are spoilt in every way: what always holds, holds (see `kaigotap::fuzzing`).

use std::sync::OnceLock;

use kaigotap::card::PinKind;
use kaigotap::flow::{Answer, Connected, FaceCheck, LinkError, Occasion, Prompt, Secret};
use kaigotap::fuzzing::{FLOWS, hostile_card, play};
use kaigotap::link::{CardLink, Screen};
use kaigotap_virtual_card::VirtualCard;
use proptest::prelude::*;

/// What happens to one answer of the card.
#[derive(Clone, Debug)]
enum Spoilt {
    Cut(prop::sample::Index),
    Longer(Vec<u8>),
    /// Far longer than any answer.
    Oversized(u8),
    Flipped(prop::sample::Index, u8),
    Status(u16),
    Other(Vec<u8>),
    /// The answer before it, again.
    Stale,
    /// None, before or after the card has acted.
    Torn {
        acted: bool,
    },
    NotCarried,
}

fn spoilt() -> impl Strategy<Value = Spoilt> {
    let bytes = |most| prop::collection::vec(any::<u8>(), 0..most);
    let status = prop::sample::select(vec![
        0x9000, 0x6100, 0x6110, 0x6282, 0x63C0, 0x63C1, 0x63CF, 0x6700, 0x6982, 0x6983, 0x6984,
        0x6A82, 0x6C00, 0x6C10, 0x6D00, 0x6F00,
    ]);
    prop_oneof![
        any::<prop::sample::Index>().prop_map(Spoilt::Cut),
        bytes(300).prop_map(Spoilt::Longer),
        any::<u8>().prop_map(Spoilt::Oversized),
        (any::<prop::sample::Index>(), 1..=255_u8).prop_map(|(at, by)| Spoilt::Flipped(at, by)),
        status.prop_map(Spoilt::Status),
        any::<u16>().prop_map(Spoilt::Status),
        bytes(300).prop_map(Spoilt::Other),
        Just(Spoilt::Stale),
        any::<bool>().prop_map(|acted| Spoilt::Torn { acted }),
        Just(Spoilt::NotCarried),
    ]
}

/// A card whose answers are spoilt from a plan: so many good ones, then a spoilt one, and so on.
struct Spoiler {
    card: VirtualCard,
    plan: std::vec::IntoIter<(u8, Spoilt)>,
    next: Option<(u8, Spoilt)>,
    last: Vec<u8>,
}

impl Spoiler {
    fn new(card: VirtualCard, plan: Vec<(u8, Spoilt)>) -> Self {
        let mut plan = plan.into_iter();
        let next = plan.next();
        Self { card, plan, next, last: Vec::new() }
    }

    fn now(&mut self) -> Option<Spoilt> {
        match &mut self.next {
            Some((0, _)) => std::mem::replace(&mut self.next, self.plan.next()).map(|(_, now)| now),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        }
    }
}

impl CardLink for Spoiler {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
        if self.card.is_gone() {
            self.card.put_back();
        }
        CardLink::connect(&mut self.card, occasion)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let now = self.now();
        match now {
            Some(Spoilt::NotCarried) => return Err(LinkError::NotCarried),
            Some(Spoilt::Torn { acted: false }) => {
                self.card.remove();
                return Err(LinkError::Lost);
            }
            _ => {}
        }
        let mut answer = self.card.transmit(command);
        match now {
            Some(Spoilt::Cut(at)) => answer.truncate(at.index(answer.len() + 1)),
            Some(Spoilt::Longer(more)) => answer.extend(more),
            Some(Spoilt::Oversized(byte)) => {
                let status = answer.split_off(answer.len().saturating_sub(2));
                answer.resize(70_000, byte);
                answer.extend(status);
            }
            Some(Spoilt::Flipped(at, by)) if !answer.is_empty() => {
                let at = at.index(answer.len());
                answer[at] ^= by;
            }
            Some(Spoilt::Status(status)) => {
                answer.truncate(answer.len().saturating_sub(2));
                answer.extend(status.to_be_bytes());
            }
            Some(Spoilt::Other(bytes)) => answer = bytes,
            Some(Spoilt::Stale) => answer.clone_from(&self.last),
            Some(Spoilt::Torn { .. }) => {
                self.card.remove();
                return Err(LinkError::Lost);
            }
            _ => {}
        }
        self.last.clone_from(&answer);
        Ok(answer)
    }

    fn disconnect(&mut self) {
        CardLink::disconnect(&mut self.card);
    }
}

/// What people say, in turn: 0 the right thing, 1 a wrong one, 2 one that cannot be, 3 stop.
struct People {
    card: VirtualCard,
    say: Vec<u8>,
}

impl Screen for People {
    fn ask(&mut self, prompt: &Prompt) -> Answer {
        let say = self.say.pop().unwrap_or(3);
        let pin = |kind: PinKind| match (kind, say) {
            (_, 2) => "12",
            (PinKind::Authentication, 0) => "1234",
            (PinKind::InputSupport, 0) => "2345",
            (PinKind::Authentication | PinKind::InputSupport, _) => "9999",
            (PinKind::Signature, 0) => "abc123",
            (PinKind::Signature, _) => "WRONG1",
            (PinKind::VerificationNumberB, 0) => {
                self.card.reference_data(kaigotap_virtual_card::PinKind::FaceB)
            }
            (PinKind::VerificationNumberB, _) => "99999999999999",
            (_, 0) => self.card.reference_data(kaigotap_virtual_card::PinKind::BirthDate),
            _ => "999999",
        };
        match *prompt {
            _ if say == 3 => Answer::Cancelled,
            Prompt::ConfirmFace if say == 2 => Answer::Face(FaceCheck::NoMatch),
            Prompt::ConfirmFace => Answer::Face(FaceCheck::Match),
            Prompt::LastTry { .. } => Answer::Consent(say == 0),
            Prompt::EnterPin { pin: kind, .. } => Answer::Pin(Secret::new(pin(kind))),
            Prompt::NewPin { pin: kind, .. } => {
                Answer::NewPin(Secret::new(pin(kind)), Secret::new(pin(kind)))
            }
            _ => Answer::Cancelled,
        }
    }
}

/// Cards of every sort, made once: their certificates take time.
fn cards() -> &'static [VirtualCard] {
    static CARDS: OnceLock<Vec<VirtualCard>> = OnceLock::new();
    CARDS.get_or_init(|| {
        let people = [
            "hanako",
            "child",
            "android",
            "face-card",
            "resident-card",
            "foreign-issuer",
            "blocked",
        ];
        let profiles = [
            "modern",
            "plain",
            "modern+t0",
            "plain+extended",
            "modern+first-command-6f00",
            "modern+authentication-tries:1+signature-tries:1+input-support-tries:1",
        ];
        let mut cards = Vec::new();
        for person in people {
            for profile in profiles {
                let (person, profile) = (person.parse().unwrap(), profile.parse().unwrap());
                cards.push(VirtualCard::new(person, profile).unwrap());
            }
        }
        cards
    })
}

/// Else the rest would hold of flows that never get anywhere.
#[test]
fn cards_that_are_not_spoilt_are_read() {
    for flow in 0..FLOWS {
        let mut spoiler = Spoiler::new(cards()[0].clone(), Vec::new());
        let people = &mut People { card: cards()[0].clone(), say: vec![0; 12] };
        let (good, bytes) = play(flow, &mut spoiler, people);
        assert!(good && hostile_card(&bytes), "flow {flow}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// `play` panics where something does not hold.
    #[test]
    fn what_always_holds_holds_on_every_spoilt_card(
        flow in 0..FLOWS,
        card in any::<prop::sample::Index>(),
        plan in prop::collection::vec((0..24_u8, spoilt()), 0..6),
        say in prop::collection::vec(prop::sample::select(vec![0, 0, 0, 1, 2, 3]), 0..12),
        kept in any::<prop::sample::Index>(),
    ) {
        let card = card.get(cards()).clone();
        let people = &mut People { card: card.clone(), say };
        let mut spoiler = Spoiler::new(card.clone(), plan);
        let (_, bytes) = play(flow, &mut spoiler, people);
        // What was heard, cut short.
        hostile_card(&bytes[..kept.index(bytes.len() + 1)]);
    }

    #[test]
    fn what_always_holds_holds_on_any_bytes(
        flow in 0..FLOWS,
        repeated in any::<u8>(),
        rest in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        hostile_card(&[&[flow, repeated, 0], rest.as_slice()].concat());
    }
}

/// A reader that failed over an extended command, with the card as it was: the file is named within the same application.
#[test]
fn a_reader_that_fails_takes_no_application_away() {
    hostile_card(b"\x02\x02\x02\xF5\x5D\xC3\xF0\xFF\x00\xF0\x6A");
}
