//! The readers, and what is on them.

use std::ffi::CString;
use std::time::{Duration, Instant};

use kaigotap_winscard::{Code, Context, Watched};

use crate::flow::LinkError;

/// A reader and what is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Name, as it can be shown: what is not UTF-8 in the system's name is replaced.
    pub name: String,
    /// What is on it.
    pub holds: Holds,
    /// Name, as the system gives it and wants it back.
    pub(super) system_name: CString,
    /// Differs when a card was put in or taken out meanwhile.
    event_count: u16,
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
    look(&establish()?)
}

/// Which readers to try, in their order; or which of the reasons there is for having no card.
pub(super) fn candidates<'a>(
    readers: &'a [Reader],
    named: Option<&str>,
) -> Result<Vec<&'a Reader>, LinkError> {
    let considered = considered(readers, named);
    let several = considered.len() > 1;
    if considered.is_empty() {
        return Err(if readers.is_empty() {
            LinkError::NoReader
        } else {
            LinkError::ReaderNotFound
        });
    }
    let with = |holds| considered.iter().filter(move |reader| reader.holds == holds);
    let cards: Vec<_> = with(Holds::Card).copied().collect();
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

/// The readers of the given name, or all.
pub(super) fn considered<'a>(readers: &'a [Reader], named: Option<&str>) -> Vec<&'a Reader> {
    readers.iter().filter(|reader| named.is_none_or(|name| reader.name == name)).collect()
}

pub(super) fn establish() -> Result<Context, LinkError> {
    Context::establish().map_err(unserved)
}

/// Why the service does not serve.
pub(super) fn unserved(code: Code) -> LinkError {
    match code {
        // Windows stops the service when the last reader is unplugged.
        Code::NO_SERVICE | Code::SERVICE_STOPPED | Code::COMM_ERROR => LinkError::ServiceNotRunning,
        Code::SECURITY_VIOLATION | Code::NO_ACCESS => LinkError::NotAllowed,
        // A reader that was unplugged between two questions.
        Code::UNKNOWN_READER | Code::READER_UNAVAILABLE => LinkError::Lost,
        other => LinkError::ReaderFailedWith(other.0),
    }
}

/// The readers and what they hold, now.
pub(super) fn look(context: &Context) -> Result<Vec<Reader>, LinkError> {
    let mut readers = watched(context).map_err(unserved)?;
    if readers.is_empty() {
        return Err(LinkError::NoReader);
    }
    context.wait(&mut readers, Duration::ZERO).map_err(unserved)?;
    Ok(readers.iter().map(describe).collect())
}

/// All readers that are some.
fn watched(context: &Context) -> Result<Vec<Watched>, Code> {
    let names = context.readers()?;
    Ok(names.into_iter().filter(|name| !is_virtual(name)).map(Watched::new).collect())
}

fn describe(reader: &Watched) -> Reader {
    Reader {
        name: reader.name().to_string_lossy().into_owned(),
        holds: if !reader.is_present() {
            Holds::Nothing
        } else if reader.is_exclusive() {
            Holds::BusyCard
        } else if reader.is_mute() {
            Holds::MuteCard
        } else {
            Holds::Card
        },
        system_name: reader.name().to_owned(),
        event_count: reader.event_count(),
    }
}

/// Readers that are no readers: Windows shows its own virtual cards as such.
fn is_virtual(name: &CString) -> bool {
    let name = name.to_string_lossy();
    ["Windows Hello", "Microsoft UICC"].iter().any(|prefix| name.starts_with(prefix))
}

/// Waits until something changes at the readers, or this long.
pub(super) fn await_change(at_most: Duration) {
    let started = Instant::now();
    let waited = Context::establish().and_then(|context| {
        let mut readers = watched(&context)?;
        // Without a reader there is nothing to wait at, and the service answers at once.
        if readers.is_empty() {
            Err(Code::TIMEOUT)
        } else {
            context.await_change(&mut readers, at_most)
        }
    });
    if waited.is_err() {
        std::thread::sleep(at_most.saturating_sub(started.elapsed()));
    }
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
            .map(|(n, &holds)| Reader {
                name: format!("reader {n}"),
                holds,
                system_name: CString::default(),
                event_count: 0,
            })
            .collect();
        let names =
            |readers: Vec<&Reader>| readers.iter().map(|r| r.name.clone()).collect::<Vec<_>>();
        let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect());
        assert_eq!(candidates(&readers, named).map(names), expected);
    }
}
