//! Passwords: argon2id (RFC 9106), and how often one may be tried.

use std::net::IpAddr;

use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::Semaphore;

use super::roster::{Member, Roster};
use crate::base::database::{Result as Stored, Store};
use crate::base::refusal::Refusal;

/// No password is longer, in bytes; nor an account's name.
pub(crate) const LONGEST: usize = 256;
/// What a password is compared with when there is no such account, so that this takes as long: of nobody.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$a2FpZ290YXAtc2VlZC0wMA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Each comparison takes 19 MiB while it lasts.
const AT_ONCE: usize = 2;

/// How many passwords may be tried one after the other, and how many seconds give one more.
struct Bucket {
    holds: i64,
    seconds_each: i64,
}

/// For one account, from wherever: five, and one more each minute.
const ACCOUNT: Bucket = Bucket { holds: 5, seconds_each: 60 };
/// From one address, for whatever account. A whole facility may have one address.
const ADDRESS: Bucket = Bucket { holds: 60, seconds_each: 5 };

/// Whoever compares passwords.
pub(crate) struct Doorkeeper {
    /// Names and addresses are counted, not kept.
    sources: hmac::Key,
    room: Semaphore,
}

/// What became of a name and a password.
pub(crate) enum Tried {
    /// They belong together.
    Welcome(Member),
    /// They do not, or there is no such account: nobody learns which.
    Wrong,
    /// Tried too often; the seconds until it may be tried again.
    TooOften(i64),
}

impl Doorkeeper {
    pub(crate) fn new(sources: hmac::Key) -> Self {
        Self { sources, room: Semaphore::new(AT_ONCE) }
    }

    /// Tries a password once.
    pub(crate) async fn try_password(
        &self,
        store: &Store,
        address: IpAddr,
        id: &str,
        password: &str,
        now: i64,
    ) -> Result<Tried, Refusal> {
        let attempts = Attempts(store);
        let account = self.source("account", id.as_bytes());
        let from = self.source("address", address.to_canonical().to_string().as_bytes());
        // Counted before it is compared: many at once are as many.
        for (source, bucket) in [(&from, ADDRESS), (&account, ACCOUNT)] {
            if let Some(wait) = attempts.count(source, &bucket, now).await? {
                return Ok(Tried::TooOften(wait));
            }
        }
        let known = if id.len() <= LONGEST { Roster(store).account(id).await? } else { None };
        let (member, hash) = match known {
            Some((member, hash)) => (Some(member), hash),
            None => (None, NOBODY.to_owned()),
        };
        let matches = self.compare(password, hash).await?;
        match member {
            Some(member) if matches => {
                attempts.forget(&account).await?;
                Ok(Tried::Welcome(member))
            }
            _ => Ok(Tried::Wrong),
        }
    }

    /// Whether it is the password of which this is kept.
    pub(crate) async fn compare(&self, password: &str, hash: String) -> Result<bool, Refusal> {
        // One that is too long is compared, too, as far as it may go.
        let fits = password.len() <= LONGEST;
        let password: Vec<u8> = password.bytes().take(LONGEST).collect();
        let _place = self.room.acquire().await.map_err(|_| Refusal::ServerFailed)?;
        let matches = tokio::task::spawn_blocking(move || matches(&password, &hash));
        Ok(matches.await.map_err(|_| Refusal::ServerFailed)? && fits)
    }

    /// Removes what no longer counts.
    pub(crate) async fn sweep(store: &Store, now: i64) -> Stored<()> {
        sqlx::query("DELETE FROM staff_attempt WHERE empty_at < $1")
            .bind(now)
            .execute(store.pool())
            .await?;
        Ok(())
    }

    fn source(&self, kind: &str, name: &[u8]) -> Vec<u8> {
        let named = [kind.as_bytes(), &[0], name].concat();
        hmac::sign(&self.sources, &named).as_ref().to_vec()
    }
}

/// What a password is compared with later, if there is randomness for its salt.
pub(crate) fn hashed(password: &str) -> Option<String> {
    let mut salt = [0; 16];
    SystemRandom::new().fill(&mut salt).ok()?;
    let salt = SaltString::encode_b64(&salt).ok()?;
    Some(Argon2::default().hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

fn matches(password: &[u8], hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
}

/// What has been tried.
struct Attempts<'a>(&'a Store);

impl Attempts<'_> {
    /// Counts one more, or says how many seconds to wait. One statement, so that many at once are counted each.
    async fn count(&self, source: &[u8], bucket: &Bucket, now: i64) -> Stored<Option<i64>> {
        let counted = sqlx::query_scalar::<_, i64>(
            "INSERT INTO staff_attempt (source, empty_at) VALUES ($1, $2 + $3) \
             ON CONFLICT (source) DO UPDATE SET \
             empty_at = CASE WHEN staff_attempt.empty_at < $2 THEN $2 ELSE staff_attempt.empty_at END + $3 \
             WHERE staff_attempt.empty_at + $3 <= $2 + $4 RETURNING empty_at",
        )
        .bind(source)
        .bind(now)
        .bind(bucket.seconds_each)
        .bind(bucket.holds * bucket.seconds_each)
        .fetch_all(self.0.pool())
        .await?;
        if !counted.is_empty() {
            return Ok(None);
        }
        let empty_at: Option<i64> =
            sqlx::query_scalar("SELECT empty_at FROM staff_attempt WHERE source = $1")
                .bind(source)
                .fetch_optional(self.0.pool())
                .await?;
        let wait = empty_at.unwrap_or(now) - now - (bucket.holds - 1) * bucket.seconds_each;
        Ok(Some(wait.max(1)))
    }

    /// The right password was given: what was tried before no longer counts against the account.
    async fn forget(&self, account: &[u8]) -> Stored<()> {
        sqlx::query("DELETE FROM staff_attempt WHERE source = $1")
            .bind(account)
            .execute(self.0.pool())
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use super::super::roster::sandbox_password;
    use super::*;
    use crate::base::database::{self, Database};
    use crate::staff;

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    async fn furnished() -> (Arc<Store>, Doorkeeper) {
        let rooms = [database::MIGRATIONS, staff::MIGRATIONS];
        let store = Store::open(&Database::Memory, &rooms).await.unwrap();
        Roster(&store).seed().await.unwrap();
        let doorkeeper = Doorkeeper::new(store.mac_key("staff.attempt").await.unwrap());
        (Arc::new(store), doorkeeper)
    }

    #[tokio::test]
    async fn everybody_who_is_seeded_signs_in_with_the_documented_password() {
        let (store, doorkeeper) = furnished().await;
        for id in [
            "nurse-01",
            "nurse-02",
            "nurse-11",
            "admin-01",
            "manager-21",
            "nurse-31",
            "helper-41",
            "manager-51",
        ] {
            let password = sandbox_password(id);
            let tried = doorkeeper.try_password(&store, HOME, id, &password, 0).await.unwrap();
            let Tried::Welcome(member) = tried else { panic!("{id}") };
            assert_eq!(member.id, id);
        }
    }

    #[tokio::test]
    async fn what_does_not_belong_together_is_wrong() {
        let (store, doorkeeper) = furnished().await;
        let right = sandbox_password("nurse-01");
        let long = format!("{right}{}", "x".repeat(100_000));
        for (id, password) in [
            ("nurse-01", ""),
            ("nurse-01", "sandbox-nurse-02"),
            ("nurse-01", &long),
            ("NURSE-01", &right),
            ("nurse-01 ", &right),
            ("nurse-01\0", &right),
            ("' OR '1'='1", &right),
            (&long, &right),
            ("", ""),
        ] {
            let tried = doorkeeper.try_password(&store, HOME, id, password, 0).await.unwrap();
            assert!(matches!(tried, Tried::Wrong), "{id:.20} {password:.20}");
        }
    }

    #[tokio::test]
    async fn an_unknown_account_is_compared_for_as_long() {
        // A hash that argon2 could not read would be answered at once.
        let seeded = PasswordHash::new(NOBODY).unwrap();
        let nobody = Roster(&furnished().await.0).account("nurse-01").await.unwrap().unwrap().1;
        let known = PasswordHash::new(&nobody).unwrap();
        assert_eq!((seeded.algorithm, &seeded.params), (known.algorithm, &known.params));
        assert_eq!(seeded.hash.unwrap().len(), known.hash.unwrap().len());
    }

    #[tokio::test]
    async fn the_sixth_password_has_to_wait_whether_there_is_such_an_account_or_not() {
        let (store, doorkeeper) = furnished().await;
        for id in ["nurse-01", "nobody"] {
            for _ in 0..5 {
                let tried = doorkeeper.try_password(&store, HOME, id, "x", 1000).await.unwrap();
                assert!(matches!(tried, Tried::Wrong));
            }
            let right = sandbox_password(id);
            let tried = async |now| doorkeeper.try_password(&store, HOME, id, &right, now).await;
            assert!(matches!(tried(1000).await.unwrap(), Tried::TooOften(60)), "{id}");
            assert!(matches!(tried(1059).await.unwrap(), Tried::TooOften(1)), "{id}");
            let later = tried(1060).await.unwrap();
            assert_eq!(matches!(later, Tried::Welcome(_)), id == "nurse-01");
        }
    }

    #[tokio::test]
    async fn many_at_once_are_counted_each() {
        let (store, doorkeeper) = furnished().await;
        let doorkeeper = Arc::new(doorkeeper);
        let tries: Vec<_> = (0..20)
            .map(|_| {
                let (store, doorkeeper) = (store.clone(), doorkeeper.clone());
                tokio::spawn(async move {
                    doorkeeper.try_password(&store, HOME, "nurse-01", "x", 0).await.unwrap()
                })
            })
            .collect();
        let mut wrong = 0;
        for tried in tries {
            wrong += usize::from(matches!(tried.await.unwrap(), Tried::Wrong));
        }
        assert_eq!(wrong, 5);
    }

    #[tokio::test]
    async fn one_address_cannot_try_one_password_on_everybody() {
        let (store, doorkeeper) = furnished().await;
        let mut limited = 0;
        for account in 0..ADDRESS.holds + 3 {
            let id = format!("nurse-{account:03}");
            let tried = doorkeeper.try_password(&store, HOME, &id, "x", 0).await.unwrap();
            limited += usize::from(matches!(tried, Tried::TooOften(_)));
        }
        assert_eq!(limited, 3);
        Doorkeeper::sweep(&store, i64::MAX).await.unwrap();
        let tried = doorkeeper.try_password(&store, HOME, "nurse-000", "x", 0).await.unwrap();
        assert!(matches!(tried, Tried::Wrong));
    }
}
