//! A PC/SC reader: Windows, macOS, and Linux with pcscd.
//!
//! The card is held exclusively and in a transaction from connect to disconnect, so no other program can slip in between
//! VERIFY and the signature, and is powered down at the end. A context is made anew for every connection: one that
//! outlived a restart of the service lists no readers and still says that it is valid.

use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use pcsc::{Card, Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State};
use tracing::debug;
use zeroize::Zeroizing;

use super::CardLink;
use crate::flow::{CommandBytes, Connected, LinkError, Occasion};

/// Longest answer that PC/SC carries: 65,536 bytes and the status word.
const MAX_RESPONSE: usize = 65_538;
/// How long one wait for a change at the readers lasts before they are listed anew.
const GLANCE: Duration = Duration::from_millis(400);

/// A reader and what is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Name, as the system gives it.
    pub name: String,
    /// What is on it.
    pub holds: Holds,
}

/// What is on a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// No card.
    Nothing,
    /// A card that answered to reset.
    Card,
    /// A card that another program holds exclusively.
    BusyCard,
    /// Something that does not answer: a card upside down, or no smart card.
    MuteCard,
}

/// Lists the readers. None at all is [`LinkError::NoReader`].
pub fn readers() -> Result<Vec<Reader>, LinkError> {
    let context = establish()?;
    look(&context)
}

/// Which readers to try, in their order; or which of the reasons there is for having no card.
fn candidates<'a>(readers: &'a [Reader], named: Option<&str>) -> Result<Vec<&'a str>, LinkError> {
    let considered: Vec<&Reader> =
        readers.iter().filter(|reader| named.is_none_or(|name| reader.name == name)).collect();
    let several = considered.len() > 1;
    if considered.is_empty() {
        return Err(if readers.is_empty() {
            LinkError::NoReader
        } else {
            LinkError::ReaderNotFound
        });
    }
    let with = |holds| considered.iter().filter(move |reader| reader.holds == holds);
    let cards: Vec<&str> = with(Holds::Card).map(|reader| reader.name.as_str()).collect();
    if !cards.is_empty() {
        return Ok(cards);
    }
    Err(if with(Holds::BusyCard).next().is_some() {
        LinkError::Busy
    } else {
        match (with(Holds::MuteCard).next().is_some(), several) {
            (true, false) => LinkError::UnsupportedCard,
            (true, true) => LinkError::NoSupportedCardOnAnyReader,
            (false, false) => LinkError::NoCard,
            (false, true) => LinkError::NoCardOnAnyReader,
        }
    })
}

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

    /// Waits so long for a card to be put on a reader.
    #[must_use]
    pub fn waiting(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Where several readers hold a card, takes the one that answers `9000` to this command, such as
    /// `card::recognition`.
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

    fn open(&mut self) -> Result<Connected, LinkError> {
        let context = establish()?;
        let readers = look(&context)?;
        let names = candidates(&readers, self.reader.as_deref())?;
        let (name, card) = match (names.as_slice(), &self.recognise) {
            ([], _) => return Err(LinkError::NoCard),
            ([name], _) => (*name, hold(&context, name)?),
            (_, None) => return Err(LinkError::SeveralCards),
            (names, Some(command)) => {
                let mut found = None;
                for name in names {
                    let Ok(card) = hold(&context, name) else { continue };
                    let known = card
                        .transmit(command.bytes(), &mut self.buffer)
                        .is_ok_and(|answer| answer == [0x90, 0x00]);
                    if !known {
                        power_down(card);
                    } else if let Some((_, other)) = found.replace((*name, card)) {
                        power_down(other);
                        return Err(LinkError::SeveralCards);
                    }
                }
                found.ok_or(LinkError::NoSupportedCardOnAnyReader)?
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
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(LinkError::Cancelled);
            }
            let error = match self.open() {
                Ok(connected) => return Ok(connected),
                Err(error) => error,
            };
            // Only what a person can still put right is worth waiting for.
            let worth = matches!(
                error,
                LinkError::NoCard
                    | LinkError::NoCardOnAnyReader
                    | LinkError::UnsupportedCard
                    | LinkError::NoReader
                    | LinkError::Lost
            );
            if !worth || deadline.is_none_or(|deadline| Instant::now() >= deadline) {
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
        let result = card.transmit(command, &mut self.buffer).map(<[u8]>::to_vec);
        self.buffer.fill(0);
        result.map_err(|error| match error {
            // The reader, not the card, refuses the form: extended length that it does not carry.
            Error::InvalidValue
            | Error::InvalidParameter
            | Error::InsufficientBuffer
            | Error::UnsupportedFeature => LinkError::NotCarried,
            _ => LinkError::Lost,
        })
    }

    fn disconnect(&mut self) {
        if let Some(card) = self.card.take() {
            power_down(card);
        }
    }
}

impl Drop for PcscLink {
    fn drop(&mut self) {
        self.disconnect();
    }
}

fn establish() -> Result<Context, LinkError> {
    Context::establish(Scope::User).map_err(|error| match error {
        Error::NoService | Error::ServiceStopped | Error::CommError => LinkError::ServiceNotRunning,
        _ => LinkError::ReaderFailed,
    })
}

/// The readers and what they hold, now.
fn look(context: &Context) -> Result<Vec<Reader>, LinkError> {
    let names = match context.list_readers_owned() {
        Ok(names) => names,
        Err(Error::NoReadersAvailable) => Vec::new(),
        // Windows stops the service when the last reader is unplugged.
        Err(Error::ServiceStopped | Error::NoService) => return Err(LinkError::ServiceNotRunning),
        Err(_) => return Err(LinkError::ReaderFailed),
    };
    let mut states: Vec<ReaderState> = names
        .into_iter()
        .filter(|name| !is_virtual(name))
        .map(|name| ReaderState::new(name, State::UNAWARE))
        .collect();
    if states.is_empty() {
        return Err(LinkError::NoReader);
    }
    context.get_status_change(Duration::ZERO, &mut states).map_err(|_| LinkError::ReaderFailed)?;
    Ok(states.iter().map(describe).collect())
}

fn describe(state: &ReaderState) -> Reader {
    let now = state.event_state();
    Reader {
        name: state.name().to_string_lossy().into_owned(),
        holds: if !now.contains(State::PRESENT) {
            Holds::Nothing
        } else if now.contains(State::EXCLUSIVE) {
            Holds::BusyCard
        } else if now.contains(State::MUTE) {
            Holds::MuteCard
        } else {
            Holds::Card
        },
    }
}

/// Readers that are no readers: Windows shows its own virtual cards as such.
fn is_virtual(name: &CStr) -> bool {
    let name = name.to_string_lossy();
    ["Windows Hello", "Microsoft UICC"].iter().any(|prefix| name.starts_with(prefix))
}

/// Waits until something changes at the readers, or this long.
fn await_change(at_most: Duration) {
    let started = Instant::now();
    let waited = Context::establish(Scope::User).and_then(|context| {
        let mut states: Vec<ReaderState> = context
            .list_readers_owned()
            .unwrap_or_default()
            .into_iter()
            .map(|name| ReaderState::new(name, State::UNAWARE))
            .collect();
        context.get_status_change(Duration::ZERO, &mut states)?;
        states.iter_mut().for_each(ReaderState::sync_current_state);
        context.get_status_change(at_most, &mut states)
    });
    // Without a reader there is nothing to wait at, and the service answers at once.
    if waited.is_err() {
        std::thread::sleep(at_most.saturating_sub(started.elapsed()));
    }
}

/// Connects exclusively, in a transaction.
fn hold(context: &Context, reader: &str) -> Result<Card, LinkError> {
    let name = CString::new(reader).map_err(|_| LinkError::ReaderNotFound)?;
    let mut card = context.connect(&name, ShareMode::Exclusive, Protocols::ANY).map_err(
        |error| match error {
            Error::SharingViolation => LinkError::Busy,
            Error::NoSmartcard | Error::RemovedCard => LinkError::NoCard,
            Error::UnresponsiveCard
            | Error::UnpoweredCard
            | Error::UnsupportedCard
            | Error::ProtoMismatch => LinkError::UnsupportedCard,
            Error::UnknownReader => LinkError::ReaderNotFound,
            _ => LinkError::ReaderFailed,
        },
    )?;
    match card.transaction() {
        // The transaction lasts until the card is disconnected, which ends it; its guard would end it here.
        Ok(transaction) => std::mem::forget(transaction),
        Err(_) => return Err(LinkError::Lost),
    }
    Ok(card)
}

fn power_down(card: Card) {
    // A card that is gone cannot be powered down, and need not be.
    let _ = card.disconnect(Disposition::UnpowerCard);
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
        let features = card.control(pcsc::ctl_code(GET_FEATURES.into()), &[], &mut buffer).ok()?;
        let code: [u8; 4] = property(features, TLV_PROPERTIES)?.try_into().ok()?;
        let mut buffer = [0; 256];
        let properties = card.control(u32::from_be_bytes(code).into(), &[], &mut buffer).ok()?;
        let size: [u8; 4] = property(properties, MAX_APDU_DATA)?.try_into().ok()?;
        Some(u32::from_le_bytes(size))
    };
    match max_data().and_then(|size| usize::try_from(size).ok()) {
        None => Connected::EXTENDED,
        Some(size) if size <= 256 => Connected::SHORT,
        Some(size) => Connected {
            max_command: size.saturating_add(9).min(Connected::EXTENDED.max_command),
            max_response: size.saturating_add(2).min(Connected::EXTENDED.max_response),
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
    use Holds::{BusyCard, Card as ACard, MuteCard, Nothing};

    #[rstest]
    #[case(&[], None, Err(LinkError::NoReader))]
    #[case(&[Nothing], None, Err(LinkError::NoCard))]
    #[case(&[MuteCard], None, Err(LinkError::UnsupportedCard))]
    #[case(&[Nothing, Nothing], None, Err(LinkError::NoCardOnAnyReader))]
    #[case(&[Nothing, MuteCard], None, Err(LinkError::NoSupportedCardOnAnyReader))]
    #[case(&[Nothing, BusyCard], None, Err(LinkError::Busy))]
    #[case(&[Nothing, ACard], None, Ok(vec!["reader 1"]))]
    #[case(&[ACard, ACard], None, Ok(vec!["reader 0", "reader 1"]))]
    #[case(&[ACard, ACard], Some("reader 1"), Ok(vec!["reader 1"]))]
    #[case(&[ACard, Nothing], Some("reader 1"), Err(LinkError::NoCard))]
    #[case(&[ACard], Some("reader 9"), Err(LinkError::ReaderNotFound))]
    fn each_reason_for_no_card_is_its_own(
        #[case] holds: &[Holds],
        #[case] named: Option<&str>,
        #[case] expected: Result<Vec<&str>, LinkError>,
    ) {
        let readers: Vec<Reader> = holds
            .iter()
            .enumerate()
            .map(|(n, &holds)| Reader { name: format!("reader {n}"), holds })
            .collect();
        assert_eq!(candidates(&readers, named), expected);
    }

    #[test]
    fn properties_are_found_and_lies_about_length_are_not_believed() {
        assert_eq!(property(&[1, 1, 9, 0x0A, 2, 7, 8], 0x0A), Some(&[7, 8][..]));
        assert_eq!(property(&[1, 1, 9], 0x0A), None);
        assert_eq!(property(&[0x0A, 4, 0], 0x0A), None);
    }
}
