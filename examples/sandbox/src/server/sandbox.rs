//! A running sandbox.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Uri;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::audit_log::AuditLog;
use super::config::Config;
use super::enrolment::Enrolment;
use super::listen::{self, Door};
use super::measure::Measures;
use super::rooms::Rooms;
use super::{admin, routes};
use crate::base::NOTICE;
use crate::base::failure::{Failure, StartError};
use crate::base::fault::Fault;
use crate::device::{ActivationCode, DeviceRecord};
use crate::staff::{FacilityKind, NewStaff};
use crate::sts::{ChallengeRecord, Disaster};

/// How long [`Sandbox::stop`] waits for requests under way.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often answers kept for a re-send are looked over.
const SWEEP: Duration = Duration::from_secs(30);

/// A sandbox that is being served in the background; dropping it stops it.
pub struct Sandbox {
    pub(super) rooms: Arc<Rooms>,
    /// Dropped or used, it stops the server.
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
    admin: Option<SocketAddr>,
}

impl Sandbox {
    /// Binds, opens the database, and serves in the background of the current tokio runtime.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let address = config.listen;
        let is_exposed = config.tls.is_none() && !address.ip().is_loopback();
        if is_exposed && !config.allow_beyond_loopback {
            return Err(StartError::NotLoopback(address));
        }
        let unavailable = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
            _ => StartError::AddressUnavailable { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(unavailable)?;
        let bound = listener.local_addr().map_err(unavailable)?;
        let admin = match config.admin {
            Some(at) if !at.ip().is_loopback() => return Err(StartError::NotLoopback(at)),
            Some(at) => Some(
                TcpListener::bind(at)
                    .await
                    .map_err(|source| StartError::AddressUnavailable { address: at, source })?,
            ),
            None => None,
        };
        let admin_address = admin.as_ref().and_then(|admin| admin.local_addr().ok());
        let rooms = Rooms::open(&config, issuer(&config, bound)?).await?;
        let tls = config.tls.clone().map(|mut tls| {
            if tls.client_authorities.is_empty() {
                tls.client_authorities.push(rooms.devices.authority().to_vec());
            }
            tls.acceptor(rooms.base.clone())
        });
        let tls = tls.transpose()?;
        tracing::info!(%bound, "{NOTICE}");

        let (stop, mut stopped) = oneshot::channel::<()>();
        let rooms = Arc::new(rooms);
        rooms.base.limit_devices(config.rates.device);
        let measures = Arc::new(Measures::new());
        let watched = (rooms.base.clone(), measures.clone());
        let router = routes::router(&rooms, &config, bound.ip(), measures.clone());
        let limits = config.limits;
        let admin = admin.map(|listener| Door {
            listener,
            tls: None,
            router: routes::own(admin::router(watched), &rooms, &config, bound.ip()),
            limits,
            measures: Arc::new(Measures::new()),
        });
        let swept = rooms.clone();
        let server = tokio::spawn(async move {
            let sweep = async move {
                loop {
                    // One that fails comes round again.
                    let _ = swept.sweep_for_all(SWEEP).await;
                    tokio::time::sleep(SWEEP).await;
                }
            };
            let until_stopped = async move {
                tokio::select! {
                    _ = &mut stopped => {}
                    () = sweep => {}
                }
            };
            let door = Door { listener, tls, router, limits, measures };
            let serving = listen::serve(door, until_stopped);
            match admin {
                // What it says of itself ends with it.
                Some(admin) => tokio::select! {
                    () = serving => {}
                    () = listen::serve(admin, std::future::pending()) => {}
                },
                None => serving.await,
            }
        });
        Ok(Self { rooms, stop, server, admin: admin_address })
    }

    /// Base URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.rooms.base.issuer
    }

    /// Where it tells how it is.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Issuer of challenges and tokens.
    pub fn issuer(&self) -> &str {
        &self.rooms.base.issuer
    }

    /// The key that signs challenges and the one after it (RFC 7517), to be pinned.
    pub fn challenge_keys(&self) -> Vec<serde_json::Value> {
        self.rooms.sts.challenge_keys()
    }

    /// That the person to whom an insurer gave this number is still served by a facility, as the receipt of a claim says
    /// (レセプト): their registration there lasts longer. Until when; `None` if there is none.
    pub async fn receipt(
        &self,
        facility: &str,
        insurer: &str,
        number: &str,
    ) -> Result<Option<Timestamp>, Failure> {
        let until = self.rooms.sts.receipt(facility, insurer, number).await?;
        Ok(until.and_then(|until| Timestamp::from_second(until).ok()))
    }

    /// The same of the person with this pairwise name. `false` if there is none.
    pub async fn extend_registration(
        &self,
        facility: &str,
        subject: &str,
    ) -> Result<bool, Failure> {
        Ok(self.rooms.sts.extend_registration(facility, subject).await?.is_some())
    }

    /// That a contract has ended: so has the registration, and at once all that the facility has of the person. `false` if
    /// there was none.
    pub async fn end_registration(&self, facility: &str, subject: &str) -> Result<bool, Failure> {
        Ok(self.rooms.sts.end_registration(facility, subject).await?)
    }

    /// Has a facility be of another kind from now on, as its designation says (指定). `false` if there is none.
    pub async fn change_facility(
        &self,
        facility: &str,
        kind: FacilityKind,
    ) -> Result<bool, Failure> {
        Ok(self.rooms.staff.change_facility(facility, kind).await?)
    }

    /// Puts the rules for disasters in force for facilities and a time, declared by two of the staff.
    pub async fn declare_disaster(&self, disaster: &Disaster) -> Result<(), Failure> {
        self.municipalities().declare_disaster(disaster).await
    }

    /// Has somebody work at a facility from now on, who signs in with this account.
    pub async fn hire(&self, new: NewStaff) -> Result<(), Failure> {
        if self.rooms.staff.hire(new).await? { Ok(()) } else { Err(Failure::NewStaff) }
    }

    /// Enrols a device with this P-256 key (a JWK, RFC 7517) at the facility of a staff member who has just signed in
    /// there; one that is enrolled already stays as it is. What is given is bound to that key.
    pub async fn enrol(
        &self,
        staff_id: &str,
        jwk: &serde_json::Value,
    ) -> Result<Enrolment, Failure> {
        let member = self.rooms.staff.member(staff_id).await?.ok_or(Failure::UnknownStaff)?;
        let device = self.rooms.devices.enrol_key(&member.facility_id, jwk).await;
        let device = device.map_err(|_| Failure::Device)?;
        let jkt = device.key.thumbprint();
        let staff_token = self.rooms.staff.sign_in(&member, Some(&jkt)).ok_or(Failure::Signing)?;
        Ok(Enrolment {
            server: self.url().to_owned(),
            issuer: self.issuer().to_owned(),
            challenge_keys: self.challenge_keys(),
            facility_id: member.facility_id,
            staff_id: member.id,
            staff_issuer: format!("{}/staff", self.issuer()),
            device_id: Some(device.id),
            staff_token,
            sandbox: true,
        })
    }

    /// Has other keys sign challenges and tokens from now on: those that [`Self::challenge_keys`] has named second, which
    /// devices have pinned. Tokens of the keys before are good until they end.
    pub async fn roll_keys(&self) -> Result<(), Failure> {
        self.rooms.sts.roll_keys().await.map_err(|_| Failure::Signing)
    }

    /// A code with which one device of a facility can enrol, once and within 15 minutes. The label is what people call
    /// the device, up to 64 characters.
    pub async fn activate(
        &self,
        facility_id: &str,
        label: &str,
    ) -> Result<ActivationCode, Failure> {
        self.rooms.devices.activate(facility_id, label).await.map_err(|_| Failure::Device)
    }

    /// All devices of all facilities, the oldest first.
    pub async fn devices(&self) -> Result<Vec<DeviceRecord>, Failure> {
        Ok(self.rooms.devices.records(None).await?)
    }

    /// Ends a device: whatever it has is refused from now on.
    pub async fn kill_device(&self, device_id: &str) -> Result<(), Failure> {
        let killed = self.rooms.devices.kill(None, device_id).await?;
        killed.then_some(()).ok_or(Failure::Device)
    }

    /// All challenges given out, the oldest first.
    pub async fn challenges(&self) -> Result<Vec<ChallengeRecord>, Failure> {
        Ok(self.rooms.sts.records().await?)
    }

    /// How many access tokens were issued; a re-send of the same answer counts once.
    pub async fn tokens_issued(&self) -> Result<u64, Failure> {
        Ok(self.rooms.sts.tokens_issued().await?)
    }

    /// Removes at once what has been kept for long enough, which otherwise happens every half minute.
    pub async fn sweep(&self) -> Result<(), Failure> {
        Ok(self.rooms.sweep().await?)
    }

    /// What happened here and in every other process on this database.
    pub fn audit(&self) -> AuditLog {
        AuditLog(self.rooms.audit.clone())
    }

    /// Moves the server's clock, on top of earlier moves; whole seconds count.
    pub fn shift_clock(&self, by: SignedDuration) {
        self.rooms.base.clock.shift(by);
    }

    /// Misbehaves this many times, whenever it next can; after what was asked for before.
    pub fn misbehave(&self, fault: Fault, times: u32) {
        self.rooms.base.faults.arm(fault, times);
    }

    /// Forgets every fault still to come.
    pub fn behave(&self) {
        self.rooms.base.faults.clear();
    }

    /// [`super::Mailbox::one_time_code`]
    pub async fn one_time_code(&self, staff_id: &str) -> Result<Option<String>, Failure> {
        super::mailbox::one_time_code(&self.rooms, staff_id).await
    }

    /// Takes no more requests, finishes those under way (for up to five seconds), and closes the database.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let mut server = self.server;
        if tokio::time::timeout(PATIENCE, &mut server).await.is_err() {
            server.abort();
        }
        self.rooms.base.store.close().await;
    }
}

/// The platform's name: the one it was given, or the address it listens on.
fn issuer(config: &Config, bound: SocketAddr) -> Result<String, StartError> {
    match &config.issuer {
        Some(name) if is_base_url(name) => Ok(name.clone()),
        Some(name) => Err(StartError::Issuer(name.clone())),
        None if config.tls.is_some() => Ok(format!("https://{bound}")),
        None => Ok(format!("http://{bound}")),
    }
}

/// Whether this is scheme and authority and nothing else, as clients compare it: letter by letter.
fn is_base_url(name: &str) -> bool {
    name.parse::<Uri>().is_ok_and(|url| match (url.scheme_str(), url.authority()) {
        (Some(scheme @ ("https" | "http")), Some(authority)) => {
            name == format!("{scheme}://{authority}")
                && !authority.as_str().contains('@')
                && name == name.to_ascii_lowercase()
        }
        _ => false,
    })
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox({})", self.url())
    }
}
