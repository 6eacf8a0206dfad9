//! A conversation belongs to one card; and when its PIN is asked for.

mod common;

use common::{Holder, authorities, hanako, tap};
use kaigotap::card::PinKind;
use kaigotap::flow::{Connected, LinkError, Occasion, PinTiming, Prompt, WhyPin};
use kaigotap::link::CardLink;
use kaigotap::message::Code;
use kaigotap::reading::{self, HolderKey};
use kaigotap_virtual_card::{Person, PinKind as Kind, Purpose, VirtualCard};
use rstest::rstest;

const VERIFY: u8 = 0x20;

/// A reader on which the first command of an instruction with data is torn, and another card may lie afterwards.
struct Table {
    card: VirtualCard,
    next: Option<VirtualCard>,
    tear: u8,
    /// Whether the card hears the command before its answer is lost.
    acts: bool,
    /// The card that was there first, once another one is.
    first: Option<VirtualCard>,
    occasions: Vec<Occasion>,
}

impl Table {
    fn new(card: VirtualCard, next: Option<VirtualCard>, tear: u8, acts: bool) -> Self {
        Self { card, next, tear, acts, first: None, occasions: Vec::new() }
    }
}

impl CardLink for Table {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
        self.occasions.push(occasion);
        self.card.connect(occasion)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        if command.get(1) == Some(&self.tear) && command.len() > 5 && self.tear != 0 {
            if self.acts {
                let _ = CardLink::transmit(&mut self.card, command);
            }
            self.tear = 0;
            self.card.disconnect();
            if let Some(next) = self.next.take() {
                self.first = Some(std::mem::replace(&mut self.card, next));
            }
            return Err(LinkError::Lost);
        }
        CardLink::transmit(&mut self.card, command)
    }

    fn disconnect(&mut self) {
        self.card.disconnect();
    }
}

fn taro(profile: &str) -> VirtualCard {
    VirtualCard::new(Person::taro(), profile.parse().unwrap()).unwrap()
}

/// A PIN that was typed for one card is not presented to another, whatever their PINs are.
#[rstest]
fn a_pin_is_for_the_card_it_was_typed_for(
    #[values(PinTiming::DuringTap, PinTiming::BeforeTap)] timing: PinTiming,
    #[values(false, true)] acts: bool,
) {
    let pin = hanako("modern").reference_data(Kind::InputSupport).to_owned();
    let other = taro("modern");
    let tries = other.tries_left(Kind::InputSupport);
    let mut table = Table::new(hanako("modern"), Some(other), VERIFY, acts);
    let flow = reading::holder(HolderKey::Pin, authorities(), None).asking_for_pins(timing);
    let mut holder = Holder::who_types(&[&pin, &pin, &pin]);
    let failure = tap(flow, &mut table, &mut holder).unwrap_err();
    assert_eq!(failure.code(), Code::AnotherCard);
    // Nothing of it was looked at: not even its counter.
    assert_eq!(table.card.tries_left(Kind::InputSupport), tries);
    assert_eq!(table.card.meter().verify_attempts, 0);
    let queries = table.card.trace().iter().filter(|header| header[1] == VERIFY).count();
    assert_eq!(queries, 0);
}

/// Consent to a last try is of one card.
#[test]
fn consent_is_of_one_card() {
    let profile = "modern+input-support-tries:1";
    let pin = hanako("modern").reference_data(Kind::InputSupport).to_owned();
    let mut table = Table::new(hanako(profile), Some(taro(profile)), 0x2A, true);
    let challenge = Some([7; 32]);
    let mut holder = Holder::who_types(&[&pin, "0000"]);
    holder.consents = true;
    let flow = reading::holder(HolderKey::Pin, authorities(), challenge);
    let failure = tap(flow, &mut table, &mut holder).unwrap_err();
    assert_eq!((failure.code(), table.card.tries_left(Kind::InputSupport)), (Code::AnotherCard, 1));
}

/// A new PIN that was chosen for one card is not set on another.
#[test]
fn a_new_pin_is_for_the_card_it_was_chosen_for() {
    let before = taro("modern").reference_data(Purpose::Authentication).to_owned();
    let mut table = Table::new(hanako("modern"), Some(taro("modern")), VERIFY, false);
    let mut holder = Holder::who_types(&["1234", &before, &before]);
    holder.chooses = vec![("7777", "7777")];
    let flow = reading::change_pin(PinKind::Authentication);
    let failure = tap(flow, &mut table, &mut holder).unwrap_err();
    assert_eq!(failure.code(), Code::AnotherCard);
    assert_eq!(table.card.reference_data(Purpose::Authentication), before);
}

/// A card that is lifted each time somebody types: what was typed is used in the next tap of the same card.
#[test]
fn a_card_that_is_lifted_to_type_costs_no_second_entry() {
    struct Lifted<'a>(&'a mut VirtualCard, bool);
    impl CardLink for Lifted<'_> {
        fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
            self.1 = true;
            self.0.connect(occasion)
        }
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
            let queried = command.get(1) == Some(&VERIFY) && command.len() == 4;
            if !self.1 {
                return Err(LinkError::Lost);
            }
            let answer = CardLink::transmit(self.0, command);
            // It is lifted as soon as the counter is known, which is when somebody is asked; but not for ever.
            if queried && self.0.meter().commands < 6 {
                self.1 = false;
            }
            answer
        }
        fn disconnect(&mut self) {
            self.0.disconnect();
        }
    }
    let mut card = hanako("modern");
    let mut holder = Holder::who_types(&["2345", "2345", "2345", "2345"]);
    let flow = reading::holder(HolderKey::Pin, authorities(), None);
    tap(flow, &mut Lifted(&mut card, false), &mut holder).unwrap();
    assert_eq!((holder.types.len(), card.meter().verify_attempts), (3, 1));
}

/// With the PIN first, one tap does everything.
#[rstest]
fn the_pin_first_and_one_tap(#[values("modern", "plain")] profile: &str) {
    let mut table = Table::new(hanako(profile), None, 0, false);
    let mut holder = Holder::who_types(&["2345"]);
    let flow = reading::holder(HolderKey::Pin, authorities(), None);
    tap(flow.asking_for_pins(PinTiming::BeforeTap), &mut table, &mut holder).unwrap();
    assert_eq!(table.occasions, [Occasion::First]);
    let asked =
        Prompt::EnterPin { pin: PinKind::InputSupport, tries_left: None, why: WhyPin::First };
    assert_eq!(holder.asked, [asked]);
    // No command more than the conversation takes: the counter once.
    let queries = table.card.trace().iter().filter(|header| header[1] == VERIFY).count();
    assert_eq!(queries, 2);
}

/// Where tries are gone, the card is let go, the holder is told, and asked again.
#[test]
fn with_tries_gone_it_takes_two_taps_and_the_holder_was_told() {
    let mut table = Table::new(hanako("modern+input-support-tries:2"), None, 0, false);
    let mut holder = Holder::who_types(&["2345", "2345"]);
    let flow = reading::holder(HolderKey::Pin, authorities(), None);
    tap(flow.asking_for_pins(PinTiming::BeforeTap), &mut table, &mut holder).unwrap();
    assert_eq!(table.occasions, [Occasion::First, Occasion::Continue]);
    let asked = |tries_left, why| Prompt::EnterPin { pin: PinKind::InputSupport, tries_left, why };
    assert_eq!(holder.asked, [asked(None, WhyPin::First), asked(Some(2), WhyPin::TriesGone)]);
    assert_eq!(table.card.meter().verify_attempts, 1);
}

/// With one try left, no PIN reaches the card without consent, whenever it was typed.
#[rstest]
#[case(false, 0, 1)]
#[case(true, 1, 3)]
fn the_last_try_needs_consent_with_the_pin_first_too(
    #[case] consents: bool,
    #[case] presented: u64,
    #[case] left: u8,
) {
    let mut table = Table::new(hanako("modern+input-support-tries:1"), None, 0, false);
    let mut holder = Holder::who_types(&["2345", "2345"]);
    holder.consents = consents;
    let flow = reading::holder(HolderKey::Pin, authorities(), None);
    let outcome = tap(flow.asking_for_pins(PinTiming::BeforeTap), &mut table, &mut holder);
    assert_eq!(outcome.is_ok(), consents);
    assert_eq!(table.card.meter().verify_attempts, presented);
    assert_eq!(table.card.tries_left(Kind::InputSupport), left);
}

/// A wrong PIN lets the card go; the right one takes one more tap.
#[test]
fn a_wrong_pin_typed_first() {
    let mut table = Table::new(hanako("modern"), None, 0, false);
    let mut holder = Holder::who_types(&["0000", "2345"]);
    let flow = reading::holder(HolderKey::Pin, authorities(), None);
    tap(flow.asking_for_pins(PinTiming::BeforeTap), &mut table, &mut holder).unwrap();
    assert_eq!(table.occasions, [Occasion::First, Occasion::Continue]);
    let told =
        Prompt::EnterPin { pin: PinKind::InputSupport, tries_left: Some(2), why: WhyPin::Wrong };
    assert_eq!(holder.asked[1], told);
}

/// A card that shows no certificate without a PIN cannot be known again: what was said for an earlier tap is forgotten,
/// and it is not let go to be asked about.
#[test]
fn a_card_that_cannot_be_told_is_asked_about_while_it_is_there() {
    let card = VirtualCard::new(Person::android(), "modern".parse().unwrap()).unwrap();
    let pin = card.reference_data(Purpose::Authentication).to_owned();
    let mut table = Table::new(card, None, VERIFY, false);
    let mut holder = Holder::who_types(&[&pin, &pin]);
    holder.chooses = vec![("7777", "7777"), ("8888", "8888")];
    let flow = reading::change_pin(PinKind::Authentication);
    tap(flow.asking_for_pins(PinTiming::BeforeTap), &mut table, &mut holder).unwrap();
    // What was chosen for the first tap is not set in the second.
    assert_eq!(table.card.reference_data(Purpose::Authentication), "8888");
}
