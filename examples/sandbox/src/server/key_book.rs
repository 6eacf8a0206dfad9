//! The keys that sign, for whoever looks after a sandbox.

use std::fmt;
use std::sync::Arc;

use super::rooms;
use crate::audit::Audit;
use crate::base::Base;
use crate::base::database::{Database, Store};
use crate::base::failure::{Failure, StartError};
use crate::sts::Keys;

/// The keys with which a sandbox signs challenges and tokens, whether it runs or not.
pub struct KeyBook {
    base: Arc<Base>,
    audit: Audit,
    keys: Keys,
}

impl KeyBook {
    /// The book in this database, beside those who use it.
    pub async fn open(database: &Database) -> Result<Self, StartError> {
        let store = Store::open(database, &rooms::MIGRATIONS).await?;
        let base = Arc::new(Base::open(String::new(), store).await?);
        let audit = Audit::open(base.clone()).await?;
        let keys = Keys::open(&base.store).await?;
        Ok(Self { base, audit, keys })
    }

    /// Has the next keys sign from now on: those that devices have been told beforehand. Every process on this database
    /// follows within half a minute. What the present keys signed is good until it ends, or the keys are rolled once more.
    pub async fn roll(&self) -> Result<(), Failure> {
        self.keys.roll(&self.base.store, &self.audit).await.map_err(|_| Failure::Signing)
    }

    /// The name (`kid`, RFC 7517 §4.5) of the key that signs challenges now.
    pub fn challenge_key(&self) -> String {
        self.keys.kid()
    }
}

impl fmt::Debug for KeyBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyBook")
    }
}
