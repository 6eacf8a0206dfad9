//! A running sandbox.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::{Config, StartError};
use crate::fault::Fault;
use crate::platform::Platform;
use crate::staff::{self, Enrolment};
use crate::store::ChallengeRow;
use crate::{NOTICE, routes, sts};

/// How long [`Sandbox::stop`] waits for requests under way.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often answers kept for a re-send are looked over.
const SWEEP: Duration = Duration::from_secs(30);

/// A sandbox that is being served in the background; dropping it stops it.
pub struct Sandbox {
    pub(crate) platform: Arc<Platform>,
    /// Dropped or used, it stops the server.
    stop: oneshot::Sender<()>,
    server: JoinHandle<io::Result<()>>,
}

/// A challenge as the books show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeRecord {
    /// Its `jti`.
    pub jti: String,
    /// The facility it was given to.
    pub facility_id: String,
    /// The staff member it was given to.
    pub staff_id: String,
    /// Whether it can still be used, time aside.
    pub state: ChallengeState,
    /// When it was given out.
    pub issued_at: Timestamp,
    /// The last second in which it can be used.
    pub expires_at: Timestamp,
    /// What came of its use: `verified` if a token was issued, otherwise the `kaigo_error`. `None` while it is
    /// open or being judged.
    pub result: Option<String>,
}

/// Whether a challenge can still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeState {
    /// Nobody has used it.
    Open,
    /// It was consumed, with whatever result.
    Used,
}

/// Why a running sandbox could not do what its owner asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// Nobody of this name is on the staff.
    #[error("no such staff member")]
    UnknownStaff,
    /// The sandbox has no key of that authority.
    #[error("the sandbox does not play that authority")]
    NotPlayed,
    /// A certificate, key or application that cannot be used.
    #[error("the authority cannot use this certificate, key or application")]
    Application,
    /// The system gave no random bytes to sign with.
    #[error("signing failed")]
    Signing,
}

impl Sandbox {
    /// Binds, opens the database, and serves in the background of the current tokio runtime.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let address = config.listen;
        if !config.allow_beyond_loopback && !address.ip().is_loopback() {
            return Err(StartError::NotLoopback(address));
        }
        let unavailable = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
            _ => StartError::AddressUnavailable { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(unavailable)?;
        let bound = listener.local_addr().map_err(unavailable)?;
        let platform = Arc::new(Platform::new(&config, format!("http://{bound}")).await?);
        tracing::info!(%bound, "{NOTICE}");

        let (stop, mut stopped) = oneshot::channel::<()>();
        let router = routes::router(platform.clone());
        let books = platform.clone();
        let server = tokio::spawn(async move {
            let sweep = async move {
                loop {
                    let before = books.clock.now() - sts::exchange::ANSWER_KEPT;
                    // One that fails comes round again.
                    let _ = books.store.wipe_answers(before).await;
                    tokio::time::sleep(SWEEP).await;
                }
            };
            let until_stopped = async move {
                tokio::select! {
                    _ = &mut stopped => {}
                    () = sweep => {}
                }
            };
            axum::serve(listener, router).with_graceful_shutdown(until_stopped).await
        });
        Ok(Self { platform, stop, server })
    }

    /// Base URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.platform.issuer
    }

    /// Issuer of challenges and tokens.
    pub fn issuer(&self) -> &str {
        &self.platform.issuer
    }

    /// The keys that sign challenges (RFC 7517), to be pinned.
    pub fn challenge_keys(&self) -> Vec<serde_json::Value> {
        vec![self.platform.keys.sts.jwk()]
    }

    /// A token as if this staff member had just signed in; good for eight hours.
    pub fn staff_token(&self, staff_id: &str) -> Result<String, Failure> {
        let staff = staff::named(staff_id).ok_or(Failure::UnknownStaff)?;
        staff::sign_in(&self.platform, staff).ok_or(Failure::Signing)
    }

    /// Everything this staff member's device needs to know.
    pub fn enrolment(&self, staff_id: &str) -> Result<Enrolment, Failure> {
        let staff = staff::named(staff_id).ok_or(Failure::UnknownStaff)?;
        Ok(Enrolment {
            server: self.url().to_owned(),
            issuer: self.issuer().to_owned(),
            challenge_keys: self.challenge_keys(),
            facility_id: staff.facility_id.to_owned(),
            staff_id: staff.id.to_owned(),
            staff_token: self.staff_token(staff_id)?,
            sandbox: true,
        })
    }

    /// All challenges given out, the oldest first.
    pub async fn challenges(&self) -> Result<Vec<ChallengeRecord>, Failure> {
        let rows = self.platform.store.challenges().await?;
        Ok(rows.into_iter().map(ChallengeRecord::from).collect())
    }

    /// How many access tokens were issued; a re-send of the same answer counts once.
    pub async fn tokens_issued(&self) -> Result<u64, Failure> {
        Ok(self.platform.store.tokens().await?)
    }

    /// Moves the server's clock, on top of earlier moves; whole seconds count.
    pub fn shift_clock(&self, by: SignedDuration) {
        self.platform.clock.shift(by);
    }

    /// Misbehaves this many times, whenever it next can; after what was asked for before.
    pub fn misbehave(&self, fault: Fault, times: u32) {
        self.platform.faults.arm(fault, times);
    }

    /// Forgets every fault still to come.
    pub fn behave(&self) {
        self.platform.faults.clear();
    }

    /// Takes no more requests, finishes those under way (for up to five seconds), and closes the database.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let mut server = self.server;
        if tokio::time::timeout(PATIENCE, &mut server).await.is_err() {
            server.abort();
        }
        self.platform.store.close().await;
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox({})", self.url())
    }
}

impl From<ChallengeRow> for ChallengeRecord {
    fn from(row: ChallengeRow) -> Self {
        let time = |seconds| Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            state: match row.used_at {
                None => ChallengeState::Open,
                Some(_) => ChallengeState::Used,
            },
            issued_at: time(row.issued_at),
            expires_at: time(row.expires_at),
            jti: row.jti,
            facility_id: row.facility_id,
            staff_id: row.staff_id,
            result: row.result,
        }
    }
}
