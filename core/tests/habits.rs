//! What real cards, readers and drivers do otherwise than the plain card: each flow ends as it does without.

mod common;

use common::{Holder, authorities, hanako, tap};
use kaigotap::card::{Credential, Token};
use kaigotap::flow::{Connected, Flow, LinkError, Occasion};
use kaigotap::link::CardLink;
use kaigotap::message::{Code, Failure};
use kaigotap::reading::{self, CardStatus, HolderKey, PinState};
use kaigotap_virtual_card::VirtualCard;
use rstest::rstest;

const CHALLENGE: Option<[u8; 32]> = Some([0x5A; 32]);

/// What is asked of a card, and what is typed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Status,
    Authentication,
    Signature,
    Holder,
    Face,
    Age,
    Information,
}

impl Asked {
    fn of(self, card: &mut dyn CardLink) -> Result<(), Failure> {
        match self {
            Self::Status => played(reading::status(), card, ""),
            Self::Authentication => {
                played(reading::certificate(Credential::Authentication), card, "")
            }
            Self::Signature => played(reading::certificate(Credential::Signature), card, "ABC123"),
            Self::Holder => {
                played(reading::holder(HolderKey::Pin, authorities(), CHALLENGE), card, "2345")
            }
            Self::Face => played(reading::face(authorities(), CHALLENGE), card, "16050320350503"),
            Self::Age => played(reading::age(authorities(), CHALLENGE), card, "160503"),
            Self::Information => played(reading::information(), card, ""),
        }
    }
}

fn played<T>(
    flow: Flow<Result<T, Failure>>,
    card: &mut dyn CardLink,
    typed: &str,
) -> Result<(), Failure> {
    tap(flow, card, &mut Holder::who_types(&[typed])).map(drop)
}

fn status(card: &mut VirtualCard) -> CardStatus {
    tap(reading::status(), card, &mut Holder::who_types(&[])).unwrap()
}

#[rstest]
fn the_end_of_a_file_is_said_in_many_ways(
    #[values("modern", "plain", "modern+t0")] card: &str,
    #[values("", "+eof-6282", "+eof-empty", "+eof-6a86", "+eof-6cxx")] end: &str,
    #[values(
        Asked::Status,
        Asked::Authentication,
        Asked::Signature,
        Asked::Holder,
        Asked::Face,
        Asked::Age,
        Asked::Information
    )]
    asked: Asked,
) {
    let mut card = hanako(&format!("{card}+short-token{end}"));
    assert_eq!(asked.of(&mut card), Ok(()));
}

#[rstest]
fn a_short_token_file_is_a_token_file(
    #[values("modern", "plain")] card: &str,
    #[values("", "+eof-6282", "+eof-empty", "+eof-6a86", "+eof-6cxx")] end: &str,
) {
    let usual = status(&mut hanako(card));
    let status = status(&mut hanako(&format!("{card}+short-token{end}")));
    assert_eq!((status.token, &status), (Token::MyNumberCard, &usual));
}

#[rstest]
fn habits_of_readers_and_cards(
    #[values(
        "plain+le00-6700",
        "modern+le00-6700",
        "modern+t0+waiting-6100",
        "plain+select-61xx",
        "modern+select-61xx",
        "modern+t0+select-61xx",
        "plain+first-command-6f00+select-61xx"
    )]
    card: &str,
    #[values(
        Asked::Status,
        Asked::Authentication,
        Asked::Signature,
        Asked::Holder,
        Asked::Face,
        Asked::Age,
        Asked::Information
    )]
    asked: Asked,
) {
    assert_eq!(asked.of(&mut hanako(card)), Ok(()));
}

/// A card that has nothing but the JPKI application tells what it has, and is left by another way out.
#[rstest]
#[case("modern+jpki-only")]
#[case("plain+jpki-only+short-token")]
fn a_card_with_one_application(#[case] profile: &str) {
    let mut card = hanako(profile);
    let status = status(&mut card);
    assert_eq!(status.pins.len(), 2);
    assert!(status.pins.iter().all(|pin| matches!(pin.state, PinState::TriesLeft(_))));
    assert_eq!(Asked::Authentication.of(&mut card), Ok(()));
    assert_eq!(Asked::Signature.of(&mut card), Ok(()));
    assert_eq!(card.trace().last(), Some(&[0x00, 0xA4, 0x00, 0x0C]), "the way out");
    for missing in [Asked::Holder, Asked::Face, Asked::Age, Asked::Information] {
        assert_eq!(
            missing.of(&mut card).unwrap_err().code(),
            Code::CardApplicationMissing,
            "{missing:?}"
        );
    }
}

/// A link that says it carries extended length, and does not.
struct Short<'a> {
    card: &'a mut VirtualCard,
    refusal: Result<&'static [u8], LinkError>,
    /// Whether the card is still there after it.
    stays: bool,
    there: bool,
    taps: usize,
    extended: usize,
}

impl<'a> Short<'a> {
    fn new(
        card: &'a mut VirtualCard,
        refusal: Result<&'static [u8], LinkError>,
        stays: bool,
    ) -> Self {
        Self { card, refusal, stays, there: false, taps: 0, extended: 0 }
    }
}

impl CardLink for Short<'_> {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
        self.taps += 1;
        self.there = true;
        self.card.connect(occasion)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        if !self.there {
            return Err(LinkError::Lost);
        }
        if command.len() >= 7 && command[4] == 0 {
            self.extended += 1;
            self.there = self.stays;
            return self.refusal.map(<[u8]>::to_vec);
        }
        Ok(self.card.transmit(command))
    }

    fn disconnect(&mut self) {
        self.there = false;
        CardLink::disconnect(self.card);
    }
}

#[rstest]
#[case::lost(Err(LinkError::Lost), false, 2)]
#[case::empty(Ok(&[][..]), false, 2)]
#[case::empty_and_there(Ok(&[][..]), true, 2)]
#[case::half(Ok(&[0x90][..]), false, 2)]
#[case::failed(Err(LinkError::ReaderFailed), true, 1)]
#[case::failed_and_gone(Err(LinkError::ReaderFailed), false, 2)]
#[case::number(Err(LinkError::ReaderFailedWith(0x8010_0016)), true, 1)]
#[case::not_carried(Err(LinkError::NotCarried), true, 1)]
#[case::wrong_length(Ok(&[0x67, 0x00][..]), true, 1)]
fn extended_length_is_not_believed_for_ever(
    #[case] refusal: Result<&'static [u8], LinkError>,
    #[case] stays: bool,
    #[case] taps: usize,
    #[values(Asked::Status, Asked::Authentication, Asked::Information)] asked: Asked,
) {
    let mut card = hanako("modern");
    let mut link = Short::new(&mut card, refusal, stays);
    assert_eq!(asked.of(&mut link), Ok(()));
    assert_eq!((link.extended, link.taps), (1, taps));
}

/// What was not the length's fault is told as it is, and a reader's failure is not told as a pulled card.
#[rstest]
#[case(LinkError::ReaderFailedWith(0x8010_0016), Code::ReaderFailed)]
#[case(LinkError::Lost, Code::CardRemoved)]
fn a_link_that_carries_nothing(#[case] error: LinkError, #[case] code: Code) {
    struct Broken(LinkError);
    impl CardLink for Broken {
        fn connect(&mut self, _: Occasion) -> Result<Connected, LinkError> {
            Ok(Connected::EXTENDED)
        }

        fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, LinkError> {
            Err(self.0)
        }

        fn disconnect(&mut self) {}
    }
    let failure = Asked::Status.of(&mut Broken(error)).unwrap_err();
    assert_eq!(failure.code(), code);
    if let LinkError::ReaderFailedWith(_) = error {
        assert_eq!(failure.detail(), "0x80100016");
    }
}

/// A record that promises more than its file holds is not taken for a shorter one.
#[rstest]
fn a_file_that_ends_before_its_object(
    #[values("plain", "modern")] card: &str,
    #[values("", "+eof-6282", "+eof-empty", "+eof-6a86", "+eof-6cxx")] end: &str,
) {
    let mut card = hanako(&format!("{card}+lying-lengths{end}"));
    let failure = Asked::Holder.of(&mut card).unwrap_err();
    assert_eq!(failure.code(), Code::CardAnswerInvalid);
    assert_eq!(failure.detail(), "a file that ends before its object does");
}
