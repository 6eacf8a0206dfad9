//! The token service over HTTP.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{delete, get, post};

use super::{Sts, challenge, devices, exchange, lifecycle, own, tamper, ticket};
use crate::base::dpop::offer_nonce;
use crate::base::form::Form;
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, received};
use crate::base::sender::Sender;

type Shared = State<Arc<Sts>>;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn routes<S: Clone + Send + Sync + 'static>(sts: Arc<Sts>) -> Router<S> {
    let nonces = from_fn_with_state(sts.base.clone(), offer_nonce);
    let tampering = from_fn_with_state(sts.clone(), tamper::tamper);
    Router::new()
        .route("/v1/challenges", post(challenges).layer(tampering))
        .route("/v1/token", post(token))
        .route("/v1/tickets", post(tickets))
        .route("/v1/tickets/return", post(return_tickets))
        .route("/v1/devices", post(enrol).get(devices_of_facility))
        .route("/v1/devices/self", get(this_device))
        .route("/v1/devices/self/key", post(roll_key))
        .route("/v1/devices/{id}", delete(kill_device))
        .route("/v1/client", get(client))
        .layer(nonces)
        .route("/v1/introspect", post(introspect))
        .route("/v1/revoke", post(revoke))
        .route("/.well-known/oauth-protected-resource", get(resource))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .with_state(sts)
}

async fn challenges(State(sts): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        challenge::issue(&sts, &sender, &body).await
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn tickets(State(sts): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        ticket::issue(&sts, &sender, &body).await
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn return_tickets(State(sts): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        ticket::take_back(&sts, &sender, &body).await
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn token(State(sts): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, FORM, body)?;
        let form = Form::read(&body)?;
        match form.want("grant_type")? {
            exchange::GRANT_TYPE => exchange::exchange(&sts, &sender, &form).await,
            own::GRANT_TYPE => own::grant(&sts, &sender, &form).await,
            _ => Err(Refusal::GrantUnsupported),
        }
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn introspect(State(sts): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, FORM, body)?;
        lifecycle::introspect(&sts, &sender, &Form::read(&body)?).await
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn revoke(State(sts): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, FORM, body)?;
        lifecycle::revoke(&sts, &sender, &Form::read(&body)?).await
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn client(State(sts): Shared, sender: Sender) -> Response {
    Reply::from(own::client(&sts, &sender).await).at(sts.base.now())
}

async fn resource(State(sts): Shared) -> Response {
    sts.resource().at(sts.base.now())
}

async fn enrol(State(sts): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        devices::enrol(&sts, &sender, &body).await
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn roll_key(State(sts): Shared, sender: Sender, body: Received) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        devices::roll(&sts, &sender, &body).await
    };
    Reply::from(reply.await).at(sts.base.now())
}

async fn this_device(State(sts): Shared, sender: Sender) -> Response {
    Reply::from(devices::this(&sts, &sender).await).at(sts.base.now())
}

async fn devices_of_facility(State(sts): Shared, sender: Sender) -> Response {
    Reply::from(devices::list(&sts, &sender).await).at(sts.base.now())
}

async fn kill_device(State(sts): Shared, Path(id): Path<String>, sender: Sender) -> Response {
    Reply::from(devices::kill(&sts, &sender, &id).await).at(sts.base.now())
}

async fn jwks(State(sts): Shared) -> Response {
    sts.jwks().at(sts.base.now())
}

async fn metadata(State(sts): Shared) -> Response {
    sts.metadata().at(sts.base.now())
}
