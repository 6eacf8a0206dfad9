//! Every conversation with a card is cut at every command: before and after the card acted, with a card that comes back
//! and one that does not, with the right PIN and a wrong one. Afterwards the card and what the caller was told agree.
//!
//! The visit, which has a platform too, is cut in `cuts.rs`.

use kaigotap::flow::{LinkError, Reply, Request};
use kaigotap::link::{CardLink, Host};
use kaigotap_kit::conversation::{Holder, begin};
use kaigotap_kit::table::Table;
use kaigotap_recorder::{Outcome, Parameters};
use kaigotap_virtual_card::{Behaviour, Person, PinKind, VirtualCard};
use rstest::rstest;

/// A conversation, the PIN it takes, and a wrong one.
#[derive(Clone, Copy)]
struct Case {
    flow: &'static str,
    parameters: fn() -> Parameters,
    pin: Option<Entry>,
    /// What the PIN is changed to.
    new: Option<&'static str>,
}

#[derive(Clone, Copy)]
struct Entry {
    kind: PinKind,
    right: &'static str,
    wrong: &'static str,
}

fn of(set: impl FnOnce(&mut Parameters)) -> Parameters {
    let mut parameters =
        Parameters { authorities: Some("virtual".to_owned()), ..Parameters::default() };
    set(&mut parameters);
    parameters
}

const fn free(flow: &'static str, parameters: fn() -> Parameters) -> Case {
    Case { flow, parameters, pin: None, new: None }
}

const fn opened(
    flow: &'static str,
    parameters: fn() -> Parameters,
    kind: PinKind,
    right: &'static str,
    wrong: &'static str,
) -> Case {
    Case { flow, parameters, pin: Some(Entry { kind, right, wrong }), new: None }
}

const fn changed(mut case: Case, new: &'static str) -> Case {
    case.new = Some(new);
    case
}

const STATUS: Case = free("status", Parameters::default);
const INFORMATION: Case = free("information", Parameters::default);
const AUTHENTICATION: Case =
    free("certificate", || of(|p| p.credential = Some("authentication".to_owned())));
const SIGNATURE: Case = opened(
    "certificate",
    || of(|p| p.credential = Some("signature".to_owned())),
    PinKind::Signature,
    "ABC123",
    "WRONG1",
);
const HOLDER: Case = opened(
    "holder",
    || of(|p| p.key = Some("pin".to_owned())),
    PinKind::InputSupport,
    "2345",
    "9999",
);
const HOLDER_BY_B: Case = opened(
    "holder",
    || of(|p| p.key = Some("verification_number_b".to_owned())),
    PinKind::InputSupportB,
    "16050320350503",
    "16050320350504",
);
const FACE: Case =
    opened("face", || of(|_| {}), PinKind::FaceB, "16050320350503", "16050320350504");
const AGE: Case = opened("age", || of(|_| {}), PinKind::BirthDate, "160503", "160504");
const NEW_AUTHENTICATION: Case = changed(
    opened(
        "change_pin",
        || of(|p| p.pin = Some("authentication".to_owned())),
        PinKind::Authentication,
        "1234",
        "9999",
    ),
    "4321",
);
const NEW_SIGNATURE: Case = changed(
    opened(
        "change_pin",
        || of(|p| p.pin = Some("signature".to_owned())),
        PinKind::Signature,
        "ABC123",
        "WRONG1",
    ),
    "NEWPASS1",
);
const NEW_INPUT_SUPPORT: Case = changed(
    opened(
        "change_pin",
        || of(|p| p.pin = Some("input_support".to_owned())),
        PinKind::InputSupport,
        "2345",
        "9999",
    ),
    "4321",
);

/// How a tap is cut: whether the card still acts, and whether it comes back.
#[derive(Clone, Copy, Debug)]
struct Cut {
    at: usize,
    acts: bool,
    returns: bool,
}

/// What was seen of a conversation.
struct Played {
    outcome: Outcome,
    card: VirtualCard,
    typed: u64,
    seen: Seen,
}

/// What went to the card.
#[derive(Debug, Default)]
struct Seen {
    /// Connections and commands.
    requests: usize,
    /// VERIFY with a PIN, as the flow sent it, and of these, how many had no answer.
    verifies: u64,
    unanswered_verifies: u64,
    /// The same of CHANGE REFERENCE DATA.
    changes: u64,
    unanswered_changes: u64,
}

/// Plays it on a reader that never powers a card down by itself: what the flow leaves open stays open.
fn play(case: &Case, card: &VirtualCard, types: &[&'static str], cut: Option<Cut>) -> Played {
    let table = Table::of_virtual_cards();
    let flow = begin(case.flow, &(case.parameters)(), Some([7; 32]), None, &table);
    let holder = Holder {
        types: types.to_vec(),
        chooses: case.new.map(|new| (new, new)).into_iter().collect(),
        comes_back: cut.is_none_or(|cut| cut.returns),
        powers_down: false,
        ..Holder::of(card.clone())
    };
    let mut torn = Torn { holder, cut, seen: Seen::default() };
    let outcome = flow.expect("a flow")(&mut torn).expect("an outcome");
    let Holder { card, typed, .. } = torn.holder;
    Played { outcome, card, typed, seen: torn.seen }
}

/// A holder whose card is torn away once, and what went to the card.
struct Torn {
    holder: Holder,
    cut: Option<Cut>,
    seen: Seen,
}

impl Host for Torn {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        let header: Vec<u8> = match &request {
            Request::Connect(_) => Vec::new(),
            Request::Transmit(command) => command.bytes().iter().copied().take(5).collect(),
            _ => return self.holder.answer(request),
        };
        let cut = self.cut.filter(|cut| cut.at == self.seen.requests);
        self.seen.requests += 1;
        let lost = match request {
            Request::Connect(_) => Reply::Connect(Err(LinkError::NoCard)),
            _ => Reply::Transmit(Err(LinkError::Lost)),
        };
        let reply = match cut {
            None => self.holder.answer(request)?,
            Some(cut) => {
                if cut.acts {
                    self.holder.answer(request)?;
                }
                self.holder.card.remove();
                lost
            }
        };
        if let Reply::Transmit(answer) = &reply {
            let lost = u64::from(answer.as_ref().map_or(0, Vec::len) < 2);
            match *header {
                [_, 0x20, _, _, _] => {
                    self.seen.verifies += 1;
                    self.seen.unanswered_verifies += lost;
                }
                [_, 0x24, ..] => {
                    self.seen.changes += 1;
                    self.seen.unanswered_changes += lost;
                }
                _ => {}
            }
        }
        Some(reply)
    }
}

#[rstest]
fn cut_at_every_command(
    #[values(
        STATUS,
        AUTHENTICATION,
        SIGNATURE,
        HOLDER,
        HOLDER_BY_B,
        FACE,
        AGE,
        INFORMATION,
        NEW_AUTHENTICATION,
        NEW_SIGNATURE,
        NEW_INPUT_SUPPORT
    )]
    case: Case,
    #[values("modern", "plain")] profile: &str,
) {
    let profile: Behaviour = profile.parse().unwrap();
    let card = VirtualCard::new(Person::hanako(), profile).unwrap();
    let right = case.pin.map(|pin| [pin.right; 3]);
    let wrong = case.pin.map(|pin| [pin.wrong]);
    let entries: Vec<&[&'static str]> = match (&right, &wrong) {
        (Some(right), Some(wrong)) => vec![right, wrong],
        _ => vec![&[]],
    };
    let mut endings = Endings::default();
    for types in entries {
        let whole = play(&case, &card, types, None);
        agree(&case, &card, types, &whole, &whole.outcome, None);
        // Requests after a tear are cut no more: one tear in one conversation.
        for at in 0..whole.seen.requests {
            for (acts, returns) in [(false, false), (true, false), (false, true), (true, true)] {
                let cut = Cut { at, acts, returns };
                let played = play(&case, &card, types, Some(cut));
                agree(&case, &card, types, &played, &whole.outcome, Some(cut));
                endings.count(&played.outcome);
            }
        }
    }
    assert!(endings.done > 0 && endings.failed > 0, "{endings:?}");
}

#[derive(Debug, Default)]
struct Endings {
    done: usize,
    failed: usize,
}

impl Endings {
    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Done { .. } => self.done += 1,
            Outcome::Failed { .. } => self.failed += 1,
        }
    }
}

/// The card and what the caller was told agree.
fn agree(
    case: &Case,
    before: &VirtualCard,
    types: &[&str],
    played: &Played,
    undisturbed: &Outcome,
    cut: Option<Cut>,
) {
    let Played { outcome, card, typed, seen } = played;
    let context = format!("{} {types:?} {cut:?}: {outcome:?}", case.flow);
    // Each PIN that was typed was sent once, and none besides, if the card was still there.
    let gone = matches!(outcome, Outcome::Failed { code, .. } if code == "card_removed");
    assert_eq!(seen.verifies + u64::from(gone && *typed > seen.verifies), *typed, "{context}");
    let reached = card.meter().verify_attempts;
    assert!(reached <= seen.verifies, "{context}");
    let is_wrong = case.pin.is_some_and(|pin| types.first() == Some(&pin.wrong));
    for kind in PinKind::ALL {
        let own = case.pin.is_some_and(|pin| pin.kind == kind);
        let lost = u64::from(before.tries_left(kind) - card.tries_left(kind));
        assert_eq!(lost, if own && is_wrong { reached } else { 0 }, "{kind}: {context}");
        assert!(!card.is_verified(kind), "{kind} was left open: {context}");
        if !own || case.new.is_none() {
            assert_eq!(before.reference_data(kind), card.reference_data(kind), "{kind}: {context}");
        }
    }
    match outcome {
        Outcome::Done { .. } => assert_eq!(outcome, undisturbed, "{context}"),
        Outcome::Failed { code, tries_left } => failed(case, played, code, *tries_left, &context),
    }
    if let (Some(pin), Some(new)) = (case.pin, case.new) {
        assert!(played.seen.changes <= 1, "{context}");
        let now = card.reference_data(pin.kind);
        assert!(now == pin.right || now == new, "{context}");
        match outcome {
            Outcome::Done { .. } => assert_eq!(now, new, "{context}"),
            Outcome::Failed { code, .. } => {
                let unknown = code == "pin_change_unknown";
                assert_eq!(unknown, played.seen.unanswered_changes == 1, "{context}");
                assert!(unknown || now == pin.right, "{context}");
            }
        }
    } else {
        assert_eq!(played.seen.changes, 0, "{context}");
    }
}

fn failed(case: &Case, played: &Played, code: &str, tries_left: Option<u8>, context: &str) {
    if let (Some(told), Some(pin)) = (tries_left, case.pin) {
        assert_eq!(told, played.card.tries_left(pin.kind), "{context}");
    }
    match code {
        "no_card" => assert_eq!(played.seen.requests, 1, "{context}"),
        // Told only where it holds that nothing was spent: no PIN was left without its answer.
        "card_removed" => assert_eq!(played.seen.unanswered_verifies, 0, "{context}"),
        "card_removed_during_pin" => {
            assert_eq!(played.seen.unanswered_verifies, 1, "{context}");
        }
        "pin_wrong" => assert_eq!(tries_left.is_some(), played.seen.verifies > 0, "{context}"),
        "pin_change_unknown" => assert_eq!(played.seen.changes, 1, "{context}"),
        other => panic!("{other}: {context}"),
    }
}

/// The judge itself: a card that is left open, or has lost a try, is noticed.
#[test]
fn the_judge_bites() {
    const SELECT: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";

    let card = VirtualCard::new(Person::hanako(), Behaviour::modern()).unwrap();
    let spoilt = |spoil: fn(&mut VirtualCard)| {
        let mut played = play(&HOLDER, &card, &["2345"], None);
        spoil(&mut played.card);
        let outcome = played.outcome.clone();
        std::panic::catch_unwind(|| agree(&HOLDER, &card, &["2345"], &played, &outcome, None))
    };
    assert!(spoilt(|_| {}).is_ok());
    let left_open = |card: &mut VirtualCard| {
        card.transmit(SELECT);
        card.transmit(b"\x00\xA4\x02\x0C\x02\x00\x11");
        card.transmit(b"\x00\x20\x00\x80\x042345");
    };
    assert!(spoilt(left_open).is_err());
    let spent = |card: &mut VirtualCard| {
        card.transmit(SELECT);
        card.transmit(b"\x00\xA4\x02\x0C\x02\x00\x11");
        card.transmit(b"\x00\x20\x00\x80\x049999");
        CardLink::disconnect(card);
    };
    assert!(spoilt(spent).is_err());
}
