//! The names of causes, as transcripts write them.

use kaigotap::flow::{BrowseError, HttpError, LinkError, SignError, StoreError};

const LINK_ERRORS: [(LinkError, &str); 15] = [
    (LinkError::Lost, "lost"),
    (LinkError::ServiceNotRunning, "service_not_running"),
    (LinkError::NotAllowed, "not_allowed"),
    (LinkError::NoReader, "no_reader"),
    (LinkError::NoCard, "no_card"),
    (LinkError::UnsupportedCard, "unsupported_card"),
    (LinkError::NoCardOnAnyReader, "no_card_on_any_reader"),
    (LinkError::NoSupportedCardOnAnyReader, "no_supported_card_on_any_reader"),
    (LinkError::SeveralCards, "several_cards"),
    (LinkError::ReaderNotFound, "reader_not_found"),
    (LinkError::Busy, "busy"),
    (LinkError::TimedOut, "timed_out"),
    (LinkError::Cancelled, "cancelled"),
    (LinkError::NotCarried, "not_carried"),
    (LinkError::ReaderFailed, "reader_failed"),
];

const HTTP_ERRORS: [(HttpError, &str); 6] = [
    (HttpError::Unreachable, "unreachable"),
    (HttpError::NoAnswer, "no_answer"),
    (HttpError::Tls, "tls"),
    (HttpError::PlainHttp, "plain_http"),
    (HttpError::TooLong, "too_long"),
    (HttpError::Failed, "failed"),
];

const BROWSE_ERRORS: [(BrowseError, &str); 4] = [
    (BrowseError::Cancelled, "cancelled"),
    (BrowseError::NoBrowser, "no_browser"),
    (BrowseError::TimedOut, "timed_out"),
    (BrowseError::Failed, "failed"),
];

const SIGN_ERRORS: [(SignError, &str); 4] = [
    (SignError::Gone, "gone"),
    (SignError::Locked, "locked"),
    (SignError::Refused, "refused"),
    (SignError::Failed, "failed"),
];

const STORE_ERRORS: [(StoreError, &str); 6] = [
    (StoreError::Full, "full"),
    (StoreError::Denied, "denied"),
    (StoreError::Missing, "missing"),
    (StoreError::TooLong, "too_long"),
    (StoreError::NoStore, "no_store"),
    (StoreError::Failed, "failed"),
];

fn name_of<E: PartialEq>(known: &[(E, &'static str)], error: &E) -> &'static str {
    known.iter().find(|(other, _)| other == error).map_or("unknown", |(_, name)| name)
}

fn named<E: Copy>(known: &[(E, &str)], name: &str) -> Option<E> {
    known.iter().find(|(_, other)| *other == name).map(|(error, _)| *error)
}

/// The name of a broken link's cause. The number of a reader's failure is not kept.
pub(crate) fn link_error_name(error: LinkError) -> &'static str {
    match error {
        LinkError::ReaderFailedWith(_) => name_of(&LINK_ERRORS, &LinkError::ReaderFailed),
        _ => name_of(&LINK_ERRORS, &error),
    }
}

/// The cause of this name.
pub fn link_error(name: &str) -> Option<LinkError> {
    named(&LINK_ERRORS, name)
}

/// The name of a missing answer's cause.
pub(crate) fn http_error_name(error: HttpError) -> &'static str {
    name_of(&HTTP_ERRORS, &error)
}

/// The cause of this name.
pub fn http_error(name: &str) -> Option<HttpError> {
    named(&HTTP_ERRORS, name)
}

/// The name of the cause for which a browser did not come back.
pub(crate) fn browse_error_name(error: BrowseError) -> &'static str {
    name_of(&BROWSE_ERRORS, &error)
}

/// The cause of this name.
pub fn browse_error(name: &str) -> Option<BrowseError> {
    named(&BROWSE_ERRORS, name)
}

/// The name of a missing signature's cause.
pub(crate) fn sign_error_name(error: SignError) -> &'static str {
    name_of(&SIGN_ERRORS, &error)
}

/// The cause of this name.
pub fn sign_error(name: &str) -> Option<SignError> {
    named(&SIGN_ERRORS, name)
}

/// The name of a store's refusal.
pub(crate) fn store_error_name(error: StoreError) -> &'static str {
    name_of(&STORE_ERRORS, &error)
}

/// The refusal of this name.
pub fn store_error(name: &str) -> Option<StoreError> {
    named(&STORE_ERRORS, name)
}
