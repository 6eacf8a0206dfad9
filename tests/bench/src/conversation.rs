//! KaigoTap at work: a conversation for each job, the loop that answers it, and its replay.

use std::hint::black_box;

use jiff::Timestamp;
use kaigotap::{
    card::{Credential, PinKind},
    flow::{
        Answer, Connected, FaceCheck, Flow, HttpResponse, LinkError, Misuse, Prompt, Reply,
        Request, Secret, Step,
    },
    link::CardLink,
    message::Failure,
    pki::{CardKey, card_certificate::CardAuthorities},
    reading::{self, HolderKey},
    visit,
};
use kaigotap_virtual_card::CardVerifiableAuthority;

use crate::{holder, job::Job, platform::Platform};

type Outcome = Result<(), Failure>;

/// A flow whose outcome is of no interest.
trait Turns {
    fn turn(&mut self, reply: Option<Reply>) -> Result<Step<Outcome>, Misuse>;
}

impl<T> Turns for Flow<Result<T, Failure>> {
    fn turn(&mut self, reply: Option<Reply>) -> Result<Step<Outcome>, Misuse> {
        let step = match reply {
            None => self.start()?,
            Some(reply) => self.resume(reply)?,
        };
        Ok(match step {
            Step::Need(request) => Step::Need(request),
            Step::Done(outcome) => Step::Done(outcome.map(drop)),
        })
    }
}

/// A conversation that does a job, from its first request on.
pub(crate) struct Conversation(Box<dyn Turns>);

impl Conversation {
    pub(crate) fn of(job: Job, platform: &Platform) -> Self {
        let challenge = Some([7; 32]);
        Self(match job {
            Job::Status => Box::new(reading::status()),
            Job::Certificate => Box::new(reading::certificate(Credential::Authentication)),
            Job::Sign => Box::new(visit::start(Platform::plan(), platform.environment())),
            Job::Holder => Box::new(reading::holder(HolderKey::Pin, authorities(), challenge)),
            Job::Face => Box::new(reading::face(authorities(), challenge)),
        })
    }

    /// Brings it to its end, and says how every request was answered.
    pub(crate) fn play(mut self, platform: &Platform, card: &mut dyn CardLink) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut step = self.0.turn(None).expect("a fresh flow");
        loop {
            let request = match step {
                Step::Need(request) => request,
                Step::Done(Ok(())) => return lines,
                Step::Done(Err(failure)) => panic!("{failure:?}"),
            };
            let line = answered(&request, platform, card);
            let reply = line.reply();
            lines.push(line);
            step = self.0.turn(Some(reply)).expect("a reply of the right kind");
        }
    }
}

/// A conversation and all its answers, laid out.
pub(crate) struct Rehearsed {
    conversation: Conversation,
    replies: Vec<Reply>,
}

impl Rehearsed {
    pub(crate) fn of(job: Job, platform: &Platform, lines: &[Line]) -> Self {
        let conversation = Conversation::of(job, platform);
        Self { conversation, replies: lines.iter().map(Line::reply).collect() }
    }

    /// All that a host does in this job, and nothing else: encode, parse, verify, and forget.
    #[inline(never)]
    pub(crate) fn replay_once(self) {
        let Self { conversation: Conversation(mut flow), replies } = self;
        let mut step = flow.turn(None);
        for reply in replies {
            step = flow.turn(Some(reply));
        }
        assert!(matches!(black_box(step), Ok(Step::Done(Ok(())))), "it went as it was recorded");
    }
}

/// The answer to a request. A [`Reply`] may hold a PIN and is therefore no value to copy; test PINs are.
pub(crate) enum Line {
    Connect(Result<Connected, LinkError>),
    Transmit(Result<Vec<u8>, LinkError>),
    Disconnect,
    Send(u16, Vec<u8>),
    Clock(Timestamp),
    Face,
    Pin(&'static str),
}

impl Line {
    fn reply(&self) -> Reply {
        match self {
            Self::Connect(result) => Reply::Connect(*result),
            Self::Transmit(result) => Reply::Transmit(result.clone()),
            Self::Disconnect => Reply::Disconnect,
            Self::Send(status, body) => {
                Reply::Send(Ok(HttpResponse { status: *status, body: body.clone().into() }))
            }
            Self::Clock(now) => Reply::Clock(*now),
            Self::Face => Reply::Ask(Answer::Face(FaceCheck::Match)),
            Self::Pin(pin) => Reply::Ask(Answer::Pin(Secret::new(*pin))),
        }
    }
}

fn answered(request: &Request, platform: &Platform, card: &mut dyn CardLink) -> Line {
    match request {
        Request::Connect(occasion) => Line::Connect(card.connect(*occasion)),
        Request::Transmit(command) => Line::Transmit(card.transmit(command.bytes())),
        Request::Disconnect => {
            card.disconnect();
            Line::Disconnect
        }
        Request::Send(request) => {
            let (status, body) = platform.answer(request, Timestamp::now());
            Line::Send(status, body)
        }
        Request::Clock => Line::Clock(Timestamp::now()),
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
