//! What the platform tells a device of its enrolment, judged before anything of it is believed.

use base64ct::{Base64, Encoding};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::super::{ChallengeKey, Device, DeviceKey, FacilityNumber};
use super::enrolment::{Enrolment, Policy, WrittenKey};
use crate::message::{Code, Failure};
use crate::pki::Certificate;
use crate::platform::{ServerAddress, jws};

/// Most challenge keys taken: the one that is used, the one after it, and a few more.
const MOST_KEYS: usize = 8;
/// Longest chain of certificates taken.
const LONGEST_CHAIN: usize = 4;
/// Most by which the certificate's times and the platform's clock may differ.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// The answer.
#[derive(Deserialize)]
pub(super) struct Told {
    device_id: String,
    #[serde(default)]
    label: String,
    facility_id: String,
    facility_name: Option<String>,
    issuer: String,
    staff_issuer: String,
    challenge_keys: Vec<WrittenKey>,
    certificate_chain: Option<Vec<String>>,
    #[serde(default)]
    policy: Policy,
    server_time: Timestamp,
}

impl Told {
    pub(super) fn read(body: &[u8]) -> Result<Self, Failure> {
        jws::object(body).ok_or_else(|| Code::ServerAnswerInvalid.into())
    }

    /// The enrolment of a device that has this key, at the platform of this name.
    pub(super) fn enrolment(
        self,
        server: &ServerAddress,
        issuer: &str,
        key: DeviceKey,
    ) -> Result<Enrolment, Failure> {
        if self.issuer != issuer {
            return Err(untrusted("issuer"));
        }
        let staff = ServerAddress::parse(self.staff_issuer);
        let staff = staff.map_err(|_| untrusted("staff issuer"))?;
        let keys = challenge_keys(&self.challenge_keys)?;
        let chain = self.certificate_chain.unwrap_or_default();
        let chain = certificates(&chain, &key.public, self.server_time)?;
        let unusable = |_| Failure::from(Code::ServerAnswerInvalid);
        let facility = FacilityNumber::parse(self.facility_id).map_err(unusable)?;
        let device = Device::new(self.device_id, key, facility).map_err(unusable)?;
        Ok(Enrolment::new(server.clone(), issuer, staff, keys, device)?
            .with_names(&self.label, self.facility_name.as_deref())
            .with_certificates(chain)
            .with_policy(self.policy)
            .told_at(self.server_time))
    }

    /// What becomes of an enrolment: the same device of the same facility, with this key, at a platform that is known by one
    /// of the keys that are pinned. That is what the key after the one in use is told beforehand for.
    pub(super) fn following(
        self,
        before: &Enrolment,
        key: DeviceKey,
    ) -> Result<Enrolment, Failure> {
        let after = self.enrolment(before.server(), before.issuer(), key)?;
        let (one, other) = (before.device(), after.device());
        if one.client_id() != other.client_id() || one.facility() != other.facility() {
            return Err(untrusted("another device"));
        }
        let pinned = |key: &ChallengeKey| before.challenge_keys().contains(key);
        if !after.challenge_keys().iter().any(pinned) {
            return Err(Code::ChallengeKeysReplaced.into());
        }
        Ok(after)
    }
}

fn challenge_keys(written: &[WrittenKey]) -> Result<Vec<ChallengeKey>, Failure> {
    if !(1..=MOST_KEYS).contains(&written.len()) {
        return Err(untrusted("challenge keys"));
    }
    let keys = written.iter().map(WrittenKey::challenge_key).collect::<Option<_>>();
    keys.ok_or_else(|| untrusted("challenge key"))
}

/// The chain: of this key, each certificate issued under the next one, and good at that time.
fn certificates(written: &[String], point: &[u8], at: Timestamp) -> Result<Vec<Vec<u8>>, Failure> {
    if written.len() > LONGEST_CHAIN {
        return Err(untrusted("too many certificates"));
    }
    let parse = |text: &String| Certificate::parse(&Base64::decode_vec(text).ok()?).ok();
    let chain: Option<Vec<_>> = written.iter().map(parse).collect();
    let chain = chain.ok_or_else(|| untrusted("certificate"))?;
    if chain.first().is_some_and(|leaf| !leaf.is_for(point)) {
        return Err(untrusted("certificate of another key"));
    }
    for (child, issuer) in chain.iter().zip(chain.iter().skip(1)) {
        if !issuer.issued(child) {
            return Err(untrusted("certificates that do not belong together"));
        }
    }
    let is_good = |certificate: &Certificate| {
        let ahead = certificate.not_before().duration_since(at);
        ahead <= SKEW && at <= certificate.not_after()
    };
    if !chain.iter().all(is_good) {
        return Err(untrusted("certificate out of its time"));
    }
    Ok(chain.iter().map(|certificate| certificate.der().to_vec()).collect())
}

/// What the platform tells does not belong to this device.
pub(super) fn untrusted(why: &'static str) -> Failure {
    Failure::new(Code::EnrolmentUntrusted).with_detail(why)
}
