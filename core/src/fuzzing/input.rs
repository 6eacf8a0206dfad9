//! Bytes of a fuzzer, taken for what the world answers; and what a world answered, written down as such bytes.
//!
//! The first byte says which flow, the second how many of the last bytes are repeated for ever. Then come the answers in
//! the order in which they are asked for:
//!
//! | asked for | answer |
//! |---|---|
//! | a card | a kind of link, or why there is none |
//! | a command's answer | two bytes: below `F000` a length and as many bytes; from there what [`Input::transmit`] lists |
//! | a person's answer | up to 32: so many bytes, typed; `F0` the right thing, `F1` yes, `F2` no, `F3` two that differ |
//! | the platform's answer | `00` a good one; else a status, or why there is none; then two bytes of length and a body |
//! | the time | how far the clock is off, in steps of 20 seconds |

use jiff::SignedDuration;

use super::apdu::Apdu;
use super::platform;
use super::play::World;
use crate::flow::{
    Answer, Connected, DeviceTime, FaceCheck, HttpError, HttpRequest, HttpResponse, LinkError,
    Occasion, PinKind, Prompt, Secret,
};
use crate::link::{CardLink, Screen};

/// After so many questions the people have had enough.
const PATIENCE: usize = 24;
/// Most that a person types.
const TYPED: u8 = 32;
/// From here on, two bytes are no length.
const SPECIAL: u16 = 0xF000;
const LINK_ERRORS: [LinkError; 6] = [
    LinkError::Lost,
    LinkError::NotCarried,
    LinkError::TimedOut,
    LinkError::NoCard,
    LinkError::ReaderFailed,
    LinkError::Cancelled,
];
const HTTP_ERRORS: [HttpError; 4] =
    [HttpError::NoAnswer, HttpError::Unreachable, HttpError::Tls, HttpError::TooLong];
const STATUSES: [u16; 5] = [201, 200, 400, 403, 500];

/// A world out of bytes.
pub(super) struct Input<'a> {
    rest: &'a [u8],
    repeated: &'a [u8],
    last: Vec<u8>,
    asked: usize,
    oversized: usize,
}

impl<'a> Input<'a> {
    /// Which flow, and what it will meet.
    pub(super) fn new(bytes: &'a [u8]) -> Option<(u8, Self)> {
        let (&[which, repeated], rest) = bytes.split_first_chunk()?;
        let repeated = &rest[rest.len().saturating_sub(repeated.into())..];
        Some((which, Self { rest, repeated, last: Vec::new(), asked: 0, oversized: 0 }))
    }

    fn byte(&mut self) -> Option<u8> {
        if self.rest.is_empty() {
            self.rest = self.repeated;
        }
        self.rest.split_off_first().copied()
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }
}

impl World for Input<'_> {
    fn connect(&mut self, _: Occasion) -> Result<Connected, LinkError> {
        match self.byte() {
            None => Err(LinkError::TimedOut),
            Some(0) => Ok(Connected::SHORT),
            Some(1) => Ok(Connected::EXTENDED),
            Some(2) => {
                let mut size = || self.number().map_or(0, usize::from);
                Ok(Connected::up_to(size(), size()))
            }
            Some(other) => Err(LINK_ERRORS[usize::from(other) % LINK_ERRORS.len()]),
        }
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let [kind, argument] = self.number().ok_or(LinkError::Lost)?.to_be_bytes();
        let filled = |count, filler| [vec![filler; count], vec![0x90, 0x00]].concat();
        let answer = match kind {
            0x00..0xF0 => self.take(usize::from(u16::from_be_bytes([kind, argument]))).to_vec(),
            0xF0 => return Err(LINK_ERRORS[usize::from(argument) % LINK_ERRORS.len()]),
            0xF1 => {
                // Copying takes the fuzzer's time: a few are enough.
                self.oversized += 1;
                filled(if self.oversized < 8 { 65_536 } else { 256 }, argument)
            }
            0xF2 => self.last.clone(),
            0xF3 => vec![0x61, argument],
            0xF4 => vec![0x6C, argument],
            0xF5 => vec![0x63, argument],
            0xF6 => vec![0x6A, argument],
            0xF7 => vec![0x69, argument],
            0xF8 => vec![0x6F, argument],
            0xF9 => filled(usize::from(argument) + 1, 0xFF),
            0xFA => vec![argument, 0x61, 0x00],
            // As many bytes as the command expects.
            0xFB => {
                let expected = Apdu::parse(command).and_then(|apdu| apdu.expected);
                filled(expected.unwrap_or_default(), argument)
            }
            // The start of an object that claims much, of a tag that the card may have.
            0xFC => vec![0xFF, argument, 0x82, 0x03, 0xE0, 0x90, 0x00],
            0xFD => vec![0x30, 0x82, 0x1F, argument, 0x90, 0x00],
            _ => vec![0x90, 0x00],
        };
        self.last.clone_from(&answer);
        Ok(answer)
    }

    fn ask(&mut self, prompt: Prompt) -> Answer {
        self.asked += 1;
        let Some(byte) = self.byte().filter(|_| self.asked <= PATIENCE) else {
            return Answer::Cancelled;
        };
        let said = match byte {
            0..=TYPED => self.take(byte.into()).to_vec(),
            _ => Vec::new(),
        };
        match (prompt, byte) {
            (Prompt::ConfirmFace, 0xF0 | 0xF1) => Answer::Face(FaceCheck::Match),
            (Prompt::ConfirmFace, 0xF2) => Answer::Face(FaceCheck::NoMatch),
            (Prompt::LastTry { .. }, 0xF0..=0xF2) => Answer::Consent(byte != 0xF2),
            (Prompt::EnterPin { .. }, 0..=TYPED) => Answer::Pin(Secret::new(said)),
            (Prompt::EnterPin { pin, .. }, 0xF0 | 0xF1) => Answer::Pin(Secret::new(fitting(pin))),
            (Prompt::NewPin { .. }, 0..=TYPED) => {
                Answer::NewPin(Secret::new(said.clone()), Secret::new(said))
            }
            (Prompt::NewPin { pin, .. }, 0xF0 | 0xF1) => {
                Answer::NewPin(Secret::new(fitting(pin)), Secret::new(fitting(pin)))
            }
            (Prompt::NewPin { pin, .. }, 0xF3) => {
                Answer::NewPin(Secret::new(fitting(pin)), Secret::new("9ABCDE"))
            }
            _ => Answer::Cancelled,
        }
    }

    fn send(&mut self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let Some(byte) = self.byte().map(usize::from) else { return Err(HttpError::NoAnswer) };
        if byte == 0 {
            return Ok(platform::good_answer(request));
        }
        let Some(&status) = STATUSES.get(byte - 1) else {
            return Err(HTTP_ERRORS[byte % HTTP_ERRORS.len()]);
        };
        let length = self.number().map_or(0, usize::from);
        Ok(HttpResponse::new(status, self.take(length).to_vec()))
    }

    fn clock(&mut self) -> DeviceTime {
        let off = i64::from(self.byte().unwrap_or(0).cast_signed());
        let off = SignedDuration::from_secs(20 * off);
        let wall = platform::now().saturating_add(off).unwrap_or_default();
        // The clock that nobody sets went as far, but never back.
        DeviceTime::new(wall, off.try_into().unwrap_or_default())
    }
}

/// What has the form of such a PIN.
fn fitting(pin: PinKind) -> &'static str {
    match pin {
        PinKind::Authentication | PinKind::InputSupport => "1234",
        PinKind::Signature => "ABC123",
        PinKind::VerificationNumberB => "16050320350503",
        PinKind::BirthDate => "160503",
    }
}

/// A card, people who hold it and a good platform, written down as they answer.
pub(super) struct Recorder<'a> {
    card: &'a mut dyn CardLink,
    screen: &'a mut dyn Screen,
    pub(super) bytes: Vec<u8>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(which: u8, card: &'a mut dyn CardLink, screen: &'a mut dyn Screen) -> Self {
        Self { card, screen, bytes: vec![which, 0] }
    }

    fn writes(&mut self, bytes: &[u8]) {
        let length = u16::try_from(bytes.len()).ok().filter(|&length| length < SPECIAL);
        // What is longer cannot be written; such a recording goes another way from here on.
        let bytes = if length.is_some() { bytes } else { &[] };
        self.bytes.extend_from_slice(&length.unwrap_or(SPECIAL).to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }
}

impl World for Recorder<'_> {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
        let connected = self.card.connect(occasion);
        match connected {
            Ok(Connected::SHORT) => self.bytes.push(0),
            Ok(Connected::EXTENDED) => self.bytes.push(1),
            Ok(Connected { max_command, max_response }) => {
                self.bytes.push(2);
                for size in [max_command, max_response] {
                    let size = u16::try_from(size).unwrap_or(u16::MAX);
                    self.bytes.extend_from_slice(&size.to_be_bytes());
                }
            }
            Err(_) => self.bytes.push(3),
        }
        connected
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let answer = self.card.transmit(command);
        match &answer {
            Ok(answer) => self.writes(answer),
            Err(error) => {
                let at = LINK_ERRORS.iter().position(|known| known == error).unwrap_or_default();
                self.bytes.extend([0xF0, u8::try_from(at).unwrap_or_default()]);
            }
        }
        answer
    }

    fn ask(&mut self, prompt: Prompt) -> Answer {
        let answer = self.screen.ask(&prompt);
        let typed = match &answer {
            Answer::Pin(pin) | Answer::NewPin(pin, _) => pin.bytes(),
            Answer::Face(FaceCheck::Match) | Answer::Consent(true) => &[0xF1],
            Answer::Face(FaceCheck::NoMatch) | Answer::Consent(false) => &[0xF2],
            Answer::Way(_)
            | Answer::Attributes(_)
            | Answer::Printed(_)
            | Answer::BirthDateIs(_)
            | Answer::Cancelled => &[0xFF],
        };
        let is_typed = matches!(answer, Answer::Pin(_) | Answer::NewPin(..));
        match u8::try_from(typed.len()) {
            Ok(length) if is_typed && length <= TYPED => self.bytes.push(length),
            _ if is_typed => return Answer::Cancelled,
            _ => {}
        }
        self.bytes.extend_from_slice(typed);
        answer
    }

    fn send(&mut self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = platform::good_answer(request);
        self.bytes.push(if answer.status == STATUSES[0] { 1 } else { 2 });
        self.writes(&answer.body);
        Ok(answer)
    }

    fn clock(&mut self) -> DeviceTime {
        self.bytes.push(0);
        platform::device_time()
    }
}
