//! The keys that sign challenges and tokens.

use crate::audit::{Audit, Event, What, Who};
use crate::base::database::Store;
use crate::base::failure::StartError;
use crate::base::ring::KeyRing;

/// One ring for each.
pub(crate) struct Keys {
    pub(super) challenge: KeyRing,
    pub(super) token: KeyRing,
}

impl Keys {
    pub(crate) async fn open(store: &Store) -> Result<Self, StartError> {
        let challenge = KeyRing::open(store, "sts.challenge").await?;
        Ok(Self { challenge, token: KeyRing::open(store, "sts.token").await? })
    }

    /// Has the next keys sign from now on. What the present ones signed is good until it ends, or the keys are rolled once
    /// more.
    pub(crate) async fn roll(&self, store: &Store, audit: &Audit) -> Result<(), StartError> {
        self.challenge.roll(store).await?;
        self.token.roll(store).await?;
        let event = Event { what: What::KeysRolled, outcome: "ok", note: "", who: Who::default() };
        Ok(audit.add(&event).await?)
    }

    /// Looks whether another process has rolled them.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<(), StartError> {
        self.challenge.refresh(store).await?;
        self.token.refresh(store).await
    }

    /// The name of the key that signs challenges now.
    pub(crate) fn kid(&self) -> String {
        self.challenge.kid()
    }
}
