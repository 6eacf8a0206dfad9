//! Any conversation by its name, as a transcript's header gives it.

use kaigotap::card::{Credential, PinKind};
use kaigotap::exchange::{Entropy, enrol, sign_in};
use kaigotap::flow::{Answer, Flow, PinTiming, Prompt, Reply, Request, Secret};
use kaigotap::host::{self, DeviceKey};
use kaigotap::link::{CardLink, Host, NoOutcome, run};
use kaigotap::message::Failure;
use kaigotap::reading::{self, HolderKey};
use kaigotap::visit;
use kaigotap_recorder::{Outcome, Parameters, Recorded, outcome_of, unhex};
use kaigotap_virtual_card::VirtualCard;

use crate::table::Table;

/// A conversation of any kind, to be run with a host.
pub type Conversation = Box<dyn FnOnce(&mut dyn Host) -> Result<Outcome, NoOutcome>>;

/// A flow as a conversation of which only what is written down comes out.
pub fn conversation<T: Recorded + 'static>(
    timing: PinTiming,
    flow: Flow<Result<T, Failure>>,
) -> Conversation {
    let flow = flow.asking_for_pins(timing);
    Box::new(|host| run(flow, host).map(|outcome| outcome_of(&outcome, true)))
}

/// Begins a conversation; says what its description lacks.
pub fn begin(
    flow: &str,
    parameters: &Parameters,
    challenge: Option<[u8; 32]>,
    entropy: Option<[u8; 32]>,
    table: &Table,
) -> Result<Conversation, String> {
    let authorities =
        || table.authorities(parameters.authorities.as_deref().ok_or("no authorities")?);
    let timing = match parameters.pin_timing.as_deref() {
        None => PinTiming::DuringTap,
        Some("before_tap") => PinTiming::BeforeTap,
        other => return Err(format!("no PIN timing {other:?}")),
    };
    Ok(match flow {
        "status" => conversation(timing, reading::status()),
        "information" => conversation(timing, reading::information()),
        "certificate" => conversation(
            timing,
            reading::certificate(match parameters.credential.as_deref() {
                Some("authentication") => Credential::Authentication,
                Some("signature") => Credential::Signature,
                other => return Err(format!("no credential {other:?}")),
            }),
        ),
        "holder" => {
            let key = match parameters.key.as_deref() {
                Some("pin") => HolderKey::Pin,
                Some("verification_number_b") => HolderKey::VerificationNumberB,
                other => return Err(format!("no key {other:?}")),
            };
            conversation(timing, reading::holder(key, authorities()?, challenge))
        }
        "face" => conversation(timing, reading::face(authorities()?, challenge)),
        "age" => conversation(timing, reading::age(authorities()?, challenge)),
        "change_pin" => conversation(
            timing,
            reading::change_pin(match parameters.pin.as_deref() {
                Some("authentication") => PinKind::Authentication,
                Some("signature") => PinKind::Signature,
                Some("input_support") => PinKind::InputSupport,
                other => return Err(format!("no PIN {other:?}")),
            }),
        ),
        "host_check" => {
            let key = parameters.device_key.as_ref().map(|key| {
                let public = unhex(&key.public).ok_or("a key that is not hexadecimal")?;
                Ok::<_, String>(DeviceKey::new(key.name.as_str(), public))
            });
            conversation(timing, host::check(key.transpose()?))
        }
        "visit" => {
            let visit = parameters.visit.as_ref().ok_or("no visit")?;
            let anchors = table.anchors(&visit.anchors)?;
            let anchors = anchors.iter().map(Vec::as_slice);
            let entropy = Entropy::new(&entropy.ok_or("no entropy")?);
            let token = visit.staff_token.as_deref().ok_or("no staff token")?;
            let environment = visit.environment(token, anchors, entropy);
            let plan = visit.plan().map_err(|failure| failure.to_string())?;
            let mut environment = environment.map_err(|unusable| unusable.to_string())?;
            if let Some(faces) = &parameters.authorities {
                environment = environment.with_card_authorities(table.authorities(faces)?);
            }
            conversation(timing, visit::start(plan, environment))
        }
        "enrol" => {
            let begun = parameters.enrol.as_ref().ok_or("no enrolment")?;
            let plan = begun.plan(Entropy::new(&entropy.ok_or("no entropy")?));
            conversation(timing, enrol(plan.map_err(|unusable| unusable.to_string())?))
        }
        "sign_in" => {
            let begun = parameters.sign_in.as_ref().ok_or("no sign-in")?;
            let plan = begun.plan(Entropy::new(&entropy.ok_or("no entropy")?));
            conversation(timing, sign_in(plan.map_err(|unusable| unusable.to_string())?))
        }
        other => return Err(format!("no flow {other}")),
    })
}

/// A card and its holder, who answer everything but a server's part.
pub struct Holder {
    /// The card.
    pub card: VirtualCard,
    /// What the holder types, one after the other; then they stop.
    pub types: Vec<&'static str>,
    /// What they choose for a new PIN, and type again.
    pub chooses: Vec<(&'static str, &'static str)>,
    /// Whether they agree to a last try.
    pub consents: bool,
    /// Whether a card that was pulled is held to the reader again.
    pub comes_back: bool,
    /// Whether the reader powers the card down when it is let go. If not, only what the flow did has left it clean.
    pub powers_down: bool,
    /// How many PINs were typed.
    pub typed: u64,
}

impl Holder {
    /// Somebody who types nothing.
    pub fn of(card: VirtualCard) -> Self {
        Self {
            card,
            types: Vec::new(),
            chooses: Vec::new(),
            consents: false,
            comes_back: true,
            powers_down: true,
            typed: 0,
        }
    }
}

impl Host for Holder {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        Some(match request {
            Request::Connect(occasion) => {
                if self.comes_back && self.card.is_gone() && self.card.meter().commands > 0 {
                    self.card.put_back();
                }
                Reply::Connect(CardLink::connect(&mut self.card, occasion))
            }
            Request::Transmit(command) => {
                Reply::Transmit(CardLink::transmit(&mut self.card, command.bytes()))
            }
            Request::Disconnect => {
                self.release();
                Reply::Disconnect
            }
            Request::Ask(Prompt::LastTry { .. }) => Reply::Ask(Answer::Consent(self.consents)),
            Request::Ask(Prompt::EnterPin { .. }) if !self.types.is_empty() => {
                self.typed += 1;
                Reply::Ask(Answer::Pin(Secret::new(self.types.remove(0))))
            }
            Request::Ask(Prompt::NewPin { .. }) if !self.chooses.is_empty() => {
                let (first, second) = self.chooses.remove(0);
                Reply::Ask(Answer::NewPin(Secret::new(first), Secret::new(second)))
            }
            Request::Ask(_) => Reply::Ask(Answer::Cancelled),
            other => panic!("a card has no part in {other:?}"),
        })
    }

    fn release(&mut self) {
        if self.powers_down {
            CardLink::disconnect(&mut self.card);
        }
    }
}
