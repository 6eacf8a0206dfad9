//! Recording a conversation, so that it can be replayed to the byte: in tests, in other languages, without a card.
//!
//! What a person types is never written down, not even its length: the recorder cannot see it in an answer, and takes it
//! out of the one command that carries it. Of the record whose digest is the 個人番号 no byte is written down, whatever
//! the card. Of a real card only lengths and status words are.

mod line;
mod outcome;
mod scrub;

use std::time::{Duration, Instant};

use kaigotap::flow::{
    Answer as Answered, FaceCheck, Flow, HttpRequest, LinkError, Misuse, Occasion, Prompt as Asked,
    Reply, Request, Step,
};
use kaigotap::link::{CardLink, HttpLink, Screen};
use kaigotap::message::Failure;
use zeroize::Zeroizing;

pub use line::{
    Answer, Card, Header, Line, Link, Outcome, Parameters, Prompt, VERSION, Visit, hex, http_error,
    http_error_name, link_error, link_error_name, pin_name, unhex,
};
pub use outcome::{Recorded, outcome_of};
pub use scrub::Position;
use scrub::Scrubber;

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
    /// Whose card.
    pub card: Card,
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
    /// Tokens, and what is written in their place.
    tokens: Vec<(Zeroizing<String>, &'static str)>,
}

impl Recorder {
    /// Begins.
    pub fn new(about: About) -> Self {
        let scrubber = Scrubber::new(about.card == Card::Real);
        Self {
            about,
            lines: Vec::new(),
            link: None,
            scrubber,
            typed: Vec::new(),
            entered: None,
            chosen: None,
            tokens: Vec::new(),
        }
    }

    /// A token that must not be written down.
    #[must_use]
    pub fn hiding_staff_token(mut self, token: &str) -> Self {
        self.tokens.push((Zeroizing::new(token.to_owned()), "<staff-token>"));
        self
    }

    /// Takes down one turn: what was asked, what was answered, and how long that took.
    pub fn turn(&mut self, request: &Request, reply: &Reply, took: Duration) {
        match (request, reply) {
            (Request::Connect(occasion), Reply::Connect(answer)) => {
                self.scrubber.connected();
                let link = answer.ok().map(Link::from);
                self.link = self.link.or(link);
                self.lines.push(Line::Connect {
                    occasion: occasion_name(*occasion).to_owned(),
                    link,
                    error: answer.err().map(|error| link_error_name(error).to_owned()),
                });
            }
            (Request::Transmit(command), Reply::Transmit(answer)) => {
                self.exchange(command.bytes(), answer.as_deref().map_err(|error| *error), took);
            }
            (Request::Disconnect, _) => self.lines.push(Line::Disconnect),
            (Request::Clock, Reply::Clock(at)) => self.lines.push(Line::Clock { at: *at }),
            (Request::Ask(prompt), Reply::Ask(answer)) => self.ask(*prompt, answer),
            (Request::Send(request), Reply::Send(answer)) => {
                let (status, body, error) = match answer {
                    Ok(answer) => {
                        let body = String::from_utf8_lossy(&answer.body);
                        self.hide_access_token(&body);
                        (Some(answer.status), Some(self.text(&body)), None)
                    }
                    Err(error) => (None, None, Some(http_error_name(*error).to_owned())),
                };
                self.lines.push(self.send(request, status, body, error));
            }
            // What this version cannot write down, a replay will miss, and say so.
            _ => {}
        }
    }

    /// The transcript: lines of JSON, the header first.
    pub fn finish<T: Recorded>(self, outcome: &Result<T, Failure>) -> String {
        let personal = self.about.card != Card::Real;
        self.finish_with(outcome_of(outcome, personal))
    }

    /// The same, of an outcome that is written down already.
    pub fn finish_with(mut self, outcome: Outcome) -> String {
        if matches!(&outcome, Outcome::Failed { code, .. } if code == "pin_malformed") {
            self.chosen_turned_out("malformed");
        }
        self.entered_was_malformed();
        let names: Vec<String> = self.typed.iter().map(Typed::name).collect();
        let About { flow, mut parameters, challenge, entropy, card } = self.about;
        if card == Card::Real {
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

    fn exchange(&mut self, command: &[u8], answer: Result<&[u8], LinkError>, took: Duration) {
        let secret = match command.get(1) {
            _ if !Scrubber::is_secret(command) => None,
            Some(0x24) => self.chosen.take().map(|(first, _)| first),
            _ => self.entered.take(),
        };
        let slot = secret.map(|slot| format!("#{slot}"));
        let tx = self.scrubber.command(command, slot.as_deref());
        // Fewer than two bytes are no answer; every flow takes them for a lost link.
        let answer = match answer {
            Ok(answer) if answer.len() < 2 => Err(LinkError::Lost),
            answer => answer,
        };
        let answered = answer.map_or(0, <[u8]>::len);
        // A time that is computed would tell the length of a secret, too.
        let sent = if Scrubber::is_secret(command) { 4 } else { command.len() };
        let micros = self.micros(sent + answered, took);
        match answer {
            Ok(answer) => {
                if let (Some(slot), Some([0x63, _])) = (secret, answer.last_chunk::<2>()) {
                    self.typed[slot].fate = "-refused";
                }
                let rx = self.scrubber.answer(answer);
                self.lines.push(Line::Exchange { tx, rx, micros });
            }
            Err(error) => {
                let error = link_error_name(error).to_owned();
                self.lines.push(Line::Error { tx, error, micros });
            }
        }
    }

    /// With a virtual card, the time a real one would take about, so that the same conversation is written down the same
    /// way: 15 ms for each command, and its bytes at 106 kbit/s.
    fn micros(&self, bytes: usize, took: Duration) -> u64 {
        match self.about.card {
            Card::Real => u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            Card::Virtual { .. } => 15_000 + bytes as u64 * 8_000 / 106,
        }
    }

    fn ask(&mut self, prompt: Asked, answer: &Answered) {
        match Prompt::from(&prompt) {
            Prompt::EnterPin { .. } => self.entered_was_malformed(),
            Prompt::NewPin { why, .. } => self.chosen_turned_out(&why),
            _ => {}
        }
        let kind = match prompt {
            Asked::EnterPin { pin, .. } | Asked::NewPin { pin, .. } => pin_name(pin),
            _ => "unknown",
        };
        let answer = match answer {
            Answered::Face(FaceCheck::Match) => Answer::Face("match".to_owned()),
            Answered::Face(FaceCheck::NoMatch) => Answer::Face("no_match".to_owned()),
            Answered::Consent(consent) => Answer::Consent(*consent),
            Answered::Pin(_) => {
                let slot = self.hear(kind, "");
                self.entered = Some(slot);
                Answer::Pin(format!("#{slot}"))
            }
            Answered::NewPin(..) => {
                let (first, second) = (self.hear(kind, "-new"), self.hear(kind, "-new"));
                self.chosen = Some((first, second));
                Answer::NewPin(format!("#{first}"), format!("#{second}"))
            }
            _ => Answer::Cancelled(true),
        };
        self.lines.push(Line::Ask { prompt: (&prompt).into(), answer });
    }

    fn hear(&mut self, pin: &'static str, fate: &'static str) -> usize {
        self.typed.push(Typed { pin, fate });
        self.typed.len() - 1
    }

    /// What was entered and never presented was malformed.
    fn entered_was_malformed(&mut self) {
        if let Some(slot) = self.entered.take() {
            self.typed[slot].fate = "-malformed";
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

    fn send(
        &self,
        request: &HttpRequest,
        status: Option<u16>,
        answer: Option<String>,
        error: Option<String>,
    ) -> Line {
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
        Line::Send {
            method: request.method.as_str().to_owned(),
            path: format!("/{path}"),
            headers: request
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), self.hide_tokens(value)))
                .collect(),
            body: self.text(&String::from_utf8_lossy(&request.body)),
            status,
            answer,
            error,
        }
    }

    /// A body, without what must not be written down.
    fn text(&self, text: &str) -> String {
        match self.about.card {
            Card::Real if !text.is_empty() => format!("<withheld:{}>", text.len()),
            _ => self.hide_tokens(text),
        }
    }

    fn hide_tokens(&self, text: &str) -> String {
        let hide = |text: String, (token, name): &(Zeroizing<String>, &str)| {
            text.replace(token.as_str(), name)
        };
        self.tokens.iter().fold(text.to_owned(), hide)
    }

    fn hide_access_token(&mut self, answer: &str) {
        let answer: Option<serde_json::Value> = serde_json::from_str(answer).ok();
        if let Some(token) = answer.as_ref().and_then(|answer| answer["access_token"].as_str()) {
            self.tokens.push((Zeroizing::new(token.to_owned()), "<access-token>"));
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

/// The name of an occasion.
pub fn occasion_name(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::First => "first",
        Occasion::Again => "again",
    }
}

/// Runs a flow to its end, as [`kaigotap::link::run`] does, and takes everything down.
pub fn run<T>(
    mut flow: Flow<T>,
    card: &mut dyn CardLink,
    http: &mut dyn HttpLink,
    screen: &mut dyn Screen,
    recorder: &mut Recorder,
) -> Result<T, Misuse> {
    let card = PoweredDown(card);
    let mut step = flow.start()?;
    loop {
        screen.show(flow.progress());
        let request = match step {
            Step::Done(outcome) => return Ok(outcome),
            Step::Need(request) => request,
        };
        let begun = Instant::now();
        let reply = match &request {
            Request::Connect(occasion) => Reply::Connect(card.0.connect(*occasion)),
            Request::Transmit(command) => Reply::Transmit(card.0.transmit(command.bytes())),
            Request::Disconnect => {
                card.0.disconnect();
                Reply::Disconnect
            }
            Request::Send(request) => Reply::Send(http.send(request)),
            Request::Clock => Reply::Clock(jiff::Timestamp::now()),
            Request::Ask(prompt) => Reply::Ask(screen.ask(prompt)),
            // A driver stops at what it does not know.
            _ => return Err(Misuse::Stalled),
        };
        recorder.turn(&request, &reply, begun.elapsed());
        step = flow.resume(reply)?;
    }
}

/// A card that is powered down even when a screen or a link panics.
struct PoweredDown<'a>(&'a mut dyn CardLink);

impl Drop for PoweredDown<'_> {
    fn drop(&mut self) {
        self.0.disconnect();
    }
}
