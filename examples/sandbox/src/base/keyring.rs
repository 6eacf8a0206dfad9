//! A signing key for one use, and the one before it, so that each use can change its key without the others.

use std::sync::{Arc, PoisonError, RwLock};

use ring::error::Unspecified;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::database::Store;
use super::failure::StartError;
use super::jws::SigningKey;

/// How many generations are still believed: what the one before has signed is to run out in peace.
const BELIEVED: usize = 2;

/// The keys of one use, the newest last.
pub(crate) struct Keyring {
    /// What it is for. The keys are kept under this name and their number.
    name: &'static str,
    keys: RwLock<Vec<Arc<SigningKey>>>,
}

impl Keyring {
    /// All generations that were made so far; the first is made now if there is none.
    pub(crate) async fn open(store: &Store, name: &'static str) -> Result<Self, StartError> {
        let mut keys = vec![Arc::new(store.signing_key(&numbered(name, 0)).await?)];
        while let Some(key) = store.kept_signing_key(&numbered(name, keys.len())).await? {
            keys.push(Arc::new(key));
        }
        Ok(Self { name, keys: RwLock::new(keys) })
    }

    /// Signs with a new key from now on. Other processes on the same database learn of it when they start again.
    pub(crate) async fn roll(&self, store: &Store) -> Result<(), StartError> {
        let next = numbered(self.name, self.all().len());
        let next = Arc::new(store.signing_key(&next).await?);
        self.keys.write().unwrap_or_else(PoisonError::into_inner).push(next);
        Ok(())
    }

    /// The key that signs now.
    pub(crate) fn current(&self) -> Option<Arc<SigningKey>> {
        self.all().pop()
    }

    /// Public halves of the keys that are believed (RFC 7517), the newest first.
    pub(crate) fn jwks(&self) -> Vec<Value> {
        self.believed().map(|key| key.jwk()).collect()
    }

    /// A compact JWS over a payload.
    pub(crate) fn sign(&self, typ: &str, payload: &impl Serialize) -> Result<String, Unspecified> {
        self.current().ok_or(Unspecified)?.sign(typ, payload)
    }

    /// What one of these keys signed as this type, or `None` for anything else.
    pub(crate) fn open_jws<T: DeserializeOwned + Serialize>(
        &self,
        typ: &str,
        jws: &str,
    ) -> Option<T> {
        self.believed().find_map(|key| key.open(typ, jws))
    }

    fn believed(&self) -> impl Iterator<Item = Arc<SigningKey>> {
        self.all().into_iter().rev().take(BELIEVED)
    }

    fn all(&self) -> Vec<Arc<SigningKey>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn numbered(name: &str, generation: usize) -> String {
    format!("{name}/{generation}")
}
