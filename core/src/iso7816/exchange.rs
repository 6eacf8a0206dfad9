//! The exchange of one command and its answer, whatever the link makes of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::trace;

use super::command::{Command, Expect, SHORT_EXPECT};
use super::response::Response;
use crate::flow::{Connected, LinkError, Occasion, Talk};

/// Most GET RESPONSE turns for one command: 64 × 256 bytes is four times the largest file a card has.
const MAX_CHAINED: usize = 64;
/// Most commands of one tap in which more data is still asked for: twice what the largest file takes in 256-byte pieces.
/// A card that gives byte after byte would never come to an end otherwise.
const MAX_COMMANDS: usize = 300;

/// A link to a powered card.
pub(crate) struct Channel {
    talk: Talk,
    link: Connected,
    sent: AtomicUsize,
}

impl Channel {
    /// Waits for a card.
    pub(crate) async fn open(talk: &Talk, occasion: Occasion) -> Result<Self, LinkError> {
        let link = talk.connect(occasion).await?;
        Ok(Self { talk: talk.clone(), link, sent: AtomicUsize::new(0) })
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
        self.link.max_response.saturating_sub(2).clamp(
            1,
            if self.link.extended() { super::command::EXTENDED_EXPECT } else { SHORT_EXPECT },
        )
    }

    /// Whether extended-length commands pass.
    pub(crate) fn extended(&self) -> bool {
        self.link.extended()
    }

    /// Whether this tap has had so many commands that no more data should be asked for.
    pub(crate) fn is_spent(&self) -> bool {
        self.sent.load(Ordering::Relaxed) >= MAX_COMMANDS
    }

    /// Sends a command and collects its whole answer.
    ///
    /// `61xx` (more data waits) is fetched with GET RESPONSE, `6Cxx` (wrong Le) makes the command be sent once more with
    /// the Le that the card names. Both are bounded, and a command that expects no data is never sent twice: a VERIFY
    /// reaches the card once. An answer that is none is a lost link.
    pub(crate) async fn transmit(&self, command: &Command) -> Result<Response, LinkError> {
        let mut answer = self.once(command).await?;
        let Expect::UpTo(wanted) = command.expect else { return Ok(answer) };

        if answer.status.high() == 0x6C {
            let again = Command {
                expect: Expect::UpTo(short_count(answer.status.low())),
                data: command.data.clone(),
                ..*command
            };
            answer = self.once(&again).await?;
        }
        for _ in 0..MAX_CHAINED {
            if answer.status.high() != 0x61 || answer.data.len() >= wanted || self.is_spent() {
                break;
            }
            let next = self.once(&Command::get_response(short_count(answer.status.low()))).await?;
            answer.data.extend_from_slice(&next.data);
            answer.status = next.status;
        }
        Ok(answer)
    }

    async fn once(&self, command: &Command) -> Result<Response, LinkError> {
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
    use crate::flow::{Flow, Reply, Request, Step};
    use crate::iso7816::StatusWord;

    use super::*;

    type Outcome = Result<(usize, StatusWord), LinkError>;

    /// Sends one command to a scripted card; gives the outcome and what reached the card.
    fn with_card(
        command: fn() -> Command,
        link: Connected,
        mut card: impl FnMut(usize, &[u8]) -> Vec<u8>,
    ) -> (Outcome, Vec<Vec<u8>>) {
        let mut flow = Flow::new(move |talk| async move {
            let channel = Channel::open(&talk, Occasion::First).await?;
            channel.transmit(&command()).await.map(|r| (r.data.len(), r.status))
        });
        let mut seen = Vec::new();
        let mut step = flow.start().unwrap();
        loop {
            step = match step {
                Step::Need(Request::Connect(_)) => flow.resume(Reply::Connect(Ok(link))).unwrap(),
                Step::Need(Request::Transmit(c)) => {
                    let answer = card(seen.len(), c.bytes());
                    seen.push(c.bytes().to_vec());
                    flow.resume(Reply::Transmit(Ok(answer))).unwrap()
                }
                Step::Need(other) => panic!("{other:?}"),
                Step::Done(outcome) => return (outcome, seen),
            }
        }
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
        let mut flow = Flow::new(|talk| async move {
            let channel = Channel::open(&talk, Occasion::First).await.unwrap();
            while !channel.is_spent() {
                channel.transmit(&read()).await.unwrap();
            }
        });
        let mut commands = 0;
        let mut step = flow.start().unwrap();
        while let Step::Need(request) = step {
            step = flow
                .resume(match request {
                    Request::Connect(_) => Reply::Connect(Ok(Connected::SHORT)),
                    _ => Reply::Transmit(Ok(vec![0x61, 0x00])),
                })
                .unwrap();
            commands += 1;
        }
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
