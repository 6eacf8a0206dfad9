//! Staff: accounts, who works where, and how they sign in, each person for themselves: an OpenID provider of its own,
//! measured by FAPI 2.0, and those of others by configuration.

mod authorize;
mod browser;
mod facility;
mod foreign;
mod form;
mod grant;
mod metadata;
mod page;
mod password;
mod push;
mod redirect;
mod roster;
mod routes;
mod store;
mod token;

use std::net::IpAddr;
use std::sync::Arc;

use ring::hmac;

use crate::audit::Audit;
use crate::base::Base;
use crate::base::database::{Migrations, Result as Stored};
use crate::base::failure::StartError;
use crate::base::jws::SigningKey;
use crate::base::refusal::Refusal;
use crate::device::Devices;
use facility::Facilities;
use foreign::Issuers;
use password::Doorkeeper;
use roster::Roster;
use store::SignIns;

pub(crate) use browser::Language;
pub use facility::FacilityKind;
pub use foreign::{StaffIssuer, StaffIssuerKeys};
pub(crate) use page::{Escaped, document, guard};
pub(crate) use password::Tried;
pub use roster::{FACILITY_ID, NewStaff, STAFF_ID, sandbox_password};
pub(crate) use roster::{Member, Role};
pub(crate) use routes::routes;

/// The staff's own tables.
pub(crate) const MIGRATIONS: Migrations = Migrations {
    room: "staff",
    sqlite: &[
        include_str!("migrations/sqlite/0001_accounts.sql"),
        include_str!("migrations/sqlite/0002_sign_in.sql"),
        include_str!("migrations/sqlite/0003_facility.sql"),
    ],
    postgres: &[
        include_str!("migrations/postgres/0001_accounts.sql"),
        include_str!("migrations/postgres/0002_sign_in.sql"),
        include_str!("migrations/postgres/0003_facility.sql"),
    ],
};

/// The accounts, and the key that signs their tokens.
pub(crate) struct Staff {
    base: Arc<Base>,
    audit: Arc<Audit>,
    devices: Arc<Devices>,
    key: SigningKey,
    doorkeeper: Doorkeeper,
    /// Binds a form to the browser it was shown in.
    forms: hmac::Key,
    /// Where browsers may be sent back to, beside the app and programs on the same machine.
    redirects: Vec<String>,
    issuers: Issuers,
}

impl Staff {
    pub(crate) async fn open(
        base: Arc<Base>,
        audit: Arc<Audit>,
        devices: Arc<Devices>,
    ) -> Result<Self, StartError> {
        Roster(&base.store).seed().await?;
        Ok(Self {
            key: base.store.signing_key("staff").await?,
            doorkeeper: Doorkeeper::new(base.store.mac_key("staff.attempt").await?),
            forms: base.store.mac_key("staff.form").await?,
            redirects: Vec::new(),
            issuers: Issuers::default(),
            audit,
            devices,
            base,
        })
    }

    /// The same, with further issuers, and further places to which a browser may be sent back.
    pub(crate) fn knowing(
        self,
        issuers: &[StaffIssuer],
        redirects: &[String],
    ) -> Result<Self, StartError> {
        let issuers = Issuers::new(issuers, &self.issuer())?;
        Ok(Self { issuers, redirects: redirects.to_vec(), ..self })
    }

    /// Removes what has been kept for long enough.
    pub(crate) async fn sweep(&self) -> Stored<()> {
        self.sign_ins().sweep(self.base.now()).await?;
        Doorkeeper::sweep(&self.base.store, self.base.now()).await
    }

    /// What is kept of a password that somebody else is given.
    pub(crate) async fn hash_password(&self, password: &str) -> Result<String, Refusal> {
        let password = password.to_owned();
        let hash = tokio::task::spawn_blocking(move || password::hashed(&password)).await;
        hash.ok().flatten().ok_or(Refusal::ServerFailed)
    }

    /// Tries somebody's password once, from this address.
    pub(crate) async fn try_password(
        &self,
        address: IpAddr,
        id: &str,
        password: &str,
    ) -> Result<Tried, Refusal> {
        let (store, now) = (&self.base.store, self.base.now());
        self.doorkeeper.try_password(store, address, id, password, now).await
    }

    /// Whether it is the password of which this is kept; how often it may be tried is for others to count.
    pub(crate) async fn is_password(&self, password: &str, kept: &str) -> Result<bool, Refusal> {
        self.doorkeeper.compare(password, kept.to_owned()).await
    }

    /// Who works where now, under this name.
    pub(crate) async fn member(&self, id: &str) -> Stored<Option<Member>> {
        self.roster().member(id).await
    }

    /// Enters an account. `false` if it cannot be, is there already, or is for a facility that is not.
    pub(crate) async fn hire(&self, new: NewStaff) -> Stored<bool> {
        if !new.is_sound() {
            return Ok(false);
        }
        let password = new.password.clone();
        let hash = tokio::task::spawn_blocking(move || password::hashed(&password)).await;
        let Ok(Some(hash)) = hash else { return Ok(false) };
        self.roster().enter(&new, &hash).await
    }

    /// What a facility is called.
    pub(crate) async fn facility_name(&self, id: &str) -> Stored<Option<String>> {
        Facilities(&self.base.store).name(id).await
    }

    /// Of which kind a facility is, if there is one.
    pub(crate) async fn facility_kind(&self, id: &str) -> Stored<Option<FacilityKind>> {
        Facilities(&self.base.store).kind(id).await
    }

    /// Has a facility be of this kind from now on. `false` if there is none.
    pub(crate) async fn change_facility(&self, id: &str, kind: FacilityKind) -> Stored<bool> {
        Facilities(&self.base.store).change(id, kind).await
    }

    fn sign_ins(&self) -> SignIns<'_> {
        SignIns::of(&self.base.store, &self.audit)
    }

    fn roster(&self) -> Roster<'_> {
        Roster(&self.base.store)
    }

    fn issuer(&self) -> String {
        format!("{}/staff", self.base.issuer)
    }

    /// Whether a resource (RFC 8707) is the platform, for which staff tokens are.
    fn is_audience(&self, resource: &str) -> bool {
        resource.strip_suffix('/').unwrap_or(resource) == self.base.issuer
    }
}
