//! What the world did not do, as a failure.

use super::{BrowseError, HttpError, LinkError, Misuse, SignError, StoreError};
use crate::message::{Code, Failure};

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        use LinkError as E;
        let code = match error {
            E::Lost => Code::CardRemoved,
            E::ServiceNotRunning => Code::ReaderServiceNotRunning,
            E::NotAllowed => Code::ReaderNotAllowed,
            E::NoReader => Code::NoReader,
            E::NoCard => Code::NoCard,
            E::UnsupportedCard => Code::CardNotSupported,
            E::NoCardOnAnyReader => Code::NoCardOnAnyReader,
            E::NoSupportedCardOnAnyReader => Code::NoSupportedCardOnAnyReader,
            E::SeveralCards => Code::SeveralCards,
            E::ReaderNotFound => Code::ReaderNotFound,
            E::Busy => Code::ReaderBusy,
            E::TimedOut => Code::NoCardInTime,
            E::Cancelled => Code::Cancelled,
            E::NotCarried | E::ReaderFailed | E::ReaderFailedWith(_) => Code::ReaderFailed,
        };
        match error {
            E::ReaderFailedWith(number) => Self::new(code).with_number(number),
            _ => Self::new(code),
        }
    }
}

impl From<BrowseError> for Failure {
    fn from(error: BrowseError) -> Self {
        use BrowseError as E;
        Self::new(match error {
            E::Cancelled => Code::Cancelled,
            E::NoBrowser => Code::NoBrowser,
            E::TimedOut => Code::SignInExpired,
            E::Failed => Code::BrowserFailed,
        })
    }
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        use HttpError as E;
        Self::new(match error {
            E::Unreachable => Code::ServerUnreachable,
            E::NoAnswer | E::Failed => Code::ServerNoAnswer,
            E::Tls => Code::ServerNotTrusted,
            E::PlainHttp => Code::ServerNotSecure,
            E::TooLong => Code::ServerAnswerInvalid,
        })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        use StoreError as E;
        Self::new(match error {
            E::Full => Code::StoreFull,
            E::Denied => Code::StoreDenied,
            E::Missing | E::NoStore => Code::StoreMissing,
            E::TooLong | E::Failed => Code::StoreFailed,
        })
    }
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        use SignError as E;
        Self::new(match error {
            E::Gone => Code::DeviceKeyGone,
            E::Locked => Code::DeviceKeyLocked,
            E::Refused => Code::DeviceKeyRefused,
            E::Failed => Code::DeviceKeyFailed,
        })
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        use Misuse as M;
        Self::new(match misuse {
            M::NotStarted => Code::FlowNotStarted,
            M::AlreadyStarted => Code::FlowAlreadyStarted,
            M::Finished => Code::FlowFinished,
            M::WrongReply { .. } => Code::FlowWrongReply,
            M::Stalled => Code::InternalError,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_driver_is_shown() {
        let failure = Failure::from(LinkError::ReaderFailedWith(0x8010_0016));
        assert_eq!((failure.code(), &*failure.detail()), (Code::ReaderFailed, "0x80100016"));
        assert_eq!(
            format!("{failure:?}"),
            r#"Failure { code: "reader_failed", detail: "0x80100016" }"#
        );
        let failure = Failure::from(LinkError::ReaderFailedWith(7));
        assert_eq!(failure.detail(), "0x00000007");
    }
}
