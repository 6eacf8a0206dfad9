//! A call to the platform, and its sending.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::dpop::{ClientAssertion, Proof, is_nonce};
use super::refusal::Refused;
use super::{Clock, Credential, Device, Entropy, ServerAddress, Signer, is_off, refusal};
use crate::flow::{DeviceTime, HttpError, HttpRequest, HttpResponse, Method, Talk};
use crate::message::{Code, Failure};

/// How often a call that may be repeated is sent when no answer comes.
const MAX_SENDS: usize = 3;

/// Whether a call may be sent again when it is not known what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It is sent once: another one would be another one.
    Never,
    /// It changes nothing, or the platform answers what it says a second time as it did the first.
    Unanswered,
}

/// What a call brings with it.
pub(crate) enum Content {
    /// Nothing.
    None,
    /// Behind the path; a proof does not speak of it (RFC 9449 §4.2).
    Query(String),
    /// `application/json`
    Json(Zeroizing<Vec<u8>>),
    /// `application/x-www-form-urlencoded`
    Form(Zeroizing<String>),
}

/// One call: what it says, what authorises it, and how often it may be sent.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Behind the server's address.
    pub(crate) path: &'static str,
    pub(crate) content: Content,
    pub(crate) credential: Credential<'a>,
    pub(crate) repeat: Repeat,
    /// The status of an answer that is no refusal. What was made by an earlier sending is answered with 200 in the place of
    /// 201.
    pub(crate) success: u16,
}

impl Call<'_> {
    fn is_done(&self, status: u16) -> bool {
        let was_there = self.success == 201 && self.repeat == Repeat::Unanswered && status == 200;
        status == self.success || was_there
    }
}

/// The platform at its address, as seen from one conversation of one device.
pub(crate) struct Platform<'a> {
    pub(crate) talk: &'a Talk,
    server: &'a ServerAddress,
    /// What the platform calls itself, wherever it is called: proofs speak of it under this name.
    issuer: &'a str,
    signer: &'a Signer,
    client_id: &'a str,
    session: Mutex<Session>,
}

/// What changes from one request to the next.
struct Session {
    entropy: Entropy,
    /// What the server gave last, to be shown with the next proof (RFC 9449 §8.2).
    nonce: Option<String>,
    /// The server's time, once it has told it.
    clock: Option<Clock>,
}

/// What the platform made of a call.
pub(crate) enum Answered {
    /// It did what was asked; this is the body of its answer.
    Done(Zeroizing<Vec<u8>>),
    /// It refused, at this time by its own clock.
    Refused(Failure, Option<Timestamp>),
}

impl<'a> Platform<'a> {
    /// The platform that calls itself `issuer`, for a device that it knows.
    pub(crate) fn new(
        talk: &'a Talk,
        server: &'a ServerAddress,
        issuer: &'a str,
        device: &'a Device,
        entropy: Entropy,
    ) -> Self {
        let client_id = device.client_id();
        Self { client_id, ..Self::for_key(talk, server, issuer, device.signer(), entropy) }
    }

    /// The same, for a key that it does not know yet: no client.
    pub(crate) fn for_key(
        talk: &'a Talk,
        server: &'a ServerAddress,
        issuer: &'a str,
        signer: &'a Signer,
        entropy: Entropy,
    ) -> Self {
        let session = Mutex::new(Session { entropy, nonce: None, clock: None });
        Self { talk, server, issuer, signer, client_id: "", session }
    }

    /// Makes a call and reads its answer.
    pub(crate) async fn call<T>(
        &self,
        call: &Call<'_>,
        read: impl FnOnce(&[u8]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match self.ask(call).await? {
            Answered::Done(body) => read(&body),
            Answered::Refused(failure, _) => Err(failure),
        }
    }

    /// Makes a call.
    pub(crate) async fn ask(&self, call: &Call<'_>) -> Result<Answered, Failure> {
        let mut sends = match call.repeat {
            Repeat::Never => 1,
            Repeat::Unanswered => MAX_SENDS,
        };
        // Asking for a nonce, a server has done nothing yet: what is sent then is no repetition, and is sent once.
        let mut had_nonce = false;
        loop {
            let device = self.talk.clock().await;
            let request = self.request(call, device).await?;
            match self.talk.send(request).await {
                Ok(answer) => {
                    let fresh = self.keep_nonce(&answer);
                    if call.is_done(answer.status) {
                        return Ok(Answered::Done(answer.body));
                    }
                    let Refused { failure, at, wants_nonce, of_proof } = refusal::refused(&answer);
                    if let Some(at) = at {
                        self.session().clock = Some(Clock::new(at, device));
                    }
                    if of_proof && at.is_some_and(|at| is_off(at, device)) {
                        return Err(Code::ClockOff.into());
                    }
                    if !(wants_nonce && fresh) || had_nonce {
                        return Ok(Answered::Refused(failure, at));
                    }
                    had_nonce = true;
                }
                Err(HttpError::NoAnswer | HttpError::Unreachable) if sends > 1 => {
                    sends = sends.saturating_sub(1);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A request that says it, authorised for this one sending.
    async fn request(&self, call: &Call<'_>, device: DeviceTime) -> Result<HttpRequest, Failure> {
        let (id, assertion_id, nonce, now) = {
            let mut session = self.session();
            let now = session.clock.map_or(device.wall, |clock| clock.server_time(device));
            let (id, assertion_id) = (session.entropy.uuid(), session.entropy.uuid());
            (id, assertion_id, session.nonce.clone(), now.as_second())
        };
        let address = [self.issuer, call.path].concat();
        let (token, audience) = match call.credential {
            Credential::Dpop { token } => (token, None),
            Credential::Client { audience } => (None, Some(audience)),
        };
        let client = match audience {
            None => None,
            Some(audience) => {
                let said = ClientAssertion::new(self.client_id, audience, &assertion_id, now);
                Some(said.sign(self.talk, self.signer).await?)
            }
        };
        let proof = Proof::new(&id, call.method, &address, now)
            .with_nonce(nonce.as_deref())
            .with_token(token)
            .sign(self.talk, self.signer)
            .await?;

        let url = match &call.content {
            Content::Query(query) => [self.server.as_str(), call.path, "?", query].concat(),
            _ => [self.server.as_str(), call.path].concat(),
        };
        let mut request = HttpRequest::new(call.method, url);
        if let Some(token) = token {
            let authorization = Zeroizing::new(format!("DPoP {token}"));
            request = request.with_header("authorization", authorization);
        }
        request = request.with_header("dpop", proof);
        Ok(match (&call.content, client) {
            (Content::None | Content::Query(_), None) => request,
            (Content::Json(body), None) => request
                .with_header("content-type", "application/json".to_owned())
                .with_body(body.clone()),
            (Content::Form(form), client) => request
                .with_header("content-type", "application/x-www-form-urlencoded".to_owned())
                .with_body(self.form(form, client)),
            // An assertion is a part of a form.
            (Content::None | Content::Query(_) | Content::Json(_), Some(_)) => {
                return Err(Code::InternalError.into());
            }
        })
    }

    /// The form, with who asks where that is told in it (RFC 7521 §4.2).
    fn form(&self, form: &str, assertion: Option<String>) -> Zeroizing<Vec<u8>> {
        let Some(assertion) = assertion else { return form.as_bytes().to_vec().into() };
        let client = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", self.client_id)
            .append_pair(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .append_pair("client_assertion", &assertion)
            .finish();
        [form, "&", &client].concat().into_bytes().into()
    }

    /// Keeps the nonce that an answer brings; says whether it brought one.
    fn keep_nonce(&self, answer: &HttpResponse) -> bool {
        let nonce = answer.header("dpop-nonce").filter(|nonce| is_nonce(nonce));
        if let Some(nonce) = nonce {
            self.session().nonce = Some(nonce.to_owned());
        }
        nonce.is_some()
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        // Never held across a turn, so a poisoned one is still whole.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
