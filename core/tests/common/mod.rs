//! A holder who types, a link that watches, and every flow there is.

#![allow(dead_code, reason = "each test program uses its part")]

use kaigotap::card::{Credential, PinKind};
use kaigotap::flow::{Answer, Connected, Flow, LinkError, Occasion, Prompt, Secret};
use kaigotap::link::{CardLink, NoHttp, Screen, run};
use kaigotap::message::Failure;
use kaigotap::pki::CardKey;
use kaigotap::pki::card_certificate::CardAuthorities;
use kaigotap::reading::{self, HolderKey};
use kaigotap_virtual_card::{CardVerifiableAuthority, Person, VirtualCard};

/// A holder who types these, one after the other, and then stops.
pub(crate) struct Holder {
    pub(crate) types: Vec<String>,
    pub(crate) chooses: Vec<(&'static str, &'static str)>,
    pub(crate) consents: bool,
    pub(crate) asked: Vec<Prompt>,
}

impl Holder {
    pub(crate) fn who_types(types: &[&str]) -> Self {
        let types = types.iter().map(|&typed| typed.to_owned()).collect();
        Self { types, chooses: Vec::new(), consents: false, asked: Vec::new() }
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
            Prompt::NewPin { .. } if !self.chooses.is_empty() => {
                let (first, second) = self.chooses.remove(0);
                Answer::NewPin(Secret::new(first), Secret::new(second))
            }
            _ => Answer::Cancelled,
        }
    }
}

pub(crate) fn hanako(profile: &str) -> VirtualCard {
    VirtualCard::new(Person::hanako(), profile.parse().unwrap()).unwrap()
}

/// The authorities of the virtual cards.
pub(crate) fn authorities() -> CardAuthorities {
    let authority = |of: CardVerifiableAuthority| {
        (of.key_id().try_into().unwrap(), CardKey::of_modulus(of.modulus()).unwrap())
    };
    CardAuthorities::test(
        authority(CardVerifiableAuthority::text()),
        authority(CardVerifiableAuthority::face()),
    )
}

pub(crate) fn tap<T>(
    flow: Flow<Result<T, Failure>>,
    card: &mut VirtualCard,
    holder: &mut Holder,
) -> Result<T, Failure> {
    run(flow, &mut Link::new(card), &mut NoHttp, holder).unwrap()
}

/// A link that lets nothing pass that no flow may ever send: the selection of what holds the 個人番号, a VERIFY of the
/// keys that are the 個人番号, the record of the common AP.
pub(crate) struct Link<'a> {
    card: &'a mut dyn CardLink,
    watch: Watch,
    pub(crate) commands: usize,
}

impl<'a> Link<'a> {
    pub(crate) fn new(card: &'a mut dyn CardLink) -> Self {
        Self { card, watch: Watch::default(), commands: 0 }
    }
}

impl CardLink for Link<'_> {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
        self.watch = Watch::default();
        self.card.connect(occasion)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.commands += 1;
        self.watch.sees(command);
        self.card.transmit(command)
    }

    fn disconnect(&mut self) {
        self.card.disconnect();
    }
}

/// Follows which application is selected, whatever the card answers.
#[derive(Default)]
struct Watch {
    application: Vec<u8>,
}

impl Watch {
    fn sees(&mut self, command: &[u8]) {
        const TEXT: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
        const FACE: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02";
        const JPKI: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
        const DOMAIN: &[u8] = b"\xA0\x00\x00\x01\x51\x00\x00";
        let [class, instruction, p1, p2, rest @ ..] = command else { panic!("no command") };
        match (instruction, p1) {
            (0xA4, 0x04) => {
                self.application = rest[1..].to_vec();
                assert!(
                    [TEXT, FACE, JPKI, DOMAIN].contains(&&self.application[..]),
                    "{command:02X?}"
                );
            }
            (0xA4, 0x02) => self.file(u16::from_be_bytes([rest[1], rest[2]]), command),
            (0xA4, _) => panic!("a SELECT of another form: {command:02X?}"),
            (0xB0, short) if short & 0x80 != 0 => self.file(u16::from(short & 0x1F), command),
            (0xB0 | 0xC0, _) => {}
            (0x20 | 0x24, _) => assert_eq!(*p2, 0x80, "a PIN by short identifier: {command:02X?}"),
            (0x2A, 0x00) => {
                assert_eq!((*class, rest[0]), (0x80, 0x33), "raw signing: {command:02X?}");
                assert_eq!(rest[1..4], [0x30, 0x31, 0x30], "not a DigestInfo of SHA-256");
            }
            _ => panic!("an instruction that no flow needs: {command:02X?}"),
        }
    }

    fn file(&self, id: u16, command: &[u8]) {
        let last = self.application.last();
        let allowed: &[u16] = match last {
            Some(0x01) => &[0x01, 0x06, 0x08, 0x0A, 0x17, 0x18, 0x1B],
            Some(0x08) => &[0x02, 0x03, 0x04, 0x07, 0x11, 0x15],
            Some(0x02) => &[0x01, 0x02, 0x03, 0x04, 0x11, 0x12],
            _ => &[],
        };
        assert!(allowed.contains(&id), "a file that must not be named: {command:02X?}");
    }
}

/// Every flow that this library offers on a card, played with a holder who does everything.
/// A flow, played on a link.
pub(crate) type Played = Box<dyn Fn(&mut Link<'_>)>;

pub(crate) fn every_flow() -> Vec<Played> {
    fn played<T: 'static>(flow: impl Fn() -> Flow<Result<T, Failure>> + 'static) -> Played {
        Box::new(move |link| {
            let mut holder =
                Holder::who_types(&["1234", "ABC123", "16050320350000", "160503", "1234"]);
            holder.chooses = vec![("4321", "4321"), ("ABCD1234", "ABCD1234")];
            let _ = run(flow(), link, &mut NoHttp, &mut holder).unwrap();
        })
    }
    let challenge = Some([7; 32]);
    vec![
        played(reading::status),
        played(|| reading::certificate(Credential::Authentication)),
        played(|| reading::certificate(Credential::Signature)),
        played(move || reading::holder(HolderKey::Pin, authorities(), challenge)),
        played(move || reading::holder(HolderKey::VerificationNumberB, authorities(), challenge)),
        played(move || reading::face(authorities(), challenge)),
        played(move || reading::age(authorities(), challenge)),
        played(reading::information),
        played(|| reading::change_pin(PinKind::Authentication)),
        played(|| reading::change_pin(PinKind::Signature)),
        played(|| reading::change_pin(PinKind::InputSupport)),
    ]
}
