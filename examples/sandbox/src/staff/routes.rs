//! The issuer over HTTP.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, RawQuery, State};
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use super::browser::Language;
use super::token::SignedIn;
use super::{Staff, authorize, grant, page, push};
use crate::base::dpop::offer_nonce;
use crate::base::form::Form;
use crate::base::peer::PeerAddress;
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, Shown, received};
use crate::base::sender::Sender;
use crate::device::Client;

const PUSH: &str = "/staff/par";
const TOKEN: &str = "/staff/token";
const USER_INFO: &str = "/staff/userinfo";
const SIGN_OUT: &str = "/staff/sign-out";
const FORM: &str = "application/x-www-form-urlencoded";

type Shared = State<Arc<Staff>>;

pub(crate) fn routes<S: Clone + Send + Sync + 'static>(staff: Arc<Staff>) -> Router<S> {
    let nonce = from_fn_with_state(staff.base.clone(), offer_nonce);
    Router::new()
        .route(PUSH, post(par))
        .route(TOKEN, post(token))
        .route(USER_INFO, get(user_info))
        .route(SIGN_OUT, post(sign_out))
        .layer(nonce)
        .route("/staff/authorize", get(authorize))
        .route("/staff/login", post(login))
        .route("/staff/jwks", get(jwks))
        .route("/staff/.well-known/openid-configuration", get(metadata))
        // RFC 8414 §3.1 has it in another place.
        .route("/.well-known/oauth-authorization-server/staff", get(metadata))
        .with_state(staff)
}

async fn par(State(staff): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let form = Form::read(&received(&sender.headers, FORM, body)?)?;
        let client = staff.client(&sender, &form).await?;
        let jkt = sender.proven(&staff.base, None).await?.jkt;
        push::push(&staff, client, &form, jkt).await
    };
    Reply::from(reply.await).at(staff.base.now())
}

async fn token(State(staff): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let form = Form::read(&received(&sender.headers, FORM, body)?)?;
        let client = staff.client(&sender, &form).await?;
        let jkt = sender.proven(&staff.base, None).await?.jkt;
        grant::redeem(&staff, &client, &form, &jkt).await
    };
    Reply::from(reply.await).at(staff.base.now())
}

async fn user_info(State(staff): Shared, sender: Sender) -> Response {
    let reply = async {
        let SignedIn { member, .. } = staff.showing(&sender).await?;
        Ok(Reply::ok(json!({
            "sub": member.id, "name": member.name, "fac": member.facility_id, "role": member.role.code(),
        })))
    };
    Reply::from(reply.await).at(staff.base.now())
}

async fn sign_out(State(staff): Shared, sender: Sender) -> Response {
    let reply = async {
        let SignedIn { member, .. } = staff.showing(&sender).await?;
        staff.sign_ins().sign_out(&member).await?;
        Ok(Reply::ok(json!({})))
    };
    Reply::from(reply.await).at(staff.base.now())
}

async fn authorize(
    State(staff): Shared,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let answer = authorize::authorize(&staff, &headers, query.as_bytes()).await;
    answer.unwrap_or_else(|refusal| page::dead_end(Language::of("", &headers), refusal))
}

async fn login(
    State(staff): Shared,
    address: Option<Extension<PeerAddress>>,
    headers: HeaderMap,
    body: Received,
) -> Response {
    let address = address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0.0);
    let answer = async {
        let body = received(&headers, FORM, body)?;
        authorize::login(&staff, &headers, address, &body).await
    };
    answer.await.unwrap_or_else(|refusal| page::dead_end(Language::of("", &headers), refusal))
}

async fn jwks(State(staff): Shared) -> Response {
    staff.jwks().at(staff.base.now())
}

async fn metadata(State(staff): Shared) -> Response {
    staff.metadata().at(staff.base.now())
}

impl Staff {
    /// The client that a form comes from.
    async fn client(&self, sender: &Sender, form: &Form) -> Result<Client, Refusal> {
        self.devices.authenticate(sender.peer.as_ref(), form, &self.issuer()).await
    }

    /// Who is signed in with the token that a request shows, which is bound to its sender's key, on a device that has not
    /// been taken off its facility's list and shows no certificate but its own.
    async fn showing(&self, sender: &Sender) -> Result<SignedIn, Refusal> {
        let token = match sender.shown() {
            Some(Shown::Bound(token)) => token,
            Some(Shown::Bearer(_)) => return Err(Refusal::StaffTokenInvalid),
            None => return Err(Refusal::StaffTokenMissing),
        };
        let proven = sender.proven(&self.base, Some(token)).await.map_err(Refusal::at_opening)?;
        let signed_in = self.verify(token).await?;
        if signed_in.jkt.as_ref() != Some(&proven.jkt) {
            return Err(Refusal::StaffTokenInvalid);
        }
        let device = self.devices.with_key(&proven.jkt).await?;
        self.devices.admits(sender.peer.as_ref())?;
        device.x5t(sender.peer.as_ref())?;
        Ok(signed_in)
    }
}
