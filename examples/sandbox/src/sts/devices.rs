//! `/v1/devices`: how a device is enrolled, learns what changes, changes its key, and is ended.

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Sts;
use super::caller::Caller;
use crate::base::clock::rfc3339;
use crate::base::jwk::PublicKey;
use crate::base::jws::{Compact, read_exactly};
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;
use crate::device::Client;
use crate::staff::Role;

/// The type of what a new key signs to take over from another.
const ROLLOVER: &str = "kaigo-key-rollover+jwt";
/// How far a device's clock may be off, in seconds.
const SKEW: i64 = 5 * 60;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolling {
    activation_code: String,
    jwk: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    csr: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rolling {
    jwk: Value,
    proof: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    csr: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RolloverHeader {
    alg: String,
    typ: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RolloverClaims {
    iss: String,
    aud: String,
    old: String,
    iat: i64,
    jti: String,
}

/// `POST /v1/devices`
pub(super) async fn enrol(sts: &Sts, sender: &Sender, body: &[u8]) -> Result<Reply, Refusal> {
    let proven = sender.proven(&sts.base, None).await?;
    let request: Enrolling = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
    if PublicKey::read(&request.jwk).as_ref() != Some(&proven.key) {
        return Err(Refusal::DpopProofInvalid);
    }
    let enrolled = sts.devices.enrol(&request.activation_code, &proven, request.csr.as_deref());
    let device = enrolled.await?;
    tracing::info!(device = device.id, "a device was enrolled");
    Ok(Reply::created(sts.told(&device)))
}

/// `GET /v1/devices/self`
pub(super) async fn this(sts: &Sts, sender: &Sender) -> Result<Reply, Refusal> {
    let device = Caller::asking(sts, sender).await?.noted(sts).await?.device;
    Ok(Reply::ok(sts.told(&device)))
}

/// `POST /v1/devices/self/key`
pub(super) async fn roll(sts: &Sts, sender: &Sender, body: &[u8]) -> Result<Reply, Refusal> {
    let device = Caller::asking(sts, sender).await?.noted(sts).await?.device;
    let request: Rolling = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
    let key = PublicKey::read(&request.jwk).filter(|key| key.algorithm() == "ES256");
    let key = key.ok_or(Refusal::RequestMalformed)?;
    let claims = rolling_over(&key, &request.proof).ok_or(Refusal::RequestMalformed)?;
    let now = sts.base.now();
    let fits = claims.iss == device.id
        && claims.aud == sts.base.issuer
        && claims.old == device.key.thumbprint()
        && (now - SKEW..=now + SKEW).contains(&claims.iat)
        && (16..=128).contains(&claims.jti.len());
    if !fits {
        return Err(Refusal::RequestMalformed);
    }
    let device = sts.devices.roll(&device, &key, request.csr.as_deref()).await?;
    tracing::info!(device = device.id, "a device has another key");
    Ok(Reply::created(sts.told(&device)))
}

/// What a new key signs to take over from another.
fn rolling_over(key: &PublicKey, proof: &str) -> Option<RolloverClaims> {
    let compact = Compact::split(proof)?;
    let header: RolloverHeader = read_exactly(&compact.header)?;
    let signed = header.alg == "ES256"
        && header.typ == ROLLOVER
        && key.signed(compact.signed.as_bytes(), &compact.signature);
    if signed { read_exactly(&compact.payload) } else { None }
}

/// `GET /v1/devices`
pub(super) async fn list(sts: &Sts, sender: &Sender) -> Result<Reply, Refusal> {
    let caller = administrator(sts, sender).await?;
    let records = sts.devices.records(Some(&caller.member.facility_id)).await?;
    let devices = records.into_iter().map(|record| {
        json!({
            "device_id": record.device_id,
            "label": record.label,
            "enrolled_at": rfc3339(record.enrolled_at.as_second()),
            "killed_at": record.killed_at.map(|at| rfc3339(at.as_second())),
        })
    });
    Ok(Reply::ok(json!({ "devices": devices.collect::<Vec<_>>() })))
}

/// `DELETE /v1/devices/{id}`
pub(super) async fn kill(sts: &Sts, sender: &Sender, id: &str) -> Result<Reply, Refusal> {
    let caller = administrator(sts, sender).await?;
    if !sts.devices.kill(Some(&caller.member.facility_id), id).await? {
        return Err(Refusal::RequestMalformed);
    }
    tracing::info!(device = id, by = caller.member.id, "a device was killed");
    Ok(Reply::ok(json!({ "device_id": id })))
}

async fn administrator(sts: &Sts, sender: &Sender) -> Result<Caller, Refusal> {
    let caller = Caller::asking(sts, sender).await?.noted(sts).await?;
    if caller.member.role == Role::Admin {
        Ok(caller)
    } else {
        Err(Refusal::ScopeMissing("devices"))
    }
}

impl Sts {
    /// Everything a device has to know.
    fn told(&self, device: &Client) -> Value {
        let issuer = &self.base.issuer;
        let mut told = json!({
            "device_id": device.id,
            "label": device.label,
            "facility_id": device.facility_id,
            "issuer": issuer,
            "staff_issuer": format!("{issuer}/staff"),
            "challenge_keys": self.challenge_keys(),
            "policy": { "offline_tickets": self.offline_tickets, "mtls": self.devices.mutual_tls().code() },
        });
        if let Some(chain) = self.devices.chain(device) {
            let chain: Vec<_> = chain.iter().map(|der| Base64::encode_string(der)).collect();
            told["certificate_chain"] = chain.into();
        }
        told
    }
}
