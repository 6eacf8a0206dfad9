//! A holder who types, a link that watches, and every flow there is.

#![allow(dead_code, reason = "each test program uses its part")]

use kaigotap::card::{Credential, PinKind};
use kaigotap::flow::{Answer, Connected, Flow, LinkError, Occasion, Prompt, Secret};
use kaigotap::fuzzing::Watch;
use kaigotap::link::{CardLink, Drivers, NoHttp, Screen, run};
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
        self.asked.push(prompt.clone());
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
    card: &mut dyn CardLink,
    holder: &mut Holder,
) -> Result<T, Failure> {
    run(flow, &mut Drivers::new(&mut Link::new(card), &mut NoHttp, holder)).unwrap()
}

/// A link that lets nothing pass that no flow may ever send; see [`Watch`].
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

/// A flow, played on a link.
pub(crate) type Played = Box<dyn Fn(&mut Link<'_>)>;

/// Every flow that this library offers on a card, played with a holder who does everything.
pub(crate) fn every_flow() -> Vec<Played> {
    fn played<T: 'static>(flow: impl Fn() -> Flow<Result<T, Failure>> + 'static) -> Played {
        Box::new(move |link| {
            let mut holder =
                Holder::who_types(&["1234", "ABC123", "16050320350000", "160503", "1234"]);
            holder.chooses = vec![("4321", "4321"), ("ABCD1234", "ABCD1234")];
            let _ = run(flow(), &mut Drivers::new(link, &mut NoHttp, &mut holder)).unwrap();
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
