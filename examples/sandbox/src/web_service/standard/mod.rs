//! The functions of the national API standard 1.0 for care software, in that shape as far as it is known here; every name is
//! this project's own (`docs/standard-api.md`).
//!
//! Nothing else of the web service uses this, so that it can be replaced when the text is in hand.

mod access;
mod answer;
mod plans;
mod read;
mod sign_in;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, State};
use axum::response::Response;
use axum::routing::{any, post};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use self::answer::{Fault, answer};
use self::plans::{Plan, Which};
use self::read::{Matter, Page, Whom};
use self::sign_in::{Credentials, Renewal};
use super::WebService;
use crate::base::jws::read_exactly;
use crate::base::peer::PeerAddress;
use crate::base::reply::{Received, received};
use crate::base::sender::Sender;
use crate::staff::Member;

type Shared = State<Arc<WebService>>;

/// The version of the interface is part of every path.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(service: Arc<WebService>) -> Router<S> {
    Router::new()
        .route("/standard/1.0/login", post(login))
        .route("/standard/1.0/refresh", post(refresh))
        .route("/standard/1.0/users", post(users))
        .route("/standard/1.0/certificates", post(certificates))
        .route("/standard/1.0/certification", post(certification))
        .route("/standard/1.0/review-progress", post(review_progress))
        .route("/standard/1.0/housing", post(housing))
        .route("/standard/1.0/care-plans/send", post(send_plan))
        .route("/standard/1.0/care-plans/sent", post(sent))
        .route("/standard/1.0/care-plans/received", post(received_plans))
        .route("/standard/{*other}", any(nothing))
        .with_state(service)
}

fn read<T: Serialize + DeserializeOwned>(sender: &Sender, body: Received) -> Result<T, Fault> {
    let body = received(&sender.headers, super::JSON, body)?;
    read_exactly(&body).ok_or(Fault::Malformed)
}

async fn login(
    State(service): Shared,
    address: Option<Extension<PeerAddress>>,
    sender: Sender,
    body: Received,
) -> Response {
    let address = address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0.0);
    let said = async {
        let credentials: Credentials = read(&sender, body)?;
        service.sign_in(&sender, address, &credentials).await
    };
    answer(said.await, service.base.now())
}

async fn refresh(State(service): Shared, sender: Sender, body: Received) -> Response {
    let said = async {
        let renewal: Renewal = read(&sender, body)?;
        service.renew(&sender, &renewal).await
    };
    answer(said.await, service.base.now())
}

/// Reads what is asked, by whoever is signed in, and answers.
async fn asked<T: Serialize + DeserializeOwned>(
    service: &WebService,
    sender: &Sender,
    body: Received,
    answered: impl AsyncFnOnce(&Member, T) -> Result<Value, Fault>,
) -> Response {
    let said = async {
        let member = service.signed_in(sender).await?;
        answered(&member, read(sender, body)?).await
    };
    answer(said.await, service.base.now())
}

async fn users(State(service): Shared, sender: Sender, body: Received) -> Response {
    let users = async |member: &Member, page: Page| service.standard_users(member, &page).await;
    asked(&service, &sender, body, users).await
}

/// One thing of one user.
async fn of_user(
    service: &WebService,
    sender: &Sender,
    body: Received,
    matter: Matter,
) -> Response {
    let read =
        async |member: &Member, whom: Whom| service.standard_read(member, matter, &whom).await;
    asked(service, sender, body, read).await
}

async fn certificates(State(service): Shared, sender: Sender, body: Received) -> Response {
    of_user(&service, &sender, body, Matter::Certificates).await
}

async fn certification(State(service): Shared, sender: Sender, body: Received) -> Response {
    of_user(&service, &sender, body, Matter::Certification).await
}

async fn review_progress(State(service): Shared, sender: Sender, body: Received) -> Response {
    of_user(&service, &sender, body, Matter::ReviewProgress).await
}

async fn housing(State(service): Shared, sender: Sender, body: Received) -> Response {
    of_user(&service, &sender, body, Matter::Housing).await
}

async fn send_plan(State(service): Shared, sender: Sender, body: Received) -> Response {
    let send = async |member: &Member, plan: Plan| service.send_plan(member, &plan).await;
    asked(&service, &sender, body, send).await
}

async fn sent(State(service): Shared, sender: Sender, body: Received) -> Response {
    let list = async |member: &Member, page: Page| service.plans(member, Which::Sent, &page).await;
    asked(&service, &sender, body, list).await
}

async fn received_plans(State(service): Shared, sender: Sender, body: Received) -> Response {
    let list =
        async |member: &Member, page: Page| service.plans(member, Which::Received, &page).await;
    asked(&service, &sender, body, list).await
}

async fn nothing(State(service): Shared) -> Response {
    answer(Err(Fault::NotFound), service.base.now())
}
