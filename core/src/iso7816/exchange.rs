//! The exchange of one command and its answer, whatever the link makes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tracing::trace;

use super::StatusWord;
use super::command::{Command, Expect, SHORT_EXPECT};
use super::response::Response;
use crate::flow::{Connected, LinkError, Occasion, Talk};

/// Most GET RESPONSE turns for one command: 64 × 256 bytes is four times the largest file a card has.
const MAX_CHAINED: usize = 64;
/// Most commands of one tap in which more data is still asked for: twice what the largest file takes in 256-byte pieces.
/// A card that gives byte after byte would never come to an end otherwise.
const MAX_COMMANDS: usize = 300;

/// What the taps of one conversation have learnt of the link, whatever it says of itself. Clones are the same memory:
/// the taps keep one, and each tap's channel has it.
#[derive(Clone, Debug)]
pub(crate) struct Capacity(Arc<Learnt>);

#[derive(Debug)]
struct Learnt {
    /// An extended-length command got no answer: none is sent any more. Readers and phones say that they carry what they
    /// do not, and the card looks pulled or the reader broken then.
    short_only: AtomicBool,
    /// Most bytes that a short command may expect: one fewer than 256 where Le `00` is refused.
    most_short: AtomicUsize,
}

impl Capacity {
    /// Nothing is learnt yet: the link is believed.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Learnt {
            short_only: AtomicBool::new(false),
            most_short: AtomicUsize::new(SHORT_EXPECT),
        }))
    }

    fn short_only(&self) -> bool {
        self.0.short_only.load(Ordering::Relaxed)
    }

    fn most_short(&self) -> usize {
        self.0.most_short.load(Ordering::Relaxed)
    }
}

/// A link to a powered card.
pub(crate) struct Channel {
    talk: Talk,
    link: Connected,
    capacity: Capacity,
    sent: AtomicUsize,
}

impl Channel {
    /// Waits for a card. `capacity` is what earlier taps have learnt, and where this one writes what it learns.
    pub(crate) async fn open(
        talk: &Talk,
        occasion: Occasion,
        capacity: &Capacity,
    ) -> Result<Self, LinkError> {
        let link = talk.connect(occasion).await?;
        let capacity = capacity.clone();
        Ok(Self { talk: talk.clone(), link, capacity, sent: AtomicUsize::new(0) })
    }

    /// Lets go of the card.
    pub(crate) async fn close(self) {
        self.talk.disconnect().await;
    }

    pub(crate) fn talk(&self) -> &Talk {
        &self.talk
    }

    /// Most bytes of data one answer can bring over this link.
    pub(crate) fn max_expect(&self) -> usize {
        let most = if self.extended() {
            super::command::EXTENDED_EXPECT
        } else {
            self.capacity.most_short()
        };
        self.link.max_response.saturating_sub(2).clamp(1, most)
    }

    /// Whether extended-length commands pass, as far as is known.
    pub(crate) fn extended(&self) -> bool {
        self.link.extended() && !self.capacity.short_only()
    }

    /// Whether this tap has had so many commands that no more data should be asked for.
    pub(crate) fn is_spent(&self) -> bool {
        self.sent.load(Ordering::Relaxed) >= MAX_COMMANDS
    }

    /// Sends a command and collects its whole answer.
    ///
    /// `61xx` (more data waits) is fetched with GET RESPONSE, `6Cxx` (wrong Le) makes a command be sent once more with
    /// the Le that the card names, `6700` to a read of 256 bytes (Le `00`) makes it be sent once more with one byte less.
    /// All of it is bounded, and a command that expects no data is never sent twice: a VERIFY reaches the card once. An
    /// answer that is none is a lost link.
    ///
    /// An extended-length command that got no answer is the last one of the conversation ([`Capacity`]), whatever the
    /// link calls the reason.
    pub(crate) async fn transmit(&self, command: &Command) -> Result<Response, LinkError> {
        let Expect::UpTo(wanted) = command.expect else { return self.once(command).await };
        let mut answer = self.with_right_length(command).await?;
        if answer.status == StatusWord::WRONG_LENGTH && wanted == SHORT_EXPECT && command.is_read()
        {
            let fewer = SHORT_EXPECT.saturating_sub(1);
            answer = self.with_right_length(&command.expecting(fewer)).await?;
            if answer.status != StatusWord::WRONG_LENGTH {
                self.capacity.0.most_short.store(fewer, Ordering::Relaxed);
            }
        }
        for _ in 0..MAX_CHAINED {
            if answer.status.high() != 0x61 || answer.data.len() >= wanted || self.is_spent() {
                break;
            }
            let waiting = Command::get_response(short_count(answer.status.low()));
            let next = self.with_right_length(&waiting).await?;
            answer.data.extend_from_slice(&next.data);
            answer.status = next.status;
        }
        Ok(answer)
    }

    /// Sends a command, and once more if the card names the right Le.
    async fn with_right_length(&self, command: &Command) -> Result<Response, LinkError> {
        let answer = self.once(command).await?;
        if answer.status.high() != 0x6C {
            return Ok(answer);
        }
        self.once(&command.expecting(short_count(answer.status.low()))).await
    }

    async fn once(&self, command: &Command) -> Result<Response, LinkError> {
        let answer = self.carried(command).await;
        if answer.is_err() && !command.is_short() {
            self.capacity.0.short_only.store(true, Ordering::Relaxed);
        }
        answer
    }

    async fn carried(&self, command: &Command) -> Result<Response, LinkError> {
        let bytes = command.encode().map_err(|_| LinkError::NotCarried)?;
        if bytes.bytes().len() > self.link.max_command {
            return Err(LinkError::NotCarried);
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        // The only place that knows what crosses the link: the header and, where it is no secret, how much.
        let sent = if command.is_secret() { 0 } else { bytes.bytes().len() };
        let answer = self.talk.transmit(bytes).await?;
        let answer = Response::parse(answer).ok_or(LinkError::Lost)?;
        trace!(
            ins = format_args!("{:02X}", command.instruction),
            p1 = format_args!("{:02X}", command.p1),
            p2 = format_args!("{:02X}", command.p2),
            sent,
            received = answer.data.len(),
            sw = %answer.status,
            "card"
        );
        Ok(answer)
    }
}

/// The count a card names in one byte: `00` is 256.
fn short_count(low: u8) -> usize {
    if low == 0 { SHORT_EXPECT } else { usize::from(low) }
}

#[cfg(test)]
mod tests {
    use crate::flow::tests::play;
    use crate::flow::{Flow, Reply, Request};
    use crate::iso7816::StatusWord;

    use super::*;

    type Outcome = Result<(usize, StatusWord), LinkError>;

    /// Sends one command to a scripted card; gives the outcome and what reached the card.
    fn with_card(
        command: fn() -> Command,
        link: Connected,
        mut card: impl FnMut(usize, &[u8]) -> Vec<u8>,
    ) -> (Outcome, Vec<Vec<u8>>) {
        let flow = Flow::new(move |talk| async move {
            let channel = Channel::open(&talk, Occasion::First, &Capacity::new()).await?;
            channel.transmit(&command()).await.map(|r| (r.data.len(), r.status))
        });
        let mut seen = Vec::new();
        let outcome = play(flow, |request| match request {
            Request::Connect(_) => Reply::Connect(Ok(link)),
            Request::Transmit(c) => {
                let answer = card(seen.len(), c.bytes());
                seen.push(c.bytes().to_vec());
                Reply::Transmit(Ok(answer))
            }
            other => panic!("{other:?}"),
        });
        (outcome, seen)
    }

    fn read() -> Command {
        Command::read_binary(0, 256)
    }

    #[test]
    fn waiting_data_is_fetched() {
        let (outcome, seen) = with_card(read, Connected::SHORT, |n, _| match n {
            0 => vec![0x61, 0x10],
            _ => [vec![7; 16], vec![0x90, 0]].concat(),
        });
        assert_eq!(outcome, Ok((16, StatusWord::SUCCESS)));
        assert_eq!(seen[1], [0x00, 0xC0, 0x00, 0x00, 0x10]);
    }

    #[test]
    fn a_card_that_never_stops_is_left() {
        let (outcome, seen) = with_card(read, Connected::SHORT, |_, _| vec![0x61, 0x00]);
        assert_eq!(outcome, Ok((0, StatusWord(0x6100))));
        assert_eq!(seen.len(), 1 + MAX_CHAINED);
    }

    #[test]
    fn a_tap_with_a_card_that_never_stops_has_an_end() {
        let flow = Flow::new(|talk| async move {
            let channel = Channel::open(&talk, Occasion::First, &Capacity::new()).await.unwrap();
            while !channel.is_spent() {
                channel.transmit(&read()).await.unwrap();
            }
        });
        let mut commands = 0;
        play(flow, |request| {
            commands += 1;
            match request {
                Request::Connect(_) => Reply::Connect(Ok(Connected::SHORT)),
                _ => Reply::Transmit(Ok(vec![0x61, 0x00])),
            }
        });
        assert_eq!(commands, 1 + MAX_COMMANDS);
    }

    #[test]
    fn the_right_length_is_taken_from_the_card_once() {
        let (outcome, seen) = with_card(read, Connected::SHORT, |_, c| match c[4] {
            0x20 => [vec![7; 32], vec![0x90, 0]].concat(),
            _ => vec![0x6C, 0x20],
        });
        assert_eq!(outcome, Ok((32, StatusWord::SUCCESS)));
        assert_eq!(seen.len(), 2);
        let (outcome, seen) = with_card(read, Connected::SHORT, |_, _| vec![0x6C, 0x20]);
        assert_eq!((outcome, seen.len()), (Ok((0, StatusWord(0x6C20))), 2));
    }

    #[test]
    fn the_right_length_is_taken_from_the_card_when_data_waits() {
        let (outcome, seen) = with_card(read, Connected::SHORT, |n, _| match n {
            0 => vec![0x61, 0x00],
            1 => vec![0x6C, 0xE4],
            _ => [vec![7; 0xE4], vec![0x90, 0]].concat(),
        });
        assert_eq!(outcome, Ok((0xE4, StatusWord::SUCCESS)));
        assert_eq!(seen[1..], [b"\x00\xC0\x00\x00\x00".to_vec(), b"\x00\xC0\x00\x00\xE4".to_vec()]);
        // Once.
        let (outcome, seen) = with_card(read, Connected::SHORT, |n, _| match n {
            0 => vec![0x61, 0x00],
            _ => vec![0x6C, 0xE4],
        });
        assert_eq!((outcome, seen.len()), (Ok((0, StatusWord(0x6CE4))), 3));
    }

    #[test]
    fn a_read_of_256_bytes_that_is_refused_is_tried_with_one_less() {
        let (outcome, seen) = with_card(read, Connected::SHORT, |_, c| match c[4] {
            0xFF => [vec![7; 255], vec![0x90, 0]].concat(),
            _ => vec![0x67, 0x00],
        });
        assert_eq!((outcome, seen.len()), (Ok((255, StatusWord::SUCCESS)), 2));
        // Once; and nothing else is tried again.
        let (outcome, seen) = with_card(read, Connected::SHORT, |_, _| vec![0x67, 0x00]);
        assert_eq!((outcome, seen.len()), (Ok((0, StatusWord::WRONG_LENGTH)), 2));
        for other in [
            || Command::read_binary(0, 4),
            || Command { instruction: 0x2A, ..Command::read_binary(0, 256) },
        ] {
            let (_, seen) = with_card(other, Connected::SHORT, |_, _| vec![0x67, 0x00]);
            assert_eq!(seen.len(), 1);
        }
    }

    #[test]
    fn a_verify_reaches_the_card_once_whatever_it_answers() {
        for answer in [[0x6C, 0x04], [0x61, 0x04], [0x67, 0x00]] {
            let verify = || Command::verify(b"1234").unwrap();
            let (_, seen) = with_card(verify, Connected::SHORT, |_, _| answer.to_vec());
            assert_eq!(seen.len(), 1);
        }
    }

    #[test]
    fn no_answer_is_a_lost_link() {
        for answer in [&[][..], &[0x90]] {
            let (outcome, _) = with_card(read, Connected::SHORT, |_, _| answer.to_vec());
            assert_eq!(outcome, Err(LinkError::Lost));
        }
    }

    #[test]
    fn what_the_link_cannot_carry_is_not_sent() {
        let long = || Command {
            class: 0,
            instruction: 0xD6,
            p1: 0,
            p2: 0,
            data: vec![0; 300].into(),
            expect: Expect::Nothing,
        };
        let (outcome, seen) = with_card(long, Connected::SHORT, |_, _| vec![0x90, 0]);
        assert_eq!((outcome, seen.len()), (Err(LinkError::NotCarried), 0));
        assert!(with_card(long, Connected::EXTENDED, |_, _| vec![0x90, 0]).0.is_ok());
    }
}
