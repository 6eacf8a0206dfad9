//! The card flows against the virtual card: budgets, both certificates, the guard, and a card left clean.

use kaigotap::card::{self, Credential, PinKind};
use kaigotap::flow::{Answer, Prompt, Secret};
use kaigotap::link::{NoHttp, Screen, run};
use kaigotap::message::Code;
use kaigotap_virtual_card::{Authority, Person, VirtualCard, usual_issue_date};
use rstest::rstest;

/// A holder who types these, one after the other, and then stops.
struct Holder {
    types: Vec<&'static str>,
    consents: bool,
    asked: Vec<Prompt>,
}

impl Holder {
    fn who_types(types: &[&'static str]) -> Self {
        Self { types: types.to_vec(), consents: false, asked: Vec::new() }
    }
}

impl Screen for Holder {
    fn ask(&mut self, prompt: &Prompt) -> Answer {
        self.asked.push(*prompt);
        match prompt {
            Prompt::LastTry { .. } => Answer::Consent(self.consents),
            Prompt::EnterPin { .. } if !self.types.is_empty() => {
                Answer::Pin(Secret::new(self.types.remove(0)))
            }
            _ => Answer::Cancelled,
        }
    }
}

fn hanako(profile: &str) -> VirtualCard {
    VirtualCard::new(Person::hanako(), profile.parse().unwrap()).unwrap()
}

#[rstest]
#[case("modern", 3, 5)]
#[case("plain", 3, 5)]
#[case("locked", 0, 5)]
#[case("modern+authentication-tries:1+signature-tries:2", 1, 2)]
#[case("modern+signature-tries:0+blocked-6983", 3, 0)]
fn status_tells_the_tries_and_costs_none(
    #[case] profile: &str,
    #[case] authentication: u8,
    #[case] signature: u8,
) {
    let mut card = hanako(profile);
    let mut nobody = Holder::who_types(&[]);
    let status = run(card::status(), &mut card, &mut NoHttp, &mut nobody).unwrap().unwrap();
    assert_eq!(status.tries_left(PinKind::Authentication), authentication);
    assert_eq!(status.tries_left(PinKind::Signature), signature);
    assert_eq!(status.is_locked(PinKind::Authentication), authentication == 0);
    // SELECT, two queries with their SELECTs, and the way out.
    assert_eq!((card.meter().commands, card.meter().verify_attempts), (6, 0));
    assert!(nobody.asked.is_empty());
}

#[rstest]
#[case("modern", 3)] // SELECT, READ, deselect
#[case("plain", 10)] // SELECT, SELECT, 7 × READ, deselect
#[case("plain+extended", 11)] // the attempt at short ids is refused once
fn the_authentication_certificate_is_read_to_its_last_byte(
    #[case] profile: &str,
    #[case] commands: u64,
) {
    let mut card = hanako(profile);
    let flow = card::certificate(Credential::Authentication);
    let der = run(flow, &mut card, &mut NoHttp, &mut Holder::who_types(&[])).unwrap().unwrap();
    let issued = Authority::test().issue_authentication(&Person::hanako(), usual_issue_date());
    assert_eq!(der.as_slice(), issued.unwrap());
    assert_eq!((der.len(), card.meter().commands), (1590, commands));
}

#[test]
fn the_signature_certificate_opens_with_its_password_only() {
    let mut card = hanako("modern");
    let mut holder = Holder::who_types(&["abc123"]); // small letters are raised
    let flow = card::certificate(Credential::Signature);
    let der = run(flow, &mut card, &mut NoHttp, &mut holder).unwrap().unwrap();
    let issued = Authority::test().issue_signature(&Person::hanako(), usual_issue_date()).unwrap();
    assert_eq!(der.as_slice(), issued);
    assert!(matches!(
        holder.asked.as_slice(),
        [Prompt::EnterPin { pin: PinKind::Signature, tries_left: 5, .. }]
    ));
    // Clean: the password's effect is gone, though the power never was.
    assert!(!card.is_verified(kaigotap_virtual_card::Purpose::Signature));

    for (typed, code, left) in [
        ("WRONG1", Code::PinWrong, 4),
        ("ABCDEF", Code::PinMalformed, 4),
        ("12345", Code::PinMalformed, 4),
    ] {
        let flow = card::certificate(Credential::Signature);
        let failure = run(flow, &mut card, &mut NoHttp, &mut Holder::who_types(&[typed]))
            .unwrap()
            .unwrap_err();
        assert_eq!((failure.code(), failure.tries_left()), (code, Some(left)), "{typed}");
    }
}

#[test]
fn a_card_without_a_signature_certificate_says_so() {
    let mut card = hanako("modern+no-signature-certificate");
    let flow = card::certificate(Credential::Signature);
    let failure = run(flow, &mut card, &mut NoHttp, &mut Holder::who_types(&["ABC123"]))
        .unwrap()
        .unwrap_err();
    assert_eq!(failure.code(), Code::CertificateMissing);
}

/// Whatever the flow and however it ends, the last command selects another application, and then the card is let go.
#[rstest]
#[case(&["ABC123"])]
#[case(&["WRONG1"])]
#[case(&["x"])]
#[case(&[])]
fn the_card_is_left_clean(#[case] types: &[&'static str]) {
    let mut card = hanako("modern");
    let _ = run(
        card::certificate(Credential::Signature),
        &mut card,
        &mut NoHttp,
        &mut Holder::who_types(types),
    );
    assert_eq!(card.trace().last().unwrap()[..2], [0x00, 0xA4]);
    card.power_on();
    assert!(!card.is_verified(kaigotap_virtual_card::Purpose::Signature));
}

/// What holds the 個人番号 is never selected, and 照合番号A never presented: no flow emits a SELECT of the input-support
/// AP's or the face AP's files, because after the way out of the JPKI AP nothing else is sent.
#[test]
fn nothing_but_the_jpki_application_is_read() {
    let credentials = [Credential::Authentication, Credential::Signature];
    for profile in ["modern", "plain"] {
        for credential in credentials {
            let mut card = hanako(profile);
            let mut sent: Vec<Vec<u8>> = Vec::new();
            let mut tapped = Tapped { card: &mut card, sent: &mut sent };
            run(
                card::certificate(credential),
                &mut tapped,
                &mut NoHttp,
                &mut Holder::who_types(&["ABC123"]),
            )
            .unwrap()
            .unwrap();
            let jpki = kaigotap_virtual_card::Application::Jpki.aid();
            let selections: Vec<_> = sent.iter().filter(|c| c[..3] == [0x00, 0xA4, 0x04]).collect();
            assert_eq!(selections.len(), 2);
            assert_eq!(&selections[0][5..], jpki);
            assert_eq!(sent.last(), Some(selections[1]), "nothing follows the way out");
        }
    }
}

struct Tapped<'a> {
    card: &'a mut VirtualCard,
    sent: &'a mut Vec<Vec<u8>>,
}

impl kaigotap::link::CardLink for Tapped<'_> {
    fn connect(
        &mut self,
        o: kaigotap::flow::Occasion,
    ) -> Result<kaigotap::flow::Connected, kaigotap::flow::LinkError> {
        kaigotap::link::CardLink::connect(self.card, o)
    }
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, kaigotap::flow::LinkError> {
        self.sent.push(command.to_vec());
        Ok(self.card.transmit(command))
    }
    fn disconnect(&mut self) {
        self.card.power_off();
    }
}
