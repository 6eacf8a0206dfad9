//! The web service that facilities use (介護保険資格確認等WEBサービス): what an access token opens, and the list of those whom a
//! facility has registered.

mod consent;
mod due;
mod filings;
mod information;
mod judge;
mod opinions;
mod standard;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;
use sqlx::AnyConnection;

use crate::audit::{Audit, Event, What, Who};
use crate::base::Base;
use crate::base::clock::rfc3339;
use crate::base::database::{Migrations, Result as Stored};
use crate::base::dpop::offer_nonce;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;
use crate::device::Devices;
use crate::insurer::Insurer;
use crate::kiban::{Kiban, Look};
use crate::staff::Staff;
use crate::sts::{Domain, ENTITLEMENT_READ, Opened, Sts};

pub(crate) use consent::WRITE as CONSENT_WRITE;
pub(crate) use due::DAYS as DUE_WITHIN_DAYS;
pub(crate) use filings::SUBMIT as NOTICE_SUBMIT;
pub(crate) use judge::DAY;
pub(crate) use opinions::writes_opinions;

const JSON: &str = "application/json";
/// How many a page of a list has unless it is said, and at most.
const USUAL: usize = 100;
const MOST: usize = 500;

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "web_service",
    sqlite: &[include_str!("migrations/sqlite/0001_standard.sql")],
    postgres: &[include_str!("migrations/postgres/0001_standard.sql")],
};

/// What of an answer a device may keep (ローカル端末へのダウンロード): nothing, as long as it is not decided.
pub(crate) const STORAGE: &str = "none";

pub(crate) struct WebService {
    base: Arc<Base>,
    audit: Arc<Audit>,
    sts: Arc<Sts>,
    staff: Arc<Staff>,
    devices: Arc<Devices>,
    kiban: Arc<Kiban>,
    insurer: Arc<Insurer>,
}

/// The rooms that the web service asks.
pub(crate) struct Neighbours {
    pub(crate) audit: Arc<Audit>,
    pub(crate) sts: Arc<Sts>,
    pub(crate) staff: Arc<Staff>,
    pub(crate) devices: Arc<Devices>,
    pub(crate) kiban: Arc<Kiban>,
    pub(crate) insurer: Arc<Insurer>,
}

/// `GET /v1/qualification`: the entitlement of the person a token was issued for; and the list.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(service: Arc<WebService>) -> Router<S> {
    let nonces = from_fn_with_state(service.base.clone(), offer_nonce);
    Router::new()
        .route("/v1/qualification", get(entitlement))
        .route("/v1/consent", get(consent::read).post(consent::take))
        .route("/v1/filings", post(filings::file))
        .route("/v1/filings/search", post(filings::search))
        .route("/v1/information/{kind}", get(information::read))
        .route("/v1/opinions", post(opinions::submit))
        .route("/v1/opinions/search", post(opinions::search))
        .route("/v1/users/search", post(users::search))
        .route("/v1/users/open", post(users::open))
        .route("/v1/users/end", post(users::end))
        .layer(nonces)
        .merge(standard::routes(service.clone()))
        .with_state(service)
}

async fn entitlement(State(service): State<Arc<WebService>>, sender: Sender) -> Response {
    Reply::from(service.entitlement(&sender).await).at(service.base.now())
}

impl WebService {
    pub(crate) fn new(base: Arc<Base>, below: Neighbours) -> Self {
        let Neighbours { audit, sts, staff, devices, kiban, insurer } = below;
        Self { base, audit, sts, staff, devices, kiban, insurer }
    }

    /// Puts on record that something was done, in the transaction in which it is, as the last thing in it.
    async fn append(
        &self,
        transaction: &mut AnyConnection,
        what: What,
        opened: &Opened,
    ) -> Stored<()> {
        let event = Event { what, outcome: "ok", note: note(opened), who: who(opened) };
        self.audit.append(transaction, &event).await
    }

    /// Puts on record that something was refused, if it was.
    async fn noted(
        &self,
        what: What,
        opened: &Opened,
        done: Result<Reply, Refusal>,
    ) -> Result<Reply, Refusal> {
        if let Err(why) = done {
            let (outcome, note) = (why.code(), note(opened));
            let event = Event { what, outcome, note, who: who(opened) };
            self.audit.add(&event).await?;
        }
        done
    }

    /// Keeps for the person that something of them is shown.
    async fn looked(&self, opened: &Opened, what: &str) -> Stored<()> {
        let look = Look {
            pmh_id: &opened.pmh_id,
            facility_id: &opened.member.facility_id,
            role: opened.member.role.code(),
            what,
            method: opened.method.name(),
        };
        self.kiban.looked(&look).await
    }

    /// Where a facility's list of such things goes on: before this number.
    fn number_before(
        &self,
        things: &str,
        facility_id: &str,
        after: Option<&str>,
    ) -> Result<i64, Refusal> {
        let Some(after) = after else { return Ok(i64::MAX) };
        // No other facility goes on with it.
        let place = self.base.store.open_text(&format!("{things}.cursor/{facility_id}"), after);
        place.and_then(|place| place.parse().ok()).ok_or(Refusal::RequestMalformed)
    }

    fn cursor_after(
        &self,
        things: &str,
        facility_id: &str,
        number: i64,
    ) -> Result<String, Refusal> {
        let about = format!("{things}.cursor/{facility_id}");
        Ok(self.base.store.seal_text(&about, &number.to_string())?)
    }

    async fn entitlement(&self, sender: &Sender) -> Result<Reply, Refusal> {
        let opened = self.sts.opened(sender, ENTITLEMENT_READ).await?;
        let now = self.base.now();
        let mut told = self.kiban.entitlement(&opened.pmh_id, now).await?;
        let read = self.sts.read(&opened, &due::items(&told)).await?;
        let due = due::due(&told, read.registered_until, now);
        self.looked(&opened, "qualification").await?;
        told["storage"] = STORAGE.into();
        if opened.domain == Domain::Medical {
            told["medical"] = self.sts.medical(&opened.pmh_id).await?;
        }
        told["changed"] = json!(read.changed);
        told["due"] = json!(due);
        told["registered_until"] = json!(read.registered_until.map(rfc3339));
        Ok(Reply::ok(told))
    }
}

/// How many of a list are wanted at once.
fn page(said: Option<usize>) -> Result<usize, Refusal> {
    Some(said.unwrap_or(USUAL))
        .filter(|count| (1..=MOST).contains(count))
        .ok_or(Refusal::RequestMalformed)
}

/// What the record says of how somebody was verified.
fn note(opened: &Opened) -> &'static str {
    if opened.offline { "offline" } else { "" }
}

/// Who does something with a token, for the record.
fn who(opened: &Opened) -> Who<'_> {
    Who {
        device: &opened.client_id,
        facility: &opened.member.facility_id,
        staff: &opened.member.id,
        person: &opened.pmh_id,
    }
}
