//! Writing a conversation down, turn by turn.

use std::time::{Duration, Instant};

use kaigotap::flow::{
    Answer as Answered, FaceCheck, HttpRequest, LinkError, Progress, Prompt as Asked, Reply,
    Request,
};
use kaigotap::link::Host;
use kaigotap::message::Failure;
use zeroize::Zeroizing;

use crate::line::{
    Answer, Card, Entry, Header, Line, Link, Outcome, Parameters, Prompt, VERSION, hex,
    occasion_name, pin_name,
};
use crate::names::{
    browse_error_name, http_error_name, link_error_name, sign_error_name, store_error_name,
};
use crate::outcome::{Recorded, outcome_of};
use crate::scrub::Scrubber;

/// The headers of an answer that the SDK reads.
const READ_HEADERS: [&str; 4] = ["content-type", "dpop-nonce", "retry-after", "www-authenticate"];

/// What stands for the key to the age record that a visit without PIN presents: the date of birth of whom it expects, which
/// nobody typed.
const REGISTERED: &str = "birth_date-registered";

/// What a conversation was begun with.
#[derive(Clone, Debug)]
pub struct About {
    /// Which flow.
    pub flow: &'static str,
    /// What it was given.
    pub parameters: Parameters,
    /// What the card is to sign.
    pub challenge: Option<[u8; 32]>,
    /// The randomness of a visit.
    pub entropy: Option<[u8; 32]>,
    /// Whose card, where a card has a part in it.
    pub card: Option<Card>,
}

/// What was typed, known by its kind and its fate.
struct Typed {
    pin: &'static str,
    fate: &'static str,
}

/// Writes a conversation down, turn by turn.
pub struct Recorder {
    about: About,
    lines: Vec<Line>,
    link: Option<Link>,
    scrubber: Scrubber,
    typed: Vec<Typed>,
    /// The PIN that the next VERIFY presents, and the one that the next CHANGE sets.
    entered: Option<usize>,
    chosen: Option<(usize, usize)>,
    /// Of the command under way: which of what was typed it presents, and how many bytes of it may be counted.
    presented: Option<usize>,
    sent: usize,
    /// The PIN of the question under way.
    kind: &'static str,
    /// Tokens, and what is written in their place.
    tokens: Vec<(Zeroizing<String>, &'static str)>,
}

impl Recorder {
    /// Begins.
    pub fn new(about: About) -> Self {
        let scrubber = Scrubber::new(about.card == Some(Card::Real));
        Self {
            about,
            lines: Vec::new(),
            link: None,
            scrubber,
            typed: Vec::new(),
            entered: None,
            chosen: None,
            presented: None,
            sent: 0,
            kind: "unknown",
            tokens: Vec::new(),
        }
    }

    /// Without tokens: this one, and those that are granted for it. Proofs that speak of a token by its hash then fit
    /// nothing any more, so what is written down shows a visit, and no flow repeats it.
    #[must_use]
    pub fn hiding_tokens(mut self, token: &str) -> Self {
        self.tokens.push((Zeroizing::new(token.to_owned()), "<staff-token>"));
        self
    }

    /// What is asked: its line, with the answer left open for [`told`](Self::told).
    fn asked(&mut self, request: &Request) -> Option<Line> {
        Some(match request {
            Request::Connect(occasion) => {
                self.scrubber.connected();
                let occasion = occasion_name(*occasion).to_owned();
                Line::Connect { occasion, link: None, error: None }
            }
            Request::Transmit(command) => {
                let command = command.bytes();
                self.presented = match command.get(1) {
                    _ if !Scrubber::is_secret(command) => None,
                    Some(0x24) => self.chosen.take().map(|(first, _)| first),
                    _ => self.entered.take(),
                };
                let slot = self.presented.map(|slot| format!("#{slot}"));
                let known = (self.about.flow == "visit").then_some(REGISTERED);
                let tx = self.scrubber.command(command, slot.as_deref().or(known));
                // A time that is computed would tell the length of a secret, too.
                self.sent = if Scrubber::is_secret(command) { 4 } else { command.len() };
                Line::Exchange { tx, rx: String::new(), micros: 0 }
            }
            Request::Disconnect => Line::Disconnect,
            Request::Clock => Line::Clock { wall_ms: 0, monotonic_ms: 0 },
            Request::Sign(to_sign) => Line::Sign {
                key: to_sign.key.clone(),
                payload: self.bytes(&to_sign.payload),
                signature: None,
                error: None,
            },
            Request::Keep(entry) => {
                let Entry { name, sealed } = self.entry(entry);
                Line::Keep { name, sealed, error: None }
            }
            Request::Forget(name) => Line::Forget { name: name.as_str().to_owned(), error: None },
            Request::List => Line::List { names: None, error: None },
            Request::Recall(names) => {
                let names = names.iter().map(|name| name.as_str().to_owned()).collect();
                Line::Recall { names, entries: None, error: None }
            }
            Request::Ask(prompt) => {
                self.asks(prompt);
                Line::Ask { prompt: prompt.into(), answer: Answer::Cancelled(true) }
            }
            Request::Send(request) => self.send(request),
            Request::Browse(page) => Line::Browse {
                address: self.text(&page.address),
                returns_to: page.returns_to.clone(),
                ended: None,
                error: None,
            },
            // What this version cannot write down, a replay will miss, and say so.
            _ => return None,
        })
    }

    /// What was answered, and how long that took.
    fn told(&mut self, line: Option<Line>, reply: &Reply, took: Duration) {
        let Some(mut line) = line else { return };
        match (&mut line, reply) {
            (Line::Connect { link, error, .. }, Reply::Connect(answer)) => {
                *link = answer.ok().map(Link::from);
                *error = answer.err().map(|error| link_error_name(error).to_owned());
                self.link = self.link.or(*link);
            }
            (Line::Exchange { tx, .. }, Reply::Transmit(answer)) => {
                line = self.exchanged(std::mem::take(tx), answer.as_deref().map_err(|e| *e), took);
            }
            (Line::Clock { wall_ms, monotonic_ms }, Reply::Clock(now)) => {
                *wall_ms = now.wall.as_millisecond().try_into().unwrap_or_default();
                *monotonic_ms = now.monotonic.as_millis().try_into().unwrap_or(u64::MAX);
            }
            (Line::Sign { signature, error, .. }, Reply::Sign(told)) => {
                *signature = told.as_ref().ok().map(|signature| self.bytes(signature));
                *error = told.as_ref().err().map(|error| sign_error_name(*error).to_owned());
            }
            (Line::Keep { error, .. }, Reply::Keep(told))
            | (Line::Forget { error, .. }, Reply::Forget(told)) => {
                *error = told.err().map(|error| store_error_name(error).to_owned());
            }
            (Line::List { names, error }, Reply::List(told)) => {
                let all = told.as_ref().ok();
                *names = all.map(|all| all.iter().map(|name| name.as_str().to_owned()).collect());
                *error = told.as_ref().err().map(|error| store_error_name(*error).to_owned());
            }
            (Line::Recall { entries, error, .. }, Reply::Recall(told)) => {
                let all = told.as_ref().ok();
                *entries = all.map(|all| all.iter().map(|entry| self.entry(entry)).collect());
                *error = told.as_ref().err().map(|error| store_error_name(*error).to_owned());
            }
            (Line::Ask { answer, .. }, Reply::Ask(told)) => *answer = self.hears(told),
            (Line::Browse { ended, error, .. }, Reply::Browse(told)) => {
                *ended = told.as_ref().ok().map(|address| self.text(address));
                *error = told.as_ref().err().map(|error| browse_error_name(*error).to_owned());
            }
            (Line::Send { status, answer_headers, answer, error, .. }, Reply::Send(told)) => {
                match told {
                    Ok(told) => {
                        let body = String::from_utf8_lossy(&told.body);
                        self.hide_granted(&body);
                        *status = Some(told.status);
                        let read = told.headers().filter(|(name, _)| READ_HEADERS.contains(name));
                        *answer_headers =
                            read.map(|(name, value)| (name.to_owned(), self.text(value))).collect();
                        *answer = Some(self.text(&body));
                    }
                    Err(told) => *error = Some(http_error_name(*told).to_owned()),
                }
            }
            _ => {}
        }
        self.lines.push(line);
    }

    /// The transcript: lines of JSON, the header first.
    pub fn finish<T: Recorded>(self, outcome: &Result<T, Failure>) -> String {
        let personal = !self.is_real();
        self.finish_with(outcome_of(outcome, personal))
    }

    /// The same, of an outcome that is written down already.
    pub fn finish_with(mut self, outcome: Outcome) -> String {
        let malformed = matches!(&outcome, Outcome::Failed { code, .. } if code == "pin_malformed");
        if malformed {
            self.chosen_turned_out("malformed");
        }
        self.entered_was_not_sent(malformed);
        let names: Vec<String> = self.typed.iter().map(Typed::name).collect();
        let About { flow, mut parameters, challenge, entropy, card } = self.about;
        if card == Some(Card::Real) {
            parameters.visit = None;
        }
        let header = Line::Header(Box::new(Header {
            version: VERSION,
            flow: flow.to_owned(),
            parameters,
            challenge: challenge.map(|bytes| hex(&bytes)),
            entropy: entropy.map(|bytes| hex(&bytes)),
            card,
            link: self.link,
            outcome,
        }));
        let mut text = String::new();
        for mut line in std::iter::once(header).chain(self.lines) {
            name_secrets(&mut line, &names);
            // Nothing in a line can fail to become JSON.
            text += &serde_json::to_string(&line).unwrap_or_default();
            text.push('\n');
        }
        text
    }

    fn exchanged(&mut self, tx: String, answer: Result<&[u8], LinkError>, took: Duration) -> Line {
        // Fewer than two bytes are no answer; every flow takes them for a lost link.
        let answer = match answer {
            Ok(answer) if answer.len() < 2 => Err(LinkError::Lost),
            answer => answer,
        };
        let micros = self.micros(self.sent + answer.map_or(0, <[u8]>::len), took);
        match answer {
            Ok(answer) => {
                if let (Some(slot), Some([0x63, _])) =
                    (self.presented.take(), answer.last_chunk::<2>())
                {
                    self.typed[slot].fate = "-refused";
                }
                Line::Exchange { tx, rx: self.scrubber.answer(answer), micros }
            }
            Err(error) => Line::Error { tx, error: link_error_name(error).to_owned(), micros },
        }
    }

    /// With a virtual card, the time a real one would take about, so that the same conversation is written down the same
    /// way: 15 ms for each command, and its bytes at 106 kbit/s.
    fn micros(&self, bytes: usize, took: Duration) -> u64 {
        match self.about.card {
            Some(Card::Real) => u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            _ => 15_000 + bytes as u64 * 8_000 / 106,
        }
    }

    /// A question tells what became of the last answer.
    fn asks(&mut self, prompt: &Asked) {
        match Prompt::from(prompt) {
            Prompt::EnterPin { why, .. } => self.entered_was_not_sent(why == "malformed"),
            Prompt::NewPin { why, .. } => self.chosen_turned_out(&why),
            _ => {}
        }
        self.kind = match prompt {
            Asked::EnterPin { pin, .. } | Asked::NewPin { pin, .. } => pin_name(*pin),
            _ => "unknown",
        };
    }

    fn hears(&mut self, answer: &Answered) -> Answer {
        match answer {
            Answered::Face(FaceCheck::Match) => Answer::Face("match".to_owned()),
            Answered::Face(FaceCheck::NoMatch) => Answer::Face("no_match".to_owned()),
            Answered::Consent(consent) => Answer::Consent(*consent),
            Answered::Pin(_) => {
                let slot = self.hear("");
                self.entered = Some(slot);
                Answer::Pin(format!("#{slot}"))
            }
            Answered::NewPin(..) => {
                let (first, second) = (self.hear("-new"), self.hear("-new"));
                self.chosen = Some((first, second));
                Answer::NewPin(format!("#{first}"), format!("#{second}"))
            }
            _ => Answer::Cancelled(true),
        }
    }

    fn hear(&mut self, fate: &'static str) -> usize {
        self.typed.push(Typed { pin: self.kind, fate });
        self.typed.len() - 1
    }

    /// What was entered was never presented: it was malformed, or it was well and did not come to it.
    fn entered_was_not_sent(&mut self, malformed: bool) {
        if let Some(slot) = self.entered.take() {
            self.typed[slot].fate = if malformed { "-malformed" } else { "-unsent" };
        }
    }

    /// What was chosen is asked for again, and why.
    fn chosen_turned_out(&mut self, why: &str) {
        let fates = match why {
            "malformed" => ("-malformed", "-malformed"),
            "different" => ("-new", "-new-other"),
            _ => return,
        };
        if let Some((first, second)) = self.chosen.take() {
            self.typed[first].fate = fates.0;
            self.typed[second].fate = fates.1;
        }
    }

    fn entry(&self, entry: &kaigotap::flow::Entry) -> Entry {
        Entry { name: entry.name.as_str().to_owned(), sealed: self.bytes(&entry.sealed) }
    }

    fn send(&self, request: &HttpRequest) -> Line {
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
        Line::Send {
            method: request.method.as_str().to_owned(),
            path: format!("/{path}"),
            headers: request
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), self.hide_tokens(value)))
                .collect(),
            body: self.text(&String::from_utf8_lossy(&request.body)),
            status: None,
            answer_headers: Vec::new(),
            answer: None,
            error: None,
        }
    }

    /// A body, without what must not be written down.
    fn text(&self, text: &str) -> String {
        match self.about.card {
            Some(Card::Real) if !text.is_empty() => format!("<withheld:{}>", text.len()),
            _ => self.hide_tokens(text),
        }
    }

    /// Bytes that nothing is known of, without what must not be written down.
    fn bytes(&self, bytes: &[u8]) -> String {
        if self.is_real() { format!("<withheld:{}>", bytes.len()) } else { hex(bytes) }
    }

    fn is_real(&self) -> bool {
        self.about.card == Some(Card::Real)
    }

    fn hide_tokens(&self, text: &str) -> String {
        let hide = |text: String, (token, name): &(Zeroizing<String>, &str)| {
            text.replace(token.as_str(), name)
        };
        self.tokens.iter().fold(text.to_owned(), hide)
    }

    /// Where one token is hidden, those that are granted for it are, too.
    fn hide_granted(&mut self, answer: &str) {
        if self.tokens.is_empty() {
            return;
        }
        let answer: Option<serde_json::Value> = serde_json::from_str(answer).ok();
        for (member, name) in [
            ("access_token", "<access-token>"),
            ("evidence_token", "<evidence-token>"),
            ("registration", "<registration>"),
        ] {
            if let Some(token) = answer.as_ref().and_then(|answer| answer[member].as_str()) {
                self.tokens.push((Zeroizing::new(token.to_owned()), name));
            }
        }
    }
}

impl Typed {
    fn name(&self) -> String {
        format!("{}{}", self.pin, self.fate)
    }
}

/// Puts names where numbers were.
fn name_secrets(line: &mut Line, names: &[String]) {
    let name = |slot: &mut String| {
        let number = slot.strip_prefix('#').and_then(|number| number.parse::<usize>().ok());
        if let Some(name) = number.and_then(|number| names.get(number)) {
            slot.clone_from(name);
        }
    };
    match line {
        Line::Ask { answer: Answer::Pin(slot), .. } => name(slot),
        Line::Ask { answer: Answer::NewPin(first, second), .. } => {
            name(first);
            name(second);
        }
        Line::Exchange { tx, .. } | Line::Error { tx, .. } => {
            if let Some((header, slot)) = tx.clone().trim_end_matches('>').split_once('<') {
                let mut slot = slot.to_owned();
                name(&mut slot);
                *tx = format!("{header}<{slot}>");
            }
        }
        _ => {}
    }
}

/// A host whose every turn is taken down.
pub struct Recording<'a> {
    host: &'a mut dyn Host,
    recorder: &'a mut Recorder,
}

impl<'a> Recording<'a> {
    /// Puts the recorder beside the host.
    pub fn new(host: &'a mut dyn Host, recorder: &'a mut Recorder) -> Self {
        Self { host, recorder }
    }
}

impl Host for Recording<'_> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        let line = self.recorder.asked(&request);
        let begun = Instant::now();
        let reply = self.host.answer(request)?;
        self.recorder.told(line, &reply, begun.elapsed());
        Some(reply)
    }

    fn show(&mut self, progress: Progress) {
        self.host.show(progress);
    }

    fn release(&mut self) {
        self.host.release();
    }
}
