//! `GET /staff/authorize` and `POST /staff/login`: the browser's part of a sign-in.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::browser::{Cookie, Language};
use super::form::Fields;
use super::page::{self, Said, SignInPage};
use super::password::Tried;
use super::store::{Code, Push, Session};
use super::{Staff, redirect};
use crate::audit::{Event, What, Who};
use crate::base::form::Form;
use crate::base::jws::{base64url, sha256};
use crate::base::keys::{random, random_id};
use crate::base::refusal::Refusal;
use crate::base::reply;

/// How long a code is good, in seconds (FAPI 2.0 §5.3.2.1).
const CODE_LIFETIME: i64 = 60;
/// How long a browser is remembered: a shift.
const SESSION_LIFETIME: i64 = 8 * 60 * 60;

/// Somebody's browser at a page of ours.
pub(crate) struct Visitor<'a> {
    staff: &'a Staff,
    headers: &'a HeaderMap,
    /// Under which what the client wants was pushed.
    request_uri: &'a str,
    push: Push,
}

/// Answers a browser that a client has sent here.
pub(crate) async fn authorize(
    staff: &Staff,
    headers: &HeaderMap,
    query: &[u8],
) -> Result<Response, Refusal> {
    let form = Form::read(query)?;
    let visitor = Visitor::welcome(staff, headers, &form).await?;
    let session = visitor.session().await?;
    match (session, visitor.push.prompt.as_str()) {
        (Some(session), "" | "none") => visitor.send_back(&session).await,
        (None, "none") => visitor.refuse("login_required").await,
        _ => visitor.page(&Said::Nothing, ""),
    }
}

/// Takes in the form of the page.
pub(crate) async fn login(
    staff: &Staff,
    headers: &HeaderMap,
    address: IpAddr,
    body: &[u8],
) -> Result<Response, Refusal> {
    let form = Form::read(body)?;
    let visitor = Visitor::welcome(staff, headers, &form).await?;
    let token = form.said("form").unwrap_or_default();
    if !staff.is_our_form(headers, visitor.request_uri, token) {
        return Err(Refusal::RequestMalformed);
    }
    if form.said("cancel").is_some() {
        return visitor.refuse("access_denied").await;
    }
    let id = form.said("staff_id").unwrap_or_default().trim();
    let password = form.said("password").unwrap_or_default();
    let (store, now) = (&staff.base.store, staff.base.now());
    match staff.doorkeeper.try_password(store, address, id, password, now).await? {
        Tried::Wrong => {
            let who = Who { device: &visitor.push.client_id, staff: id, ..Who::default() };
            let outcome = "password_wrong";
            staff.audit.add(&Event { what: What::SignIn, outcome, note: "password", who }).await?;
            visitor.page(&Said::Wrong, id)
        }
        Tried::TooOften(seconds) => visitor.page(&Said::TooOften(seconds), id),
        Tried::Welcome(member) => {
            let here = &visitor.push.facility_id;
            if here.as_ref().is_some_and(|facility| *facility != member.facility_id) {
                return visitor.refuse("access_denied").await;
            }
            let session = Session {
                sid: random_id()?,
                member_id: member.id,
                auth_time: now,
                expires_at: now + SESSION_LIFETIME,
            };
            let cookie = Cookie::new()?;
            let before = staff.signed_in(headers).map(|before| before.digest());
            let who = Who {
                device: &visitor.push.client_id,
                facility: &member.facility_id,
                staff: &session.member_id,
                ..Who::default()
            };
            staff.sign_ins().begin(who, &session, &cookie.digest(), before.as_deref()).await?;
            let mut answer = visitor.send_back(&session).await?;
            answer
                .headers_mut()
                .extend(staff.set_signed_in(&cookie).map(|cookie| (header::SET_COOKIE, cookie)));
            Ok(answer)
        }
    }
}

impl<'a> Visitor<'a> {
    /// Whom a client has sent, with what it pushed. Everybody else gets a page, and is sent nowhere.
    async fn welcome(
        staff: &'a Staff,
        headers: &'a HeaderMap,
        form: &'a Form,
    ) -> Result<Self, Refusal> {
        let (client_id, request_uri) = (form.need("client_id")?, form.need("request_uri")?);
        let digest = sha256(request_uri.as_bytes());
        let pushed = staff.sign_ins().pushed(&digest, client_id, staff.base.now()).await?;
        let push = pushed.ok_or(Refusal::RequestMalformed)?;
        Ok(Self { staff, headers, request_uri, push })
    }

    /// Whoever has signed in with this browser, if that is recent enough and they may work here.
    async fn session(&self) -> Result<Option<Session>, Refusal> {
        let (staff, now) = (self.staff, self.staff.base.now());
        let Some(cookie) = staff.signed_in(self.headers) else { return Ok(None) };
        let Some(session) = staff.sign_ins().session(&cookie.digest(), now).await? else {
            return Ok(None);
        };
        let recent = self.push.max_age.is_none_or(|most| now - session.auth_time <= most);
        let member = staff.roster().member(&session.member_id).await?;
        let here = member.is_some_and(|member| {
            self.push.facility_id.as_ref().is_none_or(|facility| *facility == member.facility_id)
        });
        Ok((recent && here).then_some(session))
    }

    /// The page on which to sign in.
    fn page(&self, said: &Said, staff_id: &str) -> Result<Response, Refusal> {
        let known = self.staff.browser(self.headers);
        let is_new = known.is_none();
        let browser = match known {
            Some(browser) => browser,
            None => Cookie::new()?,
        };
        let staff_id = if staff_id.is_empty() { &self.push.login_hint } else { staff_id };
        let page = SignInPage {
            language: Language::of(&self.push.language, self.headers),
            said,
            client_id: &self.push.client_id,
            request_uri: self.request_uri,
            form: &self.staff.form_token(&browser, self.request_uri),
            staff_id,
            ends_at: redirect::origin(&self.push.redirect_uri),
        };
        let mut answer = page.answer();
        if is_new {
            let set = self.staff.set_browser(&browser);
            answer.headers_mut().extend(set.map(|cookie| (header::SET_COOKIE, cookie)));
        }
        Ok(answer)
    }

    /// Sends the browser back with a code. What was pushed is used up with it, and by it alone: a page may be opened as
    /// often as a browser likes (FAPI 2.0 §5.3.2.2, note 4).
    async fn send_back(&self, session: &Session) -> Result<Response, Refusal> {
        self.use_up().await?;
        let code = base64url(&random::<32>()?);
        let push = &self.push;
        let given = Code {
            client_id: push.client_id.clone(),
            redirect_uri: push.redirect_uri.clone(),
            scope: push.scope.clone(),
            nonce: push.nonce.clone(),
            challenge: push.code_challenge.clone(),
            dpop_jkt: push.dpop_jkt.clone(),
            session: session.clone(),
            expires_at: self.staff.base.now() + CODE_LIFETIME,
        };
        self.staff.sign_ins().give(&sha256(code.as_bytes()), &given).await?;
        self.redirect(("code", &code), "ok")
    }

    /// Sends the browser back without one (RFC 6749 §4.1.2.1).
    async fn refuse(&self, error: &'static str) -> Result<Response, Refusal> {
        self.use_up().await?;
        self.redirect(("error", error), error)
    }

    async fn use_up(&self) -> Result<(), Refusal> {
        let digest = sha256(self.request_uri.as_bytes());
        let first = self.staff.sign_ins().use_up(&digest).await?;
        if first { Ok(()) } else { Err(Refusal::RequestMalformed) }
    }

    fn redirect(&self, result: (&str, &str), code: &'static str) -> Result<Response, Refusal> {
        let issuer = self.staff.issuer();
        let parameters = [result, ("state", self.push.state.as_str()), ("iss", &issuer)];
        let target = redirect::with(&self.push.redirect_uri, &parameters);
        let target = HeaderValue::try_from(target).map_err(|_| Refusal::ServerFailed)?;
        let mut answer = StatusCode::SEE_OTHER.into_response();
        answer.headers_mut().insert(header::LOCATION, target);
        page::guard(answer.headers_mut());
        answer.extensions_mut().insert(reply::Code(code));
        Ok(answer)
    }
}
