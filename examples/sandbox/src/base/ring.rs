//! Keys that follow one another: one signs, the one after is published already, and the one before still verifies.

use std::sync::{Arc, PoisonError, RwLock};

use ring::error::Unspecified;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::database::{Result as Stored, Store};
use super::failure::StartError;
use super::jws::SigningKey;

/// The keys of a name. Each process looks now and then which of them signs: as the next is known to all beforehand,
/// what another process signs meanwhile is good.
pub(crate) struct KeyRing {
    name: &'static str,
    turn: RwLock<Arc<Turn>>,
}

/// The keys of one generation.
struct Turn {
    number: i64,
    before: Option<SigningKey>,
    now: SigningKey,
    next: SigningKey,
}

impl KeyRing {
    pub(crate) async fn open(store: &Store, name: &'static str) -> Result<Self, StartError> {
        let turn = turn(store, name).await?;
        Ok(Self { name, turn: RwLock::new(Arc::new(turn)) })
    }

    /// Looks which key signs now.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<(), StartError> {
        if generation(store, self.name).await? != self.turn().number {
            let turn = Arc::new(turn(store, self.name).await?);
            *self.turn.write().unwrap_or_else(PoisonError::into_inner) = turn;
        }
        Ok(())
    }

    /// Has the next key sign from now on.
    pub(crate) async fn roll(&self, store: &Store) -> Result<(), StartError> {
        let next = self.turn().number + 1;
        // Of several that roll at once, all mean the same step.
        sqlx::query(
            "INSERT INTO base_generation (name, number) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET number = excluded.number",
        )
        .bind(self.name)
        .bind(next)
        .execute(store.pool())
        .await?;
        self.refresh(store).await
    }

    fn turn(&self) -> Arc<Turn> {
        self.turn.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A compact JWS over a payload, by the key that signs now.
    pub(crate) fn sign(&self, typ: &str, payload: &impl Serialize) -> Result<String, Unspecified> {
        self.turn().now.sign(typ, payload)
    }

    /// The name of the key that signs now.
    pub(crate) fn kid(&self) -> String {
        self.turn().now.kid().to_owned()
    }

    /// What one of the keys signed as this type, or `None` for anything else.
    pub(crate) fn open_jws<T: DeserializeOwned + Serialize>(
        &self,
        typ: &str,
        jws: &str,
    ) -> Option<T> {
        let turn = self.turn();
        let keys = [Some(&turn.now), turn.before.as_ref(), Some(&turn.next)];
        keys.into_iter().flatten().find_map(|key| key.open(typ, jws))
    }

    /// The public halves (RFC 7517): of the key that signs now and of the next.
    pub(crate) fn pinned(&self) -> Vec<Value> {
        let turn = self.turn();
        vec![turn.now.jwk(), turn.next.jwk()]
    }

    /// The same, and of the key that still verifies.
    pub(crate) fn published(&self) -> Vec<Value> {
        let mut keys = self.pinned();
        keys.extend(self.turn().before.as_ref().map(SigningKey::jwk));
        keys
    }
}

async fn generation(store: &Store, name: &str) -> Stored<i64> {
    let number = sqlx::query_scalar("SELECT number FROM base_generation WHERE name = $1");
    Ok(number.bind(name).fetch_optional(store.pool()).await?.unwrap_or(0))
}

async fn turn(store: &Store, name: &str) -> Result<Turn, StartError> {
    let number = generation(store, name).await?;
    // The first is called by the name alone.
    let named = async |number: i64| match number {
        0 => store.signing_key(name).await,
        number => store.signing_key(&format!("{name}.{number}")).await,
    };
    let before = if number > 0 { Some(named(number - 1).await?) } else { None };
    Ok(Turn { number, before, now: named(number).await?, next: named(number + 1).await? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::database::{Database, MIGRATIONS};

    #[tokio::test]
    async fn keys_follow_one_another() {
        let store = Store::open(&Database::Memory, &[MIGRATIONS]).await.unwrap();
        let (ring, other) = (
            KeyRing::open(&store, "test").await.unwrap(),
            KeyRing::open(&store, "test").await.unwrap(),
        );
        let opens = |ring: &KeyRing, jws: &str| ring.open_jws::<Vec<u8>>("t", jws).is_some();
        let first = ring.sign("t", &[1]).unwrap();
        let announced = ring.pinned()[1].clone();
        ring.roll(&store).await.unwrap();
        assert_eq!(ring.pinned()[0], announced);
        assert_eq!(ring.published().len(), 3);
        let second = ring.sign("t", &[2]).unwrap();
        assert!(opens(&ring, &first) && opens(&ring, &second));
        // Who has not looked yet knows the next one all the same.
        assert!(opens(&other, &second));
        other.refresh(&store).await.unwrap();
        assert_eq!(other.pinned(), ring.pinned());
        ring.roll(&store).await.unwrap();
        assert!(!opens(&ring, &first) && opens(&ring, &second));
    }
}
