//! A PC/SC reader: Windows, macOS, and Linux with pcscd.
//!
//! The card is held exclusively and in a transaction from connect to disconnect, so no other program can slip in between
//! VERIFY and the signature, and is powered down at the end. A context is made anew for every connection: one that
//! outlived a restart of the service lists no readers and still says that it is valid.
//!
//! Systems and drivers give any number. Those that mean something here become a [`LinkError`] of that meaning, all others
//! [`LinkError::ReaderFailedWith`] the number.

mod readers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kaigotap_winscard::{Card, Code, Context};
use tracing::debug;
use zeroize::Zeroizing;

pub use self::readers::{Holds, Reader, readers};
use self::readers::{await_change, candidates, considered, establish, look, unserved};
use super::CardLink;
use crate::flow::{CommandBytes, Connected, LinkError, Occasion};

/// Longest answer that is asked of a driver, data and status word: some count in 16 bits.
const MAX_RESPONSE: usize = 65_535;
/// Longest command that PC/SC carries.
const MAX_COMMAND: usize = Connected::EXTENDED.max_command;
/// Longest answer to a command in short form, data and status word.
const SHORT_RESPONSE: usize = 258;
/// How long one wait for a change at the readers lasts before they are listed anew.
const GLANCE: Duration = Duration::from_millis(400);
/// How long it may take until the service notices that a card is gone: twice as often as drivers look.
const NOTICE: Duration = Duration::from_millis(800);
/// How often it is asked whether it has.
const LOOK: Duration = Duration::from_millis(50);

/// A link to a card on a PC/SC reader.
pub struct PcscLink {
    reader: Option<String>,
    wait: Duration,
    recognise: Option<CommandBytes>,
    stop: Arc<AtomicBool>,
    card: Option<Card>,
    buffer: Zeroizing<Vec<u8>>,
}

impl PcscLink {
    /// Whichever reader holds a card; none is waited for.
    pub fn new() -> Self {
        Self {
            reader: None,
            wait: Duration::ZERO,
            recognise: None,
            stop: Arc::default(),
            card: None,
            buffer: Zeroizing::new(vec![0; MAX_RESPONSE]),
        }
    }

    /// This reader only.
    #[must_use]
    pub fn on(mut self, reader: impl Into<String>) -> Self {
        self.reader = Some(reader.into());
        self
    }

    /// Waits so long for a card to be put on a reader, and for whatever else passes or a person can put right meanwhile:
    /// another program that holds the card, a service that runs only while a reader is plugged in, a reader that is not
    /// there yet, somebody else's card on another reader.
    #[must_use]
    pub fn waiting(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Where several readers could hold the card, takes the one that answers to this command as done (`9000`, `61xx`),
    /// such as `card::recognition`.
    #[must_use]
    pub fn recognising(mut self, command: CommandBytes) -> Self {
        self.recognise = Some(command);
        self
    }

    /// Stops waiting, and sends nothing more, once this is true.
    #[must_use]
    pub fn until(mut self, stop: Arc<AtomicBool>) -> Self {
        self.stop = stop;
        self
    }

    /// Connects to a card, now. `strangers` are cards that were recognised as something else; they are let alone.
    fn open(&mut self, strangers: &mut Vec<Reader>) -> Result<Connected, LinkError> {
        let context = establish()?;
        let readers = look(&context)?;
        strangers.retain(|stranger| readers.contains(stranger));
        let cards = candidates(&readers, self.reader.as_deref())?;
        let considered = considered(&readers, self.reader.as_deref());
        let busy = considered.iter().any(|reader| reader.holds == Holds::BusyCard);
        // Another reader may hold the card that is meant, now or while it is waited for.
        let alone = match *cards {
            [_] => !busy && (considered.len() == 1 || self.wait.is_zero()),
            _ => false,
        };
        let (name, card) = match (&*cards, &self.recognise) {
            ([], _) => return Err(LinkError::NoCard),
            ([reader], None) => (&reader.name, hold(&context, reader)?),
            ([reader], _) if alone => (&reader.name, hold(&context, reader)?),
            (_, None) => return Err(LinkError::SeveralCards),
            (cards, Some(command)) => {
                let mut found = None;
                let mut failed = Vec::new();
                for reader in cards {
                    if strangers.contains(reader) {
                        continue;
                    }
                    let card = match hold(&context, reader) {
                        Ok(card) => card,
                        Err(error) => {
                            failed.push(error);
                            continue;
                        }
                    };
                    if !is_known(&card, command, &mut self.buffer) {
                        strangers.push((*reader).clone());
                    } else if found.replace((&reader.name, card)).is_some() {
                        return Err(LinkError::SeveralCards);
                    }
                }
                let held = failed.contains(&LinkError::Busy);
                found.ok_or_else(|| match failed.into_iter().find(|error| !may_pass(*error)) {
                    _ if busy || held => LinkError::Busy,
                    Some(error) => error,
                    None => LinkError::NoSupportedCardOnAnyReader,
                })?
            }
        };
        let connected = capacity(&card);
        debug!(reader = name, extended = connected.extended(), "card connected");
        self.card = Some(card);
        Ok(connected)
    }
}

impl Default for PcscLink {
    fn default() -> Self {
        Self::new()
    }
}

impl CardLink for PcscLink {
    fn connect(&mut self, _: Occasion) -> Result<Connected, LinkError> {
        self.disconnect();
        let deadline = Instant::now().checked_add(self.wait);
        let mut strangers = Vec::new();
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(LinkError::Cancelled);
            }
            let error = match self.open(&mut strangers) {
                Ok(connected) => return Ok(connected),
                Err(error) => error,
            };
            if !may_pass(error) || deadline.is_none_or(|deadline| Instant::now() >= deadline) {
                return Err(if error == LinkError::Lost { LinkError::NoCard } else { error });
            }
            await_change(GLANCE);
        }
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(LinkError::Cancelled);
        }
        let card = self.card.as_ref().ok_or(LinkError::Lost)?;
        let room = self.buffer.get_mut(..room(command)).ok_or(LinkError::NotCarried)?;
        let result = match card.transmit(command, room) {
            Ok(length) => Ok(room.get(..length).unwrap_or_default().to_vec()),
            Err(code) => Err(code),
        };
        room.fill(0);
        result.map_err(|code| lost(card, code, is_extended(command)))
    }

    fn disconnect(&mut self) {
        self.card = None;
    }
}

impl Drop for PcscLink {
    fn drop(&mut self) {
        self.disconnect();
    }
}

/// Whether a state passes by itself or can be put right by a person, and so is worth waiting for.
fn may_pass(error: LinkError) -> bool {
    matches!(
        error,
        LinkError::NoCard
            | LinkError::NoCardOnAnyReader
            | LinkError::UnsupportedCard
            | LinkError::NoSupportedCardOnAnyReader
            | LinkError::NoReader
            | LinkError::ReaderNotFound
            | LinkError::ServiceNotRunning
            | LinkError::Busy
            | LinkError::Lost
    )
}

/// Whether a command is in extended form (ISO/IEC 7816-4 §5.1): a zero where the short form has its one length, and more
/// behind it.
fn is_extended(command: &[u8]) -> bool {
    matches!(command, [_, _, _, _, 0, _, _, ..])
}

/// How much room the answer to a command needs: as many bytes as it expects, and the status word; never more than a
/// driver can count. A command that expects nothing gets the room of a short one, because some cards answer SELECT with
/// control information all the same.
fn room(command: &[u8]) -> usize {
    let short = |le: u8| if le == 0 { 256 } else { usize::from(le) };
    let long = |high, low| match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        le => usize::from(le),
    };
    let length = |high, low| usize::from(u16::from_be_bytes([high, low]));
    let expected = match *command {
        [_, _, _, _, le] => short(le),
        [_, _, _, _, 0, high, low] => long(high, low),
        [_, _, _, _, 0, a, b, ref rest @ ..] => match rest.get(length(a, b)..) {
            Some(&[high, low]) => long(high, low),
            _ => return SHORT_RESPONSE,
        },
        [_, _, _, _, lc, ref rest @ ..] => match rest.get(usize::from(lc)..) {
            Some(&[le]) => short(le),
            _ => return SHORT_RESPONSE,
        },
        _ => return SHORT_RESPONSE,
    };
    expected.saturating_add(2).min(MAX_RESPONSE)
}

/// What it means that a command had no answer.
fn lost(card: &Card, code: Code, extended: bool) -> LinkError {
    match code {
        Code::REMOVED_CARD
        | Code::NO_SMARTCARD
        | Code::RESET_CARD
        | Code::UNPOWERED_CARD
        | Code::INVALID_HANDLE
        | Code::READER_UNAVAILABLE
        | Code::UNKNOWN_READER
        | Code::NO_SERVICE
        | Code::SERVICE_STOPPED
        | Code::COMM_ERROR => LinkError::Lost,
        // The reader, not the card, refuses the form: extended length that it does not carry.
        Code::INVALID_VALUE
        | Code::INVALID_PARAMETER
        | Code::INSUFFICIENT_BUFFER
        | Code::UNSUPPORTED_FEATURE
        | Code::UNSUPPORTED_FEATURE_WINDOWS
            if extended =>
        {
            LinkError::NotCarried
        }
        // Any other number may be a pulled card, too; the service notices only at its next look. After an extended
        // command there is no need to know: a short one follows at once, and shows it.
        _ if extended && card.is_present() => LinkError::ReaderFailedWith(code.0),
        _ if is_gone(card) => LinkError::Lost,
        _ => LinkError::ReaderFailedWith(code.0),
    }
}

/// Whether the card is gone, once the service had the time to notice.
fn is_gone(card: &Card) -> bool {
    let started = Instant::now();
    while card.is_present() {
        if started.elapsed() > NOTICE {
            return false;
        }
        std::thread::sleep(LOOK);
    }
    true
}

/// Whether a card takes this command, asked twice where the first command after power-on fails (`6F00`).
fn is_known(card: &Card, command: &CommandBytes, buffer: &mut [u8]) -> bool {
    let Some(room) = buffer.get_mut(..room(command.bytes())) else { return false };
    let mut ask = || {
        let length = card.transmit(command.bytes(), room).ok()?;
        let status = room.get(..length)?.last_chunk::<2>()?;
        Some(*status)
    };
    let mut answer = ask();
    if answer == Some([0x6F, 0x00]) {
        answer = ask();
    }
    matches!(answer, Some([0x90, 0x00] | [0x61, _]))
}

/// Connects exclusively, in a transaction.
fn hold(context: &Context, reader: &Reader) -> Result<Card, LinkError> {
    context.hold(&reader.system_name).map_err(|code| match code {
        Code::SHARING_VIOLATION | Code::SERVER_TOO_BUSY => LinkError::Busy,
        Code::NO_SMARTCARD | Code::REMOVED_CARD | Code::RESET_CARD => LinkError::NoCard,
        Code::UNRESPONSIVE_CARD
        | Code::UNPOWERED_CARD
        | Code::UNSUPPORTED_CARD
        | Code::CARD_UNSUPPORTED
        | Code::PROTO_MISMATCH => LinkError::UnsupportedCard,
        other => unserved(other),
    })
}

/// What the reader carries (PC/SC part 10 §2.2, `dwMaxAPDUDataSize`: 0 is short commands only). A reader that does not
/// say is taken to carry extended length; one that then refuses it is noticed at the first such command.
fn capacity(card: &Card) -> Connected {
    /// `CM_IOCTL_GET_FEATURE_REQUEST`
    const GET_FEATURES: u32 = 3400;
    /// `FEATURE_GET_TLV_PROPERTIES`
    const TLV_PROPERTIES: u8 = 0x12;
    /// `PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize`
    const MAX_APDU_DATA: u8 = 0x0A;

    let max_data = || {
        let mut buffer = [0; 256];
        let length = card.control(GET_FEATURES, &mut buffer).ok()?;
        let code: [u8; 4] = property(buffer.get(..length)?, TLV_PROPERTIES)?.try_into().ok()?;
        let mut buffer = [0; 256];
        let length = card.control_as_named(u32::from_be_bytes(code), &mut buffer).ok()?;
        let size: [u8; 4] = property(buffer.get(..length)?, MAX_APDU_DATA)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(size)).ok()
    };
    match max_data() {
        Some(size) if size <= 256 => Connected::SHORT,
        size => Connected {
            max_command: size.map_or(usize::MAX, |size| size.saturating_add(9)).min(MAX_COMMAND),
            max_response: size.map_or(usize::MAX, |size| size.saturating_add(2)).min(MAX_RESPONSE),
        },
    }
}

/// The value of one tag in a list of tag, length, value, each of one byte.
fn property(mut list: &[u8], wanted: u8) -> Option<&[u8]> {
    while let [tag, length, rest @ ..] = list {
        let (value, after) = rest.split_at_checked(usize::from(*length))?;
        if *tag == wanted {
            return Some(value);
        }
        list = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::one(b"\x00\xB0\x00\x00\x20", 34)]
    #[case::short(b"\x00\xB0\x00\x00\x00", 258)]
    #[case::extended(b"\x00\xB0\x00\x00\x00\x01\x01", 259)]
    #[case::most_that_is_counted(b"\x00\xB0\x00\x00\x00\xFF\xFD", 65_535)]
    #[case::never_more(b"\x00\xB0\x00\x00\x00\x00\x00", 65_535)]
    #[case::with_data(b"\x80\x2A\x00\x80\x02\x01\x02\x10", 18)]
    #[case::with_data_extended(b"\x80\x2A\x00\x80\x00\x00\x02\x01\x02\x01\x00", 258)]
    #[case::nothing_expected(b"\x00\x20\x00\x80\x04\x31\x32\x33\x34", 258)]
    #[case::a_query(b"\x00\x20\x00\x80", 258)]
    #[case::nonsense(b"\x00", 258)]
    fn no_more_room_than_is_needed(#[case] command: &[u8], #[case] expected: usize) {
        assert_eq!(room(command), expected);
    }

    #[test]
    fn properties_are_found_and_lies_about_length_are_not_believed() {
        assert_eq!(property(&[1, 1, 9, 0x0A, 2, 7, 8], 0x0A), Some(&[7, 8][..]));
        assert_eq!(property(&[1, 1, 9], 0x0A), None);
        assert_eq!(property(&[0x0A, 4, 0], 0x0A), None);
    }
}
