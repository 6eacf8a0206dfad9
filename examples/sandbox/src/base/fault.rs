//! Misbehaving on purpose: what a hostile or failing server would do to the SDK.
//!
//! No handler knows of it. Faults happen in layers around them: replies are spoiled here, and each room has one for
//! what it signs.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::Frame;

use super::Base;

/// One way to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The challenge names the right key and is signed by another one.
    ChallengeWrongKey,
    /// The challenge expired ten minutes ago.
    ChallengeExpired,
    /// The challenge names a facility that did not ask for it.
    ChallengeOtherFacility,
    /// The challenge names a purpose that was not asked for.
    ChallengeOtherPurpose,
    /// The challenge looks good and is spent already.
    ChallengeAlreadyUsed,
    /// The OCSP responder asks to be asked again later.
    OcspTryLater,
    /// The OCSP responder gives an answer of last week.
    OcspStale,
    /// A revocation list is one of a fortnight ago.
    ListStale,
    /// A request is carried out in full; then the reply goes wrong.
    Reply(Call, Broken),
}

/// How the OCSP responder misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OcspFault {
    TryLater,
    Stale,
}

/// A request of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `POST /v1/challenges`
    Challenge,
    /// `POST /v1/token`
    Token,
    /// `GET /v1/qualification`
    Entitlement,
    /// `POST /v1/tickets`
    Tickets,
    /// `POST /v1/offline/visits`
    OfflineVisit,
    /// `POST /v1/offline/notes`
    OfflineNote,
}

/// What becomes of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The connection is closed before the reply is complete.
    Dropped,
    /// Status 500 and a page of text.
    Status500,
    /// Status 200 and bytes that are not JSON.
    Garbage,
    /// Status 200 and 16 MiB of blanks.
    Oversized,
    /// The right reply, this much later.
    Slow(Duration),
}

/// Faults yet to happen, each with how often.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<(Fault, u32)>>);

impl Faults {
    pub(crate) fn arm(&self, fault: Fault, times: u32) {
        self.lock().push((fault, times));
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The next armed fault of a challenge itself.
    pub(crate) fn at_challenge(&self) -> Option<Fault> {
        self.take(|fault| match fault {
            Fault::Reply(..) | Fault::OcspTryLater | Fault::OcspStale | Fault::ListStale => None,
            of_the_challenge => Some(of_the_challenge),
        })
    }

    /// The next armed fault of the OCSP responder.
    pub(crate) fn at_ocsp(&self) -> Option<OcspFault> {
        self.take(|fault| match fault {
            Fault::OcspTryLater => Some(OcspFault::TryLater),
            Fault::OcspStale => Some(OcspFault::Stale),
            _ => None,
        })
    }

    /// Whether a list is to be stale.
    pub(crate) fn at_list(&self) -> bool {
        self.take(|fault| (fault == Fault::ListStale).then_some(())).is_some()
    }

    /// The next armed fault of this call's reply.
    fn at_reply(&self, call: Call) -> Option<Broken> {
        self.take(|fault| match fault {
            Fault::Reply(at, broken) if at == call => Some(broken),
            _ => None,
        })
    }

    fn take<T>(&self, wanted: impl Fn(Fault) -> Option<T>) -> Option<T> {
        let mut armed = self.lock();
        armed.retain(|(_, times)| *times > 0);
        armed.iter_mut().find_map(|(fault, times)| {
            let taken = wanted(*fault)?;
            *times -= 1;
            Some(taken)
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Fault, u32)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    fn at(path: &str) -> Option<Self> {
        match path {
            "/v1/challenges" => Some(Self::Challenge),
            "/v1/token" => Some(Self::Token),
            "/v1/qualification" => Some(Self::Entitlement),
            "/v1/tickets" => Some(Self::Tickets),
            "/v1/offline/visits" => Some(Self::OfflineVisit),
            "/v1/offline/notes" => Some(Self::OfflineNote),
            _ => None,
        }
    }
}

impl Broken {
    async fn spoil(self, reply: Response) -> Response {
        match self {
            Self::Dropped => Response::new(Body::new(Torn)),
            Self::Status500 => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error\n").into_response()
            }
            Self::Garbage => Response::new(Body::from(&b"\x7fELF\x00\xff{"[..])),
            Self::Oversized => Response::new(Body::from(vec![b' '; 16 << 20])),
            Self::Slow(delay) => {
                tokio::time::sleep(delay).await;
                reply
            }
        }
    }
}

/// Around everything: spoils a reply if a fault is armed. The request has been carried out by then.
pub(crate) async fn spoil_replies(
    State(base): State<Arc<Base>>,
    request: Request,
    next: Next,
) -> Response {
    let call = Call::at(request.uri().path());
    let reply = next.run(request).await;
    match call.and_then(|call| base.faults.at_reply(call)) {
        Some(broken) => broken.spoil(reply).await,
        None => reply,
    }
}

/// A body that breaks off before its first byte.
struct Torn;

impl HttpBody for Torn {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}
