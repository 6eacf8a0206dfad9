//! Replaying a transcript: the flow is asked for every byte that it sent, and given every byte that it got.

use std::fmt;
use std::time::{Duration, Instant};

use kaigotap::flow::{
    self, Answer as Answered, Connected, DeviceTime, EntryName, FaceCheck, HttpRequest,
    HttpResponse, Reply, Request, Secret, StoreError,
};
use kaigotap::link::Host;
use kaigotap_recorder::{
    Answer, Card, Entry, Header, Line, Link, Outcome, Parameters, Position, Prompt, VERSION,
    browse_error, hex, http_error, link_error, occasion_name, sign_error, store_error, unhex,
};
use kaigotap_virtual_card::{Behaviour, Person, PinKind, VirtualCard};

use crate::conversation::begin;
use crate::table::Table;

/// Where a replay differs from its transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Line of the transcript, from 1.
    pub line: usize,
    /// How.
    pub what: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Replays a transcript: every request to the byte, in its order, and the outcome.
pub fn replay(text: &str, table: &Table) -> Result<Header, Mismatch> {
    let (header, outcome) = play(text, table, Withheld::ReadAnew, &mut |_| {})?;
    same("the outcome", &outcome, &header.outcome).map_err(at(1)).map(|()| header)
}

/// Replays a transcript as one does who has no virtual card, every request to the byte, and tells what comes of it.
pub fn replay_without_card(text: &str, table: &Table) -> Result<Outcome, Mismatch> {
    play(text, table, Withheld::Zeros, &mut |_| {}).map(|(_, outcome)| outcome)
}

/// Replays a transcript as one does who has no virtual card, and tells how long each call of the flow took.
pub fn replay_timed(text: &str, table: &Table) -> Result<Vec<Duration>, Mismatch> {
    let mut calls = Vec::new();
    play(text, table, Withheld::Zeros, &mut |took| calls.push(took))?;
    Ok(calls)
}

/// What stands for the record that no transcript has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Withheld {
    /// What the virtual card says that was recorded.
    ReadAnew,
    /// Zeros.
    Zeros,
}

fn at(line: usize) -> impl Fn(String) -> Mismatch {
    move |what| Mismatch { line, what }
}

fn play(
    text: &str,
    table: &Table,
    withheld: Withheld,
    took: &mut dyn FnMut(Duration),
) -> Result<(Header, Outcome), Mismatch> {
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let read = serde_json::from_str::<Line>(line)
            .map_err(|error| Mismatch { line: number, what: format!("not a line: {error}") })?;
        lines.push(read);
    }
    let mut turns = (1..).zip(lines);
    let Some((_, Line::Header(header))) = turns.next() else {
        return Err(Mismatch { line: 1, what: "no header".to_owned() });
    };
    let player = Player::new(&header, table, withheld).map_err(at(1))?;
    let challenge = header.challenge.as_deref().map(bytes_32).transpose().map_err(at(1))?;
    let entropy = header.entropy.as_deref().map(bytes_32).transpose().map_err(at(1))?;
    let begun = begin(&header.flow, &header.parameters, challenge, entropy, table);
    let flow = begun.map_err(at(1))?;

    let mut recorded =
        Recorded { player, turns, last: 1, mismatch: None, since: Instant::now(), took };
    let outcome = flow(&mut recorded);
    recorded.called();
    if let Some(mismatch) = recorded.mismatch {
        return Err(mismatch);
    }
    let outcome = outcome.map_err(|none| at(recorded.last)(none.to_string()))?;
    if let Some((line, left)) = recorded.turns.next() {
        let what = format!("the flow has ended with {outcome:?}; recorded was {left:?}");
        return Err(Mismatch { line, what });
    }
    Ok((*header, outcome))
}

/// A host that says what was said.
struct Recorded<'a, T> {
    player: Player<'a>,
    turns: T,
    last: usize,
    /// Why it has stopped.
    mismatch: Option<Mismatch>,
    /// When the flow was given its last answer.
    since: Instant,
    took: &'a mut dyn FnMut(Duration),
}

impl<T> Recorded<'_, T> {
    fn called(&mut self) {
        (self.took)(self.since.elapsed());
    }
}

impl<T: Iterator<Item = (usize, Line)>> Host for Recorded<'_, T> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        self.called();
        let answer = match self.turns.next() {
            Some((line, recorded)) => {
                self.last = line;
                self.player.answer(&request, &recorded).map_err(at(line))
            }
            None => Err(Mismatch {
                line: self.last + 1,
                what: format!("the transcript has ended; the flow goes on with {request:?}"),
            }),
        };
        let answer = answer.map_err(|mismatch| self.mismatch = Some(mismatch)).ok();
        self.since = Instant::now();
        answer
    }
}

struct Player<'a> {
    table: &'a Table,
    server: String,
    position: Position,
    /// The record that no transcript has, of the virtual card that was recorded; empty where it cannot be had.
    integrity: Vec<u8>,
}

impl<'a> Player<'a> {
    fn new(header: &Header, table: &'a Table, withheld: Withheld) -> Result<Self, String> {
        if header.version != VERSION {
            return Err(format!("version {}", header.version));
        }
        let integrity = match &header.card {
            Some(Card::Virtual { person, profile })
                if header.flow == "holder" && withheld == Withheld::ReadAnew =>
            {
                integrity_record(person, profile)?
            }
            _ => Vec::new(),
        };
        let Parameters { visit, sign_in, enrol, .. } = &header.parameters;
        let visit = visit.as_ref().map(|visit| &visit.server);
        let server = visit
            .or(sign_in.as_ref().map(|sign_in| &sign_in.server))
            .or(enrol.as_ref().map(|enrol| &enrol.server));
        let server = server.cloned().unwrap_or_default();
        Ok(Self { table, server, position: Position::default(), integrity })
    }

    fn answer(&mut self, request: &Request, recorded: &Line) -> Result<Reply, String> {
        match (request, recorded) {
            (Request::Connect(now), Line::Connect { occasion, link, error }) => {
                same("the occasion", occasion_name(*now), occasion)?;
                self.position = Position::default();
                Ok(Reply::Connect(match (link, error) {
                    (Some(Link { max_command, max_response }), _) => {
                        Ok(Connected::up_to(*max_command, *max_response))
                    }
                    (None, error) => Err(cause(error.as_deref(), link_error)?),
                }))
            }
            (Request::Transmit(now), Line::Exchange { tx, rx, .. }) => {
                self.command(now.bytes(), tx)?;
                let answer = self.fill(rx)?;
                let (data, status) =
                    answer.split_last_chunk::<2>().ok_or("an answer without status")?;
                self.position.answered(data.len(), u16::from_be_bytes(*status));
                Ok(Reply::Transmit(Ok(answer)))
            }
            (Request::Transmit(now), Line::Error { tx, error, .. }) => {
                self.command(now.bytes(), tx)?;
                Ok(Reply::Transmit(Err(cause(Some(error), link_error)?)))
            }
            (Request::Disconnect, Line::Disconnect) => Ok(Reply::Disconnect),
            (Request::Clock, Line::Clock { wall_ms, monotonic_ms }) => {
                let wall = i64::try_from(*wall_ms).ok();
                let wall = wall.and_then(|wall| jiff::Timestamp::from_millisecond(wall).ok());
                let monotonic = Duration::from_millis(*monotonic_ms);
                Ok(Reply::Clock(DeviceTime::new(wall.ok_or("no time")?, monotonic)))
            }
            (Request::Sign(now), Line::Sign { key, payload, signature, error }) => {
                same("the key", &now.key, key)?;
                same("what is to be signed", &hex(&now.payload), payload)?;
                Ok(Reply::Sign(match signature {
                    Some(signature) => Ok(self.fill(signature)?),
                    None => Err(cause(error.as_deref(), sign_error)?),
                }))
            }
            (Request::Keep(now), Line::Keep { name, sealed, error }) => {
                same("the name", now.name.as_str(), name)?;
                same("what is to be kept", &hex(&now.sealed), sealed)?;
                Ok(Reply::Keep(done(error.as_deref())?))
            }
            (Request::Forget(now), Line::Forget { name, error }) => {
                same("the name", now.as_str(), name)?;
                Ok(Reply::Forget(done(error.as_deref())?))
            }
            (Request::List, Line::List { names, error }) => Ok(Reply::List(match names {
                Some(names) => Ok(names.iter().map(|n| entry_name(n)).collect::<Result<_, _>>()?),
                None => Err(cause(error.as_deref(), store_error)?),
            })),
            (Request::Recall(now), Line::Recall { names, entries, error }) => {
                let now: Vec<&str> = now.iter().map(EntryName::as_str).collect();
                same("the names", &now.join(" "), &names.join(" "))?;
                Ok(Reply::Recall(match entries {
                    Some(entries) => {
                        Ok(entries.iter().map(recorded_entry).collect::<Result<_, _>>()?)
                    }
                    None => Err(cause(error.as_deref(), store_error)?),
                }))
            }
            (Request::Ask(now), Line::Ask { prompt, answer }) => {
                same("the question", &Prompt::from(now), prompt)?;
                Ok(Reply::Ask(self.typed(answer)?))
            }
            (Request::Browse(now), Line::Browse { address, returns_to, ended, error }) => {
                same("the address", &now.address, address)?;
                same("where the browser ends", &now.returns_to, returns_to)?;
                Ok(Reply::Browse(match ended {
                    Some(ended) => Ok(ended.clone()),
                    None => Err(cause(error.as_deref(), browse_error)?),
                }))
            }
            (
                Request::Send(now),
                line @ Line::Send { status, answer_headers, answer, error, .. },
            ) => {
                self.request(now, line)?;
                Ok(Reply::Send(match (status, answer) {
                    (Some(status), Some(answer)) => {
                        HttpResponse::new(*status, answer.clone().into_bytes())
                            .with_headers(answer_headers.clone())
                    }
                    _ => Err(cause(error.as_deref(), http_error)?),
                }))
            }
            (request, recorded) => {
                Err(format!("the flow asks for {request:?}; recorded was {recorded:?}"))
            }
        }
    }

    fn command(&mut self, now: &[u8], tx: &str) -> Result<(), String> {
        let recorded = self.fill(tx)?;
        self.position.sent(now);
        if now == recorded {
            return Ok(());
        }
        if tx.contains('<') {
            return Err(format!("the flow sends another command, or PIN, than {tx}"));
        }
        let at = first_difference(now, &recorded);
        Err(format!("the flow sends {now:02X?}, recorded was {tx}: they differ at byte {at}"))
    }

    fn request(&self, now: &HttpRequest, recorded: &Line) -> Result<(), String> {
        let Line::Send { method, path, headers, body, .. } = recorded else {
            return Err("no request".to_owned());
        };
        same("the method", now.method.as_str(), method)?;
        same("the address", &now.url, &format!("{}{path}", self.server))?;
        let mut expected = Vec::new();
        for (name, value) in headers {
            expected.push((name.clone(), value.clone()));
        }
        let sent: Vec<_> = now
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().to_owned()))
            .collect();
        same("the headers", &sent, &expected)?;
        let expected = body;
        if now.body.as_slice() == expected.as_bytes() {
            return Ok(());
        }
        let at = first_difference(&now.body, expected.as_bytes());
        let sent = String::from_utf8_lossy(&now.body);
        Err(format!("the body differs at byte {at}: sent {sent}, recorded {expected}"))
    }

    fn typed(&self, answer: &Answer) -> Result<Answered, String> {
        let secret = |name: &String| self.table.secret(name).map(Secret::new);
        Ok(match answer {
            Answer::Face(face) if face == "match" => Answered::Face(FaceCheck::Match),
            Answer::Face(_) => Answered::Face(FaceCheck::NoMatch),
            Answer::Pin(name) => Answered::Pin(secret(name)?),
            Answer::Consent(consent) => Answered::Consent(*consent),
            Answer::NewPin(first, second) => Answered::NewPin(secret(first)?, secret(second)?),
            Answer::Cancelled(_) => Answered::Cancelled,
        })
    }

    /// Bytes of hexadecimal with markers: a secret with its length before it, or so many bytes that were withheld.
    fn fill(&self, text: &str) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some((plain, behind)) = rest.split_once('<') {
            let (name, behind) = behind.split_once('>').ok_or("a marker without end")?;
            bytes.extend(unhex(plain).ok_or("not hexadecimal")?);
            rest = behind;
            if let Some(count) = name.strip_prefix("withheld:") {
                let count = count.parse().map_err(|_| "not a count")?;
                let known = self.position.offset().filter(|_| self.position.is_integrity());
                let from = known.map_or(usize::MAX, |offset| offset + bytes.len());
                let known = self.integrity.get(from..).and_then(|rest| rest.get(..count));
                bytes.extend(known.map_or_else(|| vec![0; count], <[u8]>::to_vec));
            } else {
                let secret = self.table.secret(name)?.as_bytes();
                bytes.push(secret.len().try_into().map_err(|_| "a long secret")?);
                bytes.extend(secret);
            }
        }
        bytes.extend(unhex(rest).ok_or("not hexadecimal")?);
        Ok(bytes)
    }
}

fn same<T: PartialEq + fmt::Debug + ?Sized>(what: &str, now: &T, then: &T) -> Result<(), String> {
    if now == then { Ok(()) } else { Err(format!("{what} is {now:?}; recorded was {then:?}")) }
}

fn first_difference(one: &[u8], other: &[u8]) -> usize {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other);
    same.count()
}

fn cause<E>(name: Option<&str>, named: fn(&str) -> Option<E>) -> Result<E, String> {
    name.and_then(named).ok_or(format!("no cause {name:?}"))
}

/// What a store answers that has nothing to bring.
fn done(error: Option<&str>) -> Result<Result<(), StoreError>, String> {
    error.map_or(Ok(Ok(())), |error| cause(Some(error), store_error).map(Err))
}

fn entry_name(name: &str) -> Result<EntryName, String> {
    EntryName::parse(name).ok_or_else(|| "no name of an entry".to_owned())
}

fn recorded_entry(entry: &Entry) -> Result<flow::Entry, String> {
    let name = entry_name(&entry.name)?;
    let sealed = unhex(&entry.sealed).ok_or("not hexadecimal")?;
    flow::Entry::new(name, sealed).map_err(|error| error.to_string())
}

fn bytes_32(text: &str) -> Result<[u8; 32], String> {
    unhex(text).and_then(|bytes| bytes.try_into().ok()).ok_or("not 32 bytes".to_owned())
}

/// The integrity record of a virtual card, read from it anew.
fn integrity_record(person: &str, profile: &str) -> Result<Vec<u8>, String> {
    let person: Person = person.parse().map_err(|_| format!("nobody called {person}"))?;
    let profile: Behaviour = profile.parse().map_err(|_| format!("no profile {profile}"))?;
    // In one piece, and from a card that is not pulled.
    let long = kaigotap_virtual_card::Trait::LongLengths;
    let modern =
        if profile.has(long) { Behaviour::modern().with(long) } else { Behaviour::modern() };
    let mut card = VirtualCard::new(person, modern).map_err(|error| error.to_string())?;
    let number_b = card.reference_data(PinKind::InputSupportB).as_bytes().to_vec();
    let length = u8::try_from(number_b.len()).map_err(|_| "number B")?;
    let select = b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
    card.transmit(select);
    card.transmit(b"\x00\xA4\x02\x0C\x02\x00\x15");
    card.transmit(&[b"\x00\x20\x00\x80", &[length][..], &number_b].concat());
    let mut record = card.transmit(b"\x00\xB0\x83\x00\x00\x00\x00");
    record.truncate(record.len().saturating_sub(2));
    Ok(record)
}
