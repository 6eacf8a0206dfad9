//! What マイナポータル is to a person here: what the platform knows of them, where their consent stands, and who has looked.
//! Their own card opens it, and nothing else does: tokens of facilities are none of this room's.

mod assertion;
mod own;
mod session;
mod store;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::audit::Audit;
use crate::base::Base;
use crate::base::database::{Migrations, Result as Stored};
use crate::base::dpop::offer_nonce;
use crate::kiban::Kiban;
use crate::sts::Sts;
use store::Sessions;

pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "portal",
    sqlite: &[include_str!("migrations/sqlite/0001_session.sql")],
    postgres: &[include_str!("migrations/postgres/0001_session.sql")],
};

const JSON: &str = "application/json";
/// How many a page of those who looked has unless it is said, and at most.
const USUAL: usize = 100;
const MOST: usize = 500;

pub(crate) struct Portal {
    base: Arc<Base>,
    audit: Arc<Audit>,
    sts: Arc<Sts>,
    kiban: Arc<Kiban>,
}

pub(crate) fn routes<S: Clone + Send + Sync + 'static>(portal: Arc<Portal>) -> Router<S> {
    let nonces = from_fn_with_state(portal.base.clone(), offer_nonce);
    Router::new()
        .route("/portal/challenge", post(session::challenge))
        .route("/portal/session", post(session::begin))
        .route("/portal/v1/entitlement", get(own::entitlement))
        .route("/portal/v1/progress", get(own::progress))
        .route("/portal/v1/consent", get(own::consent))
        .route("/portal/v1/consent/withdraw", post(own::withdraw))
        .route("/portal/v1/accesses/search", post(own::accesses))
        .layer(nonces)
        .with_state(portal)
}

impl Portal {
    pub(crate) fn new(
        base: Arc<Base>,
        audit: Arc<Audit>,
        sts: Arc<Sts>,
        kiban: Arc<Kiban>,
    ) -> Self {
        Self { base, audit, sts, kiban }
    }

    fn sessions(&self) -> Sessions<'_> {
        Sessions(self.base.store.pool())
    }

    /// Removes what is over.
    pub(crate) async fn sweep(&self) -> Stored<()> {
        self.sessions().sweep(self.base.now()).await
    }
}
