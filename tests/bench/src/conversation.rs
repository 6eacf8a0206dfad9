//! KaigoTap at work: a conversation for each job, the loop that answers it, and its replay.

use std::hint::black_box;

use kaigotap::{
    card::{Credential, PinKind},
    flow::{
        Answer, Connected, DeviceTime, FaceCheck, Flow, HttpResponse, LinkError, PinTiming, Prompt,
        Reply, Request, Secret,
    },
    link::{self, CardLink, Host, NoOutcome},
    message::Failure,
    pki::{CardKey, card_certificate::CardAuthorities},
    reading::{self, HolderKey},
    visit,
};
#[cfg(test)]
use kaigotap::{exchange::Subject, kaigo::ChosenPerson, visit::Registered};
use kaigotap_virtual_card::CardVerifiableAuthority;

use crate::{holder, job::Job, platform::Platform};

type Run = Box<dyn FnOnce(&mut dyn Host) -> Result<Result<(), Failure>, NoOutcome>>;

/// A conversation that does a job, from its first request on. Its outcome is of no interest.
pub(crate) struct Conversation(Run);

impl Conversation {
    pub(crate) fn of(job: Job, platform: &Platform) -> Self {
        let challenge = Some([7; 32]);
        match job {
            Job::Status => Self::new(reading::status()),
            Job::Certificate => Self::new(reading::certificate(Credential::Authentication)),
            Job::Sign => Self::new(visit::start(Platform::plan(), platform.environment())),
            Job::Holder => Self::new(reading::holder(HolderKey::Pin, authorities(), challenge)),
            Job::Face => Self::new(reading::face(authorities(), challenge)),
        }
    }

    /// A second visit, by a tap without PIN.
    #[cfg(test)]
    pub(crate) fn tap(platform: &Platform) -> Self {
        let birth = "1941-05-03".parse().expect("a date");
        let person = ChosenPerson::new("カイゴ　ハナコ", Some(birth), None).expect("a person");
        let subject = Subject::parse("x").expect("a name");
        let plan = Platform::plan().with_tap(Registered::new(person, subject).expect("whom"));
        let environment = platform.environment().with_card_authorities(authorities());
        Self::new(visit::start(plan, environment))
    }

    /// As a phone has it: the PIN first, then one tap.
    fn new<T: 'static>(flow: Flow<Result<T, Failure>>) -> Self {
        let flow = flow.asking_for_pins(PinTiming::BeforeTap);
        Self(Box::new(|host| link::run(flow, host).map(|outcome| outcome.map(drop))))
    }

    /// Brings it to its end, and says how every request was answered.
    pub(crate) fn play(self, platform: &Platform, card: &mut dyn CardLink) -> Vec<Line> {
        let mut played = Played { platform, card, lines: Vec::new() };
        let outcome = (self.0)(&mut played).expect("replies of the right kind");
        outcome.unwrap_or_else(|failure| panic!("{failure:?}"));
        played.lines
    }
}

/// A conversation and all its answers, laid out.
pub(crate) struct Rehearsed {
    conversation: Conversation,
    replies: Replies,
}

impl Rehearsed {
    pub(crate) fn of(job: Job, platform: &Platform, lines: &[Line]) -> Self {
        let conversation = Conversation::of(job, platform);
        let replies: Vec<Reply> = lines.iter().map(Line::reply).collect();
        Self { conversation, replies: Replies(replies.into_iter()) }
    }

    /// All that a host does in this job, and nothing else: encode, parse, verify, and forget.
    #[inline(never)]
    pub(crate) fn replay_once(self) {
        let Self { conversation: Conversation(run), mut replies } = self;
        assert!(matches!(black_box(run(&mut replies)), Ok(Ok(()))), "it went as it was recorded");
    }
}

/// Gives its answers in their order, whatever is asked.
struct Replies(std::vec::IntoIter<Reply>);

impl Host for Replies {
    fn answer(&mut self, _: Request) -> Option<Reply> {
        self.0.next()
    }
}

/// The answer to a request. A [`Reply`] may hold a PIN and is therefore no value to copy; test PINs are.
pub(crate) enum Line {
    Connect(Result<Connected, LinkError>),
    Transmit(Result<Vec<u8>, LinkError>),
    Disconnect,
    Send(u16, Vec<u8>),
    Sign(Vec<u8>),
    Clock(DeviceTime),
    Face,
    Pin(&'static str),
}

impl Line {
    fn reply(&self) -> Reply {
        match self {
            Self::Connect(result) => Reply::Connect(*result),
            Self::Transmit(result) => Reply::Transmit(result.clone()),
            Self::Disconnect => Reply::Disconnect,
            Self::Send(status, body) => Reply::Send(Ok(HttpResponse::new(*status, body.clone()))),
            Self::Sign(signature) => Reply::Sign(Ok(signature.clone())),
            Self::Clock(now) => Reply::Clock(*now),
            Self::Face => Reply::Ask(Answer::Face(FaceCheck::Match)),
            Self::Pin(pin) => Reply::Ask(Answer::Pin(Secret::new(*pin))),
        }
    }
}

/// A card, its holder and the platform, whose answers are kept.
struct Played<'a> {
    platform: &'a Platform,
    card: &'a mut dyn CardLink,
    lines: Vec<Line>,
}

impl Host for Played<'_> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        let line = match request {
            Request::Connect(occasion) => Line::Connect(self.card.connect(occasion)),
            Request::Transmit(command) => Line::Transmit(self.card.transmit(command.bytes())),
            Request::Disconnect => {
                self.card.disconnect();
                Line::Disconnect
            }
            Request::Send(request) => {
                let (status, body) = self.platform.answer(&request, link::now().wall);
                Line::Send(status, body)
            }
            Request::Sign(to_sign) => Line::Sign(self.platform.sign(&to_sign.payload)),
            Request::Clock => Line::Clock(link::now()),
            Request::Ask(Prompt::ConfirmFace) => Line::Face,
            Request::Ask(Prompt::EnterPin { pin: PinKind::Authentication, .. }) => {
                Line::Pin(holder::PIN)
            }
            Request::Ask(Prompt::EnterPin { pin: PinKind::InputSupport, .. }) => {
                Line::Pin(holder::TEXT_PIN)
            }
            Request::Ask(Prompt::EnterPin { pin: PinKind::VerificationNumberB, .. }) => {
                Line::Pin(holder::B)
            }
            other => panic!("no job needs {other:?}"),
        };
        let reply = line.reply();
        self.lines.push(line);
        Some(reply)
    }
}

/// The authorities of the virtual cards.
fn authorities() -> CardAuthorities {
    let authority = |of: CardVerifiableAuthority| {
        let id = of.key_id().try_into().expect("16 bytes");
        (id, CardKey::of_modulus(of.modulus()).expect("a modulus"))
    };
    CardAuthorities::test(
        authority(CardVerifiableAuthority::text()),
        authority(CardVerifiableAuthority::face()),
    )
}
